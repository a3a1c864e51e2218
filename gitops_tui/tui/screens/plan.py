"""The plan: shown whole, confirmed by a button that says what it does, made anew when the world moved.

It is never applied "anyway": a stale plan is replaced by a new one that says so, and the question starts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Button, Input

from gitops_tui.errors import StalePlanError
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Approval, ItemAction, Outcome, Plan, PlanKind
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import Snapshot
from gitops_tui.model.status import SyncStatus
from gitops_tui.tui.bindings import bindings
from gitops_tui.tui.draw.plan import Tick, can_be_ticked, plan_lines, ticks, title, verb
from gitops_tui.tui.draw.plan_change import says_the_same, what_changed
from gitops_tui.tui.draw.rows import Line, words, wrap
from gitops_tui.tui.screens.question import DEAF_S, Modal, text_of
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import sentences, told_of

MOVED = "What this was made from has moved."
REMADE = "This is the plan as it is now."
SAME = "What it does is the same: confirm it again."
REMAKING = "The plan is made anew …"
OF_BRANCHES = (PlanKind.SYNC, PlanKind.REVERT)
"""Plans whose commits are what a branch says now."""
Out = tuple[AppKey, ResourceKey]
REMAKE_S = 1.0
"""At most one new plan a second while the cluster keeps moving."""


class PlanScreen(Modal):
    """Makes a plan, shows it, and executes it when told to."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("select",))]
    HAS_CURSOR: ClassVar[bool] = True

    def __init__(self, make: Callable[[], Future[Plan]]) -> None:
        super().__init__()
        self._make = make
        self._plan: Plan | None = None
        self._ticked: frozenset[Tick] = frozenset()
        self._notices: tuple[str, ...] = ()
        self._is_making = self._is_executing = False
        self._made_at = float("-inf")
        self._refused = ""
        """Why the plan before this one was not executed."""
        self._known_out: frozenset[Out] = frozenset()

    # --- building

    def fields(self) -> Iterator[Widget]:
        yield Input(id="author", compact=True)
        yield Input(id="typed", compact=True)

    def buttons(self) -> Iterator[Button]:
        yield Button("Cancel", id="cancel", compact=True)
        yield Button("…", id="go", variant="primary", compact=True, disabled=True)

    def begin(self) -> None:
        self.set_title("Plan")
        for field in self.query(Input):
            field.display = False
        self.put(lambda _width: [Line(Text("Making the plan …", "busy"))])
        self._ask_for_plan()

    # --- the plan

    def _ask_for_plan(self) -> None:
        self._is_making = True
        self._made_at = self.seat.options.ticks()
        self.seat.ask(self, self._make(), self._take, self._no_plan)

    def _take(self, plan: Plan) -> None:
        self._is_making = False
        before, self._plan = self._plan, plan
        self._known_out = _out_unseen(plan, self.seat.newest())
        is_same = before is not None and says_the_same(before, plan)
        if is_same and not self._refused:
            return
        self._ticked = ticks(plan) if before is None else _kept(self._ticked, before, plan)
        self._notices = () if before is None else self._what_moved(before, plan, is_same=is_same)
        self._refused = ""
        if before is None:
            self.set_timer(DEAF_S, self._ask_for_words)
        elif not is_same:
            self._start_again()
        self.be_deaf()
        self._show()

    def _what_moved(self, before: Plan, after: Plan, *, is_same: bool) -> tuple[str, ...]:
        changes = [] if is_same else what_changed(before, after)
        told = MOVED
        if self._refused:
            told = sentences("Nothing was done", MOVED) if changes else f"Nothing was done: {self._refused}"
        return (sentences(told, SAME if is_same else REMADE), *changes)

    def _start_again(self) -> None:
        """What was typed was meant for another plan, and so was the hand on the button."""
        self.query_one("#typed", Input).value = ""
        if self.focused is self.query_one("#go"):
            self.query_one("#cancel", Button).focus()

    def _ask_for_words(self) -> None:
        """Who is told to type something just types it, unless there are fields to tick before.

        Enter goes on from there, and confirms nothing.
        """
        plan, field = self._plan, next((one for one in self.query(Input) if one.display), None)
        has_choice = plan is not None and any(can_be_ticked(one) for item in plan.items for one in item.fields)
        if field is not None and not has_choice and self.focused is self.query_one("#cancel"):
            field.focus()

    def _no_plan(self, error: BaseException) -> None:
        self._is_making = False
        self._plan = None
        self.query_one("#go").display = False
        self.set_title("No plan")
        told = words(("✗ ", "bad"), plain(told_of(error)))
        self.put(lambda width: [Line(one) for one in wrap(told, width, 2)])

    def _show(self) -> None:
        plan = self._plan
        if plan is None:
            return
        self.set_title(title(plan))
        self.set_class(bool(plan.prunes), "-destructive")
        now = self.seat.now()
        self.put(lambda width: _walkable(self._noticed(width) + plan_lines(plan, self._ticked, width, now)))
        author, typed = self.query_one("#author", Input), self.query_one("#typed", Input)
        author.display = plan.revert is not None and not plan.revert.author
        typed.display = bool(plan.must_type) and not plan.blockers
        phrase = clean(plan.must_type)
        self.hint(typed, f"type here: {phrase}", f"type {phrase}", phrase)
        self.hint(author, "Git author: Name <email>", "Name <email>")
        self._show_button(plan)

    def _noticed(self, width: int) -> list[Line]:
        """What happened to the plan before: the first sentence is marked, what it is about stands under it."""
        marks = ["↻ ", *("  " for _ in self._notices[1:])]
        told = [plain(mark + notice, "warn") for mark, notice in zip(marks, self._notices, strict=False)]
        return [Line(one) for text in told for one in wrap(text, width, 2)]

    def _show_button(self, plan: Plan) -> None:
        button = self.query_one("#go", Button)
        button.label = Text(verb(plan, self._ticked))
        button.refresh(layout=True)  # a longer label alone does not widen it
        button.variant = "error" if plan.prunes else "primary"
        button.disabled = bool(self._why_not(plan))
        button.tooltip = self._why_not(plan) or None

    def _why_not(self, plan: Plan) -> str:
        """What is still missing before it can be confirmed, or empty."""
        if plan.blockers:
            return clean(plan.blockers[0])
        if not plan.changes and plan.revert is None and not plan.asks_argocd:
            return "Nothing to do"
        if plan.must_type and text_of(self.query_one("#typed", Input)) != plan.must_type:
            return f"First type exactly: {clean(plan.must_type)}"
        needs_author = plan.revert is not None and not plan.revert.author
        if needs_author and not _is_author(text_of(self.query_one("#author", Input))):
            return "Give the Git author as Name <email>"
        return "It is being done" if self._is_executing else ""

    # --- answers

    def on_input_changed(self) -> None:
        if self._plan is not None:
            self._show_button(self._plan)

    def on_input_submitted(self) -> None:
        """Enter in a field goes on to the next thing; it never confirms."""
        self.app.action_focus_next()

    def action_select(self) -> None:
        key = self.listing.cursor_key
        if self._plan is not None and isinstance(key, tuple):
            _, resource, text = key
            self._toggle(resource, text)

    def _toggle(self, resource: ResourceKey, text: str) -> None:
        self._ticked ^= {(resource, text)}
        self._show()

    def on_lines_opened(self) -> None:
        self.action_select()

    def answer(self, button: str) -> None:
        if button != "go" or self._plan is None:
            self.dismiss(None)
        elif not self._why_not(self._plan):
            self._execute(self._plan)

    def _execute(self, plan: Plan) -> None:
        self._is_executing = True
        self._show_button(plan)
        doing = {PlanKind.REVERT: "pushing …", PlanKind.SYNC: "asking Git once more, then starting …"}
        self._notices = (doing.get(plan.kind, "starting …"),)
        self._show()
        self.seat.ask(self, self.seat.core.execute(plan, self._approval(plan)), self._done, self._failed)

    def _approval(self, plan: Plan) -> Approval:
        first = ticks(plan)
        return Approval(
            typed=text_of(self.query_one("#typed", Input)),
            unticked=first - self._ticked,
            ticked=self._ticked - first,
            author=text_of(self.query_one("#author", Input)),
        )

    def _done(self, outcome: Outcome) -> None:
        if self._plan is not None:
            self.seat.await_end(self._plan.apps, outcome.started_at)
        if outcome.ok and not outcome.link:
            self.seat.tell(outcome.text)
            self.dismiss(outcome)
        else:
            self._show_outcome(outcome)

    def _show_outcome(self, outcome: Outcome) -> None:
        """What needs reading stays until it is closed: a failure, or a link."""
        self._plan = None
        mark = ("✓ ", "ok") if outcome.ok else ("✗ ", "bad")
        told = [words(mark, plain(outcome.text)), plain(outcome.hint, "muted"), plain(outcome.link, "link")]
        self.put(lambda width: [Line(one) for text in told if text.plain for one in wrap(text, width, 2)])
        for field in self.query(Input):
            field.display = False
        self.query_one("#go").display = False
        cancel = self.query_one("#cancel", Button)
        cancel.label = "Close"
        cancel.focus()

    def _failed(self, error: BaseException) -> None:
        self._is_executing = False
        if isinstance(error, StalePlanError):
            self.query_one("#cancel", Button).focus()
            self._force_remake(error)
            return
        self._show_outcome(Outcome(ok=False, text=told_of(error)))

    def _force_remake(self, error: StalePlanError) -> None:
        self._refused = error.message
        self._notices = (sentences("Nothing was done", MOVED, REMAKING),)
        self._show()
        self._ask_for_plan()
        self.be_deaf()

    # --- the world moves

    def draw(self) -> None:
        plan = self._plan
        if plan is None or self._is_making or self._is_executing or not self._has_moved(plan):
            return
        if self.seat.options.ticks() - self._made_at >= REMAKE_S:
            self._ask_for_plan()

    def _has_moved(self, plan: Plan) -> bool:
        snapshot = self.seat.newest()
        return _have_pins_moved(plan, snapshot) or not _out_unseen(plan, snapshot) <= self._known_out


