"""Rendering what git holds: the reader of a commit is a `TreeReader`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitops_tui.errors import ManifestError
from gitops_tui.git.mirror import Mirror
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.render.directory import Rendered, render_directory
from gitops_tui.render.tree import TreeReader

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"


def _git(repository: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "apps" / "below").mkdir(parents=True)
    (folder / "shared.yaml").write_text(CONFIG_MAP.format("shared"))
    (folder / "apps" / "a.yaml").write_text(CONFIG_MAP.format("a"))
    (folder / "apps" / "below" / "b.yaml").write_text(CONFIG_MAP.format("b"))
    (folder / "apps" / "link.yaml").symlink_to("../shared.yaml")
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder)
    return folder


def _commit(repository: Path) -> None:
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "change")


def _rendered(repository: Path, cache: Path) -> Rendered:
    mirror = Mirror.open(str(repository), cache_root=cache)
    try:
        mirror.fetch()
        reader: TreeReader = mirror.reader(mirror.resolve("main"))
        return render_directory(reader, Source(str(repository), path="apps", directory=DirectorySource(recurse=True)))
    finally:
        mirror.close()


def test_a_commit_is_rendered_with_its_links(repository: Path, tmp_path: Path) -> None:
    found = _rendered(repository, tmp_path / "cache")
    assert [(one.obj["metadata"]["name"], one.file) for one in found.objects] == [
        ("a", "apps/a.yaml"),
        ("b", "apps/below/b.yaml"),
        ("shared", "apps/link.yaml"),
    ]


@pytest.mark.parametrize("target", ["nowhere.yaml", "below"])
def test_a_link_to_no_file_of_the_commit_is_left_out(repository: Path, tmp_path: Path, target: str) -> None:
    (repository / "apps" / "dead.yaml").symlink_to(target)
    _commit(repository)
    found = _rendered(repository, tmp_path / "cache")
    assert [one.file for one in found.objects] == ["apps/a.yaml", "apps/below/b.yaml", "apps/link.yaml"]
    assert found.warnings == ("apps/dead.yaml: a symbolic link that leads to no file is left out",)


@pytest.mark.parametrize("target", ["below/b.yaml/nowhere.yaml", "../vendor/x.yaml"])
def test_a_link_through_what_is_no_directory_is_an_error(repository: Path, tmp_path: Path, target: str) -> None:
    """Below a submodule there may well be a file: leaving it out would have its objects pruned."""
    (repository / "apps" / "lost.yaml").symlink_to(target)
    (repository / "vendor").mkdir()
    head = subprocess.run(("git", "-C", repository, "rev-parse", "HEAD"), check=True, capture_output=True, text=True)
    submodule = f"160000,{head.stdout.strip()},vendor"
    subprocess.run(("git", "-C", repository, "update-index", "--add", "--cacheinfo", submodule), check=True)
    _commit(repository)
    with pytest.raises(ManifestError, match="no directory"):
        _rendered(repository, tmp_path / "cache")


def test_a_link_out_of_the_repository_is_refused(repository: Path, tmp_path: Path) -> None:
    (repository / "apps" / "secret.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "secret.yaml").write_text(CONFIG_MAP.format("secret"))
    _commit(repository)
    with pytest.raises(ManifestError, match="symbolic link") as caught:
        _rendered(repository, tmp_path / "cache")
    assert caught.value.file == "apps/secret.yaml"
