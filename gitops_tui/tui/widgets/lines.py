"""Lines of text on Textual's Line API: only what is visible is drawn, and only what changed is painted again.

A table of 5,000 rows costs as much as one of fifty. The cursor sits on a key and not on a row, so rows that
move never put another one under the hand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from gitops_tui.tui.draw.rows import Line
from gitops_tui.tui.text import to_ascii
from gitops_tui.tui.theme import frame_title, ink_styles

Draw = Callable[[int, int], Text]
"""Row number and width in cells -> what stands there."""

CURSOR, CHOSEN = "›", "*"


class _Cell(Struct, frozen=True):
    """What decides how one row of the screen looks; equal cells need no painting."""

    text: Text | None = None
    has_cursor: bool = False
    is_chosen: bool = False


def entitle(widget: Widget, title: Text) -> None:
    """Write on a widget's frame, in ASCII where that is asked for; unchanged titles cost nothing."""
    text = Text(to_ascii(title.plain), spans=title.spans) if widget.app.has_class("-ascii") else title
    made = frame_title(text)
    if widget.border_title != made.markup:
        widget.border_title = made


def segments(text: Text, inks: Mapping[str, Style], base: Style, *, ascii_only: bool = False) -> list[Segment]:
    """Tagged text as styled segments: a tag that is no ink is drawn plain."""
    content = to_ascii(text.plain) if ascii_only else text.plain
    spans = [(one.start, one.end, str(one.style)) for one in text.spans]
    if text.style:
        spans.insert(0, (0, len(content), str(text.style)))
    edges = {edge for start, end, _ in spans for edge in (start, end) if edge < len(content)}
    cuts = sorted({0, len(content), *edges})
    made = []
    for start, end in pairwise(cuts):
        style = base
        for first, last, tag in spans:
            if first <= start and end <= last:
                style += inks.get(tag, Style.null())
        made.append(Segment(content[start:end], style))
    return made


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows drawn on demand by a function. Subclasses and screens give the keys; ``None`` keys are passed over."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--chosen"}
    DEFAULT_CSS = """
    Lines { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    Lines > .lines--cursor { background: $panel; }
    Lines:focus > .lines--cursor { background: $primary 30%; text-style: bold; }
    Lines > .lines--chosen { background: $accent 15%; }
    """

    class Moved(Message):
        """The cursor is on another key."""

        def __init__(self, lines: Lines, key: Hashable | None) -> None:
            super().__init__()
            self.lines = lines
            self.key = key

        @property
        def control(self) -> Lines:
            return self.lines

    class Opened(Message):
        """A row was chosen with the mouse."""

        def __init__(self, lines: Lines, key: Hashable) -> None:
            super().__init__()
            self.lines = lines
            self.key = key

        @property
        def control(self) -> Lines:
            return self.lines

    def __init__(
        self,
        *,
        has_cursor: bool = True,
        pans: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str = "",
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.has_cursor = has_cursor
        self.pans = pans
        self.spare_cells = 1
        self.chosen: frozenset[Hashable] = frozenset()
        self._keys: tuple[Hashable | None, ...] = ()
        self._where: dict[Hashable, int] = {}
        self._draw: Draw = lambda _row, _width: Text()
        self._cursor: Hashable | None = None
        self._texts: dict[int, Text] = {}
        self._texts_width = 0
        self._painted: dict[int, _Cell] = {}
        self._inks: dict[str, Style] = {}
        self._own_style: Style | None = None

    # --- what is shown

    def show(self, keys: Iterable[Hashable | None], draw: Draw, *, width: int = 0) -> None:
        """Put these rows in place of the old; the cursor stays on its key, else near where it was."""
        before = self.cursor_row
        self._keys, self._draw = tuple(keys), draw
        self._where = {key: row for row, key in enumerate(self._keys) if key is not None}
        self._set_extent(Size(width if self.pans else 0, len(self._keys)))
        self._keep_cursor(before)
        self.repaint()

    def _set_extent(self, extent: Size) -> None:
        """Assigning ``virtual_size`` lays the whole screen out again (tens of milliseconds), though only the
        scrollbars depend on it here: a widget of this kind never has an automatic height."""
        if self.size.width and extent != self.virtual_size:
            self.set_reactive(Widget.virtual_size, extent)
            self._scroll_update(extent)
        elif extent != self.virtual_size:
            self.virtual_size = extent

    def repaint(self) -> None:
        """Draw the visible rows again and paint those that came out differently."""
        self._texts.clear()
        top, width = self.scroll_offset.y, self.width
        for y in range(self.size.height):
            if self._painted.get(y) != self._cell(y + top):
                self.refresh(Region(0, y, width, 1))

    def _keep_cursor(self, before: int | None) -> None:
        if not self.has_cursor or self._cursor in self._where:
            self._scroll_to_cursor()
            return
        self._set_cursor(self._nearest(before or 0))

    def _nearest(self, row: int) -> Hashable | None:
        """The key at ``row`` or after it, else the last one before it."""
        after = (key for key in self._keys[row:] if key is not None)
        ahead = (key for key in reversed(self._keys[:row]) if key is not None)
        return next(after, next(ahead, None))

    # --- the cursor

    @property
    def keys(self) -> tuple[Hashable | None, ...]:
        return self._keys

    @property
    def cursor_key(self) -> Hashable | None:
        return self._cursor if self._cursor in self._where else None

    @property
    def cursor_row(self) -> int | None:
        return None if self._cursor is None else self._where.get(self._cursor)

    def move_to(self, key: Hashable | None) -> None:
        """Put the cursor on a key that is shown; any other is ignored."""
        if key in self._where:
            self._set_cursor(key)

    def start_at(self, key: Hashable) -> None:
        """Let the next rows have the cursor on this key, wherever it was."""
        if key != self._cursor:
            self._cursor = key
            self.post_message(self.Moved(self, key))

    def move_by(self, rows: int) -> None:
        """Move the cursor over rows that can hold it; without a cursor, scroll."""
        if not self.has_cursor or not self._where:
            self.scroll_relative(y=rows, animate=False)
            return
        places = list(self._where.values())
        here = places.index(self.cursor_row) if self.cursor_row in places else 0
        there = max(0, min(len(places) - 1, here + rows))
        if there == here:
            self.scroll_relative(y=rows, animate=False)
        self._set_cursor(self._keys[places[there]])

    def move_to_end(self, *, last: bool) -> None:
        self.move_by(len(self._keys) if last else -len(self._keys))
        self.scroll_to(y=self.virtual_size.height if last else 0, animate=False)

    def pan(self, cells: int) -> None:
        # By force: Textual decides what may scroll when it lays out, and lines that come later change nothing there.
        self.scroll_relative(x=cells, animate=False, force=True)

    def page(self, share: float) -> None:
        self.move_by(int(max(1, self.size.height - 1) * share) or (1 if share > 0 else -1))

    def _set_cursor(self, key: Hashable | None) -> None:
        if key == self._cursor:
            return
        old, self._cursor = self.cursor_row, key
        for row in (old, self.cursor_row):
            if row is not None:
                self.refresh_line(row)
        self._scroll_to_cursor()
        self.post_message(self.Moved(self, key))

    def _scroll_to_cursor(self) -> None:
        row, height = self.cursor_row, self.size.height
        if row is None or not height:
            return
        top = self.scroll_offset.y
        wanted = min(max(top, row - height + 1), row)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False)

    def toggle_chosen(self) -> None:
        """Put the row under the cursor among the chosen ones, or take it out."""
        if self.cursor_key is not None:
            self.choose(self.chosen ^ {self.cursor_key})

    def choose(self, keys: Iterable[Hashable]) -> None:
        self.chosen = frozenset(keys)
        self.repaint()

    # --- drawing

    def _cell(self, row: int) -> _Cell:
        if not 0 <= row < len(self._keys):
            return _Cell()
        key = self._keys[row]
        is_here = self.has_cursor and key is not None and key == self._cursor
        return _Cell(self._text(row), is_here, key in self.chosen)

    def _text(self, row: int) -> Text:
        """Drawn once a width: a scrollbar or a new layout changes it before anybody is told."""
        width = self.text_width
        if width != self._texts_width:
            self._texts.clear()
            self._texts_width = width
        if row not in self._texts:
            self._texts[row] = self._draw(row, width)
        return self._texts[row]

    @property
    def width(self) -> int:
        """Cells of a row: the scrollbar takes its own."""
        return self.scrollable_content_region.width

    @property
    def text_width(self) -> int:
        """Cells of a row's text: between the cursor's mark and a blank before the edge."""
        return max(1, self.width - self.gutter_cells - self.spare_cells)

    @property
    def gutter_cells(self) -> int:
        """Cells at the left for the cursor's mark."""
        return 1 if self.has_cursor else 0

    def render_line(self, y: int) -> Strip:
        cell = self._cell(y + self.scroll_offset.y)
        self._painted[y] = cell
        base = self._base(cell)
        if cell.text is None:
            return Strip.blank(self.width, base)
        ascii_only = self.app.has_class("-ascii")
        made = segments(cell.text, self._ink_styles(), base, ascii_only=ascii_only)
        if self.gutter_cells:
            mark = CHOSEN if cell.is_chosen else CURSOR if cell.has_cursor else " "
            made.insert(0, Segment(to_ascii(mark) if ascii_only else mark, base))
        x = self.scroll_offset.x
        return Strip(made).crop_extend(x, x + self.width, base)

    def _base(self, cell: _Cell) -> Style:
        if cell.has_cursor:
            return self.get_component_rich_style("lines--cursor")
        if cell.is_chosen:
            return self.get_component_rich_style("lines--chosen")
        if self._own_style is None:
            self._own_style = self.rich_style
        return self._own_style

    def _ink_styles(self) -> dict[str, Style]:
        if not self._inks:
            self._inks = ink_styles(self.app.theme_variables)
        return self._inks

    def notify_style_update(self) -> None:
        self._inks, self._own_style = {}, None
        super().notify_style_update()

    # --- events

    def on_resize(self) -> None:
        self._texts.clear()
        self.resized()
        self._scroll_to_cursor()

    def resized(self) -> None:
        """The width is another one. (Textual calls every class's own ``on_resize``: subclasses use this.)"""

    def on_click(self, event: events.Click) -> None:
        row = event.y - self.gutter.top + self.scroll_offset.y
        key = self._keys[row] if 0 <= row < len(self._keys) else None
        if key is None or not self.has_cursor:
            return
        was_here = key == self._cursor
        self._set_cursor(key)
        if was_here or event.chain == 2:
            self.post_message(self.Opened(self, key))


Build = Callable[[int], Sequence[Line]]
"""Width in cells -> the lines."""


class Listing(Lines):
    """Lines that are made all at once, for the width that there is: panes of text, trees, small lists."""

    def __init__(
        self,
        *,
        has_cursor: bool = True,
        pans: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str = "",
    ) -> None:
        super().__init__(has_cursor=has_cursor, pans=pans, id=id, classes=classes)
        self._build: Build = lambda _width: ()
        self._lines: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return self._lines

    def put(self, build: Build) -> None:
        """Show what ``build`` makes, now and whenever the width or the time changes."""
        self._build = build
        self.rebuild()

    def rebuild(self) -> None:
        """Nothing is made for a pane that is not shown; it is made when it gets a size."""
        if not self.size.width:
            return
        made = tuple(self._build(self.text_width))
        self._lines = made
        longest = max((cell_len(line.text.plain) for line in made), default=0) if self.pans else 0
        self.show((line.key for line in made), lambda row, _width: made[row].text, width=longest)

    def resized(self) -> None:
        self.rebuild()

    def plain_text(self) -> str:
        """What stands here, for the clipboard."""
        return "\n".join(line.text.plain.rstrip() for line in self._lines)
