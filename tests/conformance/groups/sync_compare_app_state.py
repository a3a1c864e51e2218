"""A whole application compared, by the rules alone: targets, pairs, differences, health."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.compare import compare
from gitops_tui.health.aggregate import Judged, application_health
from gitops_tui.health.assess import assess
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
from gitops_tui.sync.targets import normalize_targets
from gitops_tui.sync.tracking import Tracking, TrackingMethod, is_self_referenced
from tests.conformance.check import check
from tests.conformance.groups.schema_of import schema_of

GROUP = "sync/compare_app_state"
FILE = "sync/compare_app_state.json"
SKIP: dict[str, str] = {}

MANAGER = "argocd-controller"
METHOD = "application.resourceTrackingMethod"
LABEL = "application.instanceLabelKey"


def skipped(case: dict[str, Any]) -> str:
    if case["repo_server_error"] or case["expected_error"]:
        return "a rendering that fails never gets to the rules: the engine answers Unknown"
    if any(one["message"] for one in case["expected_conditions"] or () if one["type"] == "ComparisonError"):
        return "signatures of sources are not checked by this version"
    return ""


def run(case: dict[str, Any]) -> None:
    tracking = _tracking(case["argocd_cm"] or {})
    rendered = list(_rendered(case))
    targets = normalize_targets(
        (obj for obj in rendered if not is_hook(obj)),
        app=case["app"]["metadata"]["name"],
        namespace=case["app"]["spec"]["destination"].get("namespace") or "",
        is_namespaced=lambda _: True,
        tracking=tracking,
    )
    app = parse_application(case["app"], origin=Origin())
    views = [_View(pair) for pair in _pairs(app, targets.objects, case["live_objects"] or (), tracking)]
    expected = case["expected"]
    managed = {_key(one): (one["hasTarget"], one["hasLive"], one["modified"]) for one in expected["managed_resources"]}
    check({one.key: (one.target is not None, one.live is not None, one.modified) for one in views}, managed)
    resources = {_key(one): (one.get("status"), bool(one.get("requiresPruning"))) for one in expected["resources"]}
    check({one.key: (one.status, one.requires_pruning) for one in views}, resources)
    waves = {_key(one): one.get("syncWave", 0) for one in expected["resources"]}
    check({one.key: sync_wave(one.obj) for one in views}, waves)
    is_pending = is_metadata_pending(app, _last_operation(case["app"]))
    check("OutOfSync" if is_pending else _sync_status(views), expected["sync_status"])
    check(application_health(one.judged() for one in views).status.value, expected["health"])
    for kind, word in ((HookType.PRE_DELETE, "has_pre_delete_hooks"), (HookType.POST_DELETE, "has_post_delete_hooks")):
        check(any(is_delete_hook(obj, kind) for obj in rendered), expected[word])
    repeated = [one["type"] for one in case["expected_conditions"] or () if one["type"] == "RepeatedResourceWarning"]
    check([one.type for one in targets.conditions], repeated)


class _View:
    """One object with its verdicts."""

    def __init__(self, pair: Pair) -> None:
        self.key, self.target, self.live = pair.key, pair.target, pair.live
        self.obj: Object = pair.target or pair.live or {}
        self.requires_pruning = pair.is_extra
        self.modified = compare(pair.target, pair.live, schema=schema_of(self.obj), manager=MANAGER).modified
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


def _rendered(case: dict[str, Any]) -> Any:
    if case["local_manifests"] is not None:
        for text in case["local_manifests"]:
            yield from (one.obj for one in decode(text))
        return
    for answer in case["repo_server_answers"]:
        yield from answer["manifests"] or ()


def _last_operation(app: Object) -> OperationState | None:
    found = (app.get("status") or {}).get("operationState")
    return OperationState.from_json(found) if found else None


def _pairs(app: Application, targets: tuple[Object, ...], lives: Any, tracking: Tracking) -> list[Pair]:
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


def _tracking(settings: dict[str, str]) -> Tracking:
    default = Tracking()
    return Tracking(
        method=TrackingMethod(settings[METHOD]) if settings.get(METHOD) else default.method,
        label=settings.get(LABEL) or default.label,
    )
