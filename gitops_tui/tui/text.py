"""The one place where text from outside is neutralised before it reaches a terminal.

Commit messages, annotations, events, logs and names are written by whoever can write them. A control
sequence in one of them could set the clipboard or the title, a bidi mark could turn a line around, a newline
could forge a row. Everything of ours that draws such text goes through `plain` (or `clean`, the same as str).
"""

from __future__ import annotations

import unicodedata

from rich.text import Text

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
NEWLINE_MARK = "↵"
LONGEST = 4000
"""Characters that are drawn of one value; a line longer than this is cut with a mark."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"})
"""Control, format (bidi, zero width, tags), surrogates, line and paragraph separators, unassigned, private."""


class _Table(dict[int, str]):
    """A translation table that decides each code point once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = REPLACEMENT if unicodedata.category(char) in _UNSAFE else char
        return self[code]


_TABLE = _Table({0x0A: NEWLINE_MARK, 0x0D: "", 0x09: "    ", 0xA0: " ", 0xAD: ""})
_TABLE.update(dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)), ""))
"""Variation selectors only change how wide a terminal draws the character before them."""


def clean(value: object) -> str:
    """``value`` as one line of harmless text: no control, format or separator character survives."""
    text = str(value)
    cut = text[:LONGEST].rstrip("\n").translate(_TABLE)
    return cut + "…" if len(text) > LONGEST else cut


def plain(value: object, tag: str = "") -> Text:
    """`clean` as a Rich text, never parsed for markup; ``tag`` names an ink of the theme."""
    return Text(clean(value), tag, no_wrap=True, end="")


_ASCII = {
    "✓": "+",
    "✗": "x",
    "↻": "~",
    "◌": ".",
    "⚑": "#",
    "·": "-",
    "…": ".",
    "›": ">",
    "▏": "|",
    "│": "|",
    "─": "-",
    "┃": "|",
    "━": "-",
    "├": "|",
    "└": "`",
    "▾": "v",
    "▸": ">",
    "▐": "[",
    "▌": "]",
    "█": "#",
    "▀": "#",
    "▄": "#",
    "░": ".",
    "▒": "%",
    "●": "*",
    "→": ">",
    "−": "-",
    "–": "-",
    "“": '"',
    "”": '"',
    "’": "'",
    "↑": "^",
    "↓": "v",
    "←": "<",
    "↵": "$",
    "┏": "+",
    "┓": "+",
    "┗": "+",
    "┛": "+",
}


class _AsciiTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        wide = unicodedata.east_asian_width(chr(code)) in "WF"
        self[code] = chr(code) if code < 128 else "??" if wide else "" if unicodedata.combining(chr(code)) else "?"
        return self[code]


_ASCII_TABLE = _AsciiTable({ord(glyph): plain_one for glyph, plain_one in _ASCII.items()})


def to_ascii(text: str) -> str:
    """The same text in ASCII, cell for cell: ``--ascii`` is applied where lines are drawn, not by each caller."""
    return text if text.isascii() else text.translate(_ASCII_TABLE)
