"""Secrets with their values masked on both sides."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.secrets import mask_pair

GROUP = "diff/hide_secret_data"
FILE = "diff/hide_secret_data.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    target, live = mask_pair(case["target"], case["live"], hidden_annotations=case.get("hide_annotations") or ())
    if case.get("error"):
        return
    assert target == case["expected"]["target"]
    assert live == case["expected"]["live"]