def _walkable(lines: list[Line]) -> list[Line]:
    """The cursor goes over every line, so that a long plan is read from its top."""
    return [line if line.key is not None else Line(line.text, row) for row, line in enumerate(lines)]


def _have_pins_moved(plan: Plan, snapshot: Snapshot) -> bool:
    """Whether a commit or a resourceVersion that the plan is pinned to is another one now."""
    for key in plan.apps:
        view = snapshot.find(key)
        if view is None:
            continue
        if plan.kind in OF_BRANCHES and view.commits and view.commits != plan.revisions.get(key, view.commits):
            return True
        for resource in view.resources:
            pinned = plan.resource_versions.get((key, resource.key))
            if pinned and resource.resource_version and pinned != resource.resource_version:
                return True
    return False


def _out_unseen(plan: Plan, snapshot: Snapshot) -> frozenset[Out]:
    """Objects that a sync leaves as they are, as its plan says, and that are OutOfSync all the same."""
    if plan.kind is not PlanKind.SYNC:
        return frozenset()
    views = (view for key in plan.apps if (view := snapshot.find(key)) is not None)
    out = {(view.key, one.key) for view in views for one in view.resources if one.sync is SyncStatus.OUT_OF_SYNC}
    return frozenset(out & {(item.app, item.key) for item in plan.items if item.action is ItemAction.UNCHANGED})


def _kept(ticked: frozenset[Tick], before: Plan, after: Plan) -> frozenset[Tick]:
    """A choice that was made stays made; a field that is new comes as the plan ticks it."""
    known = {(item.key, field.text) for item in before.items for field in item.fields}
    there = {(item.key, field.text) for item in after.items for field in item.fields}
    return frozenset((ticked & there) | {one for one in ticks(after) if one not in known})


def _is_author(text: str) -> bool:
    name, _, rest = text.partition("<")
    return bool(name.strip()) and "@" in rest and rest.endswith(">")
