"""Server-side apply as a pure function (KEP-555; the server's field manager and structured-merge-diff ``Apply``)."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured import last_applied
from gitops_tui.structured import managed as managed_fields
from gitops_tui.structured.compare import Comparison, compare
from gitops_tui.structured.conflict import FieldConflict, conflicts_with
from gitops_tui.structured.fieldset import EMPTY, FieldSet
from gitops_tui.structured.managed import APPLY, BEFORE_FIRST_APPLY, UPDATE, Entry, Identity, Managed
from gitops_tui.structured.prune import prune
from gitops_tui.structured.reset import reset_fields
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.skeleton import empty_of, without_empties
from gitops_tui.structured.typed import fieldset_of, merge, validate
from gitops_tui.structured.unchanged import is_satisfied
from gitops_tui.structured.update import disowned, track
from gitops_tui.structured.value import same


class Applied(Struct, frozen=True):
    """What an apply makes of an object. With conflicts, ``object`` is the live one and nothing changed."""

    object: Object
    conflicts: tuple[FieldConflict, ...] = ()
    changed: bool = False
    """Whether anything but a time in managedFields differs from live; where not, ``object`` is live itself."""
    taken: tuple[FieldConflict, ...] = ()
    """With ``force``: the conflicts that were won."""


def apply(
    live: Object | None,
    config: Object,
    *,
    manager: str,
    schema: SchemaNode | None,
    force: bool,
    time: str,
    subresource: str = "",
) -> Applied:
    """Apply ``config`` as ``manager`` at ``time`` (RFC 3339, UTC) to ``live``, or to nothing.

    Defaults of other fields, admission and status are not done here. Entries of other API versions are taken at
    their paths as they are. Raise `Invalid` where the server refuses: managedFields in the configuration, another
    apiVersion than the live object's, fields that the schema does not know, duplicate list items.
    """
    is_kubectl = manager == last_applied.KUBECTL
    if live is not None and not subresource and not is_kubectl and is_satisfied(live, config, schema, manager):
        return Applied(live)
    _check(live, config, schema)
    entry = Entry(manager or "unknown", APPLY, config["apiVersion"], subresource)
    operation = _Apply(live, config, entry, schema)
    applied = operation.run(force=force, time=time)
    if is_kubectl and live is not None:
        return _after_client_side_apply(applied, live, config, operation, time)
    return applied


def _after_client_side_apply(applied: Applied, live: Object, config: Object, operation: _Apply, time: str) -> Applied:
    """What the server does for the manager ``kubectl`` alone: it takes back what client-side apply wrote, and keeps
    the last-applied annotation up to date.
    """
    if applied.conflicts:
        left = last_applied.not_excused(applied.conflicts, live, operation.schema)
        if left:
            return replace(applied, conflicts=left)
        applied = operation.run(force=True, time=time)
    obj = last_applied.refreshed(applied.object, config)
    return replace(applied, object=obj, changed=applied.changed or obj is not applied.object)


def _check(live: Object | None, config: Object, schema: SchemaNode | None) -> None:
    if (config.get("metadata") or {}).get("managedFields") is not None:
        raise Invalid("metadata.managedFields must be nil", code=400, reason="BadRequest")
    for name in ("apiVersion", "kind"):
        if live is not None and live.get(name) != config.get(name):
            message = f"the configuration's {name} is {config.get(name)}, the object's is {live.get(name)}"
            raise Invalid(message, code=400, reason="BadRequest")
    validate(config, schema)


class _Apply:
    """One apply in its steps: merge, prune what is no longer applied, find conflicts, write down who owns what."""

    def __init__(self, live: Object | None, config: Object, entry: Entry, schema: SchemaNode | None) -> None:
        self._live = live
        self._config = config
        self._entry = entry
        self.schema = schema
        nothing = {"apiVersion": config["apiVersion"], "kind": config["kind"]}
        self._base = managed_fields.without_managed_fields(live) if live is not None else nothing

    def run(self, *, force: bool, time: str) -> Applied:
        before = self._managed_before(time)
        owned = fieldset_of(self._config, self.schema).recursive_difference(self._ignored())
        managed = {**before, self._entry.identity: self._own(before, owned)}
        last = before[self._entry.identity].fields if self._entry.identity in before else EMPTY
        merged = merge(self._base, self._config, self.schema)
        merged = prune(merged, last, owned, [entry.fields for entry in managed.values()], self.schema)
        change = compare(self._base, merged, self.schema).without(self._ignored())
        conflicts = self._conflicts(managed, change)
        if conflicts and not force:
            return Applied(self._live or merged, conflicts=conflicts)
        return self._finish(merged, disowned(managed, change, keep=self._entry.identity), conflicts, time)

    def _managed_before(self, time: str) -> Managed:
        """The live entries; a live object without any is owned by ``before-first-apply``."""
        managed = managed_fields.of_object(self._live) if self._live is not None else {}
        if managed or self._live is None:
            return managed_fields.reconciled(managed, self.schema)
        version, kind = self._config["apiVersion"], self._config["kind"]
        first = Entry(BEFORE_FIRST_APPLY, UPDATE, version, self._entry.subresource, time)
        return track(empty_of(self.schema, version, kind), self._base, {}, first, self.schema)

    def _ignored(self) -> FieldSet:
        return reset_fields(self.schema, self._config["kind"], self._entry.subresource)

    def _own(self, before: Managed, owned: FieldSet) -> Entry:
        previous = before.get(self._entry.identity)
        return replace(self._entry, fields=owned, time=previous.time if previous else "")

    def _conflicts(self, managed: Managed, change: Comparison) -> tuple[FieldConflict, ...]:
        touched = change.modified.union(change.added)
        found: list[FieldConflict] = []
        for key in sorted(managed):
            if key != self._entry.identity:
                found.extend(conflicts_with(managed[key], managed[key].fields.intersection(touched)))
        return tuple(found)

    def _finish(self, merged: Object, managed: Managed, taken: tuple[FieldConflict, ...], time: str) -> Applied:
        """Write the result down. The time moves when the merge changed anything, be it only an empty map that a
        built-in type does not keep; whether the object changed is judged by what is kept.
        """
        identity: Identity = self._entry.identity
        is_merged = self._live is None or not same(self._base, merged)
        after = managed_fields.stripped(managed, identity)
        if is_merged and self._live is not None:
            merged = without_empties(merged, self.schema)
        if self._live is not None and same(self._base, merged) and self._is_owned_as(after, self._live):
            return Applied(self._live)
        if is_merged and identity in after:
            after = {**after, identity: replace(after[identity], time=time)}
        return Applied(managed_fields.with_managed_fields(merged, after), changed=True, taken=taken)

    @staticmethod
    def _is_owned_as(managed: Managed, live: Object) -> bool:
        """Whether the same managers own the same, whenever they did it."""
        before = managed_fields.of_object(live)
        return managed.keys() == before.keys() and all(
            managed[key].fields == before[key].fields and managed[key].api_version == before[key].api_version
            for key in managed
        )
