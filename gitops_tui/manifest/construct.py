"""One YAML document as Kubernetes' decoder turns it into JSON values: libyaml parses, Kubernetes' rules give meaning.

Values are made straight from the parser's events: no tree of nodes in between, and no recursion outside of Python,
whose limit is an error and not a crash. Source of the rules: Go's ``yaml.v2``, ``decode.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from gitops_tui.manifest import scalar

Event: TypeAlias = Any
"""One of ``yaml.events``: the stubs know the classes and leave out what they carry."""

ALLOWED_BY_ALIASES = 400_000
"""How many values aliases may make in one document: what Go's decoder allows a document of ordinary size."""

_MERGE_TAG = scalar.TAG + "merge"
_UNFINISHED = object()


class ConstructError(ValueError):
    """A document that Kubernetes refuses; ``line`` is 0-based."""

    def __init__(self, message: str, event: Event) -> None:
        super().__init__(message)
        self.line: int = event.start_mark.line


class Constructor:
    """Makes the value of one document. An alias makes a value of its own, so nothing in the result is shared."""

    def __init__(self, text: str) -> None:
        self._next: Callable[[], Event] = CParser(text).get_event
        self._anchors: dict[str, Any] = {}
        self._left = ALLOWED_BY_ALIASES
        self.line = 0
        """Where the document begins; 0-based."""
        self.duplicates: list[tuple[str, int]] = []
        """Keys that stand twice in one mapping, with their 0-based lines. The last one counts, as for ``kubectl``."""

    def document(self) -> Any:
        """The first document's value, None where there is none.

        Raises `ConstructError`, `yaml.YAMLError`, and RecursionError where the document is nested too deep.
        """
        self._next()  # the stream's start
        if isinstance(self._next(), StreamEndEvent):
            return None
        event = self._next()
        self.line = event.start_mark.line
        value = self._value(event)
        self._next()  # the document's end: what follows on the same line is an error
        return value

    def _value(self, event: Event) -> Any:
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        anchor = event.anchor
        if anchor:
            self._anchors[anchor] = _UNFINISHED
        value = self._collection(kind) if kind is not ScalarEvent else _scalar(event)
        if anchor:
            self._anchors[anchor] = value
        return value

    def _collection(self, kind: type) -> Any:
        return self._mapping() if kind is MappingStartEvent else self._sequence()

    def _sequence(self) -> list[Any]:
        items = []
        while type(event := self._next()) is not SequenceEndEvent:
            items.append(self._value(event))
        return items

    def _mapping(self) -> dict[str, Any]:
        """Merge keys take effect where they stand: a later key wins, also over an earlier one of the mapping itself."""
        into: dict[str, Any] = {}
        merged: set[str] = set()
        while type(event := self._next()) is not MappingEndEvent:
            if _is_merge(event):
                found = self._merged(self._next())
                merged.update(found)
                into.update(found)
                continue
            key = self._key(event)
            if key in into and key not in merged:
                self.duplicates.append((key, event.start_mark.line))
            into[key] = self._value(self._next())
        return into

    def _merged(self, event: Event) -> dict[str, Any]:
        """What ``<<`` adds: a mapping, or a list of mappings of which the first wins."""
        value = self._value(event)
        sources = reversed(value) if type(event) is SequenceStartEvent else (value,)
        merged: dict[str, Any] = {}
        for source in sources:
            if not isinstance(source, dict):
                raise ConstructError("a merge key (<<) takes a mapping or a list of mappings", event)
            merged.update(source)
        return merged

    def _key(self, event: Event) -> str:
        is_plain = type(event) is ScalarEvent and event.tag is None and event.implicit[0]
        try:
            if is_plain and not event.anchor:
                return scalar.plain_key(event.value)
            return scalar.key(self._value(event))
        except scalar.ScalarError as error:
            raise ConstructError(str(error), event) from error

    def _alias(self, event: Event) -> Any:
        value = self._anchors.get(event.anchor)
        if event.anchor not in self._anchors:
            raise ConstructError(f"found undefined alias {event.anchor!r}", event)
        if value is _UNFINISHED:
            raise ConstructError(f"the anchor {event.anchor!r} contains itself", event)
        return self._copy(value, event)

    def _copy(self, value: Any, event: Event) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ConstructError("the document contains excessive aliasing", event)
        if isinstance(value, dict):
            return {key: self._copy(item, event) for key, item in value.items()}
        if isinstance(value, list):
            return [self._copy(item, event) for item in value]
        return value


def _scalar(event: Event) -> scalar.Scalar:
    """``implicit`` says whether the scalar may be resolved: it is written plain and has no tag."""
    text: str = event.value
    try:
        if event.tag is None:
            return scalar.plain(text) if event.implicit[0] else text
        return scalar.tagged(event.tag, text)
    except scalar.ScalarError as error:
        raise ConstructError(str(error), event) from error


def _is_merge(event: Event) -> bool:
    if type(event) is not ScalarEvent or event.value != "<<":
        return False
    return event.tag == _MERGE_TAG or (event.tag is None and event.implicit[0])
