"""Health by Lua scripts: which one counts, and what its answer means."""

from __future__ import annotations

import pytest

from gitops_tui.health.custom import HealthScripts, health_scripts, judge, verdict
from gitops_tui.model.resource import GroupKind
from gitops_tui.model.script import Answer, KindScripts, Script
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.model.system import Customization


def scripts(**texts: str) -> dict[str, Script]:
    return {name: Script(text) for name, text in texts.items()}


BUCKET = GroupKind("s3.aws.crossplane.io", "Bucket")


@pytest.mark.parametrize(
    ("configured", "shipped", "expected"),
    [
        ({}, {}, None),
        ({"s3.aws.crossplane.io/Bucket": "exact", "*.crossplane.io/*": "glob"}, {}, "exact"),
        ({"*.crossplane.io/*": "glob"}, {"s3.aws.crossplane.io/Bucket": "folder"}, "glob"),
        ({"*/*": "any"}, {}, "any"),
        ({"*.aws.crossplane.io/*": "first", "*.crossplane.io/*": "second"}, {}, "first"),
        ({"s3.aws.crossplane.io/*": "kinds"}, {}, "kinds"),
        ({"*.crossplane.io/Bucket": "groups"}, {}, "groups"),
        ({"s3.aws.crossplane.io/bucket": "case", "Bucket": "core", "crossplane.io/Bucket": "part"}, {}, None),
        ({}, {"s3.aws.crossplane.io/Bucket": "folder", "*.crossplane.io/*": "glob"}, "folder"),
        ({}, {"*.crossplane.io/*": "glob"}, "glob"),
    ],
)
def test_the_nearest_script_counts(configured: dict[str, str], shipped: dict[str, str], expected: str | None) -> None:
    found = HealthScripts(scripts(**configured), scripts(**shipped)).find(BUCKET)
    assert (found.text if found else None) == expected


def test_the_core_group_has_no_name() -> None:
    assert HealthScripts(scripts(Pod="pods")).find(GroupKind("", "Pod")) == Script("pods")
    assert HealthScripts(scripts(Pod="pods")).find(GroupKind("example.com", "Pod")) is None


def test_scripts_of_settings_and_of_a_folder() -> None:
    settings = {
        "example.com/Widget": Customization(health_lua="open", use_open_libs=True),
        "example.com/Plain": Customization(health_lua="closed"),
        "*/*": Customization(actions="discovery.lua: ''"),
    }
    shipped = {"example.com/Gadget": KindScripts(health=Script("shipped", True)), "Pod": KindScripts()}
    found = health_scripts(settings, shipped)
    assert found.find(GroupKind("example.com", "Widget")) == Script("open", True, "health.lua")
    assert found.find(GroupKind("example.com", "Plain")) == Script("closed", False, "health.lua")
    assert found.find(GroupKind("example.com", "Gadget")) == Script("shipped", True)
    assert found.find(GroupKind("", "Pod")) is None


def told(value: object, kind: str = "table") -> Health:
    return verdict(Answer(kind, value))


@pytest.mark.parametrize("status", [one.value for one in HealthStatus])
def test_every_status_of_argo_cd_may_be_returned(status: str) -> None:
    assert told({"status": status, "message": "why"}) == Health(HealthStatus(status), "why")
    assert told({"status": status}) == Health(HealthStatus(status))
    assert told({"Status": status, "MESSAGE": "go reads any case"}).status is HealthStatus(status)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("table", {"status": "healthy"}), "invalid health status: 'healthy'"),
        (Answer("table", {"status": ""}), "invalid health status: ''"),
        (Answer("table", {"message": "only"}), "invalid health status: None"),
        (Answer("table", {"status": 1}), "invalid health status: 1"),
        (Answer("table", {"status": "Healthy", "message": {"a": 1}}), "no text"),
        (Answer("table", ["Healthy"]), "a list"),
        (Answer("string", "Healthy"), "returned a string; expected a table"),
        (Answer("number", 1), "returned a number; expected a table"),
        (Answer("boolean", False), "returned a boolean; expected a table"),
        (Answer("function"), "returned a function; expected a table"),
        (Answer(error="health.lua:1: boom"), "health.lua failed: health.lua:1: boom"),
        (Answer(error="was stopped", is_runaway=True), "was stopped"),
    ],
)
def test_what_is_no_health_makes_unknown_and_says_so(answer: Answer, words: str) -> None:
    found = verdict(answer)
    assert found.status is HealthStatus.UNKNOWN and words in found.message


def test_a_long_message_is_cut() -> None:
    assert len(verdict(Answer(error="x" * 10000)).message) < 1100


@pytest.mark.parametrize("answer", [Answer("nil"), Answer("table", [])])
def test_a_script_that_says_nothing_holds_and_is_seen(answer: Answer) -> None:
    assert verdict(answer) == Health(HealthStatus.PROGRESSING, "health.lua said no status")


def test_the_script_sees_the_object() -> None:
    obj = {"kind": "Widget"}
    found = judge(obj, Script("s"), lambda _, values: Answer("table", {"status": values["obj"]["kind"]}))
    assert "'Widget'" in found.message
