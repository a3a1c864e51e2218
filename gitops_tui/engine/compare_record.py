"""A record compared: its targets read from what was prepared, kinds learned where they are new, the result kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from gitops_tui.engine.concern import Concern
from gitops_tui.engine.orphans import orphans_of
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.prepare import Prepared
from gitops_tui.engine.record import Record
from gitops_tui.engine.targets import TargetSet, needs_discovery, read_targets
from gitops_tui.engine.view import deployed_commits, have_content_of
from gitops_tui.model.application import AppKey
from gitops_tui.model.status import SyncStatus
from gitops_tui.sync.managed_namespace import is_metadata_pending
from gitops_tui.sync.tracking import instance_name

DISCOVERY_EVERY_S = 10.0


class RecordComparer:
    """Used on the core's thread. ``prepare`` prepares an application anew, ``keys`` are those that there are."""

    def __init__(
        self,
        parts: Parts,
        concern: Concern,
        prepare: Callable[[AppKey], None],
        keys: Callable[[], Iterable[AppKey]],
    ) -> None:
        self._parts = parts
        self._concern = concern
        self._prepare = prepare
        self._keys = keys
        self._discovered_at = 0.0

    def compare(self, record: Record, prepared: Prepared) -> None:
        """Raises what reading targets and comparing raise; the last comparison stands then."""
        parts, now = self._parts, self._parts.clock()
        targets = self._known_targets(record, prepared, now)
        record.targets, record.targets_of = targets, prepared
        record.has_unknown_kinds = needs_discovery(targets, prepared.session)
        is_deployed = have_content_of(prepared.pins, deployed_commits(record))
        compared = parts.comparer.compare(
            record.app, prepared.session, prepared.pins, targets, now, is_deployed=is_deployed
        )
        if is_metadata_pending(record.app, record.state.operation):
            compared = replace(compared, sync=SyncStatus.OUT_OF_SYNC)
        record.comparison = compared
        record.compared_at = now
        instances = {instance_name(one, parts.namespace) for one in self._keys()}
        record.orphans = orphans_of(record.comparison, instances, parts.system.tracking)
        self._concern.compares(record.key, targets.instance, (one.key for one in record.comparison.objects))
        if record.comparison.health.status is not record.health:
            record.health, record.health_since = record.comparison.health.status, now

    def _known_targets(self, record: Record, prepared: Prepared, now: datetime) -> TargetSet:
        """Those that were read before where nothing changed; with kinds that are new to us looked up."""
        targets = record.targets
        is_same = record.targets_of is not None and prepared.is_same_as(record.targets_of)
        if targets is None or not is_same or record.has_unknown_kinds:
            targets = self._targets(record, prepared)
        if needs_discovery(targets, prepared.session) and self._may_discover(now):
            prepared.session.learn_kinds()
            targets = self._targets(record, prepared)
            self._prepare(record.key)  # what was learned has to be listed
        return targets

    def _targets(self, record: Record, prepared: Prepared) -> TargetSet:
        system, home = self._parts.system, self._parts.namespace
        return read_targets(record.app, prepared.renderings, prepared.session, system, home_namespace=home)

    def _may_discover(self, now: datetime) -> bool:
        if now.timestamp() - self._discovered_at < DISCOVERY_EVERY_S:
            return False
        self._discovered_at = now.timestamp()
        return True
