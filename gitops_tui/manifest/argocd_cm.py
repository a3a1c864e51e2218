"""The data of ``argocd-cm`` as `SystemSettings`: one problem for each wrong value, and the rest goes on.

Values are the texts of a ConfigMap, or what our own settings file has under ``argocd-cm``, where YAML may be written
directly. Source: Argo CD ``util/settings/settings.go``, ``docs/operator-manual/argocd-cm.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from gitops_tui.errors import ManifestError
from gitops_tui.manifest import customizations
from gitops_tui.manifest.argocd_values import WrongValue, boolean, duration_s, mapping, mappings, parsed, text, texts
from gitops_tui.model.snapshot import Problem
from gitops_tui.model.system import (
    CompareOptions,
    GlobalProject,
    KindFilter,
    KindFilters,
    StatusFields,
    SystemSettings,
)

CONFIG_MAP = "argocd-cm"
PARAMETERS = "argocd-cmd-params-cm"
TRACKING_METHODS = ("annotation", "label", "annotation+label")
JQ_TIMEOUT = "ignore.normalizer.jq.timeout"
_NOT_STATUS = ("off", "false")
"""YAML reads ``off`` as false; Argo CD takes both for ``none``."""


def parse_argocd_cm(data: Mapping[str, Any], where: str = CONFIG_MAP) -> SystemSettings:
    """Everything that is known of ``data``; keys of other parts of Argo CD are left alone. Raises nothing."""
    reading = _Reading(data, where)
    compare = reading.read("resource.compareoptions", _compare_options, CompareOptions())
    settings = SystemSettings(
        kinds=KindFilters(
            exclusions=reading.read("resource.exclusions", _filters, ()),
            inclusions=reading.read("resource.inclusions", _filters, ()),
        ),
        customizations=customizations.read(data, reading.wrong),
        compare=compare,
        ignore_resource_updates_enabled=reading.read("resource.ignoreResourceUpdatesEnabled", boolean, True),
        tracking_method=reading.read("application.resourceTrackingMethod", _tracking_method, "annotation"),
        instance_label=reading.read("application.instanceLabelKey", text, "app.kubernetes.io/instance"),
        installation_id=reading.read("installationID", text, ""),
        sensitive_annotations=reading.read("resource.sensitive.mask.annotations", _names, ()),
        respect_rbac=reading.read("resource.respectRBAC", _respect_rbac, ""),
        global_projects=reading.read("globalProjects", _global_projects, ()),
    )
    return replace(settings, **reading.times()).with_problems(reading.problems)


class _Reading:
    """Reads key by key; what is empty is not set, as in Argo CD."""

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self._data = data
        self._where = where
        self.problems: list[Problem] = []

    def read(self, key: str, convert: Callable[[Any], Any], default: Any) -> Any:
        value = self._data.get(key)
        if value is None or value == "":
            return default
        try:
            return convert(value)
        except (WrongValue, ManifestError) as error:
            self.wrong(key, error)
            return default

    def wrong(self, key: str, error: Exception) -> None:
        message = error.message if isinstance(error, ManifestError) else str(error)
        hint = f"Correct {key} in {self._where}; until then it counts as not set."
        self.problems.append(Problem(f"{self._where}: {key}", message, hint))

    def times(self) -> dict[str, Any]:
        default = SystemSettings()
        jq_key = JQ_TIMEOUT if JQ_TIMEOUT in self._data else f"controller.{JQ_TIMEOUT}"
        return {
            "poll_s": self.read("timeout.reconciliation", duration_s, default.poll_s),
            "poll_jitter_s": self.read("timeout.reconciliation.jitter", duration_s, default.poll_jitter_s),
            "hard_poll_s": self.read("timeout.hard.reconciliation", duration_s, default.hard_poll_s),
            "jq_timeout_s": self.read(jq_key, duration_s, 0.0) or default.jq_timeout_s,
        }


def _filters(value: Any) -> tuple[KindFilter, ...]:
    return tuple(
        KindFilter(texts(one.get("apiGroups"), "apiGroups"), texts(one.get("kinds"), "kinds"), _clusters(one))
        for one in mappings(parsed(value), "a list of apiGroups, kinds and clusters")
    )


def _clusters(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return texts(entry.get("clusters"), "clusters")


def _compare_options(value: Any) -> CompareOptions:
    found = mapping(parsed(value), "ignoreAggregatedRoles, ignoreResourceStatusField, …")
    default = CompareOptions()

    def flag(name: str, otherwise: bool) -> bool:
        return boolean(found[name]) if found.get(name) is not None else otherwise

    return CompareOptions(
        flag("ignoreAggregatedRoles", default.ignore_aggregated_roles),
        _status_field(found.get("ignoreResourceStatusField")),
        flag("ignoreDifferencesOnResourceUpdates", default.ignore_differences_on_resource_updates),
    )


def _status_field(value: Any) -> StatusFields:
    if value in (None, ""):
        return StatusFields.ALL
    word = str(value).lower()
    if word in _NOT_STATUS:
        return StatusFields.NONE
    if word not in tuple(StatusFields):
        raise WrongValue(f"ignoreResourceStatusField is {value!r}; expected all, crd or none")
    return StatusFields(word)


def _tracking_method(value: Any) -> str:
    if value not in TRACKING_METHODS:
        raise WrongValue(f"is {value!r}; expected one of {', '.join(TRACKING_METHODS)}")
    return str(value)


def _respect_rbac(value: Any) -> str:
    if value not in ("normal", "strict"):
        raise WrongValue(f"is {value!r}; expected normal or strict")
    return str(value)


def _names(value: Any) -> tuple[str, ...]:
    """Argo CD has them separated by commas."""
    listed = texts(value, "names") if isinstance(value, list) else text(value).split(",")
    return tuple(one.strip() for one in listed if one.strip())


def _global_projects(value: Any) -> tuple[GlobalProject, ...]:
    found = mappings(parsed(value), "a list of projectName and labelSelector")
    return tuple(
        GlobalProject(
            text(one.get("projectName") or ""), mapping(one.get("labelSelector") or {}, "matchLabels, matchExpressions")
        )
        for one in found
    )
