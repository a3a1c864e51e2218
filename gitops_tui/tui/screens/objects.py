"""Objects and what they own, down to pods, with the health of each."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import TreeNode
from gitops_tui.tui.bindings import bindings
from gitops_tui.tui.draw.tree import tree_lines
from gitops_tui.tui.latest import Latest
from gitops_tui.tui.screens.view import View
from gitops_tui.tui.seat import Subject
from gitops_tui.tui.text import plain

EVERY_S = 1.0
"""Pods move without the application's view moving, so the tree is asked for again while it is looked at."""


class ObjectsScreen(View):
    """``z`` folds what is under the cursor; ``y e l d`` are about it."""

    NAME = "Objects"
    HAS_CURSOR: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("fold",))]

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._tree: Latest[tuple[TreeNode, ...]] = Latest(self, self._draw, is_patient=False)
        self._folded: frozenset[ResourceKey] = frozenset()
        self._asked_at = float("-inf")
        self._has_begun = False

    def subject_text(self) -> Text:
        """All objects of the application stand here; which one is meant, the cursor says."""
        return plain(self.about.app.name)

    @property
    def subject(self) -> Subject:
        key = self.listing.cursor_key
        return Subject(self.about.app, key if isinstance(key, ResourceKey) else None)

    def paint(self) -> None:
        super().paint()
        now_s = self.seat.options.ticks()
        if now_s - self._asked_at >= EVERY_S:
            self._asked_at = now_s
            self._tree.want((self.about.app, now_s), lambda: self.seat.core.tree(self.about.app))
        self._draw()

    def _draw(self) -> None:
        answer, now = self._tree.answer, self.seat.now()
        if answer is not None:
            if not self._has_begun and self.about.resource is not None:
                self.listing.start_at(self.about.resource)
            self._has_begun = True
            self.listing.put(lambda width: tree_lines(answer, self._folded, width, now))
        elif self._tree.error is not None:
            self.say(str(self._tree.error), "bad")
        else:
            self.say("looking for owned objects …")

    def action_fold(self) -> None:
        key = self.listing.cursor_key
        if isinstance(key, ResourceKey):
            self._folded ^= {key}
            self._draw()

    def action_open(self) -> None:
        self.action_manifest()

    def on_lines_opened(self) -> None:
        self.action_open()
