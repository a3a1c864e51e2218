"""One question at a time, and only the answer to the latest one counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar, cast

from textual.timer import Timer
from textual.widget import Widget

from gitops_tui.tui.seat import Seat

Answer = TypeVar("Answer")
PATIENCE_S = 0.12
"""A cursor that runs over rows asks nothing: only where it rests."""


class Latest(Generic[Answer]):
    """The answer for a key, asked for when the key changes. The old answer stays until the new one is there."""

    def __init__(self, asker: Widget, changed: Callable[[], None], *, is_patient: bool = True) -> None:
        self._asker = asker
        self._changed = changed
        self._is_patient = is_patient
        self._wanted: Hashable = None
        self._timer: Timer | None = None
        self.answered: Hashable = None
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    @property
    def is_waiting(self) -> bool:
        return self._wanted != self.answered

    def has_answer_for(self, subject: Hashable) -> bool:
        """Whether what is held is about this subject (the first part of the key), maybe of a moment ago."""
        held = self.answered
        return isinstance(held, tuple) and bool(held) and held[0] == subject

    def want(self, key: tuple[Hashable, ...], make: Callable[[], Future[Answer]]) -> None:
        """Ask unless this key was asked for already. ``key[0]`` is the subject, the rest its version."""
        if key == self._wanted:
            return
        self._wanted = key
        if self._timer is not None:
            self._timer.stop()
        if self._is_patient and PATIENCE_S:
            self._timer = self._asker.set_timer(PATIENCE_S, lambda: self._ask(key, make))
        else:
            self._ask(key, make)

    def forget(self) -> None:
        self._wanted = self.answered = None

    def _ask(self, key: Hashable, make: Callable[[], Future[Answer]]) -> None:
        seat = cast(Seat, self._asker.app)
        seat.ask(self._asker, make(), lambda answer: self._take(key, answer, None), lambda e: self._take(key, None, e))

    def _take(self, key: Hashable, answer: Answer | None, error: BaseException | None) -> None:
        if key != self._wanted:
            return
        self.answered, self.answer, self.error = key, answer, error
        self._changed()
