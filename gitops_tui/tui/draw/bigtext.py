"""Letters to be read from across the room: 3 x 5 pixels, each half a cell high times a scale."""

from __future__ import annotations

WIDTH, HEIGHT = 3, 5
SCALES = (4, 3, 2, 1)

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


def rows(scale: int) -> int:
    """Cells that a line of these letters is high."""
    return -(-HEIGHT * scale // 2)


def cells(letters: int, scale: int) -> int:
    """Cells that so many letters take."""
    return max(0, letters * (WIDTH + 1) - 1) * scale


def big(text: str, scale: int = 1) -> list[str]:
    """`rows` lines of blocks; letters that the font lacks are a question mark."""
    glyphs = [_FONT.get(char, _FONT["?"]) for char in text.upper()]
    pixels = ["0".join(glyph[WIDTH * row : WIDTH * (row + 1)] for glyph in glyphs) for row in range(HEIGHT)]
    wide = ["".join(one * scale for one in line) for line in pixels for _ in range(scale)]
    wide += ["0" * len(wide[0])] * (len(wide) % 2)
    return [
        "".join(_HALVES[a + b] for a, b in zip(*pair, strict=True)) for pair in zip(wide[::2], wide[1::2], strict=True)
    ]
