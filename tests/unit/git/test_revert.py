"""Reverts: the same as git's own, nothing left behind, and every way a push can end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_tui.errors import PushRejected, RepositoryError, RevertConflict, RevisionNotFound
from gitops_tui.git.mirror import Mirror
from gitops_tui.git.revert import Identity, Reverter, RevertPreview, author_identity
from tests.unit.git.conftest import Clone

ADA = Identity("Ada Lovelace", "ada@example.org")
OpenMirror = Callable[[str], Mirror]


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary directories are made, to look into afterwards."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    return directory


def _own_revert(clone: Clone, *args: str) -> tuple[str, str]:
    """Tree and message of git's own revert in the clone, which is then taken back."""
    clone.git("revert", "--no-edit", *args)
    tree, message = clone.git("rev-parse", "HEAD^{tree}"), clone.git("log", "-1", "--format=%B")
    clone.git("reset", "--quiet", "--hard", "HEAD~1")
    return tree, message


def test_a_preview_is_what_git_revert_gives(clone: Clone, mirror: Mirror, scratch: Path) -> None:
    clone.commit("one", {"apps/a.yaml": "a: 1\n", "old.yaml": "o: 1\n", "c.yaml": "c: 1\n"})
    (clone.directory / "old.yaml").rename(clone.directory / "new.yaml")
    bad = clone.commit("Raise a\n\nbecause", {"apps/a.yaml": "a: 2\n", "b.yaml": "b: 1\n"})
    base = clone.commit("three", {"c.yaml": "c: 2\n"})
    mirror.fetch()
    refs = clone.git("--git-dir", str(mirror.directory), "for-each-ref")
    preview = Reverter(mirror).preview([bad], onto="HEAD")
    assert (mirror.tree_id(preview.new_commit), preview.message.strip()) == _own_revert(clone, bad)
    assert (preview.base_sha, preview.branch) == (base, "main")
    assert [commit.sha for commit in preview.commits] == [bad]
    assert preview.files == ("apps/a.yaml", "b.yaml", "new.yaml", "old.yaml")
    assert "-a: 2\n+a: 1\n" in preview.patch
    assert mirror.blob(preview.new_commit, "apps/a.yaml") == b"a: 1\n"
    assert mirror.commit(preview.new_commit).parents == (base,)
    assert list(scratch.iterdir()) == []
    assert clone.git("--git-dir", str(mirror.directory), "for-each-ref") == refs
    assert clone.tip("main") == base


