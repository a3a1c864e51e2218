"""Status, Diff, History and Tree of the application under the cursor.

All at once where there is room (History and Tree share a place), else the one that was chosen.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, CommitView, ResourceDetail, ResourceView, TreeNode
from gitops_tui.model.status import DriftKind
from gitops_tui.tui.draw.diff import diff_lines, diff_title
from gitops_tui.tui.draw.history import history_lines
from gitops_tui.tui.draw.history import title as history_title
from gitops_tui.tui.draw.rows import Line, words
from gitops_tui.tui.draw.status import most_urgent, status_lines
from gitops_tui.tui.draw.status import title as status_title
from gitops_tui.tui.draw.tree import tree_lines
from gitops_tui.tui.latest import Latest
from gitops_tui.tui.seat import Seat
from gitops_tui.tui.text import plain
from gitops_tui.tui.widgets.lines import Lines, Listing, entitle

STATUS, DIFF, HISTORY, TREE = 1, 2, 3, 4
NAMES = {STATUS: "Status", DIFF: "Diff", HISTORY: "History", TREE: "Tree"}


class Panes(Vertical):
    """Draws one application; which pane is `current` decides what a narrow screen shows."""

    class Changed(Message):
        """Another pane is current."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.current = STATUS
        self._panes = {
            STATUS: Listing(id="status", classes="pane"),
            DIFF: Listing(id="diff", classes="pane", has_cursor=False, pans=True),
            HISTORY: Listing(id="history", classes="pane"),
            TREE: Listing(id="tree", classes="pane"),
        }
        self._app_view: AppView | None = None
        self._drawn_at: datetime | None = None
        self._detail: Latest[ResourceDetail] = Latest(self, self._draw_diff)
        self._commits: Latest[tuple[CommitView, ...]] = Latest(self, self._draw_history)
        self._tree: Latest[tuple[TreeNode, ...]] = Latest(self, self._draw_tree)

    def compose(self) -> ComposeResult:
        yield from self._panes.values()

    @property
    def seat(self) -> Seat:
        return cast(Seat, self.app)

    def pane(self, number: int) -> Listing:
        return self._panes[number]

    # --- which one

    def choose(self, number: int) -> None:
        """Make a pane current; it shares the screen or has it, as the style sheet says."""
        self.current = number
        for other in NAMES:
            self.pane(other).set_class(other == number, "-current")
        self.set_class(number == TREE, "-tree")
        self.call_after_refresh(self.refresh_questions)
        self.post_message(self.Changed())

    def is_shown(self, number: int) -> bool:
        return self.pane(number).display and self.pane(number).size.height > 0

    # --- what it shows

    def draw(self, app: AppView | None) -> None:
        """Draw this application; called with every snapshot and as time passes."""
        before, self._app_view = self._app_view, app
        now = self.seat.now()
        if before is app and self._drawn_at == now.replace(microsecond=0):
            self.refresh_questions()
            return
        self._drawn_at = now.replace(microsecond=0)
        status = self.pane(STATUS)
        entitle(status, words("1 ", status_title(app)))
        status.put(lambda width: status_lines(app, width, now) if app else _nobody())
        if before is not None and app is not None and before.uid != app.uid:
            self._new_application()
        self.refresh_questions()
        self._draw_diff()
        self._draw_history()
        self._draw_tree()

    def _new_application(self) -> None:
        """Start at the top: the cursor of another application's objects means nothing here."""
        status = self.pane(STATUS)
        first = next((line.key for line in status.lines if line.key is not None), None)
        status.move_to(first)
        for pane in (STATUS, DIFF, HISTORY, TREE):
            self.pane(pane).scroll_to(y=0, x=0, animate=False)
        self.pane(HISTORY).choose(())

    @property
    def resource(self) -> ResourceView | None:
        """The object under the status pane's cursor; where that was never shown, the one in most trouble."""
        if self._app_view is None:
            return None
        key, resources = self.pane(STATUS).cursor_key, self._app_view.resources
        return next((one for one in resources if one.key == key), None) or most_urgent(resources)

    def commits_meant(self) -> tuple[str, ...]:
        """The chosen commits, newest first, else the one under the cursor."""
        history = self.pane(HISTORY)
        chosen = tuple(str(key) for key in history.keys if key in history.chosen)
        here = history.cursor_key
        return chosen or ((str(here),) if here is not None else ())

    def entry_meant(self) -> int | None:
        """The entry of the history that deployed the commit under the cursor, or None where none did."""
        here = self.pane(HISTORY).cursor_key
        return next((one.entry for one in self._commits.answer or () if one.commit.sha == here), None)

    def refresh_questions(self) -> None:
        """Ask for what the visible panes need and do not have; of what is not compared yet there is no answer."""
        app, core = self._app_view, self.seat.core
        if app is None or app.is_loading:
            return
        resource = self.resource
        if self.is_shown(DIFF) and resource is not None:
            key = resource.key
            self._detail.want(_detail_version(app, resource), lambda: core.detail(app.key, key))
        if self.is_shown(HISTORY):
            version = (app.uid, app.revision, app.commits, app.history, app.sync)
            self._commits.want(version, lambda: core.commits(app.key))
        if self.is_shown(TREE):
            states = tuple((one.key, one.health, one.resource_version) for one in app.resources)
            self._tree.want((app.uid, states, app.conditions), lambda: core.tree(app.key))

    def ask_again(self) -> None:
        for question in (self._detail, self._commits, self._tree):
            question.forget()
        self.refresh_questions()

    # --- drawing each

    def _draw_diff(self) -> None:
        app, resource, pane = self._app_view, self.resource, self.pane(DIFF)
        entitle(pane, words("2 ", diff_title(resource.key if resource else None)))
        now = self.seat.now()
        if app is None or resource is None:
            pane.put(lambda _width: [Line(Text("No object is selected.", "muted"))])
        elif not self._detail.has_answer_for((app.uid, resource.key)):
            pane.put(lambda _width: [Line(Text("comparing …", "muted"))])
        elif self._detail.answer is None:
            error = self._detail.error
            pane.put(lambda _width: [Line(plain(error, "bad"))])
        else:
            detail = self._detail.answer
            pane.put(lambda width: diff_lines(detail, width, now))

    def _draw_history(self) -> None:
        app, pane = self._app_view, self.pane(HISTORY)
        entitle(pane, words("3 ", history_title(app)))
        pane.put(lambda width: self._history(app, width) if app else _nobody())

    def _history(self, app: AppView, width: int) -> list[Line]:
        if not self._commits.has_answer_for(app.uid):
            return [Line(Text("reading the log …", "muted"))]
        if self._commits.answer is None:
            return [Line(plain(self._commits.error, "bad"))]
        return history_lines(self._commits.answer, width, self.seat.now())

    def _draw_tree(self) -> None:
        app, pane = self._app_view, self.pane(TREE)
        entitle(pane, Text("4 Tree"))
        pane.put(lambda width: self._tree_lines(app, width) if app else _nobody())

    def _tree_lines(self, app: AppView, width: int) -> list[Line]:
        if not self._tree.has_answer_for(app.uid):
            return [Line(Text("looking for owned objects …", "muted"))]
        if self._tree.answer is None:
            return [Line(plain(self._tree.error, "bad"))]
        return tree_lines(self._tree.answer, frozenset(), width, self.seat.now())

    # --- the cursor moved

    def on_lines_moved(self, event: Lines.Moved) -> None:
        event.stop()
        if event.lines is self.pane(STATUS):
            self.refresh_questions()
            self._draw_diff()

    def object_meant(self) -> ResourceKey | None:
        """What `y`, `e` and `l` are about: the tree's cursor where it is shown, else the status pane's."""
        key = self.pane(TREE).cursor_key if self.current == TREE else None
        if isinstance(key, ResourceKey):
            return key
        return self.resource.key if self.resource else None


def _detail_version(app: AppView, resource: ResourceView) -> tuple[Hashable, ...]:
    drifted = tuple((one.text, one.kind is DriftKind.NOTE) for one in resource.drift)
    return ((app.uid, resource.key), app.commits, resource.resource_version, resource.sync, drifted)


def _nobody() -> list[Line]:
    return [Line(Text("No application is selected.", "muted"))]
