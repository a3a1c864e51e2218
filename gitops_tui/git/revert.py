"""Reverts as `git revert` makes them, without a checkout: previewed as a commit that nobody sees, then pushed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from gitops_tui.errors import PushRejected, RepositoryError, RevertConflict, RevisionNotFound
from gitops_tui.git import store
from gitops_tui.git.failure import failure
from gitops_tui.git.mirror import Mirror
from gitops_tui.git.process import Result, Runner
from gitops_tui.git.push import push_commit
from gitops_tui.git.refs import HEADS, find
from gitops_tui.git.url import is_commit_sha
from gitops_tui.model.commit import Commit

_MOST_NAMES = 20
"""How many names are tried for a branch before it is given up."""


class Identity(Struct, frozen=True):
    """A person as Git's author and committer."""

    name: str
    email: str


class RevertPreview(Struct, frozen=True):
    """What a revert would give. ``new_commit`` is in the mirror only: its files can be read, no branch leads to it.

    ``base_sha`` is what ``branch`` stood at; ``commits`` are those undone, newest first; ``files`` differ between
    ``base_sha`` and ``new_commit``. The same revert previewed again has the same ``new_commit``.
    """

    base_sha: str
    branch: str
    commits: tuple[Commit, ...]
    new_commit: str
    message: str
    files: tuple[str, ...]
    patch: str


class Pushed(Struct, frozen=True):
    """``url_hint`` is the link that the remote printed, such as the one to open a pull request; else empty."""

    sha: str
    branch: str
    url_hint: str = ""


_PREVIEWER = Identity("gitops-tui preview", "preview@gitops-tui.invalid")


