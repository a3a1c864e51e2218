"""What controllers made of the workloads long ago: ReplicaSets by revision, pods, and statuses that agree with them."""

from __future__ import annotations

import copy
from datetime import timedelta

from gitops_tui.model.annotations import POD_TEMPLATE_HASH
from gitops_tui.model.resource import Object, annotations_of, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.rollout import DESIRED, MAX, NOT_COPIED, REVISION
from gitops_tui.sandbox.controllers.templates import template_hash
from gitops_tui.sandbox.world.past import Past, condition, owned_by
from gitops_tui.sandbox.world.pods import Pods

_DEADLINE = timedelta(minutes=10)


class Deployments:
    """`roll` after every write of a Deployment, `settle` once at the end."""

    def __init__(self, past: Past, pods: Pods) -> None:
        self._past = past
        self._pods = pods

    def roll(self, deployment: Object) -> None:
        """A ReplicaSet for a new template, at the time that the clock shows; the one before it is emptied."""
        template, namespace = deployment["spec"]["template"], namespace_of(deployment)
        digest = template_hash(template)
        name = f"{name_of(deployment)}-{digest}"
        known = self.replica_sets(deployment)
        if any(name_of(one) == name for one in known):
            return
        revision = str(1 + max((int(annotations_of(one)[REVISION]) for one in known), default=0))
        self._past.create(_replica_set(deployment, name, digest, revision))
        for old in known:
            if old["spec"]["replicas"]:
                self._scale(old, 0)
        changes = {"metadata": {"annotations": {REVISION: revision}}}
        self._past.store.patch("deployments.apps", namespace, name_of(deployment), changes, subresource="status")

    def replica_sets(self, deployment: Object) -> list[Object]:
        """From the oldest revision to the newest."""
        uid = metadata_of(deployment)["uid"]
        found = [
            one
            for one in self._past.store.list("replicasets.apps", namespace_of(deployment))
            if any(owner["uid"] == uid for owner in metadata_of(one).get("ownerReferences") or ())
        ]
        return sorted(found, key=lambda one: int(annotations_of(one)[REVISION]))

    def _scale(self, replica_set: Object, replicas: int) -> None:
        changes = {"spec": {"replicas": replicas}}
        self._past.store.patch("replicasets.apps", namespace_of(replica_set), name_of(replica_set), changes)

    # --- how it stands now
    def settle(self, deployment: Object, rollout: str) -> None:
        """``complete``, ``rolling`` or ``stuck``; the clock must show when the newest ReplicaSet was made."""
        if rollout == "complete":
            self._complete(deployment)
        elif rollout == "rolling":
            self._roll_half_way(deployment)
        else:
            self._stick(deployment)

    def _complete(self, deployment: Object) -> None:
        newest = self.replica_sets(deployment)[-1]
        wanted = deployment["spec"]["replicas"]
        self._scale(newest, wanted)
        self._run(newest, wanted)
        done = self._past.stamp(self._past.ago)
        text = f'ReplicaSet "{name_of(newest)}" has successfully progressed.'
        self._write(deployment, wanted, wanted, wanted, _conditions(done, "True", "NewReplicaSetAvailable", text))

    def _roll_half_way(self, deployment: Object) -> None:
        """One pod was replaced and counts, the second one is being started; the others are of the version before."""
        old, new = self.replica_sets(deployment)[-2:]
        wanted, since = deployment["spec"]["replicas"], self._past.ago
        self._past.go(self._past.age(old))
        self._scale(old, wanted - 1)
        self._run(old, wanted - 1)
        self._past.go(since)
        self._scale(new, 2)
        live = self._live(new)
        self._pods.running(live, live["spec"]["template"])
        self._past.go(timedelta(seconds=4))
        self._pods.make(live, live["spec"]["template"])
        self._replica_status(live, 2, 1)
        text = f'ReplicaSet "{name_of(new)}" is progressing.'
        conditions = _conditions(self._past.stamp(since), "True", "ReplicaSetUpdated", text)
        self._write(deployment, wanted + 1, 2, wanted, conditions)

    def _stick(self, deployment: Object) -> None:
        """The new version never comes up; the one before it still serves."""
        old, new = self.replica_sets(deployment)[-2:]
        wanted, since = deployment["spec"]["replicas"], self._past.ago
        self._past.go(self._past.age(old))
        self._scale(old, wanted)
        self._run(old, wanted)
        self._past.go(since)
        self._scale(new, 1)
        live = self._live(new)
        self._pods.unpullable(live, live["spec"]["template"])
        self._replica_status(live, 1, 0)
        self._past.go(since - _DEADLINE)
        text = f'ReplicaSet "{name_of(new)}" has timed out progressing.'
        conditions = _conditions(self._past.stamp(self._past.ago), "False", "ProgressDeadlineExceeded", text)
        self._write(deployment, wanted + 1, 1, wanted, conditions)

    def _run(self, replica_set: Object, replicas: int) -> None:
        live = self._live(replica_set)
        for _ in range(replicas):
            self._pods.running(live, live["spec"]["template"])
        self._replica_status(live, replicas, replicas)

    def _live(self, replica_set: Object) -> Object:
        return self._past.store.get("replicasets.apps", namespace_of(replica_set), name_of(replica_set))

    def _replica_status(self, live: Object, replicas: int, ready: int) -> None:
        status = {
            "replicas": replicas,
            "fullyLabeledReplicas": replicas,
            "readyReplicas": ready,
            "availableReplicas": ready,
            "observedGeneration": metadata_of(live)["generation"],
        }
        self._past.status(live, {field: value for field, value in status.items() if value})

    def _write(self, deployment: Object, replicas: int, updated: int, available: int, conditions: list[Object]) -> None:
        live = self._past.store.get("deployments.apps", namespace_of(deployment), name_of(deployment))
        status: Object = {
            "observedGeneration": metadata_of(live)["generation"],
            "replicas": replicas,
            "updatedReplicas": updated,
            "readyReplicas": available,
            "availableReplicas": available,
            "conditions": conditions,
        }
        if replicas > available:
            status["unavailableReplicas"] = replicas - available
        self._past.status(live, status)
        for one in self.replica_sets(live):
            if not one["spec"]["replicas"]:
                self._past.status(one, {"replicas": 0, "observedGeneration": metadata_of(one)["generation"]})


