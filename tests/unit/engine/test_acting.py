"""Actions whose object moves while they run."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

from gitops_tui.engine.acting import _all_written
from gitops_tui.errors import Conflict
from gitops_tui.model.action import Impacted, ImpactedBy

LIVE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "1"},
}
MADE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mark", "namespace": "shop"}}
PATCHED = {**LIVE, "data": {"a": "1"}}
BOTH = (Impacted(ImpactedBy.CREATE, MADE), Impacted(ImpactedBy.PATCH, PATCHED))


def test_a_conflict_comes_before_anything_is_created() -> None:
    writer = MagicMock()
    writer.merge_patch.side_effect = Conflict("somebody was first", code=409)
    try:
        _all_written(MagicMock(), writer, LIVE, BOTH)
    except Conflict:
        writer.create.assert_not_called()
    else:
        raise AssertionError("a conflict is for whoever makes the patch anew")


def test_it_is_told_in_the_order_of_the_script() -> None:
    writer = MagicMock()
    writer.create.return_value = MADE
    assert _all_written(MagicMock(), writer, LIVE, BOTH) == ["ConfigMap/mark created", "ConfigMap/web patched"]
