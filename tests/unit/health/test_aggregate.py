"""The health of an application from that of its objects (Argo CD ``controller/health.go``)."""

from __future__ import annotations

from itertools import combinations

import pytest

from gitops_tui.health.aggregate import Judged, application_health
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import Health, HealthStatus

HEALTHY, DEGRADED, PROGRESSING = HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.PROGRESSING
SUSPENDED, UNKNOWN, MISSING = HealthStatus.SUSPENDED, HealthStatus.UNKNOWN, HealthStatus.MISSING
ORDER = (HEALTHY, SUSPENDED, PROGRESSING, MISSING, DEGRADED, UNKNOWN)


def one(
    status: HealthStatus | None = None,
    name: str = "web",
    *,
    group: str = "apps",
    kind: str = "Deployment",
    live: bool = True,
    left_out: bool = False,
    ignored: bool = False,
) -> Judged:
    health = None if status is None else Health(status)
    return Judged(ResourceKey(group, kind, "shop", name), health, live, left_out, ignored)


def child(status: HealthStatus) -> Judged:
    return one(status, group="argoproj.io", kind="Application")


def missing(name: str = "gone") -> Judged:
    return one(MISSING, name, live=False)


def test_good_to_bad_is_argo_cds_order() -> None:
    assert sorted(HealthStatus, key=lambda status: status.badness) == list(ORDER)


@pytest.mark.parametrize(("better", "worse"), list(combinations(ORDER, 2)), ids=lambda status: str(status))
def test_the_worst_decides_and_is_named(better: HealthStatus, worse: HealthStatus) -> None:
    for objects in ([one(better, "a"), one(worse, "b")], [one(worse, "b"), one(better, "a")]):
        assert application_health(objects) == Health(worse, "Caused by apps/Deployment:shop/b")


def test_every_cause_is_named() -> None:
    objects = [one(DEGRADED, "a"), one(PROGRESSING, "b"), one(DEGRADED, "c", group="", kind="Pod")]
    assert application_health(objects).message == "Caused by apps/Deployment:shop/a, Pod:shop/c"


def test_nothing_at_all_is_healthy() -> None:
    assert application_health([]) == Health(HEALTHY)


def test_kinds_without_a_rule_are_healthy() -> None:
    assert application_health([one(None, "a"), one(None, "b")]) == Health(HEALTHY)


def test_what_is_missing_does_not_degrade_what_lives() -> None:
    assert application_health([missing(), one(HEALTHY)]) == Health(HEALTHY)
    assert application_health([missing(), one(SUSPENDED)]).status is SUSPENDED
    assert application_health([missing(), one(None)]) == Health(HEALTHY)


def test_nothing_live_is_missing() -> None:
    assert application_health([missing("a"), missing("b")]) == Health(MISSING)


def test_hooks_and_ignored_objects_do_not_even_count_as_objects() -> None:
    hook = one(DEGRADED, "hook", left_out=True)
    assert application_health([hook]) == Health(HEALTHY)
    assert application_health([hook, missing()]) == Health(MISSING), "a live hook is no live object"
    assert application_health([hook, one(HEALTHY)]) == Health(HEALTHY)


def test_an_object_whose_health_is_ignored_still_lives() -> None:
    ignored = one(DEGRADED, "noisy", ignored=True)
    assert application_health([ignored]) == Health(HEALTHY)
    assert application_health([ignored, missing()]) == Health(HEALTHY)
    assert application_health([ignored, one(PROGRESSING)]).status is PROGRESSING


@pytest.mark.parametrize("status", [MISSING, UNKNOWN])
def test_a_child_application_that_nobody_judged_yet_does_not_count(status: HealthStatus) -> None:
    assert application_health([child(status), one(HEALTHY)]) == Health(HEALTHY)
    assert application_health([child(status)]) == Health(HEALTHY)
    assert application_health([one(status)]).status is status, "any other kind does"


def test_a_child_application_that_was_judged_does() -> None:
    found = application_health([child(DEGRADED), one(HEALTHY)])
    assert found == Health(DEGRADED, "Caused by argoproj.io/Application:shop/web")