def _replica_set(deployment: Object, name: str, digest: str, revision: str) -> Object:
    spec = deployment["spec"]
    template = copy.deepcopy(spec["template"])
    template["metadata"] = {
        **template.get("metadata", {}),
        "labels": {**labels_of(template), POD_TEMPLATE_HASH: digest},
    }
    selector = {"matchLabels": {**spec["selector"]["matchLabels"], POD_TEMPLATE_HASH: digest}}
    # The controller hands the Deployment's annotations on, Argo CD's tracking id too.
    handed_on = {name: value for name, value in annotations_of(deployment).items() if name not in NOT_COPIED}
    minimum = {"minReadySeconds": spec["minReadySeconds"]} if spec.get("minReadySeconds") else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": namespace_of(deployment),
            "labels": labels_of(template),
            "annotations": {
                **handed_on,
                REVISION: revision,
                DESIRED: str(spec["replicas"]),
                MAX: str(spec["replicas"] + 1),
            },
            "ownerReferences": owned_by(deployment),
        },
        "spec": {"replicas": spec["replicas"], **minimum, "selector": selector, "template": template},
    }


def _conditions(moment: str, progressing: str, reason: str, message: str) -> list[Object]:
    available = condition(
        "Available", moment, reason="MinimumReplicasAvailable", message="Deployment has minimum availability."
    )
    moving = condition("Progressing", moment, status=progressing, reason=reason, message=message)
    return [{**one, "lastUpdateTime": moment} for one in (available, moving)]
