"""Commits: read, listed, blamed. Everything is asked by full object id, so no revision can be taken for an option."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from gitops_tui.errors import RepositoryError, RevisionNotFound
from gitops_tui.git.failure import failure
from gitops_tui.git.process import Result, Runner
from gitops_tui.model.commit import Commit

_FIELDS = ("%H", "%an", "%ae", "%at", "%cn", "%ct", "%P", "%s", "%b")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS)
LARGEST_PATCH = 2**20
"""Characters; a patch that is longer is cut, and says so."""


class History:
    """Questions about commits of one repository. Thread-safe."""

    def __init__(self, runner: Runner, url: str) -> None:
        self._runner = runner
        self._url = url

    def commit(self, sha: str) -> Commit:
        """Raises `RevisionNotFound` where there is no such commit."""
        found = self._log(sha, "--max-count=1")
        if not found:
            raise RevisionNotFound(f"there is no commit {sha}", url=self._url, revision=sha)
        return found[0]

    def log(self, sha: str, *, paths: Sequence[str], limit: int, skip: int) -> tuple[Commit, ...]:
        """Newest first; with ``paths`` only what touched one of them."""
        return self._log(sha, f"--max-count={limit}", f"--skip={skip}", paths=paths)

    def changed_files(self, a: str, b: str) -> tuple[str, ...]:
        """The paths that differ between two commits; a rename is both of its names."""
        text = self._git("diff-tree", "-r", "-z", "--name-only", "--no-renames", a, b).stdout
        return tuple(path.decode(errors="surrogateescape") for path in text.split(b"\0") if path)

    def blame(self, sha: str, path: str, line: int) -> str:
        """The SHA of the commit that last changed a line (1-based)."""
        found = self._git("blame", "--porcelain", "-L", f"{line},{line}", sha, "--", path).text
        return found.partition(" ")[0]

    def patch(self, sha: str) -> str:
        """What a commit changed; a merge against its first parent."""
        return self._show("--format=", "--patch", sha)

    def show(self, sha: str) -> str:
        """As ``git show``: who, when, why, which files, and the patch."""
        return self._show("--format=medium", "--stat", "--patch", sha)

    def newest_first(self, shas: Sequence[str]) -> tuple[str, ...]:
        """The commits so that each comes before everything it builds on."""
        if len(shas) < 2:
            return tuple(shas)
        wanted = set(shas)
        listed = self._git("rev-list", "--topo-order", *shas, "--").text.split()
        return tuple(sha for sha in listed if sha in wanted)

    def _show(self, *options: str) -> str:
        """Whatever the user's configuration says of patches: what is shown is the same for everybody."""
        fixed = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--src-prefix=a/", "--dst-prefix=b/")
        shape = ("--first-parent", "-m", "--no-decorate", "--encoding=UTF-8", "--unified=3", "--submodule=short")
        text = self._git("show", *fixed, *shape, *options, "--").text
        if len(text) <= LARGEST_PATCH:
            return text
        return f"{text[:LARGEST_PATCH]}\n… cut off after {LARGEST_PATCH >> 20} MiB\n"

    def is_ancestor(self, sha: str, of: str) -> bool:
        result = self._runner.run("merge-base", "--is-ancestor", sha, of)
        if result.status not in (0, 1):
            raise failure(f"cannot compare {sha[:7]} with {of[:7]}", result, self._url)
        return result.status == 0

    def _log(self, sha: str, *options: str, paths: Sequence[str] = ()) -> tuple[Commit, ...]:
        args = ("log", "-z", "--no-color", "--no-mailmap", "--encoding=UTF-8", _FORMAT, *options, sha, "--", *paths)
        return tuple(_commits(self._git(*args).text))

    def _git(self, *args: str) -> Result:
        result = self._runner.run(*args)
        if result.status != 0:
            raise failure(f"git {args[0]} failed", result, self._url)
        return result


def _commits(text: str) -> list[Commit]:
    """No field of a commit can hold a NUL, so the answer is just fields, one after the other."""
    fields = text.split("\0")
    size = len(_FIELDS)
    return [_commit(fields[at : at + size]) for at in range(0, len(fields) - 1, size)]


def _commit(fields: list[str]) -> Commit:
    sha, author, email, authored, committer, committed, parents, subject, body = fields
    return Commit(
        sha=sha,
        author_name=author,
        author_email=email,
        authored_at=_time(authored),
        committer_name=committer,
        committed_at=_time(committed),
        subject=subject,
        body=body.strip("\n"),
        parents=tuple(parents.split()),
    )


def _time(seconds: str) -> datetime:
    """Commits may carry any number; one that is no date is shown as the beginning of time."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        if not seconds:
            raise RepositoryError("a commit has no date") from error
        return datetime.fromtimestamp(0, UTC)
