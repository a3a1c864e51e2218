"""Plain manifests in a directory, as Argo CD's ``Directory`` source reads them.

Source: ``um/directory.md`` and ``findManifests`` in Argo CD's ``reposerver/repository``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from gitops_tui.errors import ManifestError, NoSuchFile, RenderError, RepositoryError
from gitops_tui.manifest.decode import Document, expand_lists, iterate, to_text
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.render.detect import JSONNET_SUFFIX, is_selected
from gitops_tui.render.paths import app_path
from gitops_tui.render.tree import Entry, TreeReader

MAX_BYTES = 10_000_000
"""The manifests of one source together: Argo CD's ``--max-combined-directory-manifests-size``."""

SKIP_MARKER = "+argocd:skip-file-rendering"
_MANIFEST = re.compile(r".*\.(yaml|yml|json|jsonnet)\Z", re.DOTALL)
_FIELDS_OF_A_MANIFEST = ("apiVersion:", "kind:", "metadata:")


class ManifestFile(Struct, frozen=True):
    """A file that may hold manifests; ``content`` is empty for Jsonnet, which is not read."""

    path: str
    content: bytes


class RenderedObject(Struct, frozen=True):
    """An object and where it stands: ``document`` counts from 0, ``line`` from 1."""

    obj: Object
    file: str
    document: int
    line: int


class Rendered(Struct, frozen=True):
    """What one source declares. ``files`` are all that were read, whether or not they hold objects."""

    objects: tuple[RenderedObject, ...]
    files: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def render_directory(reader: TreeReader, source: Source, *, max_bytes: int = MAX_BYTES) -> Rendered:
    """The objects of a directory, ``List``s replaced by their items.

    Raises `ManifestError` for the first file that cannot be read, `RenderError` where it is not rendered here: then
    nothing is known of what should be there, and nothing may be pruned.
    """
    warnings: list[str] = []
    files = manifest_files(reader, source, max_bytes=max_bytes, warn=warnings.append)
    objects: list[RenderedObject] = []
    for file in files:
        if file.path.endswith(JSONNET_SUFFIX):
            raise _not_rendered(file.path)
        documents = read_manifest(file)
        warnings += dict.fromkeys(f"{file.path}: {text}" for one in documents for text in one.warnings)
        objects += (_checked(one, file.path) for one in _expanded(documents, file.path))
    return Rendered(tuple(objects), tuple(file.path for file in files), tuple(warnings))


def _untold(_: str) -> None:
    return None


def manifest_files(
    reader: TreeReader, source: Source, *, max_bytes: int = MAX_BYTES, warn: Callable[[str], None] = _untold
) -> tuple[ManifestFile, ...]:
    """The files that take part, in the order of their names; ``max_bytes`` 0 is no limit.

    A link that leads to no file takes no part, as in Argo CD: ``warn`` is told.
    """
    root = app_path(reader, source.path)
    files: list[ManifestFile] = []
    size = 0
    for entry in _selected(reader, root, source.directory or DirectorySource()):
        content = b"" if entry.path.endswith(JSONNET_SUFFIX) else _content(reader, entry)
        if content is None:
            warn(f"{entry.path}: a symbolic link that leads to no file is left out")
            continue
        size += len(content)
        if max_bytes and size > max_bytes:
            raise RenderError(
                f"the manifests in {root or 'the root'} are larger than {max_bytes / 1e6:g} MB together",
                hint="Split the application, or leave files out with directory.exclude.",
            )
        files.append(ManifestFile(entry.path, content))
    return tuple(files)


def read_manifest(file: ManifestFile) -> tuple[Document, ...]:
    """The objects of one file, ``List``s as they are; none of a file that is no manifest or says to skip it."""
    text = to_text(file.content)
    if SKIP_MARKER in text:
        return ()
    if file.path.endswith(".json"):
        return (_json_object(text, file.path),)
    found: list[Document] = []
    try:
        for document in iterate(text, file=file.path):
            _require_kind(document, file.path)
            found.append(document)
    except ManifestError:
        # YAML that never meant to be a manifest (values, workflows) may lie beside manifests.
        if found or all(field in text for field in _FIELDS_OF_A_MANIFEST):
            raise
        return ()
    return tuple(found)


