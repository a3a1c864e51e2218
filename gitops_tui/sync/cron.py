"""Five cron fields, as Argo CD's parser (``robfig/cron``, v3) reads them, and the times that they name.

Minute, hour, day of month, month, day of week (0-6, Sunday is 0; no 7); names of months and days; ``*`` ``?`` lists,
ranges, steps; ``TZ=`` or ``CRON_TZ=`` with a time zone before them. No descriptors (``@daily``), no seconds, no ``L``,
``W`` or ``#``. Where both day fields are restricted, either one is enough. A star with a step above one is a
restriction: ``*/2`` is no star.

Times here are those of a clock on the wall: naive, without a zone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

YEARS = 5
"""A time is looked for in this year and the next five, as in robfig/cron; what is further away never comes."""

_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_DAY = timedelta(days=1)


class CronError(ValueError):
    """The schedule is none; the message says why, in the words of the reference."""


class _Field(Struct, frozen=True):
    name: str
    low: int
    high: int
    names: Mapping[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)


class Schedule(Struct, frozen=True):
    """When a window opens. ``times``: minutes of a day, sorted; ``is_either_day``: either day field is enough.

    ``zone``: whose clock is meant, where the schedule itself says it; whether there is such a zone is not looked up.
    """

    times: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_either_day: bool
    zone: str = ""

    @property
    def widest_gap(self) -> timedelta:
        """Between two times of one day."""
        return timedelta(minutes=max((b - a for a, b in pairwise(self.times)), default=0))

    def last_of(self, day: date) -> datetime:
        return _at(day, self.times[-1])

    def next_after(self, at: datetime) -> datetime | None:
        """The first time after ``at``, never ``at`` itself; None where none comes within `YEARS`."""
        limit = date(at.year + YEARS, 12, 31)
        day, number = at.date(), bisect_right(self.times, _minutes(at))
        while day <= limit:
            if self._is_on(day) and number < len(self.times):
                return _at(day, self.times[number])
            day, number = self._following(day), 0
        return None

    def last_before(self, at: datetime) -> datetime | None:
        """The last time before ``at``, never ``at`` itself; None where there was none within `YEARS`."""
        limit = date(at.year - YEARS, 1, 1)
        day, number = at.date(), bisect_left(self.times, _minutes(at, upwards=True)) - 1
        while day >= limit:
            if self._is_on(day) and number >= 0:
                return _at(day, self.times[number])
            day, number = day - _DAY, len(self.times) - 1
        return None

    def _is_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.is_either_day else in_month and in_week

    def _following(self, day: date) -> date:
        if day.month in self.months:
            return day + _DAY
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _minutes(at: datetime, *, upwards: bool = False) -> int:
    """Whole minutes of the day; ``upwards`` counts one that has begun."""
    begun = upwards and (at.second or at.microsecond)
    return at.hour * 60 + at.minute + (1 if begun else 0)


def _at(day: date, minutes: int) -> datetime:
    return datetime(day.year, day.month, day.day, *divmod(minutes, 60))  # noqa: DTZ001 - a clock on the wall


@lru_cache(maxsize=256)
def parse(text: str) -> Schedule:
    """Read a schedule; raises `CronError`."""
    if not text:
        raise CronError("empty spec string")
    zone = ""
    if text.startswith(("TZ=", "CRON_TZ=")):
        named, _, text = text.partition(" ")
        zone, text = named.partition("=")[2], text.strip()
    if text.startswith("@"):
        raise CronError(f"parser does not accept descriptors: {text}")
    words = text.split()
    if len(words) != len(_FIELDS):
        raise CronError(f"expected exactly {len(_FIELDS)} fields, found {len(words)}: {words}")
    values, stars = zip(*(_values(word, field) for word, field in zip(words, _FIELDS, strict=True)), strict=True)
    minutes, hours, days, months, weekdays = values
    times = tuple(hour * 60 + minute for hour in sorted(hours) for minute in sorted(minutes))
    return Schedule(times, days, months, weekdays, is_either_day=not (stars[2] or stars[4]), zone=zone)


def _values(word: str, field: _Field) -> tuple[frozenset[int], bool]:
    """The numbers of a field, and whether a star is among its parts."""
    found: set[int] = set()
    has_star = False
    for part in filter(None, word.split(",")):
        numbers, is_star = _range(part, field)
        found |= set(numbers)
        has_star = has_star or is_star
    return frozenset(found), has_star


def _range(part: str, field: _Field) -> tuple[range, bool]:
    """``N``, ``N-M``, ``*`` or ``?``, each with a step: ``N/S`` goes to the end of the field."""
    ends, *steps = part.split("/")
    low, *highs = ends.split("-")
    is_star = low in ("*", "?")
    if len(highs) > 1 and not is_star:
        raise CronError(f"too many hyphens: {part}")
    if len(steps) > 1:
        raise CronError(f"too many slashes: {part}")
    first = field.low if is_star else _number(low, field)
    last = field.high if is_star else _number(highs[0], field) if highs else first
    step = 1
    if steps:
        step = _whole(steps[0])
        last = last if highs else field.high
    _check(first, last, step, part, field)
    return range(first, last + 1, step), is_star and step <= 1


def _check(first: int, last: int, step: int, part: str, field: _Field) -> None:
    if first < field.low:
        raise CronError(f"beginning of range ({first}) below minimum ({field.low}): {part}")
    if last > field.high:
        raise CronError(f"end of range ({last}) above maximum ({field.high}): {part}")
    if first > last:
        raise CronError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {part}")


def _number(text: str, field: _Field) -> int:
    named = field.names.get(text.lower())
    return _whole(text) if named is None else named


def _whole(text: str) -> int:
    """Go's ``strconv.Atoi``: digits, with a plus sign or without."""
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdecimal():
        raise CronError(f"failed to parse int from {text}")
    return int(digits)
