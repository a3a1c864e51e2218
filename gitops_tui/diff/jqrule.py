"""``jqPathExpressions``: what ``del(<expression>)`` takes from an object (semantics 1.6).

Argo CD stops an expression after a second. Nothing here can stop libjq, so that expressions which can run without end,
or read the environment or further input, are refused before they run and reported like those that cannot be parsed.
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

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"(?<![.\w$])(?:" + "|".join(UNBOUNDED) + r")\b|\brecurse\s*\(|\$ENV\b")


class RuleError(ValueError):
    """The expression cannot be used at all: it does not parse, or it is refused."""


def delete(obj: Object, expression: str, *, secret: bool = False) -> tuple[Object, str]:
    """``obj`` without what the expression selects, and why nothing was taken where it failed on this object.

    jq's own words repeat values of the object: of a ``secret`` they are not told. Raise `RuleError` for an expression
    that cannot be used on any object.
    """
    program = _compiled(expression)
    try:
        found = program.input_value(obj).all()
    except ValueError as error:
        return obj, f"jq {expression}: {'it failed on this Secret' if secret else error}"
    if len(found) != 1 or not isinstance(found[0], dict):
        return (
            obj,
            f"jq {expression}: del() must yield one object, it yielded {len(found) if len(found) != 1 else 'none'}",
        )
    return found[0], ""


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    import jq  # a C extension, wanted only where somebody wrote such a rule

    refused = _WORD.search(_STRING.sub('""', expression))
    if refused:
        raise RuleError(f"jq {expression}: {refused.group()} is refused here: it could run for ever")
    try:
        return jq.compile(f"del({expression})")
    except ValueError as error:
        raise RuleError(f"jq {expression}: {str(error).splitlines()[0]}") from error
