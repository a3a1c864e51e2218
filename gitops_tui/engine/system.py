"""The settings that hold for every application, as they are at this moment: ``argocd-cm``, and ours above it.

Replaced as a whole, so that any thread may read them. A change of the ConfigMap takes effect without a restart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.diff.rules import unknown_types
from gitops_tui.engine.session import Session
from gitops_tui.errors import GitOpsError, NotFound
from gitops_tui.logs import logger
from gitops_tui.manifest.argocd_cm import CONFIG_MAP, PARAMETERS, parse_argocd_cm
from gitops_tui.model.resource import GroupKind, Object, ResourceKey
from gitops_tui.model.snapshot import Problem
from gitops_tui.model.system import SystemSettings
from gitops_tui.sync.tracking import Tracking, TrackingMethod

CONFIG_MAPS = GroupKind("", "ConfigMap")
"""The core keeps its state and finds these settings there."""
ESSENTIAL_GROUP = "argoproj.io"


class System:
    """Settings, tracking and filters of kinds. `take` is called on the core's thread only."""

    def __init__(self, settings: Settings, namespace: str) -> None:
        self._own = own_keys(settings)
        self.namespace = namespace
        self._found: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
        self.settings = self._parsed()
        self.tracking = _tracking(self.settings)

    @property
    def keys(self) -> tuple[ResourceKey, ResourceKey]:
        """Where the settings are kept in the home cluster."""
        config_map, parameters = (ResourceKey("", "ConfigMap", self.namespace, one) for one in (CONFIG_MAP, PARAMETERS))
        return config_map, parameters

    def excludes(self, kind: GroupKind, clusters: Sequence[str]) -> bool:
        """Whether nobody compares a kind in the cluster of these names."""
        return self.settings.kinds.excludes(kind, clusters)

    def is_unwatched(self, kind: GroupKind, clusters: Sequence[str]) -> bool:
        """What is excluded, but for what the core itself reads."""
        is_needed = kind.group == ESSENTIAL_GROUP or kind == CONFIG_MAPS
        return not is_needed and self.excludes(kind, clusters)

    def take(self, config_map: Object | None, parameters: Object | None) -> bool:
        """What the ConfigMaps say now (None: they are not there); whether anything changed by it."""
        found = (_data(config_map), _data(parameters))
        if found == self._found:
            return False
        self._found = found
        before = self.settings
        self.settings = self._parsed()
        self.tracking = _tracking(self.settings)
        return self.settings != before

    def fetched(self, home: Session) -> tuple[Object | None, Object | None]:
        """Ask the server for the ConfigMaps; what may not be read counts as not there. On any thread."""
        config_map, parameters = self.keys
        return _fetched(home, config_map), _fetched(home, parameters)

    def _parsed(self) -> SystemSettings:
        """One key after the other: ours, then ``argocd-cm``, then Argo CD's default."""
        config, parameters = self._found
        jq = {key: value for key, value in parameters.items() if key.endswith("ignore.normalizer.jq.timeout")}
        found = parse_argocd_cm({**jq, **config, **self._own}, f"{self.namespace}/{CONFIG_MAP}")
        ours = parse_argocd_cm(self._own, CONFIG_MAP).customizations
        rules = {key: body.ignore_differences for key, body in found.customizations.items()}
        configured = frozenset(key for key, body in ours.items() if body.ignore_differences == rules.get(key))
        return replace(found, configured=configured).with_problems(
            [self._unknown(kind, name) for kind, name in unknown_types(found)]
        )

    def _unknown(self, kind: str, type_name: str) -> Problem:
        where = f"{self.namespace}/{CONFIG_MAP}: knownTypeFields of {kind}"
        return Problem(where, f"nobody knows the type {type_name!r}", "Write it as core/v1/PodSpec or core/Quantity.")


def own_keys(settings: Settings) -> dict[str, Any]:
    """Our settings file in the words of ``argocd-cm``: what is not written there is not set."""
    plain, default = settings.reconcile, Settings()
    spelled = {
        "application.resourceTrackingMethod": (settings.tracking_method, default.tracking_method),
        "application.instanceLabelKey": (settings.instance_label, default.instance_label),
        "installationID": (settings.installation_id, default.installation_id),
        "timeout.reconciliation": (f"{plain.poll_s:g}s", f"{default.reconcile.poll_s:g}s"),
        "timeout.reconciliation.jitter": (f"{plain.poll_jitter_s:g}s", f"{default.reconcile.poll_jitter_s:g}s"),
    }
    named = {key: value for key, (value, usual) in spelled.items() if value != usual}
    return {**named, **settings.argocd_cm}


def _data(config_map: Object | None) -> Mapping[str, Any]:
    found = (config_map or {}).get("data")
    return found if isinstance(found, dict) else {}


def _fetched(home: Session, key: ResourceKey) -> Object | None:
    resource = home.discovery.find(key.group, key.kind)
    if resource is None:
        return None
    try:
        return home.reader.get(resource, key.namespace, key.name)
    except NotFound:
        return None
    except GitOpsError as error:
        logger(__name__).info("%s is not read: %s", key.name, error)
        return None


def _tracking(settings: SystemSettings) -> Tracking:
    return Tracking(TrackingMethod(settings.tracking_method), settings.instance_label, settings.installation_id)
