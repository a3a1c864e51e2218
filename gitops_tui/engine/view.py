"""A record as the faces see it: masked where it must be, with the one thing to say about it; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from gitops_tui.engine.beside import with_reported
from gitops_tui.engine.commits import path_commits
from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.headline import standing_since, trouble_of, worst_pod_words
from gitops_tui.engine.record import Record
from gitops_tui.engine.report import condition_type_of
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.tree import descendants
from gitops_tui.engine.why import answers_of
from gitops_tui.engine.why_log import whole_log
from gitops_tui.errors import GitOpsError, InvalidSpecError
from gitops_tui.model.commit import Commit
from gitops_tui.model.operation import Condition, parse_time, resource_from_json
from gitops_tui.model.snapshot import AppView, ResourceView
from gitops_tui.model.status import Health, HealthStatus, SyncStatus
from gitops_tui.sync.orphans import warning

T = TypeVar("T")
BAD = (HealthStatus.DEGRADED, HealthStatus.PROGRESSING)


def app_view(record: Record, now: datetime) -> AppView:
    """What the board gets."""
    comparison = record.comparison
    if comparison is None:
        return _without_comparison(record, now)
    conditions = conditions_of(record, now)
    sync = SyncStatus.UNKNOWN if record.unread is not None else comparison.sync
    is_refused = isinstance(record.error, InvalidSpecError)
    health = Health(HealthStatus.UNKNOWN) if is_refused else comparison.health
    view = AppView(
        uid=uid_of(record),
        app=record.app,
        cluster=comparison.session.name,
        sync=sync,
        health=health,
        revision=record.pins[0].sha if record.pins else comparison.revision,
        commits=tuple(pin.sha for pin in record.pins),
        commit=_commit(record),
        path_commits=path_commits(record.pins, [[pin.sha for pin in record.pins]]),
        deployed_revision=deployed_revision(record),
        is_at_deployed=is_at_deployed(record),
        resources=tuple(one.view for one in comparison.objects),
        operation=record.state.operation,
        progress=record.run.progress if record.run else None,
        is_orphaned_operation=is_orphaned(record, now),
        operation_owner=record.state.lease.user if record.state.lease else "",
        conditions=conditions,
        history=record.state.history,
        hold=record.state.hold if record.state.hold and record.state.hold.is_active(now) else None,
        managed_by=record.managed_by,
        source_type=record.source_type,
        orphans=None if comparison.permits.project.orphaned_resources is None else len(record.orphans),
        log=whole_log(record.log, record.state),
        compared_at=record.compared_at,
        is_unread=_is_unread(record),
        is_invalid=isinstance(record.unread, InvalidSpecError),
        window=record.window,
    )
    trouble = trouble_of(
        sync=sync,
        health=health,
        resources=view.resources,
        conditions=conditions,
        operation=view.operation,
        progress=view.progress,
        is_at_deployed=view.is_at_deployed,
        health_since=_since(record),
        health_words=_health_words(comparison),
        waiting=_waiting_words(view, record),
    )
    told = with_reported(replace(view, trouble=trouble), record.state.status)
    return _with_answers(told, record, now)


def _with_answers(view: AppView, record: Record, now: datetime) -> AppView:
    return replace(view, why=answers_of(view, record.state, (*record.answers, *record.polls), now))


def uid_of(record: Record) -> str:
    return record.app.uid or str(record.key)


def is_orphaned(record: Record, now: datetime) -> bool:
    """An operation that nobody runs any more: its lease ran out, or it is Argo CD's and that is gone; and not ours."""
    operation, lease = record.state.operation, record.state.lease
    if operation is None or operation.phase.is_completed or record.run is not None or record.managed_by:
        return False
    return lease is None or lease.expires <= now


