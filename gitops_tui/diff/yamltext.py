"""One object as lines of YAML, each with its place: what a diff is drawn from.

Text that YAML (as Kubernetes reads it) would take for something else is quoted, and several lines are a block. Lines
are for eyes: what a terminal must not see is neutralised by the face that draws them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gitops_tui.manifest.scalar import ScalarError, plain
from gitops_tui.model.drift import Path, PathElement

Tokens = tuple[str | int, ...]

IDENTITY: Final = (
    *("name", "mountPath", "devicePath", "containerPort", "port", "key", "topologyKey", "ip", "uid", "type"),
    *("host", "path", "ipBlock"),
)
"""What tells items of a list apart, the first that all of them have."""

_PLAIN = re.compile(r"[A-Za-z0-9_/.$(+=^~<;-][A-Za-z0-9_/.$()+=@%^,;*!?&|<>\[\]{}'\"~:#\\ -]*\Z")
_KEY = re.compile(r"[A-Za-z_/.][A-Za-z0-9_/.-]*\Z")


class Place(NamedTuple):
    """Where a line belongs: in people's words, and by index in the object of its side."""

    path: Path = ()
    tokens: Tokens = ()

    def at(self, element: PathElement, token: str | int) -> Place:
        return Place((*self.path, element), (*self.tokens, token))


class YamlLine(NamedTuple):
    text: str
    place: Place


TOP = Place()


def lines_of(value: Any, place: Place = TOP, indent: int = 0) -> Iterator[YamlLine]:
    """A mapping or a list, without a key before it."""
    if isinstance(value, dict):
        for key in ordered(value):
            yield from field_lines(key, value[key], place.at(key, key), indent)
    elif isinstance(value, list):
        names = identities(value)
        for index, item in enumerate(value):
            yield from item_lines(item, place.at(element_of(names, index), index), indent)


def field_lines(key: str, value: Any, place: Place, indent: int) -> Iterator[YamlLine]:
    """One field with everything in it. A list stands under its key, as kubectl writes it."""
    head = f"{' ' * indent}{key_text(key)}:"
    if isinstance(value, dict) and value:
        yield YamlLine(head, place)
        yield from lines_of(value, place, indent + 2)
    elif isinstance(value, list) and value:
        yield YamlLine(head, place)
        yield from lines_of(value, place, indent)
    elif is_block(value):
        yield YamlLine(f"{head} {block_mark(value)}", place)
        yield from (YamlLine(text, place) for text in block_lines(value, indent + 2))
    else:
        yield YamlLine(f"{head} {scalar(value)}", place)


def item_lines(item: Any, place: Place, indent: int) -> Iterator[YamlLine]:
    """One item of a list: the dash takes the place of the first line's indentation."""
    pad = " " * indent
    if isinstance(item, dict | list) and item:
        for number, line in enumerate(lines_of(item, place, indent + 2)):
            yield YamlLine(f"{pad}- {line.text[indent + 2 :]}", line.place) if number == 0 else line
    elif is_block(item):
        yield YamlLine(f"{pad}- {block_mark(item)}", place)
        yield from (YamlLine(text, place) for text in block_lines(item, indent + 2))
    else:
        yield YamlLine(f"{pad}- {scalar(item)}", place)


_RANKS = {"apiVersion": 0, "kind": 1, "metadata": 2, "name": 3, "namespace": 4, "spec": 5, "status": 9}


def ordered(*mappings: dict[str, Any]) -> list[str]:
    """The keys of all: what names the object or item first, status last, the others as they come."""
    keys = list(dict.fromkeys(key for mapping in mappings for key in mapping))
    return sorted(keys, key=lambda key: _RANKS.get(key, 8))


def identities(items: list[Any]) -> tuple[str, list[Any]] | None:
    """The key that tells the items apart and its values; None where there is no such key."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for key in IDENTITY:
        values = [item.get(key) for item in items]
        if all(isinstance(value, str | int) for value in values) and len(set(values)) == len(values):
            return key, values
    return None


def element_of(names: tuple[str, list[Any]] | None, index: int) -> PathElement:
    return index if names is None else ((names[0], names[1][index]),)


# --- scalars ---------------------------------------------------------------------------------------------------------


def is_block(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value


def block_mark(text: str) -> str:
    """``|``, with what the end and the beginning of the text need."""
    indent = "2" if text[:1] in (" ", "\n", "\t") else ""
    if not text.endswith("\n"):
        return f"|{indent}-"
    return f"|{indent}+" if text.endswith("\n\n") or text == "\n" else f"|{indent}"


def block_lines(text: str, indent: int) -> list[str]:
    pad = " " * indent
    body = text.removesuffix("\n")
    return [pad + line if line else "" for line in body.split("\n")]


def scalar(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value) if len(value) > 200 else _text(value)
    if value is None:
        return "null"
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    return text if _is_plain(text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Whether YAML reads the text without quotes as this text."""
    has_mark = ": " in text or " #" in text or text.endswith((":", " ")) or text.startswith(("- ", "---"))
    return not has_mark and text != "-" and bool(_PLAIN.match(text)) and _means_itself(text)


def _means_itself(text: str) -> bool:
    try:
        return bool(plain(text) == text)
    except ScalarError:
        return False


@lru_cache(maxsize=4096)
def key_text(key: str) -> str:
    return key if _KEY.match(key) and _means_itself(key) else _quoted(key)
