from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.render.detect import SourceType, source_type

URL = "https://example.com/repository.git"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], SourceType.DIRECTORY),
        (["a.yaml", "b.json"], SourceType.DIRECTORY),
        (["Chart.yaml", "templates"], SourceType.HELM),
        (["kustomization.yaml"], SourceType.KUSTOMIZE),
        (["kustomization.yml"], SourceType.KUSTOMIZE),
        (["Kustomization"], SourceType.KUSTOMIZE),
        (["kustomization.yaml", "Chart.yaml"], SourceType.KUSTOMIZE),
        (["kustomization.json"], SourceType.DIRECTORY),
        (["a.yaml", "main.jsonnet"], SourceType.JSONNET),
        (["lib.libsonnet"], SourceType.DIRECTORY),
        (["Chart.yaml", "main.jsonnet"], SourceType.HELM),
    ],
)
def test_files_tell_the_type(names: list[str], expected: SourceType) -> None:
    assert source_type(Source(URL), names) is expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"helm": {}}, SourceType.HELM),
        ({"kustomize": {}}, SourceType.KUSTOMIZE),
        ({"plugin": {"name": "x"}}, SourceType.PLUGIN),
        ({"directory": DirectorySource()}, SourceType.DIRECTORY),
    ],
)
def test_an_explicit_block_beats_the_files(block: dict[str, Any], expected: SourceType) -> None:
    assert source_type(Source(URL, **block), ["Chart.yaml", "kustomization.yaml"]) is expected


def test_a_chart_is_helm() -> None:
    assert source_type(Source(URL, chart="redis"), []) is SourceType.HELM


def test_two_blocks_are_an_error_that_names_both() -> None:
    with pytest.raises(InvalidSpecError, match="kustomize, helm") as caught:
        source_type(Source(URL, helm={}, kustomize={}), [])
    assert caught.value.path == "spec.source"
    assert caught.value.hint


@pytest.mark.parametrize("directory", [DirectorySource(exclude="*.jsonnet"), DirectorySource(include="*.yaml")])
def test_jsonnet_that_takes_no_part_does_not_count(directory: DirectorySource) -> None:
    assert source_type(Source(URL, directory=directory), ["main.jsonnet"]) is SourceType.DIRECTORY
