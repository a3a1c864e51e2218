"""``jqPathExpressions``: what ``del(<expression>)`` takes from an object (semantics 1.6).

Argo CD stops an expression after a second. Nothing in a process can stop libjq: what is plain (`is_plain`) takes no
time worth a limit and runs here; everything else belongs into a process that can be ended (``engine.jqrunner``), and
what could run for ever or reach out of the object is refused here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from gitops_tui.model.resource import Object

UNBOUNDED: Final = (
    *("def", "while", "until", "repeat", "range", "combinations"),
    *("input", "inputs", "input_filename", "env", "import", "include", "now", "halt", "halt_error"),
)
"""Words that can make a program endless or reach out of the object."""

PLAIN: Final = frozenset(
    {
        *("select", "and", "or", "not", "has", "contains", "inside", "startswith", "endswith", "any", "all", "length"),
        *("keys", "values", "map", "to_entries", "first", "last", "empty", "null", "true", "false", "type", "error"),
        *("if", "then", "elif", "else", "end", "try", "catch", "tostring", "tonumber", "index", "getpath", "path"),
        *("ascii_downcase", "ascii_upcase", "ltrimstr", "rtrimstr", "strings", "arrays", "objects", "numbers"),
        *("booleans", "nulls", "scalars", "iterables"),
    }
)
"""Words of expressions whose work grows with the object and no faster."""
PLAIN_LENGTH: Final = 500
PLAIN_CHOICES: Final = 8

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"(?<![.\w$])(?:" + "|".join(UNBOUNDED) + r")\b|\brecurse\s*\(|\$ENV\b")
_NAMES = re.compile(r"(?<![.\w])[A-Za-z_]\w*")


class RuleError(ValueError):
    """The expression cannot be used at all: it does not parse, or it is refused."""


def problem_with(expression: str) -> str:
    """Why no object can be asked, in words; empty where the expression parses."""
    try:
        _compiled(expression)
    except RuleError as error:
        return str(error)
    return ""


@lru_cache(maxsize=256)
def is_plain(expression: str) -> bool:
    """Whether the expression is short work on any object: paths and conditions, no loops, patterns or arithmetic."""
    bare = _STRING.sub('""', expression)
    is_small = len(expression) <= PLAIN_LENGTH and bare.count(",") <= PLAIN_CHOICES and bare.count("..") <= 1
    has_interpolation = "\\(" in expression
    return is_small and not has_interpolation and not set("*$@") & set(bare) and set(_NAMES.findall(bare)) <= PLAIN


def delete(obj: Object, expression: str, *, secret: bool = False) -> tuple[Object, str]:
    """``obj`` without what the expression selects, and why nothing was taken where it failed on this object.

    jq's own words repeat values of the object: of a ``secret`` they are not told. Raise `RuleError` for an expression
    that cannot be used on any object.
    """
    refused = _WORD.search(_STRING.sub('""', expression))
    if refused:
        raise RuleError(f"jq {expression}: {refused.group()} is refused here: it could run for ever")
    program = _compiled(expression)
    try:
        found = program.input_value(obj).all()
    except ValueError as error:
        return obj, failed(expression, str(error), secret=secret)
    return taken(obj, expression, found)


def failed(expression: str, words: str, *, secret: bool) -> str:
    """What is told of an expression that failed on an object."""
    return f"jq {expression}: {'it failed on this Secret' if secret else words}"


def taken(obj: Object, expression: str, found: list[Any]) -> tuple[Object, str]:
    """What the expression left, where it is one object, as Argo CD wants it."""
    if len(found) == 1 and isinstance(found[0], dict):
        return found[0], ""
    count = len(found) if len(found) != 1 else "none"
    return obj, f"jq {expression}: del() must yield one object, it yielded {count}"


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    import jq  # a C extension, wanted only where somebody wrote such a rule

    try:
        return jq.compile(f"del({expression})")
    except ValueError as error:
        raise RuleError(f"jq {expression}: {str(error).splitlines()[0]}") from error
