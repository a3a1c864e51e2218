"""How values are written before they are compared, and what fields are called among people."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_tui.diff.known import duration, is_known, normalize_known
from gitops_tui.diff.label import label_of
from gitops_tui.diff.normalize import normalize, normalize_secret, typed_value
from gitops_tui.diff.path import find, from_fields, is_below, tokens
from gitops_tui.model.drift import Path, path_text
from gitops_tui.structured.value import MISSING
from tests.unit.diff.world import (
    LAST_APPLIED,
    Object,
    applied,
    config_map,
    container_of,
    deployment,
    schema_of,
    secret,
    service,
)


def normal(obj: Object, **how: Any) -> Object:
    return normalize(obj, schema_of(obj), **how)


@pytest.mark.parametrize("obj", [deployment(), config_map(), secret(), service()], ids=lambda one: one["kind"])
def test_bookkeeping_and_status_are_left_out(obj: Object) -> None:
    live = {**applied(obj), "status": {"a": 1}}
    live["metadata"] |= {"annotations": {LAST_APPLIED: "{}"}, "labels": {}, "selfLink": "/x"}
    assert normal(live)["metadata"] == {"name": obj["metadata"]["name"], "namespace": "shop"}
    assert "status" not in normal(live)


def test_other_annotations_and_finalizers_stay() -> None:
    obj = config_map()
    obj["metadata"] |= {"annotations": {LAST_APPLIED: "{}", "a": "b"}, "finalizers": ["x/y"]}
    assert normal(obj)["metadata"] == {"name": "settings", "annotations": {"a": "b"}, "finalizers": ["x/y"]}


def test_an_optional_field_without_a_value_is_absent_and_a_pointers_zero_is_kept() -> None:
    obj = deployment(stdin=False, workingDir="", command=[], securityContext={"runAsUser": 0, "privileged": False})
    obj["spec"] |= {"replicas": 0, "paused": False, "minReadySeconds": 0}
    container, spec = container_of(normal(obj)), normal(obj)["spec"]
    assert not {"stdin", "workingDir", "command"} & container.keys()
    assert container["securityContext"] == {"runAsUser": 0, "privileged": False}
    assert spec["replicas"] == 0
    assert not {"paused", "minReadySeconds"} & spec.keys()


def test_an_empty_list_that_its_type_requires_is_kept() -> None:
    obj = deployment()
    obj["spec"]["template"]["spec"] = {"containers": [], "volumes": []}
    pod = normal(obj)["spec"]["template"]["spec"]
    assert pod["containers"] == []
    assert "volumes" not in pod


def test_a_variable_with_an_empty_value_is_one_without_a_value() -> None:
    written = [container_of(normal(deployment(env=[{"name": "A", **value}])))["env"] for value in ({}, {"value": ""})]
    assert written[0] == written[1]


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["stdin", "command", "resources", "env", "workingDir", "unknown"]),
        st.sampled_from([None, "", [], {}, False, 0, {"limits": {"cpu": "1000m"}}, [{"name": "A"}]]),
    )
)
def test_normalising_twice_changes_nothing(container: Object) -> None:
    once = normal(deployment(**container))
    assert normal(once) == once


def test_a_round_trip_through_the_type_adds_nothing_and_loses_nothing() -> None:
    """What Argo CD does to both sides before it compares them."""
    obj = deployment(resources={"limits": {"cpu": "0.5"}}, ports=[], command=None)
    expected = deployment(resources={"limits": {"cpu": "500m"}})
    assert typed_value(obj, schema_of(obj), fills=False) == expected
    for odd in ({"colour": "blue"}, {"ports": {}}, {"securityContext": []}, {"lifecycle": "none"}, {"tty": 1}):
        obj = deployment(resources={"limits": {"cpu": "0.5"}}, **odd)
        assert typed_value(obj, schema_of(obj), fills=False) == obj


def test_zeros_are_lost_where_go_does_not_write_them() -> None:
    spec = {
        "tolerations": [{"key": "a", "operator": "Exists", "effect": "", "value": ""}],
        "volumes": [{"name": "v", "emptyDir": {"medium": ""}}],
        "containers": [{"name": "c", "ports": [{"containerPort": 80, "protocol": ""}]}],
        "restartPolicy": "",
        "hostNetwork": False,
        "priority": 0,
    }
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    assert typed_value(pod, schema_of(pod), fills=False)["spec"] == {
        "tolerations": [{"key": "a", "operator": "Exists"}],
        "volumes": [{"name": "v", "emptyDir": {}}],
        "containers": [{"name": "c", "ports": [{"containerPort": 80}]}],
        "priority": 0,
    }, "a priority is a pointer"
    storage = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "s"}, "provisioner": "x"}
    assert normal({**storage, "allowVolumeExpansion": False}) != normal(storage)


def test_null_and_string_values_of_a_secret() -> None:
    obj = {**secret(a="x"), "data": {"a": "b2xk", "b": None}}
    assert normalize_secret(obj)["data"] == {"a": "eA==", "b": ""}
    assert "stringData" not in normalize_secret(obj)
    odd = {**secret(), "data": {"c": None}, "stringData": {"a": 1, "b": "x", "d": None}}
    words = "the server refuses a number: a difference says so (Argo CD NormalizeSecret)"
    assert normalize_secret(odd)["data"] == {"a": 1, "b": "eA==", "c": None, "d": None}, words
    assert "stringData" not in normalize_secret(odd)
    assert normalize_secret({**secret(), "stringData": {}, "data": {"a": "eA=="}})["data"] == {"a": "eA=="}
    plain = {"apiVersion": "v1", "kind": "Secret", "data": {"a": "eA=="}}
    assert normalize_secret(plain) is plain


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zm9v\n", "Zm9v"),
        ("Zm\r\n9v", "Zm9v"),
        ("Zm9=", "Zm8="),
        ("Zm8", "Zm8"),
        ("Zm9v Zm9v", "Zm9v Zm9v"),
        ("++++", "++++"),
        ("****", "****"),
        ("é", "é"),
    ],
)
def test_base64_is_written_anew(text: str, written: str) -> None:
    """What is no base64 fits no type, and stays as it is."""
    keys: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"a": text}}
    settings: Object = {**config_map(), "binaryData": {"a": text}}
    assert normalize_secret(keys)["data"] == normal(keys)["data"] == {"a": written}
    assert normal(settings)["binaryData"] == {"a": written}


def test_one_value_that_is_no_base64_leaves_the_others_as_they_are() -> None:
    odd = {**secret(b="x"), "data": {"a": "****", "c": None, "d": "Zm9v\n"}}
    assert normalize_secret(odd)["data"] == {"a": "****", "b": "eA==", "c": None, "d": "Zm9v\n"}


def test_empty_rules_are_no_rules() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}}
    assert normal({**role, "rules": None}) == normal({**role, "rules": []}) == normal(role)


def test_endpoints_have_one_order_and_a_protocol() -> None:
    def endpoints(*addresses: str, **port: Any) -> Object:
        subset = {"addresses": [{"ip": one} for one in addresses], "ports": [{"port": 80, **port}]}
        return {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}, "subsets": [subset]}

    assert normal(endpoints("10.0.0.2", "10.0.0.1")) == normal(endpoints("10.0.0.1", "10.0.0.2", protocol="TCP"))
    assert normal(endpoints("10.0.0.1")) != normal(endpoints("10.0.0.1", protocol="UDP"))


# --- custom resources with fields of core types ----------------------------------------------------------------------


def rollout(cpu: str) -> Object:
    containers = [{"name": "a", "image": "x:1", "resources": {"limits": {"cpu": cpu}}}]
    spec = {"template": {"spec": {"containers": containers}}, "limit": cpu}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "r"}, "spec": spec}


def test_a_rollouts_pods_are_known() -> None:
    found = normalize_known(rollout("1000m"))
    assert found["spec"]["template"]["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "1"}}
    assert found["spec"]["limit"] == "1000m"


def test_the_settings_name_further_fields() -> None:
    found = normalize_known(rollout("1000m"), {"spec.limit": "core/Quantity", "spec.gone.deeper": "core/v1/PodSpec"})
    assert found["spec"]["limit"] == "1"
    with pytest.raises(KeyError):
        normalize_known(rollout("1"), {"spec.template": "core/v1/Nobody"})


@pytest.mark.parametrize(
    ("type_name", "value", "canonical"),
    [
        ("core/v1/ResourceList", {"cpu": "1000m"}, {"cpu": "1"}),
        ("core/v1/EmptyDirVolumeSource", {"sizeLimit": "1024Mi"}, {"sizeLimit": "1Gi"}),
        ("core/v1/VolumeResourceRequirements", {"requests": {"storage": "1024Mi"}}, {"requests": {"storage": "1Gi"}}),
        ("core/v1/ProbeHandler", {"exec": {"command": []}}, {"exec": {}}),
        ("core/Quantity", "1000m", "1"),
        ("meta/v1/Duration", "90m", "1h30m0s"),
    ],
)
def test_every_core_type_may_be_named(type_name: str, value: Any, canonical: Any) -> None:
    assert is_known(type_name)
    spec = {"field": value, "list": [value, {"field": value}]}
    obj = {"apiVersion": "example.org/v1", "kind": "Widget", "spec": spec}
    found = normalize_known(obj, {"spec.field": type_name, "spec.list.field": type_name})["spec"]
    assert found == {"field": canonical, "list": [value, {"field": canonical}]}


def test_items_of_a_list_that_are_no_objects_stay_as_they_are() -> None:
    obj = {"apiVersion": "example.org/v1", "kind": "Widget", "spec": {"sizes": ["1000m", "1"]}}
    assert normalize_known(obj, {"spec.sizes": "core/Quantity"}) == obj


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("+90m", "1h30m0s"),
        ("1.0000000019s", "1.000000001s"),
        ("90m", "1h30m0s"),
        ("1.5s", "1.5s"),
        ("1500ms", "1.5s"),
        ("60s", "1m0s"),
        ("3600s", "1h0m0s"),
        ("1us", "1µs"),
        ("0", "0s"),
        ("-90s", "-1m30s"),
        ("soon", "soon"),
        ("", ""),
        (5, 5),
    ],
)
def test_durations_are_written_as_go_writes_them(text: Any, canonical: Any) -> None:
    assert duration(text) == canonical


# --- paths and labels ------------------------------------------------------------------------------------------------

AUTH: Path = ("spec", "template", "spec", "containers", (("name", "auth"),))
PORT = (("containerPort", 80), ("protocol", "TCP"))


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ((*AUTH, "env", (("name", "A"),), "value"), "env A"),
        ((*AUTH, "env", (("name", "A"),)), "env A"),
        ((*AUTH, "env", (("name", "A"),), "valueFrom", "secretKeyRef", "key"), "env A valueFrom.secretKeyRef.key"),
        ((*AUTH, "image"), "image"),
        (AUTH, "container auth"),
        (("spec", "template", "spec", "initContainers", (("name", "i"),)), "init container i"),
        ((*AUTH, "resources", "limits", "cpu"), "limit cpu"),
        ((*AUTH, "ports", PORT), "port 80"),
        ((*AUTH, "ports", (("containerPort", 53), ("protocol", "UDP"))), "port 53/UDP"),
        (("data", "app.conf"), "data key app.conf"),
        (("metadata", "labels", "a"), "label a"),
        (("spec", "template", "metadata", "annotations", "a"), "pod annotation a"),
        (("metadata", "finalizers", (("", "x/y"),)), "finalizer x/y"),
        (("spec", "replicas"), "replicas"),
    ],
)
def test_what_a_field_is_called(path: Path, label: str) -> None:
    assert label_of(path) == label


def test_paths_lead_to_the_item_of_that_name_wherever_it_stands() -> None:
    fields = (
        "f:spec",
        "f:template",
        "f:spec",
        "f:containers",
        'k:{"name":"auth"}',
        "f:env",
        'k:{"name":"B"}',
        "f:value",
    )
    path = from_fields(fields)
    obj = deployment(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    assert path_text(path) == "spec.template.spec.containers[name=auth].env[name=B].value"
    assert find(obj, path) == "2"
    assert tokens(obj, path) == ("spec", "template", "spec", "containers", "0", "env", "1", "value")
    assert find(deployment(), path) is MISSING
    assert tokens(deployment(), path) is None


def test_items_of_sets_and_of_plain_lists() -> None:
    assert from_fields(("f:a", 'v:"x"', "i:1")) == ("a", (("", "x"),), 1)
    obj = {"a": ["y", "x"], "b": [1]}
    assert tokens(obj, ("a", (("", "x"),))) == ("a", "1")
    assert (find(obj, ("b", 0)), find(obj, ("b", 1)), find(obj, ("b", "c"))) == (1, MISSING, MISSING)


def test_below() -> None:
    assert is_below(("a", "b"), ("a",))
    assert is_below(("a",), ("a",))
    assert not is_below(("a",), ("a", "b"))


def test_what_does_not_fit_its_type_stays_as_it_is_all_of_it() -> None:
    """Argo CD ``remarshal``: an object that its Go type cannot hold is compared as it is written."""

    def pod(cpu: Any, **spec: Any) -> Object:
        one = {"name": "a", "image": "i", "resources": {"requests": {"cpu": cpu, "memory": "1024Mi"}}}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [one], **spec}}

    def requests(obj: Object) -> Any:
        return normal(obj)["spec"]["containers"][0]["resources"]["requests"]

    assert requests(pod("1000m")) == {"cpu": "1", "memory": "1Gi"}
    assert requests(pod("soon")) == {"cpu": "soon", "memory": "1024Mi"}
    assert requests(pod("1000m", hostNetwork="yes"))["cpu"] == "1000m"
    assert requests(pod("1000m", nodeName=3))["cpu"] == "1000m"
