"""Single values of ``argocd-cm``: texts of a ConfigMap, or what YAML made of our own settings file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_tui.manifest import duration
from gitops_tui.manifest.decode import decode_documents

_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")
_DAYS = re.compile(r"([0-9]+)d")
DAY_S = 86400.0


class WrongValue(ValueError):
    """What stands there is not what belongs there; the message says both and no more."""


def parsed(value: Any) -> Any:
    """The YAML in a text (nothing in an empty one); anything else as it is. Raises `ManifestError`."""
    if not isinstance(value, str):
        return value
    documents = decode_documents(value)
    if len(documents) > 1:
        raise WrongValue(f"has {len(documents)} YAML documents; expected one")
    return documents[0] if documents else None


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValue(f"is {_shown(value)}; expected a string")
    return value


def texts(value: Any, name: str) -> tuple[str, ...]:
    """A list of strings; nothing is an empty one."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise WrongValue(f"{name} is {_shown(value)}; expected a list of strings")
    return tuple(value)


def mapping(value: Any, expected: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WrongValue(f"is {_shown(value)}; expected a mapping: {expected}")
    return value


def mappings(value: Any, expected: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise WrongValue(f"is {_shown(value)}; expected {expected}")
    return value


def boolean(value: Any) -> bool:
    """As Go's ``strconv.ParseBool`` reads it."""
    if isinstance(value, bool):
        return value
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise WrongValue(f"is {_shown(value)}; expected true or false")


def duration_s(value: Any) -> float:
    """Seconds of a Go duration, or of whole days (``1d``)."""
    days = _DAYS.fullmatch(str(value))
    if days:
        return float(days[1]) * DAY_S
    try:
        found = duration.seconds(str(value))
    except ValueError as error:
        raise WrongValue(f"is {_shown(value)}; expected a duration as 120s, 3m or 1h") from error
    if found < 0:
        raise WrongValue(f"is {_shown(value)}; expected no negative duration")
    return found


def _shown(value: Any) -> str:
    """Short, and never the whole of what may be long."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}…"
