"""What the check of the pictures sees, and what it overlooks on purpose."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts" / "screenshots.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def picture(text: str) -> str:
    console = Console(width=40, record=True, file=io.StringIO(), force_terminal=True)
    console.print(text, highlight=False)
    return console.export_svg(title="t")


def test_the_text_of_a_picture_is_what_was_drawn(script: ModuleType) -> None:
    assert script.text_of(picture("│ [red]a[/] & <b>\n│   c")) == "│ a & <b>\n│   c"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("git 38 s ago · api 4 ms", "git 2 min ago · api 12 ms"),
        ("HEAD @ b3a9cf5 first", "HEAD @ 0123abc first"),
        ("as of 02:43 ──────", "as of 2026-11-22 14:01 ──"),
    ],
)
def test_what_moves_by_itself_is_no_difference(script: ModuleType, before: str, after: str) -> None:
    assert script.stable(before) == script.stable(after)


@pytest.mark.parametrize(
    ("before", "after"), [("✗1 !3", "✗1 !4"), ("legacy → oidc", "oidc → legacy"), ("Heal 1 object", "Heal 1")]
)
def test_what_the_product_does_is_a_difference(script: ModuleType, before: str, after: str) -> None:
    assert script.stable(before) != script.stable(after)


def test_a_picture_that_is_missing_or_old_is_told(script: ModuleType, tmp_path: Path) -> None:
    script.FOLDER, before = tmp_path, script.FOLDER
    try:
        assert script.check({"a": picture("one")}) == ["a.svg or its PNG is missing"]
        (tmp_path / "a.svg").write_text(picture("one"), encoding="utf-8")
        (tmp_path / "a.png").write_bytes(b"")
        assert script.check({"a": picture("one")}) == []
        told = script.check({"a": picture("two")})
        assert "-one" in told[0]
        assert "+two" in told[0]
    finally:
        script.FOLDER = before


def test_every_picture_is_there_and_in_the_readme(script: ModuleType) -> None:
    names = {shot.name for shot in script.SHOTS}
    assert {path.stem for path in (ROOT / "screenshots").iterdir()} == names
    assert set(re.findall(r"screenshots/(\w+)\.png", README)) == names


def test_no_picture_loads_anything(script: ModuleType) -> None:
    for shot in script.SHOTS:
        svg = (ROOT / "screenshots" / f"{shot.name}.svg").read_text(encoding="utf-8")
        assert "url(http" not in svg
        assert "@font-face" not in svg
