"""Kubernetes quantities: exact values and the canonical form that the API server gives back.

Source: ``k8s.io/apimachinery/pkg/api/resource`` (a decimal or binary suffix, or an exponent; at most nano precision).
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

_QUANTITY = re.compile(
    r"^(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+))(?P<suffix>[eE][+-]?\d+|Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|)$"
)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = Fraction(1, 10**9)


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[Fraction, str]:
    """The value, and its family: ``binary``, ``decimal`` or ``exponent``."""
    found = _QUANTITY.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a quantity")
    number, suffix = Fraction(found["number"]), found["suffix"]
    if suffix in _BINARY:
        return _to_nano(number * 1024 ** _BINARY[suffix]), "binary"
    if suffix in _DECIMAL:
        return _to_nano(number * Fraction(10) ** _DECIMAL[suffix]), "decimal"
    return _to_nano(number * Fraction(10) ** int(suffix[1:])), "exponent"


def _to_nano(value: Fraction) -> Fraction:
    """What is finer than nano is rounded away from zero."""
    scaled = value / _NANO
    if scaled.denominator == 1:
        return value
    rounded = -(-abs(scaled.numerator) // scaled.denominator)
    return _NANO * (rounded if scaled > 0 else -rounded)


def value_of(quantity: str | int | float) -> Fraction:
    """The exact value; raises ValueError for what is no quantity."""
    return _parse(_text(quantity))[0]


def equal(a: str | int | float, b: str | int | float) -> bool:
    """Whether two quantities are the same amount, however they are written."""
    return value_of(a) == value_of(b)


def canonical(quantity: str | int | float) -> str:
    """As the API server writes it: ``0.5 -> 500m``, ``1000m -> 1``, ``1024Mi -> 1Gi``."""
    value, family = _parse(_text(quantity))
    if value == 0:
        return "0"
    if family == "binary" and value.denominator == 1 and abs(value) >= 1024:
        return _binary(int(value))
    return _decimal(value, is_exponent=family == "exponent")


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < 6:
        value, power = value // 1024, power + 1
    suffix = next((name for name, number in _BINARY.items() if number == power), "")
    return f"{value}{suffix}"


def _decimal(value: Fraction, *, is_exponent: bool) -> str:
    """The largest power of 1000 that leaves a whole number."""
    power = -9
    mantissa = value * 10**9
    while mantissa % 1000 == 0 and power < 18:
        mantissa, power = mantissa / 1000, power + 3
    if is_exponent:
        return f"{int(mantissa)}e{power}" if power else str(int(mantissa))
    return f"{int(mantissa)}{_DECIMAL_SUFFIX[power]}"


def _text(quantity: str | int | float) -> str:
    return quantity if isinstance(quantity, str) else repr(quantity)
