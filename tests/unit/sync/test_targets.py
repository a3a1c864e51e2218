"""From rendered objects to targets: which of several counts, and where it is put."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object, name_of, namespace_of
from gitops_tui.sync.targets import Targets, normalize_targets


def obj(kind: str, data: str, **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data}


def normalized(*objects: Object) -> Targets:
    return normalize_targets(
        objects, app="web", namespace="shop", is_namespaced=lambda one: one.kind != "Namespace", tracking=None
    )


def words(found: Targets) -> list[tuple[str, str, str]]:
    return [(namespace_of(one), name_of(one), one["data"]) for one in found.objects]


def test_of_one_key_the_last_counts_and_a_warning_says_how_many() -> None:
    found = normalized(
        obj("Pod", "first", name="a"), obj("Pod", "else", name="a", namespace="other"),
        obj("Pod", "second", name="a", namespace="shop"), obj("Pod", "third", name="a"),
    )  # fmt: skip
    assert words(found) == [("shop", "a", "third"), ("other", "a", "else")]
    assert [(one.type, "3 times" in one.message) for one in found.conditions] == [("RepeatedResourceWarning", True)]


def test_a_cluster_wide_object_loses_its_namespace() -> None:
    found = normalized(obj("Namespace", "first", name="a", namespace="x"), obj("Namespace", "second", name="a"))
    assert words(found) == [("", "a", "second")] and len(found.conditions) == 1


def test_what_is_named_when_it_is_made_is_no_repetition_and_what_has_no_name_at_all_is() -> None:
    found = normalized(obj("Pod", "first", generateName="a-"), obj("Pod", "second", generateName="a-"))
    assert [one["data"] for one in found.objects] == ["first", "second"] and not found.conditions
    found = normalized(obj("Pod", "first"), obj("Pod", "second"))
    assert [one["data"] for one in found.objects] == ["second"] and len(found.conditions) == 1
