"""The main screen: the list of applications, and what is with the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Input

from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, Snapshot
from gitops_tui.tui.acts import busy
from gitops_tui.tui.draw.application import Columns, application_row, heading
from gitops_tui.tui.draw.empty import empty_lines
from gitops_tui.tui.draw.rows import join, spread, words
from gitops_tui.tui.draw.summary import summary
from gitops_tui.tui.filter import FIELDS, matching, negated, no_fields
from gitops_tui.tui.order import by_trouble, standing
from gitops_tui.tui.screens.frame import Frame
from gitops_tui.tui.seat import Subject
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.widgets.lines import Lines, Listing, entitle
from gitops_tui.tui.widgets.oneline import Drawing, OneLine, Spot
from gitops_tui.tui.widgets.panes import HISTORY, NAMES, STATUS, TREE, Panes
from gitops_tui.tui.words import count

MOST_FORGOTTEN = 200
"""Drawn rows of applications that are gone or filtered out, before they are dropped."""


NOTHING_TO_SELECT = "Several applications are selected in the list (esc), several commits in History (3)"


class MainScreen(Frame):
    """Applications by trouble. The cursor is on a uid; the order stands still under a moving hand."""

    IDLE: ClassVar[frozenset[str]] = frozenset()
    UNSHOWN: ClassVar[frozenset[str]] = frozenset({"back"})

    def __init__(self) -> None:
        super().__init__()
        self.frame = Vertical(id="applications", classes="pane")
        self.heading = OneLine(id="heading")
        self.rows = Lines(id="list")
        self.empty = Listing(id="empty", has_cursor=False)
        self.tabs = OneLine(id="tabs")
        self.panes = Panes(id="panes")
        self.filter = Input(id="filter", placeholder=f"text !text {FIELDS}", compact=True)
        self._views: list[AppView] = []
        self._order: list[str] = []
        self._drawn: dict[str, tuple[AppView, tuple[Columns, datetime], Text]] = {}
        self._is_drawing_due = False
        self._is_settled = False
        self._are_panes_entered = False
        self._trouble_only = False

    def body(self) -> Iterator[Widget]:
        with Container(id="main"):
            with self.frame:
                yield self.heading
                yield self.rows
                yield self.empty
            yield self.tabs
            yield self.panes
        yield self.filter

    def begin(self) -> None:
        self.panes.choose(STATUS)
        self.rows.focus()

    def lines(self) -> Lines:
        return self.focused if isinstance(self.focused, Lines) else self.rows

    # --- drawing

    def paint(self) -> None:
        snapshot = self.seat.newest()
        self._arrange(snapshot)
        self._draw_list(snapshot)
        self._draw_application()

    def _arrange(self, snapshot: Snapshot) -> None:
        stands_still = self.seat.is_hand_moving or self.app.screen is not self
        ordered = standing(snapshot.apps, self._order) if stands_still else by_trouble(snapshot.apps)
        self._order = [app.uid for app in ordered]
        self._views = matching(ordered, self.filter.value, trouble_only=self._trouble_only)

    def _draw_list(self, snapshot: Snapshot) -> None:
        views, now = self._views, self.seat.now()
        longest = max((len(view.app.name) for view in views), default=12)
        self.heading.put(lambda width: self._heading(Columns.for_width(self.rows.text_width, longest), width))
        self._start_at_the_worst(snapshot)
        self.rows.show(
            (view.uid for view in views),
            lambda row, width: self._row(views[row], Columns.for_width(width, longest), now),
        )
        entitle(self.frame, self._list_title())
        self.empty.display = not views
        self.rows.display = self.heading.display = bool(views)
        self.empty.put(
            lambda width: empty_lines(snapshot, self.filter.value.strip(), width, trouble_only=self._trouble_only)
        )

    def _heading(self, columns: Columns, width: int) -> Text:
        """The columns' names; where the list has no frame, what it leaves out or has selected as well."""
        made, note = words(" ", heading(columns)), Text() if self.has_class("-wide") else self._list_note()
        made.rstrip()
        return spread(made, words(note, " "), width) if note.plain else made

    def _start_at_the_worst(self, snapshot: Snapshot) -> None:
        """Until everything was compared once, an untouched cursor follows the top; from then on it stays put."""
        if self._is_settled or self.seat.was_touched or not self._views:
            return
        self.rows.start_at(self._views[0].uid)
        self._is_settled = not snapshot.is_loading and not any(app.is_loading for app in snapshot.apps)

    def _row(self, view: AppView, columns: Columns, now: datetime) -> Text:
        """A row is drawn once a second at most, unless its application is another value."""
        stamp = (columns, now.replace(microsecond=0))
        known = self._drawn.get(view.uid)
        if len(self._drawn) > 2 * len(self._views) + MOST_FORGOTTEN:
            self._drawn.clear()
        if known is None or known[0] is not view or known[1] != stamp:
            known = self._drawn[view.uid] = (view, stamp, application_row(view, columns, now))
        return known[2]

    def _filter_words(self) -> str:
        """``in trouble, !billing``: what the list is cut down to, or empty."""
        return ", ".join(filter(None, ["in trouble" if self._trouble_only else "", self.filter.value.strip()]))

    def _list_title(self) -> Text:
        note = self._list_note()
        return words("Applications", " " if note.plain else "", note)

    def _list_note(self) -> Text:
        """``no field bogus: · 3 of 42 !billing · 2 selected · 1 unreadable (W)``"""
        snapshot, told = self.seat.newest(), self._filter_words()
        shown = words(f"{len(self._views)} of {len(snapshot.apps)} ", (clean(told), "key")) if told else Text()
        typed = self.filter.value
        unknown = no_fields(typed if not self._views else " ".join(negated(typed)))
        wrong = Text(f"no field {clean(unknown[0])}:" if unknown else "", "warn")
        chosen = Text(f"{len(self.rows.chosen)} selected" if self.rows.chosen else "", "key")
        problems = Text(f"{len(snapshot.problems)} unreadable (W)" if snapshot.problems else "", "bad")
        return join([wrong, shown, chosen, problems])

    def _draw_application(self) -> None:
        self.panes.draw(self.application())
        self._draw_tabs()

    def _draw_tabs(self) -> None:
        app = self.application()
        self.tabs.put(lambda width: _tabs(self.panes.current, app, width))

    # --- what it is about

    @property
    def subject(self) -> Subject | None:
        view = self.application()
        return None if view is None else Subject(view.key, self._object())

    def _object(self) -> ResourceKey | None:
        return self.panes.object_meant()

    def application(self) -> AppView | None:
        uid = self.rows.cursor_key
        return next((view for view in self._views if view.uid == uid), None)

    def go_to(self, uid: str) -> None:
        """Put the cursor on an application, showing it even where the filter hid it."""
        if uid not in self.rows.keys:
            self._trouble_only, self.filter.value = False, ""
            self.paint()
        self.rows.move_to(uid)

    def on_lines_moved(self, event: Lines.Moved) -> None:
        if event.lines is self.rows and not self._is_drawing_due:
            self._is_drawing_due = True
            self.call_after_refresh(self._catch_up)

    def on_lines_opened(self, event: Lines.Opened) -> None:
        if event.lines is self.rows:
            self.action_open()
        else:
            self._open_pane(event.lines)

    def _catch_up(self) -> None:
        """The cursor is painted first; the panes follow, once for however many rows it ran over."""
        self._is_drawing_due = False
        self._draw_application()
        self.refresh_bindings()

    def on_panes_changed(self) -> None:
        self._draw_tabs()

    def resized(self) -> None:
        self._place(in_panes=self._are_panes_entered)
        self.panes.refresh_questions()

    # --- moving between list and panes

    @property
    def is_in_panes(self) -> bool:
        return self.panes in (self.focused.ancestors if self.focused else ())

    def action_open(self) -> None:
        if self.focused is self.rows or not isinstance(self.focused, Lines):
            self._enter_panes()
        else:
            self._open_pane(self.focused)

    def _open_pane(self, lines: Lines) -> None:
        """Into the object's diff, the commit's patch, or the tree's object."""
        if lines is self.panes.pane(HISTORY):
            self._show_commit()
        elif lines is self.panes.pane(TREE):
            self.action_manifest()
        else:
            self.action_diff()

    def _show_commit(self) -> None:
        from gitops_tui.tui.screens.patch import PatchScreen

        subject, commits = self.subject, self.panes.commits_meant()
        if subject is not None and commits:
            self.app.push_screen(PatchScreen(subject, str(self.panes.pane(HISTORY).cursor_key)))

    def action_back(self) -> None:
        if self.filter.has_focus or (self._filter_words() and not self.is_in_panes):
            self._end_filter()
        elif self.rows.chosen and not self.is_in_panes:
            self.rows.choose(())
        self._leave_panes()
        self.paint()

    def _enter_panes(self) -> None:
        self._place(in_panes=True)
        self.panes.pane(self.panes.current).focus()

    def _leave_panes(self) -> None:
        self._place(in_panes=False)
        self.rows.focus()

    def _place(self, *, in_panes: bool) -> None:
        """The class is set where one place hides the other only: it makes Textual style the whole screen anew."""
        self._are_panes_entered = in_panes
        self.set_class(in_panes and self.has_class("-tiny"), "-in-panes")

    def action_pane(self, number: int) -> None:
        self.panes.choose(number)
        self._enter_panes()

    def action_next_pane(self, step: int) -> None:
        places = [0, *NAMES]
        here = self.panes.current if self.is_in_panes else 0
        there = places[(here + step) % len(places)]
        if there:
            self.action_pane(there)
        else:
            self._leave_panes()

    # --- finding

    def action_filter(self) -> None:
        self.filter.display = True
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input is self.filter:
            self.paint()

    def on_input_submitted(self) -> None:
        self.filter.display = bool(self.filter.value.strip())
        self.rows.focus()

    def _end_filter(self) -> None:
        self._trouble_only = False
        self.filter.value = ""
        self.filter.display = False

    def action_trouble(self) -> None:
        """It may take the application of the panes off the list: the focus is in the list, where that is seen."""
        self._trouble_only = not self._trouble_only
        self._leave_panes()
        self.paint()

    def action_select(self) -> None:
        lines = self.lines()
        lines.toggle_chosen()
        lines.move_by(1)
        self.paint()

    # --- acting

    def chosen_apps(self) -> tuple[AppKey, ...]:
        """The selected applications, those that a filter hides included."""
        chosen = self.rows.chosen
        return tuple(app.key for app in self.seat.newest().apps if app.uid in chosen) if chosen else ()

    def why_not(self, action: str) -> str:
        """A selection is synced as a whole; everything else that writes is about one application."""
        if action == "select":
            return "" if self.lines() in (self.rows, self.panes.pane(HISTORY)) else NOTHING_TO_SELECT
        chosen = self.chosen_apps() if action in ("sync", "heal", "revert", "rollback") else ()
        if not chosen or self.seat.refusal():
            return super().why_not(action)
        if action != "sync":
            return f"{count(len(chosen), 'application')} selected, and this is one at a time: esc clears the selection"
        views = (self.seat.newest().find(key) for key in chosen)
        stopped = ((view, busy(view)) for view in views if view is not None)
        return next((f"{view.app.name}: {reason}" for view, reason in stopped if reason), "")

    def action_sync(self) -> None:
        self.acts.sync(self.chosen_apps())

    def action_revert(self) -> None:
        """The commit under History's cursor; where History is not on the screen, it is shown first."""
        if self.panes.is_shown(HISTORY):
            self.acts.revert(self.panes.commits_meant())
        else:
            self.action_pane(HISTORY)
            self.seat.tell("Choose the commit to revert (space selects several), then press v again")

    def action_rollback(self) -> None:
        """The deployed commit under History's cursor; where History is not on the screen, it is shown first."""
        if not self.panes.is_shown(HISTORY):
            self.action_pane(HISTORY)
        self.acts.rollback(self.panes.entry_meant())

    def action_refresh(self) -> None:
        self.panes.ask_again()
        super().action_refresh()

    def action_copy(self) -> None:
        app = self.application()
        if self.focused is self.panes.pane(HISTORY) and self.panes.commits_meant():
            self.seat.copy("\n".join(self.panes.commits_meant()), "the commit")
        elif app is not None:
            self.seat.copy(summary(app, self.seat.now()), f"what is with {clean(app.app.name)}")


def _tabs(current: int, app: AppView | None, width: int) -> Drawing:
    """``── 1 Status ── 2 Diff ── 3 History ── 4 Tree ──── auth-service ──``"""
    text, spots = Text("─", "frame", no_wrap=True, end=""), list[Spot]()
    for number, name in NAMES.items():
        text.append("─ ", "frame")
        start = text.cell_len
        text.append(f"{number} {name}" if width >= 56 or number == current else str(number))
        text.stylize("tab" if number == current else "muted", start)
        spots.append(Spot(start, text.cell_len, str(number), f"Show {name}"))
        text.append(" ")
    about = plain(app.app.name if app else "", "strong")
    about.truncate(max(0, width - text.cell_len - 6), overflow="ellipsis")
    text.append("─" * max(0, width - text.cell_len - about.cell_len - 4), "frame")
    return Drawing(words(text, " ", about, (" ──", "frame")), tuple(spots))
