"""Every key, from the table of bindings, as it is bound now."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from gitops_tui.tui.bindings import GROUPS, KEYS, Key
from gitops_tui.tui.draw.rows import Line, fit, words, wrap
from gitops_tui.tui.screens.question import Modal
from gitops_tui.tui.text import clean

FILTERS = (
    ("word !word", "in name, namespace or trouble; not in them"),
    ("sync:out health:deg", "by status"),
    ("ns: project: cluster:", "by where it goes and whose it is"),
    ("drift:yes drift:kubectl-edit", "by drift: any, a field or a writer"),
)


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
            lines.append(Line(Text(group, "heading")))
            lines += [Line(text) for key in KEYS if key.group == group for text in self._key(key, width)]
            lines.append(Line(Text()))
        lines.append(Line(Text("Filter", "heading")))
        lines += [Line(words("  ", fit(Text(term, "key"), 30), Text(told))) for term, told in FILTERS]
        return lines

    def _key(self, key: Key, width: int) -> list[Text]:
        bound = clean(self._overrides.get(key.id, "")) or key.display or key.keys.replace(",", " ")
        writes = ("  writes, after a plan", "muted") if key.writes and width > 70 else ""
        told = words("  ", fit(Text(bound, "key"), 10), Text(key.tooltip))
        if writes and told.cell_len + len(writes[0]) <= width:
            return [words(told, writes)]
        return wrap(told, width, 12)
