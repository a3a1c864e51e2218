"""Where Applications come from, and what is said of those that cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import pytest

from gitops_tui.engine.feed import (
    FileFeed,
    GitFeed,
    GitPath,
    JoinedFeed,
    Loaded,
    ObjectFeed,
    feed_for,
    parse_git_path,
    read_applications,
)
from gitops_tui.errors import ConfigError, RepositoryError
from gitops_tui.git.mirror import Mirror

SPEC = {
    "project": "default",
    "source": {"repoURL": "https://example.com/r", "path": "a"},
    "destination": {"name": "in-cluster", "namespace": "n"},
}


def document(name: str, **metadata: Any) -> dict[str, Any]:
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    return {**head, "metadata": {"name": name, **metadata}, "spec": SPEC}


def written(folder: Path, name: str, *documents: dict[str, Any] | str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n---\n".join(one if isinstance(one, str) else json.dumps(one) for one in documents))
    return file


def names(loaded: Loaded) -> list[str]:
    return [str(app.key) for app in loaded.applications]


def load(path: Path) -> Loaded:
    return FileFeed(path, namespace="argocd").load()


def test_every_yaml_and_json_file_of_a_folder_is_read(tmp_path: Path) -> None:
    written(tmp_path, "a.yaml", document("one"), document("two", namespace="team"))
    written(tmp_path, "deep/er/b.yml", document("three"))
    written(tmp_path, "c.json", document("four"))
    written(tmp_path, "d.txt", document("five"))
    written(tmp_path, ".hidden/e.yaml", document("six"))
    written(tmp_path, "f.yaml", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "no-application"}})
    written(tmp_path, "g.yaml", {**document("seven"), "apiVersion": "app.k8s.io/v1"})
    found = load(tmp_path)
    assert names(found) == ["argocd/one", "team/two", "argocd/four", "argocd/three"]
    assert found.problems == ()


def test_a_broken_document_leaves_the_others_and_says_where_it_is(tmp_path: Path) -> None:
    wrong = document("wrong")
    wrong["spec"] = {**SPEC, "source": {"repoURL": 7}}
    file = written(tmp_path, "a.yaml", document("one"), wrong, document("two"))
    found = load(tmp_path)
    assert names(found) == ["argocd/one", "argocd/two"]
    (problem,) = found.problems
    assert str(file) in problem.where and "document 2" in problem.where
    assert "spec.source.repoURL" in problem.message


def test_a_file_that_is_no_yaml_leaves_the_other_files(tmp_path: Path) -> None:
    written(tmp_path, "a.yaml", "{ not: yaml: at all")
    written(tmp_path, "b.yaml", document("one"))
    found = load(tmp_path)
    assert names(found) == ["argocd/one"]
    assert [Path(one.where).name for one in found.problems] == ["a.yaml"]
    assert found.problems[0].hint


def test_one_file_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "apps.txt", document("one"))
    assert names(load(file)) == ["argocd/one"]


def test_what_is_declared_twice_counts_once(tmp_path: Path) -> None:
    written(tmp_path, "a.yaml", document("one"))
    written(tmp_path, "b.yaml", document("one"), document("one", namespace="team"))
    found = load(tmp_path)
    assert names(found) == ["argocd/one", "team/one"]
    (problem,) = found.problems
    assert problem.where.endswith("b.yaml") and "a.yaml" in problem.message


def test_two_feeds_that_name_one_application(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    written(one, "a.yaml", document("app"))
    written(two, "a.yaml", document("app"), document("other"))
    joined = JoinedFeed([FileFeed(folder, namespace="argocd") for folder in (one, two)]).load()
    assert names(joined) == ["argocd/app", "argocd/other"]
    assert str(one) in str(joined.applications[0].origin)
    assert len(joined.problems) == 1


def test_nothing_there_is_a_problem_and_not_silence(tmp_path: Path) -> None:
    assert load(tmp_path).problems[0].message == "holds no Application"
    assert load(tmp_path / "gone").problems[0].message == "does not exist"


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    file = written(tmp_path, "a.yaml", document("one"))
    written(tmp_path, "b.yaml", document("two"))
    feed = FileFeed(tmp_path, namespace="argocd")
    first = feed.load()
    assert all(a is b for a, b in zip(feed.load().applications, first.applications, strict=True))
    written(tmp_path, "a.yaml", document("changed"))
    os.utime(file, ns=(1, 1))
    assert names(feed.load()) == ["argocd/changed", "argocd/two"]
    file.unlink()
    assert names(feed.load()) == ["argocd/two"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    written(tmp_path, "a.yaml", document("one")).chmod(0)
    assert "cannot be read" in load(tmp_path).problems[0].message


@pytest.mark.parametrize(
    ("text", "url", "revision", "path"),
    [
        ("https://host/org/repo@main:argocd-apps", "https://host/org/repo", "main", "argocd-apps"),
        ("https://host/org/repo.git", "https://host/org/repo.git", "HEAD", ""),
        ("https://host/org/repo@v1.2:", "https://host/org/repo", "v1.2", ""),
        ("https://host/org/repo@feature/x:a/b/", "https://host/org/repo", "feature/x", "a/b"),
        ("git@host:org/repo.git", "git@host:org/repo.git", "HEAD", ""),
        ("git@host:org/repo.git@main:apps", "git@host:org/repo.git", "main", "apps"),
        ("ssh://git@host:22/org/repo.git", "ssh://git@host:22/org/repo.git", "HEAD", ""),
        ("ssh://git@host:22/org/repo.git@main:apps", "ssh://git@host:22/org/repo.git", "main", "apps"),
        ("https://ana:word@host:8443/org/repo", "https://ana:word@host:8443/org/repo", "HEAD", ""),
        ("https://ana@host:8443/org/repo@main:apps", "https://ana@host:8443/org/repo", "main", "apps"),
        ("file:///srv/repo@main:a@b", "file:///srv/repo", "main", "a@b"),
    ],
)
def test_a_git_path(text: str, url: str, revision: str, path: str) -> None:
    assert parse_git_path(text) == GitPath(url, revision, path)


def test_what_is_no_git_path(tmp_path: Path) -> None:
    assert parse_git_path("apps") is None
    bare = tmp_path / "bare"
    (bare / "objects").mkdir(parents=True)
    (bare / "HEAD").write_text("ref: refs/heads/main\n")
    assert parse_git_path(f"{bare}@main:apps") == GitPath(str(bare), "main", "apps")


def test_a_feed_for_what_was_asked(tmp_path: Path) -> None:
    def mirror(_: str) -> Mirror:
        raise RepositoryError("no such host", hint="Look at the URL.")

    assert isinstance(feed_for(str(tmp_path), mirror, namespace="n"), FileFeed)
    remote = feed_for("https://host/repo@main:apps", mirror, namespace="n")
    assert isinstance(remote, GitFeed)
    (problem,) = remote.load().problems
    assert (problem.where, problem.message, problem.hint) == (
        "https://host/repo@main:apps", "no such host", "Look at the URL.",
    )  # fmt: skip
    with pytest.raises(ConfigError, match="no such file or folder"):
        feed_for(str(tmp_path / "gone"), mirror, namespace="n")


def test_objects_of_the_cluster() -> None:
    right = document("one", namespace="argocd", uid="1", resourceVersion="1")
    wrong = {**document("two", namespace="argocd", uid="2", resourceVersion="1"), "spec": {}}
    held = [right, wrong]
    feed = ObjectFeed(lambda: held, lambda: "")
    first = feed.load()
    assert names(first) == ["argocd/one", "argocd/two"] and first.applications[0].origin.in_cluster
    assert first.applications[0].defect is None and not first.problems
    assert "spec.source" in str(first.applications[1].defect), "its status says what is wrong"
    assert feed.load().applications[0] is first.applications[0]
    held[0] = {**right, "metadata": {**cast("dict[str, Any]", right["metadata"]), "resourceVersion": "2"}}
    assert feed.load().applications[0] is not first.applications[0]


def test_an_object_without_a_name_is_a_problem_and_no_application() -> None:
    feed = ObjectFeed(lambda: [{"metadata": {"namespace": "argocd"}, "spec": {}}], lambda: "")
    found = feed.load()
    assert not found.applications and "metadata.name" in found.problems[0].message


def test_applications_that_may_not_be_listed() -> None:
    feed = ObjectFeed(list, lambda: "Applications may not be listed: forbidden")
    (problem,) = feed.load().problems
    assert "may not be listed" in problem.message and "--apps" in problem.hint


def test_a_list_of_applications_is_read(tmp_path: Path) -> None:
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": [document("one"), document("two")]})
    assert names(read_applications(content.encode(), "a.json", namespace="argocd")) == ["argocd/one", "argocd/two"]
