from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError, RevisionNotFound
from gitops_tui.model.annotations import MANIFEST_GENERATE_PATHS
from gitops_tui.model.application import Application, Destination, Source
from gitops_tui.render.paths import app_path, clean_path, files_have_changed, refresh_paths
from tests.unit.render.reader import DictReader, FileEntry


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", ""), (".", ""), ("./", ""), ("a", "a"), ("a/b/", "a/b"), ("./a", "a"), ("a/../b", "b"), ("..a", "..a")],
)
def test_a_path_is_cleaned(path: str, expected: str) -> None:
    assert clean_path(path) == expected


@pytest.mark.parametrize("path", ["/", "/a", "..", "../a", "a/../..", "a/../../b"])
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        clean_path(path)
    assert caught.value.path == "spec.source.path"
    assert caught.value.hint


@pytest.mark.parametrize("path", ["missing", "file.yaml"])
def test_what_is_no_directory_is_refused(path: str) -> None:
    with pytest.raises(InvalidSpecError, match="not a directory"):
        app_path(DictReader({"file.yaml": "", "apps/a.yaml": ""}), path)


def test_a_directory_is_accepted() -> None:
    assert app_path(DictReader({"apps/a.yaml": ""}), "./apps/") == "apps"


def test_a_missing_commit_is_not_blamed_on_the_path() -> None:
    class Gone(DictReader):
        def entries(self, path: str) -> list[FileEntry]:
            raise RevisionNotFound("there is no commit", revision="abc")

    with pytest.raises(RevisionNotFound):
        app_path(Gone({}), "apps")


def _app(annotation: str | None, path: str, spec: dict[str, Any] | None = None) -> tuple[Application, Source]:
    source = Source("https://example.com/repository.git", path=path)
    annotations = {} if annotation is None else {MANIFEST_GENERATE_PATHS: annotation}
    raw = {"spec": spec or {}}
    return Application("a", "argocd", "default", (source,), Destination(), annotations=annotations, raw=raw), source


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (None, ()),
        ("", ()),
        (".", ("apps/web",)),
        ("..", ("apps",)),
        ("/shared", ("shared",)),
        (". ; ../lib;/x;;", ("apps/web", "apps/lib", "x")),
    ],
)
def test_the_annotation_names_paths(annotation: str | None, expected: tuple[str, ...]) -> None:
    assert refresh_paths(*_app(annotation, "apps/web")) == expected


def test_what_a_hydrator_writes_is_concerned_by_its_own_path() -> None:
    spec = {"sourceHydrator": {"syncSource": {"path": "out"}}}
    assert refresh_paths(*_app("/dry", "out", spec)) == ("out",)
    assert refresh_paths(*_app("/dry", "dry", spec)) == ("dry",)


@pytest.mark.parametrize(
    ("paths", "changed", "expected"),
    [
        (["apps"], ["apps/a.yaml"], True),
        (["apps"], ["applications/a.yaml"], False),
        (["apps/a.yaml"], ["apps/a.yaml"], True),
        (["apps/a.yaml/"], ["apps/a.yaml"], False),
        (["apps//"], ["apps/a.yaml"], True),
        (["//apps"], ["apps/a.yaml"], True),
        (["apps/*.yaml"], ["apps/a.yaml"], True),
        (["apps/*.yaml"], ["apps/below/a.yaml"], False),
        (["apps/[^a].yaml"], ["apps/a.yaml"], False),
        (["apps/\\*.yaml"], ["apps/*.yaml"], True),
        (["apps/[!a].yaml"], ["apps/b.yaml"], False),
        (["apps/[.yaml"], ["apps/[.yaml"], True),
        (["apps/[.yaml"], ["apps/a.yaml"], False),
        (["."], ["a.yaml"], True),
        (["apps"], ["x", "apps/y"], True),
        ([], ["x"], True),
        (["apps"], [], True),
    ],
)
def test_changes_concern_a_source(paths: list[str], changed: list[str], expected: bool) -> None:
    assert files_have_changed(paths, changed) is expected