def seconds_to_next_look(record: Record, now: datetime) -> float | None:
    """When time alone changes what is shown: an operation's lease ends, or a hold. None: it does not."""
    lease, hold = record.state.lease, record.state.hold
    ends = [lease.expires] if lease is not None and record.run is None else []
    ends += [hold.expires] if hold is not None and hold.expires is not None else []
    return min(((end - now).total_seconds() for end in ends if end > now), default=None)


def deployed_revision(record: Record) -> str:
    """The commit of the newest recorded deployment; of several sources that of the first."""
    deployed = deployed_commits(record)
    return deployed[0] if deployed else ""


def deployed_commits(record: Record) -> tuple[str, ...]:
    """The commit of each source in the newest recorded deployment; empty where there was none."""
    return record.state.history[-1].commits if record.state.history else ()


def is_at_deployed(record: Record) -> bool:
    """Whether Git stands where it was deployed, as far as this application's content goes."""
    return have_content_of(record.pins, deployed_commits(record))


def have_content_of(pins: Sequence[SourceAt], commits: Sequence[str]) -> bool:
    """Whether other commits, one for each source, hold the same below the sources' paths."""
    if not pins or len(pins) != len(commits):
        return False
    rendered = [both for both in zip(pins, commits, strict=True) if not both[0].source.is_only_reference]
    return all(_has_content_of(pin, sha) for pin, sha in rendered)


def _has_content_of(pin: SourceAt, revision: str) -> bool:
    if not revision or revision == pin.sha:
        return bool(revision)
    try:
        return pin.mirror.content_id(revision, pin.source.path.strip("/")) == pin.content
    except GitOpsError:
        return False


def conditions_of(record: Record, now: datetime) -> tuple[Condition, ...]:
    """Of the comparison and of what kept it from being made; times of those that stand already are kept."""
    found = list(record.comparison.conditions) if record.comparison else []
    if record.unread is not None:
        found.insert(0, Condition(condition_type_of(record.unread), _words(record.unread), now))
    found += record.standing
    found += _orphan_warning(record, now)
    known = {(one.type, one.message): one for one in record.state.conditions}
    return tuple(known.get((one.type, one.message), one) for one in found)


def _is_unread(record: Record) -> bool:
    """Its sources cannot be read; of an Application that is not valid that is not asked."""
    return record.unread is not None and not isinstance(record.unread, InvalidSpecError)


def _orphan_warning(record: Record, now: datetime) -> list[Condition]:
    settings = record.comparison.permits.project.orphaned_resources if record.comparison else None
    found = warning(len(record.orphans), settings) if settings is not None else None
    return [replace(found, last_transition_time=now)] if found is not None else []


def _words(error: GitOpsError) -> str:
    return error.with_hint


def _without_comparison(record: Record, now: datetime) -> AppView:
    """Nothing was compared yet, or never can be: what the Application's own status reports, marked so."""
    status = record.app.raw.get("status") or {}
    reported_sync = _enum(SyncStatus, (status.get("sync") or {}).get("status"), SyncStatus.UNKNOWN)
    health = status.get("health") or {}
    reported_health = _reported_health(health)
    as_reported = bool(status) and (record.is_reported or record.error is None)
    conditions = conditions_of(record, now)
    sync = reported_sync if as_reported else SyncStatus.UNKNOWN
    shown = reported_health if as_reported else Health(HealthStatus.UNKNOWN)
    trouble = trouble_of(
        sync=sync,
        health=shown,
        resources=(),
        conditions=conditions,
        operation=record.state.operation,
        progress=None,
        is_at_deployed=False,
        health_since=parse_time(health.get("lastTransitionTime")),
        health_words="",
        waiting="",
    )
    view = AppView(
        uid=uid_of(record),
        app=record.app,
        sync=sync,
        health=shown,
        trouble=trouble,
        revision=record.pins[0].sha if record.pins else str((status.get("sync") or {}).get("revision") or ""),
        commit=_commit(record),
        path_commits=path_commits(record.pins, [[pin.sha for pin in record.pins]]),
        deployed_revision=deployed_revision(record),
        resources=tuple(_reported_resource(one) for one in status.get("resources") or ()),
        operation=record.state.operation,
        conditions=conditions,
        history=record.state.history,
        hold=record.state.hold if record.state.hold and record.state.hold.is_active(now) else None,
        managed_by=record.managed_by,
        as_reported=record.is_reported and bool(status),
        source_type=record.source_type,
        log=whole_log(record.log, record.state),
        compared_at=record.compared_at,
        is_unread=_is_unread(record),
        is_invalid=isinstance(record.unread, InvalidSpecError),
        window=record.window,
        is_loading=record.error is None and not record.is_reported,
    )
    return _with_answers(view, record, now)


