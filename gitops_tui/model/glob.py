"""Globs as Argo CD matches them (``gobwas/glob``).

``*`` is any text without a separator, ``**`` any text at all, ``?`` one character, ``[abc]`` ``[!abc]`` ``[a-z]`` one
of a set, ``{a,b}`` alternatives, ``\\`` takes the meaning from what follows. Without separators, which is how Argo CD
matches paths in a directory, ``*`` crosses ``/``.

A pattern that is a beginning, any text at all and an end asks for the one and the other by themselves, so that both may
be the same characters: ``team-*-dev`` matches ``team-dev``.
"""

from __future__ import annotations

import re
from functools import lru_cache

CACHED_PATTERNS = 1024
_END = ""
_LITERAL = r"[^*?\[{\\]+"
_ENDS = re.compile(rf"(?P<start>{_LITERAL})(?P<any>\*\*?)(?P<end>{_LITERAL})", re.DOTALL)


class GlobError(ValueError):
    """The pattern is none."""


def match(pattern: str, text: str, separators: str = "") -> bool:
    """Whether the whole text matches; a pattern that is broken matches nothing."""
    try:
        return compiled(pattern, separators).fullmatch(text) is not None
    except GlobError:
        return False


@lru_cache(maxsize=CACHED_PATTERNS)
def compiled(pattern: str, separators: str = "") -> re.Pattern[str]:
    """The pattern as a regular expression for ``fullmatch``; raises `GlobError`."""
    ends = _ENDS.fullmatch(pattern)
    if ends and (ends["any"] == "**" or not separators):
        return re.compile(f"(?={re.escape(ends['start'])}).*(?<={re.escape(ends['end'])})", re.DOTALL)
    return re.compile(_Translation(pattern, separators).expression(), re.DOTALL)


class _Translation:
    """Reads a pattern once, from left to right."""

    def __init__(self, pattern: str, separators: str) -> None:
        self._pattern = pattern
        self._position = 0
        self._depth = 0
        self._one = f"[^{re.escape(separators)}]" if separators else "."

    def expression(self) -> str:
        parts = []
        while char := self._next():
            parts.append(self._translated(char))
        # A brace that is never closed ends with the pattern.
        return "".join(parts) + ")" * self._depth

    def _translated(self, char: str) -> str:
        if char == "*":
            if self._peek() == "*":
                self._next()
                return ".*"
            return f"{self._one}*"
        if char == "?":
            return self._one
        if char == "[":
            return self._set()
        if char == "{":
            self._depth += 1
            return "(?:"
        if self._depth and char == ",":
            return "|"
        if self._depth and char == "}":
            self._depth -= 1
            return ")"
        return re.escape(self._next() if char == "\\" else char)

    def _set(self) -> str:
        """What follows ``[``: one range or a row of characters, as gobwas has it, never both."""
        negation = ""
        if self._peek() == "!":
            self._next()
            negation = "^"
        first = self._next()
        if self._peek() == "-":
            self._next()
            return f"[{negation}{self._range(first)}]"
        self._position -= len(first)
        characters = self._characters()
        if not characters:
            raise GlobError("a set of characters is empty")
        return f"[{negation}{re.escape(characters)}]"

    def _range(self, low: str) -> str:
        high, close = self._next(), self._next()
        if close != "]":
            raise GlobError("a range of characters is not closed")
        if high < low:
            raise GlobError(f"the range {low}-{high} is empty")
        return f"{re.escape(low)}-{re.escape(high)}"

    def _characters(self) -> str:
        found = []
        while (char := self._next()) != "]":
            if char == "\\":
                char = self._next()
            if char == _END:
                raise GlobError("a set of characters is not closed")
            found.append(char)
        return "".join(found)

    def _peek(self) -> str:
        return self._pattern[self._position : self._position + 1]

    def _next(self) -> str:
        char = self._peek()
        self._position += len(char)
        return char
