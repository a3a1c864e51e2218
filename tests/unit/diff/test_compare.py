"""``compare``: whether an object is modified, which fields differ, and who wrote them."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_tui.diff.compare import compare
from gitops_tui.model.status import DriftKind, WriterClass
from tests.unit.diff.world import (
    EDITED,
    LAST_APPLIED,
    NOW,
    OURS,
    Object,
    adds_env,
    ago,
    annotates,
    applied,
    client_side_applied,
    compared,
    config_map,
    container_of,
    deployment,
    foreign,
    schema_of,
    secret,
    service,
    sets,
    written,
)

CUSTOM = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": "1000m"}}


# --- one side only ---------------------------------------------------------------------------------------------------


def test_what_is_not_there_yet_is_modified() -> None:
    found = compared(deployment(), None)
    assert (found.modified, found.live, found.fields) == (True, None, ())
    assert found.predicted is not None
    assert found.predicted["metadata"] == {"name": "auth"}


def test_what_git_does_not_have_is_extra_and_not_modified() -> None:
    found = compared(None, applied(config_map()))
    assert (found.modified, found.predicted, found.fields) == (False, None, ())
    assert found.live == {**config_map(), "metadata": {"name": "settings", "namespace": "shop"}}


def test_what_is_on_neither_side_is_not_modified() -> None:
    assert not compare(None, None, schema=None, manager=OURS).modified


# --- what is no difference -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", [deployment(), config_map(), secret(), service(), CUSTOM], ids=lambda one: one["kind"]
)
def test_what_was_applied_is_not_modified(target: Object) -> None:
    live = applied(target)
    for confirmed in (None, live):
        found = compared(target, live, confirmed=confirmed)
        assert (found.modified, found.fields, found.problems) == (False, (), ())
        assert found.live == found.predicted


def test_the_servers_own_fields_are_no_difference() -> None:
    target = deployment()
    live = applied(target)
    live["metadata"] |= {"selfLink": "/x", "deletionGracePeriodSeconds": 30, "generation": 7}
    live["status"] = {"replicas": 3}
    given = {**target, "metadata": {**target["metadata"], "creationTimestamp": None}, "status": {"replicas": 9}}
    assert not compared(given, live).modified
    assert not compared(given, live, confirmed={**live, "metadata": {**live["metadata"], "generation": 8}}).modified


def test_defaults_that_the_server_filled_in_are_no_difference() -> None:
    target = deployment()
    live = applied(target)
    live["spec"] |= {"revisionHistoryLimit": 10, "strategy": {"type": "RollingUpdate"}}
    container_of(live)["terminationMessagePath"] = "/dev/termination-log"
    live["metadata"]["managedFields"] = applied(target)["metadata"]["managedFields"]
    assert not compared(target, live).modified


@pytest.mark.parametrize(("wanted", "stored"), [("1000m", "1"), ("0.5", "500m"), ("1024Mi", "1Gi"), (2, "2")])
def test_quantities_are_compared_by_what_they_mean(wanted: Any, stored: str) -> None:
    target = deployment(resources={"limits": {"memory": wanted}})
    live = applied(target)
    container_of(live)["resources"]["limits"]["memory"] = stored
    assert not compared(target, live).modified
    container_of(live)["resources"]["limits"]["memory"] = "3"
    assert [one.label for one in compared(target, live).fields] == ["limit memory"]


def test_in_a_custom_resource_a_quantity_is_plain_text() -> None:
    live = applied(CUSTOM)
    live["spec"]["size"] = "1"
    (found,) = compared(CUSTOM, live).fields
    assert (found.text, found.live, found.target) == ("spec.size", "1", "1000m")


@pytest.mark.parametrize(
    "empty", [{"volumes": []}, {"hostNetwork": False}, {"serviceAccountName": ""}, {"volumes": None}]
)
def test_empty_optional_fields_are_no_difference(empty: Object) -> None:
    target = deployment()
    target["spec"]["template"]["spec"] |= empty
    assert not compared(target, applied(deployment())).modified


def test_string_data_is_the_data_that_the_server_makes_of_it() -> None:
    target = {**secret(password="plain"), "data": {"password": "b2xk", "cert": "Y2VydA=="}}
    live = {**applied(target), "data": {"password": base64.b64encode(b"plain").decode(), "cert": "Y2VydA=="}}
    live.pop("stringData", None)
    assert not compared(target, live).modified
    live["data"]["password"] = "b2xk"
    assert [one.label for one in compared(target, live).fields] == ["data key password"]


def test_a_namespace_that_a_cluster_scoped_object_does_not_have_is_no_difference() -> None:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "r"},
        "rules": rules,
    }
    live = applied(role)
    del live["metadata"]["namespace"]
    assert not compared({**role, "metadata": {"name": "r", "namespace": "shop"}}, live).modified


def test_rules_of_an_aggregated_role_are_the_clusters_where_git_sets_none() -> None:
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "r"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]},
    }
    live = applied(role)
    live["rules"] = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    assert not compared(role, live).modified
    given = {**role, "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}
    emptied, nulled = {**role, "rules": []}, {**role, "rules": None}
    for target in (given, emptied, nulled):
        assert compared(target, live).modified, "empty rules are rules too (ignoreAggregatedRoles is there for them)"
        assert not compared(target, live, ignore_aggregated_roles=True).modified
        left_git = {**live, "metadata": {"name": "r", "annotations": {LAST_APPLIED: json.dumps(target)}}}
        assert compared(role, left_git).modified, "rules left Git (Argo CD TestDiffOptionIgnoreAggregateRoles)"
        assert not compared(role, left_git, ignore_aggregated_roles=True).modified
    unselective = {**given, "aggregationRule": {}}
    assert not compared(unselective, {**live, "aggregationRule": {}}, ignore_aggregated_roles=True).modified


def test_endpoints_have_no_order() -> None:
    def endpoints(*ports: Object) -> Object:
        subset = {"addresses": [{"ip": "10.0.0.2"}], "ports": list(ports)}
        return {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}, "subsets": [subset]}

    target = endpoints({"port": 80}, {"name": "b", "port": 81})
    live = endpoints({"name": "b", "port": 81, "protocol": "TCP"}, {"port": 80, "protocol": "TCP"})
    assert not compared(target, live).modified
    assert compared(endpoints({"port": 81}), live).modified


def test_nulls_of_a_custom_resource_say_nothing() -> None:
    """kubeseal writes ``creationTimestamp: null`` in its template; Argo CD's JSON merge patch cannot say null."""
    sealed: Object = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": "s"},
        "spec": {"encryptedData": {"a": "b"}, "template": {"metadata": {"creationTimestamp": None, "name": "s"}}},
    }
    live = {**sealed, "spec": {"encryptedData": {"a": "b"}, "template": {"metadata": {"name": "s"}}}}
    assert not compared(sealed, live).modified
    assert not compared(live, sealed).modified
    assert compared(sealed, {**live, "spec": {"encryptedData": {"a": "c"}}}).modified


