"""From a plan to a person's yes: what is asked, and what counts as an answer."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from gitops_tui.cli import deletions, planned
from gitops_tui.errors import OperationError
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Plan, PlanKind
from tests.tui import world

PHRASE = "delete 1 object"
Says = Callable[[str], None]


def plan(*, must_type: str = PHRASE) -> Plan:
    app = AppKey("argocd", "shop")
    return Plan(
        1, PlanKind.SYNC, (app,), "kind", ("shop",), {app: ("a" * 40,)}, {}, (), datetime.now(UTC),
        must_type=must_type, must_type_reason="web deletes Namespace/web" if must_type else "",
    )  # fmt: skip


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Says:
    """What a person at a terminal types."""

    def says(text: str) -> None:
        for module in (planned, deletions):
            monkeypatch.setattr(module, "is_interactive", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))

    return says


@pytest.mark.parametrize(
    ("typed", "is_agreed"), [(PHRASE, True), (f" {PHRASE} ", True), ("delete", False), ("y", False), ("", False)]
)
def test_what_must_be_typed_ends_the_line_that_asks_for_it(
    typed: str, is_agreed: bool, says: Says, capsys: pytest.CaptureFixture[str]
) -> None:
    says(typed)
    assert (planned.approve(plan(), ask=False, yes=True, yes_prune=None) is not None) is is_agreed
    assert f"web deletes Namespace/web. To go on, type exactly: {PHRASE}\n" in capsys.readouterr().err


def test_yes_is_no_answer_to_what_must_be_typed() -> None:
    with pytest.raises(OperationError, match="a person must agree"):
        planned.approve(plan(), ask=True, yes=True, yes_prune=None)
    assert planned.approve(plan(must_type=""), ask=True, yes=True, yes_prune=None) is not None


def test_a_deletion_asks_for_the_name_and_counts_the_objects(says: Says, capsys: pytest.CaptureFixture[str]) -> None:
    view = world.auth_service()
    for found, told in ((view.resources, f"its {len(view.resources)} objects"), (view.resources[:1], "its 1 object")):
        says("auth-service")
        assert deletions._is_agreed(replace(view, resources=found), cascade=True)
        expected = f"This deletes auth-service and {told}. To go on, type exactly: auth-service\n"
        assert capsys.readouterr().err == expected
