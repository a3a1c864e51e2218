"""Foreign fields: what counts as drift, what is a note, and what is never spoken of (design/drift)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from gitops_tui.diff.foreign import needs_pristine, writer_at_work
from gitops_tui.diff.ownership import Managers
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.status import DriftKind, WriterClass
from tests.unit.diff.world import (
    EDITED,
    LAST_APPLIED,
    MADE,
    NOW,
    OURS,
    Change,
    Object,
    adds_env,
    ago,
    annotates,
    applied,
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

FOREIGN, NOTE = DriftKind.FOREIGN, DriftKind.NOTE
POD = "spec.template.spec"
DEBUG_PATH = f"{POD}.containers[name=auth].env[name=DEBUG]"


def only(found: tuple[FieldDrift, ...]) -> FieldDrift:
    (one,) = found
    return one


def hand(change: Change, manager: str = "kubectl-edit", *, target: Object | None = None, **how: Any) -> FieldDrift:
    target = target or deployment()
    return only(foreign(written(applied(target), change, manager, **how), target))


def needed(live: Object, target: Object) -> bool:
    return needs_pristine(live, target, schema=schema_of(target), managers=Managers(OURS))


# --- each row of the table of writers --------------------------------------------------------------------------------


def test_a_variable_added_by_kubectl_edit_is_drift_and_ticked() -> None:
    found = hand(adds_env("DEBUG"))
    assert (found.text, found.label, found.live, found.target) == (DEBUG_PATH, "env DEBUG", "1", None)
    assert (found.kind, found.ticked, found.healable, found.reason) == (FOREIGN, True, True, "")
    assert found.writer is not None
    assert (found.writer.manager, found.writer.klass, found.writer.time) == ("kubectl-edit", WriterClass.PERSON, EDITED)
    assert not compared(deployment(), written(applied(deployment()), adds_env("DEBUG"))).modified


ROWS = [
    ("kubectl-set", FOREIGN, True, ""),
    ("kubectl-patch", FOREIGN, False, "set by kubectl-patch: tick it to undo it"),
    ("k9s", FOREIGN, False, "set by k9s: tick it to undo it"),
    ("Lens", FOREIGN, False, "set by Lens: tick it to undo it"),
    ("headlamp", FOREIGN, False, "set by headlamp: tick it to undo it"),
    ("helm", FOREIGN, False, "two masters: helm deploys here too"),
    ("terraform", FOREIGN, False, "two masters: terraform deploys here too"),
    ("pulumi-kubernetes", FOREIGN, False, "two masters: pulumi-kubernetes deploys here too"),
    ("manager", NOTE, False, "set by manager: not undone from here"),
    ("OpenAPI-Generator", NOTE, False, "set by OpenAPI-Generator: not undone from here"),
    ("Mozilla", NOTE, False, "set by Mozilla: not undone from here"),
    ("keda-operator", NOTE, False, "an autoscaler sets it"),
]


@pytest.mark.parametrize(("manager", "kind", "ticked", "reason"), ROWS, ids=[row[0] for row in ROWS])
def test_who_wrote_it_decides(manager: str, kind: DriftKind, ticked: bool, reason: str) -> None:
    found = hand(adds_env("DEBUG"), manager)
    assert (found.kind, found.ticked, found.healable, found.reason) == (kind, ticked, kind is FOREIGN, reason)


@pytest.mark.parametrize("manager", [OURS, "argocd-controller", "kube-controller-manager", "kubelet"])
def test_of_git_and_of_the_cluster_nothing_is_told(manager: str) -> None:
    live = written(applied(deployment()), adds_env("DEBUG"), manager)
    assert foreign(live, deployment()) == ()
    assert not needed(live, deployment())


def test_an_entry_without_a_name_is_nobodys() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"))
    live["metadata"]["managedFields"][-1]["manager"] = ""
    found = only(foreign(live, deployment()))
    assert (found.kind, found.healable, found.reason) == (NOTE, False, "set by nobody: not undone from here")


def test_the_controller_of_an_object_is_no_stranger() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"), "an-operator")
    assert len(foreign(live, deployment())) == 1
    live = written(live, sets("status", {"replicas": 3}), "an-operator", subresource="status")
    assert foreign(live, deployment()) == ()


def test_a_program_that_applies_declares_its_part_but_a_person_is_told() -> None:
    added = deployment(env=[{"name": "DEBUG", "value": "1"}])
    assert foreign(applied(added, applied(deployment()), manager="an-operator", time=EDITED), deployment()) == ()
    found = only(foreign(applied(added, applied(deployment()), manager="kubectl", time=EDITED), deployment()))
    assert (found.label, found.kind) == ("env DEBUG", FOREIGN)


def test_names_of_the_settings_count() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"), "manager")
    found = only(foreign(live, deployment(), managers=Managers(OURS, deployers=("manager",))))
    assert (found.kind, found.reason) == (FOREIGN, "two masters: manager deploys here too")


# --- where it stands -------------------------------------------------------------------------------------------------


def container(name: str, value: Any) -> Change:
    return lambda obj: container_of(obj).__setitem__(name, value)


@pytest.mark.parametrize(
    ("change", "label", "ticked"),
    [
        (container("command", ["sleep"]), "command", True),
        (container("args", ["-v"]), "args", True),
        (container("envFrom", [{"configMapRef": {"name": "x"}}]), "envFrom", True),
        (container("livenessProbe", {"tcpSocket": {"port": 80}}), "livenessProbe", True),
        (container("resources", {"limits": {"cpu": "1"}}), "resources", True),
        (sets(f"{POD}.hostNetwork", True), "hostNetwork", False),
        (sets(f"{POD}.priorityClassName", "high"), "priorityClassName", False),
        (sets("spec.minReadySeconds", 5), "minReadySeconds", False),
        (sets("spec.paused", True), "paused", False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_containers_are_offered_first_and_the_rest_of_a_workload_after_a_dry_run(
    change: Change, label: str, ticked: bool
) -> None:
    found = hand(change)
    assert (found.label.split(".")[0], found.kind, found.ticked, found.healable) == (label, FOREIGN, ticked, True)
    assert found.reason == ("" if ticked else "tick it to undo it: the dry run tells whether that changes something")


def test_a_sidecar_is_one_field() -> None:
    sidecar = {"name": "shell", "image": "registry.example/shell:1", "env": [{"name": "A", "value": "1"}]}
    found = hand(lambda obj: obj["spec"]["template"]["spec"]["containers"].append(copy.deepcopy(sidecar)))
    assert (found.label, found.text, found.live) == ("container shell", f"{POD}.containers[name=shell]", sidecar)


def test_keys_of_data_that_git_manages() -> None:
    found = hand(lambda obj: obj["data"].update(debug="on"), target=config_map())
    assert (found.label, found.live, found.ticked) == ("data key debug", "on", True)
    found = hand(lambda obj: obj["data"].update(extra="ZXh0cmE="), target={**secret(), "data": {"a": "YQ=="}})
    assert (found.label, found.ticked, found.healable) == ("data key extra", False, True)
    assert "ZXh0cmE=" not in repr(found)


def test_a_key_of_data_may_be_called_anything() -> None:
    for name in ("metadata", "status", "kubectl.kubernetes.io", "nodePort", "env"):
        live = written(applied(config_map()), sets("data", {**config_map()["data"], name: "x"}))
        assert [(one.label, one.kind) for one in foreign(live, config_map())] == [(f"data key {name}", FOREIGN)]


def test_data_where_git_sets_none_is_others_business() -> None:
    empty = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "leader", "labels": {"a": "b"}}}
    assert foreign(written(applied(empty), sets("data", {"holder": "a"})), empty) == ()


def test_services_ingresses_and_rbac() -> None:
    found = hand(sets("spec.sessionAffinity", "ClientIP"), target=service())
    assert (found.text, found.kind, found.ticked) == ("spec.sessionAffinity", FOREIGN, False)
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b"}}
    subjects = [{"kind": "User", "name": "ana", "apiGroup": "rbac.authorization.k8s.io"}]
    found = hand(sets("subjects", subjects), target={**binding, "roleRef": {"kind": "Role", "name": "r"}})
    assert (found.text, found.kind) == ("subjects", FOREIGN)


def test_other_kinds_are_noted() -> None:
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"a": 1}}
    found = hand(sets("spec.b", 2), target=widget)
    assert (found.kind, found.healable, found.reason) == (NOTE, False, "not among the fields whose drift is judged")


# --- notes -----------------------------------------------------------------------------------------------------------

TEMPLATE = "spec.template.metadata"


@pytest.mark.parametrize(
    ("change", "label", "reason"),
    [
        (annotates("team", "a", map_name="labels"), "label team", "labels and annotations are noted"),
        (annotates("owner", "ana"), "annotation owner", "labels and annotations are noted"),
        (
            annotates("team", "a", below=TEMPLATE, map_name="labels"),
            "pod label team",
            "labels and annotations are noted",
        ),
        (annotates("kubectl.kubernetes.io/restartedAt", EDITED, below=TEMPLATE), "restartedAt", "restarted by hand"),
        (adds_env("STAKATER_SETTINGS_CONFIGMAP"), "env STAKATER_SETTINGS_CONFIGMAP", "added by an injector"),
    ],
)
def test_notes(change: Change, label: str, reason: str) -> None:
    found = hand(change)
    assert label in found.label
    assert (found.kind, found.ticked, found.healable, found.reason) == (NOTE, False, False, reason)


def test_the_settings_name_further_injected_variables() -> None:
    live = written(applied(deployment()), adds_env("OTEL_X", "DEBUG"))
    kinds = {one.label: one.kind for one in foreign(live, deployment(), ignored_variables=["OTEL_*"])}
    assert kinds == {"env OTEL_X": NOTE, "env DEBUG": FOREIGN}


def test_replicas_that_git_leaves_out() -> None:
    target = deployment()
    del target["spec"]["replicas"]
    found = hand(sets("spec.replicas", 5), "kubectl", target=target, subresource="scale", time="")
    assert (found.kind, found.healable, found.reason) == (NOTE, False, "Git leaves the number of replicas to others")
    live = written(applied(target), sets("spec.replicas", 5), "kubectl", "", "scale")
    found = only(foreign(live, target, autoscaled=True))
    assert (found.kind, found.reason) == (NOTE, "an autoscaler sets it")


# --- never -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        sets("metadata.finalizers", ["a/b"]),
        sets("metadata.ownerReferences", []),
        sets("status", {"replicas": 1}),
        annotates("kubectl.kubernetes.io/restartedAt", "x"),
        annotates("deployment.kubernetes.io/revision", "3"),
        annotates("pv.kubernetes.io/bound-by-controller", "yes"),
        annotates("field.cattle.io/publicEndpoints", "[]"),
        annotates("argocd.argoproj.io/tracking-id", "a"),
        annotates("gitops-tui.io/hold", "{}"),
        annotates("app.kubernetes.io/instance", "a", map_name="labels"),
        annotates(LAST_APPLIED, json.dumps({"a": 1})),
    ],
)
def test_bookkeeping_is_never_drift(change: Change) -> None:
    assert foreign(written(applied(deployment()), change), deployment()) == ()


@pytest.mark.parametrize(
    "change",
    [
        sets("spec.clusterIP", "10.0.0.1"),
        sets("spec.clusterIPs", ["10.0.0.1"]),
        sets("spec.healthCheckNodePort", 30001),
        sets("spec.ipFamilies", ["IPv4"]),
        lambda obj: obj["spec"]["ports"][0].update(nodePort=30002),
    ],
)
def test_what_the_cluster_allocates_is_never_drift(change: Change) -> None:
    assert foreign(written(applied(service()), change), service()) == ()


def test_a_selector_key_of_that_name_is_no_allocation() -> None:
    live = written(applied(service()), lambda obj: obj["spec"]["selector"].update(nodePort="x"))
    assert [one.kind for one in foreign(live, service())] in ([], [FOREIGN])
    role = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}}
    found = hand(lambda obj: obj["data"].update(caBundle="x"), target=role)
    assert found.label == "data key caBundle"


def test_a_node_a_volume_and_a_ca_bundle_that_the_cluster_fills_in() -> None:
    containers = [{"name": "a", "image": "registry.example/a:1"}]
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}}
    assert foreign(written(applied(pod), sets("spec.nodeName", "node-1")), pod) == ()
    claim: Object = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "d"}, "spec": {}}
    assert foreign(written(applied(claim), sets("spec.volumeName", "pv-1")), claim) == ()
    api = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1.x"},
        "spec": {"group": "x", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1},
    }
    assert foreign(written(applied(api), sets("spec.caBundle", "YQ==")), api) == ()


def test_an_object_that_another_owns_is_never_judged() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"))
    live["metadata"]["ownerReferences"] = [{"kind": "Widget", "name": "w", "uid": "1", "apiVersion": "example.com/v1"}]
    assert foreign(live, deployment()) == ()
    assert not needed(live, deployment())


def test_a_token_secret_is_filled_by_the_cluster() -> None:
    target = {**secret(), "data": {"a": "YQ=="}, "type": "kubernetes.io/service-account-token"}
    live = written(applied(target), lambda obj: obj["data"].update(token="dG9rZW4="))
    assert foreign(live, target) == ()


# --- what Git alone would give ---------------------------------------------------------------------------------------


def test_most_objects_need_no_dry_run() -> None:
    target = deployment()
    assert not needed(applied(target), target)
    assert not needed(written(applied(target), sets("spec.replicas", 5)), target), "that is target drift"
    assert needed(written(applied(target), adds_env("DEBUG")), target)


def test_what_git_alone_gives_too_is_not_foreign() -> None:
    """Made by ``kubectl create`` and adopted: its defaults are still the old manager's."""
    target = deployment()
    live = written(applied(target), sets("spec.revisionHistoryLimit", 10), "kubectl-create", MADE)
    pristine = {**target, "spec": {**target["spec"], "revisionHistoryLimit": 10}}
    assert needed(live, target)
    assert foreign(live, target, pristine=pristine) == ()


