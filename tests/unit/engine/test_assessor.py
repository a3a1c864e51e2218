"""Which rule judges a live object, and how often a script runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitops_tui.engine.assessor import MAX_STOPS, REST_S, Assessor
from gitops_tui.model.resource import Object
from gitops_tui.model.script import Answer, KindScripts, Script
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.model.system import Customization

HEALTHY = Answer("table", {"status": "Healthy", "message": "by script"})
BY_SCRIPT = Health(HealthStatus.HEALTHY, "by script")


class Lua:
    """Counts what it was asked, and answers with the next of ``answers``, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers or [HEALTHY])
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, script: Script, values: Mapping[str, Any]) -> Answer:
        self.asked.append((script.text, values["obj"]))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def made(kind: str = "Widget", group: str = "example.com", uid: str = "1", version: str = "1", **more: Any) -> Object:
    metadata = {"name": "one", "uid": uid, "resourceVersion": version, **more.pop("metadata", {})}
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": metadata, **more}


def widgets(text: str = "s") -> Mapping[str, Customization]:
    return {"example.com/Widget": Customization(health_lua=text)}


def assessor(lua: Lua, customizations: Mapping[str, Customization] | None = None, **more: Any) -> Assessor:
    found = widgets() if customizations is None else customizations
    return Assessor(lambda: found, run=lua, **more)


def test_a_script_is_asked_before_the_built_in_rule() -> None:
    lua = Lua()
    services = {"Service": Customization(health_lua="of services")}
    assert assessor(lua, services)(made("Service", "")) == BY_SCRIPT
    assert assessor(lua, {})(made("Service", "")) == Health(HealthStatus.HEALTHY)
    assert assessor(lua, {})(made()) is None
    assert [text for text, _ in lua.asked] == ["of services"]


def test_an_object_that_is_deleted_is_pending_whatever_its_script_says() -> None:
    lua = Lua()
    gone = made(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert assessor(lua)(gone) == Health(HealthStatus.PROGRESSING, "Pending deletion")
    assert not lua.asked
    hook = made(
        metadata={"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["argocd.argoproj.io/hook-finalizer"]}
    )
    assert assessor(lua)(hook) == BY_SCRIPT


def test_scripts_of_the_folder_come_after_those_of_the_settings() -> None:
    lua = Lua()
    shipped = {
        "example.com/Widget": KindScripts(health=Script("shipped", True)),
        "*.other.com/*": KindScripts(health=Script("for all", True)),
    }
    judge = assessor(lua, shipped=shipped)
    judge(made())
    judge(made("Gadget", "sub.other.com", uid="2"))
    assert [text for text, _ in lua.asked] == ["s", "for all"]


def test_a_script_runs_once_for_one_version_of_an_object() -> None:
    lua = Lua()
    judge = assessor(lua)
    for _ in range(3):
        assert judge(made()) == BY_SCRIPT
    judge(made(version="2"))
    judge(made(uid="2"))
    assert len(lua.asked) == 3


@pytest.mark.parametrize("missing", ["uid", "version"])
def test_what_has_no_version_is_judged_each_time(missing: str) -> None:
    lua = Lua()
    judge = assessor(lua)
    for _ in range(2):
        judge(made(**{missing: ""}))
    assert len(lua.asked) == 2


def test_other_settings_are_another_edition() -> None:
    lua = Lua()
    settings = [widgets("first")]
    judge = Assessor(lambda: settings[-1], run=lua)
    before = judge.edition
    judge(made())
    assert judge.edition is before
    settings.append(widgets("second"))
    assert judge.edition is not before
    judge(made())
    assert [text for text, _ in lua.asked] == ["first", "second"]


RUNAWAY = Answer(error="was stopped: it used more than 1 s of CPU time", is_runaway=True)


def test_a_script_that_is_stopped_again_and_again_rests() -> None:
    lua, now = Lua(RUNAWAY), [0.0]
    judge = assessor(lua, clock=lambda: now[0])
    for number in range(MAX_STOPS + 5):
        found = judge(made(uid=str(number)))
        assert found is not None and found.status is HealthStatus.UNKNOWN and "stopped" in found.message
    assert len(lua.asked) == MAX_STOPS
    now[0] += REST_S
    judge(made(uid="later"))
    judge(made(uid="again"))
    assert len(lua.asked) == MAX_STOPS + 1


def test_one_that_ends_by_itself_does_not_rest() -> None:
    lua = Lua(RUNAWAY, RUNAWAY, HEALTHY, RUNAWAY, RUNAWAY, HEALTHY)
    judge = assessor(lua, clock=lambda: 0.0)
    found = [judge(made(uid=str(number))) for number in range(8)]
    assert len(lua.asked) == 8
    assert found[-1] == BY_SCRIPT


def test_a_stopped_script_is_not_run_again_for_the_same_object() -> None:
    lua = Lua(RUNAWAY)
    judge = assessor(lua)
    assert judge(made()) == judge(made())
    assert len(lua.asked) == 1
