"""Jobs, CronJobs, StatefulSets and what hangs on an Ingress, an autoscaler or a budget: as controllers left them."""

from __future__ import annotations

from datetime import timedelta

from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.templates import REVISION_HASH_LABEL, template_hash
from gitops_tui.sandbox.scale import scaled
from gitops_tui.sandbox.store import CONTROLLER_MANAGER
from gitops_tui.sandbox.world.past import Past, condition, owned_by
from gitops_tui.sandbox.world.pods import Pods

INGRESS_CONTROLLER = "nginx-ingress-controller"
INGRESS_ADDRESS = "192.0.2.80"
AUTOSCALED = 4
_JOB_RAN = timedelta(seconds=38)
_NIGHTLY = timedelta(hours=2, minutes=17)
"""When the CronJob of the manifests is due, from midnight in UTC."""


class Others:
    def __init__(self, past: Past, pods: Pods) -> None:
        self._past = past
        self._pods = pods

    # --- jobs
    def complete(self, job: Object) -> None:
        """The Job ran to its end right after it was made, which is when the clock shows."""
        template = job["spec"]["template"]
        self._pods.completed(job, template, _JOB_RAN, labels_of(template))
        start, end = self._past.stamp(self._past.ago), self._past.stamp(self._past.ago - _JOB_RAN)
        message = "Reached expected number of succeeded pods"
        conditions = [
            {**condition(name, end, reason="CompletionsReached", message=message), "lastProbeTime": end}
            for name in ("SuccessCriteriaMet", "Complete")
        ]
        self._past.go(self._past.ago - _JOB_RAN)
        self._past.status(
            job,
            {
                "startTime": start,
                "completionTime": end,
                "succeeded": 1,
                "ready": 0,
                "terminating": 0,
                "uncountedTerminatedPods": {},
                "conditions": conditions,
            },
        )

    def run_nightly(self, cron_job: Object) -> None:
        """The last two nights; the clock ends at the newer one."""
        midnight = self._past.base.replace(hour=0, minute=0, second=0)
        due = midnight + _NIGHTLY
        last = due if due + _JOB_RAN <= self._past.base else due - timedelta(days=1)
        for at in (last - timedelta(days=1), last):
            self._past.go(self._past.base - at)
            template = cron_job["spec"]["jobTemplate"]
            job = self._past.create(
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "metadata": {
                        "name": f"{name_of(cron_job)}-{int(at.timestamp()) // 60}",
                        "namespace": namespace_of(cron_job),
                        "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
                        "ownerReferences": owned_by(cron_job),
                    },
                    "spec": template["spec"],
                }
            )
            self.complete(job)
        succeeded = self._past.stamp(self._past.ago)
        self._past.status(cron_job, {"lastScheduleTime": f"{last:%Y-%m-%dT%H:%M:%SZ}", "lastSuccessfulTime": succeeded})

    # --- a StatefulSet
    def claim(self, stateful_set: Object) -> None:
        """The volumes of all its pods."""
        for number in range(stateful_set["spec"]["replicas"]):
            for template in stateful_set["spec"]["volumeClaimTemplates"]:
                self._claim(stateful_set, template, f"{name_of(stateful_set)}-{number}")

    def run_set(self, stateful_set: Object) -> None:
        """All its pods, at the time that the clock shows."""
        spec, name = stateful_set["spec"], name_of(stateful_set)
        digest = template_hash(spec["template"])
        revision = f"{name}-{digest}"
        self._revision(stateful_set, revision, digest)
        for number in range(spec["replicas"]):
            self._run_member(stateful_set, f"{name}-{number}", number, digest)
        count = spec["replicas"]
        status = {
            "observedGeneration": metadata_of(stateful_set)["generation"],
            "replicas": count,
            "readyReplicas": count,
            "currentReplicas": count,
            "updatedReplicas": count,
            "availableReplicas": count,
            "currentRevision": revision,
            "updateRevision": revision,
            "collisionCount": 0,
        }
        self._past.status(stateful_set, status)

    def _run_member(self, stateful_set: Object, pod: str, number: int, digest: str) -> None:
        template = stateful_set["spec"]["template"]
        volumes = [
            {"name": name_of(claim), "persistentVolumeClaim": {"claimName": f"{name_of(claim)}-{pod}"}}
            for claim in stateful_set["spec"]["volumeClaimTemplates"]
        ]
        identity = {"hostname": pod, "subdomain": stateful_set["spec"]["serviceName"], "volumes": volumes}
        labels = {
            REVISION_HASH_LABEL: digest,
            "statefulset.kubernetes.io/pod-name": pod,
            "apps.kubernetes.io/pod-index": str(number),
        }
        mine = {**template, "spec": {**template["spec"], **identity}}
        self._pods.running(stateful_set, mine, name=pod, labels=labels)

    def _revision(self, stateful_set: Object, name: str, digest: str) -> None:
        template = stateful_set["spec"]["template"]
        self._past.create(
            {
                "apiVersion": "apps/v1",
                "kind": "ControllerRevision",
                "metadata": {
                    "name": name,
                    "namespace": namespace_of(stateful_set),
                    "labels": {**labels_of(template), "controller.kubernetes.io/hash": digest},
                    "ownerReferences": owned_by(stateful_set),
                },
                "data": {"spec": {"template": {**template, "$patch": "replace"}}},
                "revision": 1,
            }
        )

    def _claim(self, stateful_set: Object, template: Object, pod: str) -> None:
        """Claims outlive their set: they have no owner."""
        labels = stateful_set["spec"]["selector"]["matchLabels"]
        name, namespace = f"{name_of(template)}-{pod}", namespace_of(stateful_set)
        claim = self._past.create(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": name, "namespace": namespace, "labels": labels},
                "spec": template["spec"],
            }
        )
        volume = f"pvc-{metadata_of(claim)['uid']}"
        size, modes = claim["spec"]["resources"]["requests"], claim["spec"]["accessModes"]
        self._volume(volume, claim, size, modes)
        self._past.store.patch("persistentvolumeclaims", namespace, name, {"spec": {"volumeName": volume}})
        self._past.status(claim, {"phase": "Bound", "capacity": size, "accessModes": modes})

    def _volume(self, name: str, claim: Object, size: Object, modes: list[str]) -> None:
        meta = metadata_of(claim)
        reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
        made = self._past.create(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": name},
                "spec": {
                    "capacity": size,
                    "accessModes": modes,
                    "persistentVolumeReclaimPolicy": "Delete",
                    "storageClassName": claim["spec"]["storageClassName"],
                    "claimRef": {**reference, **{field: meta[field] for field in ("name", "namespace", "uid")}},
                    "csi": {"driver": "disks.example.com", "volumeHandle": name},
                },
            }
        )
        self._past.status(made, {"phase": "Bound"})

    # --- the rest
    def admit(self, ingress: Object) -> None:
        """The Ingress has an address."""
        address = {"ingress": [{"ip": INGRESS_ADDRESS}]}
        self._past.status(ingress, {"loadBalancer": address}, INGRESS_CONTROLLER)

    def autoscale(self, autoscaler: Object) -> None:
        """Its Deployment runs as many replicas as it asks for."""
        namespace, target = namespace_of(autoscaler), autoscaler["spec"]["scaleTargetRef"]["name"]
        store = self._past.store
        live = store.get("deployments.apps", namespace, target)
        new = scaled(store.kind("deployments.apps"), live, {"spec": {"replicas": AUTOSCALED}})
        store.update("deployments.apps", new, CONTROLLER_MANAGER, "scale")
        moment = self._past.stamp(self._past.ago)
        average = {"averageUtilization": 64, "averageValue": "64m"}
        able = "recommended size matches current size"
        self._past.status(
            autoscaler,
            {
                "currentReplicas": AUTOSCALED,
                "desiredReplicas": AUTOSCALED,
                "lastScaleTime": moment,
                "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": average}}],
                "conditions": [
                    condition("AbleToScale", moment, reason="ReadyForNewScale", message=able),
                    condition("ScalingActive", moment, reason="ValidMetricFound", message="the HPA could read cpu"),
                    condition("ScalingLimited", moment, status="False", reason="DesiredWithinRange"),
                ],
            },
        )

    def budget(self, budget: Object) -> None:
        """All its pods are healthy."""
        pods = len(self._past.store.list("pods", namespace_of(budget), budget["spec"]["selector"]))
        least = budget["spec"]["minAvailable"]
        moment = self._past.stamp(self._past.ago)
        status = {
            "currentHealthy": pods,
            "desiredHealthy": least,
            "expectedPods": pods,
            "disruptionsAllowed": pods - least,
            "observedGeneration": metadata_of(budget).get("generation", 1),
            "conditions": [condition("DisruptionAllowed", moment, reason="SufficientPods")],
        }
        self._past.status(budget, status)
