"""Fetching: what counts as changed, HEAD, the cache's accidents, two processes, the user's own configuration."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_tui.errors import AuthRequired, RepositoryError, RevisionNotFound
from gitops_tui.git.mirror import Mirror
from gitops_tui.git.process import Progress
from tests.unit.git.conftest import Clone

OpenMirror = Callable[[str], Mirror]


def test_first_fetch_changes_everything_and_the_second_nothing(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a.yaml": "a: 1\n"})
    seen: list[Progress] = []
    assert mirror.fetch(seen.append).changed_refs == ("HEAD", "refs/heads/main")
    assert seen and seen[-1].percent == 100
    assert mirror.fetch().changed_refs == ()


def test_open_asks_no_remote(open_mirror: OpenMirror, tmp_path: Path) -> None:
    mirror = open_mirror(f"file://{tmp_path}/nowhere.git")
    with pytest.raises(RevisionNotFound, match="empty"):
        mirror.resolve("HEAD")
    with pytest.raises(RepositoryError, match=r"nowhere\.git") as caught:
        mirror.fetch()
    assert caught.value.hint


def test_an_empty_remote_is_no_failure(clone: Clone, mirror: Mirror) -> None:
    assert mirror.fetch().changed_refs == ()
    with pytest.raises(RevisionNotFound, match="empty"):
        mirror.resolve("HEAD")
    sha = clone.commit("one")
    mirror.fetch()
    assert mirror.resolve("HEAD") == sha


def test_branches_move_go_and_are_forced(clone: Clone, mirror: Mirror) -> None:
    first = clone.commit("one", {"a": "1"})
    second = clone.commit("two", {"a": "2"})
    clone.git("push", "--quiet", "origin", "HEAD:refs/heads/gone")
    mirror.fetch()
    clone.git("push", "--quiet", "origin", ":refs/heads/gone")
    clone.git("reset", "--quiet", "--hard", first)
    forced = clone.commit("other two", {"a": "3"})
    assert mirror.fetch().changed_refs == ("refs/heads/gone", "refs/heads/main")
    assert mirror.resolve("main") == forced
    assert mirror.commit(second).subject == "two"
    with pytest.raises(RevisionNotFound):
        mirror.resolve("gone")


def test_a_branch_may_become_a_folder_of_branches(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one")
    clone.git("push", "--quiet", "origin", "HEAD:refs/heads/team")
    mirror.fetch()
    clone.git("push", "--quiet", "origin", ":refs/heads/team", "HEAD:refs/heads/team/a")
    assert mirror.fetch().changed_refs == ("refs/heads/team", "refs/heads/team/a")


def test_the_default_branch_is_followed(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one")
    mirror.fetch()
    clone.git("checkout", "--quiet", "-b", "trunk")
    sha = clone.commit("two")
    mirror.fetch()
    clone.git("--git-dir", str(clone.remote), "symbolic-ref", "HEAD", "refs/heads/trunk")
    assert mirror.fetch().changed_refs == ("HEAD",)
    assert mirror.resolve("HEAD") == sha


def test_a_head_that_names_nothing_is_not_guessed(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one")
    clone.git("--git-dir", str(clone.remote), "symbolic-ref", "HEAD", "refs/heads/nothing")
    mirror.fetch()
    with pytest.raises(RevisionNotFound, match="HEAD") as caught:
        mirror.resolve("HEAD")
    assert "main" in caught.value.hint


def test_a_detached_head_is_a_commit(clone: Clone, mirror: Mirror) -> None:
    sha = clone.commit("one")
    clone.commit("two")
    clone.git("--git-dir", str(clone.remote), "update-ref", "--no-deref", "HEAD", sha)
    mirror.fetch()
    assert mirror.resolve("HEAD") == sha
    assert mirror.fetch().changed_refs == ()


def test_another_mirror_of_the_same_cache_does_not_swallow_a_change(clone: Clone, open_mirror: OpenMirror) -> None:
    clone.commit("one")
    left, right = open_mirror(clone.url), open_mirror(clone.url)
    left.fetch()
    right.fetch()
    sha = clone.commit("two")
    assert left.fetch().changed_refs == ("refs/heads/main",)
    assert right.fetch().changed_refs == ("refs/heads/main",)
    assert right.resolve("main") == sha


_FETCHER = """
import sys
from pathlib import Path
from gitops_tui.git.mirror import Mirror
for _ in range(5):
    mirror = Mirror.open(sys.argv[1], cache_root=Path(sys.argv[2]))
    mirror.fetch()
    print(mirror.resolve("main"))
    mirror.close()
