"""One object's manifest: live, target or predicted."""

from __future__ import annotations

from typing import ClassVar

from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import ResourceDetail
from gitops_tui.tui.draw.manifest import manifest_lines
from gitops_tui.tui.latest import Latest
from gitops_tui.tui.screens.view import View
from gitops_tui.tui.seat import Subject

FACES = {
    "live": "not in the cluster",
    "target": "not in Git",
    "predicted": "an apply would not make it",
}


class ManifestScreen(View):
    """``1 2 3`` and ``tab`` switch between what is, what Git says, and what would be."""

    NAME = "Manifest"
    PANS: ClassVar[bool] = True
    CAN_FILTER: ClassVar[bool] = True
    IDLE: ClassVar[frozenset[str]] = frozenset({"select", "trouble"})

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._face = "live"
        self._detail: Latest[ResourceDetail] = Latest(self, self._draw, is_patient=False)

    def paint(self) -> None:
        tabs = [
            (f" {number} {face} ", "tab" if face == self._face else "muted") for number, face in enumerate(FACES, 1)
        ]
        self.name_frame(*tabs, "· ", self.subject_text())
        app, key = self.application(), self.about.resource
        if key is None or app is None:
            self.say("No object is selected: choose one in Status (1) or in Objects (o).")
            return
        versions = {one.key: one.resource_version for one in app.resources}
        version = (key, app.commits, versions.get(key))
        self._detail.want(version, lambda: self.seat.core.detail(app.key, key))
        self._draw()

    def _draw(self) -> None:
        detail = self._detail.answer
        if detail is None:
            self.say(str(self._detail.error) if self._detail.error else "reading …")
            return
        found: Object | None = {"live": detail.live, "target": detail.target, "predicted": detail.predicted}[self._face]
        if found is None:
            self.say(f"{detail.key.short}: {FACES[self._face]}.")
            return
        needle = self.filter.value.casefold()
        made = manifest_lines(found, needle)
        self.listing.put(lambda _width: made)

    def action_pane(self, number: int) -> None:
        if number <= len(FACES):
            self._face = [*FACES][number - 1]
            self.paint()

    def action_next_pane(self, step: int) -> None:
        here = [*FACES].index(self._face)
        self.action_pane((here + step) % len(FACES) + 1)
