"""A question: the verb on the button, the focus on Cancel, and deaf for the first half second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input
from textual.widgets.button import ButtonVariant
from typing_extensions import override

from gitops_tui.tui.bindings import MODAL, bindings
from gitops_tui.tui.draw.rows import Line, wrap
from gitops_tui.tui.screens.frame import Movement
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.widgets.buttons import Buttons
from gitops_tui.tui.widgets.lines import Build, Lines, Listing, entitle

SHORT = 14
"""Rows of a screen below which a dialog has no blank lines."""
EDGES, BLANKS = 2, 3
"""Rows of a dialog that hold nothing: its edges; a blank above the buttons, and one of the screen above and below."""
LEAST_LINES = 2
CORNERS = 6
"""Cells of the upper edge that are not its title."""
DEAF_S = 0.5
"""What was typed before a question appeared is not an answer to it."""


class Modal(Movement, ModalScreen[object], inherit_bindings=False):
    """A dialog over what it is about: title, lines, widgets of its own, buttons."""

    HAS_CURSOR: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(MODAL),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing(id="dialog-lines", has_cursor=self.HAS_CURSOR)
        self._deaf_until = float("-inf")
        self._title_text = Text()
        self._hints: dict[Input, tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield self.listing
            yield from self.fields()
            with Buttons(id="buttons"):
                yield from self.buttons()

    def fields(self) -> Iterator[Widget]:
        """Inputs between the text and the buttons."""
        yield from ()

    def buttons(self) -> Iterator[Button]:
        yield Button("Close", id="cancel", compact=True)

    def lines(self) -> Lines:
        return self.listing

    def set_title(self, title: str) -> None:
        self._title_text = plain(title)
        entitle(self.query_one("#dialog"), self._title_text)

    def on_mount(self) -> None:
        self._clear_toasts()
        self.is_ready = True
        self.listing.can_focus = False
        self.query_one("#cancel", Button).focus()
        self.be_deaf()
        self.begin()

    def _clear_toasts(self) -> None:
        """Of the screens below, too: Textual clears those of the top screen alone, and they would stay beside this."""
        self.app.clear_notifications()
        for screen in self.app.screen_stack:
            screen.query("ToastHolder").remove()

    def begin(self) -> None:
        """Once, when there is something to draw into."""

    def put(self, build: Build) -> None:
        """Show these lines, as many as there is room for; the rest is scrolled to."""
        self.listing.put(lambda width: [*self._cut_title(width), *build(width)])
        self.call_after_refresh(self.fit)

    def hint(self, field: Input, *versions: str) -> None:
        """What is to be typed into a field: the first of these that there is room for."""
        self._hints[field] = versions
        field.placeholder = versions[0]

    def _cut_title(self, width: int) -> list[Line]:
        """The title once more where the edge has no room for it: it is the question."""
        room = self.query_one("#dialog").outer_size.width - CORNERS
        if self._title_text.cell_len <= room:
            return []
        told = self._title_text.copy()
        told.stylize("strong")
        return [Line(one) for one in wrap(told, width)]

    def on_resize(self) -> None:
        self.call_after_refresh(self.fit)

    def fit(self) -> None:
        """The lines' height: what they need, or what title, fields, buttons and edges leave of the screen."""
        if not self.listing.keys:
            self.listing.rebuild()  # laid out, and not told: the palette holds updates back while it closes
        is_short = self.size.height < SHORT
        self.set_class(is_short, "-short")
        buttons = self.query_one(Buttons)
        fields = [field for field in self.query(Input) if field.display]
        for field in fields:
            versions, room = self._hints.get(field, ()), field.content_size.width - 1
            field.placeholder = next((one for one in versions if cell_len(one) <= room), field.placeholder)
        blanks = 0 if is_short else BLANKS + len(fields)
        others = EDGES + buttons.set_out(buttons.size.width) + len(fields) + blanks
        room = max(LEAST_LINES, self.size.height - others)
        self.listing.styles.height = max(1, min(len(self.listing.keys), room))

    # --- the first half second

    def be_deaf(self) -> None:
        self._deaf_until = self.seat.options.ticks() + DEAF_S

    @property
    def is_deaf(self) -> bool:
        return self.seat.options.ticks() < self._deaf_until

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (self.is_deaf and action not in ("back",))

    def draw(self) -> None:
        """Questions that depend on the snapshot say how."""

    def action_back(self) -> None:
        self.dismiss(None)

    def action_pan(self, cells: int) -> None:
        """Left and right walk over the buttons, as in any dialog."""
        if isinstance(self.focused, Button):
            self.app.action_focus_next() if cells > 0 else self.app.action_focus_previous()
        else:
            super().action_pan(cells)

    def action_copy(self) -> None:
        self.seat.copy(self.listing.plain_text(), "the text of this dialog")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if self.is_deaf:
            return
        self.answer(event.button.id or "")

    def answer(self, button: str) -> None:  # noqa: ARG002 - what subclasses decide by
        """A button was pressed; here there is only the one that closes."""
        self.dismiss(None)


class Choice(Struct, frozen=True):
    """One thing that can be done; ``id`` is the answer."""

    id: str
    label: str
    is_destructive: bool = False


class Question(Modal):
    """Asks with a few plain lines; dismissed with the choice's id, or None."""

    def __init__(self, title: str, told: Sequence[str], choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._told = tuple(told)
        self._choices = tuple(choices)

    def buttons(self) -> Iterator[Button]:
        yield Button("Cancel", id="cancel", compact=True)
        for choice in self._choices:
            variant: ButtonVariant = "error" if choice.is_destructive else "primary"
            yield Button(clean(choice.label), id=f"choice-{choice.id}", variant=variant, compact=True)

    def begin(self) -> None:
        self.set_title(self._title)
        self.put(lambda width: [Line(one) for told in self._told for one in wrap(_line(told), width)])

    def answer(self, button: str) -> None:
        self.dismiss(button.removeprefix("choice-") if button.startswith("choice-") else None)


def _line(told: str) -> Text:
    return plain(told)


def text_of(field: Input) -> str:
    return field.value.strip()
