"""A decision as a value: a code, the facts it rests on, and what it is about. The sentence is made from these, here.

Two uses. *Answers* say why something is as it is now; they are worked out anew with each comparison, and are complete.
The *log* says what was decided when, bounded for each application; what other instances decided is not in it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_tui.model.catalogue import Code
from gitops_tui.model.facts import FACTS, FactValue, document_of, listed, rfc3339, span_words, words_of
from gitops_tui.model.resource import ResourceKey

LOG_LENGTH = 100
"""Entries kept for an application."""
OBJECTS = "objects"
_PART = re.compile(r"\[([^\]]*)\]|([^\[\]]+)")
_NAME = re.compile(r"\{(\w+)\}")


class Decision(Struct, frozen=True):
    """``since``: since when it is so; ``next_at``: when it ends, or is tried or looked at again.

    `ValueError` where the facts are not those of the code: a sentence with a hole is never shown.
    """

    code: Code
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    objects: tuple[ResourceKey, ...] = ()
    since: datetime | None = None
    next_at: datetime | None = None

    def __post_init__(self) -> None:
        needed, known = needs(self.code)
        given = self.facts.keys() | ({OBJECTS} if self.objects else set())
        if missing := needed - given:
            raise ValueError(f"{self.code} needs the facts {sorted(missing)}")
        if unknown := self.facts.keys() - known:
            raise ValueError(f"{self.code} has no facts {sorted(unknown)}")

    def sentence(self, now: datetime | None = None) -> str:
        """One plain sentence. ``now`` gives the zone in which times are told; without it they are RFC 3339."""
        return "".join(self._part(text, is_optional, now) for text, is_optional in _parts(self.code))

    def _part(self, text: str, is_optional: bool, now: datetime | None) -> str:
        words = {name: self._words(name, now) for name in _NAME.findall(text)}
        if is_optional and not all(words.values()):
            return ""
        return _NAME.sub(lambda found: words[found[1]], text)

    def _words(self, name: str, now: datetime | None) -> str:
        if name == OBJECTS:
            return listed(tuple(key.short for key in self.objects))
        return words_of(name, self.facts[name], now) if name in self.facts else ""

    def timing(self, now: datetime) -> str:
        """``in 41 s`` for what comes, ``41 s`` for what stands that long; empty where nothing is timed."""
        if self.next_at is not None:
            left = (self.next_at - now).total_seconds()
            return f"in {span_words(left)}" if left > 0 else "now"
        return span_words((now - self.since).total_seconds()) if self.since is not None else ""

    def to_json(self) -> dict[str, Any]:
        """Times are RFC 3339. ``message`` is for people: its words may change, code and facts do not."""
        found: dict[str, Any] = {
            "code": self.code.value,
            "message": self.sentence(),
            "hint": self.code.hint,
            "rule": self.code.rule,
            "facts": {name: document_of(value) for name, value in self.facts.items()},
            "objects": [_object_json(key) for key in self.objects],
            "since": rfc3339(self.since) if self.since else None,
            "nextAt": rfc3339(self.next_at) if self.next_at else None,
        }
        return {name: value for name, value in found.items() if value not in (None, "", [], {})}


@cache
def _parts(code: Code) -> tuple[tuple[str, bool], ...]:
    return tuple((one or two, bool(one)) for one, two in _PART.findall(code.sentence))


@cache
def needs(code: Code) -> tuple[frozenset[str], frozenset[str]]:
    """The facts that a code must have, and all that it may have; ``objects`` among the former where it names them."""
    parts = _parts(code)
    needed = {name for text, is_optional in parts if not is_optional for name in _NAME.findall(text)}
    named = {name for text, _ in parts for name in _NAME.findall(text)}
    return frozenset(needed), frozenset((named | set(code.also)) & FACTS.keys())


def _object_json(key: ResourceKey) -> dict[str, str]:
    names = {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name}
    return {name: value for name, value in names.items() if value}


# --- the log ---------------------------------------------------------------------------------------------------------


class Logged(Struct, frozen=True):
    """A decision in the log. Made again and again without another one between, it is one entry that counts."""

    decision: Decision
    at: datetime
    """When it was made first."""
    last_at: datetime
    count: int = 1

    @property
    def code(self) -> Code:
        return self.decision.code

    def to_json(self) -> dict[str, Any]:
        times = {"at": rfc3339(self.at), "lastAt": rfc3339(self.last_at), "count": self.count}
        return {**times, **self.decision.to_json()}


class DecisionLog:
    """The last `LOG_LENGTH` decisions about one application. Not thread-safe: it belongs to its record."""

    def __init__(self, length: int = LOG_LENGTH) -> None:
        self._entries: deque[Logged] = deque(maxlen=length)

    def add(self, decision: Decision, at: datetime) -> None:
        """The same as the newest one, apart from its times, counts there."""
        newest = self._entries[-1] if self._entries else None
        if newest is not None and _same(newest.decision, decision):
            self._entries[-1] = replace(newest, decision=decision, last_at=at, count=newest.count + 1)
        else:
            self._entries.append(Logged(decision, at, at))

    def __iter__(self) -> Iterator[Logged]:
        """Newest first."""
        return reversed(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _same(one: Decision, other: Decision) -> bool:
    return (one.code, one.facts, one.objects) == (other.code, other.facts, other.objects)
