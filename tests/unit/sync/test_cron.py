"""Cron fields as Argo CD reads them, and the times that they name."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_tui.sync.cron import CronError, parse

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("schedule", "after", "following"),
    [
        ("* * * * *", "2026-11-22T11:07:30", "2026-11-22T11:08"),
        ("* * * * *", "2026-11-22T11:07", "2026-11-22T11:08"),
        ("0 22 * * *", "2026-11-22T22:00", "2026-11-23T22:00"),
        ("*/15 9-17 * * mon-fri", "2026-11-22T11:07", "2026-11-23T09:00"),
        ("*/15 9-17 * * MON-FRI", "2026-11-22T11:07", "2026-11-23T09:00"),
        ("0 0 1 jan ?", "2026-11-22T11:07", "2027-01-01T00:00"),
        ("0 0 29 2 *", "2026-11-22T11:07", "2028-02-29T00:00"),
        ("50/5 * * * *", "2026-11-22T11:56", "2026-11-22T12:50"),
        ("0 12 1-10/3 * *", "2026-11-22T11:07", "2026-12-01T12:00"),
        # Both day fields are restricted: either one is enough.
        ("0 0 13 * 5", "2026-11-22T00:00", "2026-11-27T00:00"),
        ("0 0 13 * fri", "2026-12-11T00:00", "2026-12-13T00:00"),
        # A star, alone or in a list, leaves only the other one.
        ("0 0 13 * *", "2026-11-22T00:00", "2026-12-13T00:00"),
        ("0 0 *,13 * 5", "2026-11-22T00:00", "2026-11-27T00:00"),
        # With a step it is a star no more: even Mondays and odd days.
        ("0 0 */2 * 1", "2026-11-29T00:00", "2026-11-30T00:00"),
        # Commas without anything between them say nothing.
        ("0,,30 10, * * *", "2026-11-22T10:00", "2026-11-22T10:30"),
    ],
)
def test_the_next_time(schedule: str, after: str, following: str) -> None:
    assert parse(schedule).next_after(datetime.fromisoformat(after)) == datetime.fromisoformat(following)


@pytest.mark.parametrize("schedule", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", ", * * * *"])
def test_what_never_comes(schedule: str) -> None:
    found = parse(schedule)
    at = datetime(2026, 11, 22)
    assert found.next_after(at) is None
    assert found.last_before(at) is None


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ("", "empty spec string"),
        ("@daily", "parser does not accept descriptors"),
        ("@every 1h", "parser does not accept descriptors"),
        ("TZ=UTC", "expected exactly 5 fields, found 0"),
        ("CRON_TZ=UTC 0 0 * *", "expected exactly 5 fields, found 4"),
        ("TZ=UTC @daily", "parser does not accept descriptors"),
        ("0 * * *", "expected exactly 5 fields, found 4"),
        ("0 0 0 * * *", "expected exactly 5 fields, found 6"),
        ("* 10 * * 7", "end of range (7) above maximum (6)"),
        ("60 * * * *", "end of range (60) above maximum (59)"),
        ("* * 0 * *", "beginning of range (0) below minimum (1)"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1)"),
        ("1-2-3 * * * *", "too many hyphens"),
        ("*/2/3 * * * *", "too many slashes"),
        ("*/0 * * * *", "step of range should be a positive number"),
        ("a * * * *", "failed to parse int from a"),
        ("* * L * *", "failed to parse int from L"),
        ("* * * * 5#3", "failed to parse int from 5#3"),
        ("-5 * * * *", "failed to parse int from"),
    ],
)
def test_what_is_no_schedule(schedule: str, reason: str) -> None:
    with pytest.raises(CronError) as failed:
        parse(schedule)
    assert reason in str(failed.value)


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    steps = st.tuples(st.one_of(st.just("*"), spans), st.integers(1, 9)).map(lambda both: f"{both[0]}/{both[1]}")
    return st.lists(st.one_of(st.just("*"), number.map(str), spans, steps), min_size=1, max_size=3).map(",".join)


SCHEDULES = st.tuples(_field(0, 59), _field(0, 23), _field(1, 31), _field(1, 12), _field(0, 6)).map(" ".join)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))


def matches(schedule: str, at: datetime) -> bool:
    """The definition, field by field, for one minute: slow and plain."""
    minute, hour, day, month, weekday = schedule.split()
    in_day, in_week = _holds(day, at.day, 1, 31), _holds(weekday, at.isoweekday() % 7, 0, 6)
    is_star = any(part in ("*", "?", "*/1") for field in (day, weekday) for part in field.split(","))
    on_day = in_day and in_week if is_star else in_day or in_week
    return (
        on_day and _holds(minute, at.minute, 0, 59) and _holds(hour, at.hour, 0, 23) and _holds(month, at.month, 1, 12)
    )


def _holds(field: str, value: int, low: int, high: int) -> bool:
    for part in field.split(","):
        ends, _, step = part.partition("/")
        first, dash, last = ends.partition("-")
        if first == "*":
            begin, end = low, high
        else:
            begin, end = int(first), int(last) if dash else high if step else int(first)
        if begin <= value <= end and (value - begin) % int(step or 1) == 0:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(SCHEDULES, MOMENTS)
def test_next_and_last_are_the_nearest_minutes_that_match(schedule: str, at: datetime) -> None:
    found = parse(schedule)
    floor = at.replace(second=0, microsecond=0)
    span = range(2 * 24 * 60)
    later = next((one for n in span if matches(schedule, one := floor + (n + 1) * MINUTE)), None)
    first = floor if floor < at else floor - MINUTE
    earlier = next((one for n in span if matches(schedule, one := first - n * MINUTE)), None)
    following, last = found.next_after(at), found.last_before(at)
    assert following == later if later is not None else following is None or following > floor + len(span) * MINUTE
    assert last == earlier if earlier is not None else last is None or last < first - (len(span) - 1) * MINUTE
