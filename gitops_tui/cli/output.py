"""What commands print: tables for people, documents for programs. The one place where text leaves the program.

Text from outside is neutralised where standard output is a terminal (`clean`): a commit message cannot write an
escape sequence. Into a pipe goes what there is, as it is, but for control characters in tables.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from gitops_tui.errors import GitOpsError

FORMATS = ("table", "wide", "json", "yaml", "name")
_KEPT = frozenset("\t")
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "bold": 1, "dim": 2}


def clean(text: str, *, keep_newlines: bool = False) -> str:
    """Replace control, format (bidi, zero-width) and separator characters by U+FFFD; a newline by ``⏎``."""
    return "".join(_cleaned(char, keep_newlines) for char in text)


def _cleaned(char: str, keep_newlines: bool) -> str:
    if char == "\n":
        return "\n" if keep_newlines else "⏎"
    if char in _KEPT or char == " ":
        return char
    return "�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def paint(text: str, colour: str, stream: TextIO | None = None) -> str:
    """Colour for a person at a terminal; nothing in a pipe or under ``NO_COLOR``."""
    out = stream or sys.stdout
    if not is_terminal(out) or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def say(text: str = "") -> None:
    """A line, or a block of lines, on standard output."""
    try:
        print(clean(text, keep_newlines=True) if is_terminal(sys.stdout) and "\x1b" not in text else text)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open until the process ends


def tell(text: str) -> None:
    """A line on standard error: progress, warnings, errors."""
    print(clean(text, keep_newlines=True), file=sys.stderr, flush=True)


def complain(error: GitOpsError) -> None:
    """An error with its way out."""
    tell(f"gitops-tui: {error}")
    if error.hint:
        tell(f"  {error.hint}")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the last one runs free. No heading where there are no rows."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    lines = [list(headings), *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def document(value: Any, form: str) -> str:
    """``value`` as JSON or YAML."""
    if form == "yaml":
        from gitops_tui.manifest.encode import to_yaml

        return to_yaml(value).rstrip("\n")
    return json.dumps(value, indent=2, default=str, ensure_ascii=False)


def listing(items: Sequence[Mapping[str, Any]], form: str, kind: str = "List") -> str:
    """Several objects as one document, as kubectl does."""
    return document({"apiVersion": "v1", "kind": kind, "items": list(items)}, form)


def ago(at: datetime | None, now: datetime) -> str:
    """``41 s``, ``12 min``, ``2 h``, ``14 d``; ``-`` where not known."""
    if at is None:
        return "-"
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
