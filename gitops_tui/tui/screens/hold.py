"""Hold: pause automation for a while, with a reason that everybody sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct
from textual.widget import Widget
from textual.widgets import Button, Input

from gitops_tui.model.snapshot import AppView
from gitops_tui.tui.draw.rows import Line, words, wrap
from gitops_tui.tui.screens.question import Modal, text_of
from gitops_tui.tui.text import clean, plain

DURATIONS = {"30m": timedelta(minutes=30), "2h": timedelta(hours=2), "8h": timedelta(hours=8), "open": None}
LABELS = {"30m": "30 min", "2h": "2 hours", "8h": "8 hours", "open": "until released"}


class Wanted(Struct, frozen=True):
    """A hold as somebody asked for it; ``duration`` None: until it is released."""

    reason: str
    duration: timedelta | None


class HoldScreen(Modal):
    """Dismissed with what is `Wanted`, or None."""

    def __init__(self, app: AppView) -> None:
        super().__init__()
        self._view = app

    def fields(self) -> Iterator[Widget]:
        yield Input(id="reason", compact=True)

    def buttons(self) -> Iterator[Button]:
        yield Button("Cancel", id="cancel", compact=True)
        for name, label in LABELS.items():
            yield Button(label, id=f"for-{name}", variant="primary", compact=True, disabled=True)

    def begin(self) -> None:
        view = self._view
        self.set_title(f"Hold {clean(view.app.name)}")
        place = words(
            "cluster ", plain(view.cluster, "production"), ", namespace ", plain(view.app.destination.namespace)
        )
        told = (
            "No automatic sync, prune or self-heal until it ends or p releases it. "
            "Every instance obeys it; keys still work."
        )
        self.put(lambda width: [Line(one) for text in (place, plain(told)) for one in wrap(text, width)])
        field = self.query_one("#reason", Input)
        self.hint(field, "reason, for everybody to see", "reason, for all", "reason")
        field.focus()

    def on_input_changed(self) -> None:
        has_reason = bool(text_of(self.query_one("#reason", Input)))
        for button in self.query(Button):
            button.disabled = button.id != "cancel" and not has_reason

    def on_input_submitted(self) -> None:
        self.app.action_focus_next()

    def answer(self, button: str) -> None:
        reason = text_of(self.query_one("#reason", Input))
        name = button.removeprefix("for-")
        self.dismiss(Wanted(reason, DURATIONS[name]) if name in DURATIONS and reason else None)
