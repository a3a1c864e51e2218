"""What is not imported before the first screen. By names, not by milliseconds: those depend on the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from gitops_tui.tui.views import LATER

ROOT = Path(__file__).parents[3]
THE_WAY = """
import json, sys
import gitops_tui.cli.cockpit, gitops_tui.engine.engine, gitops_tui.tui.run, gitops_tui.tui.app
import urllib3
print(json.dumps(sorted(sys.modules)))
"""
"""What `gitops_tui.cli.cockpit.open_cockpit` imports, in its order, until the cockpit runs."""
HEAVY = {
    "annotated_types", "certifi", "git", "gitdb", "jq", "jsonpatch", "kubernetes", "lupa", "oauthlib",
    "prometheus_client", "pydantic", "pygments", "requests", "rich.markdown", "rich.syntax", "rich.traceback",
    "textual.widgets._markdown", "textual.widgets._text_area", "tree_sitter", "websocket",
}  # fmt: skip
"""Packages that others need, or that are needed later."""
OURS = {
    *LATER, "gitops_tui.cli.controller", "gitops_tui.cli.demo", "gitops_tui.cli.doctor", "gitops_tui.listener",
    "gitops_tui.lua.child", "gitops_tui.lua.machine", "gitops_tui.metrics", "gitops_tui.sandbox", "gitops_tui.tui.wall",
    "gitops_tui.tui.draw.bigtext", "gitops_tui.tui.draw.tile",
}  # fmt: skip


def imported() -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", THE_WAY], capture_output=True, text=True, check=True, cwd=ROOT, timeout=300
    )
    return set(json.loads(done.stdout))


def test_the_first_screen_imports_nothing_of_what_comes_later() -> None:
    found = imported()
    assert {"gitops_tui.tui.screens.main", "gitops_tui.engine.assembly"} <= found, "this is no longer the way"
    assert not sorted((HEAVY | OURS) & found)