def test_the_same_preview_has_the_same_commit(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a": "1"})
    bad = clone.commit("two", {"a": "2"})
    mirror.fetch()
    reverter = Reverter(mirror)
    assert reverter.preview([bad], onto="main") == reverter.preview([bad, bad[:9]], onto="refs/heads/main")


def test_a_merge_is_reverted_against_its_first_parent(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a": "1\n"})
    clone.git("checkout", "--quiet", "-b", "side")
    clone.commit("side", {"s": "1\n"})
    clone.git("checkout", "--quiet", "main")
    clone.commit("two", {"b": "1\n"})
    clone.git("merge", "--quiet", "--no-ff", "side")
    merge = clone.commit("three")
    mirror.fetch()
    merge = clone.git("rev-parse", f"{merge}~1")
    preview = Reverter(mirror).preview([merge], onto="main")
    assert preview.files == ("s",)
    assert (mirror.tree_id(preview.new_commit), preview.message.strip()) == _own_revert(clone, "-m", "1", merge)


def test_several_commits_are_undone_newest_first(clone: Clone, mirror: Mirror) -> None:
    one = clone.commit("one", {"a": "1\n"})
    two = clone.commit("two", {"a": "2\n"})
    three = clone.commit("three", {"a": "3\n"})
    mirror.fetch()
    preview = Reverter(mirror).preview([two, three], onto="main")
    assert [commit.sha for commit in preview.commits] == [three, two]
    assert mirror.tree_id(preview.new_commit) == mirror.tree_id(one)
    assert preview.message == (
        f'Revert 2 commits\n\nRevert "three"\n\nThis reverts commit {three}.\n\n'
        f'Revert "two"\n\nThis reverts commit {two}.\n'
    )


def test_the_first_commit_of_all_can_be_reverted(clone: Clone, mirror: Mirror) -> None:
    one = clone.commit("one", {"a": "1\n"})
    clone.commit("two", {"b": "1\n"})
    mirror.fetch()
    preview = Reverter(mirror).preview([one], onto="main")
    assert [entry.path for entry in mirror.tree(preview.new_commit)] == ["b"]


def test_conflicts_name_their_files_and_leave_nothing(clone: Clone, mirror: Mirror, scratch: Path) -> None:
    clone.commit("one", {"a b.yaml": "1\n", "gone.yaml": "1\n", "fine": "1\n"})
    bad = clone.commit("two", {"a b.yaml": "2\n", "gone.yaml": "2\n", "fine": "2\n"})
    (clone.directory / "gone.yaml").unlink()
    base = clone.commit("three", {"a b.yaml": "3\n"})
    mirror.fetch()
    with pytest.raises(RevertConflict, match=bad[:7]) as caught:
        Reverter(mirror).preview([bad], onto="main")
    assert caught.value.files == ("a b.yaml", "gone.yaml")
    assert caught.value.hint
    assert list(scratch.iterdir()) == []
    assert clone.tip("main") == base


def test_only_a_branch_can_be_reverted_on(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a": "1"})
    bad = clone.commit("two", {"a": "2"})
    clone.git("tag", "v1")
    clone.git("push", "--quiet", "origin", "v1")
    mirror.fetch()
    reverter = Reverter(mirror)
    with pytest.raises(RepositoryError, match="target revision v1 is a tag, no branch"):
        reverter.preview([bad], onto="v1")
    with pytest.raises(RepositoryError, match="is a commit, no branch"):
        reverter.preview([bad], onto=bad)
    with pytest.raises(RevisionNotFound, match="mian"):
        reverter.preview([bad], onto="mian")
    clone.git("--git-dir", str(clone.remote), "update-ref", "--no-deref", "HEAD", bad)
    mirror.fetch()
    with pytest.raises(RepositoryError, match="HEAD is no branch"):
        reverter.preview([bad], onto="HEAD")


def test_what_cannot_be_undone(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a": "1"})
    bad = clone.commit("two", {"a": "2"})
    clone.commit("undo it by hand", {"a": "1"})
    clone.git("checkout", "--quiet", "-b", "side")
    elsewhere = clone.commit("side", {"s": "1"})
    mirror.fetch()
    reverter = Reverter(mirror)
    with pytest.raises(RepositoryError, match=f"{bad[:7]} changes nothing on main"):
        reverter.preview([bad], onto="main")
    with pytest.raises(RepositoryError, match=f"{elsewhere[:7]} is not on main"):
        reverter.preview([elsewhere], onto="main")
    with pytest.raises(RepositoryError, match="no commit"):
        reverter.preview([], onto="main")


@pytest.fixture
def preview(clone: Clone, mirror: Mirror) -> RevertPreview:
    """Of the second of two commits on ``main``."""
    clone.commit("one", {"a.yaml": "1\n"})
    bad = clone.commit("two", {"a.yaml": "2\n"})
    mirror.fetch()
    return Reverter(mirror).preview([bad], onto="main")


def test_a_push_is_one_commit_by_its_author(clone: Clone, mirror: Mirror, preview: RevertPreview) -> None:
    grace = Identity("Grace Höpper", "grace@example.org")
    pushed = Reverter(mirror).push(preview, identity=grace, operator="ada@example.org\nOperator: someone else")
    assert (clone.tip("main"), pushed.branch, pushed.url_hint) == (pushed.sha, "main", "")
    clone.git("fetch", "--quiet")
    assert clone.git("log", "-1", "--format=%an <%ae> %cn %P", pushed.sha) == (
        f"Grace Höpper <grace@example.org> Grace Höpper {preview.base_sha}"
    )
    assert clone.git("log", "-1", "--format=%(trailers:key=Operator,valueonly)", pushed.sha).strip() == (
        "ada@example.org Operator: someone else"
    )
    assert clone.git("log", "-1", "--format=%s", pushed.sha) == 'Revert "two"'
    assert clone.git("rev-parse", f"{pushed.sha}^{{tree}}") == mirror.tree_id(preview.new_commit)
    assert mirror.fetch().changed_refs == ("refs/heads/main",)


def test_a_branch_that_moved_is_not_overwritten(clone: Clone, mirror: Mirror, preview: RevertPreview) -> None:
    newer = clone.commit("three", {"b": "1"})
    with pytest.raises(PushRejected) as caught:
        Reverter(mirror).push(preview, identity=ADA, operator="ada")
    assert caught.value.reason == "non-fast-forward"
    assert clone.tip("main") == newer


def test_a_branch_that_was_wound_back_gets_nothing_back(clone: Clone, mirror: Mirror, preview: RevertPreview) -> None:
    clone.git("push", "--quiet", "--force", "origin", "HEAD~1:refs/heads/main")
    with pytest.raises(PushRejected) as caught:
        Reverter(mirror).push(preview, identity=ADA, operator="ada")
    assert caught.value.reason == "non-fast-forward"
    assert clone.tip("main") == clone.git("rev-parse", "HEAD~1")


_PROTECTED = (
    'while read old new ref; do [ $ref != refs/heads/main ] || { echo "GH006: Protected branch"; exit 1; }; done'
)


@pytest.mark.parametrize(
    ("hook", "script"),
    [("pre-receive", _PROTECTED), ("update", '[ "$1" != refs/heads/main ] || { echo "GH006: Protected"; exit 1; }')],
)
def test_a_protected_branch_gets_a_branch_beside_it(
    clone: Clone, mirror: Mirror, preview: RevertPreview, hook: str, script: str
) -> None:
    clone.hook(hook, script)
    clone.hook(
        "post-receive",
        "echo 'See https://example.org/help.'; echo 'Create a pull request for it:';"
        " echo '  https://example.org/team/repo/pull/new/revert-two'",
    )
    reverter = Reverter(mirror)
    with pytest.raises(PushRejected, match="GH006") as caught:
        reverter.push(preview, identity=ADA, operator="ada")
    assert caught.value.reason == "protected"
    assert clone.tip("main") == preview.base_sha
    pushed = reverter.push_branch(preview, name="revert-two", identity=ADA, operator="ada")
    assert pushed.branch == "revert-two"
    assert pushed.url_hint == "https://example.org/team/repo/pull/new/revert-two"
    assert clone.tip("revert-two") == pushed.sha


def test_a_taken_name_gets_a_number(clone: Clone, mirror: Mirror, preview: RevertPreview) -> None:
    for name in ("revert", "revert-2"):
        clone.git("push", "--quiet", "origin", f"HEAD:refs/heads/{name}")
    pushed = Reverter(mirror).push_branch(preview, name="revert", identity=ADA, operator="ada")
    assert pushed.branch == "revert-3"
    assert clone.tip("revert") == clone.tip("revert-2") == preview.base_sha


def test_a_name_that_is_none(clone: Clone, mirror: Mirror, preview: RevertPreview) -> None:
    with pytest.raises(RepositoryError, match="cannot be the name"):
        Reverter(mirror).push_branch(preview, name="a..b", identity=ADA, operator="ada")


def test_a_checked_out_branch_of_a_clone(clone: Clone, open_mirror: OpenMirror) -> None:
    clone.commit("one", {"a": "1"})
    bad = clone.commit("two", {"a": "2"})
    mirror = open_mirror(str(clone.directory))
    mirror.fetch()
    reverter = Reverter(mirror)
    preview = reverter.preview([bad], onto="main")
    with pytest.raises(PushRejected, match="checked out") as caught:
        reverter.push(preview, identity=ADA, operator="ada")
    assert caught.value.reason == "other"
    assert clone.git("rev-parse", "HEAD") == bad and clone.git("status", "--porcelain") == ""


def test_a_remote_that_is_gone(clone: Clone, mirror: Mirror, preview: RevertPreview) -> None:
    clone.remote.rename(clone.remote.with_name("elsewhere.git"))
    with pytest.raises(RepositoryError) as caught:
        Reverter(mirror).push(preview, identity=ADA, operator="ada")
    assert not isinstance(caught.value, PushRejected)


def test_the_author_is_whom_git_would_name(mirror: Mirror, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert author_identity(mirror) == ADA
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "other@example.org")
    assert author_identity(mirror) == Identity("Ada Lovelace", "other@example.org")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    (home / "work").write_text("[user]\n\temail = ada@work.example.org\n", encoding="utf-8")
    with (home / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write("[include]\n\tpath = work\n")
    assert author_identity(mirror) == Identity("Ada Lovelace", "ada@work.example.org")
    (home / ".gitconfig").unlink()
    assert author_identity(mirror) is None


def test_who_signs_commits_signs_reverts(clone: Clone, mirror: Mirror, preview: RevertPreview, home: Path) -> None:
    with (home / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write("[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n")
    assert Reverter(mirror).preview([preview.commits[0].sha], onto="main") == preview
    with pytest.raises(RepositoryError, match="sign"):
        Reverter(mirror).push(preview, identity=ADA, operator="ada")
    assert clone.tip("main") == preview.base_sha
