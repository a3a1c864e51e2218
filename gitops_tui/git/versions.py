"""Semantic versions as ``targetRevision``: the newest tag that a constraint allows, as Argo CD finds it.

The rules are those of Masterminds/semver v3, which Argo CD asks (``util/versions``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import total_ordering

from msgspec import Struct

_PRERELEASE = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_VERSION = re.compile(rf"v?(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?(?:\.(?P<patch>[0-9]+))?{_PRERELEASE}\Z", re.ASCII)
_NUMBER = r"[0-9|xX*]+"
_TERM = re.compile(
    rf"(?P<op>=>|=<|>=|<=|!=|~>|=|>|<|~|\^|)\s*v?(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER}))?"
    rf"(?:\.(?P<patch>{_NUMBER}))?{_PRERELEASE}(?P<end>\s*,\s*|\s+|\Z)",
    re.ASCII,
)
_BOUND = rf"v?{_NUMBER}(?:\.{_NUMBER}){{0,2}}{_PRERELEASE.replace('?P<pre>', '?:')}"
_RANGE = re.compile(rf"\s*({_BOUND})\s+-\s+({_BOUND})\s*", re.ASCII)


@total_ordering  # a Struct has these methods already, which say "not implemented" (docs/decisions/values.md)
@dataclass(frozen=True, slots=True)
class Version:
    """Three numbers and the parts of the pre-release; what is built from it does not count."""

    major: int
    minor: int = 0
    patch: int = 0
    pre: tuple[str, ...] = ()

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        """A release comes after its pre-releases; numbers go before words."""
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, parts)


class _Term(Struct, frozen=True):
    """One comparison. What was left out or ``x`` is 0 in ``version`` and told by the flags."""

    op: str
    version: Version
    is_any: bool
    is_minor_open: bool
    is_patch_open: bool

    @property
    def is_open(self) -> bool:
        return self.is_any or self.is_minor_open or self.is_patch_open


def is_version(text: str) -> bool:
    """Whether this is a version, complete or not: a pin, never a constraint."""
    return _version(text) is not None


def is_constraint(text: str) -> bool:
    """Whether this selects among tags; a version by itself is a pin, although it would parse as a constraint too."""
    return not is_version(text) and _constraint(text) is not None


def newest(constraint: str, tags: Iterable[str]) -> str | None:
    """The tag with the highest version that ``constraint`` allows; None where none does or it is no constraint.

    Pre-releases count only where the constraint names one.
    """
    groups = _constraint(constraint)
    if groups is None:
        return None
    best: tuple[Version, str] | None = None
    for tag in tags:
        version = _version(tag)
        if version is None or not any(_allows(group, version) for group in groups):
            continue
        if best is None or version > best[0]:
            best = (version, tag)
    return best[1] if best else None


def _version(text: str) -> Version | None:
    found = _VERSION.match(text)
    if found is None:
        return None
    pre = tuple((found["pre"] or "").split(".")) if found["pre"] else ()
    if any(part.isdigit() and len(part) > 1 and part.startswith("0") for part in pre):
        return None
    return Version(int(found["major"]), int(found["minor"] or 0), int(found["patch"] or 0), pre)


def _constraint(text: str) -> list[list[_Term]] | None:
    """Groups of which one must hold; of a group every term must."""
    groups = []
    for alternative in _RANGE.sub(r">=\1 <=\2 ", text).split("||"):
        group = _group(alternative.strip())
        if group is None:
            return None
        groups.append(group)
    return groups


def _group(text: str) -> list[_Term] | None:
    """None where one of them is none, and where there is no term at all."""
    terms = []
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        term = _term(found) if found else None
        if found is None or term is None or (found.end() == len(text) and "," in found["end"]):
            return None
        terms.append(term)
        position = found.end()
    return terms or None


def _term(found: re.Match[str]) -> _Term | None:
    major, minor, patch = (found[name] or "" for name in ("major", "minor", "patch"))
    is_any = _is_open(major)
    is_minor_open = not is_any and _is_open(minor)
    is_patch_open = not is_any and not is_minor_open and _is_open(patch)
    numbers = [
        "0" if is_any else major,
        "0" if is_any or is_minor_open else minor,
        "0" if is_any or is_minor_open or is_patch_open else patch,
    ]
    version = _version(".".join(numbers) + (f"-{found['pre']}" if found["pre"] else ""))
    op = {"=>": ">=", "=<": "<=", "~>": "~", "": "="}.get(found["op"], found["op"])
    return _Term(op, version, is_any, is_minor_open, is_patch_open) if version else None


def _is_open(part: str) -> bool:
    return part in ("", "x", "X", "*")


def _allows(group: Sequence[_Term], version: Version) -> bool:
    if version.pre and not any(term.version.pre for term in group):
        return False
    return all(_HOLDS[term.op](version, term) for term in group)


def _equal(version: Version, term: _Term) -> bool:
    return _tilde(version, term) if term.is_open else version == term.version


def _not_equal(version: Version, term: _Term) -> bool:
    if not term.is_open:
        return version != term.version
    if term.version.major != version.major or (term.version.minor != version.minor and not term.is_minor_open):
        return True
    if term.is_minor_open:
        return False
    if term.is_patch_open:
        return version.pre != term.version.pre
    return version != term.version


def _greater(version: Version, term: _Term) -> bool:
    """``>1.x`` is all of 2 and later, ``>1.2`` all of 1.3 and later."""
    if term.is_open and version.major != term.version.major:
        return version.major > term.version.major
    if term.is_minor_open:
        return False
    if term.is_patch_open:
        return version.minor > term.version.minor
    return version > term.version


def _less_or_equal(version: Version, term: _Term) -> bool:
    if not term.is_open:
        return version <= term.version
    if version.major != term.version.major:
        return version.major < term.version.major
    return version.minor <= term.version.minor or term.is_minor_open


def _tilde(version: Version, term: _Term) -> bool:
    low = term.version
    if version < low:
        return False
    if (low.major, low.minor, low.patch) == (0, 0, 0) and not term.is_minor_open and not term.is_patch_open:
        return True
    return version.major == low.major and (version.minor == low.minor or term.is_minor_open)


def _caret(version: Version, term: _Term) -> bool:
    """Up to the next change of the first number that is not 0."""
    low = term.version
    if version < low or version.major != low.major:
        return False
    if low.major > 0 or term.is_minor_open:
        return True
    if low.minor > 0 or term.is_patch_open:
        return version.minor == low.minor
    return version.minor == 0 and version.patch == low.patch


_HOLDS: dict[str, Callable[[Version, _Term], bool]] = {
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    "<": lambda version, term: version < term.version,
    ">=": lambda version, term: version >= term.version,
    "<=": _less_or_equal,
    "~": _tilde,
    "^": _caret,
}
