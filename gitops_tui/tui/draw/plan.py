"""A plan before it is confirmed: exact objects, each field before and after, and what it will cost."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from itertools import zip_longest

from rich.text import Text

from gitops_tui.model.application import AppKey
from gitops_tui.model.commit import Commit
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.plan import ItemAction, Plan, PlanItem, PlanKind
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import DriftKind
from gitops_tui.tui.draw.field import LABEL, short_value, writer
from gitops_tui.tui.draw.rows import Line, fit, join, spread, words, wrap
from gitops_tui.tui.glyphs import ACTION
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import count, joined, latency, short

Tick = tuple[ResourceKey, str]
"""A field that can be ticked: its object and its path as text."""
MOST_UNCHANGED = 3


def ticks(plan: Plan) -> frozenset[Tick]:
    """The fields that are ticked when a plan is first shown."""
    return frozenset((item.key, field.text) for item in plan.items for field in item.fields if field.ticked)


def can_be_ticked(field: FieldDrift) -> bool:
    """Foreign fields are a choice; a field that Git sets follows from the plan itself."""
    return field.kind is DriftKind.FOREIGN and field.healable


def title(plan: Plan) -> str:
    """``Heal auth-service``; cluster and namespace stand under it."""
    names = joined([clean(key.name) for key in plan.apps[:3]])
    if len(plan.apps) > 3:
        names = f"{len(plan.apps)} applications"
    if plan.kind is PlanKind.REVERT and plan.revert is not None:
        commits = joined([commit.short for commit in plan.revert.commits])
        return f"Revert {commits} in {names}"
    verb = "Dry run of" if plan.dry_run else plan.kind.value.capitalize()
    return f"{verb} {names}"


def verb(plan: Plan, ticked: Set[Tick]) -> str:
    """What the button says: the verb, and how many objects it touches."""
    if plan.kind is PlanKind.REVERT:
        return "Revert and push"
    if plan.asks_argocd:
        return "Ask Argo CD to sync"
    pruned = len(plan.prunes)
    touched = sum(1 for item in plan.changes if _does_something(item, ticked)) - pruned
    if plan.dry_run:
        return f"Try {count(touched + pruned, 'object')}"
    name = plan.kind.value.capitalize()
    if pruned and not touched:
        return f"PRUNE {count(pruned, 'object')}"
    return f"{name} {touched}, PRUNE {pruned}" if pruned else f"{name} {count(touched, 'object')}"


def _does_something(item: PlanItem, ticked: Set[Tick]) -> bool:
    choices = [field for field in item.fields if can_be_ticked(field)]
    if not choices or len(choices) < len(item.fields):
        return True
    return any((item.key, field.text) in ticked for field in choices)


def plan_lines(plan: Plan, ticked: Set[Tick], width: int, now: datetime) -> list[Line]:
    lines = [Line(text) for text in _where(plan, width)]
    lines += [Line(text) for text in _said(plan, width)]
    if plan.revert is not None:
        lines += _revert(plan, width)
    if len(plan.apps) == 1:
        lines += _items(plan, plan.items, ticked, width, now)
    else:
        for key in plan.apps:
            lines += [
                Line(Text()),
                *(Line(one) for one in wrap(words((clean(key.name), "heading"), " ", _at(plan, key)), width, 2)),
            ]
            lines += _items(plan, tuple(one for one in plan.items if one.app == key), ticked, width, now)
    lines.append(Line(Text()))
    if any(can_be_ticked(field) for item in plan.items for field in item.fields):
        ticks_it = words(("j k", "key"), " to a box, ", ("space", "key"), " ticks it: ")
        choose = words(ticks_it, ("[x]", "key"), " is undone, ", ("[ ]", "key"), " stays as it is.")
        lines += [Line(one) for one in wrap(choose, width, 2)]
    lines += [Line(text) for text in _cost(plan, ticked, width)]
    return lines + [Line(text) for text in _to_be_typed(plan, width)]


def _to_be_typed(plan: Plan, width: int) -> list[Text]:
    """Why a plain yes is not enough, and what is: whole, above the line where it is typed."""
    if not plan.must_type or plan.blockers:
        return []
    reason = plain(plan.must_type_reason if len(plan.apps) == 1 else "", "warn")  # of several: among the warnings
    why = wrap(words(("! ", "warn"), reason), width, 2) if reason.plain else []
    return [*why, *wrap(words("To go on, type exactly: ", plain(plan.must_type, "strong")), width, 2)]


def _where(plan: Plan, width: int) -> list[Text]:
    spaces = joined([clean(one) for one in plan.namespaces]) or "cluster-wide"
    noun = "namespace" if len(plan.namespaces) == 1 else "namespaces"
    place = words("cluster ", (clean(plan.cluster), "production"), f", {noun} ", (spaces, "strong"))
    if len(plan.apps) == 1 and plan.kind is not PlanKind.REVERT:  # whose commit does not exist yet
        return [*wrap(place, width, 2), *wrap(_at(plan, plan.apps[0]), width, 2)]
    return wrap(place, width, 2)


def _at(plan: Plan, key: AppKey) -> Text:
    """``at 3f2c1ab “raise token ttl” Ana``: the last commit of the application's own path, of each of its sources."""
    revisions = plan.revisions.get(key, ())
    commits, sources = plan.commits.get(key, ()), plan.sources.get(key, ())
    told = [
        words(plain(f"{source} " if source else ""), _commit(commit, revision))
        for revision, commit, source in zip_longest(revisions, commits, sources)
    ]
    return words(("at ", "muted"), join(told, ", "))


