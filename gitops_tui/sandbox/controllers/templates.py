"""Pod templates: when two are the same, what a template's hash is, and the pod that a template makes."""

from __future__ import annotations

import copy
import json

from gitops_tui.model.annotations import POD_TEMPLATE_HASH
from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import owner_reference
from gitops_tui.sandbox.pod_defaults import default_pod_spec
from gitops_tui.structured.value import without_fields

REVISION_HASH_LABEL = "controller-revision-hash"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193


def template_hash(template: Object, collisions: int = 0) -> str:
    """A name part for a template, of Kubernetes' form: FNV-1a in 32 bits, spelt in the safe alphabet.

    Kubernetes hashes Go's print of its own struct, which nothing but Go can repeat, and whose outcome changes between
    versions; so equal templates hash alike here, but not to the very letters of a real cluster.
    """
    value = _FNV_OFFSET
    for byte in json.dumps(normal(template), sort_keys=True).encode() + (
        str(collisions).encode() if collisions else b""
    ):
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(value))


def normal(template: Object) -> Object:
    """The template with defaults and without the hash label: two that mean the same are equal.

    Kubernetes compares them "semantically": an empty list is as good as none.
    """
    found = copy.deepcopy(template)
    meta = {key: value for key, value in (found.get("metadata") or {}).items() if value}
    meta.pop("creationTimestamp", None)
    if POD_TEMPLATE_HASH in (meta.get("labels") or {}):
        meta["labels"] = {key: value for key, value in meta["labels"].items() if key != POD_TEMPLATE_HASH}
    spec = found.get("spec") or {}
    default_pod_spec(spec)
    normal: Object = without_fields({"metadata": meta, "spec": spec}, lambda one: one == [])
    return normal


def pod_of(owner: Object, template: Object, *, labels: dict[str, str] | None = None) -> Object:
    """A new pod of ``owner``, named by ``generateName``."""
    meta = metadata_of(template)
    made = {
        "generateName": f"{name_of(owner)}-",
        "namespace": namespace_of(owner),
        "labels": {**labels_of(template), **(labels or {})},
        "ownerReferences": [owner_reference(owner)],
    }
    for field in ("annotations", "finalizers"):
        if meta.get(field):
            made[field] = copy.deepcopy(meta[field])
    return {"metadata": made, "spec": copy.deepcopy(template["spec"])}