"""


def test_two_processes_share_a_cache(clone: Clone, tmp_path: Path) -> None:
    for number in range(3):
        clone.commit(f"{number}", {f"{number}.yaml": f"n: {number}\n" * 100})
    command = (sys.executable, "-c", _FETCHER, clone.url, str(tmp_path / "cache"))
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(2)
    ]
    for process in running:
        stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
        assert stdout.split() == [clone.tip("main")] * 5


@pytest.mark.parametrize("damage", ["HEAD", "objects", "config", "everything"])
def test_a_broken_cache_is_made_anew(clone: Clone, open_mirror: OpenMirror, damage: str) -> None:
    sha = clone.commit("one", {"a.yaml": "a: 1\n"})
    mirror = open_mirror(clone.url)
    mirror.fetch()
    mirror.close()
    if damage == "everything":
        shutil.rmtree(mirror.directory)
        mirror.directory.write_text("a file where a directory was")
        mirror.directory.unlink()
        mirror.directory.mkdir()
    elif damage == "objects":
        shutil.rmtree(mirror.directory / "objects")
        (mirror.directory / "objects").mkdir()
    else:
        (mirror.directory / damage).write_text("\0nonsense")
    again = open_mirror(clone.url)
    again.fetch()
    assert again.blob(sha, "a.yaml") == b"a: 1\n"


def test_a_cache_that_is_removed_while_it_is_open(clone: Clone, mirror: Mirror) -> None:
    sha = clone.commit("one", {"a.yaml": "a: 1\n"})
    mirror.fetch()
    shutil.rmtree(mirror.directory)
    mirror.fetch()
    assert mirror.resolve("main") == sha
    assert mirror.blob(sha, "a.yaml") == b"a: 1\n"


def test_a_file_that_is_broken_on_disk_is_fetched_again(clone: Clone, mirror: Mirror) -> None:
    sha = clone.commit("one", {"a.yaml": "a: 1\n"})
    mirror.fetch()
    oid = clone.git("rev-parse", "HEAD:a.yaml")
    for pack in (mirror.directory / "objects" / "pack").glob("*.pack"):
        raise AssertionError(f"a small fetch is expected to be unpacked: {pack}")
    loose = mirror.directory / "objects" / oid[:2] / oid[2:]
    loose.chmod(0o600)
    loose.write_bytes(b"broken")
    mirror.objects.close()
    with pytest.raises(RepositoryError):
        mirror.blob(sha, "a.yaml")
    mirror.fetch()
    assert mirror.blob(sha, "a.yaml") == b"a: 1\n"


def test_git_s_own_url_rewriting_is_honoured(clone: Clone, open_mirror: OpenMirror, home: Path) -> None:
    sha = clone.commit("one")
    with (home / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write(f'[url "file://{clone.remote}"]\n\tinsteadOf = https://git.example.org/team/repo\n')
    mirror = open_mirror("https://git.example.org/team/repo")
    mirror.fetch()
    assert mirror.resolve("HEAD") == sha


def test_configuration_from_the_environment_is_kept(
    clone: Clone, open_mirror: OpenMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = clone.commit("one")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{clone.remote}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "short:repo")
    mirror = open_mirror("short:repo")
    mirror.fetch()
    assert mirror.resolve("HEAD") == sha


def test_a_surrounding_git_does_not_redirect_ours(
    clone: Clone, open_mirror: OpenMirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sha = clone.commit("one")
    before = clone.git("for-each-ref")
    monkeypatch.setenv("GIT_DIR", str(clone.directory / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    mirror = open_mirror(clone.url)
    mirror.fetch()
    assert mirror.resolve("HEAD") == sha
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert clone.git("for-each-ref") == before


def test_a_plain_and_relative_path_is_a_remote(
    clone: Clone, open_mirror: OpenMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = clone.commit("one")
    monkeypatch.chdir(clone.directory.parent)
    mirror = open_mirror("./clone")
    mirror.fetch()
    assert mirror.resolve("main") == sha


def test_a_password_stays_off_the_disk_and_out_of_messages(open_mirror: OpenMirror) -> None:
    mirror = open_mirror("https://ada:s3cr3t@127.0.0.1:1/repo.git")
    with pytest.raises(RepositoryError) as caught:
        mirror.fetch()
    assert "s3cr3t" not in f"{caught.value} {caught.value.url} {caught.value.hint}"
    found = subprocess.run(("grep", "-r", "s3cr3t", str(mirror.directory.parent)), capture_output=True, check=False)
    assert found.returncode == 1


def test_a_server_that_wants_a_password_is_not_waited_for(open_mirror: OpenMirror, home: Path) -> None:
    helper = home / "git-remote-locked"
    helper.write_text("#!/bin/sh\necho 'fatal: Authentication failed for x' >&2\nexit 1\n", encoding="utf-8")
    helper.chmod(0o755)
    mirror = open_mirror("locked::anything")
    mirror.runner = type(mirror.runner)(
        mirror.directory, mirror.runner._env | {"PATH": f"{home}{os.pathsep}{os.environ['PATH']}"}
    )
    with pytest.raises(AuthRequired):
        mirror.fetch()


def test_a_commit_that_no_branch_leads_to_is_asked_for(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one")
    lost = clone.commit("two", {"a": "2"})
    clone.git("--git-dir", str(clone.remote), "config", "uploadpack.allowAnySHA1InWant", "true")
    clone.git("--git-dir", str(clone.remote), "update-ref", "refs/heads/main", f"{lost}~1")
    mirror.fetch()
    assert mirror.resolve(lost) == lost
    assert mirror.blob(lost, "a") == b"2"
    assert mirror.fetch().changed_refs == ()


def test_a_commit_that_the_remote_keeps_to_itself_is_not_found(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one")
    mirror.fetch()
    for _ in range(2):
        with pytest.raises(RevisionNotFound, match="ffffffff") as caught:
            mirror.resolve("f" * 40)
        assert "main" in caught.value.hint
