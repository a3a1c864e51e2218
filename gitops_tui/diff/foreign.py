"""Fields that Git does not set and that somebody put into the cluster (design: drift).

Three steps: whether anybody else owns a field that the target does not set (nearly always not, and that costs
nothing); what Git alone would give too (``pristine``, a dry run of creating the target) is left out; what remains is
classified.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.diff.fields import child_of, is_collection, simple
from gitops_tui.diff.ignore import rules_for
from gitops_tui.diff.label import label_of
from gitops_tui.diff.managers import TICKED
from gitops_tui.diff.normalize import normalize_secret
from gitops_tui.diff.ownership import STATUS, Managers, Ownership, ownerships
from gitops_tui.diff.path import find, from_fields
from gitops_tui.diff.places import Place, is_spared, place_of
from gitops_tui.diff.rules import NO_RULES, Rules
from gitops_tui.diff.secrets import is_secret, shown
from gitops_tui.errors import Invalid
from gitops_tui.model.drift import FieldDrift, Path, Writer, path_text
from gitops_tui.model.resource import Object, key_of, metadata_of
from gitops_tui.model.status import DriftKind, WriterClass
from gitops_tui.structured.fieldset import SELF, Tree, is_member
from gitops_tui.structured.fieldset import Path as FieldPath
from gitops_tui.structured.managed import APPLY
from gitops_tui.structured.migrate import client_side_managers
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import MISSING, element_of, same

AT_WORK: Final = timedelta(hours=2)
"""Whoever wrote less than this ago may still be at work: nothing is ticked."""

_NOBODYS_BUSINESS = (WriterClass.GIT, WriterClass.CLUSTER)
_DECLARING = (WriterClass.PERSON, WriterClass.DEPLOYER)
"""Of these an apply counts like an update; an operator that applies declares its part openly and is left alone."""


class _Found(Struct, frozen=True):
    """A field that target does not set. ``pristine`` is what Git alone would give, `MISSING` where nothing."""

    path: FieldPath
    live: Any
    pristine: Any
    owner: Ownership


def needs_pristine(
    live: Object, target: Object, *, schema: SchemaNode | None, managers: Managers, autoscaled: bool = False
) -> bool:
    """Whether somebody else owns a field that ``target`` does not set, so that it is worth a dry run."""
    if is_spared(live, target) or not _has_others(live, managers):
        return False
    return next(_candidates(live, target, MISSING, schema, managers, autoscaled), None) is not None


def find_foreign(
    live: Object,
    target: Object,
    *,
    schema: SchemaNode | None,
    managers: Managers,
    pristine: Object | None,
    now: datetime,
    rules: Rules = NO_RULES,
    ignored_variables: Sequence[str] = (),
    autoscaled: bool = False,
) -> tuple[FieldDrift, ...]:
    """Foreign fields and notes, in the order of their paths; newest writer where several own one.

    ``pristine`` None: it could not be asked for, so that defaults cannot be told from what was put there. Then only
    what was written after the object's creation is told, as a note, and nothing is offered to be undone.
    """
    if is_spared(live, target) or not _has_others(live, managers):
        return ()
    base = MISSING if pristine is None else pristine
    judge = _Judge(live, target, rules, ignored_variables, pristine is not None)
    seen: dict[FieldPath, FieldDrift] = {}
    for found in _candidates(live, target, base, schema, managers, autoscaled):
        drift = judge.drift(found) if not _is_told(found.path, seen) else None
        if drift is not None:
            seen[found.path] = drift
    return _with_care([seen[path] for path in sorted(seen)], now)


def _has_others(live: Object, managers: Managers) -> bool:
    """Whether any entry is worth reading; the cheap half of the question."""
    for entry in metadata_of(live).get("managedFields") or ():
        subresource = entry.get("subresource") or ""
        if managers.class_of(entry.get("manager") or "", subresource) not in _NOBODYS_BUSINESS:
            return True
    return False


def _is_told(path: FieldPath, seen: dict[FieldPath, FieldDrift]) -> bool:
    return any(path[: len(other)] == other for other in seen)


def _candidates(
    live: Object,
    target: Object,
    pristine: Any,
    schema: SchemaNode | None,
    managers: Managers,
    autoscaled: bool,
) -> Iterator[_Found]:
    wanted = normalize_secret(target) if is_secret(target) else target
    for owner in _others(live, managers, autoscaled):
        for path, value, base in _unset(owner.fields.tree, live, wanted, pristine, schema or DEDUCED, ()):
            yield _Found(path, value, base, owner)


def _others(live: Object, managers: Managers, autoscaled: bool) -> list[Ownership]:
    """Entries of people, deployers, autoscalers and programs that do not control the object. Newest first."""
    entries = ownerships(live, managers, autoscaled=autoscaled)
    controllers = {one.writer.manager for one in entries if one.writer.subresource == STATUS}
    migrated = client_side_managers(live)
    return [one for one in entries if _is_other(one.writer, controllers) and one.writer.manager not in migrated]


def _is_other(writer: Writer, controllers: set[str]) -> bool:
    if writer.klass in _NOBODYS_BUSINESS or writer.subresource == STATUS:
        return False
    if writer.operation == APPLY and writer.klass not in _DECLARING:
        return False
    return writer.klass is not WriterClass.OTHER or writer.manager not in controllers


# --- what the target does not set ------------------------------------------------------------------------------------


def _unset(
    tree: Tree, live: Any, target: Any, pristine: Any, node: SchemaNode | None, path: FieldPath
) -> Iterator[tuple[FieldPath, Any, Any]]:
    """The outermost fields of ``tree`` that live has, target does not set and pristine does not have like this."""
    for element, below in tree.items():
        if element == SELF:
            continue
        value = _step(live, element, node)
        wanted, base = _step(target, element, node), _step(pristine, element, node)
        if value is MISSING or (base is not MISSING and same(value, base)):
            continue
        here, child = (*path, element), child_of(node, element)
        if _goes_on(below, value, wanted, base, child):
            yield from _unset(below, value, wanted, base, child, here)
        elif wanted is MISSING and (is_member(below) or base is MISSING):
            yield here, value, base


def _goes_on(below: Tree, value: Any, wanted: Any, base: Any, node: SchemaNode | None) -> bool:
    """Whether the difference is somewhere inside: git or pristine has the container, or people name its parts."""
    has_parts = any(element != SELF for element in below)
    if not has_parts or not isinstance(value, dict | list):
        return False
    return wanted is not MISSING or base is not MISSING or is_collection(node)


def _step(value: Any, element: str, node: SchemaNode | None) -> Any:
    kind = element[0]
    if kind == "f":
        return value.get(element[2:], MISSING) if isinstance(value, dict) else MISSING
    if kind == "i" or not isinstance(value, list) or node is None:
        return MISSING
    try:
        return next((item for item in value if element_of(item, node) == element), MISSING)
    except Invalid:
        return MISSING


# --- what it is ------------------------------------------------------------------------------------------------------


class _Judge:
    """Classifies what was found; says nothing of what is never drift and of what the ignore rules cover."""

    def __init__(
        self, live: Object, target: Object, rules: Rules, ignored_variables: Sequence[str], is_sure: bool
    ) -> None:
        self._live, self._target = live, target
        self._ignoring = rules_for(key_of(live), rules.ignores)
        self._kept, _ = self._ignoring.taken_from(live, rules.delete_selected)
        self._shown = partial(shown, secret=is_secret(live), hidden_annotations=rules.hidden_annotations)
        self._ignored_variables = ignored_variables
        self._is_sure = is_sure

    def drift(self, found: _Found) -> FieldDrift | None:
        path, writer = from_fields(found.path), found.owner.writer
        place = place_of(path, self._live, self._target, injected=self._ignored_variables)
        if place is Place.NEVER or self._is_ignored(path, writer) or not self._may_be_told(writer):
            return None
        kind, reason = self._verdict(place, writer)
        is_drift = kind is DriftKind.FOREIGN
        return FieldDrift(
            path=path,
            text=path_text(path),
            label=label_of(path),
            kind=kind,
            live=self._shown(simple(found.live), path),
            target=None if found.pristine is MISSING else self._shown(simple(found.pristine), path),
            writer=writer,
            ticked=is_drift and writer.manager in TICKED and place.is_offered_first,
            healable=is_drift,
            reason=reason,
        )

    def _is_ignored(self, path: Path, writer: Writer) -> bool:
        is_taken = self._kept is not self._live and find(self._kept, path) is MISSING
        return is_taken or writer.manager in self._ignoring.managed_fields_managers

    def _may_be_told(self, writer: Writer) -> bool:
        """Without pristine, what was there from the object's first second may well be a default."""
        return self._is_sure or writer.time > str(metadata_of(self._live).get("creationTimestamp") or "")

    def _verdict(self, place: Place, writer: Writer) -> tuple[DriftKind, str]:
        noted = _NOTES.get(place)
        if writer.klass is WriterClass.AUTOSCALER:
            return DriftKind.NOTE, "an autoscaler sets it"
        if noted is not None:
            return DriftKind.NOTE, noted
        if writer.klass not in _DECLARING:
            return DriftKind.NOTE, f"set by {writer.manager or 'nobody'}: not undone from here"
        if not self._is_sure:
            return DriftKind.NOTE, "what Git alone would give could not be asked for"
        return DriftKind.FOREIGN, _why_not_ticked(place, writer)


