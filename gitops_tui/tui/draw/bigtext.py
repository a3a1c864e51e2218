"""Letters three rows high, to be read from across the room: 3 x 5 pixels in half blocks."""

from __future__ import annotations

ROWS = 3
CELL = 4
"""Cells a letter takes, with the gap after it."""

_FONT = {
    "A": "010101111101101", "B": "110101110101110", "C": "011100100100011", "D": "110101101101110",
    "E": "111100110100111", "F": "111100110100100", "G": "011100101101011", "H": "101101111101101",
    "I": "111010010010111", "J": "001001001101010", "K": "101101110101101", "L": "100100100100111",
    "M": "101111111101101", "N": "110101101101101", "O": "010101101101010", "P": "110101110100100",
    "Q": "010101101110011", "R": "110101110101101", "S": "011100010001110", "T": "111010010010010",
    "U": "101101101101011", "V": "101101101101010", "W": "101101111111101", "X": "101101010101101",
    "Y": "101101010010010", "Z": "111001010100111", "0": "010101101101010", "1": "010110010010111",
    "2": "110001010100111", "3": "110001010001110", "4": "101101111001001", "5": "111100110001110",
    "6": "011100110101010", "7": "111001010010010", "8": "010101010101010", "9": "010101011001110",
    "-": "000000111000000", "_": "000000000000111", ".": "000000000000010", " ": "000000000000000",
    "!": "010010010000010", "?": "110001010000010",
}  # fmt: skip
_HALVES = {"00": " ", "10": "▀", "01": "▄", "11": "█"}


def can_write(text: str) -> bool:
    return all(char in _FONT for char in text.upper())


def big(text: str) -> list[str]:
    """Three rows; letters that the font lacks are a question mark."""
    glyphs = [_FONT.get(char, _FONT["?"]) for char in text.upper()]
    return ["".join(_half_row(glyph, row) + " " for glyph in glyphs).rstrip() for row in range(ROWS)]


def _half_row(glyph: str, row: int) -> str:
    """Pixel rows ``2 * row`` and ``2 * row + 1`` in one row of cells; under the fifth there is nothing."""
    upper, lower = glyph[row * 6 : row * 6 + 3], (glyph + "000")[row * 6 + 3 : row * 6 + 6]
    return "".join(_HALVES[above + below] for above, below in zip(upper, lower, strict=True))
