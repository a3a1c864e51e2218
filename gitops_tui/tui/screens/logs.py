"""Logs of all pods of a workload, as they come; the newest lines are kept, and older ones fall off the top."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from gitops_tui.model.core import LogStream
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import LogLine
from gitops_tui.tui.bindings import bindings
from gitops_tui.tui.draw.event import log_line
from gitops_tui.tui.draw.rows import Line
from gitops_tui.tui.draw.status import by_urgency
from gitops_tui.tui.screens.view import View
from gitops_tui.tui.seat import Subject

KEPT = 5000
"""Lines; a pod that writes without end must not fill this process."""
APART_S = 0.15
"""Between two drawings of a log that grows."""
WITH_LOGS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod")


class LogsScreen(View):
    """``f`` follows, ``P`` is the container before its restart, ``/`` filters."""

    NAME = "Logs"
    PANS: ClassVar[bool] = True
    CAN_FILTER: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("follow", "previous_log"))]
    UNSHOWN: ClassVar[frozenset[str]] = frozenset({"sync", "heal", "revert"})

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._kept: deque[LogLine] = deque(maxlen=KEPT)
        self._stream: LogStream | None = None
        self._follows, self._previous = True, False
        self._generation = 0
        self._drawn_at = float("-inf")
        self._is_drawing_due = False

    def begin(self) -> None:
        super().begin()
        self._open()

    def on_unmount(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _open(self) -> None:
        self._close()
        self._kept.clear()
        self._generation += 1
        key, generation = self._writer(), self._generation
        if key is None:
            self.say("Choose a workload or a pod, in Status (1) or in Objects (o): only they write logs.")
            return

        def on_lines(lines: Sequence[LogLine]) -> None:
            """On a thread of the core."""
            self.seat.bridge.call(self, lambda: self._take(generation, tuple(lines)))

        core = self.seat.core
        self._stream = core.logs(self.about.app, key, on_lines, follow=True, previous=self._previous)
        self._draw()

    def _writer(self) -> ResourceKey | None:
        """The object that is meant, if it writes logs, else the application's workload in most trouble."""
        app, meant = self.application(), self.about.resource
        objects = [meant] if meant else []
        objects += [one.key for one in by_urgency(app)] if app else []
        found = next((key for key in objects if key.kind in WITH_LOGS), None)
        self.about = Subject(self.about.app, found or meant)
        return found

    def _take(self, generation: int, lines: tuple[LogLine, ...]) -> None:
        if generation == self._generation:
            self._kept.extend(lines)
            self._draw_soon()

    def _draw_soon(self) -> None:
        """At once after a pause, else together with what comes until then: a pod may write without end."""
        if self._is_drawing_due:
            return
        wait = self._drawn_at + APART_S - self.seat.options.ticks()
        if wait <= 0:
            self._draw()
        else:
            self._is_drawing_due = True
            self.set_timer(wait, self._draw)

    def paint(self) -> None:
        state = (
            "before the restart" if self._previous else "following" if self._follows else "standing still (f follows)"
        )
        self.name_frame(self.subject_text(), (f" · {state}", "muted"))

    def _draw(self) -> None:
        self._is_drawing_due = False
        self._drawn_at = self.seat.options.ticks()
        needle = self.filter.value.casefold()
        shown = [one for one in self._kept if needle in one.text.casefold()]
        if not shown:
            self.say("no lines yet …" if not self._kept else "no line matches")
            return
        with_pod = len({(one.pod, one.container) for one in self._kept}) > 1
        made = [Line(log_line(one, with_pod=with_pod)) for one in shown]
        self.listing.put(lambda _width: made)
        if self._follows:
            self.call_after_refresh(self.listing.scroll_to, y=len(made), animate=False)

    def filtered(self) -> None:
        self._draw()

    def resized(self) -> None:
        self._draw()

    # --- keys

    def action_follow(self) -> None:
        self._follows = not self._follows
        self.paint()
        self._draw()

    def action_previous_log(self) -> None:
        self._previous = not self._previous
        self.paint()
        self._open()

    def action_move(self, rows: int) -> None:
        """Whoever moves wants to read: following ends."""
        self._follows = False
        super().action_move(rows)
        self.paint()

    def action_page(self, share: float) -> None:
        self._follows = False
        super().action_page(share)
        self.paint()

    def action_move_end(self, last: bool) -> None:
        self._follows = last
        super().action_move_end(last)
        self.paint()
