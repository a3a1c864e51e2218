"""The palette: every verb that has a key, and every application by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from gitops_tui.tui.bindings import BY_ID, MOVE, Key
from gitops_tui.tui.text import clean

if TYPE_CHECKING:
    from gitops_tui.tui.screens.frame import Frame
    from gitops_tui.tui.seat import Seat

MOST = 30
"""Applications that a search shows; more is typed, not scrolled."""


class VerbCommands(Provider):
    """What the screen's keys do, by name, with the key beside it."""

    async def discover(self) -> Hits:
        for key, run in self._verbs():
            yield DiscoveryHit(key.label, run, help=self._help(key))
        for one in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(one.title, one.callback, help=one.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for key, run in self._verbs():
            score = max(matcher.match(key.label), matcher.match(key.tooltip) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(key.label), run, help=self._help(key))
        for one in self.app.get_system_commands(self.screen):
            if (score := matcher.match(one.title)) > 0:
                yield Hit(score, matcher.highlight(one.title), one.callback, help=one.help)

    def _help(self, key: Key) -> str:
        bound = cast("Seat", self.app).options.bindings.get(key.id, "")
        return f"{clean(bound) or key.display or key.keys.split(',')[0].replace('slash', '/')}  {key.tooltip}"

    def _verbs(self) -> Iterator[tuple[Key, _Run]]:
        seen: set[str] = set()
        for one in self.screen.active_bindings.values():
            key = BY_ID.get(one.binding.id or "")
            if key is None or key.group == MOVE or key.action in seen or key.id == "palette":
                continue
            seen.add(key.action)
            yield key, _Run(self.screen.app, one.binding.key)


class _Run:
    """Presses a key, as the hand would: the same checks and the same toast where it cannot be done."""

    def __init__(self, app: object, key: str) -> None:
        self._app = cast("Seat", app)
        self._key = key

    def __call__(self) -> None:
        self._app.simulate_key(self._key)


class ApplicationCommands(Provider):
    """Go to an application."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        seat = cast("Seat", self.app)
        found = 0
        for view in seat.newest().apps:
            score = matcher.match(view.app.name)
            if score > 0 and found < MOST:
                found += 1
                name = clean(view.app.name)
                yield Hit(score, matcher.highlight(name), _Go(self.screen, view.uid), help=f"Go to {name}")


class _Go:
    def __init__(self, screen: object, uid: str) -> None:
        self._screen = cast("Frame", screen)
        self._uid = uid

    def __call__(self) -> None:
        self._screen.seat.go_to(self._uid)
