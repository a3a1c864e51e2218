"""Go durations (``1h2m3.5s``) and seconds. Source: Go's ``time.ParseDuration`` and ``Duration.String``."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 10**3),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_PART = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>ns|us|µs|μs|ms|s|m|h)")
_LARGEST_NS = 2**63 - 1


def seconds(text: str) -> float:
    """Seconds of a Go duration; raises ValueError for what is none (a bare number has no unit, except ``0``)."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0.0
    total, position = Fraction(0), 0
    while position < len(rest):
        found = _PART.match(rest, position)
        if found is None:
            raise ValueError(f"{text!r} is not a duration: write it like 5s, 3m or 1h30m")
        total += Fraction(found["number"].rstrip(".")) * _UNITS[found["unit"]]
        position = found.end()
    if not rest or total * 10**9 > _LARGEST_NS:
        raise ValueError(f"{text!r} is not a duration: write it like 5s, 3m or 1h30m")
    return float(sign * total)


def to_text(duration_s: float) -> str:
    """As Go prints it: ``90.0 -> "1m30s"``, ``0.005 -> "5ms"``, ``0 -> "0s"``."""
    ns = round(Fraction(duration_s) * 10**9)
    sign = "-" if ns < 0 else ""
    ns = abs(ns)
    if ns == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
        if ns < size * 1000:
            return f"{sign}{_decimal(Fraction(ns, size))}{unit}"
    hours, rest = divmod(ns, 3600 * 10**9)
    minutes, rest = divmod(rest, 60 * 10**9)
    shown = f"{hours}h" if hours else ""
    shown += f"{minutes}m" if hours or minutes else ""
    return f"{sign}{shown}{_decimal(Fraction(rest, 10**9))}s"


def _decimal(value: Fraction) -> str:
    whole, rest = divmod(value, 1)
    return f"{whole}.{int(rest * 10**9):09d}".rstrip("0").rstrip(".")
