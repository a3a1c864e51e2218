"""One field that differs, and who wrote it, in honest words (design: drift).

managedFields name a client and not a person, and one time per manager entry: its last write of anything.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

from msgspec import Struct

from gitops_tui.model.facts import span_words
from gitops_tui.model.status import DriftKind, WriterClass

PathElement: TypeAlias = str | int | tuple[tuple[str, Any], ...]
"""A field name, a list index, or the key fields of a list item: ``(("name", "auth"),)``."""

Path: TypeAlias = tuple[PathElement, ...]


def path_text(path: Path) -> str:
    """``spec.template.spec.containers[name=auth].env[name=DEBUG].value``; odd field names are quoted."""
    text = ""
    for element in path:
        if isinstance(element, int):
            text += f"[{element}]"
        elif isinstance(element, tuple):
            text += "[" + ",".join(f"{key}={value}" for key, value in element) + "]"
        else:
            plain = element.replace("-", "").replace("_", "").isalnum()
            text += (f".{element}" if text else element) if plain else f'["{element}"]'
    return text


class Writer(Struct, frozen=True):
    """A field manager's entry. ``time`` is RFC 3339 or empty (a ``scale`` entry has none)."""

    manager: str
    operation: str = "Update"
    subresource: str = ""
    time: str = ""
    klass: WriterClass = WriterClass.OTHER
    is_guess: bool = False
    """Nobody owns the field; this is the newest Update entry, which may be who removed it."""

    def describe(self, now: datetime) -> str:
        """``kubectl-edit, last write 14 d ago``; a guess: ``removed, writer unknown, perhaps kubectl-edit …``."""
        name = self.manager + (f" ({self.subresource})" if self.subresource else "")
        when = f", last write {age_words(self.time, now)} ago" if self.time else ""
        if not self.is_guess:
            return f"{name}{when}" if self.manager else "writer unknown"
        return f"removed, writer unknown, perhaps {name}{when}" if self.manager else "removed, writer unknown"


class FieldDrift(Struct, frozen=True):
    """``label`` is short, for people: ``env AUTH_MODE``. Values of Secrets are masked when this is made."""

    path: Path
    text: str
    label: str
    kind: DriftKind
    live: Any = None
    target: Any = None
    writer: Writer | None = None
    ticked: bool = False
    healable: bool = False
    reason: str = ""
    """Why it is not ticked, or what the note is about."""


def age_words(time: str, now: datetime) -> str:
    """``14 d``, ``12 min``: how long ago an RFC 3339 time is."""
    at = datetime.fromisoformat(time)
    return span_words((now - at.replace(tzinfo=at.tzinfo or UTC)).total_seconds())


BY_HAND = (WriterClass.PERSON, WriterClass.DEPLOYER)


def is_changed_by_hand(drift: FieldDrift, *, is_at_deployed: bool) -> bool:
    """Whether a difference was made in the cluster rather than in Git."""
    if drift.kind is DriftKind.FOREIGN:
        return True
    if drift.kind is not DriftKind.TARGET:
        return False
    return is_at_deployed or (drift.writer is not None and drift.writer.klass in BY_HAND)
