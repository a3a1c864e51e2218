"""``proj list|get|windows list``: what is printed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from gitops_tui.cli import exits, projects
from gitops_tui.cli.parser import build_parser
from gitops_tui.errors import NotFound
from gitops_tui.model.project import AppProject, parse_project, parse_windows
from gitops_tui.model.reader import Origin

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
NIGHT = {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "applications": ["*"], "timeZone": "Europe/Berlin"}
SHOP = {
    "sourceRepos": ["https://host/*", "!https://host/secret"],
    "destinations": [{"server": "*", "namespace": "shop"}],
    "syncWindows": [NIGHT, {**NIGHT, "schedule": "@daily"}],
}


def project(name: str, **spec: Any) -> AppProject:
    return parse_project({"metadata": {"name": name}, "spec": spec}, origin=Origin("projects.yaml"))


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def compared(_: Any) -> Iterator[Any]:
        found = (project("shop", **SHOP), project("team"))
        yield SimpleNamespace(projects=lambda: found, snapshot=lambda: SimpleNamespace(problems=()))

    monkeypatch.setattr(projects, "compared", compared)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    parsed = build_parser().parse_args(["proj", *words])
    commands = {"proj list": projects.run_list, "proj get": projects.run_get, "proj windows list": projects.run_windows}
    assert commands[parsed.command](parsed, SimpleNamespace()) == exits.OK
    return capsys.readouterr().out


def test_all_projects(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "list").splitlines()
    assert lines[0].split() == ["NAME", "DESCRIPTION", "DESTINATIONS", "SOURCES", "WINDOWS"]
    assert lines[1].split() == ["shop", "*,shop", "2", "entries", "2"]
    assert run(capsys, "list", "-o", "name").split() == ["shop", "team"]
    assert "projects.yaml" in run(capsys, "list", "-o", "wide")
    items = json.loads(run(capsys, "list", "-o", "json"))["items"]
    assert [(one["kind"], one["spec"]) for one in items] == [("AppProject", SHOP), ("AppProject", {})]


def test_one_project_with_what_is_wrong_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "get", "shop")
    assert "!https://host/secret" in text
    assert "cannot parse schedule '@daily'" in text
    assert json.loads(run(capsys, "get", "team", "-o", "json"))["metadata"]["name"] == "team"


def test_the_default_that_nobody_defines_is_shown_for_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(capsys, "get", "default", "-o", "json"))["spec"]["sourceRepos"] == ["*"]


def test_a_project_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        projects.run_get(argparse.Namespace(name="gone", output="table"), SimpleNamespace())


def test_windows_with_their_state(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "windows", "list", "shop").splitlines()
    assert lines[1].split()[1] in ("Active", "Inactive")
    assert lines[2].split()[1] == "Invalid"
    assert "Europe/Berlin" in lines[1]
    assert run(capsys, "windows", "list", "shop", "-o", "name").split() == ["0", "1"]


def test_a_window_as_a_document() -> None:
    window = parse_windows({"syncWindows": [NIGHT]})[0]
    found = projects.window_json(0, window, NOW)
    assert found == {**NIGHT, "id": 0, "status": "Active", "until": "2026-11-23T05:00:00+00:00"}
