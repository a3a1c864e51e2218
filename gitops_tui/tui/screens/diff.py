"""The diff, full screen: every object of the application that differs, hunk by hunk, with its writers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import ResourceDetail, ResourceView
from gitops_tui.model.status import DriftKind, SyncStatus
from gitops_tui.tui.bindings import bindings
from gitops_tui.tui.draw.diff import Look, diff_lines, stops
from gitops_tui.tui.draw.rows import Line, words
from gitops_tui.tui.screens.view import View
from gitops_tui.tui.seat import Subject
from gitops_tui.tui.text import plain

MOST = 40
"""Objects that are asked for at once; the rest is a line that says so."""


class DiffScreen(View):
    """``d`` again: side by side. ``n N`` hunks, ``z`` the whole object, ``m`` who changed it."""

    NAME = "Diff"
    PANS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(("next_hunk", "previous_hunk", "fold", "attribution")),
    ]

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._look = Look()
        self._details: dict[ResourceKey, ResourceDetail | BaseException] = {}
        self._asked: dict[ResourceKey, tuple[tuple[str, ...], str, int]] = {}

    # --- what is asked for

    def paint(self) -> None:
        side = "side by side" if self._look.side_by_side else "unified"
        app = self.application()
        does_it = "heal" if app is None or app.is_at_deployed else "sync"  # a heal deploys no commit that waits
        self.name_frame(plain(self.about.app.name), (f" · {side} · − cluster now  + after a {does_it}", "muted"))
        self._ask()
        self._draw()

    def _objects(self) -> list[ResourceView]:
        """The object that is meant first, then all others that differ."""
        app = self.application()
        if app is None:
            return []
        meant = [one for one in app.resources if one.key == self.about.resource]
        return meant + [one for one in app.resources if _differs(one) and one not in meant]

    def _ask(self) -> None:
        app = self.application()
        if app is None:
            return
        for one in self._objects()[:MOST]:
            version = (app.commits, one.resource_version, len(one.drift))
            if self._asked.get(one.key) != version:
                self._asked[one.key] = version
                self._ask_for(one.key)

    def _ask_for(self, key: ResourceKey) -> None:
        def take(detail: ResourceDetail | BaseException) -> None:
            self._details[key] = detail
            self._draw()

        self.seat.ask(self, self.seat.core.detail(self.about.app, key), take, take)

    # --- drawing

    def _draw(self) -> None:
        objects, details, look, now = self._objects(), dict(self._details), self._look, self.seat.now()

        def build(width: int) -> list[Line]:
            lines: list[Line] = []
            for one in objects[:MOST]:
                lines += _object(one, details.get(one.key))
                found = details.get(one.key)
                if isinstance(found, ResourceDetail):
                    lines += diff_lines(found, width, now, look)
                lines.append(Line(plain("")))
            if len(objects) > MOST:
                lines.append(Line(plain(f"{len(objects) - MOST} more objects differ: o lists them", "warn")))
            return lines or [Line(plain("Nothing differs: the cluster is as in Git.", "ok"))]

        self.listing.put(build)

    # --- keys

    def action_diff(self) -> None:
        self._look = self._look.turned()
        self.paint()

    def action_fold(self) -> None:
        self._look = self._look.folded()
        self.paint()

    def action_attribution(self) -> None:
        self._look = self._look.attributed()
        self.paint()

    def action_hunk(self, step: int) -> None:
        """Scroll the next hunk's first line to the top."""
        starts = stops(self.listing.lines, self._look)
        top = self.listing.scroll_offset.y
        ahead = [row for row in starts if (row > top if step > 0 else row < top)]
        if ahead:
            self.listing.scroll_to(y=ahead[0] if step > 0 else ahead[-1], animate=False)


def _object(one: ResourceView, found: ResourceDetail | BaseException | None) -> list[Line]:
    where = f"  {one.file}:{one.line}" if one.file and one.line else f"  {one.file}" if one.file else ""
    head = words(plain(one.key.short, "heading"), plain(where, "muted"))
    if isinstance(found, BaseException):
        return [Line(head), Line(plain(found, "bad"))]
    return [Line(head)] if found else [Line(head), Line(plain("comparing …", "muted"))]


def _differs(one: ResourceView) -> bool:
    return one.sync is SyncStatus.OUT_OF_SYNC or any(drift.kind is not DriftKind.NOTE for drift in one.drift)
