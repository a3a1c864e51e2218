"""Every row of the table at the top of the drift design, done with the real clients on the real API server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gitops_tui.model.status import DriftKind, WriterClass
from tests.contract.diff.hand import Hand, Object, config_map, deployment, secret, service

DAYS = timedelta(days=14)
ENV = "spec.template.spec.containers[name=auth].env"


@dataclass(frozen=True)
class Row:
    """What somebody does, and what is told of it two weeks later."""

    name: str
    act: Callable[[Hand], object]
    text: str
    manager: str
    klass: WriterClass
    kind: DriftKind = DriftKind.FOREIGN
    ticked: bool = False
    label: str = ""
    says: str = ""


def edits(command: str) -> Callable[[Hand], object]:
    """``kubectl edit`` with sed as the editor."""

    def act(hand: Hand) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KUBE_EDITOR", f"sed -i '{command}'")
            return hand.kubectl("edit", "deployment", "auth")

    return act


def runs(*words: str) -> Callable[[Hand], object]:
    return lambda hand: hand.kubectl(*words)


def sends(user_agent: str, patch: Object) -> Callable[[Hand], object]:
    def act(hand: Hand) -> object:
        path = f"/apis/apps/v1/namespaces/{hand.namespace}/deployments/auth"
        return hand.patch_as(user_agent, path, patch)

    return act


PERSON, OTHER = WriterClass.PERSON, WriterClass.OTHER
NOTE, TARGET = DriftKind.NOTE, DriftKind.TARGET
PATCH = '{"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}}}'
DEBUG = 's/^\\( *\\)- name: AUTH_MODE/\\1- name: DEBUG\\n\\1  value: "1"\\n\\1- name: AUTH_MODE/'

ADDED = [
    Row("edit", edits(DEBUG), f"{ENV}[name=DEBUG]", "kubectl-edit", PERSON, ticked=True, label="env DEBUG"),
    Row(
        "set env",
        runs("set", "env", "deploy/auth", "DEBUG=1"),
        f"{ENV}[name=DEBUG]",
        "kubectl-set",
        PERSON,
        ticked=True,
    ),
    Row(
        "set resources",
        runs("set", "resources", "deploy/auth", "--requests=cpu=100m"),
        "spec.template.spec.containers[name=auth].resources.requests.cpu",
        "kubectl-set",
        PERSON,
        ticked=True,
        label="request cpu",
    ),
    Row(
        "patch",
        runs("patch", "deploy", "auth", "-p", PATCH),
        "spec.template.spec.nodeSelector",
        "kubectl-patch",
        PERSON,
        says="tick it to undo it",
    ),
    Row("label", runs("label", "deploy", "auth", "team=a"), "metadata.labels.team", "kubectl-label", PERSON, NOTE),
    Row(
        "annotate",
        runs("annotate", "deploy", "auth", "owner=ana"),
        "metadata.annotations.owner",
        "kubectl-annotate",
        PERSON,
        NOTE,
    ),
    Row(
        "rollout restart",
        runs("rollout", "restart", "deploy/auth"),
        'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]',
        "kubectl-rollout",
        PERSON,
        NOTE,
        says="restarted by hand",
    ),
    Row(
        "curl",
        sends("curl/8.5.0", {"spec": {"template": {"spec": {"priorityClassName": "system-node-critical"}}}}),
        "spec.template.spec.priorityClassName",
        "curl",
        OTHER,
        NOTE,
        says="set by curl",
    ),
    Row(
        "client library",
        sends("OpenAPI-Generator/37.0/python", {"spec": {"minReadySeconds": 5}}),
        "spec.minReadySeconds",
        "OpenAPI-Generator",
        OTHER,
        NOTE,
    ),
    Row(
        "browser",
        sends("Mozilla/5.0 (X11; Linux)", {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 60}}}}),
        "spec.template.spec.terminationGracePeriodSeconds",
        "Mozilla",
        OTHER,
        NOTE,
    ),
]


@pytest.mark.control_plane
@pytest.mark.parametrize("row", ADDED, ids=lambda row: row.name)
def test_what_was_added_is_told_with_its_writer(hand: Hand, row: Row) -> None:
    target = deployment()
    hand.apply(target)
    row.act(hand)
    (found,) = hand.foreign(target)
    assert (found.text, found.kind, found.ticked) == (row.text, row.kind, row.ticked)
    assert found.writer is not None
    assert (found.writer.manager, found.writer.klass) == (row.manager, row.klass)
    assert found.writer.describe(datetime.now(UTC) + DAYS) == f"{row.manager}, last write 14 d ago"
    assert row.label in found.label
    assert row.says in found.reason
    assert not hand.compared(target).modified, "foreign drift is not OutOfSync"


CHANGED = [
    Row(
        "edit",
        edits("s/oidc/legacy/"),
        f"{ENV}[name=AUTH_MODE].value",
        "kubectl-edit",
        PERSON,
        TARGET,
        label="env AUTH_MODE",
    ),
    Row(
        "set env",
        runs("set", "env", "deploy/auth", "AUTH_MODE=x"),
        f"{ENV}[name=AUTH_MODE].value",
        "kubectl-set",
        PERSON,
    ),
    Row(
        "set image",
        runs("set", "image", "deploy/auth", "auth=registry.example/auth:2"),
        "spec.template.spec.containers[name=auth].image",
        "kubectl-set",
        PERSON,
        label="image",
    ),
    Row("scale", runs("scale", "deploy/auth", "--replicas=5"), "spec.replicas", "kubectl", PERSON, label="replicas"),
    Row(
        "patch",
        runs("patch", "deploy", "auth", "-p", '{"spec":{"replicas":4}}'),
        "spec.replicas",
        "kubectl-patch",
        PERSON,
    ),
]


@pytest.mark.control_plane
@pytest.mark.parametrize("row", CHANGED, ids=lambda row: row.name)
def test_what_was_changed_is_target_drift_with_its_writer(hand: Hand, row: Row) -> None:
    target = deployment()
    hand.apply(target)
    row.act(hand)
    for confirmed in (None, hand.dry_run(target)):
        difference = hand.compared(target, confirmed=confirmed)
        assert difference.modified
        (found,) = difference.fields
        assert (found.text, found.kind) == (row.text, TARGET)
        assert found.writer is not None
        assert (found.writer.manager, found.writer.klass) == (row.manager, row.klass)
        assert row.label in found.label
    assert hand.foreign(target) == ()


@pytest.mark.control_plane
def test_a_scale_has_no_time_and_says_so(hand: Hand) -> None:
    target = deployment()
    hand.apply(target)
    hand.kubectl("scale", "deploy/auth", "--replicas=5")
    writer = hand.compared(target).fields[0].writer
    assert writer is not None
    assert writer.describe(datetime.now(UTC)) == "kubectl (scale)"


@pytest.mark.control_plane
def test_a_client_side_apply_is_undone_by_the_ordinary_apply(hand: Hand) -> None:
    target = deployment()
    hand.apply(target)
    changed = deployment(env=[{"name": "AUTH_MODE", "value": "legacy"}, {"name": "DEBUG", "value": "1"}])
    hand.kubectl("apply", "-f", "-", body=changed)
    difference = hand.compared(target)
    found = {one.label: (one.live, one.target, one.writer.manager if one.writer else "") for one in difference.fields}
    assert found == {
        "env AUTH_MODE": ("legacy", "oidc", "kubectl-client-side-apply"),
        "env DEBUG": ("1", None, "kubectl-client-side-apply"),
    }
    assert hand.foreign(target) == ()
    hand.apply(target)
    assert not hand.compared(target).modified


@pytest.mark.control_plane
def test_a_removed_field_has_no_owner_and_only_a_guess(hand: Hand) -> None:
    target = deployment(env=[{"name": "AUTH_MODE", "value": "oidc"}, {"name": "LEVEL", "value": "info"}])
    hand.apply(target)
    hand.kubectl("set", "env", "deploy/auth", "LEVEL-")
    (found,) = hand.compared(target).fields
    assert (found.label, found.live, found.target) == ("env LEVEL", None, "info")
    assert found.writer is None or found.writer.is_guess


@pytest.mark.control_plane
@pytest.mark.parametrize("target", [deployment(), config_map(), service(), secret()], ids=lambda one: one["kind"])
def test_nothing_is_told_of_an_object_that_nobody_touched(hand: Hand, target: Object) -> None:
    hand.apply(target)
    hand.kubectl("rollout", "status", "deploy/auth") if target["kind"] == "Deployment" else None
    assert hand.foreign(target) == ()
    assert not hand.compared(target).modified
    assert not hand.compared(target, confirmed=hand.dry_run(target)).modified


@pytest.mark.control_plane
@pytest.mark.parametrize("target", [deployment(), config_map(), service(), secret()], ids=lambda one: one["kind"])
@pytest.mark.parametrize("words", [("create", "-f", "-"), ("apply", "-f", "-")], ids=lambda words: words[0])
def test_nothing_is_told_of_an_object_that_was_made_by_kubectl_and_adopted(
    hand: Hand, target: Object, words: tuple[str, ...]
) -> None:
    hand.kubectl(*words, body=target)
    hand.apply(target)
    assert hand.foreign(target) == ()
    assert not hand.compared(target).modified


@pytest.mark.control_plane
def test_what_git_drops_after_a_client_side_apply_is_drift(hand: Hand) -> None:
    made = deployment(env=[{"name": "AUTH_MODE", "value": "oidc"}, {"name": "OLD", "value": "1"}])
    hand.kubectl("apply", "-f", "-", body=made)
    target = deployment()
    for confirmed in (None, hand.dry_run(target)):
        (found,) = hand.compared(target, confirmed=confirmed).fields
        assert (found.label, found.live, found.target) == ("env OLD", "1", None)
    hand.apply(target)
    assert not hand.compared(target).modified


@pytest.mark.control_plane
def test_an_added_key_of_a_config_map_is_drift_and_one_of_a_service_is_looked_at_later(hand: Hand) -> None:
    settings, front = config_map(), service()
    hand.apply(settings)
    hand.apply(front)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBE_EDITOR", "sed -i 's/^data:/data:\\n  debug.conf: \"on\"/'")
        hand.kubectl("edit", "configmap", "settings")
        patch.setenv(
            "KUBE_EDITOR", "sed -i 's/^  selector:/  sessionAffinity: ClientIP\\n  selector:/;/sessionAffinity: None/d'"
        )
        hand.kubectl("edit", "service", "auth")
    (key,) = hand.foreign(settings)
    assert (key.label, key.live, key.ticked) == ("data key debug.conf", "on", True)
    found = {one.text: one for one in hand.foreign(front)}
    assert found["spec.sessionAffinity"].target == "None"
    assert found["spec.sessionAffinity"].healable
    assert not found["spec.sessionAffinity"].ticked


@pytest.mark.control_plane
def test_replicas_that_git_leaves_out_are_a_note(hand: Hand) -> None:
    target = deployment()
    del target["spec"]["replicas"]
    hand.apply(target)
    hand.kubectl("scale", "deploy/auth", "--replicas=5")
    assert hand.foreign(target) == (), "nobody owned replicas, and then a scale leaves no entry"
    hand.kubectl("patch", "deploy", "auth", "-p", '{"spec":{"replicas":4}}')
    (found,) = hand.foreign(target)
    assert (found.kind, found.text, found.healable) == (NOTE, "spec.replicas", False)
    assert not hand.compared(target).modified


@pytest.mark.control_plane
def test_a_secret_is_told_without_its_values(hand: Hand) -> None:
    target = secret()
    hand.apply(target)
    hand.kubectl("patch", "secret", "keys", "-p", '{"stringData":{"password":"changed-word","extra":"extra-word"}}')
    told = repr((hand.compared(target).fields, hand.foreign(target)))
    assert "data key password" in told
    assert "data key extra" in told
    for word in ("changed-word", "extra-word", "s3cret-word", "Y2hhbmdlZC13b3Jk", "ZXh0cmEtd29yZA=="):
        assert word not in told


@pytest.mark.control_plane
def test_what_was_written_just_now_is_not_ticked(hand: Hand) -> None:
    target = deployment()
    hand.apply(target)
    hand.kubectl("set", "env", "deploy/auth", "DEBUG=1")
    (found,) = hand.foreign(target, after=timedelta(minutes=12))
    assert not found.ticked
    assert found.healable
    assert found.reason == "somebody may be at work on this (kubectl-set, in the last 2 h)"


@pytest.mark.control_plane
def test_what_a_client_side_apply_only_added_is_drift_too(hand: Hand) -> None:
    target = config_map()
    hand.apply(target)
    hand.kubectl("apply", "-f", "-", body=config_map(**{"app.conf": "a=1\n", "debug": "on"}))
    for confirmed in (None, hand.dry_run(target)):
        (found,) = hand.compared(target, confirmed=confirmed).fields
        assert (found.label, found.live, found.target) == ("data key debug", "on", None)
    hand.apply(target)
    assert not hand.compared(target).modified
