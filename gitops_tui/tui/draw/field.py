"""One differing field in words: what Git says, what the cluster holds, and who wrote it last."""

from __future__ import annotations

import json
from datetime import datetime

from rich.text import Text

from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.status import DriftKind
from gitops_tui.tui.draw.rows import fit, spread, words, wrap
from gitops_tui.tui.text import plain

LABEL = 16
LONGEST_VALUE = 48


def value(found: object) -> Text:
    """A field's value on one line; nested ones as compact JSON."""
    if found is None:
        return Text("not set", "muted")
    if isinstance(found, str):
        return plain(found) if found else Text('""', "muted")
    return plain(json.dumps(found, default=str, ensure_ascii=False))


def short_value(found: object) -> Text:
    made = value(found)
    made.truncate(LONGEST_VALUE, overflow="ellipsis")
    return made


def difference(drift: FieldDrift) -> Text:
    """``git oidc · live legacy``."""
    if drift.kind is DriftKind.TARGET:
        git = words(("git ", "muted"), short_value(drift.target))
    else:
        git = Text("not in Git", "muted")
    live = words(("live ", "muted"), short_value(drift.live))
    live.stylize("drift" if drift.kind is not DriftKind.NOTE else "muted")
    return words(git, (" · ", "muted"), live)


def writer(drift: FieldDrift, now: datetime) -> Text:
    """``kubectl-edit, last write 14 d ago``, or why nobody is named."""
    told = drift.writer.describe(now) if drift.writer is not None else ""
    return plain(told, "muted")


def field_lines(drift: FieldDrift, width: int, now: datetime, *, indent: int, says_writer: bool = True) -> list[Text]:
    """One line where it fits, else the writer under it (once, where the next field has the same)."""
    ink = "muted" if drift.kind is DriftKind.NOTE else "strong"
    label = plain(drift.label or drift.text, ink)
    padded = fit(label, LABEL) if label.cell_len < LABEL else label
    head = words(" " * indent, padded, " ", difference(drift))
    who = writer(drift, now)
    if drift.kind is DriftKind.NOTE:
        who = words(("note", "muted"), " ", who)
    if head.cell_len + 2 + who.cell_len <= width:
        return [spread(head, who, width)]
    lines = wrap(head, width, indent + 2)[:3]
    if not says_writer:
        return lines
    return lines + [words(" " * (indent + 2), text) for text in wrap(who, width - indent - 2)[:2] if text.plain]
