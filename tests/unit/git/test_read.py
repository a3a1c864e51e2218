"""Revisions, trees, files and history of a mirror."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gitops_tui.errors import RepositoryError, RevisionNotFound
from gitops_tui.git.mirror import Mirror
from gitops_tui.git.objects import parse_tree
from tests.unit.git.conftest import Clone


@pytest.mark.parametrize("revision", ["main", "refs/heads/main", "HEAD", "", "origin/main", " main "])
def test_names_of_a_branch(clone: Clone, mirror: Mirror, revision: str) -> None:
    sha = clone.commit("one")
    mirror.fetch()
    assert mirror.resolve(revision) == sha


def test_tags_are_peeled_and_short_shas_completed(clone: Clone, mirror: Mirror) -> None:
    sha = clone.commit("one")
    clone.git("tag", "light")
    clone.git("tag", "--annotate", "v1.0", "--message", "the first")
    clone.git("tag", "--annotate", "v1.0-again", "--message", "a tag of a tag", "v1.0")
    clone.git("push", "--quiet", "origin", "--tags")
    clone.commit("two")
    mirror.fetch()
    for revision in ("light", "v1.0", "refs/tags/v1.0", "v1.0-again", sha, sha.upper(), sha[:7], sha[:12]):
        assert mirror.resolve(revision) == sha


def test_a_branch_goes_before_a_tag_and_a_name_before_a_short_sha(clone: Clone, mirror: Mirror) -> None:
    first = clone.commit("one")
    clone.git("tag", "same")
    second = clone.commit("two")
    clone.git("push", "--quiet", "origin", "refs/tags/same", "HEAD:refs/heads/same", f"HEAD:refs/heads/{first[:7]}")
    mirror.fetch()
    assert mirror.resolve("same") == second
    assert mirror.resolve(first[:7]) == second


@pytest.mark.parametrize("revision", ["main~1", "main^", "@{-1}", "--all", ":/one", "main..main", "a b", "\n", "mai"])
def test_only_names_are_revisions(clone: Clone, mirror: Mirror, revision: str) -> None:
    clone.commit("one")
    clone.commit("two")
    mirror.fetch()
    if revision.strip():
        with pytest.raises(RevisionNotFound):
            mirror.resolve(revision)


def test_near_names_are_told(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one")
    clone.git("push", "--quiet", "origin", "HEAD:refs/heads/release-1.2")
    mirror.fetch()
    with pytest.raises(RevisionNotFound) as caught:
        mirror.resolve("relase-1.2")
    assert caught.value.hint == "Did you mean release-1.2?"
    with pytest.raises(RevisionNotFound) as caught:
        mirror.resolve("quite-else")
    assert caught.value.hint == "Use one of the branches main, release-1.2."


def test_odd_names_are_read_as_they_are(clone: Clone, mirror: Mirror) -> None:
    names = ["a b.yaml", "ä/ö.yaml", "quote\"d'.yaml", "tab\there.yaml", "new\nline.yaml", "*.yaml", ":(top)x", "-n"]
    sha = clone.commit("one", {name: name for name in names})
    mirror.fetch()
    assert {entry.path for entry in mirror.tree(sha)} == set(names)
    for name in names:
        assert mirror.blob(sha, name) == name.encode()
        assert [commit.sha for commit in mirror.log(sha, paths=(name,))] == [sha]
        found = mirror.line_commit(sha, name, 1)
        assert found is not None and found.sha == sha
    assert mirror.log(sha, paths=("?.yaml",)) == ()


def test_a_name_that_is_no_utf8(clone: Clone, mirror: Mirror) -> None:
    (clone.directory / "caf\udce9.yaml").write_text("x")
    sha = clone.commit("one")
    mirror.fetch()
    assert mirror.tree(sha)[0].path == "caf\udce9.yaml"
    assert mirror.blob(sha, "caf\udce9.yaml") == b"x"
    assert mirror.changed_files(sha, sha) == ()


def test_directories(clone: Clone, mirror: Mirror) -> None:
    sha = clone.commit("one", {"apps/web/a.yaml": "a", "apps/b.yaml": "b", "top.yaml": "t"})
    mirror.fetch()
    assert [(entry.path, entry.name, entry.kind) for entry in mirror.children(sha, "apps")] == [
        ("apps/b.yaml", "b.yaml", "blob"),
        ("apps/web", "web", "tree"),
    ]
    assert mirror.children(sha, "./apps/") == mirror.children(sha, "apps")
    assert [entry.path for entry in mirror.tree(sha, "apps")] == ["apps/b.yaml", "apps/web/a.yaml"]
    assert mirror.blob(mirror.tree(sha, "apps/web")[0].oid) == b"a"
    assert mirror.tree_id(sha, "apps") == clone.git("rev-parse", "HEAD:apps")
    assert mirror.tree_id(sha) == clone.git("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "nowhere does not exist"),
        ("apps/nowhere", "apps/nowhere does not exist"),
        ("a.yaml", "a.yaml is a file, no directory"),
        ("a.yaml/x", "a.yaml is a file"),
        ("../etc", "leads out of the repository"),
    ],
)
def test_what_is_no_directory_is_named(clone: Clone, mirror: Mirror, path: str, message: str) -> None:
    sha = clone.commit("one", {"apps/b.yaml": "b", "a.yaml": "a"})
    mirror.fetch()
    for ask in (mirror.children, mirror.tree, mirror.tree_id, mirror.content_id):
        with pytest.raises(RepositoryError, match=message):
            ask(sha, path)


@pytest.mark.parametrize(
    ("links", "leads_out"),
    [
        ({}, False),
        ({"a.yaml": "b.yaml"}, False),
        ({"deep/a.yaml": "../b.yaml"}, False),
        ({"deep/er/a.yaml": "./../../b.yaml"}, False),
        ({"a.yaml": "../shared.yaml"}, True),
        ({"deep/er/a.yaml": "../../../shared.yaml"}, True),
        ({"deep/up": ".."}, False),
        ({"up": ".."}, True),
        ({"a.yaml": "deep/../b.yaml"}, True),  # deep may be a link itself
        ({"a.yaml": "/etc/hostname"}, True),
        ({"/".join(["d"] * 300) + "/a.yaml": "b.yaml"}, True),  # too deep to be looked at
    ],
)
def test_the_same_content_has_the_same_id(clone: Clone, mirror: Mirror, links: dict[str, str], leads_out: bool) -> None:
    clone.write({"app/b.yaml": "b", "app/deep/er/c.yaml": "c", "shared.yaml": "1"})
    for name, target in links.items():
        link = clone.directory / "app" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    first = clone.commit("one")
    second = clone.commit("two", {"shared.yaml": "2"})
    third = clone.commit("three", {"app/deep/er/c.yaml": "changed"})
    mirror.fetch()
    assert mirror.tree_id(first, "app") == mirror.tree_id(second, "app")
    assert (mirror.content_id(first, "app") != mirror.content_id(second, "app")) is leads_out
    assert mirror.content_id(second, "app") != mirror.content_id(third, "app")
    assert mirror.content_id(first) == mirror.tree_id(first), "nothing leads out of the whole"


def test_symlinks_are_followed_inside_only(clone: Clone, mirror: Mirror) -> None:
    clone.write({"base/a.yaml": "a", "x": "x"})
    links = {
        "base/up.yaml": "../x",
        "current": "base",
        "chain": "current/up.yaml",
        "out": "../outside",
        "absolute": "/etc/passwd",
        "loop": "loop",
        "dangling": "nothing",
    }
    for name, target in links.items():
        (clone.directory / name).symlink_to(target)
    sha = clone.commit("one")
    mirror.fetch()
    reader = mirror.reader(sha)
    assert reader.sha == sha
    assert reader.read("current/a.yaml") == b"a"
    assert reader.read("chain") == b"x"
    assert [entry.path for entry in reader.entries("current")] == ["current/a.yaml", "current/up.yaml"]
    assert reader.tree_id("current") == reader.tree_id("base")
    assert {entry.path: entry.kind for entry in reader.entries("")}["out"] == "symlink"
    for name, message in (
        ("out", "leads out of the repository"),
        ("absolute", "/etc/passwd"),
        ("loop", "too many symlinks"),
        ("dangling", "does not exist"),
    ):
        with pytest.raises(RepositoryError, match=message):
            reader.read(name)


def test_a_submodule_is_an_entry_and_no_directory(clone: Clone, mirror: Mirror) -> None:
    first = clone.commit("one")
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendor/lib")
    clone.git("commit", "--quiet", "--message", "two")
    clone.git("push", "--quiet", "origin", "HEAD")
    sha = clone.git("rev-parse", "HEAD")
    mirror.fetch()
    (entry,) = mirror.tree(sha)
    assert (entry.path, entry.kind, entry.oid) == ("vendor/lib", "submodule", first)
    for ask in (mirror.children, mirror.blob):
        with pytest.raises(RepositoryError, match="is a submodule"):
            ask(sha, "vendor/lib")


def test_commits_say_all_of_themselves(clone: Clone, mirror: Mirror) -> None:
    first = clone.commit("one")
    clone.write({"a": "1"})
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--author", "Grace <grace@example.org>", "-m", "two: ✓", "-m", "body\nmore")
    clone.git("push", "--quiet", "origin", "HEAD")
    mirror.fetch()
    commit = mirror.commit(mirror.resolve("HEAD"))
    assert (commit.subject, commit.body, commit.parents) == ("two: ✓", "body\nmore", (first,))
    assert (commit.author_name, commit.author_email, commit.committer_name) == (
        "Grace",
        "grace@example.org",
        "Ada Lovelace",
    )
    assert commit.authored_at.tzinfo is UTC
    assert commit.authored_at.date() == datetime(2026, 1, 1, tzinfo=UTC).date()


def test_history_of_paths(clone: Clone, mirror: Mirror) -> None:
    one = clone.commit("one", {"a/x": "1\n2\n", "b": "b"})
    two = clone.commit("two", {"b": "c"})
    three = clone.commit("three", {"a/x": "1\n3\n"})
    mirror.fetch()
    assert [commit.sha for commit in mirror.log(three)] == [three, two, one]
    assert [commit.sha for commit in mirror.log(three, paths=("a",))] == [three, one]
    assert [commit.sha for commit in mirror.log(three, limit=1, skip=1)] == [two]
    assert mirror.changed_files(one, three) == ("a/x", "b")
    file_commit, gone = mirror.file_commit(three, "b"), mirror.file_commit(three, "nowhere")
    assert file_commit is not None and file_commit.sha == two
    assert gone is None
    blamed = [mirror.line_commit(three, "a/x", line) for line in (1, 2, 3, 0)]
    assert [commit and commit.sha for commit in blamed] == [one, three, None, None]


def test_show_is_as_git_shows_it(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a.yaml": "a: 1\n"})
    sha = clone.commit("two", {"a.yaml": "a: 2\n"})
    mirror.fetch()
    text = mirror.show(sha)
    assert text.startswith(f"commit {sha}\nAuthor: Ada Lovelace <ada@example.org>\nDate: ")
    assert "    two\n" in text
    assert text.endswith("@@ -1 +1 @@\n-a: 1\n+a: 2\n")
    assert "\x1b" not in text


def test_show_of_a_merge_is_what_it_brought(clone: Clone, mirror: Mirror) -> None:
    clone.commit("one", {"a": "1\n"})
    clone.git("checkout", "--quiet", "-b", "side")
    clone.commit("side", {"s": "1\n"})
    clone.git("checkout", "--quiet", "main")
    clone.commit("two", {"b": "1\n"})
    clone.git("merge", "--quiet", "--no-ff", "side")
    clone.git("push", "--quiet", "origin", "main")
    mirror.fetch()
    text = mirror.show(mirror.resolve("main"))
    assert "diff --git a/s b/s" in text and "a/b" not in text


@pytest.mark.parametrize("sha", ["--output=hacked", "main", "f" * 40, "f" * 39])
def test_what_is_no_commit_id_reaches_no_command(clone: Clone, mirror: Mirror, sha: str) -> None:
    clone.commit("one", {"a": "1"})
    mirror.fetch()
    for ask in (mirror.commit, mirror.log, mirror.show):
        with pytest.raises(RevisionNotFound):
            ask(sha)
    with pytest.raises(RevisionNotFound):
        mirror.line_commit(sha, "a", 1)
    assert not list(mirror.directory.rglob("hacked"))


def test_answers_about_a_commit_are_remembered(clone: Clone, mirror: Mirror) -> None:
    sha = clone.commit("one", {"a": "1"})
    mirror.fetch()
    mirror.resolve("main")
    before = mirror.log(sha, paths=["a"]), mirror.commit(sha), mirror.file_commit(sha, "a")
    mirror.runner.run = None
    assert (mirror.log(sha, paths=("a",)), mirror.commit(sha), mirror.file_commit(sha, "a")) == before


def test_trees_of_both_hash_sizes() -> None:
    for size in (20, 32):
        (entry,) = parse_tree(b"40000 dir\0" + bytes(range(size)), size)
        assert (entry.path, entry.mode, entry.kind, entry.oid) == ("dir", "040000", "tree", bytes(range(size)).hex())
