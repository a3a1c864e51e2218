"""Apply and its shortcut, without a server. What a real server says stands in tests/contract/structured."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings

from gitops_tui.structured import apply as apply_module
from gitops_tui.structured import builtin
from gitops_tui.structured.apply import apply
from gitops_tui.structured.schema import Schemas
from gitops_tui.structured.unchanged import is_satisfied
from tests.contract.structured.test_sequences import DEPLOYMENT, deployments, steps

Object = dict[str, Any]

SCHEMA = builtin.schemas().for_kind("apps/v1", "Deployment")
THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def deployment(body: Object) -> Object:
    metadata = {"name": "x", "namespace": "y", **body.get("metadata", {})}
    return {"apiVersion": "apps/v1", "kind": "Deployment", **body, "metadata": metadata}


def has_empty_list(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_empty_list(item) for item in value.values())
    return isinstance(value, list) and (not value or any(has_empty_list(item) for item in value))


def managers_of(obj: Object) -> dict[str, Object]:
    return {one["manager"]: one for one in obj["metadata"].get("managedFields", [])}


@settings(max_examples=60, deadline=None)
@given(steps(deployments, "none"))
def test_what_is_satisfied_would_not_change(writes: list[tuple[Any, ...]]) -> None:
    live = apply(None, deployment(DEPLOYMENT), manager="ana", schema=SCHEMA, force=True, time=THEN).object
    for _, manager, body, _ in writes:
        config = deployment(body)
        for name in ("ana", "ben", "gitops-tui"):
            satisfied = is_satisfied(live, config, SCHEMA, name)
            slow = without_shortcut(live, config, name)
            assert not (satisfied and slow.changed)
        before = copy.deepcopy((live, config))
        applied = apply(live, config, manager=manager, schema=SCHEMA, force=True, time=NOW)
        assert (live, config) == before
        live = applied.object
        again = apply(live, config, manager=manager, schema=SCHEMA, force=False, time=NOW)
        is_settled = again.object is live and not again.changed
        assert is_settled or has_empty_list(config), "an empty list is nobody's, and comes and goes with each apply"


def without_shortcut(live: Object, config: Object, manager: str) -> apply_module.Applied:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(apply_module, "is_satisfied", lambda *_: False)
        return apply(live, config, manager=manager, schema=SCHEMA, force=True, time=NOW)


def test_the_time_only_moves_when_something_changed() -> None:
    live = apply(None, deployment(DEPLOYMENT), manager="ana", schema=SCHEMA, force=False, time=THEN).object
    assert managers_of(live)["ana"]["time"] == THEN
    scaled = deployment({"spec": {**DEPLOYMENT["spec"], "replicas": 5}})
    later = apply(live, scaled, manager="ana", schema=SCHEMA, force=False, time=NOW)
    assert later.changed and managers_of(later.object)["ana"]["time"] == NOW


def test_a_co_owner_that_changes_nothing_gets_no_time() -> None:
    live = apply(None, deployment(DEPLOYMENT), manager="ana", schema=SCHEMA, force=False, time=THEN).object
    shared = apply(live, deployment({"spec": {"replicas": 0}}), manager="ben", schema=SCHEMA, force=False, time=NOW)
    assert shared.changed and "time" not in managers_of(shared.object)["ben"]


def test_a_conflict_names_field_and_owner_and_force_takes_it() -> None:
    live = apply(None, deployment(DEPLOYMENT), manager="ana", schema=SCHEMA, force=False, time=THEN).object
    config = deployment({"spec": {"replicas": 7}})
    refused = apply(live, config, manager="ben", schema=SCHEMA, force=False, time=NOW)
    assert refused.object is live and not refused.changed
    assert [(one.manager, one.operation, one.path) for one in refused.conflicts] == [("ana", "Apply", ".spec.replicas")]
    forced = apply(live, config, manager="ben", schema=SCHEMA, force=True, time=NOW)
    assert forced.object["spec"]["replicas"] == 7
    assert not forced.conflicts and [one.path for one in forced.taken] == [".spec.replicas"]
    assert "f:replicas" not in managers_of(forced.object)["ana"]["fieldsV1"]["f:spec"]


def test_what_others_own_too_stays_when_one_lets_go() -> None:
    both = {"data": {"a": "1", "b": "2"}}
    kind = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    schema = builtin.schemas().for_kind("v1", "ConfigMap")
    live = apply(None, {**kind, **both}, manager="ana", schema=schema, force=False, time=THEN).object
    live = apply(live, {**kind, "data": {"a": "1"}}, manager="ben", schema=schema, force=False, time=THEN).object
    left = apply(live, kind, manager="ana", schema=schema, force=False, time=NOW).object
    assert left["data"] == {"a": "1"} and list(managers_of(left)) == ["ben"]


def test_unknown_kinds_are_deduced() -> None:
    kind = {"apiVersion": "x.example/v1", "kind": "Thing", "metadata": {"name": "x"}}
    schema = Schemas().for_kind("x.example/v1", "Thing")
    live = apply(
        None, {**kind, "spec": {"a": [1], "b": 1}}, manager="ana", schema=schema, force=False, time=THEN
    ).object
    left = apply(live, {**kind, "spec": {"a": [2]}}, manager="ana", schema=schema, force=False, time=NOW).object
    assert left["spec"] == {"a": [2]}


def test_six_hundred_unchanged_objects_take_a_fraction_of_a_second() -> None:
    config = deployment(DEPLOYMENT)
    live = apply(None, config, manager="ana", schema=SCHEMA, force=False, time=THEN).object
    started = time.process_time()
    for _ in range(600):
        assert apply(live, config, manager="ana", schema=SCHEMA, force=True, time=NOW).object is live
    assert time.process_time() - started < 0.3
