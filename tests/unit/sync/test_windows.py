"""Sync windows: which apply, whether they are open, when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Application, Destination
from gitops_tui.model.project import SyncWindow
from gitops_tui.sync.windows import (
    allowed_from,
    applies,
    can_sync,
    check_window,
    decide,
    has_unknown_zone,
    is_active,
    next_change,
)
from tests.unit.sync.test_cron import SCHEDULES, matches

APP = Application(
    "shop-web", "argocd", "shop", (), Destination(server="https://prod.example", name="", namespace="shop")
)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(kind: str = "deny", schedule: str = "0 22 * * *", duration: str = "8h", **rest: object) -> SyncWindow:
    return SyncWindow(kind, schedule, duration, applications=("*",), **rest)


@pytest.mark.parametrize(
    ("lists", "with_and", "expected"),
    [
        ({"applications": ("shop-*",)}, False, True),
        ({"applications": ("other",)}, False, False),
        ({"namespaces": ("shop",)}, False, True),
        ({"clusters": ("https://prod.*",)}, False, True),
        ({"clusters": ("in-cluster",)}, False, False),
        ({"applications": ("other",), "namespaces": ("shop",)}, False, True),
        ({"applications": ("other",), "namespaces": ("shop",)}, True, False),
        ({"applications": ("shop-*",), "namespaces": ("s?op",), "clusters": ("*",)}, True, True),
        ({"applications": ("shop-*",), "clusters": ("nowhere",)}, True, False),
        ({}, False, False),
        ({}, True, False),
        # A denial is no word of windows.
        ({"applications": ("!other",)}, False, False),
    ],
)
def test_which_windows_apply(lists: dict[str, tuple[str, ...]], with_and: bool, expected: bool) -> None:
    assert applies(SyncWindow("deny", "* * * * *", "1h", and_operator=with_and, **lists), APP) is expected


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-11-22T22:00:00", "", False),
        ("2026-11-22T22:00:01", "", True),
        ("2026-11-23T05:59:59", "", True),
        ("2026-11-23T06:00:00", "", False),
        ("2026-11-22T21:30:00", "Europe/Berlin", True),
        ("2026-11-23T05:30:00", "Europe/Berlin", False),
        ("2026-11-22T22:30:00", "Middle/Earth", True),
    ],
)
def test_a_window_is_open_strictly_between_its_ends(now: str, zone: str, expected: bool) -> None:
    assert is_active(window(time_zone=zone), at(now)) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # The night in which summer time begins has seven hours, the one in which it ends has nine.
        ("2026-03-28T21:00:01", True),
        ("2026-03-29T03:59:59", True),
        ("2026-03-29T04:00:00", False),
        ("2026-10-24T20:00:01", True),
        ("2026-10-25T04:59:59", True),
        ("2026-10-25T05:00:00", False),
    ],
)
def test_a_night_ends_by_the_clock_on_the_wall(now: str, expected: bool) -> None:
    assert is_active(window(time_zone="Europe/Berlin"), at(now)) is expected


def test_a_schedule_that_never_comes_is_always_open_as_in_the_reference() -> None:
    assert is_active(window(schedule="0 0 30 2 *"), at("2026-11-22T11:00:00"))


DENY, ALLOW = window("deny", "* * * * *", "1h"), window("allow", "* * * * *", "1h")
CLOSED = window("allow", "0 8 * * *", "1h")
LATER = window("deny", "0 8 * * *", "1h")


def by_hand(one: SyncWindow) -> SyncWindow:
    return replace(one, manual_sync=True)


@pytest.mark.parametrize(
    ("windows", "automated", "manual"),
    [
        ((), "no-window", "no-window"),
        ((LATER,), "no-window", "no-window"),
        ((ALLOW,), "allow-window", "allow-window"),
        ((ALLOW, CLOSED), "allow-window", "allow-window"),
        ((DENY, ALLOW), "deny-window", "deny-window"),
        ((CLOSED,), "outside-allow-window", "outside-allow-window"),
        ((by_hand(DENY),), "deny-window", "manual-exempt"),
        ((by_hand(DENY), DENY), "deny-window", "deny-window"),
        ((by_hand(CLOSED),), "outside-allow-window", "manual-exempt"),
        ((by_hand(CLOSED), CLOSED), "outside-allow-window", "outside-allow-window"),
    ],
)
def test_what_decides(windows: tuple[SyncWindow, ...], automated: str, manual: str) -> None:
    now = at("2026-11-22T22:24:39")
    assert decide(windows, now, is_manual=False).code == automated
    assert decide(windows, now, is_manual=True).code == manual


def test_an_operation_that_began_when_it_was_allowed_may_go_on() -> None:
    closing = window("allow", "0 20 * * *", "1h", sync_overrun=True)
    now, during, before = at("2026-11-22T21:30:00"), at("2026-11-22T20:30:00"), at("2026-11-22T19:30:00")
    assert decide([closing], now, is_manual=False, started_at=during).code == "overrun"
    assert not can_sync([closing], now, is_manual=False, started_at=before)
    assert not can_sync([replace(closing, sync_overrun=False)], now, is_manual=False, started_at=during)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (window("maybe"), "kind 'maybe' mismatch"),
        (window(schedule="* * * *"), "cannot parse schedule"),
        (window(duration="1000days"), "cannot parse duration '1000days'"),
        (window(duration=""), "cannot parse duration ''"),
        (window(description="x" * 256), "must not exceed 255"),
    ],
)
def test_what_is_no_window(wrong: SyncWindow, reason: str) -> None:
    with pytest.raises(InvalidSpecError) as failed:
        check_window(wrong)
    assert reason in str(failed.value)
    assert failed.value.hint


def test_a_window_that_cannot_be_read_decides_nothing() -> None:
    with pytest.raises(InvalidSpecError):
        can_sync([ALLOW, window(schedule="@daily")], at("2026-11-22T11:00:00"), is_manual=False)


@pytest.mark.parametrize(
    ("prefix", "zone", "opens"),
    [
        ("TZ=Asia/Tokyo", "", "2026-11-22T13:00:00"),
        ("CRON_TZ=Asia/Tokyo ", "UTC", "2026-11-22T13:00:00"),
        ("TZ=", "Asia/Tokyo", "2026-11-22T13:00:00"),
        ("TZ=America/New_York", "", "2026-11-22T03:00:00"),
        # The reference moves the time by one and reads it by the other.
        ("TZ=Asia/Tokyo", "Europe/Berlin", "2026-11-22T12:00:00"),
    ],
)
def test_a_schedule_may_say_its_zone(prefix: str, zone: str, opens: str) -> None:
    one = window(schedule=f"{prefix} 0 22 * * *", duration="1h", time_zone=zone)
    assert not is_active(one, at(opens)) and is_active(one, at(opens) + MINUTE)
    assert next_change(one, at(opens) - MINUTE) == at(opens)
    assert next_change(one, at(opens) + MINUTE) == at(opens) + 60 * MINUTE


def test_a_zone_in_a_schedule_that_is_none_is_an_error() -> None:
    with pytest.raises(InvalidSpecError, match="provided bad location Middle/Earth"):
        is_active(window(schedule="TZ=Middle/Earth 0 22 * * *"), at("2026-11-22T11:00:00"))


def test_unknown_zones_are_told() -> None:
    assert has_unknown_zone(window(time_zone="Middle/Earth"))
    assert not has_unknown_zone(window()) and not has_unknown_zone(window(time_zone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("windows", "now", "expected"),
    [
        ((window(),), "2026-11-22T23:00:00", "2026-11-23T06:00:00"),
        ((window(time_zone="Europe/Berlin"),), "2026-11-22T23:00:00", "2026-11-23T05:00:00"),
        # What begins before the other one has ended goes on.
        ((window(), window(schedule="0 5 * * *", duration="2h")), "2026-11-22T23:00:00", "2026-11-23T07:00:00"),
        ((window("allow", "0 3 * * *", "1h"),), "2026-11-22T23:00:00", "2026-11-23T03:00:00"),
        ((window("deny", "0 0 * * *", "1h"), CLOSED), "2026-11-22T23:00:00", "2026-11-23T08:00:00"),
        # One that opens every hour for an hour never closes.
        ((window(schedule="0 * * * *", duration="1h"),), "2026-11-22T23:10:00", None),
    ],
)
def test_when_a_sync_may_begin(windows: tuple[SyncWindow, ...], now: str, expected: str | None) -> None:
    assert not can_sync(windows, at(now), is_manual=False)
    assert allowed_from(windows, at(now), is_manual=False) == (at(expected) if expected else None)


ZONES = st.sampled_from(["", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
CHANGES = ("2026-03-08T07:00", "2026-03-29T01:00", "2026-04-04T15:00", "2026-10-03T15:30", "2026-10-25T01:00")
NOWS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.tuples(st.sampled_from(CHANGES), st.integers(-600, 600)).map(
        lambda both: datetime.fromisoformat(both[0]) + both[1] * MINUTE
    ),
)


@settings(max_examples=60, deadline=None)
@given(SCHEDULES, st.integers(1, 1500), ZONES, NOWS)
def test_a_window_is_open_where_a_minute_of_its_duration_opens_it(
    schedule: str, minutes: int, zone: str, moment: datetime
) -> None:
    """By the definition: some minute of the schedule, by the wall's clock, is past, and less than the duration ago."""
    now = moment.replace(tzinfo=UTC)
    wall = now.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)
    floor = wall.replace(second=0, microsecond=0)
    starts = (floor - n * MINUTE for n in range(minutes + 1))
    expected = any(matches(schedule, one) for one in starts if one < wall < one + minutes * MINUTE)
    assert is_active(window(schedule=schedule, duration=f"{minutes}m", time_zone=zone), now) is expected


@settings(max_examples=40, deadline=None)
@given(SCHEDULES, st.integers(1, 1500), ZONES, NOWS)
@example("* 8,0-6 * * *", 1, "", datetime(2026, 1, 1, 0, 0, 0, 1))
def test_nothing_changes_before_the_next_change(schedule: str, minutes: int, zone: str, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    one = window(schedule=schedule, duration=f"{minutes}m", time_zone=zone)
    change = next_change(one, now)
    before = is_active(one, now)
    until = min(change or now + timedelta(days=2), now + timedelta(days=2))
    if change is not None:
        assert change >= now
        assert is_active(one, change + MOMENT) is not before
    probes = [now + n * 7 * MINUTE + timedelta(seconds=11) for n in range(int((until - now) / (7 * MINUTE)))]
    # Two that touch are closed for an instant, on the minute: seconds are looked at.
    assert all(is_active(one, probe) is before for probe in probes if probe < until and probe.second)
