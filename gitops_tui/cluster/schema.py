"""The cluster's own types, from ``/openapi/v3``, kept on disk by the hash that discovery gives (KEP-2896)."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from gitops_tui.errors import ApiError
from gitops_tui.files import write_whole
from gitops_tui.logs import logger
from gitops_tui.model.resource import split_api_version
from gitops_tui.structured.schema import SchemaNode, Schemas

if TYPE_CHECKING:
    from gitops_tui.cluster.client import Reader


class SchemaCache:
    """Types by kind; a group and version is fetched when first asked for. Thread-safe."""

    def __init__(self, reader: Reader, directory: Path) -> None:
        self._reader = reader
        self._directory = directory
        self._lock = threading.RLock()
        self._index: dict[str, str] | None = None
        self._schemas: dict[str, Schemas] = {}

    def for_kind(self, api_version: str, kind: str) -> SchemaNode | None:
        """None where the server publishes no type: the merge then deduces one."""
        with self._lock:
            known = self._schemas.get(api_version)
            if known is None:
                known = self._schemas[api_version] = self._load(api_version)
            return known.for_kind(api_version, kind)

    def forget(self) -> None:
        """A CustomResourceDefinition changed: ask for the hashes again."""
        with self._lock:
            self._index = None
            self._schemas.clear()

    def _load(self, api_version: str) -> Schemas:
        path = self._paths().get(_document_name(api_version))
        if path is None:
            return Schemas()
        try:
            return Schemas.from_openapi_v3([self._document(path)])
        except ApiError as error:
            logger(__name__).warning("no types of %s: %s", api_version, error)
            return Schemas()

    def _paths(self) -> dict[str, str]:
        """``apis/apps/v1`` to the path that serves it, with its hash."""
        if self._index is None:
            try:
                answer = self._reader.raw_json("/openapi/v3")
            except ApiError as error:
                logger(__name__).warning("the server publishes no types: %s", error)
                answer = {}
            self._index = {name: str(one["serverRelativeURL"]) for name, one in (answer.get("paths") or {}).items()}
        return self._index

    def _document(self, path: str) -> dict[str, Any]:
        digest = (parse_qs(urlsplit(path).query).get("hash") or [""])[0]
        file = self._directory / f"{digest}.json.gz"
        if digest:
            found = _read(file)
            if found is not None:
                return found
        document: dict[str, Any] = self._reader.raw_json(path)
        slim = _slim(document)
        if digest:
            _write(file, slim)
        return slim


def _document_name(api_version: str) -> str:
    group, version = split_api_version(api_version)
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _slim(document: dict[str, Any]) -> dict[str, Any]:
    """Without prose and examples: a tenth of the bytes, and all that a merge needs."""
    paths = {
        path: {verb: {key: one[key] for key in one if key == "x-kubernetes-group-version-kind"}
               for verb, one in operations.items() if isinstance(one, dict)}
        for path, operations in (document.get("paths") or {}).items()
        if path.endswith("/{name}/status")
    }  # fmt: skip
    return {
        "paths": paths,
        "components": {"schemas": _without_prose((document.get("components") or {}).get("schemas") or {})},
    }


def _without_prose(value: Any, *, names: bool = True) -> Any:
    """``names``: the keys of this mapping are names somebody chose, so that a field called description stays."""
    if isinstance(value, list):
        return [_without_prose(one, names=False) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_prose(one, names=not names and key in ("properties", "schemas"))
        for key, one in value.items()
        if names or key not in ("description", "example", "externalDocs", "title")
    }


def _read(file: Path) -> dict[str, Any] | None:
    """None where there is none, or where what is there cannot be read: then it is fetched again."""
    try:
        found = msgspec.json.decode(gzip.decompress(file.read_bytes()))
    except (OSError, ValueError, EOFError):
        return None
    return found if isinstance(found, dict) else None


def _write(file: Path, document: dict[str, Any]) -> None:
    """A cache that cannot be written is no reason to fail."""
    try:
        write_whole(file, gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 1))
    except OSError as error:
        logger(__name__).warning("types are not kept: %s", error)
