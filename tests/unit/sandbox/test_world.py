"""The demo's world as `kubectl` and `git` see it: what was meant to be wrong is wrong, and nothing else."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitops_tui.cli.settings import load_settings
from gitops_tui.config import APP_NAME
from gitops_tui.errors import ConfigError
from gitops_tui.health.assess import assess
from gitops_tui.manifest.decode import decode
from gitops_tui.manifest.encode import to_yaml_stream
from gitops_tui.model.application import AppKey, parse_application
from gitops_tui.model.operation import HistoryEntry, OperationState
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object, annotations_of, key_of, metadata_of
from gitops_tui.model.status import OperationPhase
from gitops_tui.sandbox.store import Store
from gitops_tui.sandbox.world import World
from gitops_tui.sandbox.world.apps import STORIES
from gitops_tui.sandbox.world.manifests import is_hook, targets_of
from gitops_tui.sandbox.world.story import REPO_URL, Story
from gitops_tui.sync.tracking import is_self_referenced

BY_NAME = {story.name: story for story in STORIES}
PLAIN = ("docs", "gateway", "inventory", "search", "user-db", "orders", "billing", "api-service")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    started = time.monotonic()
    built = World.build(tmp_path_factory.mktemp("world"), scenario="calm")
    assert time.monotonic() - started < 30
    try:
        yield built
    finally:
        built.stop()


@pytest.fixture(scope="module")
def store(world: World) -> Store:
    return world.sandbox.store


def git(world: World, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(world.remote), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def kubectl(world: World, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KUBECONFIG": str(world.kubeconfig), "KUBECTL_EXTERNAL_DIFF": "diff -u"}
    return subprocess.run(["kubectl", *arguments], input=stdin, capture_output=True, text=True, env=environment)


def targets_at(world: World, story: Story, revision: str = "main") -> list[Object]:
    """What a revision of the repository asks the cluster for, hooks left out."""

    def is_namespaced(kind: object) -> bool:
        return any((one.group, one.kind) == (kind.group, kind.kind) and one.is_namespaced
                   for one in world.sandbox.store.registry)  # fmt: skip

    names = git(world, "ls-tree", "--name-only", f"{revision}:{story.folder}").split()
    texts = {name: git(world, "show", f"{revision}:{story.folder}/{name}") for name in names}
    return [obj for obj in targets_of(story, texts, is_namespaced) if not is_hook(obj)]


def server_side_diff(world: World, objects: list[Object]) -> list[str]:
    """The lines that an apply by the product would change, without managedFields and the generation."""
    done = kubectl(
        world, "diff", "--server-side", "--force-conflicts", f"--field-manager={APP_NAME}", "-f", "-",
        stdin=to_yaml_stream(objects),
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    lines = [line for line in done.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return [line for line in lines if not line[1:].strip().startswith("generation:")]


# --- Git against the cluster
@pytest.mark.parametrize("name", PLAIN)
def test_nothing_differs_where_nothing_was_meant_to(world: World, name: str) -> None:
    """A rollout may go on between kubectl's two questions: what differs then differs once."""
    objects = targets_at(world, BY_NAME[name])
    assert server_side_diff(world, objects) == [] or server_side_diff(world, objects) == []


def test_the_incident_is_one_value_that_an_apply_would_change(world: World) -> None:
    lines = server_side_diff(world, targets_at(world, BY_NAME["auth-service"]))
    assert [line.split() for line in lines] == [["-", "value:", "legacy"], ["+", "value:", "oidc"]]


def test_the_added_variable_is_nobodys_but_the_editors(store: Store) -> None:
    live = store.get("deployments.apps", "auth", "auth-service")
    (edit,) = [one for one in metadata_of(live)["managedFields"] if one["manager"] == "kubectl-edit"]
    assert edit["operation"] == "Update"
    age = datetime.now(UTC) - datetime.fromisoformat(edit["time"])
    assert timedelta(days=14) < age < timedelta(days=15)
    (container,) = live["spec"]["template"]["spec"]["containers"]
    assert {"name": "DEBUG", "value": "1"} in container["env"]
    owners = [one["manager"] for one in metadata_of(live)["managedFields"] if '"DEBUG"' in str(one["fieldsV1"])]
    assert owners == ["kubectl-edit"]


def test_a_new_commit_waits(world: World) -> None:
    lines = server_side_diff(world, targets_at(world, BY_NAME["web-frontend"]))
    assert [line.split()[-1].rpartition(":")[2] for line in lines] == ["5.2.0", "5.3.0"]