_NOTES: Final = {
    Place.LABEL: "labels and annotations are noted",
    Place.REPLICAS: "Git leaves the number of replicas to others",
    Place.RESTART: "restarted by hand",
    Place.INJECTED: "added by an injector",
    Place.ELSEWHERE: "not among the fields whose drift is judged",
}


def _why_not_ticked(place: Place, writer: Writer) -> str:
    if writer.klass is WriterClass.DEPLOYER:
        return f"two masters: {writer.manager} deploys here too"
    if writer.manager not in TICKED:
        return f"set by {writer.manager}: tick it to undo it"
    return "" if place.is_offered_first else "tick it to undo it: the dry run tells whether that changes something"


def _with_care(drifts: Sequence[FieldDrift], now: datetime) -> tuple[FieldDrift, ...]:
    """Untick everything where somebody wrote just now: a mitigation is the last thing to undo without a thought."""
    writer = writer_at_work(drifts, now)
    if writer is None:
        return tuple(drifts)
    reason = at_work_words(writer)
    return tuple(replace(one, ticked=False, reason=reason) if one.healable else one for one in drifts)


def at_work_words(writer: Writer) -> str:
    """Without the age: it is shown beside this, and what is kept here would be older than that."""
    return f"somebody may be at work on this ({writer.manager}, in the last {AT_WORK // timedelta(hours=1)} h)"


def writer_at_work(drifts: Sequence[FieldDrift], now: datetime) -> Writer | None:
    """Whose write of what a heal would undo is younger than `AT_WORK`, the newest of all; None: nobody's."""
    writers = [one.writer for one in drifts if one.kind is not DriftKind.NOTE and one.writer and one.writer.time]
    fresh = [one for one in writers if one.klass not in _NOBODYS_BUSINESS and age_of(one, now) < AT_WORK]
    return max(fresh, key=lambda one: one.time, default=None)


def age_of(writer: Writer, now: datetime) -> timedelta:
    """How long ago the writer last wrote; for ever, where that is not known."""
    try:
        return now - datetime.fromisoformat(writer.time)
    except (ValueError, TypeError):
        return timedelta.max