VALUES = st.text("ab:#\n ", max_size=4)
VARIABLES = st.dictionaries(st.sampled_from("ABCD"), VALUES, max_size=3)


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "a.b", "a-b", "c/d"]), VALUES, max_size=3), VARIABLES, st.integers(0, 3))
def test_an_object_against_itself_is_never_modified(data: dict[str, str], env: dict[str, str], count: int) -> None:
    workload = deployment(env=[{"name": name, "value": value} for name, value in env.items()])
    workload["spec"]["replicas"] = count
    workload["metadata"]["annotations"] = data
    for obj in (config_map(**data), workload, {**CUSTOM, "spec": data}):
        live = applied(obj)
        touched = written(live, annotates("x", "y"))
        bare = {**live, "metadata": {**live["metadata"], "managedFields": []}}
        assert not compared(obj, obj).modified
        assert not compared(obj, live).modified
        assert not compared(bare, bare).modified
        assert not compared(obj, touched).modified
        assert not compared(obj, touched, confirmed=touched).modified


# --- what differs, and by whom ---------------------------------------------------------------------------------------


def test_a_changed_value_is_target_drift_by_its_writer() -> None:
    target = deployment()

    def change(obj: Object) -> None:
        container_of(obj)["env"][0]["value"] = "legacy"

    (found,) = compared(target, written(applied(target), change)).fields
    assert found.text == "spec.template.spec.containers[name=auth].env[name=AUTH_MODE].value"
    assert (found.label, found.kind, found.live, found.target) == ("env AUTH_MODE", DriftKind.TARGET, "legacy", "oidc")
    assert found.writer is not None
    assert (found.writer.manager, found.writer.time, found.writer.klass) == ("kubectl-edit", EDITED, WriterClass.PERSON)
    assert (found.ticked, found.healable, found.reason) == (True, True, "")


