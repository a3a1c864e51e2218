"""Fields that an apply sets to another value than the one their owner gave them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from msgspec import Struct

from gitops_tui.structured.fieldset import Path, go_json, show
from gitops_tui.structured.managed import UPDATE, Entry


class FieldConflict(Struct, frozen=True):
    """One field of one other manager. ``path`` reads as the server prints it: ``.spec.replicas``."""

    manager: str
    operation: str
    api_version: str
    subresource: str
    time: str
    path: str
    elements: Path

    @property
    def message(self) -> str:
        """The message of the cause in the server's ``Status``."""
        return f"conflict with {self.owner}"

    @property
    def owner(self) -> str:
        """The manager as the server prints it: ``"kubectl-edit" using apps/v1``."""
        text = go_json(self.manager)
        if self.subresource:
            text += f" with subresource {go_json(self.subresource)}"
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text


def conflicts_with(entry: Entry, paths: Iterable[Path]) -> tuple[FieldConflict, ...]:
    """One conflict a path."""
    return tuple(
        FieldConflict(
            entry.manager, entry.operation, entry.api_version, entry.subresource, entry.time, show(path), path
        )
        for path in paths
    )


def conflict_message(conflicts: tuple[FieldConflict, ...]) -> str:
    """The message of the server's 409."""
    if len(conflicts) == 1:
        return f"Apply failed with 1 conflict: {conflicts[0].message}: {conflicts[0].path}"
    lines = []
    for owner, theirs in groupby(conflicts, key=lambda one: one.owner):
        lines.append(f"conflicts with {owner}:")
        lines.extend(f"- {one.path}" for one in theirs)
    return f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines)