def test_a_changed_default_is_told_with_the_default() -> None:
    target = deployment()
    live = written(applied(target), sets("spec.revisionHistoryLimit", 2))
    pristine = {**target, "spec": {**target["spec"], "revisionHistoryLimit": 10}}
    found = only(foreign(live, target, pristine=pristine))
    assert (found.label, found.live, found.target, found.kind) == ("revisionHistoryLimit", 2, 10, FOREIGN)


def unsure(live: Object) -> tuple[FieldDrift, ...]:
    from gitops_tui.diff.foreign import find_foreign

    known: Any = {"schema": schema_of(live), "managers": Managers(OURS), "now": NOW}
    return find_foreign(live, deployment(), pristine=None, **known)


def test_without_a_dry_run_nothing_is_offered_and_first_things_are_not_told() -> None:
    found = only(unsure(written(applied(deployment()), adds_env("DEBUG"))))
    assert (found.label, found.kind, found.ticked, found.healable) == ("env DEBUG", NOTE, False, False)
    assert found.reason == "what Git alone would give could not be asked for"
    assert unsure(written(applied(deployment()), adds_env("DEBUG"), time=MADE)) == ()


def test_what_two_own_is_told_once_by_the_newest() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"), "kubectl-edit", ago(days=9))
    live = written(live, adds_env("TRACE"), "kubectl-set", ago(days=2))
    found = foreign(live, deployment())
    writers = {one.label: one.writer.manager for one in found if one.writer}
    assert writers == {"env DEBUG": "kubectl-edit", "env TRACE": "kubectl-set"}
    for entry in live["metadata"]["managedFields"]:
        if entry["manager"] == "kubectl-edit":
            theirs = next(one for one in live["metadata"]["managedFields"] if one["manager"] == "kubectl-set")
            entry["fieldsV1"] = theirs["fieldsV1"]
    assert [one.writer.manager for one in foreign(live, deployment()) if one.writer] == ["kubectl-set"]


