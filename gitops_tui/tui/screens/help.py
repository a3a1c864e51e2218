"""Every key, from the table of bindings, as it is bound now."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from gitops_tui.tui.bindings import GROUPS, KEYS, WRITE, Key
from gitops_tui.tui.draw.rows import Line, fit, words, wrap
from gitops_tui.tui.screens.question import Modal
from gitops_tui.tui.text import clean, plain

FILTERS = (
    ("word !word", "in name, namespace or trouble; not in them"),
    ("sync:out health:deg", "by status"),
    ("ns: project: cluster:", "by where it goes and whose it is"),
    ("drift:yes drift:kubectl-edit", "by drift: any, a field or a writer"),
)
FILTER_CELLS = 30


class HelpScreen(Modal):
    """Scrolls; esc closes."""

    def __init__(self, overrides: Mapping[str, str]) -> None:
        super().__init__()
        self._overrides = overrides

    def begin(self) -> None:
        self.set_title("Keys")
        self.put(self._lines)

    def _lines(self, width: int) -> list[Line]:
        lines = []
        for group in GROUPS:
            lines += [Line(text) for text in self._heading(group, width)]
            lines += [Line(text) for key in KEYS if key.group == group for text in self._key(key, width)]
            lines.append(Line(Text()))
        lines.append(Line(Text("Filter", "heading")))
        for term, told in FILTERS:
            lines += [Line(one) for one in wrap(words("  ", fit(Text(term, "key"), FILTER_CELLS), told), width, 4)]
        return lines

    def _heading(self, group: str, width: int) -> list[Text]:
        """What writes stands apart from what does not, and says that it asks first, or why it cannot be done here."""
        heading = Text(group, "heading")
        if group != WRITE:
            return [heading]
        refusal = self.seat.refusal()
        told = plain(refusal, "warn") if refusal else Text("each shows what it would do, and asks first", "muted")
        return wrap(words(heading, (": ", "muted"), told), width, 2)

    def _key(self, key: Key, width: int) -> list[Text]:
        bound = clean(self._overrides.get(key.id, "")) or key.display or key.keys.replace(",", " ")
        is_off = key.writes and bool(self.seat.refusal())
        name, told = Text(bound, "off" if is_off else "key"), Text(key.tooltip, "off" if is_off else "")
        return wrap(words("  ", fit(name, max(10, name.cell_len + 1)), told), width, 12)
