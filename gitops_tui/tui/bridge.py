"""From the core's threads to the screen: messages only, and nothing that waits.

The core publishes at most ten snapshots a second; what still piles up is replaced by the newest.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from textual.app import App
from textual.dom import DOMNode
from textual.message import Message

from gitops_tui.model.core import Core
from gitops_tui.model.snapshot import Snapshot

Answer = TypeVar("Answer")


class SnapshotChanged(Message):
    """The core published."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotChanged)


class Answered(Message):
    """A question was answered; ``deliver`` runs on the screen's thread, if whoever asked is still there."""

    def __init__(self, asker: DOMNode, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.asker = asker
        self.deliver = deliver


class Called(Message):
    """Something that a thread of the core wants done on the screen's thread (lines of a log)."""

    def __init__(self, asker: DOMNode, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.asker = asker
        self.deliver = deliver


class Bridge:
    """Carries what the core says to one app."""

    def __init__(self, app: App[Any], core: Core) -> None:
        self._app = app
        self._core = core
        self._end: Callable[[], None] | None = None

    def open(self) -> None:
        self._end = self._core.subscribe(lambda snapshot: self._post(SnapshotChanged(snapshot)))

    def close(self) -> None:
        if self._end is not None:
            self._end()
            self._end = None

    def ask(
        self,
        asker: DOMNode,
        question: Future[Answer],
        then: Callable[[Answer], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Hand the answer to ``then`` or the exception to ``failed``, later, on the screen's thread."""

        def deliver(future: Future[Answer]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is None:
                self._post(Answered(asker, lambda: then(future.result())))
            else:
                self._post(Answered(asker, lambda: failed(error)))

        question.add_done_callback(deliver)

    def call(self, asker: DOMNode, deliver: Callable[[], None]) -> None:
        """From any thread: run ``deliver`` on the screen's thread."""
        self._post(Called(asker, deliver))

    def _post(self, message: Message) -> None:
        """After exit nobody listens, and that is fine."""
        self._app.post_message(message)
