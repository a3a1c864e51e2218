"""A plan in words, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_tui.cli.output import clean, document, paint, tell
from gitops_tui.model.application import AppKey
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.plan import ItemAction, Plan, PlanItem, PlanKind, RevertPart

_COLOUR = {ItemAction.CREATE: "green", ItemAction.CONFIGURE: "yellow", ItemAction.PRUNE: "red", ItemAction.HOOK: "cyan"}


def say_plan(plan: Plan) -> None:
    """Everything that would be done, what it costs, and what the API server said of it."""
    lines = [clean(f"{plan.kind.value.capitalize()} {', '.join(key.name for key in plan.apps)}")]
    lines.append(clean(f"  cluster {plan.cluster}, namespace {', '.join(plan.namespaces) or '-'}"))
    lines += [clean(f"  at {text}") for key in plan.apps for text in _at(plan, key)]
    if plan.revert is not None:
        lines += _revert_lines(plan.revert)
    for item in plan.changes:
        lines += _item_lines(item)
    if not plan.changes:
        lines.append("  nothing would change")
    if plan.restarted_pods:
        lines.append(f"  restarts {plan.restarted_pods} pod{'' if plan.restarted_pods == 1 else 's'}")
    lines += [f"  {paint('warning:', 'yellow')} {clean(text)}" for text in plan.warnings]
    lines += [f"  {paint('not possible:', 'red')} {clean(text)}" for text in plan.blockers]
    if plan.confirmed_by_server_s and was_asked(plan):
        lines.append(f"  the API server accepts this (dry run, {plan.confirmed_by_server_s * 1000:.0f} ms)")
    for line in lines:
        tell(line)


def _at(plan: Plan, key: AppKey) -> Iterator[str]:
    """``3f2c1ab raise token ttl (Ana)``, of several sources each with its own; that of a revert is not made yet."""
    if plan.kind is PlanKind.REVERT:
        return
    sources = plan.sources.get(key, ())
    for number, commit in enumerate(plan.commits.get(key, ())):
        if commit is not None:
            source = f"{sources[number]} " if sources else ""
            yield f"{source}{commit.short} {commit.subject} ({commit.author_name})"


def _revert_lines(revert: RevertPart) -> list[str]:
    lines = [clean(f"  revert {one.short} {one.subject} ({one.author_name})") for one in revert.commits]
    place = f" of {revert.repository}" if revert.repository else ""
    lines.append(clean(f"  on {revert.branch}{place} at {revert.base[:7]}, files: {', '.join(revert.files)}"))
    if revert.also_affects:
        readers = ", ".join(map(str, revert.also_affects))
        lines.append(f"  {paint('warning:', 'yellow')} {clean(f'these files are also read by {readers}')}")
    return lines


def was_asked(plan: Plan) -> bool:
    """Whether the API server had anything to answer: hooks and deletions are not dry-run."""
    return any(item.action in (ItemAction.CREATE, ItemAction.CONFIGURE) for item in plan.changes)


def _item_lines(item: PlanItem) -> list[str]:
    verb = paint(f"{item.action.value:<10}", _COLOUR.get(item.action, "dim"))
    where = f" in {clean(item.key.namespace)}" if item.key.namespace else ""
    lines = [f"  {verb} {clean(item.key.short)}{where}"]
    lines += [f"      {clean(_field(field))}" for field in item.fields]
    lines += [f"      {clean(note)}" for note in item.notes]
    if item.takes_over:
        lines.append(f"      takes over fields of {clean(', '.join(item.takes_over))}")
    if item.error:
        lines.append("      " + paint(clean(f"refused: {item.error}"), "red"))
    return lines


def _field(field: FieldDrift) -> str:
    after = "(removed)" if field.target is None else _value(field.target)
    return f"{field.label}   {_value(field.live)} → {after}"


def _value(value: object) -> str:
    text = value if isinstance(value, str) else document(value, "json").replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."
