"""Bytes to objects, exactly as ``kubectl`` and Argo CD read them.

A stream is split at lines that begin with ``---``, or is a row of JSON objects; empty documents are skipped. Source:
``k8s.io/apimachinery/pkg/util/yaml`` (``NewYAMLOrJSONDecoder``); docs/decisions/yaml.md has what was recorded.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from msgspec import Struct
from yaml import YAMLError

from gitops_tui.errors import ManifestError
from gitops_tui.manifest.construct import ConstructError, Constructor
from gitops_tui.manifest.scalar import from_float, from_int
from gitops_tui.model.resource import Object

_HINTS = (
    ("cannot start any token", "Indent with spaces: YAML does not allow tabs there."),
    ("mapping values are not allowed", "Quote a value that contains ': ', and check the indentation."),
    ("could not find expected ':'", "Check the indentation and that every key is followed by ': '."),
    ("did not find expected", "Check the indentation and that every bracket and quote is closed."),
    ("excessive aliasing", "Write the repeated parts out, or generate them before they are committed."),
    ("undefined alias", "Define the anchor in the same document, above its use."),
    ("document separator", "Put '---' on a line of its own."),
    ("not an object", "Begin each document with apiVersion, kind and metadata."),
    ("control characters", "Remove the control characters, or write them as escapes in double quotes."),
)
_DEFAULT_HINT = "Correct the file at this line; `kubectl create --dry-run=client -f FILE` reads it the same way."


class Document(Struct, frozen=True):
    """One object and where it stands: ``index`` counts the stream's documents from 0, ``line`` is 1-based."""

    obj: Object
    index: int
    line: int
    warnings: tuple[str, ...] = ()
    """What Kubernetes reads without complaint although nobody can mean it: keys that stand twice."""


class _Found(Struct, frozen=True):
    """A document before it is known to be an object."""

    value: Any
    index: int
    line: int
    warnings: tuple[str, ...] = ()


def decode(text: str | bytes, *, file: str = "") -> list[Document]:
    """All objects of a stream; raises `ManifestError` with file, document and line for the first that is wrong."""
    return list(iterate(text, file=file))


def iterate(text: str | bytes, *, file: str = "") -> Iterator[Document]:
    """As `decode`, one by one: what stands before a broken document is given before the error is raised."""
    for found in _documents(to_text(text), file):
        if not isinstance(found.value, dict):
            raise _error(f"the document is a {_kind_of(found.value)}, not an object", file, found.index, found.line)
        yield Document(found.value, found.index, found.line, found.warnings)


def decode_documents(text: str | bytes, *, file: str = "") -> list[Any]:
    """The values of a stream's documents, whatever they are."""
    return [found.value for found in _documents(to_text(text), file)]


def expand_lists(documents: Iterable[Document]) -> Iterator[Document]:
    """``List`` objects (anything with a list of ``items``) replaced by their items."""
    for document in documents:
        items = document.obj.get("items")
        if not isinstance(items, list):
            yield document
            continue
        for item in items:
            if isinstance(item, dict):
                yield from expand_lists((Document(item, document.index, document.line, document.warnings),))


def to_text(content: str | bytes) -> str:
    """As ``kubectl`` opens a file: a byte order mark decides, else UTF-8; what is invalid becomes U+FFFD."""
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    return content.removeprefix(codecs.BOM_UTF8).decode(errors="replace")


# --- JSON or YAML --------------------------------------------------------------------------------------------------


def _documents(text: str, file: str) -> Iterator[_Found]:
    if not text.lstrip().startswith("{"):
        yield from _yaml_documents(text, file, first_line=1, first_index=0)
        return
    position, count = 0, 0
    while (start := _skip_space(text, position)) < len(text):
        try:
            value, position = _JSON.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            if count > 1:
                _raise_json(error, text, start, file, count)
            break
        yield _Found(_repair(value, text), count, text.count("\n", 0, start) + 1)
        count += 1
    else:
        return
    yield from _yaml_after_json(text, position, file, count)


def _yaml_after_json(text: str, position: int, file: str, count: int) -> Iterator[_Found]:
    """What begins like JSON and is none is YAML: ``{a: 1}``, or ``---`` after the first object."""
    end_of_line = text.find("\n", position)
    if end_of_line >= 0 and not text[position:end_of_line].strip():
        position = end_of_line + 1
    yield from _yaml_documents(text[position:], file, first_line=text.count("\n", 0, position) + 1, first_index=count)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _json_float(text: str) -> int | float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is out of range")
    return from_float(value)


_JSON = json.JSONDecoder(
    parse_float=_json_float, parse_int=lambda text: from_int(int(text)), parse_constant=_refuse_constant
)


def _repair(value: Any, text: str) -> Any:
    """Half a surrogate pair (``\\ud800``) becomes U+FFFD, as in Go: it could not be written as UTF-8."""
    if "\\ud" not in text and "\\uD" not in text:
        return value
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_repair(item, text) for item in value]
    if isinstance(value, dict):
        return {_repair(key, text): _repair(item, text) for key, item in value.items()}
    return value


def _raise_json(error: Exception, text: str, start: int, file: str, index: int) -> NoReturn:
    message = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    at = error.pos if isinstance(error, json.JSONDecodeError) else start
    raise _error(f"not valid JSON: {message}", file, index, text.count("\n", 0, at) + 1) from error


# --- YAML ------------------------------------------------------------------------------------------------------------


def _yaml_documents(text: str, file: str, *, first_line: int, first_index: int) -> Iterator[_Found]:
    index = first_index
    for chunk, line in _split(text, file, first_line, first_index):
        document = _yaml_document(chunk, file, index, line)
        if document is not None:
            yield document
            index += 1


def _split(text: str, file: str, first_line: int, first_index: int) -> Iterator[tuple[str, int]]:
    """The documents' texts with the line at which each begins. A separator may carry a comment, nothing else."""
    lines: list[str] = []
    begin, count = first_line, first_index
    for number, line in enumerate(text.split("\n"), first_line):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                raise _error(f"invalid document separator: {line[:40].strip()}", file, count, number)
            if lines:
                yield "\n".join((*lines, "")), begin
                count += 1
            lines, begin = [], number + 1
            continue
        lines.append(line)
    if lines:
        yield "\n".join((*lines, "")), begin


def _yaml_document(chunk: str, file: str, index: int, first_line: int) -> _Found | None:
    """None for a document that is empty or null."""
    try:
        constructor = Constructor(chunk)
        value = constructor.document()
    except RecursionError:
        raise _error("the document is nested too deep", file, index, first_line) from None
    except (ConstructError, YAMLError) as error:
        raise _error(_message_of(error), file, index, first_line + _line_of(error)) from error
    if value is None:
        return None
    warnings = tuple(
        f"line {first_line + line}: the key {key!r} stands twice; the last one counts"
        for key, line in constructor.duplicates
    )
    return _Found(value, index, first_line + constructor.line, warnings)


def _line_of(error: Exception) -> int:
    """0-based, 0 where the error does not say."""
    if isinstance(error, ConstructError):
        return error.line
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line if mark is not None else 0


def _message_of(error: Exception) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    return str(problem or error).splitlines()[0]


def _kind_of(value: object) -> str:
    words = {list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return words.get(type(value), type(value).__name__)


def _error(message: str, file: str, index: int, line: int) -> ManifestError:
    hint = next((hint for words, hint in _HINTS if words in message), _DEFAULT_HINT)
    return ManifestError(message, file=file, document=index, line=line, hint=hint)
