"""Kubernetes events of an application or of one object."""

from __future__ import annotations

from typing import ClassVar

from gitops_tui.model.snapshot import EventView
from gitops_tui.tui.draw.event import event_lines
from gitops_tui.tui.latest import Latest
from gitops_tui.tui.screens.view import View
from gitops_tui.tui.seat import Subject
from gitops_tui.tui.text import clean
from gitops_tui.tui.words import count

EVERY_S = 2.0


class EventsScreen(View):
    """Newest first; ``/`` filters."""

    NAME = "Events"
    CAN_FILTER: ClassVar[bool] = True

    def __init__(self, subject: Subject) -> None:
        super().__init__(Subject(subject.app))
        self._events: Latest[tuple[EventView, ...]] = Latest(self, self._draw, is_patient=False)
        self._asked_at = float("-inf")

    def paint(self) -> None:
        super().paint()
        now_s = self.seat.options.ticks()
        if now_s - self._asked_at >= EVERY_S:
            self._asked_at = now_s
            self._events.want((self.about, now_s), lambda: self.seat.core.events(self.about.app, self.about.resource))
        self._draw()

    def _draw(self) -> None:
        events, now, needle = self._events.answer, self.seat.now(), self.filter.value.casefold()
        if events is None:
            self.say(str(self._events.error) if self._events.error else "reading …")
            return
        shown = [one for one in events if needle in _searched(one)]
        if events and not shown:
            self.say(f"None of {count(len(events), 'event')} matches {needle}. esc shows all of them.")
            return
        self.listing.put(lambda width: event_lines(shown, width, now))


def _searched(event: EventView) -> str:
    return clean(f"{event.type} {event.reason} {event.object.short} {event.message}").casefold()
