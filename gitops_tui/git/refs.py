"""Which names a repository has, here and on the remote, and which commit a revision means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from msgspec import Struct, field

from gitops_tui.errors import RevisionNotFound
from gitops_tui.git.failure import failure
from gitops_tui.git.objects import ObjectMissing, ObjectStore
from gitops_tui.git.process import NETWORK_S, Runner
from gitops_tui.git.url import is_commit_sha, is_short_ref, is_truncated_sha

HEADS = "refs/heads/"
TAGS = "refs/tags/"
UNBORN = "refs/gitops-tui/unborn"
"""Where the mirror's HEAD points as long as the remote's names nothing: never at a branch by accident."""
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|/$|\.lock$|^@$")
_NAMED_IN_HINT = 5


class Refs(Struct, frozen=True):
    """``ids``: the object id of each branch and tag by its full name; ``head``: a branch's name, an id, or empty."""

    ids: Mapping[str, str] = field(default_factory=dict)
    head: str = ""

    def changed_since(self, earlier: Refs) -> tuple[str, ...]:
        """Names that are new, gone or moved; ``HEAD`` where the default branch is another one."""
        names = sorted(self.ids.keys() | earlier.ids.keys())
        moved = tuple(name for name in names if self.ids.get(name) != earlier.ids.get(name))
        return moved if self.head == earlier.head else ("HEAD", *moved)


def remote_refs(runner: Runner, url: str) -> Refs:
    """What the remote has now; raises `RepositoryError` or `AuthRequired` where it does not say."""
    result = runner.run("ls-remote", "--symref", "origin", timeout_s=NETWORK_S)
    if result.status != 0:
        raise failure(f"cannot read {url}", result, url)
    ids: dict[str, str] = {}
    head = ""
    for line in result.stdout.decode(errors="surrogateescape").splitlines():
        value, _, name = line.partition("\t")
        if name == "HEAD":
            # The line "ref: refs/heads/main" comes first; the id after it is that of the same branch.
            target = value.removeprefix("ref: ")
            head = head or (target if target.startswith(HEADS) or target == value else "")
        elif name.startswith((HEADS, TAGS)) and not name.endswith("^{}"):
            ids[name] = value
    return Refs(ids, head)


def local_refs(runner: Runner, url: str) -> Refs:
    """What the mirror has; asks for every object that a name leads to, so that a broken mirror shows."""
    result = runner.run("for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", HEADS, TAGS)
    if result.status != 0:
        raise failure("the mirror is broken", result, url)
    lines = result.stdout.decode(errors="surrogateescape").splitlines()
    fields = (line.split(" ", 2) for line in lines)
    ids = {name: oid for oid, _, name in fields}
    symbolic = runner.run("symbolic-ref", "--quiet", "HEAD")
    if symbolic.status == 0:
        head = symbolic.text.strip()
        return Refs(ids, "" if head == UNBORN else head)
    return Refs(ids, runner.run("rev-parse", "--verify", "--quiet", "HEAD").text.strip())


def find(objects: ObjectStore, revision: str) -> str | None:
    """The commit that a name or a short id means, as Argo CD looks it up; None where nothing here has it.

    A branch goes before a tag of the same name, and any name before a short id. Tags are peeled.
    """
    if revision in ("", "HEAD"):
        return _peel(objects, "HEAD")
    if is_commit_sha(revision):
        return _peel(objects, revision.lower())
    if _NO_REF.search(revision):
        return None
    if not is_short_ref(revision):
        return _peel(objects, revision)
    found = _peel(objects, HEADS + revision) or _peel(objects, TAGS + revision)
    if found is None and is_truncated_sha(revision):
        found = _peel(objects, revision.lower())
    if found is None and revision.startswith("origin/"):
        found = _peel(objects, HEADS + revision.removeprefix("origin/"))
    return found


def not_found(revision: str, refs: Refs, url: str) -> RevisionNotFound:
    """Says which names come near."""
    if revision in ("", "HEAD"):
        message = "the remote's HEAD names no branch that exists" if refs.ids else "the repository is empty"
    elif is_commit_sha(revision):
        message = f"there is no commit {revision}, and the remote does not hand it out"
    else:
        message = f"{revision!r} names no branch, tag or commit"
    return RevisionNotFound(message, url=url, revision=revision, hint=_hint(revision, refs))


def _hint(revision: str, refs: Refs) -> str:
    branches = [name.removeprefix(HEADS) for name in refs.ids if name.startswith(HEADS)]
    tags = [name.removeprefix(TAGS) for name in refs.ids if name.startswith(TAGS)]
    wanted = revision.removeprefix("origin/").removeprefix(HEADS).removeprefix(TAGS)
    near = list(dict.fromkeys(difflib.get_close_matches(wanted, [*branches, *tags], n=3, cutoff=0.6)))
    if near and not is_commit_sha(revision):
        return f"Did you mean {' or '.join(near)}?"
    if not branches:
        return "Push a branch first."
    more = ", …" if len(branches) > _NAMED_IN_HINT else ""
    return f"Use one of the branches {', '.join(branches[:_NAMED_IN_HINT])}{more}."


def _peel(objects: ObjectStore, name: str) -> str | None:
    try:
        return objects.read(f"{name}^{{commit}}").oid
    except ObjectMissing:
        return None
