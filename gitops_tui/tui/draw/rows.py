"""Columns of a row: text cut to width, with a mark where something was cut."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from rich.cells import cell_len
from rich.text import Text


class Line:
    """One drawn line; ``key`` None: the cursor passes over it.

    The text may be given as what makes it, which is asked once, when somebody looks: of an application's thousand
    objects a pane shows twenty, and all are put there anew each second.
    """

    __slots__ = ("_text", "key")

    def __init__(self, text: Text | Callable[[], Text], key: Hashable | None = None) -> None:
        self._text = text
        self.key = key

    @property
    def text(self) -> Text:
        if not isinstance(self._text, Text):
            self._text = self._text()
        return self._text


def fit(text: Text, width: int) -> Text:
    """Exactly ``width`` cells: cut with ``…`` or padded."""
    made = text.copy()
    made.truncate(max(0, width), overflow="ellipsis", pad=True)
    return made


def row(*cells: tuple[Text, int]) -> Text:
    """Cells of fixed width, one blank between them."""
    made = Text(no_wrap=True, end="")
    for number, (text, width) in enumerate(cells):
        if number:
            made.append(" ")
        made.append_text(fit(text, width))
    return made


def spread(left: Text, right: Text, width: int) -> Text:
    """``left`` and ``right`` at both ends of the line; the right end gives way when there is no room."""
    room = width - right.cell_len - 1
    if room < min(left.cell_len, width * 2 // 3):
        room = max(0, min(left.cell_len, width))
        right = fit(right, max(0, width - room - 1)) if width - room > 8 else Text()
    made = fit(left, max(0, width - right.cell_len - (1 if right.cell_len else 0)))
    if right.cell_len:
        made.append(" ")
        made.append_text(right)
    return made


def words(*parts: str | tuple[str, str] | Text) -> Text:
    """Parts put together: plain strings of ours, ``(string, ink)`` pairs, or texts that `plain` made."""
    made = Text(no_wrap=True, end="")
    for part in parts:
        if isinstance(part, Text):
            made.append_text(part)
        elif isinstance(part, tuple):
            made.append(part[0], part[1])
        else:
            made.append(part)
    return made


def join(parts: Iterable[Text], between: str = " · ") -> Text:
    """Texts with a separator; empty ones are left out."""
    made = Text(no_wrap=True, end="")
    for part in parts:
        if not part.plain:
            continue
        if made.plain:
            made.append(between, "muted")
        made.append_text(part)
    return made


def wrap(text: Text, width: int, indent: int = 0) -> list[Text]:
    """``text`` broken at blanks into lines of ``width`` cells, later ones indented."""
    lines: list[Text] = []
    rest = text
    while True:
        room = max(8, width - (indent if lines else 0))
        head, rest = _break(rest, room)
        lines.append(words(" " * indent, head) if lines else head)
        if not rest.plain:
            return lines


def _break(text: Text, room: int) -> tuple[Text, Text]:
    if text.cell_len <= room:
        return text, Text()
    cut = _characters(text.plain, room)
    blank = text.plain.rfind(" ", 1, cut + 1)
    at = blank if blank > room // 3 else _joint(text.plain, room // 3, cut)
    head, tail = text.divide([at])
    head.rstrip()
    stripped = len(tail.plain) - len(tail.plain.lstrip(" "))
    return head, tail[stripped:] if stripped else tail


def _joint(plain: str, first: int, cut: int) -> int:
    """Where a path or a name without blanks is broken: after its last part that fits, else in the middle of one."""
    found = max(plain.rfind(mark, first, cut) for mark in "./,]")
    return found + 1 if found >= first else cut


def _characters(plain: str, room: int) -> int:
    """How many characters fit into ``room`` cells; at least one."""
    used = 0
    for number, char in enumerate(plain):
        used += cell_len(char)
        if used > room:
            return max(1, number)
    return len(plain)
