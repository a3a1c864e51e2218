"""Label and field selectors: what ``?labelSelector=`` and ``?fieldSelector=`` mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from gitops_tui.model.resource import Object, labels_of, metadata_of
from gitops_tui.sandbox.failure import bad_request

Predicate = Callable[[Object], bool]

_OPERATORS = "in, notin, =, ==, !=, gt, lt"
_SET = re.compile(r"^(?P<key>\S+)\s+(?P<how>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUALS = re.compile(r"^(?P<key>[^\s=!<>]+)\s*(?P<how>==|=|!=|<|>)\s*(?P<value>[^\s=!<>]*)$")
_EXISTS = re.compile(r"^(?P<absent>!?)\s*(?P<key>[^\s=!<>(),]+)$")
_TOP_LEVEL_COMMA = re.compile(r",(?![^(]*\))")


class Requirement(Struct, frozen=True):
    """One term: ``how`` is ``in``, ``notin``, ``exists`` or ``absent``."""

    key: str
    how: str
    values: frozenset[str] = frozenset()

    def is_met(self, labels: Mapping[str, str]) -> bool:
        if self.how == "exists":
            return self.key in labels
        if self.how == "absent":
            return self.key not in labels
        is_in = labels.get(self.key) in self.values and self.key in labels
        return is_in if self.how == "in" else not is_in


def parse_labels(text: str) -> list[Requirement]:
    """Raises `Invalid` (400) where it cannot be read."""
    return [_requirement(term.strip()) for term in _TOP_LEVEL_COMMA.split(text) if term.strip()]


def _requirement(term: str) -> Requirement:
    if found := _SET.match(term):
        values = frozenset(value.strip() for value in found["values"].split(","))
        return Requirement(found["key"], found["how"], values)
    if (found := _EQUALS.match(term)) and found["how"] not in "<>":
        return Requirement(found["key"], "notin" if found["how"] == "!=" else "in", frozenset({found["value"]}))
    if found := _EXISTS.match(term):
        return Requirement(found["key"], "absent" if found["absent"] else "exists")
    words = term.split()
    raise bad_request(f"unable to parse requirement: found '{words[-1]}', expected: {_OPERATORS}")


def matches_selector(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """A ``LabelSelector`` object (``matchLabels``, ``matchExpressions``) against labels; None matches nothing."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    how = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
    return all(
        Requirement(one["key"], how[one["operator"]], frozenset(one.get("values") or ())).is_met(labels)
        for one in selector.get("matchExpressions") or ()
    )


def selector_text(selector: Object | None) -> str:
    """The selector as ``kubectl`` prints it: ``app=web,tier in (a,b)``."""
    if not selector:
        return "<none>"
    terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for one in selector.get("matchExpressions") or ():
        values = ",".join(sorted(one.get("values") or ()))
        terms.append(
            {
                "In": f"{one['key']} in ({values})",
                "NotIn": f"{one['key']} notin ({values})",
                "Exists": one["key"],
                "DoesNotExist": f"!{one['key']}",
            }[one["operator"]]
        )
    return ",".join(terms) or "<none>"


_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
             "status.podIP", "status.nominatedNodeName"),
    "events": ("involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
               "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
               "reportingComponent", "source", "type"),
    "secrets": ("type",),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "jobs.batch": ("status.successful",),
    "replicationcontrollers": ("status.replicas",),
    "replicasets.apps": ("status.replicas",),
}  # fmt: skip
_ALIASES = {"regarding.": "involvedObject.", "reportingController": "reportingComponent"}


def parse_fields(text: str, storage: str) -> list[tuple[str, bool, str]]:
    """(path, wanted equal, value) triples; raises `Invalid` (400) for a field that this kind does not select by."""
    known = ("metadata.name", "metadata.namespace", *_FIELDS.get(storage, ()))
    found = []
    for term in filter(None, text.split(",")):
        path, operator, value = _split_field(term)
        for alias, real in _ALIASES.items():
            path = path.replace(alias, real, 1) if path.startswith(alias) else path
        if path not in known:
            raise bad_request(_unknown_field(path, storage))
        found.append((path, operator != "!=", value))
    return found


def _split_field(term: str) -> tuple[str, str, str]:
    for operator in ("!=", "==", "="):
        path, found, value = term.partition(operator)
        if found:
            return path.strip(), operator, value.strip()
    raise bad_request(f"invalid selector: '{term}'; can't understand '{term}'")


def _unknown_field(path: str, storage: str) -> str:
    if storage in _FIELDS:
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field(obj: Object, path: str) -> str:
    if path == "source":
        return str((obj.get("source") or {}).get("component") or obj.get("reportingComponent") or "")
    found: object = obj
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None else str(found)


def predicate(labels: str, fields: str, storage: str) -> Predicate | None:
    """One test for both selectors; None where everything matches."""
    wanted = parse_labels(labels)
    paths = parse_fields(fields, storage)
    if not wanted and not paths:
        return None

    def is_selected(obj: Object) -> bool:
        found = labels_of(obj)
        return all(one.is_met(found) for one in wanted) and all(
            (_field(obj, path) == value) is equal for path, equal, value in paths
        )

    return is_selected


def owner_uids(obj: Object) -> list[str]:
    return [str(one.get("uid")) for one in metadata_of(obj).get("ownerReferences") or ()]