# --- at work ---------------------------------------------------------------------------------------------------------


def test_younger_than_two_hours_nothing_is_ticked() -> None:
    live = written(applied(deployment()), adds_env("OLD"), "kubectl-edit", ago(days=3))
    live = written(live, adds_env("NEW"), "kubectl-set", ago(minutes=12))
    found = foreign(live, deployment())
    assert [(one.label, one.ticked, one.healable) for one in found] == [
        ("env NEW", False, True),
        ("env OLD", False, True),
    ]
    assert {one.reason for one in found} == {"somebody may be at work on this (kubectl-set, in the last 2 h)"}


@pytest.mark.parametrize(("age", "ticked"), [({"minutes": 119}, False), ({"minutes": 120}, True)])
def test_the_two_hours_are_two_hours(age: dict[str, float], ticked: bool) -> None:
    assert hand(adds_env("DEBUG"), time=ago(**age)).ticked is ticked


def test_a_fresh_note_unticks_nothing() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"), "kubectl-edit", ago(days=3))
    live = written(live, annotates("team", "a"), "kubectl-annotate", ago(minutes=1))
    assert {one.label: one.ticked for one in foreign(live, deployment())} == {
        "annotation team": False,
        "env DEBUG": True,
    }


def test_who_is_at_work_counts_target_drift_too() -> None:
    live = written(applied(deployment()), sets("spec.replicas", 5), "kubectl-edit", ago(minutes=5))
    fields = compared(deployment(), live).fields
    writer = writer_at_work(fields, NOW)
    assert writer is not None
    assert writer.manager == "kubectl-edit"
    assert writer_at_work([], NOW) is None
    unknown = written(applied(deployment()), sets("spec.replicas", 5), "kubectl", "", "scale")
    assert writer_at_work(compared(deployment(), unknown).fields, NOW) is None, "a scale has no time"


def test_finding_changes_nothing_that_it_is_given() -> None:
    target, live = deployment(), written(applied(deployment()), adds_env("DEBUG"))
    before = copy.deepcopy((target, live))
    foreign(live, target)
    assert (target, live) == before
