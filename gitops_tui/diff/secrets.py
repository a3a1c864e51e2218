"""What must not be seen: values of Secrets, masked wherever an object or a value leaves the core (semantics 1.6).

A mask says which values are equal and nothing else. Keys stay visible.
"""

from __future__ import annotations

import hashlib
import json
import secrets as random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from gitops_tui.diff.normalize import normalize_secret
from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.model.drift import Path
from gitops_tui.model.resource import Object, annotations_of, group_of, metadata_of
from gitops_tui.structured.fieldset import go_json, sorted_keys

SHORTEST_MASK: Final = 8
MASK_STEP: Final = 4
DATA: Final = ("data", "stringData")

_SALT = random.token_bytes(16)


def is_secret(obj: Object | None) -> bool:
    return obj is not None and obj.get("kind") == "Secret" and group_of(obj) == ""


def fingerprint(value: Any) -> str:
    """Eight hexadecimal digits that are the same for equal values while this process lives, and tell nothing else."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), key=_SALT, digest_size=4).hexdigest()


def shown(value: Any, path: Path, *, secret: bool, hidden_annotations: Iterable[str] = ()) -> Any:
    """A field's value as it may be shown: in a Secret, data and what repeats it only as a fingerprint."""
    if value is None or not secret or not _is_hidden(path, hidden_annotations):
        return value
    if isinstance(value, dict):
        return {key: f"secret {fingerprint(one)}" for key, one in value.items()}
    return f"secret {fingerprint(value)}"


def _is_hidden(path: Path, hidden_annotations: Iterable[str]) -> bool:
    if path[:2] == ("metadata", "annotations"):
        return len(path) < 3 or path[2] in (LAST_APPLIED, *hidden_annotations)
    return not path or path[0] in DATA


# --- whole objects ---------------------------------------------------------------------------------------------------


class _Masks:
    """Plus signs by key: the first value gets eight, each next distinct one four more."""

    def __init__(self) -> None:
        self._by_key: dict[str, dict[str, str]] = {}

    def of(self, key: str, value: Any) -> str:
        seen = self._by_key.setdefault(key, {})
        text = json.dumps("" if value is None else value, sort_keys=True, default=str)
        if text not in seen:
            seen[text] = "+" * (SHORTEST_MASK + MASK_STEP * len(seen))
        return seen[text]


def mask_secret(obj: Object, *, hidden_annotations: Sequence[str] = ()) -> Object:
    """One object by itself; see `mask_pair`."""
    (masked,) = mask_pair(obj, hidden_annotations=hidden_annotations)
    return masked or {}


def mask_pair(*objects: Object | None, hidden_annotations: Sequence[str] = ()) -> tuple[Object | None, ...]:
    """The same object from several sides (target, live, predicted …) with every secret value masked.

    Equal values of a key have the same mask on every side, in the last-applied annotation too. What is no Secret comes
    back as it is. Values are compared as the server stores them: ``stringData`` is masked as ``data``.
    """
    masks, annotation_masks = _Masks(), _Masks()
    plain = [normalize_secret(one) if one is not None and is_secret(one) else one for one in objects]
    hidden = [_without_values(one, masks.of) for one in plain]
    hide = {name for name in hidden_annotations if name != LAST_APPLIED}
    hides_last_applied = LAST_APPLIED in hidden_annotations
    named = [_with_hidden(one, hide, annotation_masks.of) for one in hidden]
    return tuple(_with_last_applied(one, hide, hides_last_applied, masks.of, annotation_masks.of) for one in named)


def _without_values(obj: Object | None, mask_of: Callable[[str, Any], str]) -> Object | None:
    if obj is None or not is_secret(obj):
        return obj
    out = dict(obj)
    for field in DATA:
        if isinstance(obj.get(field), dict):
            out[field] = {key: mask_of(key, value) for key, value in obj[field].items()}
        elif obj.get(field):
            out[field] = mask_of("", obj[field])
    return out


def _with_hidden(obj: Object | None, names: Iterable[str], mask_of: Callable[[str, Any], str]) -> Object | None:
    if obj is None or not is_secret(obj):
        return obj
    present = {name: mask_of(name, value) for name, value in annotations_of(obj).items() if name in names}
    return _with_annotations(obj, present) if present else obj


def _with_annotations(obj: Object, changed: dict[str, str]) -> Object:
    return {**obj, "metadata": {**metadata_of(obj), "annotations": {**annotations_of(obj), **changed}}}


def _copy_in(text: Any) -> Object | None:
    """kubectl's copy; what names no kind is no object."""
    try:
        copy = json.loads(text)
    except (ValueError, TypeError):
        return None
    return copy if isinstance(copy, dict) and copy.get("kind") else None


def _with_last_applied(
    obj: Object | None,
    names: Iterable[str],
    is_hidden: bool,
    mask_of: Callable[[str, Any], str],
    mask_annotation: Callable[[str, Any], str],
) -> Object | None:
    """kubectl's copy, masked inside; whole where that is asked for or where it cannot be read as an object."""
    if obj is None or not is_secret(obj) or LAST_APPLIED not in annotations_of(obj):
        return obj
    copy = None if is_hidden else _copy_in(annotations_of(obj)[LAST_APPLIED])
    if copy is None:
        return _with_annotations(obj, {LAST_APPLIED: "+" * SHORTEST_MASK})
    plain = normalize_secret({**copy, "kind": "Secret", "apiVersion": "v1"})
    inner = _with_hidden(_without_values(plain, mask_of), names, mask_annotation)
    written = {name: value for name, value in (inner or {}).items() if name in copy or name in DATA}
    return _with_annotations(obj, {LAST_APPLIED: go_json(sorted_keys(written))})
