"""Text that somebody outside wrote reaches no terminal raw, loses no information, and crashes nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.strip import Strip

from gitops_tui.model.snapshot import CommitView, EventView, LogLine, Problem, Snapshot, SourceView
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.tui.text import clean, plain, to_ascii
from tests.tui import world
from tests.tui.conftest import Seated, Start
from tests.tui.fake import FakeCore
from tests.tui.hostile import HOSTILE, hostile_app

BAD = " ".join(HOSTILE[:5])


@given(st.text())
def test_nothing_unsafe_survives(text: str) -> None:
    for char in clean(text):
        assert unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Cs")


@given(st.text())
def test_ascii_is_ascii(text: str) -> None:
    assert to_ascii(clean(text)).isascii()


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_text(text: str) -> None:
    assert plain(text).spans == []
    assert "\x1b" not in plain(text).plain
    assert len(plain(text).plain) < 5000


def test_brackets_are_kept() -> None:
    assert clean(HOSTILE[1]) == HOSTILE[1]
    assert clean("one\ntwo") == "one↵two"


def hostile_core() -> FakeCore:
    made = world.snapshot(hostile_app())
    cluster = replace(made.cluster, name=BAD, message=BAD, stale_since=world.ago(minutes=4))
    newest: Snapshot = replace(
        made,
        cluster=cluster,
        sources=(SourceView(BAD, world.NOW, error=BAD),),
        problems=(Problem(BAD, BAD, BAD),),
        mode_reason=BAD,
        journal=tuple(replace(one, text=BAD) for one in made.journal),
    )
    commit = replace(world.RAISE_TTL, subject=BAD, author_name=BAD)
    pod = world.key("Pod", BAD, "auth")
    node = replace(world.tree()[0], key=pod, status=BAD, health=Health(HealthStatus.DEGRADED, BAD))
    return FakeCore(
        newest=newest,
        commits_shown=(CommitView(commit, (BAD,)),),
        events_shown=(EventView(world.NOW, "Warning", BAD, BAD, pod, 2, BAD),),
        tree_shown=(node,),
        log=(LogLine(BAD, BAD, BAD), LogLine("b", "c", HOSTILE[5])),
        patch=BAD,
        running=(replace(world.auth_service().key, name=BAD),),
        errors=[RuntimeError(BAD)],
    )


def check(cockpit: Seated) -> None:
    for strip in cockpit.app.screen._compositor.render_strips():
        assert isinstance(strip, Strip)
        for segment in strip:
            for char in segment.text:
                assert unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"), repr(segment.text)


WAYS = (
    ("1",),
    ("2",),
    ("3", "enter"),
    ("4", "enter"),
    ("d", "d"),
    ("o",),
    ("y",),
    ("e",),
    ("l",),
    ("W",),
    ("x",),
    ("p",),
    ("q",),
    ("c",),
    ("r",),
    ("s",),
    ("H", "tab", "enter"),
    ("question_mark",),
    ("colon", "d", "e", "n"),
)
"""Keys that lead into every pane, screen and question; esc leads back."""


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 20)])
async def test_every_widget(seat: Start, size: tuple[int, int]) -> None:
    async with seat(size, core=hostile_core()) as cockpit:
        check(cockpit)
        for keys in WAYS:
            for key in keys:
                await cockpit.press(key)
                check(cockpit)
            while len(cockpit.app.screen_stack) > 1:
                await cockpit.press("escape")
            await cockpit.press("escape", "g")


async def test_the_wall(seat: Start) -> None:
    async with seat((120, 40), core=hostile_core(), wall=True) as cockpit:
        check(cockpit)


async def test_a_toast(seat: Start) -> None:
    async with seat() as cockpit:
        cockpit.app.tell_error(RuntimeError(BAD))
        await cockpit.settle()
        check(cockpit)
        assert "[red]spec.x[/red]" in cockpit.toasts()
