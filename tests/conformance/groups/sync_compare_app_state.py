"""A whole application compared, by the rules alone: targets, pairs, differences, health."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gitops_tui.diff.compare import compare
from gitops_tui.diff.rules import Rules, rules_of
from gitops_tui.health.aggregate import Judged, application_health
from gitops_tui.health.assess import assess
from gitops_tui.manifest.argocd_cm import parse_argocd_cm
from gitops_tui.manifest.decode import decode
from gitops_tui.model.annotations import COMPARE_OPTIONS, IGNORE_HEALTHCHECK
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.operation import OperationState
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object, ResourceKey, annotations_of, key_of
from gitops_tui.model.status import HookType, SyncStatus
from gitops_tui.sync import csv
from gitops_tui.sync.deletion import is_delete_hook
from gitops_tui.sync.hooks import is_hook, is_skipped, sync_wave
from gitops_tui.sync.managed_namespace import is_metadata_pending, managed_namespace
from gitops_tui.sync.pairing import Pair
from gitops_tui.sync.targets import normalize_targets, without_excluded
from gitops_tui.sync.tracking import Tracking, TrackingMethod, is_self_referenced, normalize_tracking
from tests.conformance.check import check
from tests.conformance.groups.schema_of import schema_of

GROUP = "sync/compare_app_state"
FILE = "sync/compare_app_state.json"
SKIP: dict[str, str] = {}

MANAGER = "argocd-controller"
WARNINGS = ("RepeatedResourceWarning", "ExcludedResourceWarning")


def skipped(case: dict[str, Any]) -> str:
    if parse_argocd_cm(case["argocd_cm"] or {}).problems:
        return "a wrong value of the settings is told and counts as not set, where Argo CD compares nothing"
    if case["repo_server_error"] or case["expected_error"]:
        return "a rendering that fails never gets to the rules: the engine answers Unknown"
    if any(one["message"] for one in case["expected_conditions"] or () if one["type"] == "ComparisonError"):
        return "signatures of sources are not checked by this version"
    return ""


def run(case: dict[str, Any]) -> None:
    system = parse_argocd_cm(case["argocd_cm"] or {})
    tracking = Tracking(TrackingMethod(system.tracking_method), system.instance_label, system.installation_id)
    app = parse_application(case["app"], origin=Origin())
    targets = normalize_targets(
        _rendered(case),
        app=app.name,
        namespace=app.destination.namespace,
        is_namespaced=lambda _: True,
        tracking=None,  # Argo CD's repo server marks what it renders: the recorded answers are as they were given
    )
    declared, excluded = without_excluded(targets.objects, system.kinds.excludes)
    plain = [obj for obj in declared if not is_hook(obj)]
    rules = rules_of(app.ignore_differences, system)
    pairs = _pairs(app, plain, case["live_objects"] or (), tracking)
    views = [_View(pair, tracking, rules) for pair in pairs]
    expected = case["expected"]
    resources, managed_resources = expected["resources"] or (), expected["managed_resources"] or ()
    managed = {_key(one): (one["hasTarget"], one["hasLive"], one["modified"]) for one in managed_resources}
    check({one.key: (one.target is not None, one.live is not None, one.modified) for one in views}, managed)
    statuses = {_key(one): (one.get("status"), bool(one.get("requiresPruning"))) for one in resources}
    check({one.key: (one.status, one.requires_pruning) for one in views}, statuses)
    waves = {_key(one): one.get("syncWave", 0) for one in resources}
    check({one.key: sync_wave(one.obj) for one in views}, waves)
    is_pending = is_metadata_pending(app, _last_operation(case["app"]))
    check("OutOfSync" if is_pending else _sync_status(views), expected["sync_status"])
    check(application_health(one.judged() for one in views).status.value, expected["health"])
    for kind, word in ((HookType.PRE_DELETE, "has_pre_delete_hooks"), (HookType.POST_DELETE, "has_post_delete_hooks")):
        check(any(is_delete_hook(obj, kind) for obj in declared), expected[word])
    warned = (one["type"] for one in case["expected_conditions"] or ())
    check(
        sorted(one.type for one in (*targets.conditions, *excluded)), sorted(one for one in warned if one in WARNINGS)
    )


class _View:
    """One object with its verdicts."""

    def __init__(self, pair: Pair, tracking: Tracking, rules: Rules) -> None:
        self.key, self.target, self.live = pair.key, pair.target, pair.live
        self.obj: Object = pair.target or pair.live or {}
        self.requires_pruning = pair.is_extra
        live = normalize_tracking(pair.target, pair.live, tracking) if pair.target and pair.live else pair.live
        found = compare(pair.target, live, schema=schema_of(self.obj), manager=MANAGER, rules=rules)
        self.modified = found.modified
        self.is_left_out = is_hook(self.obj) or is_skipped(self.obj) or not pair.is_self_referenced
        out_of_sync = self.modified or pair.is_extra
        self.status = None if self.is_left_out else ("OutOfSync" if out_of_sync else "Synced")
        self.is_extraneous = pair.is_extra and csv.has(pair.live, COMPARE_OPTIONS, "IgnoreExtraneous")

    def judged(self) -> Judged:
        return Judged(
            key=self.key,
            health=assess(self.live) if self.live is not None else None,
            is_live=self.live is not None,
            is_left_out=is_hook(self.obj) or is_skipped(self.obj),
            is_ignored=annotations_of(self.obj).get(IGNORE_HEALTHCHECK) == "true",
        )


def _sync_status(views: list[_View]) -> str:
    counted = (one.status for one in views if not one.is_extraneous)
    return (SyncStatus.OUT_OF_SYNC if "OutOfSync" in counted else SyncStatus.SYNCED).value


def _rendered(case: dict[str, Any]) -> Iterator[Object]:
    """An answer for each source, in the order of the sources; the only one is that of all of them."""
    if case["local_manifests"] is not None:
        for text in case["local_manifests"]:
            yield from (one.obj for one in decode(text))
        return
    answers, number = case["repo_server_answers"], len(case["sources"] or ()) or 1
    for answer in answers * number if len(answers) == 1 else answers[:number]:
        yield from answer["manifests"] or ()


def _last_operation(app: Object) -> OperationState | None:
    found = (app.get("status") or {}).get("operationState")
    return OperationState.from_json(found) if found else None


def _pairs(app: Application, targets: Iterable[Object], lives: Any, tracking: Tracking) -> list[Pair]:
    """The recorded live objects are the managed ones: what is in no target is extra."""
    by_key = {_key({word.lower(): value for word, value in one["key"].items()}): one["object"] for one in lives}
    keyed = {key_of(target): target for target in targets}
    found = []
    for key in (*keyed, *(key for key in by_key if key not in keyed)):
        target, live = keyed.get(key) or managed_namespace(app, key), by_key.get(key)
        is_own = live is None or is_self_referenced(live, target, tracking)
        found.append(Pair(key, target, live, is_own))
    return found


def _key(one: dict[str, Any]) -> ResourceKey:
    return ResourceKey(*(one.get(word) or "" for word in ("group", "kind", "namespace", "name")))
