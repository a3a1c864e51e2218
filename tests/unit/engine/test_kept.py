"""What stays valid for a newer commit, and what a repository that does not answer changes."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gitops_tui.config import Settings
from gitops_tui.engine.kept import Kept, rendered_as_before
from gitops_tui.engine.outage import Outages
from gitops_tui.engine.sources import SourceAt, Sources
from gitops_tui.errors import RepositoryError
from gitops_tui.model.application import Application, Origin, Source, parse_application
from tests.unit.engine.test_sources import APP, NOW, URL, Place


def app(paths: str, compared: str = "") -> Application:
    source = {"repoURL": URL, "path": "apps/web", "targetRevision": "main"}
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "shop",
            "annotations": {"argocd.argoproj.io/manifest-generate-paths": paths} if paths else {},
        },
        "spec": {"source": source, "destination": {"server": "https://k"}},
        "status": {"sync": {"revision": compared, "comparedTo": {"source": source}}} if compared else {},
    }
    return parse_application(document, origin=Origin())


class Course:
    """A place with ``apps/web``, which is rendered, and ``apps/docs`` beside it."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder)
        self.first = self.place.commit(web="1", docs="1")
        self.source = app("").source
        self.before = self.pinned()
        self.rendering = self.place.sources.render(self.before)

    def pinned(self) -> SourceAt:
        self.place.sources.fetch_all({URL})
        return self.place.sources.pin(APP, self.source)

    def after(self, **files: str) -> SourceAt:
        self.place.commit(**files)
        return self.pinned()

    def kept(self, of: Application, pin: SourceAt, *, remembers: bool = True) -> object:
        before = [Kept(self.before, self.rendering)] if remembers else []
        return rendered_as_before(of, pin, before, self.place.sources)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


@pytest.mark.parametrize(
    ("paths", "changed", "stays"),
    [
        ("/apps/docs", "web", True),  # as the annotation says, wrong as it may be
        (".", "docs", True),
        (".", "web", False),
        (".;/apps/docs", "docs", False),
        ("", "docs", False),
    ],
)
def test_a_rendering_stays_where_no_path_was_touched(course: Course, paths: str, changed: str, stays: bool) -> None:
    pin = course.after(**{changed: "2"})
    assert pin.sha != course.first
    found = course.kept(app(paths), pin)
    assert (found is course.rendering) if stays else found is None


def test_after_a_start_the_commit_of_the_status_counts(course: Course) -> None:
    pin = course.after(web="2")
    assert course.kept(app("/apps/docs", course.first), pin, remembers=False) is course.rendering
    assert course.kept(app("/apps/docs"), pin, remembers=False) is None
    assert course.kept(app(".", course.first), pin, remembers=False) is None
    assert course.kept(app("/apps/docs", "0" * 40), pin, remembers=False) is None  # a force push


def test_another_source_is_rendered_anew(course: Course) -> None:
    pin = course.after(web="2")
    other = Source(URL, "main", "apps/docs")
    assert rendered_as_before(app("/x"), pin, [Kept(course.before, course.rendering)], course.place.sources) is not None
    moved = SourceAt(other, other, pin.mirror, pin.sha, pin.content, pin.type)
    assert rendered_as_before(app("/x"), moved, [Kept(course.before, course.rendering)], course.place.sources) is None


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


ERROR = RepositoryError("no route to host", url=URL)


def test_for_a_while_nothing_changes() -> None:
    clock = Clock()
    outages = Outages(180.0, clock)
    assert outages.of(URL) is None
    for seconds, error in ((0, None), (120, None), (180, None), (181, ERROR)):
        clock.now = NOW + timedelta(seconds=seconds)
        outages.failed(URL, ERROR, is_asked=False)
        assert outages.of(URL) is error, seconds
    outages.answered(URL)
    assert outages.of(URL) is None


def test_who_asks_is_told_at_once() -> None:
    outages = Outages(180.0, Clock())
    outages.failed(URL, ERROR, is_asked=True)
    assert outages.of(URL) is ERROR
    outages.failed(URL, ERROR, is_asked=False)
    assert outages.of(URL) is ERROR


def test_a_repository_that_is_gone_and_comes_back(tmp_path: Path) -> None:
    place = Place(tmp_path)
    sha = place.commit(web="1")
    clock = Clock()
    settings = Settings(repositories={URL: str(place.remote)}, git_cache=tmp_path / "cache2")
    sources = Sources(settings, clock, lambda _: None, namespace="argocd")
    source, pinned = Source(URL, "main", "apps/web"), Source(URL, sha, "apps/web")
    assert sources.pin(APP, source).sha == sha
    shutil.move(place.remote, tmp_path / "away")
    assert sources.fetch_all({URL}) == set()
    assert sources.outage_of(source) is None  # the grace
    clock.now = NOW + timedelta(seconds=300)
    sources.fetch_all({URL})
    assert isinstance(sources.outage_of(source), RepositoryError)
    assert sources.outage_of(pinned) is None  # a commit's name needs nobody
    assert sources.pin(APP, source).sha == sources.pin(APP, pinned).sha == sha  # what was fetched last is there
    shutil.move(tmp_path / "away", place.remote)
    sources.fetch_all({URL}, is_asked=True)
    assert sources.outage_of(source) is None