def author_identity(mirror: Mirror) -> Identity | None:
    """Whom git would name as author, from its environment and configuration; None where it would have to guess."""
    found = mirror.runner.run("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    if found.status != 0:
        return None
    name, _, rest = found.text.partition(" <")
    email = rest.partition(">")[0]
    return Identity(name, email) if name and email else None


class Reverter:
    """Reverts commits of one mirror's remote. Nothing but the remote's branch is changed, and that never by force."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def preview(self, shas: Sequence[str], *, onto: str) -> RevertPreview:
        """One commit on top of the branch ``onto`` (``HEAD``: the default branch) that undoes all of ``shas``.

        A merge is undone against its first parent. Raises `RevertConflict` with the files, and `RepositoryError`
        where ``onto`` is no branch, a commit is not on it, or nothing would change.
        """
        if not shas:
            raise self._error("there is no commit to revert")
        branch = self._branch(onto)
        base = self._mirror.resolve(HEADS + branch)
        commits = self._commits(shas, base, branch)
        tree, message = self._undone(commits, base, branch)
        if tree == self._mirror.tree_id(base):
            raise self._error(
                f"reverting {_named(commits)} changes nothing on {branch}",
                "Look at the history: it has been undone already.",
            )
        date = f"{int(self._mirror.commit(base).committed_at.timestamp())} +0000"
        new = self._commit(tree, base, message, _PREVIEWER, date=date)
        files = self._mirror.changed_files(base, new)
        return RevertPreview(base, branch, commits, new, message, files, self._mirror.history.patch(new))

    def push(self, preview: RevertPreview, *, identity: Identity, operator: str) -> Pushed:
        """Commit as ``identity`` and push to the branch; `PushRejected` tells why the remote does not take it."""
        sha = self._signed(preview, identity, operator)
        link = push_commit(self._mirror, sha, preview.branch, expected=preview.base_sha)
        return Pushed(sha, preview.branch, link)

    def push_branch(self, preview: RevertPreview, *, name: str, identity: Identity, operator: str) -> Pushed:
        """Commit as ``identity`` and push as a new branch: ``name``, or ``name-2`` and so on where that is taken."""
        if self._mirror.runner.run("check-ref-format", HEADS + name).status != 0:
            raise self._error(f"{name!r} cannot be the name of a branch")
        sha = self._signed(preview, identity, operator)
        for number in range(1, _MOST_NAMES + 1):
            branch = name if number == 1 else f"{name}-{number}"
            try:
                return Pushed(sha, branch, push_commit(self._mirror, sha, branch, expected=""))
            except PushRejected as error:
                if error.reason != "non-fast-forward" or number == _MOST_NAMES:
                    raise
        raise AssertionError("the last name either is pushed or raises")

    def _branch(self, onto: str) -> str:
        """The branch's short name; a tag or a commit cannot be pushed to."""
        branch = self._mirror.branch(onto)
        if branch:
            return branch
        if onto in ("", "HEAD"):
            raise self._error("the remote's HEAD is no branch", "Set a branch as targetRevision.")
        self._mirror.resolve(onto)
        kind = "commit" if is_commit_sha(onto) or find(self._mirror.objects, f"refs/tags/{onto}") is None else "tag"
        raise self._error(
            f"the target revision {onto} is a {kind}, no branch: nothing can be committed on it",
            "Revert on a branch, then move the target revision.",
        )

    def _commits(self, shas: Sequence[str], base: str, branch: str) -> tuple[Commit, ...]:
        wanted = list(dict.fromkeys(map(self._named, shas)))
        for sha in wanted:
            if not self._mirror.history.is_ancestor(sha, base):
                raise self._error(f"{sha[:7]} is not on {branch}", "Choose commits from this branch's history.")
        return tuple(self._mirror.commit(sha) for sha in self._mirror.history.newest_first(wanted))

    def _named(self, commit: str) -> str:
        try:
            return self._mirror.resolve(commit)
        except RevisionNotFound as error:
            hint = "Give the SHA of a commit: git log lists them, and History in the cockpit."
            raise RevisionNotFound(error.message, url=self._mirror.shown_url, revision=commit, hint=hint) from error

    def _undone(self, commits: Sequence[Commit], base: str, branch: str) -> tuple[str, str]:
        """The tree that results, and the message in git's own words."""
        messages = []
        with self._workspace(base) as (runner, directory):
            for commit in commits:
                mainline = ("-m", "1") if commit.is_merge else ()
                result = runner.run("-c", "revert.reference=false", "revert", "--no-commit", *mainline, commit.sha)
                if result.status != 0:
                    raise self._stopped(runner, result, commit, branch)
                messages.append((directory / "MERGE_MSG").read_text(encoding="utf-8", errors="replace").strip())
            tree = self._checked(runner.run("write-tree"), "git cannot write the tree").text.strip()
        if len(messages) == 1:
            return tree, messages[0] + "\n"
        return tree, "\n\n".join((f"Revert {len(messages)} commits", *messages)) + "\n"

    @contextmanager
    def _workspace(self, base: str) -> Iterator[tuple[Runner, Path]]:
        """A repository beside the mirror that shares its objects, with an index at ``base`` and no files.

        Files are only written where git stops on them. Refs, index and work tree go away with the directory.
        """
        config = (
            ("core", "bare", "false"),
            ("core", "sparseCheckout", "true"),
            ("core", "sparseCheckoutCone", "false"),
        )
        with tempfile.TemporaryDirectory(prefix="gitops-tui-revert-", ignore_cleanup_errors=True) as temporary:
            directory, files = Path(temporary, "git"), Path(temporary, "files")
            store.create(directory, config=config)
            files.mkdir()
            (directory / "info").mkdir(exist_ok=True)
            (directory / "info" / "sparse-checkout").write_text("!/*\n", encoding="utf-8")
            objects = str(self._mirror.directory.absolute() / "objects")
            env = {"GIT_DIR": str(directory), "GIT_WORK_TREE": str(files), "GIT_OBJECT_DIRECTORY": objects}
            runner = Runner(files, env | _persons(_PREVIEWER))
            self._checked(runner.run("update-ref", "HEAD", base), "git cannot stand on the branch")
            self._checked(runner.run("read-tree", "-m", "-u", base), "git cannot read the branch")
            try:
                yield runner, directory
            finally:
                runner.stop()

    def _stopped(self, runner: Runner, result: Result, commit: Commit, branch: str) -> RepositoryError:
        listed = runner.run("ls-files", "--unmerged", "-z").stdout.split(b"\0")
        names = (entry.partition(b"\t")[2].decode(errors="surrogateescape") for entry in listed if entry)
        files = tuple(dict.fromkeys(names))
        if not files:
            return failure(f"git cannot revert {commit.short}", result, self._mirror.shown_url)
        return RevertConflict(
            f"{commit.short} cannot be reverted on {branch}: later commits changed {', '.join(files)}",
            url=self._mirror.shown_url,
            files=files,
            hint="Revert the later commits as well, or resolve it in a clone.",
        )

    def _signed(self, preview: RevertPreview, identity: Identity, operator: str) -> str:
        tree = self._mirror.tree_id(preview.new_commit)
        message = f"{preview.message.rstrip()}\n\nOperator: {' '.join(operator.split())}\n"
        wanted = self._mirror.runner.run("config", "--type=bool", "--get", "commit.gpgSign").text.strip()
        return self._commit(tree, preview.base_sha, message, identity, is_signed=wanted == "true")

    def _commit(
        self, tree: str, parent: str, message: str, who: Identity, *, date: str = "", is_signed: bool = False
    ) -> str:
        env = _persons(who)
        if date:
            env |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        command = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", *(("-S",) if is_signed else ()))
        text = message.encode(errors="replace")
        result = self._mirror.runner.run(*command, "-p", parent, "-F", "-", tree, stdin=text, env=env)
        return self._checked(result, "git cannot commit").text.strip()

    def _checked(self, result: Result, what: str) -> Result:
        if result.status != 0:
            raise failure(what, result, self._mirror.shown_url)
        return result

    def _error(self, message: str, hint: str = "") -> RepositoryError:
        return RepositoryError(message, url=self._mirror.shown_url, hint=hint)


def _persons(who: Identity) -> dict[str, str]:
    return {
        "GIT_AUTHOR_NAME": who.name,
        "GIT_AUTHOR_EMAIL": who.email,
        "GIT_COMMITTER_NAME": who.name,
        "GIT_COMMITTER_EMAIL": who.email,
    }


def _named(commits: Sequence[Commit]) -> str:
    return ", ".join(commit.short for commit in commits)
