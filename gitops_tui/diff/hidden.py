"""What differs and does not count, and why: asked only of objects that would differ without the rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitops_tui.diff.fields import changes
from gitops_tui.diff.ignore import Ignoring, rules_for, without_trusted
from gitops_tui.diff.label import label_of
from gitops_tui.diff.path import from_fields
from gitops_tui.diff.rules import Rules
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.value import same

Sides = tuple[Object, Object]


def ignored(
    before: Object, after: Object, live: Object, rules: Rules, schema: SchemaNode | None
) -> tuple[Decision, ...]:
    """Rule by rule the fields that it hides: by their names, never their values."""
    if same(before, after):
        return ()
    return tuple(_ignored((before, after), live, rules, schema))


def _ignored(sides: Sides, live: Object, rules: Rules, schema: SchemaNode | None) -> Iterator[Decision]:
    key = key_of(live)
    shown = _labels(sides, schema)
    for source, rule, one in _single(key, rules):
        fields = _without(shown, _labels(_applied(sides, live, one, rules, schema), schema))
        if fields:
            yield Decision(Code.IGNORED, {"fields": fields, "rule": rule, "source": source}, (key,))


def _single(key: ResourceKey, rules: Rules) -> Iterator[tuple[str, str, Ignoring]]:
    """Each pointer, expression and manager that covers the object, alone, with where it is from."""
    told: set[str] = set()
    for number, declared in enumerate(rules.ignores):
        source = rules.source_of(number)
        for rule, one in _parts(rules_for(key, [declared])):
            if rule not in told:
                told.add(rule)
                yield source, rule, one


def _parts(found: Ignoring) -> Iterator[tuple[str, Ignoring]]:
    for text in found.json_pointers:
        yield f"jsonPointers: {text}", Ignoring(json_pointers=(text,))
    for text in found.jq_path_expressions:
        yield f"jqPathExpressions: {text}", Ignoring(jq_path_expressions=(text,))
    for text in found.managed_fields_managers:
        yield f"managedFieldsManagers: {text}", Ignoring(managed_fields_managers=(text,))


def _applied(sides: Sides, live: Object, one: Ignoring, rules: Rules, schema: SchemaNode | None) -> Sides:
    before, after = (one.taken_from(side, rules.delete_selected)[0] for side in sides)
    return without_trusted(before, after, live, one.managed_fields_managers, schema)


def normalised(raw: Sides, normal: Sides, schema: SchemaNode | None) -> tuple[Decision, ...]:
    """What is written in another way and means the same, or is the cluster's own to fill in."""
    return _lost(Code.NORMALISED, raw, normal, schema)


def by_webhooks(confirmed: Object, kept: Object, live: Object, schema: SchemaNode | None) -> tuple[Decision, ...]:
    """What a mutating webhook would make of the object (``IncludeMutationWebhook=true`` counts it)."""
    return _lost(Code.BY_WEBHOOK, (live, confirmed), (live, kept), schema)


def _lost(code: Code, sides: Sides, left: Sides, schema: SchemaNode | None) -> tuple[Decision, ...]:
    fields = _without(_labels(sides, schema), _labels(left, schema))
    return (Decision(code, {"fields": fields}, (key_of(sides[0]),)),) if fields else ()


def _labels(sides: Sides, schema: SchemaNode | None) -> tuple[str, ...]:
    return tuple(label_of(from_fields(one.path)) for one in changes(*sides, schema))


def _without(labels: Sequence[str], left: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in labels if one not in left))
