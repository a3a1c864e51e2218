"""Marks on objects: which application they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_tui.model.annotations import INSTANCE_LABEL
from gitops_tui.model.resource import ResourceKey
from gitops_tui.sync import tracking
from gitops_tui.sync.tracking import Tracking, TrackingId, TrackingMethod
from tests.conformance.check import NoAdapter, check_or_error

GROUP = "project/tracking"
FILE = "project/tracking.json"
SKIP: dict[str, str] = {}


def skipped(case: dict[str, Any]) -> str:
    if case["question"] == "IsValidResourceName":
        return "which names are valid is the API server's answer, given with the dry run"
    return ""


def run(case: dict[str, Any]) -> None:
    answer = ANSWERS.get(case["question"])
    if answer is None:
        raise NoAdapter(case["question"])
    check_or_error(lambda: answer(case["args"]), case["expected"], case.get("error"))


def _tracking(args: dict[str, Any]) -> Tracking:
    label = args.get("key") or args.get("labelKey") or INSTANCE_LABEL
    return Tracking(TrackingMethod(args.get("trackingMethod") or "annotation"), label, args.get("instanceID") or "")


def _set(args: dict[str, Any]) -> Any:
    return tracking.set_tracking(args["un"], args["val"], _tracking(args), args.get("namespace") or "")


def _normalized(args: dict[str, Any]) -> Any:
    config = args["config"]
    return {"config": config, "live": tracking.normalize_tracking(config, args["live"], _tracking(args))}


def _parsed(args: dict[str, Any]) -> Any:
    found = tracking.parse_tracking_id(args["value"])
    key = found.key
    words = {"Group": key.group, "Kind": key.kind, "Namespace": key.namespace, "Name": key.name}
    return {"ApplicationName": found.app, **words}


def _built(args: dict[str, Any]) -> Any:
    key = ResourceKey(args["Group"], args["Kind"], args["Namespace"], args["Name"])
    return str(TrackingId(args["ApplicationName"], key))


ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "set tracking": _set,
    "remove tracking": lambda args: tracking.remove_tracking(args["un"], _tracking(args)),
    "owning app name": lambda args: tracking.app_of(args["un"], _tracking(args)),
    "normalize tracking before diff": _normalized,
    "parse tracking id": _parsed,
    "build tracking id": _built,
    "truncate label value": lambda args: tracking.truncate_label(args["value"]),
    "SetAppInstanceLabel": lambda args: tracking.with_instance_label(args["un"], args["key"], args["val"]),
    "SetAppInstanceAnnotation": lambda args: tracking.with_metadata(
        args["un"], "annotations", args["key"], args["val"]
    ),
    "GetAppInstanceLabel": lambda args: tracking.text_in(args["un"], "labels", args["key"]),
    "GetAppInstanceAnnotation": lambda args: tracking.text_in(args["un"], "annotations", args["key"]),
    "RemoveLabel": lambda args: tracking.without_metadata(args["un"], "labels", args["key"]),
    "RemoveAnnotation": lambda args: tracking.without_metadata(args["un"], "annotations", args["key"]),
}
