"""What a decision may rest on: every fact has one name, one form and one meaning, in all sentences and documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

FactValue: TypeAlias = str | int | float | datetime | tuple[str, ...]

SHOWN = 3
"""Items of a list that a sentence names; documents have all."""
_SHA_DIGITS = 40


class Form(StrEnum):
    """How a fact is written: in a sentence, and in a document as the JSON type that is named."""

    TEXT = "text"
    NUMBER = "number"
    SECONDS = "seconds"
    """A number; ``41 s``, ``4 min`` in a sentence."""
    TIME = "time"
    """RFC 3339 in a document; the time of day in a sentence."""
    REVISION = "revision"
    """A commit, or a list of them with spaces between; seven digits in a sentence."""
    LIST = "list"
    """A list of strings; the first three in a sentence."""


FACTS: Mapping[str, tuple[Form, str]] = MappingProxyType(
    {
        "annotation": (Form.TEXT, "an annotation's key"),
        "attempts": (Form.NUMBER, "attempts so far on this revision"),
        "condition": (Form.TEXT, "a condition's type, as Argo CD names it"),
        "count": (Form.NUMBER, "how many it is about"),
        "deadline": (Form.SECONDS, "how long something may take"),
        "failed_at": (Form.TIME, "when the last attempt ended"),
        "fields": (Form.LIST, "fields by their short names, never their values"),
        "git": (Form.TEXT, "what Git sets, masked for Secrets"),
        "health": (Form.TEXT, "Argo CD's word for a health"),
        "hook": (Form.TEXT, "the phase of a hook, or of the sync"),
        "item": (Form.TEXT, "what exactly, in words"),
        "limit": (Form.NUMBER, "the most attempts; below 0 without end"),
        "live": (Form.TEXT, "what the cluster has, masked for Secrets"),
        "message": (Form.TEXT, "what was answered or reported, in the words of whoever did"),
        "option": (Form.TEXT, "an option or a setting, as it is written"),
        "owner": (Form.TEXT, "a person, a program or an instance"),
        "phase": (Form.TEXT, "the phase of an operation, as Argo CD names it"),
        "reason": (Form.TEXT, "why, in the words of whoever decided"),
        "repository": (Form.TEXT, "a repository's URL, without credentials"),
        "revision": (Form.REVISION, "the commit that Git has"),
        "rule": (Form.TEXT, "a rule as it is written"),
        "source": (Form.TEXT, "where a rule is from"),
        "sync": (Form.TEXT, "Argo CD's word for a sync status"),
        "tool": (Form.TEXT, "what renders a source"),
        "total": (Form.NUMBER, "how many there are in all"),
        "wave": (Form.NUMBER, "the sync wave"),
        "writer": (Form.TEXT, "a field manager: a client, never a person"),
    }
)
"""By name: the form, and what is meant."""


def words_of(name: str, value: FactValue, now: datetime | None = None) -> str:
    """A fact as a sentence has it. ``now`` gives the time zone and today; without it times are RFC 3339."""
    if isinstance(value, datetime):
        return rfc3339(value) if now is None else clock_words(value, now)
    if isinstance(value, tuple):
        return listed(value)
    if FACTS[name][0] is Form.REVISION:
        return " ".join(one[:7] if _is_sha(one) else one for one in str(value).split(" "))
    if FACTS[name][0] is Form.SECONDS and isinstance(value, (int, float)):
        return span_words(float(value))
    return str(value)


def listed(names: tuple[str, ...]) -> str:
    """``a, b, c and 4 more``"""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def span_words(seconds: float) -> str:
    """``41 s``, ``4 min``, ``2 h``, ``14 d``: one unit, rounded down."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def clock_words(at: datetime, now: datetime) -> str:
    """The time of day in ``now``'s zone, with the date where it is another day."""
    local = at.astimezone(now.tzinfo)
    return local.strftime("%H:%M" if local.date() == now.date() else "%Y-%m-%d %H:%M")


def rfc3339(at: datetime) -> str:
    """Whole seconds, with the offset; ``Z`` for UTC."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def document_of(value: FactValue) -> object:
    """A fact as JSON has it."""
    if isinstance(value, datetime):
        return rfc3339(value)
    return list(value) if isinstance(value, tuple) else value


def _is_sha(text: str) -> bool:
    return len(text) == _SHA_DIGITS and all(char in "0123456789abcdef" for char in text)