def _reported_health(found: dict[str, object]) -> Health:
    status = _enum(HealthStatus, found.get("status"), HealthStatus.UNKNOWN)
    return Health(status, str(found.get("message") or ""))


def _reported_resource(one: dict[str, object]) -> ResourceView:
    health = one.get("health")
    words = health if isinstance(health, dict) else {}
    status = _enum(HealthStatus, words.get("status"), HealthStatus.UNKNOWN)
    return ResourceView(
        key=resource_from_json(one),
        version=str(one.get("version") or ""),
        sync=_enum(SyncStatus, one.get("status"), SyncStatus.UNKNOWN),
        health=Health(status, str(words.get("message") or "")) if words else None,
        requires_pruning=bool(one.get("requiresPruning")),
        message="as reported",
    )


def _enum(kind: Callable[[str], T], value: object, default: T) -> T:
    try:
        return kind(str(value))
    except ValueError:
        return default


def _commit(record: Record, source: int = 0) -> Commit | None:
    """The newest commit of a source's path."""
    try:
        return record.pins[source].last_commit() if source < len(record.pins) else None
    except GitOpsError:
        return None


def _worst(comparison: Comparison) -> ComparedObject | None:
    judged = [one for one in comparison.objects if one.live is not None and one.view.health is not None]
    bad = [one for one in judged if one.view.health is not None and one.view.health.status in BAD]
    return max(bad, key=lambda one: one.view.health.status.badness if one.view.health else 0, default=None)


def _health_words(comparison: Comparison) -> str:
    """What is wrong with the worst object: its pods' trouble, else its own message."""
    worst = _worst(comparison)
    if worst is None or worst.live is None or worst.view.health is None:
        return ""
    pods = descendants(worst.live, comparison.session.cache.children, "Pod")
    words = worst_pod_words(pods) or worst.view.health.message
    return f"{worst.key.short}: {words}" if words else worst.key.short


def _since(record: Record) -> datetime | None:
    comparison = record.comparison
    worst = _worst(comparison) if comparison else None
    if worst is not None and worst.live is not None and worst.view.health is not None:
        return standing_since(worst.live, worst.view.health.status) or record.health_since
    return record.health_since


def _waiting_words(view: AppView, record: Record) -> str:
    """What a commit that waits would change; what nobody could compare."""
    late = [one for one in view.resources if one.is_pending]
    if late and view.sync is SyncStatus.UNKNOWN:
        return f"{_keys(late)} {late[0].message}"
    if view.commit is None:
        return ""
    waiting = [one for one in view.resources if one.sync is SyncStatus.OUT_OF_SYNC]
    if not waiting:
        return "the namespace's metadata waits"
    prunes = sum(1 for one in waiting if one.requires_pruning)
    if prunes and prunes == len(waiting):
        return f"{_counted(prunes, 'object')} to prune: {_keys(waiting)}"
    commit = _commit(record, waiting[0].source) or view.commit
    return f"{commit.short} {commit.author_name} waits: {_keys(waiting)}"


def _keys(resources: Sequence[ResourceView]) -> str:
    more = f" and {len(resources) - 2} more" if len(resources) > 2 else ""
    return ", ".join(one.key.short for one in resources[:2]) + more


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
