"""ControllerRevisions: the templates that a StatefulSet or a DaemonSet has had, for ``kubectl rollout undo``."""

from __future__ import annotations

import copy

from gitops_tui.model.resource import Object, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import (
    REVISIONS,
    Cluster,
    count,
    generation_of,
    owner_reference,
)
from gitops_tui.sandbox.controllers.templates import normal, template_hash


def hash_of(revision: Object, owner: Object) -> str:
    return name_of(revision).removeprefix(f"{name_of(owner)}-")


def template_in(revision: Object) -> Object:
    """The pod template that ``revision`` keeps."""
    found = revision["data"]["spec"]["template"]
    return {key: value for key, value in found.items() if key != "$patch"}


class Revisions:
    """``hash_label`` is the label of a revision: the two kinds name it differently."""

    def __init__(self, cluster: Cluster, hash_label: str) -> None:
        self._cluster = cluster
        self._hash_label = hash_label

    def of(self, owner: Object) -> list[Object]:
        """From the oldest to the newest; what an owner of the same selector left behind counts too."""
        mine = self._cluster.owned(REVISIONS, owner)
        return sorted(mine, key=lambda one: (int(one.get("revision") or 0), name_of(one)))

    def current(self, owner: Object, known_as: str = "", annotations: dict[str, str] | None = None) -> Object:
        """The revision of the owner's template, the newest from now on.

        ``known_as`` is the hash that its pods carry already: an owner that was seeded without revisions keeps it.
        """
        found, template = self.of(owner), normal(owner["spec"]["template"])
        newest = int(found[-1].get("revision") or 0) if found else 0
        same = next((one for one in reversed(found) if normal(template_in(one)) == template), None)
        if same is None:
            is_seeded = not found and known_as and count(owner, "observedGeneration") == generation_of(owner)
            suffix = known_as if is_seeded else template_hash(template, count(owner, "collisionCount"))
            return self._create(owner, suffix, newest + 1, annotations)
        if int(same.get("revision") or 0) == newest:
            return same
        return self._cluster.store.update(REVISIONS, {**same, "revision": newest + 1})

    def _create(self, owner: Object, suffix: str, number: int, annotations: dict[str, str] | None) -> Object:
        template = {**copy.deepcopy(owner["spec"]["template"]), "$patch": "replace"}
        labels = (owner["spec"].get("selector") or {}).get("matchLabels") or {}
        revision = {
            "metadata": {
                "name": f"{name_of(owner)}-{suffix}",
                "namespace": namespace_of(owner),
                "labels": {**labels, self._hash_label: suffix},
                "ownerReferences": [owner_reference(owner)],
                **({"annotations": annotations} if annotations else {}),
            },
            "data": {"spec": {"template": template}},
            "revision": number,
        }
        return self._cluster.store.create(REVISIONS, revision)

    def clean_up(self, owner: Object, used: set[str]) -> None:
        """Revisions beyond ``revisionHistoryLimit`` go, never one of ``used`` (names)."""
        limit = owner["spec"].get("revisionHistoryLimit")
        idle = [one for one in self.of(owner) if name_of(one) not in used]
        for one in idle[: max(0, len(idle) - (10 if limit is None else int(limit)))]:
            self._cluster.delete(REVISIONS, one)
