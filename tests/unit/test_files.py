"""Files that are whole or not there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gitops_tui.files import write_whole


def test_it_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "new" / "cache"
    for content in (b"one", b"two"):
        write_whole(file, content, folder_mode=0o700)
        assert file.read_bytes() == content
    assert [one.name for one in file.parent.iterdir()] == ["cache"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "cache" / "full").mkdir(parents=True)
    with pytest.raises(OSError):
        write_whole(tmp_path / "cache", b"one")
    assert [one.name for one in tmp_path.iterdir()] == ["cache"] and (tmp_path / "cache" / "full").is_dir()
