"""A folder of customisations in Argo CD's layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_tui.errors import ConfigError
from gitops_tui.lua.folder import read_folder
from gitops_tui.model.script import Script


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_scripts_are_found_by_group_and_kind(tmp_path: Path) -> None:
    found = read_folder(
        write(
            tmp_path,
            {
                "README.md": "",
                "embed.go": "",
                "example.com/Widget/health.lua": "return 1",
                "example.com/Widget/health_test.yaml": "tests: []",
                "example.com/Widget/testdata/healthy.yaml": "kind: Widget",
                "example.com/Widget/actions/discovery.lua": "return 2",
                "example.com/Widget/actions/polish/action.lua": "return 3",
                "example.com/Widget/actions/testdata/one.yaml": "kind: Widget",
                "Pod/health.lua": "return 4",
                "_.crossplane.io/_/health.lua": "return 5",
            },
        )
    )
    assert sorted(found) == ["*.crossplane.io/*", "Pod", "example.com/Widget"]
    widget = found["example.com/Widget"]
    assert widget.health == Script("return 1", open_libs=True, name="health.lua")
    assert widget.discovery == Script("return 2", open_libs=True, name="discovery.lua")
    assert widget.actions == {"polish": Script("return 3", open_libs=True, name="action.lua")}
    assert found["Pod"].health is not None and found["Pod"].actions == {}


@pytest.mark.parametrize("content", [b"\xff", b"x" * (1024 * 1024 + 1)])
def test_what_cannot_be_read_names_the_place(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, {"example.com/Widget/health.lua": ""})
    (tmp_path / "example.com/Widget/health.lua").write_bytes(content)
    with pytest.raises(ConfigError, match=tmp_path.name):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        read_folder(tmp_path / "none")
