"""Settings that hold for every Application, in Argo CD's words: what the ConfigMap ``argocd-cm`` says.

Values only; `gitops_tui.manifest.argocd_cm` reads them. Source: Argo CD ``util/settings/settings.go``,
``docs/operator-manual/argocd-cm.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.glob import match
from gitops_tui.model.resource import GroupKind
from gitops_tui.model.snapshot import Problem

EVERY_KIND = "*/*"
CRD = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")
DEFAULT_POLL_S = 120.0
DEFAULT_POLL_JITTER_S = 60.0
DEFAULT_JQ_TIMEOUT_S = 1.0


class KindFilter(Struct, frozen=True):
    """One entry of ``resource.exclusions`` or ``resource.inclusions``; an empty list matches everything.

    Groups and clusters are globs, a kind is exact or ``*``.
    """

    api_groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    def matches(self, kind: GroupKind, clusters: Sequence[str]) -> bool:
        is_group = not self.api_groups or any(match(one, kind.group) for one in self.api_groups)
        is_kind = not self.kinds or any(one in ("*", kind.kind) for one in self.kinds)
        return is_group and is_kind and self.matches_cluster(clusters)

    def matches_cluster(self, clusters: Sequence[str]) -> bool:
        """``clusters`` are the names that one cluster goes by."""
        return not self.clusters or any(match(glob, name) for glob in self.clusters for name in clusters)


NEVER_WATCHED = (
    KindFilter(api_groups=("events.k8s.io", "metrics.k8s.io")),
    KindFilter(api_groups=("",), kinds=("Event",)),
    KindFilter(api_groups=("coordination.k8s.io",), kinds=("Lease",)),
)
"""What Argo CD never watches, whatever is configured: ``util/settings/resources_filter.go``."""


class KindFilters(Struct, frozen=True):
    """Which kinds are watched and compared."""

    exclusions: tuple[KindFilter, ...] = ()
    inclusions: tuple[KindFilter, ...] = ()

    def excludes(self, kind: GroupKind, clusters: Sequence[str] = ()) -> bool:
        """An exclusion beats an inclusion; where inclusions concern the cluster, what none of them names is out."""
        if any(one.matches(kind, clusters) for one in (*NEVER_WATCHED, *self.exclusions)):
            return True
        if any(one.matches(kind, clusters) for one in self.inclusions):
            return False
        return any(one.matches_cluster(clusters) for one in self.inclusions)


DEFAULT_FILTERS = KindFilters()


class FieldRules(Struct, frozen=True):
    """The body of ``ignoreDifferences`` or ``ignoreResourceUpdates`` for one kind."""

    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()
    managed_fields_managers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.json_pointers or self.jq_path_expressions or self.managed_fields_managers)

    def __or__(self, other: FieldRules) -> FieldRules:
        return FieldRules(
            _joined(self.json_pointers, other.json_pointers),
            _joined(self.jq_path_expressions, other.jq_path_expressions),
            _joined(self.managed_fields_managers, other.managed_fields_managers),
        )

    def of(self, group: str, kind: str) -> IgnoreDifference:
        return IgnoreDifference(
            group, kind, "", "", self.json_pointers, self.jq_path_expressions, self.managed_fields_managers
        )


class Customization(Struct, frozen=True):
    """What ``resource.customizations`` says of one kind. Scripts are kept as they were written, unread."""

    health_lua: str = ""
    use_open_libs: bool = False
    actions: str = ""
    """YAML with ``discovery.lua`` and ``definitions``."""
    ignore_differences: FieldRules = FieldRules()
    ignore_resource_updates: FieldRules = FieldRules()
    known_type_fields: Mapping[str, str] = field(default_factory=dict)
    """Dotted field -> type, as ``spec.template.spec -> core/v1/PodSpec``."""


class StatusFields(StrEnum):
    """Whose ``status`` is no difference: ``ignoreResourceStatusField``."""

    ALL = "all"
    CRD = "crd"
    NONE = "none"


class CompareOptions(Struct, frozen=True):
    """``resource.compareoptions``."""

    ignore_aggregated_roles: bool = False
    ignore_resource_status_field: StatusFields = StatusFields.ALL
    ignore_differences_on_resource_updates: bool = True


class GlobalProject(Struct, frozen=True):
    """One of ``globalProjects``: the project applies to the projects that the selector (as in Kubernetes) matches."""

    project_name: str
    label_selector: Mapping[str, Any] = field(default_factory=dict)


ARGOCD_CM = "argocd-cm"
CONFIGURATION = "the configuration file"
"""Where a rule of the system is from."""


class SystemSettings(Struct, frozen=True):
    """Everything that was read; what was not set has Argo CD's default. ``problems``: what could not be read."""

    kinds: KindFilters = KindFilters()
    customizations: Mapping[str, Customization] = field(default_factory=dict)
    """By ``group/Kind``, ``Kind`` (core) or ``*/*``; both may hold globs."""
    compare: CompareOptions = CompareOptions()
    ignore_resource_updates_enabled: bool = True
    tracking_method: str = "annotation"
    instance_label: str = "app.kubernetes.io/instance"
    installation_id: str = ""
    sensitive_annotations: tuple[str, ...] = ()
    """Annotations of Secrets whose values are masked: ``resource.sensitive.mask.annotations``."""
    poll_s: float = DEFAULT_POLL_S
    """``timeout.reconciliation``; 0: sources are not polled."""
    poll_jitter_s: float = DEFAULT_POLL_JITTER_S
    hard_poll_s: float = 0.0
    """``timeout.hard.reconciliation``; 0: never."""
    respect_rbac: str = ""
    """``normal``, ``strict`` or empty."""
    jq_timeout_s: float = DEFAULT_JQ_TIMEOUT_S
    global_projects: tuple[GlobalProject, ...] = ()
    configured: frozenset[str] = frozenset()
    """The kinds of `customizations` whose ``ignoreDifferences`` are from our own configuration file."""
    problems: tuple[Problem, ...] = ()

    @property
    def customized_differences(self) -> tuple[IgnoreDifference, ...]:
        """``resource.customizations.ignoreDifferences.*``, which are added to each Application's rules."""
        return tuple(rule for _, rule in self._customized())

    @property
    def difference_sources(self) -> tuple[str, ...]:
        """Where each of `customized_differences` is from."""
        return tuple(CONFIGURATION if key in self.configured else ARGOCD_CM for key, _ in self._customized())

    def _customized(self) -> Iterator[tuple[str, IgnoreDifference]]:
        own = ((key, body.ignore_differences.of(*kind_of(key))) for key, body in self.customizations.items())
        return (one for one in own if _has_rules(one[1]))

    @property
    def ignored_differences(self) -> tuple[IgnoreDifference, ...]:
        """All rules of the system; that ``status`` is ignored is one of them."""
        return (*self.customized_differences, *_status_rules(self.compare.ignore_resource_status_field))

    @property
    def customized_updates(self) -> tuple[IgnoreDifference, ...]:
        """What may change without waking a comparison; empty where that is switched off."""
        if not self.ignore_resource_updates_enabled:
            return ()
        found = (self._updates_of(key, body) for key, body in self.customizations.items())
        return tuple(one for one in found if _has_rules(one))

    def _updates_of(self, key: str, body: Customization) -> IgnoreDifference:
        rules = body.ignore_resource_updates
        if self.compare.ignore_differences_on_resource_updates:
            rules = rules | body.ignore_differences
        return rules.of(*kind_of(key))

    def known_type_fields(self, kind: GroupKind) -> Mapping[str, str]:
        """The fields of core types that the settings declare for a kind."""
        return self.customizations.get(str(kind), Customization()).known_type_fields

    def with_problems(self, problems: Sequence[Problem]) -> SystemSettings:
        return replace(self, problems=(*self.problems, *problems))


DEFAULT_SYSTEM = SystemSettings()


def kind_of(key: str) -> tuple[str, str]:
    """``group/Kind -> (group, Kind)``; ``Kind`` alone is of the core group."""
    group, slash, kind = key.partition("/")
    return (group, kind) if slash else ("", key)


def _status_rules(ignored: StatusFields) -> tuple[IgnoreDifference, ...]:
    if ignored is StatusFields.NONE:
        return ()
    group, kind = ("*", "*") if ignored is StatusFields.ALL else (CRD.group, CRD.kind)
    return (IgnoreDifference(group, kind, "", "", ("/status",)),)


def _has_rules(rule: IgnoreDifference) -> bool:
    return bool(rule.json_pointers or rule.jq_path_expressions or rule.managed_fields_managers)


def _joined(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))
