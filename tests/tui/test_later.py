"""Screens that are imported after the first one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gitops_tui.tui.screens.frame import Frame
from gitops_tui.tui.views import VIEWS, view_class
from tests.tui.conftest import Start

ROOT = Path(__file__).parents[2]
IMPORT = """
import sys
from gitops_tui.tui import app, views
assert not set(views.LATER) & set(sys.modules)
views.import_the_rest().join()
assert set(views.LATER) <= set(sys.modules)
assert views.import_the_rest() is None
"""


def test_the_rest_is_imported_once() -> None:
    subprocess.run([sys.executable, "-c", IMPORT], check=True, cwd=ROOT, timeout=300)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_found_by_its_name(name: str) -> None:
    assert isinstance(view_class(name), type) and issubclass(view_class(name), Frame)


async def test_it_is_imported_while_the_first_screen_stands(seat: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("gitops_tui.tui.app.import_the_rest", lambda: asked.append(True))
    async with seat() as cockpit:
        cockpit.app._tick()
        assert asked
