"""A retry that takes the newest revision, an operation that takes too long, and one whose program was killed."""

from __future__ import annotations

import pytest

from gitops_tui.model.operation import OperationState
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import OperationPhase
from tests.contract.engine.objects import Object, config_map, gate, hook, in_wave
from tests.contract.engine.site import Running, Site
from tests.contract.target import eventually

WRONG = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "wrong"}, "spec": {"ports": [{"port": 99999}]}}
SLOWLY = {"limit": 3, "backoff": {"duration": "500ms", "factor": 1}}


def operation(view: AppView) -> OperationState | None:
    return view.operation


@pytest.mark.parametrize("refreshes", [True, False])
def test_a_retry_takes_the_newest_revision_only_where_it_says_so(site: Site, refreshes: bool) -> None:
    bad = site.commit("bad", {"apps/shop/all.json": [config_map("settings"), WRONG]})
    site.application("shop")
    running = site.engine()
    running.execute(running.plan("shop", asks_server=False, retry={**SLOWLY, "refresh": refreshes}))
    running.until("shop", lambda view: view.operation and "Retrying" in view.operation.message)
    good = site.commit("good", {"apps/shop/all.json": [config_map("settings", a="2")]})
    view = running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    ended = operation(view)
    assert ended is not None and ended.sync_result is not None
    assert ended.sync_result.revision == (good if refreshes else bad)
    assert ended.phase is (OperationPhase.SUCCEEDED if refreshes else OperationPhase.FAILED), ended.message
    assert [one.revision for one in view.history] == ([good] if refreshes else [])
    assert (site.data("settings") == {"a": "2"}) is refreshes


def test_an_operation_that_takes_too_long_is_terminated(site: Site) -> None:
    site.commit("waits", {"apps/shop/all.json": [gate(), in_wave(1, "after")]})
    site.application("shop")
    running = site.engine(settings=site.settings(sync_timeout_s=2.0))
    running.execute(running.plan("shop"))
    view = running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    ended = operation(view)
    assert ended is not None and ended.phase is OperationPhase.FAILED
    assert site.data("after") is None
    site.open_gate()
    assert running.sync("shop").phase is OperationPhase.SUCCEEDED


def test_what_was_left_behind_among_hooks_runs_none_of_them_twice(site: Site) -> None:
    """Hooks with given and generated names that have run, one that runs, and waves that are still to come."""
    generated = hook("PreSync", "made")
    generated["metadata"] = {"generateName": "made-", "annotations": generated["metadata"]["annotations"]}
    waits = gate("waits")
    waits["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "Sync", "argocd.argoproj.io/sync-wave": "1"}
    site.commit("hooks", {"apps/shop/all.json": [generated, hook("PreSync", "named"), waits, in_wave(2, "after")]})
    site.application("shop")
    one = site.engine()
    one.execute(one.plan("shop"))
    one.until("shop", lambda view: view.progress and any(key.name == "waits" for key, _ in view.progress.running))
    before = {item["metadata"]["name"]: item["metadata"]["uid"] for item in hooks(site)}
    assert len(before) == 2 and any(name.startswith("made-") for name in before)
    one.engine.stop()

    two = site.engine()
    two.until("shop", lambda view: view.is_orphaned_operation)
    two.engine.resume(two.key("shop")).result(10)
    site.open_gate("waits")
    view = two.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    ended = operation(view)
    assert ended is not None and ended.phase is OperationPhase.SUCCEEDED, ended
    assert {item["metadata"]["name"]: item["metadata"]["uid"] for item in hooks(site)} == before
    assert site.data("after") == {"key": "value"}


def hooks(site: Site) -> list[dict[str, dict[str, str]]]:
    items = site.target.ok("GET", site.path("configmaps"))["items"]
    found: list[dict[str, dict[str, str]]] = [
        item for item in items if "argocd.argoproj.io/hook" in (item["metadata"].get("annotations") or {})
    ]
    return found


def begin_refused(site: Site, *, pause: str) -> Running:
    """``one`` has an object that ``two`` wants: a sync of ``two`` that minds it has begun, with another attempt."""
    site.commit("begin", {f"apps/{name}/all.json": [config_map("both", key=name)] for name in ("one", "two")})
    for name in ("one", "two"):
        site.application(name, in_cluster=True)
    running = site.engine(from_cluster=True, reconcile=True)
    site.patch("one", {"operation": {"sync": {}}})
    running.until("two", lambda view: any(one.type == "SharedResourceWarning" for one in view.conditions))
    rule = {"limit": 1, "backoff": {"duration": pause, "factor": 1}}
    site.patch("two", {"operation": {"sync": {"syncOptions": ["FailOnSharedResource=true"]}, "retry": rule}})
    return running


def test_what_is_refused_before_anything_is_applied_is_tried_again(site: Site) -> None:
    """As any other failure."""
    begin_refused(site, pause="1s")

    def ended() -> Object | None:
        state = (site.object("two").get("status") or {}).get("operationState") or {}
        return state if state.get("phase") == "Failed" else None

    state = eventually(ended)
    assert state["retryCount"] == 1 and state["message"].startswith("Shared resource found: ")
    assert site.data("both") == {"key": "one"}


def test_what_was_refused_is_compared_again_before_the_next_attempt(site: Site) -> None:
    running = begin_refused(site, pause="3s")
    running.until("two", lambda view: view.operation and "Retrying" in view.operation.message)
    site.target.kubectl("delete", "configmap", "both")
    view = running.until("two", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.SUCCEEDED
    assert site.data("both") == {"key": "two"}


def test_an_end_between_two_attempts_keeps_what_the_first_one_did(site: Site) -> None:
    site.commit("bad", {"apps/shop/all.json": [config_map("settings"), WRONG]})
    site.application("shop", in_cluster=True)
    running = site.engine(from_cluster=True, reconcile=True)
    rule = {"limit": 1, "backoff": {"duration": "1m", "factor": 1}}
    site.patch("shop", {"operation": {"sync": {}, "retry": rule}})
    running.until("shop", lambda view: view.operation and "Retrying" in view.operation.message)
    site.patch("shop", {"status": {"operationState": {"phase": "Terminating"}}})
    view = running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    ended = operation(view)
    assert ended is not None and ended.sync_result is not None and ended.message == "Operation terminated"
    assert sorted(one.key.name for one in ended.sync_result.resources) == ["settings", "wrong"]
