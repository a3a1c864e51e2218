"""``ignoreDifferences``: what people declared to be none of Git's business (Argo CD "Diffing customization").

A rule is taken from both sides before they are compared. Argo CD skips a rule that fails without a word; here it is
skipped too, and told as a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from msgspec import Struct

from gitops_tui.diff import jqrule
from gitops_tui.diff.jqrule import RuleError
from gitops_tui.diff.secrets import is_secret
from gitops_tui.errors import Invalid
from gitops_tui.manifest import pointer
from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.glob import match
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.model.system import EVERY_KIND
from gitops_tui.structured.fieldset import FieldSet
from gitops_tui.structured.order import in_order
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.typed import compare, remove_fields, validate

DeleteSelected = Callable[..., tuple[Object, str]]
"""As `jqrule.delete`: an object and an expression to what is left, and why nothing was taken."""


class Ignoring(Struct, frozen=True):
    """All rules that cover one object, joined. Empty: nothing is ignored."""

    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()
    managed_fields_managers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.json_pointers or self.jq_path_expressions or self.managed_fields_managers)

    def __or__(self, other: IgnoreDifference) -> Ignoring:
        return Ignoring(
            _joined(self.json_pointers, other.json_pointers),
            _joined(self.jq_path_expressions, other.jq_path_expressions),
            _joined(self.managed_fields_managers, other.managed_fields_managers),
        )

    def taken_from(
        self, obj: Object, delete_selected: DeleteSelected = jqrule.delete
    ) -> tuple[Object, tuple[str, ...]]:
        """``obj`` without what pointers and jq expressions cover, and the problems with rules that did not work.

        ``delete_selected`` runs an expression: here, or where it can be ended.
        """
        problems: list[str] = []
        for text in self.json_pointers:
            obj = _without_pointer(obj, text, problems)
        for text in self.jq_path_expressions:
            obj = _without_selected(obj, text, problems, delete_selected)
        return obj, tuple(problems)


def rules_for(key: ResourceKey, rules: Iterable[IgnoreDifference]) -> Ignoring:
    """What of the rules, of the system and of the Application, covers this object."""
    found = Ignoring()
    for rule in rules:
        if _covers(rule, key):
            found = found | rule
    return found


def system_rules(overrides: Mapping[str, Any]) -> tuple[IgnoreDifference, ...]:
    """From ``resource.customizations``: ``group/Kind``, ``group_Kind``, ``Kind``, ``*/*`` or ``all`` -> its
    ``ignoreDifferences`` as a mapping. A key that names no kind is skipped, as Argo CD does.
    """
    return tuple(
        IgnoreDifference(group, kind, "", "", *(_texts(body, name) for name in _BODY))
        for key, body in overrides.items()
        for group, kind in _kind_of(key)
        if isinstance(body, Mapping)
    )


_BODY = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in body.get(name) or ())


def _kind_of(key: str) -> tuple[tuple[str, str], ...]:
    if key in ("all", EVERY_KIND):
        return (("*", "*"),)
    parts = key.split("/" if "/" in key else "_")
    if len(parts) == 1:
        return (("", parts[0]),)
    return ((parts[0], parts[1]),) if len(parts) == 2 else ()


def _covers(rule: IgnoreDifference, key: ResourceKey) -> bool:
    is_named = rule.name in ("", key.name) and rule.namespace in ("", key.namespace)
    return is_named and match(rule.group, key.group) and match(rule.kind, key.kind)


def _joined(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _without_pointer(obj: Object, text: str, problems: list[str]) -> Object:
    try:
        left: Object = pointer.remove(obj, text)
    except ValueError as error:
        problems.append(f"ignoreDifferences: {error}")
        return obj
    return left


def _without_selected(obj: Object, expression: str, problems: list[str], delete_selected: DeleteSelected) -> Object:
    try:
        left, problem = delete_selected(obj, expression, secret=is_secret(obj))
    except RuleError as error:
        problems.append(f"ignoreDifferences: {error}")
        return obj
    if problem:
        problems.append(f"ignoreDifferences: {problem}")
    return left


# --- fields that trusted managers changed ----------------------------------------------------------------------------


def without_trusted(
    live: Object, other: Object, owned_by: Object, managers: Sequence[str], schema: SchemaNode | None
) -> tuple[Object, Object]:
    """Both sides without the fields that are modified between them and that one of ``managers`` owns.

    ``owned_by`` is the object with the managedFields. Fields that only one side has are not touched, and nothing is
    where an object is not of its type.
    """
    entries = [one for one in metadata_of(owned_by).get("managedFields") or () if one.get("manager") in managers]
    if not entries:
        return live, other
    try:
        for obj in (live, other):
            validate(obj, schema)
        owned = reduce(FieldSet.union, (FieldSet.from_v1(one.get("fieldsV1") or {}) for one in entries))
    except Invalid:
        return live, other
    theirs = owned.intersection(compare(live, other, schema).modified)
    return remove_fields(live, theirs, schema), remove_fields(other, theirs, schema)


# --- RespectIgnoreDifferences ----------------------------------------------------------------------------------------


def respected(target: Object, live: Object, rules: Iterable[IgnoreDifference], schema: SchemaNode | None) -> Object:
    """``target`` with the live values of what is ignored, so that an apply leaves them (``RespectIgnoreDifferences``).

    ``status`` is never copied. Where no rule covers the object it is ``target`` itself.
    """
    ignoring = rules_for(key_of(target), rules)
    if not ignoring:
        return target
    ours, _ = ignoring.taken_from(target)
    theirs, _ = ignoring.taken_from(live)
    theirs, ours = without_trusted(theirs, ours, live, ignoring.managed_fields_managers, schema)
    before = {name: value for name, value in live.items() if name != "status"}
    copied: Object = _put_back(ours, theirs, before, schema)
    return copied


def _put_back(target: Any, without: Any, live: Any, node: SchemaNode | None) -> Any:
    """``target`` with what ``live`` has and ``without`` lacks; lists of named items are merged by their keys."""
    if without == live:
        return target
    if isinstance(without, dict) and isinstance(live, dict):
        return _put_back_map(target if isinstance(target, dict) else {}, without, live, node)
    if node is not None and node.list_type != "atomic" and isinstance(without, list) and isinstance(live, list):
        return _put_back_items(target if isinstance(target, list) else [], without, live, node)
    return live


def _put_back_map(target: Object, without: Object, live: Object, node: SchemaNode | None) -> Object:
    out = dict(target)
    for name, value in live.items():
        if name not in without:
            out[name] = value
            continue
        put = _put_back(out.get(name), without[name], value, node.child(name) if node else None)
        if name in out or put:
            out[name] = put
    return out


def _put_back_items(target: list[Any], without: list[Any], live: list[Any], node: SchemaNode) -> list[Any]:
    """The items in live's order, as Argo CD's patch has it: another order would roll the pods."""
    ours, rest = ({_identity(one, node): one for one in items} for items in (target, without))
    out = dict(ours)
    for item in live:
        name = _identity(item, node)
        if name not in rest:
            out[name] = item
        elif name in ours:
            out[name] = _put_back(ours[name], rest[name], item, node.items)
    return [out[name] for name in in_order(list(out), [_identity(one, node) for one in live], list(ours), "")]


def _identity(item: Any, node: SchemaNode) -> tuple[Any, ...]:
    """What names an item; a key that is left out has its default, as the protocol of a port."""
    if not isinstance(item, dict):
        return (item,)
    defaults = node.items.defaults if node.items is not None else {}
    return tuple(item.get(key, defaults.get(key)) for key in node.keys)
