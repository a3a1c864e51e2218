"""Resource actions: which the object under the cursor has, and the question before one runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Button, Input

from gitops_tui.model.action import Action
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView
from gitops_tui.tui.bindings import bindings
from gitops_tui.tui.draw.rows import Line, words, wrap
from gitops_tui.tui.screens.question import Modal, text_of
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import told_of

NAME_CELLS = 24


class ActionsScreen(Modal):
    """A picker; dismissed with the `Action` that was chosen, or None. A disabled one stays, with its reason."""

    HAS_CURSOR: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("open",))]

    def __init__(self, app: AppView, key: ResourceKey) -> None:
        super().__init__()
        self._view = app
        self._key = key
        self._actions: tuple[Action, ...] = ()

    def begin(self) -> None:
        self.set_title(f"Actions on {clean(self._key.short)}")
        self.put(lambda _: [Line(Text("looking …", "busy"))])
        self.listing.can_focus = True
        self.listing.focus()
        self.seat.ask(self, self.seat.core.actions(self._view.key, self._key), self._take, self._failed)

    def _take(self, actions: tuple[Action, ...]) -> None:
        self._actions = actions
        self.put(lambda width: action_lines(actions, width))

    def _failed(self, error: BaseException) -> None:
        told = words(("✗ ", "bad"), plain(told_of(error)))
        self.put(lambda width: [Line(one) for one in wrap(told, width, 2)])

    def action_open(self) -> None:
        action = next((one for one in self._actions if one.name == self.listing.cursor_key), None)
        if action is None:
            return
        if action.disabled:
            self.seat.tell(f"{action.name}: {action.reason or 'not now'}", severity="warning", timeout=4)
        else:
            self.dismiss(action)

    def on_lines_opened(self) -> None:
        if not self.is_deaf:
            self.action_open()


def action_lines(actions: Sequence[Action], width: int) -> list[Line]:
    """``pause  Pause it``; a disabled one is dimmed and says why."""
    if not actions:
        return [Line(plain("This kind has no actions.", "muted"))]
    room = min(NAME_CELLS, max(len(clean(one.name)) for one in actions))
    lines: list[Line] = []
    for one in actions:
        first, *rest = wrap(_action_text(one, room), width, room + 2)
        lines += [Line(first, one.name), *(Line(text) for text in rest)]
    return lines


def _action_text(action: Action, room: int) -> Text:
    told = action.reason or ("not now" if action.disabled else "")
    if not told and action.display_name:
        told = action.display_name
    if not told and action.parameters:
        told = "asks for " + ", ".join(one.name for one in action.parameters)
    name = plain(action.name, "muted" if action.disabled else "strong")
    name.truncate(room, overflow="ellipsis", pad=True)
    return words(name, "  ", plain(told, "muted"))


class ActionQuestion(Modal):
    """Where it happens, what it is given; dismissed with the parameters, or None."""

    def __init__(self, app: AppView, key: ResourceKey, action: Action) -> None:
        super().__init__()
        self._view = app
        self._key = key
        self._action = action

    def fields(self) -> Iterator[Widget]:
        """Parameters are numbered: a name from outside may be no id."""
        for number, one in enumerate(self._action.parameters):
            yield Input(one.default, id=f"parameter-{number}", placeholder=clean(one.name), compact=True)

    def buttons(self) -> Iterator[Button]:
        yield Button("Cancel", id="cancel", compact=True)
        yield Button(Text(clean(self._action.label)), id="go", variant="primary", compact=True)

    def begin(self) -> None:
        self.set_title(f"{clean(self._action.name)} {clean(self._key.short)}?")
        view = self._view
        place = words(
            "cluster ", plain(view.cluster, "production"), ", namespace ", plain(self._key.namespace or "none"),
            ", application ", plain(view.app.name),
        )  # fmt: skip
        told = [place, plain("It changes the object in the cluster at once. What Git says of it may differ then.")]
        named = ", ".join(one.name for one in self._action.parameters)
        if named:
            told.append(words("Give ", plain(named, "strong"), ":"))
        self.put(lambda width: [Line(one) for text in told for one in wrap(text, width)])
        if self._action.parameters:
            self.query_one("#parameter-0", Input).focus()

    def on_input_submitted(self) -> None:
        """Enter in a field goes on to the next thing; it never confirms."""
        self.app.action_focus_next()

    def answer(self, button: str) -> None:
        given = {
            one.name: text_of(self.query_one(f"#parameter-{number}", Input))
            for number, one in enumerate(self._action.parameters)
        }
        self.dismiss({name: value for name, value in given.items() if value} if button == "go" else None)
