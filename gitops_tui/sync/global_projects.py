"""Global projects: what they permit and deny is added to the projects that their selector matches.

Source: Argo CD ``util/argo`` ``GetGlobalProjects``; labels are matched as Kubernetes' ``LabelSelector`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gitops_tui.model.project import AppProject
from gitops_tui.model.system import GlobalProject
from gitops_tui.sync.permissions import merged


class WrongSelector(ValueError):
    """A selector that Kubernetes would not take."""


def with_globals(
    project: AppProject, settings: Sequence[GlobalProject], projects: Mapping[str, AppProject]
) -> AppProject:
    """A project with what its global projects add; ``projects`` by name.

    As Argo CD does it, nothing after a setting that names no project or selects wrongly is looked at.
    """
    found = project
    for one in settings:
        if one.project_name == project.name:
            continue
        try:
            if not selects(one.label_selector, project.labels):
                continue
        except WrongSelector:
            break
        if one.project_name not in projects:
            break
        found = merged(found, projects[one.project_name])
    return found


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a ``LabelSelector`` matches; an empty one matches everything. Raises `WrongSelector`."""
    wanted: Mapping[str, Any] = selector.get("matchLabels") or {}
    terms = [_is_met(one, labels) for one in selector.get("matchExpressions") or ()]
    return all(labels.get(key) == str(value) for key, value in wanted.items()) and all(terms)


def _is_met(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator, values = str(term.get("key") or ""), str(term.get("operator") or ""), term.get("values") or ()
    is_listed = operator in _LISTED
    if not key or operator not in _OPERATORS or bool(values) != is_listed:
        raise WrongSelector(f"matchExpressions: {key!r} {operator!r}")
    return _OPERATORS[operator](labels.get(key), values)


_LISTED = ("In", "NotIn")
_OPERATORS: Mapping[str, Callable[[str | None, Sequence[str]], bool]] = {
    "In": lambda found, values: found in values,
    "NotIn": lambda found, values: found not in values,
    "Exists": lambda found, _: found is not None,
    "DoesNotExist": lambda found, _: found is None,
}
