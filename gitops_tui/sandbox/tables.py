"""Table answers: what ``kubectl get`` asks for. Columns are the real server's (data) or the CRD's."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox.cells import CELLS, name_and_age
from gitops_tui.sandbox.duration import age
from gitops_tui.sandbox.registry import Column, ResourceType

_STEP = re.compile(r"""\.?([^.\[\]'"\\]*(?:\\.[^.\[\]'"\\]*)*)|\[(\d+|\*|'[^']*'|"[^"]*"|\?\([^]]*\))\]""")
_FILTER = re.compile(r"""\?\(@\.([\w.]+)\s*==\s*['"]?([^'")]*)['"]?\)""")


def definitions(kind: ResourceType) -> list[Object]:
    return [
        {"name": one.name, "type": one.type, "format": one.format, "description": "", "priority": one.priority}
        for one in kind.columns
    ]


def row(kind: ResourceType, stored: Object, included: Object | None, now: datetime) -> Object:
    """``stored`` is the object as it is kept; ``included`` what the client wants of it in each row, or nothing."""
    found: Object = {"cells": cells(kind, stored, now)}
    if included is not None:
        found["object"] = included
    return found


def partial(obj: Object) -> Object:
    """What a row carries unless the client asks for all or nothing."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata_of(obj)}


def cells(kind: ResourceType, obj: Object, now: datetime) -> list[Any]:
    if kind.custom is None:
        return CELLS.get(kind.storage, name_and_age)(obj, now)
    return [metadata_of(obj).get("name"), *(_custom_cell(column, obj, now) for column in kind.columns[1:])]


def _custom_cell(column: Column, obj: Object, now: datetime) -> Any:
    found = lookup(obj, column.path)
    if not found:
        return None
    value = found[0]
    if column.type == "date":
        return age(value, now) if isinstance(value, str) else "<unknown>"
    if column.type == "string" and not isinstance(value, str):
        return ",".join(str(one) for one in found) if not isinstance(value, dict | list | bool) else str(value).lower()
    return value


def lookup(obj: Object, path: str) -> list[Any]:
    """The values at a JSONPath of the kind that CRDs use: fields, indices, ``[*]`` and ``[?(@.a=="b")]``."""
    found: list[Any] = [obj]
    for step in _STEP.finditer(path.strip("{}")):
        field, index = step.groups()
        if index is not None:
            found = [inner for value in found for inner in _index(value, index)]
        elif field:
            name = field.replace("\\.", ".")
            found = [value[name] for value in found if isinstance(value, dict) and name in value]
    return [value for value in found if value is not None]


def _index(value: Any, index: str) -> list[Any]:
    if index[0] in "'\"":
        return [value[index[1:-1]]] if isinstance(value, dict) and index[1:-1] in value else []
    if not isinstance(value, list):
        return []
    if index == "*":
        return value
    if chosen := _FILTER.fullmatch(index):
        return [one for one in value if [str(v) for v in lookup(one, f".{chosen[1]}")] == [chosen[2]]]
    number = int(index) if index.isdigit() else len(value)
    return value[number : number + 1]
