"""Override files: ``.argocd-source.yaml`` beside the manifests changes how the source is rendered.

Source: ``um/parameters.md`` (Store Overrides In Git) and ``mergeSourceParameters`` in Argo CD's ``reposerver``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_tui.errors import InvalidSpecError, ManifestError
from gitops_tui.manifest.decode import decode_documents
from gitops_tui.model.application import Source, parse_source
from gitops_tui.model.reader import Origin
from gitops_tui.render.paths import app_path
from gitops_tui.render.tree import TreeReader

FOR_ALL = ".argocd-source.yaml"
_PREFIX, _SUFFIX = ".argocd-source-", ".yaml"


def are_among(names: Iterable[str]) -> bool:
    """Whether a directory with these names may hold override files of some application."""
    return any(name == FOR_ALL or (name.startswith(_PREFIX) and name.endswith(_SUFFIX)) for name in names)


def overridden(reader: TreeReader, source: Source, instance: str) -> Source:
    """The source as the files in its directory change it: that for all applications, then that for ``instance``.

    ``instance`` is the application's name as in tracking ids. Where the source lies stays as it is. Raises
    `ManifestError` for a file that is no mapping or has a field of the wrong type.
    """
    root = app_path(reader, source.path)
    files = {entry.name: entry.path for entry in reader.entries(root) if entry.kind in ("blob", "symlink")}
    place = {
        "repoURL": source.repo_url,
        "targetRevision": source.target_revision,
        "path": source.path,
        "chart": source.chart,
    }
    found = source
    for name in (FOR_ALL, f"{_PREFIX}{instance}{_SUFFIX}"):
        if name in files:
            patch = _patch(reader.read(files[name]), files[name])
            merged = {**_laid_over(found.raw, patch), **place}
            found = _parsed(merged, files[name])
    return found


def _parsed(merged: Mapping[str, Any], file: str) -> Source:
    """It is the file that is wrong, and not the Application."""
    try:
        return parse_source(merged, origin=Origin(file), path="source")
    except InvalidSpecError as error:
        expected = f"; expected {error.expected}" if error.expected else ""
        raise ManifestError(f"{error.path}: {error.message}{expected}", file=file, hint=error.hint) from error


def _patch(content: bytes, file: str) -> Mapping[str, Any]:
    documents = decode_documents(content, file=file)
    if not documents or not isinstance(documents[0], dict):
        raise ManifestError(
            "holds no mapping", file=file, hint="Give the fields of spec.source that it changes, or remove the file."
        )
    return documents[0]


def _laid_over(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged, lists replaced; null changes nothing: Argo CD reads the result over what it had."""
    merged = dict(before)
    for name, value in patch.items():
        old = before.get(name)
        if isinstance(value, Mapping):
            merged[name] = _laid_over(old if isinstance(old, Mapping) else {}, value)
        elif value is not None:
            merged[name] = value
    return merged
