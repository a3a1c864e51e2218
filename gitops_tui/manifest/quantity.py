"""Kubernetes quantities: exact values and the canonical form that the API server gives back.

Source: ``k8s.io/apimachinery/pkg/api/resource`` (a decimal or binary suffix, or an exponent; at most nano precision;
what is finer is rounded away from zero; binary quantities stop at 2**63 - 1).
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

Family: TypeAlias = Literal["binary", "decimal", "exponent"]

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)0*(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<suffix>[eE][+-]?[0-9]+|[KMGTPE]i|[numkMGTPE]|)\Z"
)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()} | {0: ""}
_LARGEST_BINARY = 2**63 - 1
_LARGEST_EXPONENT = 400
_FAST_DIGITS = 18
_NANO = -9


class _Quantity(Struct, frozen=True):
    value: Fraction
    family: Family
    is_kept: bool
    """The API server gives it back as it was written: its fast parser takes it for canonical."""


def value_of(quantity: str | int | float) -> Fraction:
    """The exact value; raises ValueError for what is no quantity."""
    return _parse(_text(quantity)).value


def equal(a: str | int | float, b: str | int | float) -> bool:
    """Whether two quantities are the same amount, however they are written."""
    return value_of(a) == value_of(b)


def canonical(quantity: str | int | float) -> str:
    """As the API server writes it: ``0.5 -> 500m``, ``1000m -> 1``, ``1024Mi -> 1Gi``."""
    text = _text(quantity)
    parsed = _parse(text)
    if parsed.value == 0:
        return "0"
    if parsed.is_kept:
        return text
    if parsed.family == "binary" and parsed.value.denominator == 1 and abs(parsed.value) >= 1024:
        return _binary(int(parsed.value))
    return _decimal(parsed.value, is_exponent=parsed.family == "exponent")


@lru_cache(maxsize=4096)
def _parse(text: str) -> _Quantity:
    found = _QUANTITY.match(text)
    if not text or found is None:
        raise ValueError(f"{text!r} is not a quantity")
    whole, part, suffix = found["whole"] or "0", found["part"] or "", found["suffix"]
    number = Fraction(int(whole + part), 10 ** len(part)) * (-1 if found["sign"] == "-" else 1)
    if suffix in _BINARY:
        value = _to_nano(number * 1024 ** _BINARY[suffix])
        capped = max(Fraction(-_LARGEST_BINARY), min(value, Fraction(_LARGEST_BINARY)))
        return _Quantity(capped, "binary", _is_kept_binary(whole, part, suffix))
    family: Family = "decimal" if suffix in _DECIMAL else "exponent"
    power = _DECIMAL[suffix] if suffix in _DECIMAL else _exponent(suffix, text)
    return _Quantity(_to_nano(number * Fraction(10) ** power), family, _is_kept_decimal(whole, part, power))


def _exponent(suffix: str, text: str) -> int:
    power = int(suffix[1:])
    if abs(power) > _LARGEST_EXPONENT:
        raise ValueError(f"{text!r} is out of range")
    return power


def _is_kept_binary(whole: str, part: str, suffix: str) -> bool:
    room = 14 - len(whole) - 3 * _BINARY[suffix]
    return not part and room >= 0 and int(whole) % 8 != 0


def _is_kept_decimal(whole: str, part: str, power: int) -> bool:
    digits, scale = whole + part, power - len(part)
    if len(digits) > _FAST_DIGITS or scale < _NANO:
        return False
    return scale % 3 == 0 and not digits.endswith("000") and not digits.startswith("0")


def _to_nano(value: Fraction) -> Fraction:
    """What is finer than nano is rounded away from zero."""
    scaled = value * 10**9
    if scaled.denominator == 1:
        return value
    rounded = -(-abs(scaled.numerator) // scaled.denominator)
    return Fraction(rounded if scaled > 0 else -rounded, 10**9)


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < 6:
        value, power = value // 1024, power + 1
    return f"{value}{_BINARY_SUFFIX[power]}"


def _decimal(value: Fraction, *, is_exponent: bool) -> str:
    """The largest power of 1000 that leaves a whole number; a suffix ends at E, an exponent does not."""
    power = _NANO
    mantissa = int(value * 10**9)
    while mantissa % 1000 == 0 and (is_exponent or power < 18):
        mantissa, power = mantissa // 1000, power + 3
    if is_exponent:
        return f"{mantissa}e{power}" if power else str(mantissa)
    return f"{mantissa}{_DECIMAL_SUFFIX[power]}"


def _text(quantity: str | int | float) -> str:
    return quantity.strip() if isinstance(quantity, str) else repr(quantity)
