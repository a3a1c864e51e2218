"""Normalisations that are always on, row by row, as Argo CD has them (gitops-engine ``diff_test.go``)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_tui.diff.claims import without_filled_claims
from gitops_tui.diff.normalize import normalize
from gitops_tui.diff.secrets import mask_pair
from gitops_tui.model.system import StatusFields
from tests.unit.diff.world import Object, applied, compared, config_map, deployment, schema_of, secret, service

RBAC = "rbac.authorization.k8s.io/v1"
LISTING = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


def with_metadata(obj: Object, **more: Any) -> Object:
    return {**obj, "metadata": {**obj["metadata"], **more}}


def with_spec(obj: Object, **more: Any) -> Object:
    return {**obj, "spec": {**obj["spec"], **more}}


def role(kind: str = "Role", **more: Any) -> Object:
    return {"apiVersion": RBAC, "kind": kind, "metadata": {"name": "r"}, **more}


def endpoints(*subsets: Object) -> Object:
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}, "subsets": list(subsets)}


def subset(*ips: str, **port: Any) -> Object:
    return {"addresses": [{"ip": one} for one in ips], "ports": [{"port": 80, **port}]}


def memory(amount: str | int) -> Object:
    return deployment(resources={"limits": {"memory": amount}})


def cpu(amount: str | int) -> Object:
    return deployment(resources={"requests": {"cpu": amount}})


EQUAL = {
    "creationTimestamp null": (config_map(), with_metadata(config_map(), creationTimestamp=None)),
    "creationTimestamp": (config_map(), with_metadata(config_map(), creationTimestamp="2020-01-01T00:00:00Z")),
    "empty annotations": (config_map(), with_metadata(config_map(), annotations={})),
    "null annotations": (config_map(), with_metadata(config_map(), annotations=None)),
    "empty labels": (config_map(), with_metadata(config_map(), labels={})),
    "a cpu of a whole core": (cpu("1000m"), cpu("1")),
    "a cpu as a number": (cpu(1), cpu("1")),
    "memory in another unit": (memory("1024Mi"), memory("1Gi")),
    "a fraction": (cpu("0.5"), cpu("500m")),
    "an empty list": (deployment(command=[]), deployment()),
    "a null": (deployment(command=None), deployment()),
    "an empty variable": (deployment(env=[{"name": "A", "value": ""}]), deployment(env=[{"name": "A"}])),
    "stringData": (secret(a="x"), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "password"},
                                   "data": {"a": "eA=="}}),
    "a null in a Secret": ({**secret(), "stringData": None, "data": {"a": None}},
                           {**secret(), "stringData": None, "data": {"a": ""}}),
    "a Role without rules": (role(rules=[]), role(rules=None)),
    "a ClusterRole without rules": (role("ClusterRole", rules=[]), role("ClusterRole")),
    "the order of addresses": (endpoints(subset("10.0.0.2", "10.0.0.1")), endpoints(subset("10.0.0.1", "10.0.0.2"))),
    "the order of subsets": (endpoints(subset("10.0.0.2"), subset("10.0.0.1", port=81)),
                             endpoints(subset("10.0.0.1", port=81), subset("10.0.0.2"))),
    "the protocol's default": (endpoints(subset("10.0.0.1")), endpoints(subset("10.0.0.1", protocol="TCP"))),
}  # fmt: skip
DIFFERENT = {
    "another memory": (memory("1G"), memory("1Gi")),
    "memory in bytes: a quantity keeps its format": (memory(1073741824), memory("1Gi")),
    "a pointer's zero": (with_spec(deployment(), replicas=0), with_spec(deployment(), replicas=1)),
    "an annotation": (config_map(), with_metadata(config_map(), annotations={"a": ""})),
    "another rule": (role(rules=[RULE]), role(rules=[])),
    "the order of rules": (role(rules=[RULE, LISTING]), role(rules=[LISTING, RULE])),
    "another protocol": (endpoints(subset("10.0.0.1")), endpoints(subset("10.0.0.1", protocol="UDP"))),
    "a null that becomes text": (config_map(a=""), config_map(b="")),
}  # fmt: skip


def normal(obj: Object) -> Object:
    one = copy.deepcopy(obj)
    if one.get("stringData", 0) is None:
        del one["stringData"]
    one["metadata"] = {"name": "same", **{key: value for key, value in one["metadata"].items() if key != "name"}}
    return normalize(one, schema_of(one))


@pytest.mark.parametrize("what", EQUAL)
def test_written_differently_and_the_same(what: str) -> None:
    left, right = EQUAL[what]
    assert normal(left) == normal(right)


@pytest.mark.parametrize("what", DIFFERENT)
def test_similar_and_not_the_same(what: str) -> None:
    left, right = DIFFERENT[what]
    assert normal(left) != normal(right)


def test_fields_that_a_type_does_not_know_are_kept() -> None:
    """Argo CD keeps the original where a round trip through the type would lose something."""
    odd = deployment(resources={"limits": {"cpu": "1000m"}}, unknown={"a": 1})
    container = normal(odd)["spec"]["template"]["spec"]["containers"][0]
    assert container["unknown"] == {"a": 1}


def test_a_value_that_does_not_fit_its_type_stays_as_it_is() -> None:
    odd = deployment(resources={"limits": {"cpu": "a lot"}})
    assert normal(odd)["spec"]["template"]["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "a lot"}}


# --- settings of the system ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ignored", "kind", "is_modified"),
    [
        (StatusFields.ALL, "Widget", False),
        (StatusFields.CRD, "Widget", True),
        (StatusFields.NONE, "Widget", True),
        (StatusFields.CRD, "CustomResourceDefinition", False),
        (StatusFields.NONE, "CustomResourceDefinition", True),
    ],
)
def test_whose_status_is_compared(ignored: StatusFields, kind: str, is_modified: bool) -> None:
    """As a prediction: whether an API server takes a status from an apply is for its dry run to say."""
    group = "apiextensions.k8s.io" if kind == "CustomResourceDefinition" else "example.org"
    target = {"apiVersion": f"{group}/v9", "kind": kind, "metadata": {"name": "w"}, "status": {"phase": "wanted"}}
    live = {**target, "status": {"phase": "there"}}
    assert compared(target, live, ignored_status=ignored).modified is is_modified


def test_known_fields_of_the_settings_take_the_place_of_the_built_in_ones() -> None:
    def rollout(cpu: str, limit: str) -> Object:
        containers = [{"name": "a", "image": "x:1", "resources": {"limits": {"cpu": cpu}}}]
        spec = {"template": {"spec": {"containers": containers}}, "limit": limit}
        return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "r"}, "spec": spec}

    def is_modified(one: Object, other: Object, **fields: str) -> bool:
        return compared(one, other, known_fields={"argoproj.io/Rollout": fields}).modified

    limit, template = {"spec.limit": "core/Quantity"}, {"spec.template.spec": "core/v1/PodSpec"}
    by_limit = rollout("1", "1000m"), rollout("1", "1")
    by_cpu = rollout("1000m", "1"), rollout("1", "1")
    assert (is_modified(*by_cpu), is_modified(*by_limit)) == (False, True)
    assert (is_modified(*by_cpu, **limit), is_modified(*by_limit, **limit)) == (True, False)
    assert not is_modified(*by_cpu, **limit, **template)


def test_what_the_server_fills_into_claim_templates_is_no_difference() -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    filled = {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "creationTimestamp": None},
        "spec": {"volumeMode": "Filesystem", **claim["spec"]}, "status": {"phase": "Pending"},
    }  # fmt: skip
    base = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}}
    target = {**base, "spec": {"serviceName": "db", "volumeClaimTemplates": [claim]}}
    live = {**base, "spec": {"serviceName": "db", "volumeClaimTemplates": [filled]}}
    assert not compared(target, live).modified
    larger = copy.deepcopy(target)
    larger["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] = "2Gi"
    assert compared(larger, live).modified
    second = {**base, "spec": {"serviceName": "db", "volumeClaimTemplates": [filled, filled]}}
    assert compared(target, second).modified
    assert without_filled_claims(config_map(), target) == config_map()


# --- properties ------------------------------------------------------------------------------------------------------

OBJECTS = st.sampled_from([*(side for pair in (*EQUAL.values(), *DIFFERENT.values()) for side in pair), service()])
SECRETS = st.dictionaries(st.sampled_from("abc"), st.text("xyzABC123", min_size=4, max_size=12), min_size=1)


@given(OBJECTS)
def test_normalising_is_idempotent(obj: Object) -> None:
    assert normalize(normal(obj), schema_of(obj)) == normal(obj)


@settings(deadline=None, max_examples=40)
@given(OBJECTS)
def test_what_was_just_applied_is_no_difference(obj: Object) -> None:
    if obj["kind"] == "Secret":
        obj = secret(a="x")
    live = applied(obj)
    assert not compared(obj, live).modified


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(SECRETS, SECRETS)
def test_masking_leaks_no_piece_of_a_value(before: dict[str, str], after: dict[str, str]) -> None:
    """Three characters of a value are a piece of it; keys are no secret."""
    notes = {"hidden": "swordfish"}
    sides = [with_metadata(secret(**one), annotations=notes) for one in (before, after)]
    shown = repr(mask_pair(*sides, hidden_annotations=("hidden",)))
    values = [*before.values(), *after.values(), "swordfish"]
    pieces = {value[at : at + 3] for value in values for at in range(len(value) - 2)}
    assert not [one for one in pieces if one in shown]
