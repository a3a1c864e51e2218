"""What commands print: text for people, documents for programs. The one place where text leaves the program.

Text from outside is hostile: `clean` takes what could move a cursor, change a title or turn the direction of
writing out of everything that a person reads, in a pipe as at a terminal (somebody will page it). Documents
(JSON, YAML) are exact for programs: JSON escapes those characters, and a terminal sees them replaced.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from gitops_tui.errors import GitOpsError
from gitops_tui.model.facts import span_words
from gitops_tui.model.refused import plainly

REPLACEMENT = "�"
_HOSTILE = frozenset(("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"))
"""Control, format (bidi, zero width), surrogates, what is no character, separators of lines and paragraphs."""
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "bold": 1, "dim": 2}
_KEY = os.urandom(6).hex()
"""A painted text is kept between marks that nobody outside can write, and that `clean` would take out: no escape
sequence but these few can come out of `say`, whoever wrote the text."""
_MARK = re.compile(f"\ufdd0{_KEY}(\\d+)m")
_END = f"\ufdd0{_KEY}0m"


def clean(text: str, *, keep_newlines: bool = False) -> str:
    """Replace every hostile character by U+FFFD; a newline by ``⏎`` and a tab by a space where lines must hold."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_cleaned(char, keep_newlines) for char in text)


def _cleaned(char: str, keep_newlines: bool) -> str:
    if char in "\n\t":
        return char if keep_newlines else "⏎" if char == "\n" else " "
    return REPLACEMENT if unicodedata.category(char) in _HOSTILE else char


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def is_coloured(stream: TextIO) -> bool:
    """Colour for a person at a terminal; nothing in a pipe, under ``NO_COLOR`` or for a dumb terminal."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str) -> str:
    """Mark ``text`` (cleaned) as coloured; `say` and `tell` decide whether that shows."""
    return f"\ufdd0{_KEY}{_COLOURS[colour]}m{clean(text)}{_END}"


def _shown(text: str, stream: TextIO) -> str:
    """What a person gets to see: cleaned, and coloured where the stream can."""
    sequence = "\x1b[{}m" if is_coloured(stream) else ""
    parts = _MARK.split(text)
    shown = [sequence.format(part) if number % 2 else clean(part, keep_newlines=True)
             for number, part in enumerate(parts)]  # fmt: skip
    return _encodable("".join(shown), stream)


def _encodable(text: str, stream: TextIO) -> str:
    """Under a locale such as C, what it cannot say becomes ``?`` instead of an error."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding, "replace")


def say(text: str = "") -> None:
    """A line, or a block of lines, for a person, on standard output; at once: what serves says where, then waits."""
    print(_shown(text, sys.stdout), flush=True)


def say_document(text: str) -> None:
    """A document for a program on standard output: exact in a pipe, cleaned at a terminal."""
    print(_encodable(clean(text, keep_newlines=True) if is_terminal(sys.stdout) else text, sys.stdout), flush=True)


def tell(text: str) -> None:
    """A line on standard error: progress, warnings, errors. Nobody listening is no error."""
    try:
        print(_shown(text, sys.stderr), file=sys.stderr, flush=True)
    except OSError:
        pass


def forget_output() -> None:
    """Whoever read standard output has gone: nothing more is written, not even when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(error: GitOpsError) -> None:
    """An error with its way out."""
    tell(f"gitops-tui: {plainly(str(error))}")
    if error.hint:
        tell(f"  {error.hint}")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the last one runs free. No heading where there are no rows."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    lines = [list(headings), *cells]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(headings))]
    padded = ("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
              for line in lines)  # fmt: skip
    return "\n".join(line.rstrip() for line in padded)


def _width(text: str) -> int:
    """Cells of a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(bool(unicodedata.combining(char)) for char in text)


def document(value: Any, form: str) -> str:
    """``value`` as JSON or YAML."""
    if form == "yaml":
        from gitops_tui.manifest.encode import to_yaml

        return to_yaml(value).rstrip("\n")
    return _escaped(json.dumps(value, indent=2, default=str, ensure_ascii=False))


def _escaped(text: str) -> str:
    """JSON whose hostile characters are written as escapes: the same document, harmless to look at."""
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    return "".join(_escape(char) for char in text)


def _escape(char: str) -> str:
    if char == "\n" or unicodedata.category(char) not in _HOSTILE:
        return char
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"


def listing(items: Sequence[Mapping[str, Any]], form: str, kind: str = "List") -> str:
    """Several objects as one document, as kubectl does."""
    return document({"apiVersion": "v1", "kind": kind, "items": list(items)}, form)


def ago(at: datetime | None, now: datetime) -> str:
    """``41 s``, ``12 min``, ``2 h``, ``14 d``; ``-`` where not known."""
    if at is None:
        return "-"
    return span_words((now - at).total_seconds())
