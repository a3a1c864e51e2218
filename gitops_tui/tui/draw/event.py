"""Kubernetes events and log lines."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from gitops_tui.model.snapshot import EventView, LogLine
from gitops_tui.tui.draw.rows import Line, fit, words, wrap
from gitops_tui.tui.text import plain
from gitops_tui.tui.words import age

POD_INKS = ("name", "busy", "literal", "number", "unknown", "key")


def event_lines(events: Sequence[EventView], width: int, now: datetime) -> list[Line]:
    """Newest first; a message that does not fit goes on under itself."""
    if not events:
        return [Line(Text("No events. The API server keeps them for an hour.", "muted"))]
    lines: list[Line] = []
    for number, event in enumerate(sorted(events, key=lambda one: one.last_seen, reverse=True)):
        lines += _event(event, number, width, now)
    return lines


def _event(event: EventView, number: int, width: int, now: datetime) -> list[Line]:
    is_warning = event.type == "Warning"
    times = f" ×{event.count}" if event.count > 1 else ""
    head = words(
        fit(Text(age(event.last_seen, now), "muted"), 7),
        ("! " if is_warning else "  ", "bad"),
        plain(event.reason, "bad" if is_warning else "strong"),
        (times, "muted"),
        "  ",
        plain(event.object.short, "name"),
        ("  " + "", "muted"),
        plain(event.source, "muted"),
    )
    message = wrap(plain(event.message), max(20, width - 9))
    return [Line(fit(head, width), number), *(Line(words(" " * 9, text)) for text in message)]


def log_line(line: LogLine, *, with_pod: bool) -> Text:
    """The pod's short name in its own ink, then the text as it came."""
    if not with_pod:
        return plain(line.text)
    ink = POD_INKS[zlib.crc32(line.pod.encode()) % len(POD_INKS)]
    where = line.pod.rsplit("-", 1)[-1] + (f"/{line.container}" if line.container else "")
    return words(plain(where, ink), ("▏", "muted"), plain(line.text))
