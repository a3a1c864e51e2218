"""The buttons of a dialog: side by side, closer where that is needed, else in rows. None is ever cut off."""

from __future__ import annotations

from rich.cells import cell_len
from textual.containers import Container
from textual.widgets import Button

LEAST, PAD, BETWEEN = 10, 2, 2
"""Cells: a button's least width, the blanks around its label, the gap before it."""


class Buttons(Container):
    """How they stand is known after the layout alone, with the room that there is: `set_out`."""

    def set_out(self, width: int) -> int:
        """Arrange the buttons in ``width`` cells; how many rows that takes."""
        widths = [cell_len(str(one.label)) + PAD for one in self.query(Button) if one.display]
        is_wide = sum(max(LEAST, one) + BETWEEN for one in widths) <= width
        is_close = not is_wide and sum(widths) + len(widths) - 1 <= width
        columns = max(1, (width + 1) // (max(widths, default=0) + 1))
        rows = 1 if is_wide or is_close else -(-len(widths) // columns)
        self.set_class(is_close, "-close")
        self.set_class(rows > 1, "-rows")
        self.styles.grid_size_columns = columns
        self.styles.height = rows
        return rows
