"""``why``: what is printed for people and for programs, from a snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.cli import why
from gitops_tui.cli.options import read_options
from gitops_tui.cli.parser import build_parser
from gitops_tui.errors import GitOpsError
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.operation import Operation, OperationState
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import OperationPhase
from tests.tui import world
from tests.tui.fake import done

NOW = datetime(2026, 11, 8, 14, 2, tzinfo=UTC)
AUTH = world.AUTH_DEPLOYMENT
FIELD = Decision(Code.FIELD, {"fields": ("spec.x",), "git": "1", "live": "2"}, (AUTH,))
DEPLOYED = Decision(Code.DEPLOYED, {"revision": "r1"})


def explained() -> AppView:
    view = world.auth_service()
    ended = OperationState(Operation("r1"), OperationPhase.SUCCEEDED, "successfully synced", finished_at=NOW)
    comes = Decision(Code.BACKING_OFF, {"attempts": 2, "revision": "r1"}, next_at=NOW + timedelta(minutes=59))
    own = (Decision(Code.OBSERVING), Decision(Code.NEXT_POLL, {"repository": "r"}))
    log = tuple(Logged(DEPLOYED, NOW - timedelta(hours=n), NOW - timedelta(hours=n)) for n in range(1, 4))
    told = Logged(Decision(Code.OBSERVING), NOW, NOW)
    return replace(view, why=(*view.why, comes, FIELD, *own), log=(told, *log), operation=ended)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    @contextmanager
    def compared(options: Any, **words: Any) -> Iterator[Any]:
        known = done({(0, "b" * 40): "c" * 40})
        yield SimpleNamespace(snapshot=lambda: world.snapshot(explained()), path_commits=lambda _app: known)

    monkeypatch.setattr(why, "compared", compared)
    monkeypatch.setattr(why, "_now", lambda: NOW)

    def run(*words: str) -> str:
        parsed = build_parser().parse_args(["why", "auth-service", *words])
        assert why.run_why(parsed, read_options(parsed)) == 0
        return capsys.readouterr().out

    return run


def test_sections_for_people(run: Any) -> None:
    lines = [line.rstrip() for line in run().splitlines()]
    assert lines[0].startswith("argocd/auth-service  OutOfSync, Drifted, Healthy")
    headings = ["Now", "Next", "Log", "As recorded"]
    assert [line for line in lines if line in headings] == headings
    assert "  OutOfSync because 1 of 4 objects differ from Git" in lines
    assert any(line.startswith("  The next self-heal waits: 2 so far on r1 · in 59 min") for line in lines)
    assert sum("Deployed r1" in line for line in lines) == 3
    assert any("operationState: Succeeded: successfully synced" in line for line in lines)


def test_what_concerns_only_a_running_instance_is_left_out(run: Any) -> None:
    assert "observes" not in run("-o", "json")
    assert "is asked for new commits" not in run()


def test_only_about_one_object_and_then_field_by_field(run: Any) -> None:
    assert "Field spec.x" not in run()
    text = run("--resource", "deployment/auth-service")
    assert "Field spec.x: Git has 1, the cluster 2" in text and "OutOfSync because" not in text
    with pytest.raises(GitOpsError, match="has no object"):
        run("--resource", "Service/nothing")


def test_the_log_is_cut_by_age_and_number(run: Any) -> None:
    assert run("--limit", "2").count("Deployed r1") == 2
    assert run("--since", "90m").count("Deployed r1") == 1


def test_codes_and_facts_for_programs(run: Any) -> None:
    found = json.loads(run("-o", "json"))
    first = found["answers"][0]
    assert (first["section"], first["code"], first["facts"]) == ("now", "out-of-sync", {"count": 1, "total": 4})
    comes = next(one for one in found["answers"] if one["code"] == "backing-off")
    assert datetime.fromisoformat(comes["nextAt"]) > NOW
    assert found["recorded"]["operationState"]["phase"] == "Succeeded"
    assert [one["code"] for one in found["log"]] == ["deployed"] * 3
    assert "recorded" in found["note"] or "status records" in found["note"]


def test_wide_names_the_codes(run: Any) -> None:
    assert "out-of-sync  OutOfSync because" in run("-o", "wide")


def test_the_past_is_told_by_the_commits_of_the_applications_own_path(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = Logged(Decision(Code.DEPLOYED, {"revision": "b" * 40}), NOW, NOW)
    view = replace(explained(), log=(deployed,))
    monkeypatch.setitem(globals(), "explained", lambda: view)
    assert "Deployed ccccccc" in run()
    assert json.loads(run("-o", "json"))["log"][0]["facts"]["revision"] == "b" * 40, "documents are exact"
