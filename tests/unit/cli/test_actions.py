"""``app actions``: which objects are meant, and what is printed of their actions."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gitops_tui.cli import actions
from gitops_tui.cli.main import main
from gitops_tui.errors import ActionError
from gitops_tui.model.action import Action, ActionParameter
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Outcome
from gitops_tui.model.resource import ResourceKey
from tests.tui import world
from tests.tui.fake import FakeCore, done, failed

AUTH = AppKey("argocd", "auth-service")


class Core(FakeCore):
    """Deployments have actions; Services have a script that does not work."""

    def actions(self, app: AppKey, key: ResourceKey) -> Any:
        if key.kind == "Service":
            return failed(ActionError("discovery.lua failed: boom"))
        found = (
            Action("restart"),
            Action("resume", disabled=True, reason="it is not paused"),
            Action("scale", parameters=(ActionParameter("replicas", "3"),)),
        )
        return done(found if key.kind == "Deployment" else ())

    def run_action(self, app: AppKey, key: ResourceKey, name: str, parameters: Any) -> Any:
        self.calls.append(("run_action", app, key, name, dict(parameters)))
        return done(Outcome(True, f"{name} on {key.short}: done"))


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    found = Core()

    @contextmanager
    def compared(options: object, **_: object) -> Iterator[Core]:
        yield found

    monkeypatch.setattr(actions, "compared", compared)
    return found


def test_actions_are_listed_and_a_broken_script_is_told(core: Core, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["app", "actions", "list", "auth-service"]) == 0
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["GROUP", "KIND", "NAME", "ACTION", "DISABLED"]
    assert ["apps", "Deployment", "auth-service", "resume", "true"] in lines
    assert "boom" in err or not any(one.key.kind == "Service" for one in world.auth_service().resources)


def test_other_forms(core: Core, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["app", "actions", "list", "auth-service", "--kind", "Deployment", "-o"]
    main([*words, "wide"])
    wide = capsys.readouterr().out
    assert "replicas=3" in wide and "it is not paused" in wide
    main([*words, "json"])
    found = json.loads(capsys.readouterr().out)
    assert [one["Action"] for one in found] == ["restart", "resume", "scale"]
    assert found[1]["Disabled"] is True and found[2]["Parameters"] == [{"Name": "replicas", "Default": "3"}]
    main([*words, "name"])
    assert "apps:Deployment:auth/auth-service restart" in capsys.readouterr().out.splitlines()


def test_an_action_is_run_with_its_parameters(core: Core, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["app", "actions", "run", "auth-service", "scale", "--kind", "Deployment", "--param", "replicas=5"]
    assert main(words) == 0
    assert core.asked("run_action") == [(AUTH, world.AUTH_DEPLOYMENT, "scale", {"replicas": "5"})]
    assert "scale on Deployment/auth-service: done" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--kind", "Nothing"], 20, "no object"),
        ([], 20, "match"),
        (["--kind", "Deployment", "--group", ""], 20, "no object"),
        (["--kind", "Deployment", "--resource-namespace", "other"], 20, "no object"),
        (["--kind", "Deployment", "--param", "replicas"], 2, "NAME=VALUE"),
        (["--kind", "Deployment", "--param", "=3"], 2, "NAME=VALUE"),
    ],
)
def test_what_cannot_be_meant(
    core: Core, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str
) -> None:
    assert main(["app", "actions", "run", "auth-service", "restart", *words]) == code
    assert told in capsys.readouterr().err
    assert not core.asked("run_action")


def matching(**given: Any) -> list[str]:
    flags = {"group": None, "kind": None, "resource_name": None, "resource_namespace": None, "all": True, **given}
    return [key.kind for key in actions._meant(world.auth_service(), argparse.Namespace(**flags))]


def test_all_of_one_kind_and_only_of_one_group() -> None:
    assert set(matching(kind="Deployment")) == {"Deployment"}
    with pytest.raises(Exception, match="several groups"):
        matching()
