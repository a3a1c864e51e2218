"""A plan in words, for a person at a terminal."""

from __future__ import annotations

from typing import TextIO

from gitops_tui.cli.output import clean, document, paint
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.plan import ItemAction, Plan, PlanItem

_COLOUR = {ItemAction.CREATE: "green", ItemAction.CONFIGURE: "yellow", ItemAction.PRUNE: "red", ItemAction.HOOK: "cyan"}


def say_plan(plan: Plan, stream: TextIO) -> None:
    """Everything that would be done, what it costs, and what the API server said of it."""
    lines = [f"{plan.kind.value.capitalize()} {', '.join(key.name for key in plan.apps)}"]
    lines.append(f"  cluster {plan.cluster}, namespace {', '.join(plan.namespaces) or '-'}")
    if plan.revert is not None:
        revert = plan.revert
        lines += [f"  revert {commit.short} {commit.subject} ({commit.author_name})" for commit in revert.commits]
        lines.append(f"  on {revert.branch} at {revert.base[:7]}, files: {', '.join(revert.files)}")
        lines += [f"  also read by {key}" for key in revert.also_affects]
    for item in plan.changes:
        lines += _item_lines(item, stream)
    if not plan.changes:
        lines.append("  nothing would change")
    if plan.restarted_pods:
        lines.append(f"  restarts {plan.restarted_pods} pods")
    lines += [f"  {paint('warning:', 'yellow', stream)} {text}" for text in plan.warnings]
    lines += [f"  {paint('not possible:', 'red', stream)} {text}" for text in plan.blockers]
    if plan.confirmed_by_server_s is not None:
        lines.append(f"  the API server accepts this (dry run, {plan.confirmed_by_server_s * 1000:.0f} ms)")
    for line in lines:
        print(line if "\x1b" in line else clean(line), file=stream)
    stream.flush()


def _item_lines(item: PlanItem, stream: TextIO) -> list[str]:
    verb = paint(f"{item.action.value:<10}", _COLOUR.get(item.action, "dim"), stream)
    where = f" in {clean(item.key.namespace)}" if item.key.namespace else ""
    lines = [f"  {verb} {clean(item.key.short)}{where}"]
    lines += [f"      {clean(_field(field))}" for field in item.fields]
    lines += [f"      {clean(note)}" for note in item.notes]
    if item.takes_over:
        lines.append(f"      takes over fields of {clean(', '.join(item.takes_over))}")
    if item.error:
        lines.append("      " + paint(clean(f"refused: {item.error}"), "red", stream))
    return lines


def _field(field: FieldDrift) -> str:
    after = "(removed)" if field.target is None else _value(field.target)
    return f"{field.label}   {_value(field.live)} → {after}"


def _value(value: object) -> str:
    text = value if isinstance(value, str) else document(value, "json").replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."
