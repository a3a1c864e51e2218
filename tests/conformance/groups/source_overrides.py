"""What the override files of an application's folder make of its source."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import GitOpsError
from gitops_tui.model.application import Source, parse_source
from gitops_tui.render.overrides import overridden
from tests.conformance.check import check
from tests.unit.render.reader import DictReader

GROUP = "render/source_overrides"
FILE = "render/source_overrides.json"
SKIP: dict[str, str] = {}

REPOSITORY = "https://git.example.com/shop/manifests"
"""The cases leave it empty, and a source without a repository is refused before its folder is read."""

_HELM = (
    "apiVersions fileParameters ignoreMissingValueFiles kubeVersion namespace parameters passCredentials releaseName"
    " skipCrds skipSchemaValidation skipTests valueFiles values valuesObject version"
)
_KUSTOMIZE = (
    "apiVersions commonAnnotations commonAnnotationsEnvsubst commonLabels components forceCommonAnnotations"
    " forceCommonLabels ignoreMissingComponents images kubeVersion labelIncludeTemplates labelWithoutSelector"
    " namePrefix nameSuffix namespace patches replicas version"
)
_PLUGIN = "env name parameters"
KNOWN = frozenset(f"{_HELM} {_KUSTOMIZE} {_PLUGIN}".split())


def run(case: dict[str, Any]) -> None:
    given = {**case["source"], "repoURL": case["source"].get("repoURL") or REPOSITORY}
    source = parse_source(given)
    root = "" if source.path in ("", ".") else f"{source.path.strip('/')}/"
    reader = DictReader({**{root + name: text for name, text in case["files"].items()}, f"{root}README": ""})
    expected = case["expected"]
    if expected["error"]:
        with pytest.raises(GitOpsError):
            overridden(reader, source, case["appName"])
        return
    wanted = parse_source({**given, **expected["source"], "repoURL": given["repoURL"]})
    check(_fields(overridden(reader, source, case["appName"])), _fields(wanted))


def _fields(source: Source) -> dict[str, Any]:
    """What counts of a source. Fields that Argo CD does not know are kept here and mean nothing."""
    blocks = {"helm": source.helm, "kustomize": source.kustomize, "plugin": source.plugin}
    known = {name: block and {key: block[key] for key in block if key in KNOWN} for name, block in blocks.items()}
    place = {"path": source.path, "chart": source.chart, "revision": source.target_revision, "ref": source.ref}
    return {**place, **known, "directory": str(source.directory)}
