"""What a session says of kinds that cannot be read: a list that failed is not an empty one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.cluster.cache import KindState
from gitops_tui.engine.session import Session


def session(state: KindState, *objects: dict[str, Any], is_known: bool = True) -> Session:
    cache = SimpleNamespace(state=lambda *_: state, objects=lambda *_: list(objects))
    discovery = SimpleNamespace(find=lambda *_: object() if is_known else None)
    connection = SimpleNamespace(context="kind")
    parts = {"connection": connection, "reader": None, "discovery": discovery, "cache": cache}
    return Session(**cast(Any, parts), schemas=cast(Any, None), dry_run=cast(Any, None), writer=None)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (session(KindState("synced")), ""),
        (session(KindState("loading")), "Widgets have not been listed yet"),
        (session(KindState("loading", "timed out")), "Widgets have not been listed yet: timed out"),
        (session(KindState("failing", "etcd: no leader")), "Widgets could not be listed: etcd: no leader"),
        (session(KindState("failing", "etcd: no leader"), {"kind": "Widget"}), ""),
        (session(KindState("loading"), {"kind": "Widget"}), ""),
        (session(KindState("restricted", "no right")), "Widgets may not be listed: no right"),
        (session(KindState("unknown"), is_known=False), "kind has no Widget resource (example.com)"),
    ],
)
def test_why_a_kind_is_not_readable(found: Session, expected: str) -> None:
    assert found.why_not_readable("example.com", "Widget") == expected
