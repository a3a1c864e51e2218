"""The types that come with the product."""

from __future__ import annotations

import pytest

from gitops_tui.structured import builtin
from gitops_tui.structured.schema import Schemas
from gitops_tui.structured.skeleton import empty_of, with_structs


def test_lists_and_maps_are_what_kubernetes_says() -> None:
    pod = builtin.schemas().for_kind("v1", "Pod")
    assert pod is not None
    spec = pod.fields["spec"]
    container = spec.fields["containers"].items
    assert container is not None
    assert spec.fields["containers"].keys == ("name",)
    assert container.fields["ports"].keys == ("containerPort", "protocol")
    assert container.fields["ports"].items.defaults["protocol"] == "TCP"  # a list has items
    assert spec.fields["tolerations"].list_type == "atomic"
    assert spec.fields["nodeSelector"].is_atomic
    assert not pod.fields["metadata"].fields["labels"].is_atomic
    assert pod.fields["metadata"].fields["finalizers"].list_type == "set"
    assert spec.patch["volumes"].merge_key == "name"
    assert spec.patch["volumes"].strategies == {"merge", "retainKeys"}


@pytest.mark.parametrize(
    ("api_version", "kind", "has_status"),
    [("apps/v1", "Deployment", True), ("v1", "ConfigMap", False), ("v1", "Service", True)],
)
def test_which_kinds_have_a_status(api_version: str, kind: str, has_status: bool) -> None:
    schema = builtin.schemas().for_kind(api_version, kind)
    assert schema is not None and schema.has_status is has_status


def test_a_type_may_contain_itself() -> None:
    schema = builtin.schemas().for_kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert schema is not None
    versions = schema.fields["spec"].fields["versions"].items
    assert versions is not None
    node = versions.fields["schema"].fields["openAPIV3Schema"]
    properties = node.fields["properties"].values
    assert properties is not None and properties.fields["type"].scalar == "string"


def test_the_served_documents_compile_to_the_same_types() -> None:
    document = builtin.document("apis/apps/v1")
    served = Schemas.from_openapi_v3([document]).for_kind("apps/v1", "StatefulSet")
    assert served is not None and served.has_status
    assert served.fields["spec"].fields["template"].fields["spec"].fields["containers"].keys == ("name",)
    assert "apis/batch/v1" in builtin.documents() and builtin.version().startswith("1.37")


def test_an_unknown_kind_has_no_type() -> None:
    assert builtin.schemas().for_kind("example.dev/v1", "Thing") is None
    assert ("v1", "Pod") in builtin.schemas()


def test_what_go_always_writes() -> None:
    schema = builtin.schemas().for_kind("apps/v1", "Deployment")
    template = {"metadata": {}, "spec": {"containers": None}}
    expected = {"selector": None, "strategy": {}, "template": template}
    assert empty_of(schema, "apps/v1", "Deployment")["spec"] == expected


def test_empty_optional_fields_do_not_come_back_and_empty_structs_do() -> None:
    schema = builtin.schemas().for_kind("v1", "Pod")
    container = {"name": "c", "env": [], "securityContext": {}}
    pod = {"metadata": {"annotations": {}, "labels": None}, "spec": {"containers": [container], "nodeSelector": {}}}
    stored = with_structs(pod, schema)
    assert stored["metadata"] == {} and stored["status"] == {}
    assert stored["spec"] == {"containers": [{"name": "c", "securityContext": {}, "resources": {}}]}
