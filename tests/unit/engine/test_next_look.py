"""When time alone changes what is shown: the end of an operation's lease, and of a hold."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from gitops_tui.engine.record import Record
from gitops_tui.engine.state import AppState, OperationLease
from gitops_tui.engine.view import seconds_to_next_look
from gitops_tui.model.snapshot import Hold
from tests.tui import world

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def lease(seconds: float) -> OperationLease:
    return OperationLease("other", "ben", NOW + timedelta(seconds=seconds))


def hold(seconds: float | None) -> Hold:
    return Hold("ana", "deploying", NOW, None if seconds is None else NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("state", "is_running", "expected"),
    [
        (AppState({}), False, None),
        (AppState({}, lease=lease(30)), False, 30.0),
        (AppState({}, lease=lease(-1)), False, None),
        (AppState({}, lease=lease(30)), True, None),
        (AppState({}, hold=hold(None)), False, None),
        (AppState({}, hold=hold(1800)), False, 1800.0),
        (AppState({}, lease=lease(30), hold=hold(20)), False, 20.0),
        (AppState({}, lease=lease(-30), hold=hold(20)), True, 20.0),
    ],
)
def test_the_next_look(state: AppState, is_running: bool, expected: float | None) -> None:
    record = dataclasses.replace(
        Record(world.auth_service().app), state=state, run=cast(Any, object()) if is_running else None
    )
    assert seconds_to_next_look(record, NOW) == expected
