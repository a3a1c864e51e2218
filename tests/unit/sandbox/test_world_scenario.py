"""What happens in the world while one watches."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from gitops_tui.errors import RepositoryError
from gitops_tui.health.assess import assess
from gitops_tui.model.resource import metadata_of
from gitops_tui.model.status import HealthStatus
from gitops_tui.sandbox.world import World
from gitops_tui.sandbox.world.repository import Repository
from gitops_tui.sandbox.world.scenario import Act, Hands, Scenario, busy, calm

FAST = 500.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    built = World.build(tmp_path, scenario="incident", pace=FAST)
    try:
        yield built
    finally:
        built.stop()


def eventually(is_met: Callable[[], bool], timeout_s: float = 60.0) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if is_met():
            return True
        time.sleep(0.02)
    return False


def log_level(world: World) -> str:
    live = world.sandbox.store.get("deployments.apps", "search", "search")
    env = live["spec"]["template"]["spec"]["containers"][0]["env"]
    return str(next(one["value"] for one in env if one["name"] == "LOG_LEVEL"))


def test_the_incident_gets_a_second_drift(world: World) -> None:
    tip = world.hands.repository.tip()
    assert log_level(world) == "info"
    world.start_scenario()
    assert eventually(lambda: log_level(world) == "debug")
    live = world.sandbox.store.get("deployments.apps", "search", "search")
    assert "kubectl-set" in {one["manager"] for one in metadata_of(live)["managedFields"]}
    assert eventually(lambda: world.hands.repository.tip() != tip)


def test_nothing_happens_before_it_is_started(world: World) -> None:
    tip = world.hands.repository.tip()
    world.stop()
    world.stop()
    assert world.hands.repository.tip() == tip


def test_the_controllers_roll_a_change_out(world: World) -> None:
    world.hands.set_variable("search", "search", "search", "LOG_LEVEL", "trace")
    store = world.sandbox.store

    def is_rolled_out() -> bool:
        pods = store.list("pods", "search", {"app": "search"})
        values = [
            one["value"] for pod in pods for one in pod["spec"]["containers"][0]["env"] if one["name"] == "LOG_LEVEL"
        ]
        return values == ["trace"] * 3

    assert eventually(is_rolled_out)


def test_a_broken_rollout_can_be_mended(world: World) -> None:
    store = world.sandbox.store
    live = store.get("deployments.apps", "billing", "billing")
    mended = json.loads(json.dumps(live["spec"]["template"]).replace("2.9.1-does-not-exist", "2.9.2"))
    store.patch("deployments.apps", "billing", "billing", {"spec": {"template": mended}}, "kubectl-set")

    def is_healthy() -> bool:
        health = assess(store.get("deployments.apps", "billing", "billing"))
        return health is not None and health.status is HealthStatus.HEALTHY

    assert eventually(is_healthy)
    assert eventually(lambda: len(store.list("pods", "billing")) == 2)
    images = {pod["spec"]["containers"][0]["image"] for pod in store.list("pods", "billing")}
    assert images == {"registry.example.com/billing:2.9.2"}


def test_busy_bumps_and_edits(world: World) -> None:
    repository = world.hands.repository
    tip = repository.tip()
    for delay_s, act in islice(busy(world.hands), 5):
        assert 20 <= delay_s <= 40
        act()
    log = repository.git("log", "--format=%an %s", f"{tip}..main").splitlines()
    assert len([line for line in log if line.startswith("deploy-bot deploy(")]) == 2
    assert len([line for line in log if line.startswith("Ben gateway: a timeout of")]) == 1


def test_calm_is_nothing(world: World) -> None:
    assert list(calm(world.hands)) == []


def test_a_plot_goes_on_after_a_failure() -> None:
    done: list[str] = []

    def fail() -> None:
        raise RepositoryError("gone")

    def plot() -> Iterator[tuple[float, Act]]:
        yield 0.01, fail
        yield 0.01, lambda: done.append("after")

    scenario = Scenario(plot())
    scenario.start()
    assert eventually(lambda: done == ["after"])
    scenario.stop()


def test_commits_follow_what_somebody_pushed(tmp_path: Path, world: World) -> None:
    repository = Repository(world.remote)
    hands = Hands(world.sandbox.store, repository)
    before = repository.tip()
    hands.bump("orders")
    assert repository.git("rev-parse", "main^").strip() == before
    assert "orders:1.7.2" in repository.read("apps/orders/deployment.yaml")
    assert repository.git("show", "--format=", "--name-only", "main").split() == ["apps/orders/deployment.yaml"]
    with pytest.raises(RepositoryError, match="git show failed"):
        repository.read("apps/nothing")