def test_a_prune_waits(world: World, store: Store) -> None:
    story = BY_NAME["notifications"]
    targets = targets_at(world, story)
    assert server_side_diff(world, targets) == []
    left = store.get("deployments.apps", "notifications", "sms-relay")
    assert key_of(left) not in {key_of(obj) for obj in targets}
    assert is_self_referenced(left, None)


def test_every_live_object_was_applied_by_the_product(world: World, store: Store) -> None:
    for story in STORIES:
        for target in targets_at(world, story):
            kind = store.registry.by_kind(target["apiVersion"], target["kind"])
            assert kind is not None
            live = store.get(kind.resource, story.namespace, metadata_of(target)["name"])
            managers = {(one["manager"], one["operation"]) for one in metadata_of(live)["managedFields"]}
            assert (APP_NAME, "Apply") in managers
            assert annotations_of(live) == {**annotations_of(live), **annotations_of(target)}


def test_nobody_else_wrote_to_what_git_manages(world: World, store: Store) -> None:
    """No foreign drift but the intended: whoever is not us wrote a status, a scale or the revision's annotation."""
    found = set()
    for story in STORIES:
        for target in targets_at(world, story):
            kind = store.registry.by_kind(target["apiVersion"], target["kind"])
            assert kind is not None
            live = store.get(kind.resource, story.namespace, metadata_of(target)["name"])
            for one in metadata_of(live)["managedFields"]:
                if one["manager"] != APP_NAME and one.get("subresource") not in ("status", "scale"):
                    found.add((story.name, one["manager"], one["operation"]))
    assert found == {("auth-service", "kubectl-edit", "Update")}


# --- the Applications
def applications(store: Store) -> list[Object]:
    return store.list("applications.argoproj.io", "argocd")


def test_applications_are_those_in_git(world: World, store: Store) -> None:
    for live in applications(store):
        name = metadata_of(live)["name"]
        (written,) = decode(git(world, "show", f"main:argocd-apps/{name}.yaml"))
        assert live["spec"] == written.obj["spec"]
        parsed = parse_application(live, origin=Origin(in_cluster=True))
        assert parsed.key == AppKey("argocd", name)
        assert parsed.source.repo_url == REPO_URL
        assert parsed.has_sync_option("CreateNamespace=true")
    assert {metadata_of(one)["name"] for one in applications(store)} == set(BY_NAME)


def test_history_names_commits_of_the_repository(world: World, store: Store) -> None:
    known = set(git(world, "rev-list", "main").split())
    for live in applications(store):
        history = [HistoryEntry.from_json(one) for one in live["status"]["history"]]
        assert len(history) >= 2
        assert {one.revision for one in history} <= known
        assert [one.id for one in history] == sorted({one.id for one in history})
        times = [one.deployed_at for one in history if one.deployed_at is not None]
        assert len(times) == len(history)
        assert times == sorted(times)
        assert all(one.initiated_by.username or one.initiated_by.automated for one in history)
        last = OperationState.from_json(live["status"]["operationState"])
        assert last.phase is OperationPhase.SUCCEEDED
        assert last.sync_result is not None
        assert last.sync_result.revision == history[-1].revision


def test_no_argo_cd_is_alive(store: Store) -> None:
    for live in applications(store):
        age = datetime.now(UTC) - datetime.fromisoformat(live["status"]["reconciledAt"])
        assert age > timedelta(days=2)
    assert store.list("statefulsets.apps", "argocd") == []
    assert store.list("leases.coordination.k8s.io", "argocd") == []


def test_printer_columns(world: World) -> None:
    done = kubectl(world, "get", "apps", "-n", "argocd", "--no-headers")
    found = {row[0]: (row[1], row[2]) for row in map(str.split, done.stdout.splitlines())}
    assert found == {story.name: (story.sync, story.health) for story in STORIES}


# --- how it stands
def test_health_is_as_the_stories_say(store: Store) -> None:
    for story in STORIES:
        found = [assess(one) for one in store.list("deployments.apps", story.namespace)]
        found += [assess(one) for one in store.list("statefulsets.apps", story.namespace)]
        worst = max((one.status for one in found if one is not None), key=lambda status: status.badness)
        assert worst.value == story.health, story.name


