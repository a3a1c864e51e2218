"""Git compared with the cluster: what differs, who did it, and what a heal undoes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from gitops_tui.errors import NotFound, StalePlanError
from gitops_tui.git.mirror import Mirror
from gitops_tui.model.plan import Approval, ItemAction, Plan
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import TroubleKind
from gitops_tui.model.status import DriftKind, HealthStatus, OperationPhase, SyncStatus, WriterClass
from tests.contract.controllers.workloads import settled as rolled_out
from tests.contract.engine.objects import config_map, deployment, secret
from tests.contract.engine.site import Running, Site, key
from tests.contract.target import PATIENCE_S, eventually

TWO_WEEKS = timedelta(days=14)
EDITOR = """\
#!/bin/sh
sed -i 's/^\\( *\\)- name: AUTH_MODE$/\\1- name: DEBUG\\n\\1  value: "1"\\n&/' "$1"
"""


def add_variable(site: Site, folder: Path) -> None:
    """``kubectl edit`` by a person who adds DEBUG=1."""
    editor = folder / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    site.target.kubectl("edit", "deployment/auth", KUBE_EDITOR=str(editor))


def settled(site: Site) -> None:
    """No pod comes or goes: with each of them the Deployment moves, and a plan would be stale."""
    if site.target.has_controllers:
        rolled_out(site.target, "/apis/apps/v1/namespaces/{ns}/deployments/auth")


@pytest.fixture
def auth(site: Site) -> Site:
    """One application, synced: a Deployment with a variable, and a ConfigMap."""
    site.commit("begin", {"apps/auth/all.json": [deployment("auth", AUTH_MODE="oidc"), config_map("settings", a="1")]})
    site.application("auth")
    running = site.engine()
    assert running.view("auth").sync is SyncStatus.OUT_OF_SYNC
    assert running.view("auth").trouble.kind is TroubleKind.MISSING
    running.sync("auth")
    running.engine.stop()
    return site


def drifts(running: Running, kind: DriftKind) -> dict[str, tuple[str, WriterClass]]:
    """Label to who wrote it."""
    found = [one for _, one in running.view("auth").drift if one.kind is kind]
    return {one.label: (one.writer.manager, one.writer.klass) for one in found if one.writer is not None}


def test_what_is_synced_is_at_rest(auth: Site) -> None:
    running = auth.engine()
    view = running.view("auth")
    assert (view.sync, view.drift, view.conditions) == (SyncStatus.SYNCED, (), ())
    assert view.revision == view.deployed_revision == auth.git("rev-parse", "HEAD")
    assert [one.key.name for one in view.resources] == ["auth", "settings"]
    assert view.resources[0].file == "apps/auth/all.json"
    if auth.target.has_controllers:
        running.until("auth", lambda view: view.health.status is HealthStatus.HEALTHY)


def test_drift_is_seen_and_attributed_to_the_client_that_made_it(auth: Site, tmp_path: Path) -> None:
    running = auth.engine()
    auth.target.kubectl("set", "env", "deployment/auth", "AUTH_MODE=basic")
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert drifts(running, DriftKind.TARGET) == {"env AUTH_MODE": ("kubectl-set", WriterClass.PERSON)}
    add_variable(auth, tmp_path)
    running.until("auth", lambda _: drifts(running, DriftKind.FOREIGN))
    assert drifts(running, DriftKind.FOREIGN) == {"env DEBUG": ("kubectl-edit", WriterClass.PERSON)}
    view = running.view("auth")
    assert view.trouble.kind is TroubleKind.DRIFTED and view.is_drifted
    assert "kubectl-set" in view.trouble.what and "kubectl-edit" in view.trouble.what
    detail = running.engine.detail(view.key, key("Deployment", auth.namespace, "auth", "apps")).result(PATIENCE_S)
    assert detail.file_commit is not None and detail.file_commit.subject == "begin"


def test_an_added_variable_alone_leaves_the_application_synced_and_drifted(auth: Site, tmp_path: Path) -> None:
    running = auth.engine()
    add_variable(auth, tmp_path)
    view = running.until("auth", lambda view: view.is_drifted)
    assert (view.sync, view.trouble.kind) == (SyncStatus.SYNCED, TroubleKind.DRIFTED)


def test_a_heal_undoes_what_was_changed_and_added_and_nothing_else(auth: Site, tmp_path: Path) -> None:
    auth.target.kubectl("set", "env", "deployment/auth", "AUTH_MODE=basic")
    add_variable(auth, tmp_path)
    auth.target.kubectl("label", "deployment/auth", "team=payments")
    auth.target.kubectl("annotate", "deployment/auth", "note=keep")
    settled(auth)
    later = auth.engine(ahead=TWO_WEEKS)
    plan = later.heal_plan("auth")
    assert not plan.must_type
    assert [(item.action, item.key.name) for item in plan.items] == [(ItemAction.CONFIGURE, "auth")]
    fields = {field.label: (field.kind, field.ticked) for field in plan.items[0].fields}
    assert fields == {"env AUTH_MODE": (DriftKind.TARGET, True), "env DEBUG": (DriftKind.FOREIGN, True)}
    operation = later.ended("auth", later.execute(plan))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert auth.variables("auth") == {"AUTH_MODE": "oidc"}
    live = auth.target.ok("GET", auth.path("deployments", "auth"))["metadata"]
    assert live["labels"]["team"] == "payments" and live["annotations"]["note"] == "keep"
    view = later.until("auth", lambda view: not view.is_drifted and view.sync is SyncStatus.SYNCED)
    assert len(view.history) == 1


def test_what_somebody_is_at_work_on_is_not_ticked_and_needs_the_name(auth: Site, tmp_path: Path) -> None:
    add_variable(auth, tmp_path)
    settled(auth)
    running = auth.engine()
    plan = running.heal_plan("auth")
    (field,) = plan.items[0].fields
    assert (field.label, field.ticked, plan.must_type) == ("env DEBUG", False, "auth")
    assert "somebody may be at work on this (kubectl-edit" in plan.must_type_reason
    with pytest.raises(Exception, match="'auth' must be typed"):
        running.execute(plan, Approval())
    assert not running.execute(plan, Approval(typed="auth")).ok
    assert auth.variables("auth") == {"AUTH_MODE": "oidc", "DEBUG": "1"}
    ticked = frozenset({(plan.items[0].key, field.text)})
    running.ended("auth", running.execute(plan, Approval(typed="auth", ticked=ticked)))
    assert auth.variables("auth") == {"AUTH_MODE": "oidc"}


def test_an_unticked_field_stays(auth: Site, tmp_path: Path) -> None:
    auth.target.kubectl("set", "env", "deployment/auth", "AUTH_MODE=basic")
    add_variable(auth, tmp_path)
    settled(auth)
    later = auth.engine(ahead=TWO_WEEKS)
    plan = later.heal_plan("auth")
    foreign = next(one for one in plan.items[0].fields if one.kind is DriftKind.FOREIGN)
    later.ended("auth", later.execute(plan, Approval(unticked=frozenset({(plan.items[0].key, foreign.text)}))))
    assert auth.variables("auth") == {"AUTH_MODE": "oidc", "DEBUG": "1"}


def test_a_plan_is_stale_once_its_object_moves(auth: Site, tmp_path: Path) -> None:
    add_variable(auth, tmp_path)
    settled(auth)
    later = auth.engine(ahead=TWO_WEEKS)
    plan = later.heal_plan("auth")
    auth.target.kubectl("set", "env", "deployment/auth", "OTHER=1")
    later.until("auth", lambda view: len(view.drift) == 2)
    with pytest.raises(StalePlanError, match="Deployment/auth changed in the cluster"):
        later.execute(plan)
    assert auth.variables("auth") == {"AUTH_MODE": "oidc", "DEBUG": "1", "OTHER": "1"}


def planned_a_minute_ago(auth: Site) -> tuple[Running, Plan]:
    """A sync that undoes what somebody did by hand."""
    running = auth.engine()
    auth.set_data("settings", a="by hand")
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    settled(auth)
    plan = running.plan("auth")
    return running, replace(plan, made_at=plan.made_at - timedelta(minutes=1))


def test_a_branch_that_moved_unnoticed_makes_a_plan_stale_when_it_is_confirmed(auth: Site) -> None:
    """Nobody asked Git since the plan was made: it is asked before anything is done."""
    running, plan = planned_a_minute_ago(auth)
    newest = auth.commit("newer", {"apps/auth/more.json": config_map("more", a="1")})
    with pytest.raises(StalePlanError, match=f"Git moved from .{{7}} to {newest[:7]}"):
        running.execute(plan)
    assert auth.data("settings") == {"a": "by hand"} and auth.data("more") is None


def test_a_commit_of_another_application_keeps_no_plan_from_being_done(auth: Site) -> None:
    running, plan = planned_a_minute_ago(auth)
    newest = auth.commit("elsewhere", {"apps/other/all.json": config_map("elsewhere")})
    operation = running.ended("auth", running.execute(plan))
    assert auth.data("settings") == {"a": "1"} and auth.data("elsewhere") is None
    assert operation.operation.revision == newest


def test_a_plan_is_done_as_it_was_shown_where_git_does_not_answer(auth: Site) -> None:
    running, plan = planned_a_minute_ago(auth)
    auth.remote.rename(auth.remote.with_name("gone.git"))
    outcome = running.execute(plan)
    assert outcome.text.endswith("as it was shown: Git does not answer")
    running.ended("auth", outcome)
    assert auth.data("settings") == {"a": "1"}


def test_a_heal_deploys_no_newer_commit(auth: Site) -> None:
    first = auth.git("rev-parse", "HEAD")
    auth.commit("newer", {"apps/auth/all.json": [deployment("auth", AUTH_MODE="saml"), config_map("settings", a="2")]})
    auth.target.kubectl("set", "env", "deployment/auth", "AUTH_MODE=basic")
    settled(auth)
    running = auth.engine()
    assert running.view("auth").revision != first == running.view("auth").deployed_revision
    plan = running.heal_plan("auth")
    assert list(plan.revisions.values()) == [(first,)]
    assert [item.key.name for item in plan.items] == ["auth"]
    running.ended("auth", running.execute(plan))
    assert auth.variables("auth") == {"AUTH_MODE": "oidc"}
    assert auth.data("settings") == {"a": "1"}
    assert running.view("auth").sync is SyncStatus.OUT_OF_SYNC


def test_what_is_gone_is_made_again_by_a_heal(auth: Site) -> None:
    running = auth.engine()
    auth.target.kubectl("delete", "configmap", "settings")
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert [(item.action, item.key.name) for item in running.heal_plan("auth").items] == [
        (ItemAction.CREATE, "settings")
    ]
    running.heal("auth")
    eventually(lambda: auth.data("settings") == {"a": "1"})


def test_secret_values_leave_the_core_only_masked(site: Site) -> None:
    site.commit("begin", {"apps/keys/all.json": [secret("keys", password="s3cret-word")]})
    site.application("keys")
    running = site.engine()
    running.sync("keys")
    site.target.kubectl("patch", "secret", "keys", "-p", '{"stringData":{"password":"by-hand-word"}}')
    view = running.until("keys", lambda view: view.drift)
    details = running.engine.differences(view.key)
    text = f"{view.drift} {details} {running.heal_plan('keys')} {running.engine.manifests(view.key)}"
    assert details[0].live is not None and details[0].target is not None
    for word in ("s3cret-word", "by-hand-word", "czNjcmV0LXdvcmQ", "YnktaGFuZC13b3Jk"):
        assert word not in text


def test_a_refresh_is_over_only_when_its_commit_was_compared(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    compared = running.view("shop").compared_at
    fetch = Mirror.fetch

    def slow(mirror: Mirror, progress: Any = None) -> Any:
        site.set_data("settings", b="by hand")
        running.until("shop", lambda view: view.compared_at != compared)
        return fetch(mirror, progress)

    monkeypatch.setattr(Mirror, "fetch", slow)
    sha = site.commit("change", {"apps/shop/all.json": [config_map("settings", a="2")]})
    running.engine.refresh(running.key("shop"))
    assert running.engine.wait_compared(PATIENCE_S)
    assert running.view("shop").revision == sha


def noted(name: str, **notes: str) -> dict[str, Any]:
    found = config_map(name, a="1")
    found["metadata"]["annotations"] = {f"argocd.argoproj.io/{key}": value for key, value in notes.items()}
    return found


def test_an_object_that_git_sets_aside_is_listed_and_neither_made_nor_pruned(site: Site) -> None:
    """``Skip``, whether it lives already or not."""
    site.commit("begin", {"apps/shop/all.json": [noted("settings"), noted("lives")]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    aside = [noted("lives", hook="Skip"), noted("settings"), noted("wanted-later", hook="Skip")]
    site.commit("set aside", {"apps/shop/all.json": aside})
    view = running.refreshed("shop")
    assert [(one.key.name, one.sync, one.requires_pruning) for one in view.resources] == [
        ("lives", None, False),
        ("settings", SyncStatus.SYNCED, False),
        ("wanted-later", None, False),
    ]
    assert (view.sync, view.health.status) == (SyncStatus.SYNCED, HealthStatus.HEALTHY)
    plan = running.plan("shop", prune=True)
    assert [item.key.name for item in plan.items] == ["settings"]
    running.ended("shop", running.execute(plan))
    assert site.data("lives") is not None and site.data("wanted-later") is None


def test_what_left_git_is_in_no_wave(site: Site) -> None:
    """A hook that ran is in that of Git."""
    hook = {**noted("ran", hook="PreSync", **{"sync-wave": "2"})}
    site.commit("begin", {"apps/shop/all.json": [noted("settings"), noted("old", **{"sync-wave": "3"}), hook]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    waves = lambda: {one.key.name: one.wave for one in running.refreshed("shop").resources}  # noqa: E731 - looked at twice
    assert waves() == {"settings": 0, "old": 3, "ran": 2}
    site.commit("remove", {"apps/shop/all.json": [noted("settings")]})
    assert waves() == {"settings": 0, "old": 0, "ran": 0}
    assert [(item.key.name, item.wave) for item in running.plan("shop", prune=True).prunes] == [("old", 3)]


def test_what_an_object_owns_is_shown_as_it_lives(site: Site) -> None:
    """Nobody has it in Git: the manifest of a pod that fails is what is looked for at night."""
    site.target.require_controllers()
    site.commit("begin", {"apps/shop/all.json": [deployment("auth")]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")

    def pod() -> ResourceKey | None:
        roots = running.engine.tree(running.key("shop")).result(PATIENCE_S)
        below = [child for root in roots for one in root.children for child in (one, *one.children)]
        return next((one.key for one in below if one.key.kind == "Pod"), None)

    found = cast(ResourceKey, eventually(pod))
    detail = running.engine.detail(running.key("shop"), found).result(PATIENCE_S)
    assert detail.live is not None and detail.live["spec"]["containers"][0]["name"] == "main"
    assert (detail.target, detail.predicted, detail.drift) == (None, None, ())
    with pytest.raises(NotFound, match="shop has no Pod/gone"):
        running.engine.detail(running.key("shop"), replace(found, name="gone")).result(PATIENCE_S)
