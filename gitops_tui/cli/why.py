"""``why``: why an application is as it is, what it waits for, what comes next, and what was decided.

The process is a fresh one: it compares, then explains. What it would do by itself is nothing, so what concerns only
a running instance (when it polls next, that it observes) is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app, with_own_commits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import ago, clean, document, paint, say, say_document
from gitops_tui.errors import GitOpsError
from gitops_tui.model.catalogue import Code, Section
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.facts import clock_words
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView

OF_A_RUNNING_INSTANCE = frozenset({Code.OBSERVING, Code.NEXT_POLL, Code.POLL_OFF, Code.DRAINING, Code.QUEUED})
HEADINGS = {
    Section.NOW: "Now",
    Section.WAITING: "Waiting for",
    Section.NEXT: "Next",
    Section.HIDDEN: "Hidden by rules",
    Section.OBJECT: "Object by object",
}
NOTE = "What other instances decided is known only as far as the Application's status records it."


def run_why(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Exit 0 whatever the answer is: this explains and judges nothing."""
    with compared(options, hard=parsed.refresh or parsed.hard_refresh) as engine:
        view = with_own_commits(engine, find_app(engine.snapshot(), parsed.name, options.namespace))
    now = _now()
    keys = _chosen(view, parsed.resource)
    answers = [one for one in view.why if _is_shown(one, keys, is_wide=_is_wide(parsed))]
    log = list(_log(view.log, keys, parsed, now))
    if parsed.output in ("json", "yaml"):
        say_document(document(_document(view, answers, log), parsed.output))
    else:
        _say(view, answers, log, now, is_wide=parsed.output == "wide")
    return exits.OK


def _now() -> datetime:
    return datetime.now().astimezone()


def _is_wide(parsed: argparse.Namespace) -> bool:
    """Each field of each object: where somebody asks for objects, and in documents."""
    return bool(parsed.resource) or parsed.output != "table"


def _chosen(view: AppView, texts: Sequence[str]) -> frozenset[ResourceKey]:
    """The objects that ``KIND/NAME`` names, whatever the case of the kind; empty: all."""
    found: set[ResourceKey] = set()
    for text in texts:
        kind, _, name = text.rpartition("/")
        keys = {one.key for one in view.resources if one.key.name == name and one.key.kind.lower() == kind.lower()}
        if not keys:
            known = ", ".join(one.key.short for one in view.resources[:10]) or "none"
            raise GitOpsError(f"{view.app.name} has no object {text!r}", hint=f"Known objects: {known}.")
        found |= keys
    return frozenset(found)


def _is_shown(one: Decision, keys: frozenset[ResourceKey], *, is_wide: bool) -> bool:
    if one.code in OF_A_RUNNING_INSTANCE or (one.code.section is Section.OBJECT and not is_wide):
        return False
    return not keys or not keys.isdisjoint(one.objects)


def _log(
    entries: Iterable[Logged], keys: frozenset[ResourceKey], parsed: argparse.Namespace, now: datetime
) -> Iterator[Logged]:
    oldest = now - timedelta(seconds=parsed.since) if parsed.since else None
    shown = [one for one in entries if _is_shown(one.decision, keys, is_wide=True)]
    yield from [one for one in shown if oldest is None or one.last_at >= oldest][: parsed.limit]


# --- for programs ----------------------------------------------------------------------------------------------------


def _document(view: AppView, answers: Sequence[Decision], log: Sequence[Logged]) -> dict[str, Any]:
    operation = view.operation.to_json() if view.operation else None
    return {
        "application": str(view.key),
        "sync": view.sync.value,
        "health": view.health.status.value,
        "headline": {"kind": view.trouble.kind.value, "message": view.trouble.what},
        "answers": [{"section": one.code.section.value, **one.to_json()} for one in answers],
        "log": [one.to_json() for one in log],
        "recorded": {
            "operationState": operation,
            "conditions": [one.to_json() for one in view.conditions],
        },
        "note": NOTE,
    }


# --- for people ------------------------------------------------------------------------------------------------------


def _say(view: AppView, answers: Sequence[Decision], log: Sequence[Logged], now: datetime, *, is_wide: bool) -> None:
    state = f"{view.sync}{', Drifted' if view.is_drifted else ''}, {view.health.status}"
    say(f"{paint(str(view.key), 'bold')}  {clean(state)}")
    for section, heading in HEADINGS.items():
        found = (view.in_own_words(one) for one in answers if one.code.section is section)
        _say_section(heading, (line for one in found for line in _lines(one, now, is_wide=is_wide)))
    logged = (replace(one, decision=view.in_own_words(one.decision)) for one in log)
    _say_section("Log", (_entry(one, now) for one in logged))
    _say_section("As recorded", _recorded(view, now))
    say()
    say(paint(NOTE, "dim"))


def _say_section(heading: str, lines: Iterable[str]) -> None:
    told = list(lines)
    if told:
        say()
        say(paint(heading, "cyan"))
    for line in told:
        say(f"  {line}")


def _lines(one: Decision, now: datetime, *, is_wide: bool) -> Iterator[str]:
    timing = one.timing(now)
    code = f"{paint(one.code.value, 'dim')}  " if is_wide else ""
    yield f"{code}{clean(one.sentence(now))}{f' · {timing}' if timing else ''}"
    if one.code.hint:
        yield paint(f"  → {one.code.hint}", "dim")


def _entry(one: Logged, now: datetime) -> str:
    times = f" ({one.count}×, first at {clock_words(one.at, now)})" if one.count > 1 else ""
    return f"{clock_words(one.last_at, now)}  {clean(one.decision.sentence(now))}{times}"


def _recorded(view: AppView, now: datetime) -> Iterator[str]:
    """What whoever reconciles wrote into the Application's status."""
    operation = view.operation
    if operation is not None:
        ended = f", {ago(operation.finished_at, now)} ago" if operation.finished_at else ""
        yield f"operationState: {clean(f'{operation.phase}: {operation.message}')}{ended}"
    for condition in view.conditions:
        yield f"condition {clean(condition.type)}: {clean(condition.message)}"