def _commit(commit: Commit | None, revision: str | None) -> Text:
    if commit is None:
        return Text(short(revision or ""), "name")
    return words((commit.short, "name"), " “", plain(commit.subject), "” ", plain(commit.author_name, "muted"))


def _said(plan: Plan, width: int) -> list[Text]:
    lines: list[Text] = []
    for blocker in plan.blockers:
        lines += wrap(words(("✗ ", "bad"), plain(blocker, "bad")), width, 2)
    for warning in plan.warnings:
        lines += wrap(words(("! ", "warn"), plain(warning, "warn")), width, 2)
    if plan.asks_argocd:
        lines += wrap(words(("! ", "warn"), "Argo CD reconciles this: the operation is handed to it."), width, 2)
    return lines


def _items(plan: Plan, items: tuple[PlanItem, ...], ticked: Set[Tick], width: int, now: datetime) -> list[Line]:
    quiet = [one for one in items if one.action in (ItemAction.UNCHANGED, ItemAction.SKIP) and not one.notes]
    lines: list[Line] = []
    for item in items:
        if item not in quiet:
            lines += _item(plan, item, ticked, width, now)
    if not lines:
        lines.append(Line(Text("Nothing to do: the cluster is as the plan wants it.", "ok")))
    if quiet:
        names = ", ".join(one.key.short for one in quiet[:MOST_UNCHANGED])
        rest = f" and {len(quiet) - MOST_UNCHANGED} more" if len(quiet) > MOST_UNCHANGED else ""
        lines += [Line(one) for one in wrap(words(("✓ unchanged: ", "muted"), plain(names + rest, "muted")), width, 2)]
    return lines


def _item(plan: Plan, item: PlanItem, ticked: Set[Tick], width: int, now: datetime) -> list[Line]:
    mark = ACTION[item.action]
    place = f" in {clean(item.key.namespace)}" if item.key.namespace and len(plan.namespaces) > 1 else ""
    head = words(
        (mark.glyph, mark.ink), " ", plain(item.key.short, "strong"), (place, "muted"), (f"  {mark.word}", mark.ink)
    )
    step = "" if plan.kind is PlanKind.HEAL else f"{item.phase} wave {item.wave}" if item.wave else item.phase
    lines = [Line(one) for one in _at_both_ends(head, Text(step if step != "Sync" else "", "muted"), width)]
    for field in item.fields:
        lines += _field(item, field, ticked, width, now)
    pods = item.restarted(ticked)
    if pods and len(plan.changes) > 1:
        lines.append(Line(words(("    restarts ", "warn"), (count(pods, "pod"), "warn"))))
    if item.takes_over:
        taken = joined([clean(one) for one in item.takes_over])
        lines += [Line(one) for one in wrap(words("    takes fields over from ", (taken, "strong")), width, 6)]
    for note in item.notes:
        lines += [Line(one) for one in wrap(words("    ", plain(note, "muted")), width, 6)]
    if item.error:
        lines += [Line(one) for one in wrap(words("    ", ("refused: ", "bad"), plain(item.error, "bad")), width, 6)]
    return lines


def _at_both_ends(left: Text, right: Text, width: int) -> list[Text]:
    """On one line where both fit whole, else under each other."""
    if left.cell_len + right.cell_len + 1 <= width:
        return [spread(left, right, width)]
    return [*wrap(left, width, 4), *([words("    ", right)] if right.plain else [])]


