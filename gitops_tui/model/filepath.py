"""Names as Go's ``path/filepath.Match`` matches them: the globs of a project's resource lists.

``*`` is any text within one name (no ``/``), ``?`` one character, ``[abc]`` ``[^abc]`` ``[a-c]`` one of a set, ``\\``
takes the meaning from what follows. Unlike `model.glob` there are no alternatives, and ``!`` is a letter.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, name: str) -> bool:
    """Whether the whole name matches; a pattern that is broken matches nothing."""
    expression = _compiled(pattern)
    return expression is not None and expression.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    parts, position = [], 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*":
            parts.append("[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "[":
            found = _SET.match(pattern, position)
            if found is None:
                return None
            parts.append(_set(found[0]))
            position = found.end()
        elif char == "\\":
            if position == len(pattern):
                return None
            parts.append(re.escape(pattern[position]))
            position += 1
        else:
            parts.append(re.escape(char))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return None  # a range that runs backwards matches nothing, as in Go


_CHAR = r"(?:\\.|[^\\\-\]])"
_SET = re.compile(rf"\^?+(?:{_CHAR}(?:-{_CHAR})?)+\]", re.DOTALL)
_RANGE = re.compile(rf"(?P<low>{_CHAR})(?:-(?P<high>{_CHAR}))?", re.DOTALL)


def _set(text: str) -> str:
    """``^a-c]`` as a set of a regular expression."""
    negation = "^" if text.startswith("^") else ""
    ranges = _RANGE.finditer(text, len(negation), len(text) - 1)
    return f"[{negation}{''.join(_range(one['low'], one['high']) for one in ranges)}]"


def _range(low: str, high: str | None) -> str:
    ends = [re.escape(one[-1]) for one in (low, high) if one]
    return "-".join(ends)
