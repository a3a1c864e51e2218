"""An application's objects as a tree, down to pods (``-o tree``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitops_tui.cli.output import clean, paint
from gitops_tui.model.snapshot import TreeNode
from gitops_tui.model.status import HealthStatus

COLOURS = {
    HealthStatus.HEALTHY: "green",
    HealthStatus.PROGRESSING: "blue",
    HealthStatus.DEGRADED: "red",
    HealthStatus.MISSING: "yellow",
}


def tree_lines(nodes: Sequence[TreeNode]) -> Iterable[str]:
    """One line an object: kind and name, sync, health and what it says of itself."""
    for node in nodes:
        yield _words(node)
        yield from _below(node.children, "")


def _below(nodes: Sequence[TreeNode], indent: str) -> Iterable[str]:
    for number, node in enumerate(nodes):
        is_last = number == len(nodes) - 1
        yield f"{indent}{'└─' if is_last else '├─'}{_words(node)}"
        yield from _below(node.children, indent + ("  " if is_last else "│ "))


def _words(node: TreeNode) -> str:
    words = [clean(node.key.short)]
    if node.is_orphaned:
        words.append(paint("Orphaned", "yellow"))
    if node.sync is not None:
        words.append(node.sync.value)
    if node.health is not None:
        words.append(paint(node.health.status.value, COLOURS.get(node.health.status, "dim")))
    if node.status:
        words.append(clean(node.status))
    return "  ".join(words)