def _field(item: PlanItem, field: FieldDrift, ticked: Set[Tick], width: int, now: datetime) -> list[Line]:
    label = plain(field.label or field.text)
    after = Text("(removed)", "removed") if field.target is None else short_value(field.target)
    change = words(short_value(field.live), (" → ", "muted"), after)
    is_choice = can_be_ticked(field)
    is_on = (item.key, field.text) in ticked
    if field.kind is DriftKind.NOTE or not (field.healable or field.kind is DriftKind.TARGET):
        box, change = Text("    ", "muted"), words(change, (" left alone", "muted"))
    else:
        box = Text(("[x] " if is_on else "[ ] ") if is_choice else "    ", "key")
        if is_choice and not is_on:
            change = words(short_value(field.live), (" stays as it is", "muted"))
    origin = plain(field.reason, "muted") if field.reason else Text(_origin(field), "muted")
    body = words("  ", box, fit(label, max(LABEL, label.cell_len)), "  ", change)
    key = ("tick", item.key, field.text) if is_choice else None
    lines = [Line(spread(body, origin, width), key)] if body.cell_len + origin.cell_len + 2 <= width else []
    if not lines:
        first, *rest = wrap(body, width, 8)
        lines = [Line(first, key), *(Line(one) for one in rest)]
        lines += [Line(words(" " * 8, one)) for one in wrap(origin, width - 8) if one.plain]
    who = writer(field, now)
    if who.plain and field.kind is not DriftKind.TARGET:
        lines += [Line(words(" " * 8, one)) for one in wrap(who, width - 8)]
    return lines


def _origin(field: FieldDrift) -> str:
    return "as in Git" if field.kind is DriftKind.TARGET else "not in Git"


def _revert(plan: Plan, width: int) -> list[Line]:
    part = plan.revert
    assert part is not None
    lines = [Line(Text())]
    lines += [Line(one) for commit in part.commits for one in wrap(_undone(commit), width, 2)]
    place = words(" of ", plain(part.repository, "strong")) if part.repository else ""
    pushed = words("as a new commit on ", plain(part.branch, "strong"), place, ", pushed without force, then synced")
    lines += [Line(one) for one in wrap(pushed, width, 2)]
    author = words("author ", plain(part.author, "strong")) if part.author else Text("author: asked for below", "warn")
    lines += [Line(one) for one in wrap(author, width, 2)]
    if part.also_affects:
        others = joined([clean(key.name) for key in part.also_affects])
        lines += [Line(one) for one in wrap(words(("! ", "warn"), (f"also read by {others}", "warn")), width, 2)]
    patch = [text for one in part.patch.splitlines() for text in wrap(patch_line(one), width, 2)]
    lines += [Line(Text()), *(Line(one) for one in patch), Line(Text())]
    lines.append(Line(Text("In the cluster", "heading")))
    return lines


def _undone(commit: Commit) -> Text:
    return words(
        "undoes ", (commit.short, "name"), " ", plain(commit.subject), "  ", plain(commit.author_name, "muted")
    )


def patch_line(line: str) -> Text:
    """One line of ``git show``, in its colour."""
    if line.startswith(("+++", "---", "diff ", "index ")):
        return plain(line, "muted")
    if line.startswith("@@"):
        return plain(line, "name")
    return plain(line, {"+": "added", "-": "removed"}.get(line[:1], ""))


def _cost(plan: Plan, ticked: Set[Tick], width: int) -> list[Text]:
    pods = plan.restarted(ticked)
    order = ", one after another" if pods > 1 else ""
    restarts = f"Restarts {count(pods, 'pod')}{order}." if pods else "Restarts nothing."
    pruned = joined([clean(item.key.short) for item in plan.prunes])
    prunes = words((f"Prunes {pruned}.", "bad")) if pruned else Text("Prunes nothing.")
    lines = wrap(join([Text(restarts, "warn" if pods else ""), prunes], " "), width, 2)
    if any(item.error for item in plan.items):
        lines += wrap(Text("The API server refuses a part of this (see above).", "bad"), width, 2)
    elif plan.confirmed_by_server_s is not None:
        accepted = f"The API server accepts this (dry run, {latency(plan.confirmed_by_server_s)})."
        lines += wrap(Text(accepted, "ok"), width, 2)
    return lines
