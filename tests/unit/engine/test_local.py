"""A folder in place of a source: rendered with the source's settings, refused where Argo CD refuses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitops_tui.engine.local import local_manifests, why_not_local
from gitops_tui.errors import OperationError, RepositoryError
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.reader import Origin

SOURCE = {"repoURL": "https://host/repo", "path": "apps/web"}


def application(**spec: Any) -> Application:
    found = {"source": SOURCE, "destination": {"name": "in-cluster", "namespace": "shop"}, **spec}
    raw = {"metadata": {"name": "web", "namespace": "argocd"}, "spec": found}
    return parse_application(raw, origin=Origin(in_cluster=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    for name in ("one", "below/two"):
        (tmp_path / f"{name}.yaml").write_text(f"{{apiVersion: v1, kind: Secret, metadata: {{name: {name[-3:]}}}}}")
    return tmp_path


@pytest.mark.parametrize(
    ("directory", "expected"),
    [({}, ["one"]), ({"recurse": True}, ["two", "one"]), ({"recurse": True, "exclude": "one*"}, ["two"])],
)
def test_the_folder_is_read_as_the_source_says(folder: Path, directory: dict[str, Any], expected: list[str]) -> None:
    app = application(source={**SOURCE, "directory": directory})
    assert [json.loads(text)["metadata"]["name"] for text in local_manifests(app, folder, "shop")] == expected


def test_what_is_no_folder_of_manifests_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="cannot be read"):
        local_manifests(application(), folder / "nowhere", "shop")
    empty = folder / "empty"
    empty.mkdir()
    with pytest.raises(OperationError, match="holds no manifests"):
        local_manifests(application(), empty, "shop")
    (folder / "Chart.yaml").write_text("name: web")
    with pytest.raises(OperationError, match="Helm source"):
        local_manifests(application(), folder, "shop")


def test_several_sources_are_refused(folder: Path) -> None:
    with pytest.raises(OperationError, match="several sources"):
        local_manifests(application(source=None, sources=[SOURCE, SOURCE]), folder, "shop")


@pytest.mark.parametrize(
    ("policy", "is_dry_run", "is_refused"),
    [
        ({}, False, False),
        ({"automated": {}}, False, True),
        ({"automated": {}}, True, False),
        ({"automated": {"enabled": False}}, False, False),
    ],
)
def test_automation_refuses_a_folder(policy: dict[str, Any], is_dry_run: bool, is_refused: bool) -> None:
    said = why_not_local(application(syncPolicy=policy), is_dry_run=is_dry_run)
    assert bool(said) is is_refused
