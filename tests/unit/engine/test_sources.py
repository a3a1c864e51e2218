"""Repositories, fetched once and rendered once a tree."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitops_tui.config import Settings
from gitops_tui.engine import sources as module
from gitops_tui.engine.commits import own_commits, path_commits
from gitops_tui.engine.prepare import prepare_at
from gitops_tui.engine.sources import Sources
from gitops_tui.errors import GitOpsError, RenderError, RepositoryError, RevisionNotFound, SourceError
from gitops_tui.git.mirror import Mirror
from gitops_tui.model.application import AppKey, Source, parse_application
from gitops_tui.model.reader import Origin
from gitops_tui.model.snapshot import SourceView
from gitops_tui.render.detect import SourceType
from gitops_tui.render.directory import render_directory

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://git.example.com/shop/manifests"
APP = AppKey("argocd", "shop")
AUTHOR = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Place:
    """A repository on disk that ``URL`` is mapped to."""

    def __init__(self, folder: Path) -> None:
        self.remote = folder / "remote"
        self.views: list[SourceView] = []
        settings = Settings(repositories={f"{URL}.git": str(self.remote)}, git_cache=folder / "cache")
        self.sources = Sources(settings, lambda: NOW, self.views.append, namespace="argocd")
        subprocess.run(("git", "init", "--quiet", "--initial-branch=main", str(self.remote)), check=True)

    def commit(self, **files: str) -> str:
        for name, value in files.items():
            path = self.remote / "apps" / name / "a.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}}
            path.write_text(json.dumps(found))
        for words in (("add", "--all"), ("commit", "--quiet", "--message", "c")):
            subprocess.run(("git", "-C", str(self.remote), *words), check=True, env={**os.environ, **AUTHOR})
        done = subprocess.run(
            ("git", "-C", str(self.remote), "rev-parse", "HEAD"), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return Place(tmp_path)


def source(name: str, **more: str) -> Source:
    return Source(URL, target_revision="main", path=f"apps/{name}", **more)


def test_a_tree_is_rendered_once_whatever_else_was_committed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def render(reader: object, one: Source) -> object:
        rendered.append(one.path)
        return render_directory(reader, one)

    monkeypatch.setattr(module, "render_directory", render)
    place.commit(web="1", other="1")
    first = place.sources.render(place.sources.pin(APP, source("web")))
    place.commit(other="2")
    assert place.sources.fetch(URL)
    assert place.sources.render(place.sources.pin(APP, source("web"))) is first
    assert rendered == ["apps/web"]
    place.commit(web="2")
    place.sources.fetch(URL)
    again = place.sources.render(place.sources.pin(APP, source("web")))
    assert again.objects[0].obj["data"] == {"a": "2"} and rendered == ["apps/web"] * 2
    place.sources.forget()
    place.sources.render(place.sources.pin(APP, source("web")))
    assert len(rendered) == 3
    place.sources.close()


def test_a_pin_names_the_commit_that_touched_its_path(place: Place) -> None:
    first = place.commit(web="1")
    head = place.commit(other="1")
    pin = place.sources.pin(APP, source("web"))
    assert (pin.sha, pin.last_commit().sha, pin.type) == (head, first, SourceType.DIRECTORY)
    assert place.sources.pin(APP, source("web"), first).sha == first
    with pytest.raises(RevisionNotFound):
        place.sources.pin(APP, source("web"), "no-such-branch")
    place.sources.close()


def test_a_revision_stands_for_the_commit_of_each_sources_own_path(place: Place) -> None:
    web = place.commit(web="1")
    other = place.commit(other="1")
    head = place.commit(third="1")
    pins = (place.sources.pin(APP, source("web")), place.sources.pin(APP, source("other")))
    known = path_commits(pins, [(head, head), (other, web), (head,), ("a" * 40, "main")])
    assert known == {(0, head): web, (1, head): other, (0, other): web}, "what is no commit here is not known"
    assert own_commits(pins) == (web, other)
    assert own_commits([place.sources.pin(APP, source("web")), place.sources.pin(APP, source("web"), web)]) == (
        web,
        web,
    )
    place.sources.close()


def test_a_fetch_tells_whether_something_moved(place: Place) -> None:
    place.commit(web="1")
    assert place.sources.fetch(URL), "the first one"
    assert not place.sources.fetch(URL)
    place.commit(web="2")
    assert place.sources.fetch_all({URL}) == {URL}
    assert place.views[-1] == SourceView(str(place.remote), NOW)
    place.sources.close()


def test_a_remote_that_fails_keeps_the_time_of_its_last_success(place: Place, tmp_path: Path) -> None:
    place.commit(web="1")
    place.sources.mirror(URL)
    place.remote.rename(tmp_path / "away")
    assert place.sources.fetch_all({URL}) == set()
    assert place.views[-1].error and place.views[-1].fetched_at == NOW
    assert place.sources.pin(APP, source("web")).sha, "what was fetched can still be read"
    place.sources.close()


def test_a_remote_that_never_answered_is_tried_again(place: Place, tmp_path: Path) -> None:
    place.commit(web="1")
    place.remote.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(RepositoryError):
            place.sources.mirror(URL)
    assert place.views[-1].error and place.views[-1].fetched_at is None
    (tmp_path / "away").rename(place.remote)
    assert place.sources.pin(APP, source("web")).sha
    place.sources.close()


def test_one_clones_and_the_others_wait(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.commit(web="1")
    opened: list[str] = []
    original = Mirror.open.__func__

    def slow(cls: type[Mirror], url: str, *, cache_root: Path) -> Mirror:
        opened.append(url)
        threading.Event().wait(0.05)
        return original(cls, url, cache_root=cache_root)

    monkeypatch.setattr(Mirror, "open", classmethod(slow))
    found: list[Mirror] = []
    threads = [threading.Thread(target=lambda: found.append(place.sources.mirror(URL))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert opened == [str(place.remote)] and len(found) == 5 and len({id(one) for one in found}) == 1
    place.sources.close()


def test_credentials_are_not_shown() -> None:
    views: list[SourceView] = []
    url = "https://ana:s3cret@127.0.0.1:1/repo.git"
    with pytest.raises(GitOpsError):
        Sources(Settings(git_cache=Path("/nonexistent")), lambda: NOW, views.append, namespace="argocd").mirror(url)
    assert views and "s3cret" not in repr(views)


def test_what_is_not_a_directory_is_found_out(place: Place) -> None:
    place.commit(web="1")
    (place.remote / "apps/web/Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    place.commit()
    assert place.sources.pin(APP, source("web")).type is SourceType.HELM
    place.sources.close()


def test_a_file_beside_the_manifests_changes_how_they_are_rendered(place: Place) -> None:
    """For the application that it names; another one of the same tree is rendered as it says itself."""
    below = place.remote / "apps" / "web" / "below"
    below.mkdir(parents=True)
    (below / "b.json").write_text('{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "below"}}')
    (below.parent / ".argocd-source-shop.yaml").write_text("directory: {recurse: true}")
    place.commit(web="1")

    def names(app: AppKey) -> list[str]:
        pin = place.sources.pin(app, source("web"))
        assert pin.source == source("web")
        return [one.obj["metadata"]["name"] for one in place.sources.render(pin).objects]

    assert names(APP) == ["web", "below"]
    assert names(AppKey("argocd", "other")) == names(AppKey("team", "shop")) == ["web"]


def test_a_file_beside_the_manifests_that_cannot_be_read_leaves_the_commit_known(place: Place) -> None:
    """Its history can be read then, and the commit be reverted."""
    (place.remote / "apps" / "web").mkdir(parents=True)
    (place.remote / "apps" / "web" / ".argocd-source.yaml").write_text("directory: {recurse: often}")
    sha = place.commit(web="1")
    pin = place.sources.pin(APP, source("web"))
    assert pin.sha == sha
    with pytest.raises(SourceError, match=r"source\.directory\.recurse"):
        place.sources.render(pin)


def test_jsonnet_options_are_no_reason_to_fail(place: Place) -> None:
    (place.remote / "apps" / "web").mkdir(parents=True)
    (place.remote / "apps" / "web" / ".argocd-source.yaml").write_text("directory: {jsonnet: {libs: [lib]}}")
    place.commit(web="1")
    assert len(place.sources.render(place.sources.pin(APP, source("web"))).objects) == 1


def test_what_is_not_rendered_here_is_not_rendered_at_another_commit_either(place: Place) -> None:
    first = place.commit(web="1")
    (place.remote / "apps" / "web" / "kustomization.yaml").write_text("namePrefix: prod-")
    second = place.commit(web="2")
    spec = {"source": {"repoURL": URL, "path": "apps/web"}, "destination": {"name": "in-cluster"}}
    app = parse_application({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin())
    session: Any = None
    assert len(prepare_at(app, session, place.sources, first, NOW).renderings) == 1
    with pytest.raises(RenderError, match="shop is Kustomize there"):
        prepare_at(app, session, place.sources, second, NOW)


def test_a_link_out_of_the_directory_is_followed_at_each_commit(place: Place) -> None:
    """The directory's own tree stays as it is where only what the link leads to changes."""
    place.commit(shared="1")
    folder = place.remote / "apps" / "web"
    folder.mkdir()
    (folder / "a.json").symlink_to("../shared/a.json")

    def found() -> str:
        rendered = place.sources.render(place.sources.pin(APP, source("web")))
        return str(rendered.objects[0].obj["data"]["a"])

    place.commit(shared="2")
    assert found() == "2"
    place.commit(shared="3")
    assert place.sources.fetch(URL)
    assert found() == "3"
