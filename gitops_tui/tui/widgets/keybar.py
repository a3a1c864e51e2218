"""The keys at the bottom: as many as fit, `?` always; what cannot be done now is dimmed and says why."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widgets import Input

from gitops_tui.tui.bindings import BY_ID
from gitops_tui.tui.draw.rows import words
from gitops_tui.tui.widgets.oneline import Drawing, OneLine, Spot

HELP = "help"


class KeyBar(OneLine):
    """Draws the screen's active bindings; a click presses the key."""

    def __init__(self, *, unshown: frozenset[str] = frozenset(), id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._unshown = unshown

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self._update(self.screen)

    def _update(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.put(self._drawing_for)

    def _drawing_for(self, width: int) -> Drawing:
        if isinstance(self.screen.focused, Input):
            return Drawing(words((" enter", "key"), " Keep  ", ("esc", "key"), " Clear"))
        shown = [one for one in _once(self.screen.active_bindings.values()) if one.binding.id not in self._unshown]
        right = "^p palette " if width >= 60 else ""
        text, spots = Text(" ", no_wrap=True, end=""), list[Spot]()
        kept = [one for one in shown if one.binding.id == HELP]
        room = width - len(right) - sum(_cells(self._key(one), one) for one in kept)
        for one in [one for one in shown if one.binding.id != HELP]:
            room -= _cells(self._key(one), one)
            if room < 1:
                break
            kept.insert(len(kept) - 1 if kept and kept[-1].binding.id == HELP else len(kept), one)
        for one in kept:
            start = text.cell_len
            text.append(self._key(one), "key" if one.enabled else "off")
            text.append(" " + one.binding.description, "" if one.enabled else "off")
            spots.append(Spot(start, text.cell_len, one.binding.key, one.tooltip))
            text.append("  ")
        if right:
            text.append(" " * max(0, width - text.cell_len - len(right)))
            spots.append(Spot(text.cell_len, width, "ctrl+p", "Command palette"))
            text.append("^p", "key")
            text.append(" palette ", "muted")
        return Drawing(text, tuple(spots))

    def _key(self, one: ActiveBinding) -> str:
        return self.app.get_key_display(one.binding)


def _once(active: Iterable[ActiveBinding]) -> list[ActiveBinding]:
    """One entry a binding id, in order; only those that belong in the bar."""
    found: dict[str, ActiveBinding] = {}
    for one in active:
        if one.binding.show:
            found.setdefault(one.binding.id or one.binding.action, one)
    return sorted(found.values(), key=lambda one: BY_ID[one.binding.id].shown if one.binding.id in BY_ID else 99)


def _cells(key: str, one: ActiveBinding) -> int:
    return len(key) + 1 + len(one.binding.description) + 2
