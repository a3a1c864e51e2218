"""What the faces ask about one application: its objects, events and logs. Answers are masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gitops_tui.diff.secrets import mask_pair, mask_secret
from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.events import event_views
from gitops_tui.engine.logstream import OnLines, Tail
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.tree import containers_of, descendants, orphan_nodes, tree_of
from gitops_tui.errors import GitOpsError, NotFound
from gitops_tui.manifest.lines import line_of
from gitops_tui.model.application import AppKey
from gitops_tui.model.commit import Commit
from gitops_tui.model.resource import Object, ResourceKey, key_of, name_of, namespace_of
from gitops_tui.model.snapshot import AppView, EventView, ResourceDetail, TreeNode
from gitops_tui.model.status import DriftKind

EVENT_LIMIT = 500
BLAMED = 20
"""Fields of one object whose lines are blamed: each asks git."""


def detail_of(comparison: Comparison, key: ResourceKey) -> ResourceDetail:
    """The three faces of one object, masked; what its objects own has the live one alone.

    Raises `NotFound` where there is no such object.
    """
    found, hidden = comparison.find(key), comparison.system.sensitive_annotations
    if found is None:
        live = comparison.session.cache.get(key)
        if live is None:
            raise NotFound(f"{comparison.app.name} has no {key.short}", resource=str(key))
        return ResourceDetail(comparison.app.key, key, None, mask_secret(live, hidden_annotations=hidden), None)
    detail = masked_detail(comparison.app.key, found, _file_commit(comparison, found), hidden)
    return replace(detail, field_commits=_field_commits(comparison, found))


def masked_detail(
    app: AppKey, one: ComparedObject, file_commit: Commit | None = None, hidden_annotations: Sequence[str] = ()
) -> ResourceDetail:
    """Secret values are replaced, equal ones by equal marks, on all sides together."""
    live, compared, predicted, target = mask_pair(
        one.live, one.shown_live, one.predicted, one.target, hidden_annotations=hidden_annotations
    )
    view = one.view
    return ResourceDetail(
        app, one.key, target, live, predicted, compared, view.drift, view.file, view.line, file_commit
    )


def _pin_of(comparison: Comparison, one: ComparedObject) -> SourceAt | None:
    """The source that declares the object, where a file of it does."""
    source = one.view.source
    return comparison.pins[source] if one.view.file and source < len(comparison.pins) else None


def _file_commit(comparison: Comparison, one: ComparedObject) -> Commit | None:
    pin = _pin_of(comparison, one)
    if pin is None:
        return None
    try:
        return pin.mirror.file_commit(pin.sha, one.view.file)
    except GitOpsError:
        return None


def _field_commits(comparison: Comparison, one: ComparedObject) -> dict[str, Commit]:
    """Who wrote what Git wants, by the line: the last commit of the file may have changed another one."""
    pin = _pin_of(comparison, one)
    if pin is None:
        return {}
    fields = [drift for drift in one.view.drift if drift.kind is DriftKind.TARGET][:BLAMED]
    try:
        text = pin.mirror.blob(pin.sha, one.view.file).decode(errors="replace") if fields else ""
        lines = {drift.text: line_of(text, one.view.line, drift.path) for drift in fields}
        commits = {name: pin.mirror.line_commit(pin.sha, one.view.file, line) for name, line in lines.items() if line}
    except GitOpsError:
        return {}
    return {name: commit for name, commit in commits.items() if commit is not None}


def tree_of_app(
    comparison: Comparison, view: AppView, assess: Assessor, orphans: Sequence[ResourceKey]
) -> tuple[TreeNode, ...]:
    """The managed objects, then those that are nobody's."""
    cache = comparison.session.cache
    managed = tree_of(view.resources, cache.get, cache.children, assess)
    return (*managed, *orphan_nodes(orphans, cache.get, cache.children, assess))


def events_of(comparison: Comparison, key: ResourceKey | None) -> tuple[EventView, ...]:
    """Events of one object or of all, with those of what they own; newest first."""
    session = comparison.session
    kind = session.discovery.find("", "Event")
    if kind is None:
        return ()
    roots = [one.live for one in comparison.objects if one.live is not None and key in (None, one.key)]
    keys = {key_of(obj) for root in roots for obj in descendants(root, session.cache.children, "")}
    if key is not None:
        keys.add(key)
    namespaces = {one.namespace for one in keys if one.namespace} or {comparison.app.destination.namespace}
    found: list[Object] = []
    for namespace in sorted(namespaces):
        found += session.reader.list(kind, namespace=namespace, limit=EVENT_LIMIT).items
    return event_views(found, frozenset(keys))


def logs_of(
    comparison: Comparison,
    key: ResourceKey,
    on_lines: OnLines,
    *,
    follow: bool,
    previous: bool,
    tail: int | None,
    since_s: int | None = None,
    container: str = "",
) -> Tail:
    """All containers (or the one of that name) of all pods below one object; `NotFound` where there is none."""
    cache = comparison.session.cache
    obj = cache.get(key)
    if obj is None:
        raise NotFound(f"{key.short} is not in the cluster", resource=str(key))
    pods = descendants(obj, cache.children, "Pod")
    if not pods:
        raise NotFound(f"{key.short} has no pods", resource=str(key), hint="Choose a workload or a pod.")
    wanted = [(pod, one) for pod in pods for one in containers_of(pod) if container in ("", one)]
    if not wanted:
        known = ", ".join(dict.fromkeys(one for pod in pods for one in containers_of(pod)))
        raise NotFound(f"{key.short} has no container {container}", resource=str(key), hint=f"It has {known}.")
    reader = comparison.session.reader
    stream = Tail(reader, on_lines, follow=follow, previous=previous, tail=tail, since_s=since_s)
    for pod, one in wanted:
        stream.add(namespace_of(pod), name_of(pod), one)
    return stream


def manifests_of(comparison: Comparison, side: str) -> list[Object]:
    """``git``: the targets as they would be applied; ``live``: what the cluster has. Secrets are masked."""
    pick: Callable[[ComparedObject], Object | None] = (
        (lambda one: one.live) if side == "live" else (lambda one: one.target)
    )
    hidden = comparison.system.sensitive_annotations
    return [mask_secret(obj, hidden_annotations=hidden) for obj in map(pick, comparison.objects) if obj is not None]
