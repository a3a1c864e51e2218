"""Annotations that hold a comma-separated list (Argo CD ``gitops-engine/pkg/sync/resource/annotations.go``)."""

from __future__ import annotations

from collections.abc import Iterable

from gitops_tui.model.resource import Object, annotations_of


def values(obj: Object, annotation: str) -> tuple[str, ...]:
    """The distinct, trimmed, non-empty entries in the order in which they stand."""
    text = annotations_of(obj).get(annotation)
    if not text:  # as with most objects, each of which is asked for a dozen annotations
        return ()
    parts = (part.strip() for part in str(text).split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def has(obj: Object | None, annotation: str, option: str) -> bool:
    """Whether ``option`` (``Prune=false``) stands in the list."""
    return obj is not None and option in values(obj, annotation)


def value_of(obj: Object, annotation: str, option: str) -> str | None:
    """The value of ``option=value`` in the list, or None where it is absent."""
    return value_in(values(obj, annotation), option)


def value_in(entries: Iterable[str], option: str) -> str | None:
    """As it stands after the equals sign: only whole entries are trimmed, and ``Prune= false`` says nothing known."""
    prefix = option + "="
    return next((entry.removeprefix(prefix) for entry in entries if entry.startswith(prefix)), None)
