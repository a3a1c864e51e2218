"""Who answers at once may be asked again at once; who is slow is left alone for a while."""

from __future__ import annotations

import pytest

from gitops_tui.engine.pace import MAX_REST_S, Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("took_s", "rest_s"), [(0.0, 0.0), (0.02, 0.2), (0.3, 3.0), (4.0, MAX_REST_S)])
def test_the_rest_is_as_long_as_the_server_is_slow(took_s: float, rest_s: float) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.rest_s(60) == 0.0, "nothing was written yet"
    with pace.writing():
        clock.now += took_s
    assert pace.rest_s() == pytest.approx(rest_s)
    clock.now += rest_s
    assert pace.rest_s() == pytest.approx(0.0)


def test_a_write_that_fails_slows_down_as_well_and_the_least_rest_counts_from_its_end() -> None:
    clock = Clock()
    pace = Pace(clock)
    with pytest.raises(OSError), pace.writing():
        clock.now += 0.1
        raise OSError
    assert pace.rest_s() == pytest.approx(1.0)
    assert pace.rest_s(3.0) == pytest.approx(3.0)
