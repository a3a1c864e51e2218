"""The Applications with the status that they were left with: history, last operation, and what was found then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gitops_tui.health.assess import assess
from gitops_tui.manifest.decode import decode
from gitops_tui.model.operation import HistoryEntry, InitiatedBy, Operation, OperationState, SyncResult
from gitops_tui.model.resource import Object, ResourceKey, key_of, split_api_version
from gitops_tui.model.status import OperationPhase, SyncStatus
from gitops_tui.sandbox.world.manifests import application_text, files_at, is_hook, targets_of
from gitops_tui.sandbox.world.past import FIELD_MANAGER, Past
from gitops_tui.sandbox.world.replay import Deployment
from gitops_tui.sandbox.world.story import ARGOCD_NAMESPACE, Step, Story

RECONCILED_AGO = timedelta(days=6)
"""No Argo CD is alive: this is when one last looked."""
_SYNC_TOOK = timedelta(seconds=9)
_HISTORY_LIMIT = 10


def add_application(past: Past, story: Story, deployments: Sequence[Deployment], head: str) -> None:
    """``deployments`` are the story's own, oldest first; ``head`` is where ``main`` is."""
    past.go(story.steps[0].ago - timedelta(minutes=1))
    (document,) = decode(application_text(story))
    past.apply(document.obj, "kubectl")
    past.go(deployments[-1].ago)
    status = _status(past, story, deployments, head, document.obj["spec"])
    past.store.patch("applications.argoproj.io", ARGOCD_NAMESPACE, story.name, {"status": status}, FIELD_MANAGER)


def _status(past: Past, story: Story, deployments: Sequence[Deployment], head: str, spec: Object) -> Object:
    resources = _resources(past, story)
    compared = {"source": spec["source"], "destination": spec["destination"]}
    history = [_entry(past, number, one, spec["source"]) for number, one in enumerate(deployments)]
    return {
        "sync": {"status": story.sync, "revision": head, "comparedTo": compared},
        "health": {"status": story.health, "lastTransitionTime": past.stamp(deployments[-1].ago)},
        "resources": resources,
        "history": [one.to_json() for one in history[-_HISTORY_LIMIT:]],
        "operationState": _operation(past, deployments[-1], spec["source"]).to_json(),
        "reconciledAt": past.stamp(RECONCILED_AGO),
        "sourceType": "Directory",
        "controllerNamespace": ARGOCD_NAMESPACE,
    }


def _by(one: Deployment) -> InitiatedBy:
    return InitiatedBy(username=one.step.deployed_by, automated=not one.step.deployed_by)


def _entry(past: Past, number: int, one: Deployment, source: Object) -> HistoryEntry:
    return HistoryEntry(
        id=number,
        revision=one.revision,
        deployed_at=past.at(one.ago - _SYNC_TOOK),
        deploy_started_at=past.at(one.ago),
        source=source,
        initiated_by=_by(one),
    )


def _operation(past: Past, one: Deployment, source: Object) -> OperationState:
    return OperationState(
        operation=Operation(revision=one.revision, prune=one.story.prune, initiated_by=_by(one)),
        phase=OperationPhase.SUCCEEDED,
        message="successfully synced (all tasks run)",
        started_at=past.at(one.ago),
        finished_at=past.at(one.ago - _SYNC_TOOK),
        sync_result=SyncResult(revision=one.revision, source=source),
    )


def _resources(past: Past, story: Story) -> list[Object]:
    """What is managed, as a comparison with ``main`` finds it."""
    deployed = _plain(past, story, story.deployed[-1])
    wanted = _plain(past, story, story.steps[-1])
    before = _plain(past, story, story.deployed[-2])
    left = {} if story.prune else {key: obj for key, obj in before.items() if key not in wanted}
    edited = {edit.name for edit in story.edits}
    found = []
    for key, obj in {**wanted, **left}.items():
        is_synced = deployed.get(key) == obj and not (key.kind == "Deployment" and key.name in edited)
        one = _resource(past, key, obj, SyncStatus.SYNCED if is_synced else SyncStatus.OUT_OF_SYNC)
        found.append({**one, "requiresPruning": True} if key in left else one)
    return found


def _plain(past: Past, story: Story, step: Step) -> dict[ResourceKey, Object]:
    targets = targets_of(story, files_at(story, step), past.is_namespaced)
    return {key_of(obj): obj for obj in targets if not is_hook(obj)}


def _resource(past: Past, key: ResourceKey, target: Object, sync: SyncStatus) -> Object:
    group, version = split_api_version(target["apiVersion"])
    live = past.store.get(past.kind_of(target).resource, key.namespace, key.name)
    health = assess(live)
    found: Object = {"version": version, "kind": key.kind, "namespace": key.namespace, "name": key.name}
    found |= {"group": group} if group else {}
    found |= {"health": {"status": health.status.value}} if health is not None else {}
    return {**found, "status": sync.value}
