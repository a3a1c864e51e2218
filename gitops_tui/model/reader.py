"""Reading a document of ``argoproj.io`` field by field: what is wrong is named by file, document and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from gitops_tui.errors import InvalidSpecError


class Origin(Struct, frozen=True):
    """Where a document was read from: a file and document, or the cluster."""

    file: str = ""
    document: int = 0
    in_cluster: bool = False

    def __str__(self) -> str:
        if self.in_cluster:
            return "the cluster"
        return f"{self.file} (document {self.document + 1})" if self.document else self.file


UNKNOWN_ORIGIN = Origin()


class Reader:
    """Typed access that names the path of what is wrong. The key is the last word of the dotted path."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def wrong(self, path: str, message: str, expected: str) -> InvalidSpecError:
        return InvalidSpecError(
            message,
            file=str(self._origin.file) or str(self._origin),
            document=self._origin.document,
            path=path,
            expected=expected,
            hint=f"Correct {path} of the object." if self._origin.in_cluster else f"Correct {path} and save the file.",
        )

    def _get(self, obj: Mapping[str, Any], path: str, kind: type, expected: str, required: bool) -> Any:
        value = obj.get(path.rpartition(".")[2])
        if value is None:
            if required:
                raise self.wrong(path, "is missing", expected)
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(path, f"is {_describe(value)}", expected)
        return value

    def mapping(self, obj: Mapping[str, Any], path: str, *, required: bool = False) -> dict[str, Any]:
        return self._get(obj, path, dict, "a mapping", required) or {}

    def optional_mapping(self, obj: Mapping[str, Any], path: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._get(obj, path, dict, "a mapping", False)
        return found

    def mappings(self, obj: Mapping[str, Any], path: str) -> Sequence[dict[str, Any]]:
        found: list[Any] = self._get(obj, path, list, "a list of mappings", False) or []
        for number, one in enumerate(found):
            if not isinstance(one, dict):
                raise self.wrong(f"{path}[{number}]", f"is {_describe(one)}", "a mapping")
        return found

    def text(self, obj: Mapping[str, Any], path: str, *, required: bool = False) -> str:
        value: str = self._get(obj, path, str, "a string", required) or ""
        if required and not value:
            raise self.wrong(path, "is empty", "a string")
        return value

    def flag(self, obj: Mapping[str, Any], path: str, default: bool) -> bool:
        value: bool | None = self._get(obj, path, bool, "true or false", False)
        return default if value is None else value

    def integer(self, obj: Mapping[str, Any], path: str, default: int) -> int:
        value: int | None = self._get(obj, path, int, "a whole number", False)
        return default if value is None else value

    def texts(self, obj: Mapping[str, Any], path: str) -> dict[str, str]:
        found = self.mapping(obj, path)
        for key, value in found.items():
            if not isinstance(value, str):
                raise self.wrong(f"{path}.{key}", f"is {_describe(value)}", "a string")
        return found

    def text_list(self, obj: Mapping[str, Any], path: str) -> tuple[str, ...]:
        found: list[Any] = self._get(obj, path, list, "a list of strings", False) or []
        for number, one in enumerate(found):
            if not isinstance(one, str):
                raise self.wrong(f"{path}[{number}]", f"is {_describe(one)}", "a string")
        return tuple(found)


def _describe(value: Any) -> str:
    words = {dict: "a mapping", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    shown = "" if isinstance(value, (dict, list)) else f" ({value!r})"
    return words.get(type(value), type(value).__name__) + shown
