"""Which directory is a mirror of ours; what is not is made anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gitops_tui.git import store

ROOT = Path(__file__).parents[3]
REMOTES = ("", "/a folder/manifests", "https://git.example.com/a.git?x=1#y;z", 'ssh://git@host/"quoted"\\path')


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    store.create(tmp_path / "mirror", remote="https://git.example.com/a.git")
    return tmp_path / "mirror"


@pytest.mark.parametrize("remote", REMOTES)
def test_what_was_made_is_usable(remote: str, tmp_path: Path) -> None:
    store.create(tmp_path / "mirror", remote=remote, config=(('remote "a b"', "fetch", "+refs/*:refs/*"),))
    assert store.is_usable(tmp_path / "mirror")


def test_what_a_person_adds_to_its_configuration_is_fine(mirror: Path) -> None:
    with (mirror / "config").open("a") as file:
        file.write('# a note\n[fetch]\n\tprune\n\tparallel = 2 ; two\n[url "a"]\n\tinsteadOf = b\n\tinsteadOf = c\n')
    assert store.is_usable(mirror)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bare = true", "bare = false"),
        (f"layout = {store.LAYOUT}", f"layout = {store.LAYOUT + 1}"),
        (f"layout = {store.LAYOUT}", "layout = none"),
        ("[gitops-tui]", "[other]"),
        ("[core]", "[core"),
    ],
)
def test_another_configuration_is_not(old: str, new: str, mirror: Path) -> None:
    config = mirror / "config"
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))
    assert not store.is_usable(mirror)


@pytest.mark.parametrize("part", store.PARTS)
def test_a_part_that_is_gone(part: str, mirror: Path) -> None:
    (mirror / part).rename(mirror / "elsewhere")
    assert not store.is_usable(mirror)


def test_no_text_and_no_directory(mirror: Path) -> None:
    (mirror / "config").write_bytes(b"\xff\xfe\x00")
    assert not store.is_usable(mirror)
    assert not store.is_usable(mirror / "nowhere")


def test_it_is_judged_without_gitpython(mirror: Path) -> None:
    script = "import sys; from pathlib import Path; from gitops_tui.git import store\n" \
             "assert store.is_usable(Path(sys.argv[1])) and 'git' not in sys.modules"  # fmt: skip
    subprocess.run([sys.executable, "-c", script, str(mirror)], check=True, cwd=ROOT, timeout=300)
