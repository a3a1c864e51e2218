"""One commit as ``git show`` prints it."""

from __future__ import annotations

from typing import ClassVar

from gitops_tui.tui.draw.plan import patch_line
from gitops_tui.tui.draw.rows import Line
from gitops_tui.tui.latest import Latest
from gitops_tui.tui.screens.view import View
from gitops_tui.tui.seat import Subject
from gitops_tui.tui.text import plain


class PatchScreen(View):
    """``v`` reverts this commit: the same plan and question as in History."""

    NAME = "Commit"
    PANS: ClassVar[bool] = True

    def __init__(self, subject: Subject, sha: str) -> None:
        super().__init__(subject)
        self._sha = sha
        self._patch: Latest[str] = Latest(self, self._draw_patch, is_patient=False)

    def paint(self) -> None:
        self.name_frame((self._sha[:7], "name"), " · ", plain(self.about.app.name))
        self._patch.want((self._sha,), lambda: self.seat.core.commit_patch(self.about.app, self._sha))
        if self._patch.is_waiting:
            self.say("reading the commit …")

    def _draw_patch(self) -> None:
        if self._patch.answer is None:
            self.say(str(self._patch.error), "bad")
            return
        made = [Line(patch_line(line)) for line in self._patch.answer.splitlines()]
        self.listing.put(lambda _width: made)

    def action_revert(self) -> None:
        self.acts.revert((self._sha,))