def test_what_git_changed_is_nobody_elses() -> None:
    (found,) = compared(deployment(image="registry.example/auth:2"), applied(deployment())).fields
    assert (found.label, found.live, found.target) == ("image", "registry.example/auth:1", "registry.example/auth:2")
    assert found.writer is None


def test_what_git_added_is_one_difference_and_not_thirty() -> None:
    target = deployment()
    sidecar = {"name": "proxy", "image": "registry.example/proxy:1", "env": [{"name": "A", "value": "1"}]}
    target["spec"]["template"]["spec"]["containers"].append(sidecar)
    (found,) = compared(target, applied(deployment())).fields
    assert (found.label, found.live, found.target) == ("container proxy", None, {**sidecar, "resources": {}})


def test_what_git_dropped_is_told_with_what_is_there() -> None:
    before = deployment(env=[{"name": "AUTH_MODE", "value": "oidc"}, {"name": "OLD", "value": "1"}])
    (found,) = compared(deployment(), applied(before)).fields
    assert (found.label, found.live, found.target) == ("env OLD", "1", None)


def test_what_others_added_is_no_target_drift() -> None:
    target = deployment()
    assert not compared(target, written(applied(target), adds_env("DEBUG"))).modified


def test_the_same_items_in_another_order_are_one_difference() -> None:
    target = deployment(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    live = written(applied(target), lambda obj: container_of(obj)["env"].reverse())
    (found,) = compared(target, live).fields
    assert (found.label, found.live, found.target) == ("order of env", ["B", "A"], ["A", "B"])


def test_only_the_newest_writer_of_a_field_is_named() -> None:
    target = deployment()
    live = written(applied(target), sets("spec.replicas", 5), "kubectl-patch", ago(days=20))
    live = written(live, sets("spec.replicas", 6), "kubectl-edit", ago(days=3))
    (found,) = compared(target, live).fields
    assert found.writer is not None
    assert found.writer.describe(NOW) == "kubectl-edit, last write 3 d ago"


def removed_env(obj: Object) -> None:
    container_of(obj)["env"] = [{"name": "AUTH_MODE", "value": "oidc"}]


TWO = deployment(env=[{"name": "AUTH_MODE", "value": "oidc"}, {"name": "LEVEL", "value": "info"}])


def test_a_removed_field_has_a_guess_only() -> None:
    live = written(applied(TWO), lambda obj: (removed_env(obj), sets("spec.paused", True)(obj)), "kubectl-set")
    (found,) = compared(TWO, live, is_deployed=True).fields
    assert (found.label, found.live, found.target) == ("env LEVEL", None, "info")
    assert found.writer is not None
    assert found.writer.is_guess
    assert found.writer.describe(NOW) == "removed, writer unknown, perhaps kubectl-set, last write 14 d ago"


def test_a_removed_field_without_any_other_writer_is_by_nobody_known() -> None:
    live = written(applied(TWO), removed_env)
    (found,) = compared(TWO, live, is_deployed=True).fields
    assert found.writer is not None
    assert (found.writer.manager, found.writer.klass, found.writer.is_guess) == ("", WriterClass.UNKNOWN, True)
    assert found.writer.describe(NOW) == "removed, writer unknown"


def test_a_field_that_git_only_now_wants_was_not_removed_by_anybody() -> None:
    (found,) = compared(TWO, applied(deployment()), is_deployed=False).fields
    assert (found.label, found.writer) == ("env LEVEL", None)


@pytest.mark.parametrize(
    ("manager", "time", "subresource"),
    [
        ("kubectl-edit", ago(days=40), ""),
        ("kube-controller-manager", EDITED, ""),
        ("keda-operator", EDITED, ""),
        ("kubectl", EDITED, "scale"),
    ],
    ids=["before our apply", "the cluster", "an autoscaler", "a scale"],
)
def test_who_is_never_guessed_to_have_removed_it(manager: str, time: str, subresource: str) -> None:
    live = written(applied(deployment()), sets("spec.paused", True), manager, time, subresource)
    (found,) = compared(TWO, live).fields
    assert (found.label, found.writer) == ("env LEVEL", None)


# --- autoscalers -----------------------------------------------------------------------------------------------------


def test_replicas_are_left_out_where_an_autoscaler_sets_them() -> None:
    target = deployment()
    live = written(applied(target), sets("spec.replicas", 7), "kube-controller-manager", "", "scale")
    (found,) = compared(target, live, autoscaled=True).fields
    assert (found.text, found.ticked, found.healable) == ("spec.replicas", False, False)
    assert found.reason == "an autoscaler sets it: left as it is"
    assert found.writer is not None
    assert found.writer.klass is WriterClass.AUTOSCALER


def test_and_only_they() -> None:
    target = deployment(image="registry.example/auth:2")
    live = written(applied(deployment()), sets("spec.replicas", 7), "kubectl", "", "scale")
    ticked = {one.text: one.ticked for one in compared(target, live, autoscaled=True).fields}
    assert ticked == {"spec.replicas": False, "spec.template.spec.containers[name=auth].image": True}
    assert all(one.ticked for one in compared(target, live).fields)


# --- objects that kubectl applied ------------------------------------------------------------------------------------


def test_what_git_drops_after_a_client_side_apply_is_removed() -> None:
    live = client_side_applied(TWO)
    (found,) = compared(deployment(), live).fields
    assert (found.label, found.live, found.target) == ("env LEVEL", "info", None)
    assert not compared(TWO, live).modified


def test_without_managed_fields_the_last_applied_annotation_tells_what_was_ours() -> None:
    live = client_side_applied(TWO)
    del live["metadata"]["managedFields"]
    (found,) = compared(deployment(), live).fields
    assert (found.label, found.live, found.target) == ("env LEVEL", "info", None)
    del live["metadata"]["annotations"]
    assert not compared(deployment(), live).modified, "nothing tells that LEVEL was ours"


def reapplied(target: Object, changed: Object) -> Object:
    """``target`` as we applied it, and then ``kubectl apply`` of ``changed`` over it."""

    def change(obj: Object) -> None:
        obj |= {name: copy.deepcopy(value) for name, value in changed.items() if name != "metadata"}
        annotates(LAST_APPLIED, json.dumps(changed))(obj)

    return written(applied(target), change, "kubectl-client-side-apply")


@pytest.mark.parametrize(
    ("target", "changed", "label"),
    [
        (config_map(), config_map(**{"app.conf": "a=1\n", "debug": "on"}), "data key debug"),
        (deployment(), TWO, "env LEVEL"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_a_client_side_apply_only_added_is_drift_too(target: Object, changed: Object, label: str) -> None:
    live = reapplied(target, changed)
    for confirmed in (None, live):
        (found,) = compared(target, live, confirmed=confirmed).fields
        assert (found.label, found.kind, found.target) == (label, DriftKind.TARGET, None)
        assert found.writer is not None
        assert (found.writer.manager, found.writer.klass) == ("kubectl-client-side-apply", WriterClass.PERSON)
    assert foreign(live, target) == (), "the ordinary apply undoes it"
    assert not compared(target, reapplied(target, target)).modified


def test_kubectls_copy_is_never_a_difference() -> None:
    target = config_map()
    live = written(applied(target), annotates(LAST_APPLIED, json.dumps({"old": 1})), "kubectl-client-side-apply")
    assert not compared(target, live).modified


# --- a server's answer -----------------------------------------------------------------------------------------------


def test_a_dry_runs_answer_replaces_our_prediction() -> None:
    target = config_map()
    live = applied(target)
    confirmed = written(live, sets("data", {"app.conf": "other"}), OURS)
    (found,) = compared(target, live, confirmed=confirmed, include_webhooks=True).fields
    assert (found.label, found.live, found.target) == ("data key app.conf", "a=1\n", "other")


def test_comparing_changes_nothing_that_it_is_given() -> None:
    target = {**deployment(), "status": {}}
    live = written(applied(TWO), sets("spec.replicas", 5))
    before = copy.deepcopy((target, live))
    compared(target, live)
    assert (target, live) == before


def test_a_target_that_does_not_fit_its_type_is_still_compared() -> None:
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    assert compared(deployment(env=twice), applied(deployment())).modified
    assert schema_of(CUSTOM) is None
