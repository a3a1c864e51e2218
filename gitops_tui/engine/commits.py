"""The commits of an application's sources, newest first, with what each means to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice

from msgspec import Struct

from gitops_tui.engine.sources import SourceAt
from gitops_tui.errors import GitOpsError, NotFound, OperationError
from gitops_tui.model.commit import Commit
from gitops_tui.model.operation import OperationState
from gitops_tui.model.snapshot import AppView, CommitView
from gitops_tui.model.status import OperationPhase


def commits_of(pins: Sequence[SourceAt], view: AppView, *, limit: int, skip: int) -> tuple[CommitView, ...]:
    """Those that touch the path of any source, in one list; of several sources each says whose it is."""
    entries = {} if len(pins) > 1 else {_contained(pins[0], one.revision): one.id for one in view.history}
    labels = source_labels(pins)
    logs = [
        [
            CommitView(commit, tuple(_marks(place, view, commit)), entries.get(commit.sha), labels[place.pin])
            for commit in place.commits
        ]
        for place in _places(pins, view, skip + limit)
    ]
    in_order = merge(*logs, key=lambda one: one.commit.committed_at, reverse=True)
    return tuple(islice(_each_once(in_order), skip, skip + limit))


def path_commits(pins: Sequence[SourceAt], revisions: Iterable[Sequence[str]]) -> dict[tuple[int, str], str]:
    """By source and revision, the newest commit of the source's path in it; ``revisions``: one for each source."""
    asked = {both for commits in revisions if len(commits) == len(pins) for both in enumerate(commits)}
    found = {(source, revision): _contained(pins[source], revision) for source, revision in asked}
    return {at: commit for at, commit in found.items() if commit}


def own_commits(pins: Sequence[SourceAt]) -> tuple[str, ...]:
    """The newest commit of each source's path, as people are told it; where that is not known, what it is pinned to."""
    at = tuple(pin.sha for pin in pins)
    known = path_commits(pins, [at])
    return tuple(known.get(one, one[1]) for one in enumerate(at))


def pin_with(pins: Sequence[SourceAt], commits: Sequence[str]) -> SourceAt:
    """The source whose repository holds all these commits, given as full or short SHAs.

    Where there is one source it is that one: what is wrong with the commits is told by whoever looks at them.
    """
    if len(pins) == 1:
        return pins[0]
    holders = [pin for pin in pins if all(pin.mirror.knows(one) for one in commits)]
    if holders:  # several may be of one repository, each at a branch of its own
        return next((pin for pin in holders if all(pin.mirror.leads_to(pin.sha, one) for one in commits)), holders[0])
    if any(pin.mirror.knows(one) for pin in pins for one in commits[:1]):
        raise OperationError(
            "the commits are of several repositories", hint="Choose those of one repository, then those of the next."
        )
    raise NotFound(f"no source of the application has the commit {', '.join(one[:7] for one in commits)}")


class _Place(Struct, frozen=True):
    """One source: its newest commits, and where its path was deployed and failed last (empty: nowhere)."""

    pin: int
    commits: tuple[Commit, ...]
    deployed: str
    failed: str


def _places(pins: Sequence[SourceAt], view: AppView, limit: int) -> Iterator[_Place]:
    for number, pin in enumerate(pins):
        if len(pins) > 1 and pin.source.is_only_reference:
            continue  # its commits are of other things, too: nothing tells which of its files are read
        commits = pin.log(pin.sha, limit=limit)
        deployed, failed = _of_source(_deployed(view), number), _of_source(_failed(view.operation), number)
        yield _Place(number, commits, _contained(pin, deployed), _contained(pin, failed))


def _marks(place: _Place, view: AppView, commit: Commit) -> Iterable[str]:
    """``deployed`` is on the newest commit of the path that the deployed revision contains."""
    if commit is place.commits[0] and commit.sha != place.deployed:
        yield "target"
    if commit.sha == place.deployed:
        yield "deployed"
        if view.is_drifted:
            yield "drifted"
    if commit.sha == place.failed:
        yield "failed"


def _each_once(views: Iterable[CommitView]) -> Iterator[CommitView]:
    """A commit that touches the paths of several sources stands once, where it comes first."""
    seen = set()
    for view in views:
        if view.commit.sha not in seen:
            seen.add(view.commit.sha)
            yield view


def _deployed(view: AppView) -> tuple[str, ...]:
    return view.history[-1].commits if view.history else ()


def _failed(operation: OperationState | None) -> tuple[str, ...]:
    if operation is None or operation.phase not in (OperationPhase.FAILED, OperationPhase.ERROR):
        return ()
    return operation.sync_result.commits if operation.sync_result is not None else ()


def _of_source(revisions: tuple[str, ...], number: int) -> str:
    return revisions[number] if number < len(revisions) else ""


def _contained(pin: SourceAt, revision: str) -> str:
    """The newest commit of the source's path in ``revision``: that is what was deployed of it."""
    if not revision:
        return ""
    try:
        found = pin.log(revision, limit=1)
    except GitOpsError:
        return ""
    return found[0].sha if found else ""


def source_labels(pins: Sequence[SourceAt]) -> tuple[str, ...]:
    """What tells the sources apart: nothing, their paths, or their repositories with the paths where needed."""
    if len(pins) < 2:
        return ("",) * len(pins)
    names = [pin.source.repo_url.rstrip("/").removesuffix(".git").rpartition("/")[2] for pin in pins]
    paths = [pin.source.path.strip("/") for pin in pins]
    if len(set(names)) == 1:
        return tuple(path or name for path, name in zip(paths, names, strict=True))
    return tuple(
        f"{name}:{path}" if names.count(name) > 1 and path else name for name, path in zip(names, paths, strict=True)
    )
