"""What the API server fills into a StatefulSet's claim templates (Argo CD ``statefulSetWorkaround``).

The list is replaced as a whole by an apply, and its defaults are no default of the StatefulSet's own type.
"""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object, group_of

TEMPLATES = "volumeClaimTemplates"


def without_filled_claims(obj: Object, target: Object) -> Object:
    """``obj`` with no more in each claim template than ``target`` sets there; anything else as it is."""
    if obj.get("kind") != "StatefulSet" or group_of(obj) != "apps":
        return obj
    spec, wanted = obj.get("spec"), target.get("spec")
    if not isinstance(spec, dict) or not isinstance(wanted, dict):
        return obj
    templates, models = spec.get(TEMPLATES), wanted.get(TEMPLATES)
    if not isinstance(templates, list) or not isinstance(models, list):
        return obj
    return {**obj, "spec": {**spec, TEMPLATES: _like(templates, models)}}


def _like(value: Any, model: Any) -> Any:
    """``value`` without the fields that ``model`` lacks; items beyond the model's are kept."""
    if isinstance(value, dict) and isinstance(model, dict):
        return {name: _like(one, model[name]) for name, one in value.items() if name in model}
    if isinstance(value, list) and isinstance(model, list):
        return [_like(one, model[at]) if at < len(model) else one for at, one in enumerate(value)]
    return value
