"""Writers and their classes: each row of the table of design/drift, and what managedFields can tell of a field."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.diff.managers import TABLE, TICKED
from gitops_tui.diff.ownership import (
    Managers,
    guess_remover,
    has_no_managers,
    owners_of,
    ownerships,
    takes_over,
    writer_of,
)
from gitops_tui.model.status import WriterClass
from tests.unit.diff.world import (
    MADE,
    NOW,
    OURS,
    Object,
    adds_env,
    ago,
    applied,
    client_side_applied,
    config_map,
    deployment,
    sets,
    written,
)

GIT, CLUSTER, AUTOSCALER = WriterClass.GIT, WriterClass.CLUSTER, WriterClass.AUTOSCALER
PERSON, DEPLOYER, OTHER, UNKNOWN = WriterClass.PERSON, WriterClass.DEPLOYER, WriterClass.OTHER, WriterClass.UNKNOWN

CLASSES = [
    *((name, "", GIT) for name in (OURS, "argocd-controller", "kubectl-client-side-apply")),
    *((name, "status", CLUSTER) for name in ("kube-controller-manager", "kubectl-edit", "an-operator", "")),
    *(
        (name, "", CLUSTER)
        for name in ("kube-controller-manager", "kube-scheduler", "kubelet", "cloud-controller-manager")
    ),
    *((name, "", AUTOSCALER) for name in ("keda-operator", "vpa-updater", "cluster-proportional-autoscaler")),
    *((name, "", AUTOSCALER) for name in ("horizontal-pod-autoscaler", "knative-autoscaler")),
    ("kube-controller-manager", "scale", AUTOSCALER),
    *(
        (name, "", PERSON)
        for name in ("kubectl-edit", "kubectl-set", "kubectl-patch", "kubectl-label", "kubectl-annotate")
    ),
    *(
        (name, "", PERSON)
        for name in ("kubectl-rollout", "kubectl-create", "kubectl", "k9s", "Lens", "headlamp-server")
    ),
    ("kubectl", "scale", PERSON),
    *((name, "", DEPLOYER) for name in ("helm", "Helm", "Terraform", "pulumi-kubernetes", "gitlab-runner", "jenkins")),
    *((name, "", DEPLOYER) for name in ("HashiCorp", "helm-controller", "kustomize-controller", "github-actions")),
    *((name, "", OTHER) for name in ("manager", "OpenAPI-Generator", "Mozilla", "node-fetch", "curl", "an-operator")),
    ("an-operator", "scale", OTHER),
    ("", "", UNKNOWN),
]


@pytest.mark.parametrize(("manager", "subresource", "klass"), CLASSES)
def test_whose_tool_a_name_is(manager: str, subresource: str, klass: WriterClass) -> None:
    assert Managers(OURS).class_of(manager, subresource) is klass


def test_our_own_name_is_ours_under_every_subresource_and_whatever_it_looks_like() -> None:
    assert Managers("kubectl-edit").class_of("kubectl-edit") is GIT
    assert Managers(OURS).class_of(OURS, "status") is GIT
    assert Managers("other").class_of(OURS) is OTHER


@pytest.mark.parametrize("manager", ["kubectl", "an-operator", "kube-controller-manager", "helm"])
def test_a_scale_stands_for_the_autoscaler_where_one_targets_the_object(manager: str) -> None:
    assert Managers(OURS).class_of(manager, "scale", autoscaled=True) is AUTOSCALER
    assert Managers(OURS).class_of(manager, "", autoscaled=True) is Managers(OURS).class_of(manager)


def test_the_settings_add_names_and_win() -> None:
    managers = Managers(OURS, persons=("Admin-*",), deployers=("manager",), autoscalers=("kubectl-patch",))
    assert managers.class_of("admin-ui") is PERSON
    assert managers.class_of("manager") is DEPLOYER
    assert managers.class_of("kubectl-patch") is AUTOSCALER
    assert managers.class_of("kubectl-edit") is PERSON


def test_what_is_ticked_is_a_persons() -> None:
    assert {"kubectl-edit", "kubectl-set"} == TICKED
    assert {Managers(OURS).class_of(name) for name in TICKED} == {PERSON}
    assert len({klass for klass, _ in TABLE}) == len(TABLE)


# --- entries ---------------------------------------------------------------------------------------------------------


def entry(manager: str, *path: str, time: str = "", operation: str = "Update", subresource: str = "") -> Object:
    fields: Object = {}
    for element in reversed(path):
        fields = {element: fields}
    found = {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return {**found, **({"time": time} if time else {}), **({"subresource": subresource} if subresource else {})}


def owned(*entries: Object, **how: Any) -> Any:
    return ownerships({"metadata": {"managedFields": list(entries)}}, Managers(OURS), **how)


DATA = ("f:data", "f:a")


def test_entries_come_newest_first_and_those_without_a_time_last() -> None:
    found = owned(entry("a"), entry("b", time=ago(days=3)), entry("c", time=ago(days=1)))
    assert [one.writer.manager for one in found] == ["c", "b", "a"]
    assert ownerships({"metadata": {}}, Managers(OURS)) == ()


def test_a_client_side_apply_is_git_until_we_applied() -> None:
    live = client_side_applied(config_map())
    assert [one.writer.klass for one in ownerships(live, Managers(OURS))] == [GIT]
    both = owned(entry(OURS, *DATA, operation="Apply"), entry("kubectl-client-side-apply", *DATA))
    assert {one.writer.manager: one.writer.klass for one in both} == {OURS: GIT, "kubectl-client-side-apply": PERSON}


def test_the_writer_of_a_field_is_the_newest_that_is_not_us() -> None:
    found = owned(entry("kubectl-edit", *DATA, time=ago(days=3)), entry("helm", *DATA, time=ago(days=1)))
    writer = writer_of(DATA, found)
    assert writer is not None
    assert (writer.manager, writer.klass) == ("helm", DEPLOYER)
    assert len(owners_of(DATA, found)) == 2
    assert writer_of(("f:data", "f:b"), found) is None


def test_a_field_that_we_apply_is_ours_unless_somebody_owns_just_it_too() -> None:
    ours = entry(OURS, *DATA, operation="Apply", time=MADE)
    inside = entry("kubectl-edit", *DATA, "f:deeper", time=ago(days=1))
    exact = entry("kubectl-edit", *DATA, time=ago(days=1))
    assert writer_of(DATA, owned(ours)) is None
    assert writer_of(DATA, owned(ours, inside)) is None
    found = writer_of(DATA, owned(ours, exact))
    assert found is not None
    assert found.manager == "kubectl-edit"


def test_one_entrys_time_is_its_last_write_of_anything() -> None:
    live = written(applied(deployment()), adds_env("OLD"), time=ago(days=20))
    live = written(live, adds_env("NEW"), time=ago(days=2))
    times = {one.writer.manager: one.writer.time for one in ownerships(live, Managers(OURS))}
    assert times == {"kubectl-edit": ago(days=2), OURS: MADE}


def test_words_for_writers_say_no_more_than_is_known() -> None:
    words = [
        one.writer.describe(NOW)
        for one in owned(entry("kubectl-edit", time=ago(days=14)), entry("kubectl", subresource="scale"))
    ]
    assert words == ["kubectl-edit, last write 14 d ago", "kubectl (scale)"]


def test_who_may_have_removed_a_field_is_the_newest_update_since_our_apply() -> None:
    ours = entry(OURS, *DATA, operation="Apply", time=ago(days=5))
    assert guess_remover(owned(ours)) is None
    assert guess_remover(owned(ours, entry("kubectl-edit", time=ago(days=6)))) is None
    assert guess_remover(owned(ours, entry("kubectl-edit"))) is None
    assert guess_remover(owned(ours, entry("another", operation="Apply", time=ago(days=1)))) is None
    found = guess_remover(owned(ours, entry("kubectl-edit", time=ago(days=2)), entry("curl", time=ago(days=3))))
    assert found is not None
    assert (found.manager, found.is_guess) == ("kubectl-edit", True)


def test_what_the_first_apply_takes_over_is_told() -> None:
    assert takes_over(client_side_applied(config_map()), OURS) == ("kubectl-client-side-apply",)
    assert takes_over(applied(config_map()), OURS) == ()
    edited = written(applied(config_map()), sets("data", {"app.conf": "x"}))
    assert takes_over(edited, OURS) == ()


def test_an_object_that_nobody_owns_is_asked_for() -> None:
    assert has_no_managers({"metadata": {"name": "x"}})
    assert has_no_managers({"metadata": {"managedFields": []}})
    assert not has_no_managers(applied(config_map()))
