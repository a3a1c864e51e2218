"""What stands for the destination's namespace is made with every comparison, and compared anew only where it moved."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gitops_tui.engine.compare import _Memo
from gitops_tui.engine.targets import Target
from gitops_tui.model.resource import ResourceKey

KEY = ResourceKey("", "Namespace", "", "shop")


def namespace(**labels: str) -> Target:
    return Target(KEY, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}})


@pytest.mark.parametrize(("made", "is_kept"), [(namespace(a="1"), True), (namespace(a="2"), False), (None, False)])
def test_an_equal_target_is_the_one_of_before(made: Target | None, is_kept: bool) -> None:
    before, memo = namespace(a="1"), _Memo()
    memo.entries[KEY] = ((), cast(Any, None), before)
    assert memo.kept(made, KEY) is (before if is_kept else made)
    assert memo.kept(made, ResourceKey("", "Namespace", "", "other")) is made
