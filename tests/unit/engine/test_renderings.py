"""Renderings that outlive the program: the same content is read back as it was, and nothing else ever is."""

from __future__ import annotations

import math
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitops_tui.engine import renderings as module
from gitops_tui.engine.renderings import Renderings
from gitops_tui.manifest.decode import decode
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.render.directory import Rendered, RenderedObject

SOURCE = Source("https://git.example.com/shop", path="apps/web")
CONTENT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Kitchen:
    """Renders, and counts how often."""

    def __init__(self, **fields: Any) -> None:
        self.times = 0
        self.made = Rendered((RenderedObject({"kind": "ConfigMap", **fields}, "a.yaml", 0, 3),), ("a.yaml",), ("w",))

    def __call__(self) -> Rendered:
        self.times += 1
        return self.made


def test_the_next_start_reads_what_this_one_made(tmp_path: Path) -> None:
    kitchen = Kitchen(data={"a": "1"})
    assert Renderings(tmp_path).of(CONTENT, SOURCE, kitchen) is kitchen.made
    found = Renderings(tmp_path).of(CONTENT, SOURCE, kitchen)
    assert found == kitchen.made and kitchen.times == 1


def test_yaml_comes_back_as_it_was_read(tmp_path: Path) -> None:
    text = """\
kind: Widget
empty: null
yes: [true, False, 0, -7, 9223372036854775807, 1.5, 1e3, 0.1, "1.0", '', "\\u2028é𝄞"]
same: &one {a: {b: [1]}}
again: *one
"""
    (document,) = decode(text.encode(), file="a.yaml")
    kitchen = Kitchen(**document.obj)
    Renderings(tmp_path).of(CONTENT, SOURCE, kitchen)
    (found,) = Renderings(tmp_path).of(CONTENT, SOURCE, kitchen).objects
    assert kitchen.times == 1

    def typed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: typed(one) for key, one in value.items()}
        return [typed(one) for one in value] if isinstance(value, list) else (type(value), value)

    assert typed(found.obj) == typed(kitchen.made.objects[0].obj)


@pytest.mark.parametrize("value", [2**70, "\ud800"])
def test_what_has_no_such_form_is_made_at_each_start(tmp_path: Path, value: Any) -> None:
    kitchen = Kitchen(value=value)
    for times in (1, 2):
        assert Renderings(tmp_path).of(CONTENT, SOURCE, kitchen).objects[0].obj["value"] == value
        assert kitchen.times == times
    assert not list(tmp_path.iterdir())


def test_infinity_is_kept(tmp_path: Path) -> None:
    Renderings(tmp_path).of(CONTENT, SOURCE, Kitchen(value=math.inf))
    assert Renderings(tmp_path).of(CONTENT, SOURCE, Kitchen()).objects[0].obj["value"] == math.inf


@pytest.mark.parametrize(
    ("content", "source"),
    [
        ("another", SOURCE),
        (CONTENT, replace(SOURCE, path="apps/other")),
        (CONTENT, replace(SOURCE, directory=DirectorySource(recurse=True))),
    ],
)
def test_another_content_or_source_is_another_rendering(tmp_path: Path, content: str, source: Source) -> None:
    Renderings(tmp_path).of(CONTENT, SOURCE, Kitchen())
    other = Kitchen(other="1")
    assert Renderings(tmp_path).of(content, source, other) == other.made and other.times == 1


def test_what_another_version_made_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kitchen = Kitchen()
    Renderings(tmp_path).of(CONTENT, SOURCE, kitchen)
    monkeypatch.setattr(module, "_maker", lambda: "another")
    Renderings(tmp_path).of(CONTENT, SOURCE, kitchen)
    assert kitchen.times == 2


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x93\x90", b"\x80"])
def test_a_file_that_is_broken_is_made_anew(tmp_path: Path, content: bytes) -> None:
    kitchen = Kitchen()
    Renderings(tmp_path).of(CONTENT, SOURCE, kitchen)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert Renderings(tmp_path).of(CONTENT, SOURCE, kitchen) == kitchen.made
    assert kitchen.times == 2
    assert Renderings(tmp_path).of(CONTENT, SOURCE, kitchen) == kitchen.made
    assert kitchen.times == 2, "it was written anew"


def test_forgotten_here_is_forgotten_on_disk(tmp_path: Path) -> None:
    kitchen, found = Kitchen(), Renderings(tmp_path)
    found.of(CONTENT, SOURCE, kitchen)
    found.forget()
    found.of(CONTENT, SOURCE, kitchen)
    assert kitchen.times == 2


def test_only_the_owner_reads_it_and_only_some_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ON_DISK", 2)
    folder, times = tmp_path / "rendered", [3, 1, 2]
    for number, at in enumerate(times):
        Renderings(folder).of(str(number), SOURCE, Kitchen(number=number))
        newest = max(folder.iterdir(), key=lambda one: one.stat().st_mtime_ns)
        os.utime(newest, (at, at))
    Renderings(folder).of("new", SOURCE, Kitchen())
    files = list(folder.iterdir())
    assert len(files) == 2 and all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in files)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    first = Kitchen()
    assert Renderings(folder).of("0", SOURCE, first).objects[0].obj["number"] == 0 and not first.times


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kitchen = Kitchen()
    assert Renderings(tmp_path / "file" / "rendered").of(CONTENT, SOURCE, kitchen) == kitchen.made
