"""Where the folder of Lua customisations is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_tui.cli.settings import parse_settings
from gitops_tui.errors import ConfigError


def test_a_relative_folder_is_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "lua").mkdir()
    file = str(tmp_path / "config.yaml")
    assert parse_settings(b"customizations: lua", file).customizations == (tmp_path / "lua").resolve()
    assert parse_settings(f"customizations: {tmp_path}".encode(), file).customizations == tmp_path.resolve()
    assert parse_settings(b"", file).customizations is None


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"customizations: .*/none: no such folder"):
        parse_settings(b"customizations: none", str(tmp_path / "config.yaml"))
