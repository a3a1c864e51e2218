"""Objects and what they own, down to pods: a tree drawn as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from rich.text import Text

from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import TreeNode
from gitops_tui.model.status import SyncStatus
from gitops_tui.tui.draw.rows import Line, join, row, words
from gitops_tui.tui.glyphs import HEALTH, NO_STATUS, SYNC
from gitops_tui.tui.text import plain
from gitops_tui.tui.words import age

STATUS, AGE = 40, 6
NARROW, NARROW_STATUS = 60, 11


class Branch(Struct, frozen=True):
    """One node with the lines that lead to it."""

    node: TreeNode
    rails: str
    is_folded: bool


def branches(nodes: Sequence[TreeNode], folded: frozenset[ResourceKey], rails: str = "") -> list[Branch]:
    """The tree as rows, in order; children of a folded node are left out."""
    made: list[Branch] = []
    for number, node in enumerate(nodes):
        is_last = number == len(nodes) - 1
        hides = bool(node.children) and node.key in folded
        made.append(Branch(node, rails + ("└─" if is_last else "├─") if rails or node else rails, hides))
        if not hides:
            made += branches(node.children, folded, rails + ("  " if is_last else "│ "))
    return made


def tree_lines(nodes: Sequence[TreeNode], folded: frozenset[ResourceKey], width: int, now: datetime) -> list[Line]:
    if not nodes:
        return [Line(Text("No objects in the cluster.", "muted"))]
    rows = []
    for node in nodes:
        hides = bool(node.children) and node.key in folded
        rows.append(Branch(node, "", hides))
        if not hides:
            rows += branches(node.children, folded, " ")
    names = [_name(branch) for branch in rows]
    status = _status_width(width, max(name.cell_len for name in names))
    return [
        Line(_row(branch.node, name, width, status, now), branch.node.key)
        for branch, name in zip(rows, names, strict=True)
    ]


def _status_width(width: int, longest_name: int) -> int:
    """What the longest name leaves, but a third at least."""
    return NARROW_STATUS if width < NARROW else max(min(STATUS, width // 3), width - longest_name - AGE - 2)


def _row(node: TreeNode, name: Text, width: int, status: int, now: datetime) -> Text:
    if width < NARROW:
        return row((name, width - status - 1), (_status(node), status))
    return row(
        (name, width - status - AGE - 2), (_status(node), status), (Text(age(node.created_at, now), "muted"), AGE)
    )


def _name(branch: Branch) -> Text:
    node = branch.node
    mark = HEALTH[node.health.status] if node.health else SYNC[node.sync] if node.sync else NO_STATUS
    fold = ("▸ " if branch.is_folded else "▾ ") if node.children else ""
    lead = words((branch.rails, "muted"), (fold, "muted"), (mark.glyph, mark.ink), " ")
    return words(lead, plain(node.key.kind, "muted"), ("/", "muted"), plain(node.key.name))


def _status(node: TreeNode) -> Text:
    parts = [Text("Orphaned", "warn")] if node.is_orphaned else []
    if node.health is not None and node.health.status.badness:
        mark = HEALTH[node.health.status]
        parts.append(Text(mark.word, mark.ink))
    if node.sync is SyncStatus.OUT_OF_SYNC:
        parts.append(Text("OutOfSync", "warn"))
    told = node.status or (node.health.message if node.health else "")
    if any(part.plain.lower() == told.lower() for part in parts):
        told = ""
    return join([*parts, plain(told, "muted")])
