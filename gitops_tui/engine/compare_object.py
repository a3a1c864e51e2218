"""One object compared: its target with the live object, by ourselves first, then by the server where in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.diff.compare import Difference, compare
from gitops_tui.diff.foreign import find_foreign, needs_pristine
from gitops_tui.diff.kept import kept_answers, told_apart
from gitops_tui.diff.ownership import Managers
from gitops_tui.diff.rules import Rules
from gitops_tui.diff.undo import without_fields
from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.comparison import ComparedObject
from gitops_tui.engine.confirm import Confirmed, Confirmer
from gitops_tui.engine.readable import Unread
from gitops_tui.engine.session import Session
from gitops_tui.engine.targets import Origin, Target
from gitops_tui.engine.unvalidated import asked_for
from gitops_tui.engine.why_object import Judgement, field_answers, object_answers
from gitops_tui.errors import StalePlanError
from gitops_tui.model.annotations import COMPARE_OPTIONS
from gitops_tui.model.application import Application
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import parse_time
from gitops_tui.model.resource import Object, ResourceKey, metadata_of, split_api_version
from gitops_tui.model.snapshot import ResourceView
from gitops_tui.model.status import DriftKind, Health, HealthStatus, SyncStatus
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.sync.csv import has
from gitops_tui.sync.deletion import holds_deletion
from gitops_tui.sync.hooks import is_hook, is_skipped
from gitops_tui.sync.options import parse_options
from gitops_tui.sync.tracking import Tracking, is_self_referenced, normalize_tracking

INCLUDE_WEBHOOKS = "IncludeMutationWebhook=true"


class Ask(Struct, frozen=True):
    """What one object is compared with."""

    key: ResourceKey
    target: Target | None
    live: Object | None
    is_autoscaled: bool
    is_deployed: bool
    unread: Unread | None
    """Why it may be there although nothing is held of it, or be in Git although it is not named."""
    wave: int = 0
    """As Git says it, of hooks too: what left Git is in no wave, whatever the object that is left says."""

    @property
    def is_skipped(self) -> bool:
        return self.target is not None and is_skipped(self.target.obj)


class ObjectComparer:
    """Compares single objects of one application. `confirmed` may run on any thread."""

    def __init__(
        self,
        app: Application,
        session: Session,
        *,
        settings: Settings,
        managers: Managers,
        assess: Assessor,
        tracking: Tracking,
        rules: Rules,
        confirmer: Confirmer,
        now: datetime,
    ) -> None:
        self._settings = settings
        self._managers = managers
        self._assess = assess
        self._tracking = tracking
        self._rules = rules
        self._confirmer = confirmer
        self._app = app
        self._options = parse_options(app.sync_policy.sync_options)
        self._session = session
        self._now = now

    def local(self, ask: Ask) -> tuple[ComparedObject, bool]:
        """The verdict without asking the server, and whether it is worth asking."""
        schema = self._schema(ask)
        found = self._difference(ask, schema, None)
        compared = self._object(ask, found, (), "")
        if ask.target is None or ask.live is None or ask.is_skipped:
            return compared, False
        return compared, found.modified or self._needs_pristine(ask, schema)

    def confirmed(self, ask: Ask) -> ComparedObject:
        """With the server's dry run where the object looks modified, and with foreign fields."""
        schema = self._schema(ask)
        found = self._difference(ask, schema, None)
        answer = self._confirm(ask) if found.modified else Confirmed()
        if answer.object is not None:
            found = self._difference(ask, schema, answer.object)
        return self._object(ask, found, self._foreign(ask, schema), answer.refusal)

    def _confirm(self, ask: Ask) -> Confirmed:
        resource = self._session.resource_for(ask.target.obj) if ask.target else None
        if resource is None or ask.target is None:
            return Confirmed()
        sent, validate = asked_for(ask.target.obj, self._session, self._options)
        return self._confirmer.applied(resource, sent, validate=validate)

    def _difference(self, ask: Ask, schema: SchemaNode | None, confirmed: Object | None) -> Difference:
        found = self._compared(ask, schema, confirmed)
        return Difference(False, found.live, found.live) if ask.is_skipped else found

    def _compared(self, ask: Ask, schema: SchemaNode | None, confirmed: Object | None) -> Difference:
        return compare(
            asked_for(ask.target.obj, self._session, self._options)[0] if ask.target else None,
            self._as_tracked(ask, ask.live),
            schema=schema,
            manager=self._settings.field_manager,
            managers=self._managers,
            rules=self._rules,
            confirmed=self._as_tracked(ask, confirmed),
            include_webhooks=self._includes_webhooks(ask),
            autoscaled=ask.is_autoscaled,
            is_deployed=ask.is_deployed,
        )

    def _as_tracked(self, ask: Ask, side: Object | None) -> Object | None:
        """A move from tracking by label to tracking by annotation is no difference."""
        if side is None or ask.target is None:
            return side
        return normalize_tracking(ask.target.obj, side, self._tracking)

    def _includes_webhooks(self, ask: Ask) -> bool:
        target = ask.target.obj if ask.target else None
        return has(self._app.raw, COMPARE_OPTIONS, INCLUDE_WEBHOOKS) or has(target, COMPARE_OPTIONS, INCLUDE_WEBHOOKS)

    def _needs_pristine(self, ask: Ask, schema: SchemaNode | None) -> bool:
        assert ask.live is not None and ask.target is not None
        return needs_pristine(
            ask.live, ask.target.obj, schema=schema, managers=self._managers, autoscaled=ask.is_autoscaled
        )

    def _foreign(self, ask: Ask, schema: SchemaNode | None) -> tuple[FieldDrift, ...]:
        assert ask.live is not None and ask.target is not None
        if not self._needs_pristine(ask, schema):
            return ()
        resource = self._session.resource_for(ask.target.obj)
        pristine = self._confirmer.pristine(resource, ask.target.obj) if resource else None
        found = find_foreign(
            ask.live,
            ask.target.obj,
            schema=schema,
            managers=self._managers,
            pristine=pristine,
            now=self._now,
            rules=self._rules,
            ignored_variables=self._settings.ignored_variables,
            autoscaled=ask.is_autoscaled,
        )
        return told_apart(found, ask.live, ask.target.obj)

    def _schema(self, ask: Ask) -> SchemaNode | None:
        obj = ask.target.obj if ask.target else ask.live or {}
        return self._session.schemas.for_kind(str(obj.get("apiVersion")), str(obj.get("kind")))

    def _object(self, ask: Ask, found: Difference, foreign: tuple[FieldDrift, ...], refusal: str) -> ComparedObject:
        target = ask.target.obj if ask.target else None
        predicted = found.predicted
        if predicted is not None and found.live is not None and foreign:
            predicted = _healed(predicted, foreign)
        view = self._view(ask, found, (*found.fields, *foreign), refusal)
        return ComparedObject(view, target, ask.live, found.live, predicted, found.problems)

    def _view(self, ask: Ask, found: Difference, drift: tuple[FieldDrift, ...], refusal: str) -> ResourceView:
        obj = ask.target.obj if ask.target else ask.live or {}
        origin = ask.target.origin if ask.target else Origin()
        unread = ask.unread
        is_restricted = unread is not None and unread.is_restricted
        metadata = metadata_of(ask.live or {})
        sync = SyncStatus.OUT_OF_SYNC if found.modified or ask.target is None else SyncStatus.SYNCED
        is_own = ask.target is not None or is_self_referenced(obj, None, self._tracking)
        is_left_out = ask.is_skipped or (ask.target is None and (is_hook(obj) or not is_own))
        health = self._assess(ask.live) if ask.live is not None else _health_of_nothing(ask)
        target = ask.target.obj if ask.target else None
        judged = Judgement(ask.key, target, ask.live, health, is_own, is_restricted, refusal, found.problems)
        return ResourceView(
            key=ask.key,
            version=split_api_version(str(obj.get("apiVersion") or ""))[1],
            sync=SyncStatus.UNKNOWN if unread else None if is_left_out else sync,
            is_hook=ask.target is None and is_hook(obj),
            health=None if unread and ask.live is None else health,
            exists=ask.live is not None or unread is not None,
            requires_pruning=ask.target is None and is_own and unread is None,
            requires_deletion_confirmation=self._holds_deletion(target, ask.live),
            wave=ask.wave,
            drift=drift,
            message=unread.reason if unread else refusal or "; ".join(found.problems),
            is_restricted=is_restricted,
            is_pending=unread is not None and not is_restricted,
            is_failing=unread is not None and unread.is_failing,
            file=origin.file,
            line=origin.line,
            source=origin.source,
            resource_version=str(metadata.get("resourceVersion") or ""),
            created_at=parse_time(metadata.get("creationTimestamp")),
            why=(
                *object_answers(judged, self._app),
                *kept_answers(drift, ask.live, target),
                *found.hidden,
                *field_answers(ask.key, drift),
            ),
        )

    def _holds_deletion(self, target: Object | None, live: Object | None) -> bool:
        """Whether either side asks for a word before it is deleted; the application's own options count."""
        return any(holds_deletion(one, self._options) for one in (target, live) if one is not None)


def _health_of_nothing(ask: Ask) -> Health | None:
    """What is to be skipped is missed by nobody."""
    return None if ask.is_skipped else Health(HealthStatus.MISSING)


def _healed(predicted: Object, foreign: Iterable[FieldDrift]) -> Object:
    """``predicted`` without the foreign fields: what stands there when a person healed all of them."""
    undone = [replace(one, ticked=True, healable=True) for one in foreign if one.kind is DriftKind.FOREIGN]
    try:
        return without_fields(predicted, undone)
    except StalePlanError:
        return predicted
