"""What the cluster's controllers did about each object, in the past and up to now."""

from __future__ import annotations

from datetime import timedelta

from gitops_tui.model.resource import Object, name_of
from gitops_tui.sandbox.world.others import Others
from gitops_tui.sandbox.world.past import Past
from gitops_tui.sandbox.world.pods import Pods
from gitops_tui.sandbox.world.story import Story
from gitops_tui.sandbox.world.workloads import Deployments

_AUTOSCALED_AFTER = timedelta(hours=3)


class Workloads:
    """What the cluster's controllers do about each object, by kind."""

    def __init__(self, past: Past) -> None:
        self._past = past
        pods = Pods(past)
        self._deployments = Deployments(past, pods)
        self._others = Others(past, pods)

    def follow(self, obj: Object) -> None:
        """Right after a write of ``obj``. The clock may move on, and is set back again."""
        ago = self._past.ago
        kind, is_new = obj["kind"], self._past.age(obj) == ago
        if kind == "Deployment":
            self._deployments.roll(obj)
        elif kind == "Job" and is_new:
            self._others.complete(obj)
        elif kind == "StatefulSet" and is_new:
            self._others.claim(obj)
        elif kind == "Ingress" and is_new:
            self._others.admit(obj)
        elif kind == "HorizontalPodAutoscaler" and is_new:
            self._past.go(ago - _AUTOSCALED_AFTER)
            self._others.autoscale(obj)
        self._past.go(ago)

    def settle(self, story: Story) -> None:
        store, namespace = self._past.store, story.namespace
        for one in store.list("deployments.apps", namespace):
            newest = self._deployments.replica_sets(one)[-1]
            self._past.go(self._past.age(newest))
            rollout = story.rollout if name_of(one) == story.name else "complete"
            self._deployments.settle(one, rollout)
        for one in store.list("statefulsets.apps", namespace):
            self._past.go(story.deployed[-1].deployed_ago or timedelta(0))
            self._others.run_set(one)
        for one in store.list("cronjobs.batch", namespace):
            self._others.run_nightly(one)
        for one in store.list("poddisruptionbudgets.policy", namespace):
            self._past.go(story.deployed[-1].deployed_ago or timedelta(0))
            self._others.budget(one)
