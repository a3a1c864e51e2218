"""What is different in a plan that was made anew, in words: whoever said yes to the one before looks at that first."""

from __future__ import annotations

from itertools import zip_longest

from msgspec.structs import replace

from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Plan, PlanItem, RevertPart
from gitops_tui.tui.text import clean
from gitops_tui.tui.words import joined, short

MOST_NAMED = 3


def says_the_same(before: Plan, after: Plan) -> bool:
    """Only its pins moved (a status was written, or another application's commit): the person reads the same plan."""
    return (
        before.items == after.items
        and _places(before) == _places(after)
        and before.warnings == after.warnings
        and before.blockers == after.blockers
        and before.must_type == after.must_type
        and _reverted(before) == _reverted(after)
    )


def _reverted(plan: Plan) -> RevertPart | None:
    """Without the commit that is made to look at, which is another one each time."""
    return replace(plan.revert, new_commit="") if plan.revert is not None else None


def what_changed(before: Plan, after: Plan) -> list[str]:
    """``Git is at 6e8ee87 now, not at b5decdf.``, ``New here: Service/x.``; empty where it is nothing with a name."""
    return [*_commits(before, after), *_objects(before, after)]


def _places(plan: Plan) -> dict[AppKey, tuple[str, ...]]:
    """The commits that are shown: of each source the last one of its own path."""
    return {key: tuple(_place(plan, key)) for key in plan.apps}


def _place(plan: Plan, key: AppKey) -> list[str]:
    pinned = zip_longest(plan.revisions.get(key, ()), plan.commits.get(key, ()))
    return [own.sha if own is not None else revision or "" for revision, own in pinned]


def _commits(before: Plan, after: Plan) -> list[str]:
    if before.revert is not None and after.revert is not None and before.revert.base != after.revert.base:
        return [f"The branch is at {short(after.revert.base)} now, not at {short(before.revert.base)}."]
    moved = [key for key in after.apps if _places(before).get(key) != _places(after)[key]]
    return [f"Git is at {_said(after, key)} now{_of(after, key)}, not at {_said(before, key)}." for key in moved]


def _said(plan: Plan, key: AppKey) -> str:
    return joined([short(one) for one in _place(plan, key)]) or "nothing"


def _of(plan: Plan, key: AppKey) -> str:
    return f" for {clean(key.name)}" if len(plan.apps) > 1 else ""


def _objects(before: Plan, after: Plan) -> list[str]:
    then, now = ({(item.app, item.key): item for item in plan.changes} for plan in (before, after))
    told = (
        ("New here", [item for key, item in now.items() if key not in then]),
        ("Different", [item for key, item in now.items() if key in then and then[key] != item]),
        ("No longer here", [item for key, item in then.items() if key not in now]),
    )
    return [f"{heading}: {_names(items)}." for heading, items in told if items]


def _names(items: list[PlanItem]) -> str:
    named = [clean(item.key.short) for item in items[:MOST_NAMED]]
    return joined([*named, f"{len(items) - MOST_NAMED} more"] if len(items) > MOST_NAMED else named)
