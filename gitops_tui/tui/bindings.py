"""Every key, once: id, what it does, where help lists it, whether it writes.

A key means the same on every screen; a screen takes the ids that make sense on it (`bindings`). Users rebind
by id in the configuration, and help is generated from here.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from textual.binding import Binding

WRITE, LOOK, FIND, MOVE, PROGRAM = "Write", "Look", "Find", "Move", "Program"
GROUPS = (WRITE, LOOK, FIND, MOVE, PROGRAM)


class Key(Struct, frozen=True):
    """One binding. ``shown`` is its place in the key bar, from the left; 0: only in help and palette."""

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    group: str
    writes: bool = False
    shown: int = 0
    display: str = ""

    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.action,
            self.label,
            show=bool(self.shown),
            key_display=self.display or None,
            tooltip=self.tooltip,
            id=self.id,
        )


KEYS = (
    Key("down", "j,down", "move(1)", "Down", "Next row", MOVE, display="j ↓"),
    Key("up", "k,up", "move(-1)", "Up", "Previous row", MOVE, display="k ↑"),
    Key("top", "g,home", "move_end(False)", "Top", "First row", MOVE),
    Key("bottom", "G,end", "move_end(True)", "Bottom", "Last row", MOVE),
    Key("half_down", "ctrl+d", "page(0.5)", "Half down", "Half a page down", MOVE, display="^d"),
    Key("half_up", "ctrl+u", "page(-0.5)", "Half up", "Half a page up", MOVE, display="^u"),
    Key("page_down", "ctrl+f,pagedown", "page(1)", "Page down", "A page down", MOVE, display="^f"),
    Key("page_up", "ctrl+b,pageup", "page(-1)", "Page up", "A page up", MOVE, display="^b"),
    Key("left", "left", "pan(-8)", "Left", "Scroll to the left", MOVE, display="←"),
    Key("right", "right", "pan(8)", "Right", "Scroll to the right", MOVE, display="→"),
    Key("open", "enter", "open", "Open", "Into what is under the cursor", MOVE, display="enter"),
    Key("back", "escape", "back", "Back", "Out of this screen or pane", MOVE, shown=1, display="esc"),
    Key("pane_1", "1", "pane(1)", "Status pane", "Status: what is wrong, object by object", LOOK),
    Key("pane_2", "2", "pane(2)", "Diff pane", "Diff: Git against the cluster", LOOK),
    Key("pane_3", "3", "pane(3)", "History pane", "History: commits of the application's path", LOOK),
    Key("pane_4", "4", "pane(4)", "Tree pane", "Tree: objects down to pods", LOOK),
    Key("next_pane", "tab", "next_pane(1)", "Next pane", "The next pane", MOVE, display="tab"),
    Key("previous_pane", "shift+tab", "next_pane(-1)", "Previous pane", "The pane before", MOVE, display="shift-tab"),
    Key("sync", "s", "sync", "Sync", "Sync: shows the plan first", WRITE, writes=True, shown=2),
    Key(
        "heal",
        "H",
        "heal",
        "Heal",
        "Heal: undo drift only, at the deployed revision; shows the plan first",
        WRITE,
        writes=True,
        shown=3,
    ),
    Key(
        "revert",
        "v",
        "revert",
        "Revert",
        "Revert the commit in History: preview, then git revert and push",
        WRITE,
        writes=True,
        shown=4,
    ),
    Key("revert_t", "t", "revert", "Revert", "As v, in History", WRITE, writes=True),
    Key(
        "rollback",
        "b",
        "rollback",
        "Rollback",
        "Roll back to the deployed commit in History: shows the plan first",
        WRITE,
        writes=True,
    ),
    Key("diff", "d", "diff", "Diff", "Diff, full screen; again: unified or side by side", LOOK, shown=5),
    Key("why", "W", "why", "Why", "Why is it in this state", LOOK, shown=6),
    Key(
        "filter",
        "slash",
        "filter",
        "Filter",
        "Filter: text, !text, sync: health: ns: project: cluster: drift:",
        FIND,
        shown=7,
        display="/",
    ),
    Key("help", "question_mark", "help", "Help", "Every key", PROGRAM, shown=9, display="?"),
    Key("objects", "o", "objects", "Objects", "Objects with their owners, down to pods", LOOK),
    Key("manifest", "y", "manifest", "Manifest", "Manifest: live, target, predicted", LOOK),
    Key("events", "e", "events", "Events", "Kubernetes events", LOOK),
    Key("logs", "l", "logs", "Logs", "Logs of all pods of a workload", LOOK),
    Key("next_hunk", "n", "hunk(1)", "Hunk", "The next difference", LOOK, shown=1),
    Key("previous_hunk", "N", "hunk(-1)", "Previous hunk", "The difference before", LOOK),
    Key("fold", "z", "fold", "Fold", "Fold or unfold", LOOK, shown=1),
    Key("attribution", "m", "attribution", "Who", "Who changed it: writers beside the lines", LOOK, shown=1),
    Key("follow", "f", "follow", "Follow", "Follow the log as it grows", LOOK, shown=1),
    Key("previous_log", "P", "previous_log", "Previous", "The log of the container before its restart", LOOK, shown=1),
    Key("actions", "a", "actions", "Actions", "Actions on the object: restart, scale, …", WRITE, writes=True),
    Key("refresh", "r", "refresh", "Refresh", "Fetch and compare this application now", LOOK),
    Key("refresh_hard", "R", "refresh_hard", "Hard refresh", "The same, without any cache, for all", LOOK),
    Key(
        "hold",
        "p",
        "hold",
        "Hold",
        "Hold: pause automation, with a reason and an end; again: release",
        WRITE,
        writes=True,
    ),
    Key(
        "terminate",
        "x",
        "terminate",
        "Terminate",
        "Terminate the running operation, or resume an orphaned one",
        WRITE,
        writes=True,
    ),
    Key("select", "space", "select", "Select", "Select several", FIND, display="space"),
    Key("trouble", "exclamation_mark", "trouble", "Trouble", "Only what is in trouble", FIND, display="!"),
    Key("palette", "colon,ctrl+p", "command_palette", "Palette", "Command palette", FIND, display=":"),
    Key("copy", "c", "copy", "Copy", "Copy what is shown (OSC 52)", PROGRAM),
    Key("quit", "q", "leave", "Quit", "Quit; asks while an operation runs", PROGRAM),
)
"""In the order of help."""

BY_ID = {key.id: key for key in KEYS}
WRITES = frozenset(key.action for key in KEYS if key.writes)
"""Actions that write: dimmed, with the reason, where nothing may be written."""

MOVING = ("down", "up", "top", "bottom", "half_down", "half_up", "page_down", "page_up", "left", "right")
EVERYWHERE = (
    *MOVING,
    "open",
    "back",
    "pane_1",
    "pane_2",
    "pane_3",
    "pane_4",
    "next_pane",
    "previous_pane",
    "sync",
    "heal",
    "revert",
    "revert_t",
    "rollback",
    "diff",
    "why",
    "filter",
    "help",
    "objects",
    "manifest",
    "events",
    "logs",
    "actions",
    "refresh",
    "refresh_hard",
    "hold",
    "terminate",
    "select",
    "trouble",
    "palette",
    "copy",
    "quit",
)
MODAL = (*MOVING, "back", "copy")


def bindings(ids: Iterable[str]) -> list[Binding]:
    """Textual's bindings of these ids, in the order of the key bar."""
    found = [BY_ID[one] for one in ids]
    return [key.binding() for key in sorted(found, key=lambda key: key.shown or 99)]


def unknown_ids(overrides: Iterable[str]) -> list[str]:
    """Ids in a user's configuration that name no binding."""
    return sorted(set(overrides) - set(BY_ID))
