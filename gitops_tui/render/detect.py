"""Which tool renders a source.

Source: Argo CD's ``um/tool_detection.md`` and ``util/app/discovery``.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.model.glob import match

KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
JSONNET_SUFFIX = ".jsonnet"


class SourceType(StrEnum):
    """Argo CD's source types, and ``Jsonnet`` for a directory with files of it: only ``Directory`` is rendered here."""

    DIRECTORY = "Directory"
    HELM = "Helm"
    KUSTOMIZE = "Kustomize"
    PLUGIN = "Plugin"
    JSONNET = "Jsonnet"


def source_type(source: Source, names: Iterable[str]) -> SourceType:
    """The type of a source with these names in its directory; raises `InvalidSpecError` where it says two.

    Jsonnet in a directory below, which ``recurse`` would reach, is found by `render_directory`.
    """
    known = sorted(names)
    found = explicit_type(source) or _discovered(source, known)
    if found is SourceType.DIRECTORY and any(is_jsonnet(name, source.directory) for name in known):
        return SourceType.JSONNET
    return found


def explicit_type(source: Source) -> SourceType | None:
    """The type that the source itself says by the block that it has; None where it has none."""
    blocks = {
        SourceType.KUSTOMIZE: source.kustomize,
        SourceType.HELM: source.helm,
        SourceType.DIRECTORY: source.directory,
        SourceType.PLUGIN: source.plugin,
    }
    given = [kind for kind, block in blocks.items() if block is not None]
    if len(given) > 1:
        words = ", ".join(str(kind).lower() for kind in given)
        raise InvalidSpecError(
            f"has several source types: {words}",
            path="spec.source",
            expected="at most one of kustomize, helm, directory and plugin",
            hint="Keep the block of the tool that renders this source, and remove the others.",
        )
    return given[0] if given else None


def is_selected(relative_path: str, directory: DirectorySource | None) -> bool:
    """Whether a file takes part by ``directory.exclude``, which goes first, and ``directory.include``."""
    options = directory or DirectorySource()
    if options.exclude and match(options.exclude, relative_path):
        return False
    return not options.include or match(options.include, relative_path)


def is_jsonnet(relative_path: str, directory: DirectorySource | None) -> bool:
    """Whether a file is one that Argo CD would evaluate as Jsonnet."""
    return relative_path.endswith(JSONNET_SUFFIX) and is_selected(relative_path, directory)


def _discovered(source: Source, names: Iterable[str]) -> SourceType:
    """By the files, in the order of their names: of a chart and a kustomization the later name decides."""
    found = SourceType.HELM if source.chart else SourceType.DIRECTORY
    for name in names:
        if name.endswith("Chart.yaml"):
            found = SourceType.HELM
        elif name in KUSTOMIZATIONS:
            found = SourceType.KUSTOMIZE
    return found
