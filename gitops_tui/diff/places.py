"""Where a foreign field counts as drift, where it is merely noted, and what is never spoken of (design: drift)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Final

from gitops_tui.diff.normalize import RBAC
from gitops_tui.model.annotations import INSTANCE_LABEL, RESTARTED_AT
from gitops_tui.model.drift import Path
from gitops_tui.model.resource import Object, group_of, metadata_of


class Place(Enum):
    """What kind of field it is; the first four and `API` hold drift, the others notes or nothing."""

    CONTAINER = auto()
    CONFIG_DATA = auto()
    WORKLOAD = auto()
    SECRET_DATA = auto()
    API = auto()
    """Services, Ingresses and RBAC."""
    LABEL = auto()
    REPLICAS = auto()
    RESTART = auto()
    INJECTED = auto()
    ELSEWHERE = auto()
    NEVER = auto()

    @property
    def is_offered_first(self) -> bool:
        """Healing these is offered at once; the rest after a dry run that changes something."""
        return self in (Place.CONTAINER, Place.CONFIG_DATA)


WORKLOADS: Final = frozenset(
    {
        *("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"),
        *("Job", "CronJob", "Rollout"),
    }
)
CONTAINERS: Final = frozenset({"containers", "initContainers", "ephemeralContainers"})
DATA: Final = frozenset({"data", "binaryData", "stringData"})
RBAC_FIELDS: Final = frozenset({"rules", "subjects", "roleRef", "aggregationRule"})
NAMES: Final = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "selector", *DATA})
"""Maps whose keys are anybody's words, so that a key in them is no field."""

NEVER_KEYS: Final = (
    *("kubectl.kubernetes.io/*", "deployment.kubernetes.io/*", "pv.kubernetes.io/*", "volume.kubernetes.io/*"),
    *("field.cattle.io/*", "argocd.argoproj.io/*", "gitops-tui.io/*", "deprecated.daemonset.template.generation"),
    INSTANCE_LABEL,
)
"""Labels and annotations of the machinery."""

ALLOCATED: Final = frozenset({"nodePort", "caBundle"})
"""Given by the cluster, wherever they stand."""

ALLOCATED_IN_SPEC: Final = frozenset(
    {"clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "volumeName", "nodeName"}
)
"""Given by the cluster, directly in ``spec``."""

INJECTED_VARIABLES: Final = ("STAKATER_*",)
"""Environment variables that reloaders and injectors add."""

TOKEN_SECRET: Final = "kubernetes.io/service-account-token"


def is_spared(live: Object, target: Object) -> bool:
    """Whether nothing in the object is ever foreign: another object owns it, or the cluster fills it in."""
    if metadata_of(live).get("ownerReferences"):
        return True
    return live.get("kind") == "Secret" and TOKEN_SECRET in (live.get("type"), target.get("type"))


def place_of(path: Path, live: Object, target: Object, *, injected: Sequence[str] = ()) -> Place:
    """``injected``: globs of further variables that injectors add."""
    if not path or path[0] in ("apiVersion", "kind", "status"):
        return Place.NEVER
    key = _metadata_key(path)
    if key is not None:
        return _labelled(key, path)
    if _is_allocated(path):
        return Place.NEVER
    if _variable(path, (*INJECTED_VARIABLES, *injected)):
        return Place.INJECTED
    return _by_kind(path, live, target)


def _metadata_key(path: Path) -> str | None:
    """The label or annotation in the path; empty for other metadata; None outside of metadata."""
    if "metadata" not in path or any(one in NAMES for one in path[: path.index("metadata")]):
        return None
    rest = path[path.index("metadata") + 1 :]
    return str(rest[1]) if len(rest) > 1 and rest[0] in ("labels", "annotations") else ""


def _labelled(key: str, path: Path) -> Place:
    if key == RESTARTED_AT and path[0] == "spec":
        return Place.RESTART
    is_machinery = any(fnmatchcase(key, glob) for glob in NEVER_KEYS)
    return Place.NEVER if not key or is_machinery else Place.LABEL


def _is_allocated(path: Path) -> bool:
    if path[0] == "spec" and len(path) > 1 and path[1] in ALLOCATED_IN_SPEC:
        return True
    return any(one in ALLOCATED and path[at - 1] not in NAMES for at, one in enumerate(path) if at)


def _variable(path: Path, globs: Sequence[str]) -> bool:
    names = [str(one[0][1]) for at, one in enumerate(path) if at and isinstance(one, tuple) and path[at - 1] == "env"]
    return any(fnmatchcase(name, glob) for name in names for glob in globs)


def _by_kind(path: Path, live: Object, target: Object) -> Place:
    kind, group = live.get("kind"), group_of(live)
    if kind in ("ConfigMap", "Secret") and not group:
        return _data(path, kind == "Secret", target)
    if kind in WORKLOADS and path[0] == "spec":
        if path == ("spec", "replicas"):
            return Place.REPLICAS
        return Place.CONTAINER if any(one in CONTAINERS for one in path) else Place.WORKLOAD
    is_service = (kind == "Service" and not group) or (kind == "Ingress" and group == "networking.k8s.io")
    if (is_service and path[0] == "spec") or (group == RBAC and path[0] in RBAC_FIELDS):
        return Place.API
    return Place.ELSEWHERE


def _data(path: Path, is_secret: bool, target: Object) -> Place:
    """Keys of data that Git manages; what others fill in where Git sets none is theirs."""
    if path[0] not in DATA:
        return Place.ELSEWHERE
    if not any(target.get(name) for name in DATA):
        return Place.NEVER
    return Place.SECRET_DATA if is_secret else Place.CONFIG_DATA
