"""What is no difference, of one Application and of the system together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from gitops_tui.diff import jqrule
from gitops_tui.diff.ignore import DeleteSelected
from gitops_tui.diff.known import is_known
from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.resource import GroupKind
from gitops_tui.model.system import ARGOCD_CM, CRD, Customization, StatusFields, SystemSettings

APPLICATION = "the Application"


class Rules(Struct, frozen=True):
    """The defaults are Argo CD's."""

    ignores: tuple[IgnoreDifference, ...] = ()
    own: int = 0
    """So many of these, the first ones, are the Application's; the rest is the system's."""
    sources: tuple[str, ...] = ()
    """Where each of the system's is from."""
    ignore_aggregated_roles: bool = False
    ignored_status: StatusFields = StatusFields.ALL
    known_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """``group/Kind`` -> dotted field -> core type."""
    hidden_annotations: tuple[str, ...] = ()
    """Annotations of Secrets whose values are masked."""
    delete_selected: DeleteSelected = jqrule.delete

    def source_of(self, number: int) -> str:
        """Who declares the rule of this number."""
        if number < self.own:
            return APPLICATION
        return next(iter(self.sources[number - self.own :]), ARGOCD_CM)

    def ignores_status(self, kind: GroupKind) -> bool:
        """Whether the ``status`` of a kind is no difference (``ignoreResourceStatusField``)."""
        if self.ignored_status is StatusFields.CRD:
            return kind == CRD
        return self.ignored_status is StatusFields.ALL


NO_RULES = Rules()


def _known(body: Customization) -> dict[str, str]:
    return {path: name for path, name in body.known_type_fields.items() if is_known(name)}


def unknown_types(system: SystemSettings) -> tuple[tuple[str, str], ...]:
    """``knownTypeFields`` whose type nobody knows, as (kind, type): these fields are compared as they are written."""
    found = ((key, name) for key, body in system.customizations.items() for name in body.known_type_fields.values())
    return tuple((key, name) for key, name in found if not is_known(name))


def rules_of(
    ignores: Sequence[IgnoreDifference], system: SystemSettings, delete_selected: DeleteSelected = jqrule.delete
) -> Rules:
    """The Application's rules with the system's; an application cannot take one of these back."""
    fields = {key: _known(body) for key, body in system.customizations.items() if body.known_type_fields}
    return Rules(
        ignores=(*ignores, *system.customized_differences),
        own=len(ignores),
        sources=system.difference_sources,
        ignore_aggregated_roles=system.compare.ignore_aggregated_roles,
        ignored_status=system.compare.ignore_resource_status_field,
        known_fields=fields,
        hidden_annotations=system.sensitive_annotations,
        delete_selected=delete_selected,
    )


def unusable(ignores: Sequence[IgnoreDifference]) -> tuple[str, ...]:
    """Expressions that no jq can read, in words: a comparison without them would show what is to be ignored."""
    expressions = dict.fromkeys(one for rule in ignores for one in rule.jq_path_expressions)
    return tuple(problem for one in expressions if (problem := jqrule.problem_with(one)))