def test_pods_are_owned_and_old(store: Store) -> None:
    for namespace, app, least_days in (("auth", "auth-service", 14), ("search", "search", 7), ("data", "user-db", 29)):
        pods = store.list("pods", namespace, {"app": app})
        assert len(pods) >= 2
        for pod in pods:
            (owner,) = metadata_of(pod)["ownerReferences"]
            resource = {"ReplicaSet": "replicasets.apps", "StatefulSet": "statefulsets.apps"}[owner["kind"]]
            assert metadata_of(store.get(resource, namespace, owner["name"]))["uid"] == owner["uid"]
            age = datetime.now(UTC) - datetime.fromisoformat(metadata_of(pod)["creationTimestamp"])
            assert age > timedelta(days=least_days)
            assert pod["status"]["containerStatuses"][0]["ready"] is True


def test_controllers_leave_what_is_settled_alone(store: Store) -> None:
    """Only what is under way (the rollout, the broken image) may change while the controllers look at everything."""
    settled = ("auth", "search", "data", "docs", "gateway", "inventory", "notifications", "orders", "web")
    kinds = (
        "deployments.apps",
        "replicasets.apps",
        "statefulsets.apps",
        "pods",
        "jobs.batch",
        "persistentvolumeclaims",
    )
    now = datetime.now(UTC)
    for namespace in settled:
        for kind in kinds:
            for one in store.list(kind, namespace):
                times = [entry.get("time", "") for entry in metadata_of(one)["managedFields"]]
                newest = max(datetime.fromisoformat(time) for time in times if time)
                assert now - newest > timedelta(hours=1), key_of(one)


def test_a_broken_image_is_told_by_events(world: World) -> None:
    done = kubectl(world, "get", "events", "-n", "billing", "-o", "jsonpath={.items[*].reason}")
    assert {"BackOff", "Failed", "Pulling"} <= set(done.stdout.split())


def test_secrets_hold_a_placeholder(store: Store) -> None:
    for one in store.list("secrets"):
        assert one["data"] == {"password": "cGxhY2Vob2xkZXI="}


# --- the repository
def test_history_of_weeks_by_several_authors(world: World) -> None:
    rows = [line.split("|") for line in git(world, "log", "--format=%ct|%an|%ae|%s", "main").splitlines()]
    assert len(rows) > 40
    assert {"Ana", "Ben", "Chidi", "Dita", "deploy-bot"} == {row[1] for row in rows}
    assert all(row[2].endswith("@example.com") for row in rows)
    assert "deploy(api-service): 1.4.2" in {row[3] for row in rows}
    times = [int(row[0]) for row in rows]
    assert times == sorted(times, reverse=True)
    assert times[0] - times[-1] > timedelta(days=60).total_seconds()


def test_the_line_of_the_incident_is_bens(world: World) -> None:
    blame = git(world, "blame", "--porcelain", "main", "--", "apps/auth-service/deployment.yaml")
    head, _, _ = blame.partition("\t              value: oidc")
    commit = [line.split()[0] for line in head.splitlines() if len(line.split()[0]) == 40][-1]
    assert git(world, "show", "-s", "--format=%an", commit).strip() == "Ben"


def test_somebody_can_clone_and_push(world: World, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    subprocess.run(["git", "clone", "-q", str(world.remote), str(clone)], check=True)
    (clone / "NOTES.md").write_text("A note.\n", encoding="utf-8")
    subprocess.run(["git", "-C", str(clone), "add", "."], check=True)
    subprocess.run(["git", "-C", str(clone), *who, "commit", "-qm", "Add a note"], check=True)
    subprocess.run(["git", "-C", str(clone), "push", "-q"], check=True)
    assert git(world, "show", "main:NOTES.md") == "A note.\n"
    assert git(world, "fsck", "--strict") == ""


# --- what a person is told
def test_poke_text_names_what_there_is(world: World) -> None:
    text = world.poke_text()
    settings = world.remote.parent / "settings.yaml"
    assert f"export KUBECONFIG={world.kubeconfig} GITOPS_TUI_CONFIG={settings}" in text
    assert load_settings(str(settings)).repositories == world.repositories
    assert f"git clone {world.remote}" in text
    assert world.repositories == {REPO_URL: str(world.remote)}


def test_an_unknown_scenario_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no scenario 'quiet'"):
        World.build(tmp_path, scenario="quiet")


def test_a_directory_with_a_world_in_it_is_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="holds a world already"):
        World.build(world.remote.parent)
