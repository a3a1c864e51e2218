"""Single normalisations: Secrets, built-in types, and what the three-way merge leaves out."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.normalize import normalize_secret, typed_value, without_bookkeeping
from tests.conformance.groups.schema_of import schema_of

GROUP = "diff/normalize_object"
FILE = "diff/normalize_object.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    obj = case["object"]
    if case["function"] == "NormalizeSecret":
        assert normalize_secret(obj) == case["expected"]
    elif case["function"] == "remarshal":
        assert typed_value(obj, schema_of(obj), fills=False) == case["expected"]
    else:
        # The namespace is left out by the comparison, which never changes it.
        ours, wanted = without_bookkeeping(obj), without_bookkeeping(case["expected"])
        (ours.get("metadata") or {}).pop("namespace", None)
        assert ours == wanted
