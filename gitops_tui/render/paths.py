"""Paths of applications: which are valid, and which changes of files concern one.

Source: Argo CD's ``util/app/path`` and the annotation ``argocd.argoproj.io/manifest-generate-paths``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from gitops_tui.errors import InvalidSpecError, RepositoryError, RevisionNotFound
from gitops_tui.model import filepath
from gitops_tui.model.annotations import MANIFEST_GENERATE_PATHS
from gitops_tui.model.application import Application, Source
from gitops_tui.render.tree import TreeReader

_HINT = "Correct spec.source.path: it is relative to the repository's root."


def clean_path(path: str) -> str:
    """The path without ``.``, ``..`` and slashes at its ends, ``""`` for the root; raises `InvalidSpecError`."""
    if path.startswith("/"):
        raise _wrong(path, "is absolute")
    found = posixpath.normpath(path) if path else "."
    if found == ".." or found.startswith("../"):
        raise _wrong(path, "leaves the repository")
    return "" if found == "." else found


def app_path(reader: TreeReader, path: str) -> str:
    """As `clean_path`, of a directory that is there."""
    found = clean_path(path)
    if not found:
        return found
    try:
        reader.entries(found)
    except RevisionNotFound:
        raise
    except RepositoryError as error:
        raise _wrong(path, f"is not a directory of the repository: {error.message}") from error
    return found


def refresh_paths(app: Application, source: Source) -> tuple[str, ...]:
    """The paths whose changes concern a source: those of the annotation, where a leading slash means the root.

    Empty where there is no annotation: every change does. What a hydrator writes is concerned by its own path alone.
    """
    hydrator = (app.raw.get("spec") or {}).get("sourceHydrator")
    if hydrator and source.path == (hydrator.get("syncSource") or {}).get("path"):
        return (source.path,)
    items = [item.strip() for item in app.annotations.get(MANIFEST_GENERATE_PATHS, "").split(";")]
    return tuple(item[1:] if item.startswith("/") else _joined(source.path, item) for item in items if item)


def _joined(path: str, item: str) -> str:
    return posixpath.normpath(posixpath.join(path, item))


def files_have_changed(paths: Sequence[str], changed: Iterable[str]) -> bool:
    """Whether a changed file is one of the paths, below one, or matches one; what is not known counts as changed."""
    files = [_absolute(file) for file in changed]
    if not files or not paths:
        return True
    return any(_is_under(file, _absolute(path)) for file in files for path in paths)


def _is_under(file: str, path: str) -> bool:
    """A path that ends in a slash is a directory's, also where a file has its name."""
    root = posixpath.normpath(path).strip("/")
    return file == path or file.startswith(f"/{root}/" if root else "/") or filepath.matches(path, file)


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _wrong(path: str, message: str) -> InvalidSpecError:
    return InvalidSpecError(
        f"{path!r} {message}", path="spec.source.path", expected="a directory in the repository", hint=_HINT
    )
