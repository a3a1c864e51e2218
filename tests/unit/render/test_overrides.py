from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import ManifestError
from gitops_tui.model.application import DirectorySource, Source, parse_source
from gitops_tui.render.overrides import are_among, overridden
from tests.unit.render.reader import DictReader, Link

URL = "https://git.example.com/shop/manifests"


def source(**fields: Any) -> Source:
    return parse_source({"repoURL": URL, "path": "apps/web", "targetRevision": "main", **fields})


def changed(before: Source, instance: str = "web", **files: Any) -> Source:
    names = {"all": ".argocd-source.yaml", "web": ".argocd-source-web.yaml", "other": ".argocd-source-team_web.yaml"}
    placed = {f"apps/web/{names[name]}": content for name, content in files.items()}
    return overridden(DictReader({"apps/web/a.yaml": "", **placed}), before, instance)


def test_without_a_file_the_source_is_as_it_is() -> None:
    before = source(directory={"recurse": True})
    assert changed(before) is before
    assert changed(before, other="directory: {recurse: false}") is before, "that is another application's"


def test_the_applications_own_file_is_laid_over_that_for_all() -> None:
    found = changed(
        source(directory={"exclude": "x"}),
        all="directory: {recurse: true, include: a*}",
        web="directory: {include: b*}",
    )
    assert found.directory == DirectorySource(recurse=True, include="b*", exclude="x")


def test_an_application_of_another_namespace_has_that_in_the_name() -> None:
    assert changed(source(), "team_web", other="directory: {recurse: true}").directory == DirectorySource(recurse=True)


def test_where_the_source_lies_stays() -> None:
    found = changed(source(), all="{repoURL: https://elsewhere, path: x, targetRevision: v2, chart: c, directory: {}}")
    assert (found.repo_url, found.path, found.target_revision, found.chart) == (URL, "apps/web", "main", "")
    assert found.directory == DirectorySource()


def test_null_takes_nothing_away_and_a_list_is_replaced() -> None:
    before = source(kustomize={"namePrefix": "p-", "images": ["a:1", "b:1"]})
    found = changed(before, all="kustomize: {namePrefix: null, images: [a:2]}")
    assert found.kustomize == {"namePrefix": "p-", "images": ["a:2"]}


def test_a_file_may_be_a_link_and_a_folder_of_that_name_is_none() -> None:
    reader = DictReader(
        {
            "apps/web/.argocd-source.yaml": Link("../shared.yaml"),
            "apps/shared.yaml": "directory: {recurse: true}",
            "apps/web/.argocd-source-web.yaml/x": "",
        }
    )
    assert overridden(reader, source(), "web").directory == DirectorySource(recurse=True)


@pytest.mark.parametrize("content", ["", "[]", "text", "# nothing"])
def test_what_is_no_mapping_names_its_file(content: str) -> None:
    with pytest.raises(ManifestError, match="holds no mapping") as wrong:
        changed(source(), web=content)
    assert wrong.value.file == "apps/web/.argocd-source-web.yaml"


def test_a_field_of_the_wrong_type_names_file_and_field() -> None:
    with pytest.raises(ManifestError) as wrong:  # and is none of an Application that is not valid
        changed(source(), all="directory: {recurse: often}")
    assert "apps/web/.argocd-source.yaml" in str(wrong.value) and "source.directory.recurse" in str(wrong.value)


def test_names_that_are_no_override_files() -> None:
    assert are_among(["a.yaml", ".argocd-source-x.yaml"]) and are_among([".argocd-source.yaml"])
    assert not are_among(["argocd-source.yaml", ".argocd-source.yml", ".argocd-sources.yaml"])
