"""A folder of this machine, read as a commit is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_tui.errors import ManifestError, RepositoryError
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.render.directory import render_directory
from gitops_tui.render.local import LocalTree

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"


def source(**words: object) -> Source:
    return Source("https://example.com/r.git", directory=DirectorySource(**words))


def names(folder: Path, **words: object) -> list[str]:
    return [one.obj["metadata"]["name"] for one in render_directory(LocalTree(folder), source(**words)).objects]


def test_files_are_read_in_order_and_folders_where_asked(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(MANIFEST.format(name="b"))
    (tmp_path / "a.yml").write_text(MANIFEST.format(name="a"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.yaml").write_text(MANIFEST.format(name="c"))
    (tmp_path / "README").write_text("no manifest")
    assert names(tmp_path) == ["a", "b"]
    assert names(tmp_path, recurse=True) == ["a", "b", "c"]
    assert names(tmp_path, recurse=True, include="{b,sub/*}.yaml") == ["b", "c"]


def test_a_link_that_leads_out_is_refused_and_one_that_stays_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(MANIFEST.format(name="outside"))
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.yaml").write_text(MANIFEST.format(name="a"))
    (folder / "b.yaml").symlink_to("a.yaml")
    (folder / "dead.yaml").symlink_to("nowhere.yaml")
    (folder / "below").mkdir()
    (folder / "below.yaml").symlink_to("below")
    assert names(folder) == ["a", "a"]
    (folder / "c.yaml").symlink_to("../secret.yaml")
    with pytest.raises(ManifestError, match="leads out"):
        names(folder)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="cannot be read"):
        names(tmp_path / "nowhere")
