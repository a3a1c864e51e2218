"""Custom resources against their structural schema: pruning, defaults, validation.

Source: Kubernetes' documentation of CustomResourceDefinitions ("structural schemas", "pruning", "defaulting").
CEL rules (``x-kubernetes-validations``) are not evaluated.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.failure import Cause, invalid_value, required, unsupported_value

_ENVELOPE = ("apiVersion", "kind", "metadata")


def prune(obj: Object, schema: Object) -> list[str]:
    """Remove what the schema does not declare, in place; the paths that were removed."""
    removed: list[str] = []
    envelope = {name: {_KEEP: True} for name in _ENVELOPE}
    declared = {**schema, "properties": {**(schema.get("properties") or {}), **envelope}}
    _prune(obj, declared, "", removed)
    return sorted(removed)


_KEEP = "x-kubernetes-preserve-unknown-fields"


def _prune(value: Any, schema: Object, path: str, removed: list[str]) -> None:
    if isinstance(value, list):
        for number, item in enumerate(value):
            _prune(item, schema.get("items") or {}, f"{path}[{number}]", removed)
    elif isinstance(value, dict):
        _prune_fields(value, schema, path, removed)


def _prune_fields(value: Object, schema: Object, path: str, removed: list[str]) -> None:
    if schema.get("x-kubernetes-embedded-resource") and not schema.get("properties"):
        return
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    for name in list(value):
        at = f"{path}.{name}" if path else name
        if name in properties:
            _prune(value[name], properties[name], at, removed)
        elif isinstance(others, dict):
            _prune(value[name], others, at, removed)
        elif not (schema.get(_KEEP) or others is True):
            del value[name]
            removed.append(at)


def fill_defaults(value: Any, schema: Object) -> None:
    """Fill in ``default`` where a field is absent, in place."""
    if isinstance(value, list):
        for item in value:
            fill_defaults(item, schema.get("items") or {})
    elif isinstance(value, dict):
        properties = schema.get("properties") or {}
        for name, inner in properties.items():
            if "default" in inner and value.get(name) is None:
                value[name] = copy.deepcopy(inner["default"])
            if name in value:
                fill_defaults(value[name], inner)
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            for name in set(value) - set(properties):
                fill_defaults(value[name], others)


def validate(obj: Object, schema: Object) -> list[Cause]:
    """What is wrong with a custom resource, types first: empty where it is valid."""
    inner = {
        **schema,
        "properties": {name: one for name, one in (schema.get("properties") or {}).items() if name not in _ENVELOPE},
        "required": [name for name in schema.get("required") or () if name not in _ENVELOPE],
    }
    found = list(_check({k: v for k, v in obj.items() if k not in _ENVELOPE}, inner, ""))
    return sorted(found, key=lambda cause: cause.reason == "FieldValueRequired")


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def type_name(value: Any) -> str:
    """The JSON type, in the words of the schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    return next(name for name, types in _TYPES.items() if isinstance(value, types))


def _is_of_type(value: Any, schema: Object) -> bool:
    wanted = schema.get("type")
    if value is None:
        return bool(schema.get("nullable")) or not wanted
    if schema.get("x-kubernetes-int-or-string"):
        return isinstance(value, int | str) and not isinstance(value, bool)
    if not wanted:
        return True
    if isinstance(value, bool):
        return bool(wanted == "boolean")
    return isinstance(value, _TYPES[wanted]) or (
        wanted == "integer" and isinstance(value, float) and value.is_integer()
    )


def _check(value: Any, schema: Object, path: str) -> Iterator[Cause]:
    if not _is_of_type(value, schema):
        name = type_name(value)
        detail = f'{path} in body must be of type {schema.get("type")}: "{name}"'
        yield Cause("FieldValueTypeInvalid", f'Invalid value: "{name}": {detail}', path or "<nil>")
        return
    if schema.get("enum") and value not in schema["enum"]:
        yield unsupported_value(path, json.dumps(value), [str(one) for one in schema["enum"]])
    if isinstance(value, str):
        yield from _check_text(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _check_number(value, schema, path)
    elif isinstance(value, list):
        yield from _check_items(value, schema, path)
    elif isinstance(value, dict):
        yield from _check_fields(value, schema, path)


def _check_text(value: str, schema: Object, path: str) -> Iterator[Cause]:
    if len(value) < schema.get("minLength", 0):
        yield invalid_value(
            path, json.dumps(value), f"{path} in body should be at least {schema['minLength']} chars long"
        )
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        yield Cause("FieldValueTooLong", f"Too long: may not be more than {schema['maxLength']} bytes", path)
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield invalid_value(path, json.dumps(value), f"{path} in body should match '{schema['pattern']}'")


def _check_number(value: float, schema: Object, path: str) -> Iterator[Cause]:
    if "minimum" in schema and value < schema["minimum"]:
        yield invalid_value(path, str(value), f"{path} in body should be greater than or equal to {schema['minimum']}")
    if "maximum" in schema and value > schema["maximum"]:
        yield invalid_value(path, str(value), f"{path} in body should be less than or equal to {schema['maximum']}")


def _check_items(value: list[Any], schema: Object, path: str) -> Iterator[Cause]:
    if len(value) < schema.get("minItems", 0):
        yield invalid_value(path, str(len(value)), f"{path} in body should have at least {schema['minItems']} items")
    if "maxItems" in schema and len(value) > schema["maxItems"]:
        yield Cause("FieldValueTooMany", f"Too many: {len(value)}: must have at most {schema['maxItems']} items", path)
    for number, item in enumerate(value):
        yield from _check(item, schema.get("items") or {}, f"{path}[{number}]")


def _check_fields(value: Object, schema: Object, path: str) -> Iterator[Cause]:
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{path}.{name}" if path else name)
    for name, item in value.items():
        at = f"{path}.{name}" if path else name
        if name in properties:
            yield from _check(item, properties[name], at)
        elif isinstance(others, dict):
            yield from _check(item, others, at)
