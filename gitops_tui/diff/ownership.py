"""Who wrote which field: managedFields read as writers with a class (KEP-555; design: drift).

An entry's time is that manager's last write of anything in it, and a removed field has no owner at all; so a writer
that is only a guess says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.diff.managers import TABLE
from gitops_tui.model.drift import Writer
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.model.status import WriterClass
from gitops_tui.structured.fieldset import FieldSet, Tree, is_member
from gitops_tui.structured.fieldset import Path as FieldPath
from gitops_tui.structured.managed import APPLY, UPDATE
from gitops_tui.structured.migrate import KUBECTL_CLIENT_SIDE, client_side_managers

SCALE = "scale"
STATUS = "status"


class Managers(Struct, frozen=True):
    """Our own name, and the names that the settings add to `gitops_tui.diff.managers`."""

    ours: str = "gitops-tui"
    persons: tuple[str, ...] = ()
    deployers: tuple[str, ...] = ()
    autoscalers: tuple[str, ...] = ()

    def class_of(self, manager: str, subresource: str = "", *, autoscaled: bool = False) -> WriterClass:
        """``autoscaled``: an autoscaler targets the object, so that whoever wrote ``scale`` stands for it."""
        if manager == self.ours:
            return WriterClass.GIT
        if subresource == STATUS:
            return WriterClass.CLUSTER
        klass = self._named(manager)
        if subresource == SCALE and (autoscaled or klass is WriterClass.CLUSTER):
            return WriterClass.AUTOSCALER
        return klass

    def _named(self, manager: str) -> WriterClass:
        added = (
            (WriterClass.AUTOSCALER, self.autoscalers),
            (WriterClass.PERSON, self.persons),
            (WriterClass.DEPLOYER, self.deployers),
        )
        return _class_of(manager.lower(), (*added, *TABLE)) if manager else WriterClass.UNKNOWN


@lru_cache(maxsize=1024)
def _class_of(name: str, table: tuple[tuple[WriterClass, tuple[str, ...]], ...]) -> WriterClass:
    for klass, globs in table:
        if any(fnmatchcase(name, glob.lower()) for glob in globs):
            return klass
    return WriterClass.OTHER


class Ownership(Struct, frozen=True):
    """One entry of managedFields: the writer, and the fields that it owns."""

    writer: Writer
    fields: FieldSet

    @property
    def is_ours(self) -> bool:
        return self.writer.klass is WriterClass.GIT

    @property
    def is_apply(self) -> bool:
        return self.writer.operation == APPLY


def ownerships(live: Object, managers: Managers, *, autoscaled: bool = False) -> tuple[Ownership, ...]:
    """Every entry, newest write first; entries without a time come last.

    A client-side apply beside an apply of ours came after it (ours migrates what it finds), so it is a person's.
    """
    entries = [one for one in metadata_of(live).get("managedFields") or () if isinstance(one, dict)]
    is_adopted = any(one.get("manager") == managers.ours and one.get("operation") == APPLY for one in entries)
    found = [_ownership(entry, managers, autoscaled, is_adopted) for entry in entries]
    return tuple(sorted(found, key=lambda one: one.writer.time, reverse=True))


def _ownership(entry: Object, managers: Managers, autoscaled: bool, is_adopted: bool) -> Ownership:
    manager, subresource = str(entry.get("manager") or ""), str(entry.get("subresource") or "")
    klass = managers.class_of(manager, subresource, autoscaled=autoscaled)
    writer = Writer(
        manager=manager,
        operation=str(entry.get("operation") or UPDATE),
        subresource=subresource,
        time=str(entry.get("time") or ""),
        klass=WriterClass.PERSON if is_adopted and manager == KUBECTL_CLIENT_SIDE else klass,
    )
    return Ownership(writer, FieldSet.from_v1(entry.get("fieldsV1") or {}))


def owners_of(path: FieldPath, entries: Iterable[Ownership]) -> tuple[Ownership, ...]:
    """Who owns the field or something inside of it."""
    return tuple(entry for entry in entries if subtree(entry.fields.tree, path) is not None)


def subtree(tree: Tree, path: FieldPath) -> Tree | None:
    """What of ``tree`` is at and below ``path``, or `{}` where a whole that holds it is owned; None: nothing is."""
    node = tree
    for element in path:
        below = node.get(element)
        if below is None:
            return None
        node = below
    return node


def writer_of(path: FieldPath, entries: Sequence[Ownership]) -> Writer | None:
    """The newest writer of a field that is not us; None where it is ours or nobody's."""
    owners = owners_of(path, entries)
    others = [entry.writer for entry in owners if not entry.is_ours]
    if len(others) < len(owners) and not any(_is_exact(path, entry) for entry in owners if not entry.is_ours):
        return None
    return others[0] if others else None


def _is_exact(path: FieldPath, entry: Ownership) -> bool:
    node = subtree(entry.fields.tree, path)
    return node is not None and is_member(node)


def guess_remover(entries: Sequence[Ownership]) -> Writer | None:
    """Who may have removed a field: the newest update by somebody else since our last apply, marked as a guess."""
    since = max((one.writer.time for one in entries if one.is_ours and one.is_apply), default="")
    for entry in entries:
        writer = entry.writer
        is_other = writer.klass not in (WriterClass.GIT, WriterClass.CLUSTER, WriterClass.AUTOSCALER)
        if is_other and writer.operation == UPDATE and not writer.subresource and writer.time >= since and writer.time:
            return replace(writer, is_guess=True)
    return None


def takes_over(live: Object, manager: str, also: Iterable[str] = ()) -> tuple[str, ...]:
    """Whose fields the next apply makes ours: clients that applied client-side, migrated once (kubectl's rule).

    ``also``: managers whose updates are taken over, too, where they have any.
    """
    entries = metadata_of(live).get("managedFields") or ()
    present = {
        str(one.get("manager")) for one in entries if one.get("operation") == UPDATE and not one.get("subresource")
    }
    found = {*client_side_managers(live), *(name for name in also if name in present)}
    return tuple(sorted(found - {manager}))


def has_no_managers(live: Object) -> bool:
    """Nobody owns anything: an apply can then delete what somebody else wrote, so it is asked for (design: drift)."""
    return not metadata_of(live).get("managedFields")
