"""The projects of the Applications: who defines them, what they refuse, what their windows keep back."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.engine.assignment import Assignment, refused
from gitops_tui.engine.projects import Projects, cluster_of
from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Application, Destination, SyncPolicy, parse_application
from gitops_tui.model.operation import Condition, Operation
from gitops_tui.model.project import AppProject, parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.status import ConditionType, OperationPhase
from gitops_tui.model.system import GlobalProject
from tests.unit.engine.known_projects import projects

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
NIGHT = {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "applications": ["*"]}


def document(name: str = "shop", namespace: str = "argocd", **spec: Any) -> Object:
    everything = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
    return {
        "metadata": {"name": name, "namespace": namespace, "uid": name, "resourceVersion": "1"},
        "spec": {**everything, **spec},
    }


def project(name: str = "shop", **spec: Any) -> AppProject:
    return parse_project(document(name, **spec), origin=Origin("projects.yaml"))


def application(name: str = "web", namespace: str = "argocd", **spec: Any) -> Application:
    known = {
        "project": "shop",
        "source": {"repoURL": "https://host/shop", "path": "web"},
        "destination": {"name": "in-cluster", "namespace": "shop"},
    }
    return parse_application(
        {"metadata": {"name": name, "namespace": namespace}, "spec": {**known, **spec}}, origin=Origin()
    )


def test_the_cluster_s_and_the_declared_ones() -> None:
    found = projects(document("shop"), document("other", namespace="elsewhere"))
    assert [one.name for one in found.all()] == ["shop"]
    assert found.declare([project("team"), project("shop", description="ours")])
    assert [(one.name, one.description) for one in found.all()] == [("shop", "ours"), ("team", "")]
    assert not found.declare([project("team"), project("shop", description="ours")])


@pytest.mark.parametrize(
    ("found", "name", "is_there"),
    [
        (projects(document("shop")), "shop", True),
        (projects(document("shop")), "gone", False),
        (projects(), "gone", False),
        (projects(), "default", True),
        (projects(is_served=False), "default", True),
        # Nobody can say that a project is missing where there can be none, or where they may not be read.
        (projects(is_served=False), "any", True),
        (projects(word="restricted"), "any", True),
    ],
)
def test_a_project_that_nobody_defines(found: Projects, name: str, is_there: bool) -> None:
    if is_there:
        assert found.named(name).name == name
        return
    with pytest.raises(InvalidSpecError) as failed:
        found.named(name)
    assert failed.value.message == f"Application referencing project {name} which does not exist"


def test_what_files_declare_makes_projects_known() -> None:
    found = projects(is_served=False)
    found.declare([project("team")])
    with pytest.raises(InvalidSpecError):
        found.named("any")
    assert found.named("default").source_repos == ("*",)


def test_an_application_that_its_project_does_not_permit() -> None:
    found = projects(document(destinations=[{"server": "*", "namespace": "elsewhere"}]))
    with pytest.raises(InvalidSpecError) as failed:
        found.check(application())
    assert "do not match any of the allowed destinations in project 'shop'" in failed.value.message
    found.check(application(destination={"name": "in-cluster", "namespace": "elsewhere"}))


def test_an_application_in_another_namespace() -> None:
    with pytest.raises(InvalidSpecError) as failed:
        projects(document()).check(application(namespace="team"))
    assert failed.value.message == "application 'web' in namespace 'team' is not allowed to use project shop"
    projects(document(sourceNamespaces=["team"])).check(application(namespace="team"))


def test_what_may_be_managed() -> None:
    found = projects(document(destinations=[{"server": "*", "namespace": "shop"}]))
    permits = found.permits(application())
    assert permits.has_live(ResourceKey("", "Service", "shop", "web"))
    assert not permits.has_live(ResourceKey("", "Service", "other", "web"))
    assert not permits.has_live(ResourceKey("", "Namespace", "", "shop"))
    gone = found.permits(application(project="gone"))
    assert not gone.has_live(ResourceKey("", "Service", "shop", "web")), "a project that is gone permits nothing"


def test_windows_keep_operations_back() -> None:
    found = projects(document(syncWindows=[{**NIGHT, "manualSync": True}]))
    app = application()
    assert found.blocked(app, NOW, is_manual=False) == "Sync operation blocked by sync window"
    assert found.blocked(app, NOW, is_manual=True) == ""
    assert found.line(app, NOW) == "by hand only until 06:00 UTC"
    assert found.next_look(app, NOW) == 7 * 3600
    assert found.line(app, NOW.replace(hour=12)) == ""
    wrong = projects(document(syncWindows=[{**NIGHT, "schedule": "@daily"}]))
    assert "cannot parse schedule '@daily'" in wrong.blocked(app, NOW, is_manual=True)
    assert "cannot be read" in wrong.line(app, NOW)


def test_what_is_wrong_with_projects_is_told() -> None:
    found = projects(
        document("shop", sourceRepos=["a", "a"], syncWindows=[{**NIGHT, "timeZone": "Middle/Earth"}]),
        {"metadata": {"name": "odd", "namespace": "argocd"}, "spec": {"roles": "all"}},
    )
    texts = [str(one) for one in found.problems()]
    assert any("source repository 'a' already added" in one for one in texts)
    assert any("Middle/Earth" in one for one in texts)
    assert any("spec.roles" in one for one in texts)
    assert any("may not be listed" in str(one) for one in projects(word="restricted").problems())


def test_clusters_by_server_and_by_name() -> None:
    clusters = cast(
        Any,
        SimpleNamespace(
            resolve=lambda _: SimpleNamespace(connection=SimpleNamespace(server="https://p", context="prod"))
        ),
    )
    by_name = cluster_of(Destination(name="in-cluster"), clusters)
    by_server = cluster_of(Destination(server="https://kubernetes.default.svc"), clusters)
    assert by_name == by_server
    assert cluster_of(Destination(name="prod"), clusters).server == "https://p"
    with pytest.raises(InvalidSpecError):
        cluster_of(Destination(server="https://p", name="prod"), clusters)


@pytest.mark.parametrize(
    ("of_app", "of_operation", "expected"),
    [
        ((), (), ""),
        (("FailOnSharedResource=true",), (), "Shared resource found: ConfigMap/a is part of applications web and two"),
        ((), ("FailOnSharedResource=true",), "Shared resource found: ConfigMap/a is part of applications web and two"),
        (("FailOnSharedResource=true",), ("CreateNamespace=true",), ""),
    ],
)
def test_shared_resources_fail_where_the_option_says_so(
    of_app: tuple[str, ...], of_operation: tuple[str, ...], expected: str
) -> None:
    app = dataclasses.replace(application(), sync_policy=SyncPolicy(sync_options=of_app))
    message = "ConfigMap/a is part of applications web and two"
    shared = Condition(ConditionType.SHARED_RESOURCE_WARNING.value, message, NOW)
    comparison = cast(Any, SimpleNamespace(app=app, conditions=(shared,)))
    found = refused(Assignment(comparison, Operation(sync_options=of_operation)))
    assert found == ((OperationPhase.FAILED, expected) if expected else None)


def test_an_operation_on_an_object_without_a_namespace_is_an_error() -> None:
    homeless = Condition(ConditionType.INVALID_SPEC_ERROR.value, "Namespace for a v1, Kind=ConfigMap is missing.", NOW)
    comparison = cast(Any, SimpleNamespace(app=application(), conditions=(homeless,)))
    expected = (OperationPhase.ERROR, "InvalidSpecError: Namespace for a v1, Kind=ConfigMap is missing.")
    assert refused(Assignment(comparison, Operation())) == expected


def test_a_global_project_permits_what_the_project_does_not_name() -> None:
    narrow = document(sourceRepos=["https://host/other"])
    common = document("common", sourceRepos=["https://host/*"], destinations=[])
    with pytest.raises(InvalidSpecError, match="is not permitted in project 'shop'"):
        projects(narrow, common).check(application())
    projects(narrow, common, global_projects=[GlobalProject("common")]).check(application())


def test_an_application_that_cannot_be_read_is_refused_with_its_defect() -> None:
    broken = dataclasses.replace(
        application(), defect=InvalidSpecError("has both server and name", path="spec.destination")
    )
    with pytest.raises(InvalidSpecError, match="both server and name"):
        projects(document()).check(broken)


def test_a_project_that_is_gone_opens_no_window() -> None:
    with pytest.raises(InvalidSpecError, match="does not exist"):
        projects(document("other")).blocked(application(), NOW, is_manual=True)


def test_the_windows_of_a_project_that_is_gone_are_not_none() -> None:
    found = projects(document("other"))
    for ask in (found.windows, lambda app: found.verdict(app, NOW, is_manual=False)):
        with pytest.raises(InvalidSpecError, match="does not exist"):
            ask(application())
    assert "does not exist" in found.line(application(), NOW)
    assert found.next_look(application(), NOW) is None
