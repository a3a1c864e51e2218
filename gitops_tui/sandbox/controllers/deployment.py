"""Deployments: ReplicaSets by template, one strategy to get from the old ones to the new one."""

from __future__ import annotations

import copy

from gitops_tui.errors import AlreadyExists
from gitops_tui.model.annotations import POD_TEMPLATE_HASH
from gitops_tui.model.resource import Object, annotations_of, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers import rollout
from gitops_tui.sandbox.controllers.cluster import (
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    Cluster,
    controller_of,
    count,
    generation_of,
    is_deleting,
    owner_reference,
    replicas_of,
)
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key
from gitops_tui.sandbox.controllers.podstate import condition_of, is_finished
from gitops_tui.sandbox.controllers.progress import TIMED_OUT_REASON, Progress, deadline_of, with_condition
from gitops_tui.sandbox.controllers.templates import template_hash

_COMPONENT = "deployment-controller"


class DeploymentController:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder
        self._progress = Progress(cluster)

    def reconcile(self, key: Key) -> float | None:
        deployment = self._cluster.find(*key)
        if deployment is None or not (deployment.get("spec") or {}).get("selector"):
            return None
        if is_deleting(deployment):
            self._report(deployment, is_rolling=False)
            return None
        deployment = self._note_pause(deployment)
        if deployment["spec"].get("paused") or self._is_scaling(deployment):
            deployment, new = self._new_replica_set(deployment, is_wanted=False)
            self._scale(deployment, new)
            deployment = self._report(deployment, is_rolling=False)
            if deployment["spec"].get("paused"):
                return None
        deployment = self._roll(deployment)
        deployment = self._report(deployment, is_rolling=True)
        self._clean_up(deployment)
        left = self._progress.seconds_left(deployment)
        return max(left, 0.5) if left else None

    def _sets(self, deployment: Object) -> list[Object]:
        return self._cluster.owned(REPLICA_SETS, deployment)

    def _is_scaling(self, deployment: Object) -> bool:
        wanted = str(replicas_of(deployment))
        active = [one for one in self._sets(deployment) if replicas_of(one)]
        return any(annotations_of(one).get(rollout.DESIRED, wanted) != wanted for one in active)

    # --- the status
    def _report(self, deployment: Object, *, is_rolling: bool) -> Object:
        every = self._sets(deployment)
        new = rollout.find_new(deployment, every)
        judge = self._progress.rolled if is_rolling else self._progress.counted
        return self._cluster.write_status(DEPLOYMENTS, deployment, judge(deployment, new, every))

    def _note_pause(self, deployment: Object) -> Object:
        current = condition_of(deployment, "Progressing")
        if deadline_of(deployment) is None or (current and current.get("reason") == TIMED_OUT_REASON):
            return deployment
        is_paused = bool(deployment["spec"].get("paused"))
        if is_paused == bool(current and current.get("reason") == "DeploymentPaused"):
            return deployment
        if is_paused:
            return self._progressing(deployment, "Unknown", "DeploymentPaused", "Deployment is paused")
        return self._progressing(deployment, "Unknown", "DeploymentResumed", "Deployment is resumed")

    def _progressing(
        self, deployment: Object, status: str, reason: str, message: str, revision: str | None = None
    ) -> Object:
        """The Deployment with this condition Progressing (where it has a deadline) and this revision."""
        found = deployment.get("status") or {}
        if deadline_of(deployment) is not None:
            conditions = list(found.get("conditions") or ())
            now = self._cluster.stamp()
            found = {
                **found,
                "conditions": with_condition(conditions, "Progressing", status, reason, message, now),
            }
        annotations = {rollout.REVISION: revision} if revision else None
        return self._cluster.write_status(DEPLOYMENTS, deployment, found, annotations=annotations)

    # --- the new ReplicaSet
    def _new_replica_set(self, deployment: Object, *, is_wanted: bool) -> tuple[Object, Object | None]:
        """The Deployment (its revision follows) and its ReplicaSet, made where ``is_wanted`` and there is none."""
        every = self._sets(deployment)
        new = rollout.find_new(deployment, every)
        revision = max((rollout.revision_of(one) for one in every if one is not new), default=0) + 1
        if new is None:
            return self._made(deployment, every, revision) if is_wanted else (deployment, None)
        new = self._annotated(deployment, new, revision)
        shown = annotations_of(new).get(rollout.REVISION)
        if condition_of(deployment, "Progressing") is None:
            text = f'Found new replica set "{name_of(new)}"'
            return self._progressing(deployment, "True", "FoundNewReplicaSet", text, shown), new
        status = deployment.get("status") or {}
        annotations = {rollout.REVISION: shown} if shown else None
        return self._cluster.write_status(DEPLOYMENTS, deployment, status, annotations=annotations), new

    def _annotated(self, deployment: Object, new: Object, revision: int) -> Object:
        """``new`` under the newest revision, with the Deployment's annotations."""
        found = dict(annotations_of(new))
        copied = {k: v for k, v in annotations_of(deployment).items() if k not in rollout.NOT_COPIED}
        wanted = {**found, **copied}
        if rollout.revision_of(new) < revision:
            if old := found.get(rollout.REVISION):
                history = [*filter(None, found.get(rollout.REVISION_HISTORY, "").split(",")), old]
                wanted[rollout.REVISION_HISTORY] = ",".join(history)
            wanted[rollout.REVISION] = str(revision)
        ready_s = int(deployment["spec"].get("minReadySeconds") or 0)
        if wanted == found and int(new["spec"].get("minReadySeconds") or 0) == ready_s:
            return new
        spec = {**new["spec"], "minReadySeconds": ready_s}
        if not ready_s:
            del spec["minReadySeconds"]
        meta = {**metadata_of(new), "annotations": wanted}
        return self._cluster.store.update(REPLICA_SETS, {**new, "metadata": meta, "spec": spec})

    def _made(self, deployment: Object, every: list[Object], revision: int) -> tuple[Object, Object]:
        collisions = count(deployment, "collisionCount")
        wanted = self._blueprint(deployment, template_hash(deployment["spec"]["template"], collisions))
        size = rollout.new_replicas(deployment, every, 0)
        wanted["spec"]["replicas"] = size
        surge, _ = rollout.bounds(deployment)
        copied = {k: v for k, v in annotations_of(deployment).items() if k not in rollout.NOT_COPIED}
        wanted["metadata"]["annotations"] = {
            **copied,
            rollout.REVISION: str(revision),
            rollout.DESIRED: str(replicas_of(deployment)),
            rollout.MAX: str(replicas_of(deployment) + surge),
        }
        try:
            new = self._cluster.store.create(REPLICA_SETS, wanted)
        except AlreadyExists:
            status = {**(deployment.get("status") or {}), "collisionCount": collisions + 1}
            self._cluster.write_status(DEPLOYMENTS, deployment, status)
            raise
        if size:
            text = f"Scaled up replica set {name_of(new)} from 0 to {size}"
            self._recorder.say(deployment, _COMPONENT, "ScalingReplicaSet", text)
        text = f'Created new replica set "{name_of(new)}"'
        return self._progressing(deployment, "True", "NewReplicaSetCreated", text, str(revision)), new

    @staticmethod
    def _blueprint(deployment: Object, suffix: str) -> Object:
        template = copy.deepcopy(deployment["spec"]["template"])
        labels = {**labels_of(template), POD_TEMPLATE_HASH: suffix}
        template["metadata"] = {**(template.get("metadata") or {}), "labels": labels}
        selector = copy.deepcopy(deployment["spec"]["selector"])
        selector["matchLabels"] = {**(selector.get("matchLabels") or {}), POD_TEMPLATE_HASH: suffix}
        spec: Object = {"selector": selector, "template": template}
        if deployment["spec"].get("minReadySeconds"):
            spec["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
        return {
            "metadata": {
                "name": f"{name_of(deployment)}-{suffix}",
                "namespace": namespace_of(deployment),
                "labels": labels,
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": spec,
        }

    # --- sizes
    def _resize(self, deployment: Object, replica_set: Object, size: int) -> None:
        """Also keeps the annotations of the sizes that are meant."""
        surge, _ = rollout.bounds(deployment)
        wanted = replicas_of(deployment)
        meant = {rollout.DESIRED: str(wanted), rollout.MAX: str(wanted + surge)}
        found, before = annotations_of(replica_set), replicas_of(replica_set)
        if size == before and all(found.get(key) == value for key, value in meant.items()):
            return
        changed = {
            **replica_set,
            "metadata": {**metadata_of(replica_set), "annotations": {**found, **meant}},
            "spec": {**replica_set["spec"], "replicas": size},
        }
        self._cluster.store.update(REPLICA_SETS, changed)
        if size != before:
            direction = "up" if size > before else "down"
            text = f"Scaled {direction} replica set {name_of(replica_set)} from {before} to {size}"
            self._recorder.say(deployment, _COMPONENT, "ScalingReplicaSet", text)

    def _scale(self, deployment: Object, new: Object | None) -> None:
        """``spec.replicas`` changed, or the Deployment is paused: the sizes follow, the templates don't."""
        every = self._sets(deployment)
        active = [one for one in every if replicas_of(one)]
        only = active[0] if len(active) == 1 else new if not active else None
        if only is not None:
            self._resize(deployment, only, replicas_of(deployment))
        elif active and new is not None and self._is_saturated(deployment, new):
            for one in active:
                if name_of(one) != name_of(new):
                    self._resize(deployment, one, 0)
        elif active and rollout.is_rolling(deployment):
            for one, size in rollout.proportional(deployment, active):
                self._resize(deployment, one, size)

    @staticmethod
    def _is_saturated(deployment: Object, new: Object) -> bool:
        wanted = replicas_of(deployment)
        desired = annotations_of(new).get(rollout.DESIRED)
        return replicas_of(new) == wanted and desired == str(wanted) and count(new, "availableReplicas") == wanted

    # --- the strategies
    def _roll(self, deployment: Object) -> Object:
        if not rollout.is_rolling(deployment):
            return self._recreate(deployment)
        deployment, new = self._new_replica_set(deployment, is_wanted=True)
        every = self._sets(deployment)
        old = [one for one in every if new is None or name_of(one) != name_of(new)]
        if new is not None:
            current, wanted = replicas_of(new), replicas_of(deployment)
            if current > wanted:
                self._resize(deployment, new, wanted)
            elif current < wanted:
                self._resize(deployment, new, rollout.new_replicas(deployment, every, current))
        every = self._sets(deployment)
        new = rollout.find_new(deployment, every)
        active = [one for one in old if replicas_of(one)]
        if active:
            for one, size in rollout.shrink_old(deployment, new, active):
                self._resize(deployment, one, size)
        return deployment

    def _recreate(self, deployment: Object) -> Object:
        """The old pods go before a new one comes."""
        deployment, new = self._new_replica_set(deployment, is_wanted=False)
        old = [one for one in self._sets(deployment) if new is None or name_of(one) != name_of(new)]
        for one in old:
            if replicas_of(one):
                self._resize(deployment, one, 0)
        if any(self._has_pods(one) for one in old):
            return deployment
        deployment, new = self._new_replica_set(deployment, is_wanted=True)
        if new is not None and replicas_of(new) != replicas_of(deployment):
            self._resize(deployment, new, replicas_of(deployment))
        return deployment

    def _has_pods(self, replica_set: Object) -> bool:
        uid = metadata_of(replica_set)["uid"]
        return any(
            (controller_of(pod) or {}).get("uid") == uid and not is_finished(pod)
            for pod in self._cluster.all(PODS, namespace_of(replica_set))
        )

    def _clean_up(self, deployment: Object) -> None:
        """Old ReplicaSets beyond ``revisionHistoryLimit`` go once the rollout is complete."""
        limit = deployment["spec"].get("revisionHistoryLimit")
        if limit is None or not rollout.is_complete(deployment, deployment.get("status") or {}):
            return
        every = self._sets(deployment)
        new = rollout.find_new(deployment, every)
        old = [one for one in every if new is None or name_of(one) != name_of(new)]
        old = [one for one in old if not is_deleting(one)]
        for one in sorted(old, key=rollout.revision_of)[: max(0, len(old) - int(limit))]:
            is_seen = count(one, "observedGeneration") >= generation_of(one)
            if is_seen and not replicas_of(one) and not count(one, "replicas"):
                self._cluster.delete(REPLICA_SETS, one)
