"""Why one object is judged, pruned and counted as it is, from what it was compared with; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from gitops_tui.model.annotations import COMPARE_OPTIONS, IGNORE_HEALTHCHECK
from gitops_tui.model.application import Application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.facts import FactValue
from gitops_tui.model.operation import parse_time
from gitops_tui.model.resource import Object, ResourceKey, annotations_of
from gitops_tui.model.status import DriftKind, Health, HealthStatus
from gitops_tui.sync.hooks import is_hook, is_skipped
from gitops_tui.sync.options import is_pruning_disabled, needs_prune_confirmation, parse_options

IGNORE_EXTRANEOUS = "IgnoreExtraneous"
LONGEST = 200
"""Characters of a value in a fact."""
DEADLINE_S = 600
"""``progressDeadlineSeconds`` where a Deployment says none."""


class Judgement(Struct, frozen=True):
    """One object as it was compared. ``is_own`` False: it carries another object's tracking id."""

    key: ResourceKey
    target: Object | None
    live: Object | None
    health: Health | None
    is_own: bool = True
    is_restricted: bool = False
    refusal: str = ""
    """Why the API server would not take it."""
    problems: tuple[str, ...] = ()
    """Ignore rules that did not work."""


def object_answers(one: Judgement, app: Application) -> tuple[Decision, ...]:
    """Beyond sync status, fields and health themselves."""
    return tuple(_answers(one, app))


def _answers(one: Judgement, app: Application) -> Iterator[Decision]:
    objects, obj = (one.key,), one.target or one.live or {}
    if one.is_restricted:
        yield Decision(Code.RESTRICTED, objects=objects)
        return
    if one.refusal:
        yield Decision(Code.REFUSED, {"message": one.refusal}, objects)
    for problem in one.problems:
        yield Decision(Code.RULE_FAILED, {"message": problem}, objects)
    if not one.is_own:
        yield Decision(Code.FOREIGN_MARK, objects=objects)
    elif is_hook(obj):
        yield Decision(Code.IS_HOOK, objects=objects)
    elif one.target is not None and is_skipped(one.target):
        yield Decision(Code.IS_SKIPPED, objects=objects)
    elif one.target is None:
        yield from _extra(one.key, obj, app)
    if one.live is not None:
        yield from _health(one, one.live)


def _extra(key: ResourceKey, live: Object, app: Application) -> Iterator[Decision]:
    """Why it is still there."""
    default = parse_options(app.sync_policy.sync_options).prune
    automated = app.sync_policy.automated
    if IGNORE_EXTRANEOUS in (one.strip() for one in annotations_of(live).get(COMPARE_OPTIONS, "").split(",")):
        yield Decision(Code.EXTRANEOUS, {"option": f"{COMPARE_OPTIONS}: {IGNORE_EXTRANEOUS}"}, (key,))
    if is_pruning_disabled(live, default):
        yield Decision(Code.PRUNE_DISABLED, {"option": "Prune=false"}, (key,))
    elif needs_prune_confirmation(live, default):
        yield Decision(Code.PRUNE_CONFIRMED_ONLY, {"option": "Prune=confirm"}, (key,))
    elif automated is None or not automated.enabled or not automated.prune:
        yield Decision(Code.PRUNE_BY_HAND, objects=(key,))


def _health(one: Judgement, live: Object) -> Iterator[Decision]:
    if one.health is None:
        yield Decision(Code.NO_HEALTH, {"item": one.key.kind}, (one.key,))
        return
    if annotations_of(live).get(IGNORE_HEALTHCHECK) == "true":
        yield Decision(Code.HEALTH_IGNORED, {"annotation": IGNORE_HEALTHCHECK}, (one.key,))
    deadline = rollout_deadline(live) if one.health.status is HealthStatus.PROGRESSING else None
    if deadline is not None:
        at, seconds = deadline
        facts: dict[str, FactValue] = {"deadline": seconds}
        yield Decision(Code.ROLLOUT_DEADLINE, facts, (one.key,), next_at=at)


def rollout_deadline(obj: Object) -> tuple[datetime, int] | None:
    """When a Deployment's rollout counts as failed, if it does not get on, and its deadline in seconds."""
    if obj.get("kind") != "Deployment":
        return None
    seconds = int((obj.get("spec") or {}).get("progressDeadlineSeconds") or DEADLINE_S)
    conditions = (obj.get("status") or {}).get("conditions") or ()
    moved = (parse_time(one.get("lastUpdateTime")) for one in conditions if one.get("type") == "Progressing")
    at = max((time for time in moved if time is not None), default=None)
    return None if at is None else (at + timedelta(seconds=seconds), seconds)


# --- fields --------------------------------------------------------------------------------------------------------


def field_answers(key: ResourceKey, fields: Iterable[FieldDrift]) -> tuple[Decision, ...]:
    """Field by field what differs; values of Secrets are masked already."""
    return tuple(_field(key, drift) for drift in fields)


def _field(key: ResourceKey, drift: FieldDrift) -> Decision:
    facts: dict[str, FactValue] = {"fields": (drift.text,), "reason": drift.reason, **writers_of([drift])}
    if drift.kind is not DriftKind.NOTE:
        facts |= {"git": _value(drift.target), "live": _value(drift.live)}
    code = Code.NOTED if drift.kind is DriftKind.NOTE else Code.FIELD
    return Decision(code, facts, (key,), since=last_write([drift]))


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def writers_of(fields: Sequence[FieldDrift]) -> dict[str, FactValue]:
    """Their writers: field managers, which name clients and not people."""
    names = dict.fromkeys(one.writer.manager for one in fields if one.writer is not None and one.writer.manager)
    return {"writer": ", ".join(names)} if names else {}


def last_write(fields: Sequence[FieldDrift]) -> datetime | None:
    """The newest last write of whoever owns them."""
    times = (one.writer.time for one in fields if one.writer is not None and one.writer.time)
    return max((at for at in map(parse_time, times) if at is not None), default=None)