# --- which files ---------------------------------------------------------------------------------------------------


def _selected(reader: TreeReader, root: str, directory: DirectorySource) -> Iterator[Entry]:
    for entry in _walk(reader, root, recurse=directory.recurse):
        relative = entry.path[len(root) :].lstrip("/")
        if not directory.disable_extension_filter and not _MANIFEST.match(entry.name):
            continue
        if is_selected(relative, directory):
            yield entry


def _walk(reader: TreeReader, path: str, *, recurse: bool) -> Iterator[Entry]:
    """Files and links, in the order of their names; links to directories are not followed."""
    for entry in sorted(reader.entries(path), key=lambda one: one.name):
        if entry.kind in ("blob", "symlink"):
            yield entry
        elif recurse and entry.kind == "tree":
            yield from _walk(reader, entry.path, recurse=True)
        elif recurse:
            raise RenderError(
                f"{entry.path} is a submodule, which is not read",
                hint="Name the submodule's repository as a source of its own, and leave it out of this one's path.",
            )


def _content(reader: TreeReader, entry: Entry) -> bytes | None:
    """None of a link that leads to nothing, or to a directory."""
    try:
        return reader.read(entry.path)
    except RepositoryError as error:
        if entry.kind != "symlink":
            raise
        if isinstance(error, NoSuchFile):
            return None
        raise ManifestError(
            f"the symbolic link cannot be followed: {error.message}",
            file=entry.path,
            hint="Let the link point at a file in the repository, or leave it out with directory.exclude.",
        ) from error


def _not_rendered(path: str) -> RenderError:
    return RenderError(
        f"{path} is Jsonnet, which is not rendered in this version",
        tool="jsonnet",
        hint="Commit what the Jsonnet yields as YAML, or leave the file out with directory.exclude.",
    )


# --- what they hold ------------------------------------------------------------------------------------------------


def _json_object(text: str, file: str) -> Document:
    """A ``.json`` file holds one object and nothing else, and is never passed over."""
    documents = [] if text.strip() in ("", "null") else list(iterate(text, file=file))
    if not _is_json(text):
        raise ManifestError("not valid JSON", file=file, line=1, hint="Rename the file to .yaml, or write it as JSON.")
    if len(documents) != 1:
        problem = "holds several objects" if documents else "holds no object"
        raise ManifestError(problem, file=file, hint="Put one object into each .json file, or a List of them.")
    _require_kind(documents[0], file)
    return documents[0]


def _is_json(text: str) -> bool:
    """Whether the text begins with a JSON value."""
    try:
        json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return False
    return True


def _require_kind(document: Document, file: str) -> None:
    kind = document.obj.get("kind")
    if not isinstance(kind, str) or not kind:
        raise _error("the document has no kind", document, file)


def _expanded(documents: Iterable[Document], file: str) -> Iterator[Document]:
    for document in documents:
        items = document.obj.get("items")
        if items is None and "items" in document.obj and not document.obj.keys() & {"spec", "status"}:
            continue
        if isinstance(items, list) and not all(isinstance(item, dict) for item in items):
            raise _error("the list holds an item that is not an object", document, file)
        yield from expand_lists((document,))


def _checked(document: Document, file: str) -> RenderedObject:
    """An object that can be named: without all of this it could neither be found in the cluster nor be applied."""
    _require_kind(document, file)
    obj = document.obj
    if not isinstance(obj.get("apiVersion"), str) or not obj["apiVersion"]:
        raise _error(f"the {obj['kind']} has no apiVersion", document, file)
    given = [metadata_of(obj)[word] for word in ("name", "generateName") if metadata_of(obj).get(word)]
    if not given:
        raise _error(f"the {obj['kind']} has no metadata.name", document, file)
    if not all(isinstance(one, str) for one in given):
        raise _error(f"the {obj['kind']}'s metadata.name is not a string: {given[0]!r}", document, file)
    return RenderedObject(obj, file, document.index, document.line)


def _error(message: str, document: Document, file: str) -> ManifestError:
    return ManifestError(
        message,
        file=file,
        document=document.index,
        line=document.line,
        hint="Give it apiVersion, kind and metadata.name, or leave the file out with directory.exclude.",
    )
