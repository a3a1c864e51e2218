"""What a YAML scalar means to Kubernetes.

Kubernetes, ``kubectl`` and Argo CD read YAML with ``sigs.k8s.io/yaml``, which is Go's ``yaml.v2`` followed by a trip
through JSON: ``on`` and ``yes`` *are* booleans there, ``22:22`` and dates are strings, ``0o17`` and ``017`` are
fifteen, ``1e3`` is a whole number. docs/decisions/yaml.md has the table, recorded from kubectl 1.37.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

TAG = "tag:yaml.org,2002:"

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_UNDERSCORE_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])_(?=[0-9])")
_BASES = {"0x": 16, "0b": 2, "0o": 8}
_INT64 = range(-(2**63), 2**63)
_LARGEST_UINT64 = 2**64 - 1
_LARGEST_PLAIN_FLOAT = 1e21
"""Below it Go's JSON writes a float without exponent, so a whole one comes back as an integer."""


class ScalarError(ValueError):
    """A scalar that Kubernetes refuses; says why."""


@lru_cache(maxsize=16_384)
def plain(text: str) -> Scalar:
    """The value of a scalar without quotes and without a tag. Raises `ScalarError` for what JSON cannot hold."""
    return _as_json(_resolve(text))


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with a tag (``!!str 1``); a tag that is not YAML's own leaves the text as it is."""
    kind = tag.removeprefix(TAG)
    if kind == "binary":
        return _binary(text)
    if kind not in ("bool", "int", "float", "null"):
        return text
    value = _resolve(text)
    if _kind_of(value) == kind or (kind == "float" and type(value) is int):
        return _as_json(value)
    raise ScalarError(f"{text!r} is not a !!{kind}")


@lru_cache(maxsize=16_384)
def plain_key(text: str) -> str:
    """A mapping's key without quotes, as Kubernetes writes it (``on`` is ``"true"``, ``1e6`` is ``"1e+06"``)."""
    return key(_resolve(text))


def key(value: object) -> str:
    """A key that is not a string, as Kubernetes writes it; raises `ScalarError` for what cannot be one."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float32_text(value)
    if isinstance(value, int) and value in _INT64:
        return str(value)
    names = {type(None): "null", dict: "a mapping", list: "a list"}
    raise ScalarError(f"a key is {names.get(type(value), 'too large a number')}")


def from_float(value: float) -> int | float:
    """A float after a trip through Go's JSON: whole numbers below 1e21 come back as integers."""
    if value.is_integer() and abs(value) < _LARGEST_PLAIN_FLOAT:
        return int(Decimal(repr(value)))
    return value


def from_int(value: int) -> int | float:
    """An integer as Kubernetes keeps it: exact in 64 bits, else with the precision of a float."""
    return value if value in _INT64 else from_float(float(value))


def _as_json(value: Scalar) -> Scalar:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ScalarError(f"{value} cannot be written as JSON")
        return from_float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return from_int(value)
    return value


def _resolve(text: str) -> Scalar:
    """The value as ``yaml.v2`` finds it, before JSON."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        return _float(_UNDERSCORE_BETWEEN_DIGITS.sub("", text), text)
    if text[0] not in "0123456789+-":
        return text
    digits = text.replace("_", "")
    if _INTEGER.match(digits):
        value = _integer(digits)
        if value in _INT64 or (digits[0].isdigit() and value <= _LARGEST_UINT64):
            return value
    return _float(digits, text)


def _float(digits: str, text: str) -> float | str:
    if not _FLOAT.match(digits):
        return text
    value = float(digits)
    return value if math.isfinite(value) else text


def _integer(digits: str) -> int:
    sign = -1 if digits[0] == "-" else 1
    bare = digits.lstrip("+-")
    base = _BASES.get(bare[:2].lower())
    if base is not None:
        return sign * int(bare[2:], base)
    return sign * int(bare, 8 if bare[0] == "0" else 10)


def _kind_of(value: Scalar) -> str:
    names = {bool: "bool", int: "int", float: "float", type(None): "null"}
    return names.get(type(value), "str")


def _binary(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode(errors="replace")
    except ValueError as error:
        raise ScalarError("a !!binary value is not base64") from error


def _float32_text(value: float) -> str:
    """Go's ``FormatFloat(value, 'g', -1, 32)``: the fewest digits that give the same 32-bit float."""
    if not math.isfinite(value):
        return str(value).replace("inf", ".inf").replace("nan", ".nan")
    try:
        wanted = struct.pack("f", value)
    except OverflowError:
        return ".inf" if value > 0 else "-.inf"
    text = next(t for t in (f"{value:.{digits}e}" for digits in range(17)) if struct.pack("f", float(t)) == wanted)
    mantissa, _, exponent = text.partition("e")
    if -4 <= int(exponent) < 6:
        return format(Decimal(text), "f")
    return f"{mantissa}e{exponent}"
