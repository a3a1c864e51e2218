"""Where somebody sits: the app that screens know. It holds the newest snapshot and asks the core.

`gitops_tui.tui.app.Cockpit` adds what there is to open; screens import this module and never that one.
"""

from __future__ import annotations

import os
import signal
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from msgspec import Struct, field
from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.reactive import var
from textual.screen import ModalScreen

from gitops_tui.model.application import AppKey
from gitops_tui.model.core import Core
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import Mode, Snapshot
from gitops_tui.model.status import OperationPhase
from gitops_tui.tui.bridge import Answered, Bridge, Called, SnapshotChanged
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import told_of

Answer = TypeVar("Answer")
STANDSTILL_S = 3.0
"""How long after a key the order of the list stands still."""
MOST_TOLD = 300
"""Characters of a toast: it stands over what it is about."""


def local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class Options(Struct, frozen=True):
    """How the cockpit was started."""

    wall: bool = False
    read_only: bool = False
    ascii: bool = False
    slow: bool = False
    theme: str = ""
    bindings: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], datetime] = local_now
    ticks: Callable[[], float] = time.monotonic
    ends_on: tuple[signal.Signals, ...] = ()
    """Signals that end the cockpit in order, with 128 and their number."""


class Subject(Struct, frozen=True):
    """What a screen is about: an application, and an object of it where one is meant."""

    app: AppKey
    resource: ResourceKey | None = None


@runtime_checkable
class Drawn(Protocol):
    """A screen that draws snapshots, once it is ready to."""

    is_ready: bool

    def draw(self) -> None: ...


class Seat(App[int]):
    """Snapshots in, requests out. The rest is in screens and widgets."""

    snapshot: var[Snapshot | None] = var(None, init=False)

    def __init__(self, core: Core, options: Options) -> None:
        # By the letter of NO_COLOR: without this, Textual would settle for grey before there is a theme.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.core = core
        self.options = options
        self.bridge = Bridge(self, core)
        self._last_key_at = float("-inf")
        self._awaited: dict[AppKey, datetime] = {}

    # --- time

    def now(self) -> datetime:
        return self.options.clock()

    @property
    def is_hand_moving(self) -> bool:
        """A key was pressed a moment ago: nothing may move under it."""
        return self.options.ticks() - self._last_key_at < STANDSTILL_S

    @property
    def was_touched(self) -> bool:
        """Somebody pressed a key since the start."""
        return self._last_key_at > float("-inf")

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.MouseDown)):
            self._last_key_at = self.options.ticks()
        await super().on_event(event)

    # --- snapshots

    def newest(self) -> Snapshot:
        return self.snapshot if self.snapshot is not None else self.core.snapshot()

    def on_snapshot_changed(self, message: SnapshotChanged) -> None:
        if self.snapshot is None or message.snapshot.number >= self.snapshot.number:
            self.snapshot = message.snapshot

    def watch_snapshot(self) -> None:
        self._tell_ends()
        self.redraw()

    def await_end(self, apps: Iterable[AppKey], started_at: datetime | None) -> None:
        """Tell how the operation ends that was begun here, whatever is looked at by then."""
        if started_at is not None:
            self._awaited.update(dict.fromkeys(apps, started_at))

    def _tell_ends(self) -> None:
        for key, started_at in list(self._awaited.items()):
            view = self.newest().find(key)
            operation = view.operation if view is not None else None
            began = operation.started_at.replace(microsecond=0) if operation and operation.started_at else None
            if operation is None or began is None or began < started_at:
                continue
            if began == started_at and not operation.phase.is_completed:
                continue
            del self._awaited[key]
            if began == started_at:  # else another one stands there by now
                is_good = operation.phase is OperationPhase.SUCCEEDED
                words = f"{key.name}: {operation.phase.value}" + ("" if is_good else f", {operation.message}")
                self.tell(words, severity="information" if is_good else "error", timeout=6 if is_good else 12)

    def redraw(self) -> None:
        """Let what can be seen draw itself: the top screen, and what shows through under questions."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Drawn) and screen.is_ready:
                screen.draw()
            if not isinstance(screen, ModalScreen):
                return

    # --- questions to the core

    def ask(
        self,
        asker: DOMNode,
        question: Future[Answer],
        then: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Ask without waiting; without ``failed``, an error becomes a toast."""
        self.bridge.ask(asker, question, then, failed or self.tell_error)

    def on_answered(self, message: Answered) -> None:
        if message.asker.is_attached:
            message.deliver()

    def on_called(self, message: Called) -> None:
        if message.asker.is_attached:
            message.deliver()

    # --- words to the person

    def tell(self, text: str, *, severity: str = "information", timeout: float = 6.0) -> None:
        """A toast; ``text`` may hold anything from outside, and as much of it as there is."""
        level: Any = severity
        told = clean(text)
        told = told if len(told) <= MOST_TOLD else told[:MOST_TOLD].rstrip() + "…"
        self.notify(told, severity=level, timeout=timeout, markup=False)

    def tell_error(self, error: BaseException) -> None:
        self.tell(told_of(error), severity="error", timeout=12)

    def copy(self, text: str, what: str) -> None:
        """To the terminal's clipboard (OSC 52), one harmless line at a time."""
        self.copy_to_clipboard("\n".join(plain(line).plain for line in text.splitlines()))
        self.tell(f"Copied {what}")

    # --- what may be done

    def refusal(self) -> str:
        """Why nothing may be written here, or empty."""
        if self.options.read_only:
            return "Read-only: this was started with --read-only"
        if self.core.is_read_only or self.newest().mode is Mode.READ_ONLY:
            return "Read-only: " + (self.newest().mode_reason or "there is no client that writes")
        return ""

    @abstractmethod
    def view(self, name: str, subject: Subject) -> None:
        """Open a full screen about ``subject``."""

    @abstractmethod
    def go_to(self, uid: str) -> None:
        """Back to the main screen, with the cursor on this application."""
