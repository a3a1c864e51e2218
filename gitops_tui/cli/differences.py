"""``app diff``: what differs, as a patch from the cluster to what an apply would make of it, with the writers."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.external_diff import external_diff, show_external
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import document, paint, say, say_document
from gitops_tui.cli.selection import revisions_of
from gitops_tui.diff.hunks import hunks
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.plan import SyncRequest
from gitops_tui.model.snapshot import ResourceDetail
from gitops_tui.model.status import DriftKind


def run_diff(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Exit 1 (or ``--diff-exit-code``) where target or foreign drift was found; notes are no difference."""
    with compared(options, hard=parsed.refresh or parsed.hard_refresh) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        local = Path(parsed.local) if parsed.local else None
        asked = SyncRequest(revision=parsed.revision, revisions=revisions_of(view.app, parsed))
        found = engine.differences(view.key, asked=asked, local=local)
        details = [one for one in found if _differs(one)]
    now = datetime.now(UTC)
    if parsed.output in ("json", "yaml"):
        say_document(document([_detail_json(one, now) for one in details], parsed.output))
    elif parsed.output == "name":
        for one in details:
            say(str(one.key))
    elif words := external_diff():
        for one in details:
            show_external(words, one)
    else:
        for one in details:
            _say_detail(one, now)
    return parsed.diff_exit_code if details and parsed.exit_code == "true" else exits.OK


def _differs(one: ResourceDetail) -> bool:
    return one.target is None or one.live is None or any(drift.kind is not DriftKind.NOTE for drift in one.drift)


def _say_detail(one: ResourceDetail, now: datetime) -> None:
    say(paint(f"===== {one.key.group}/{one.key.kind} {one.key.namespace}/{one.key.name} ======", "bold"))
    for drift in one.drift:
        say(paint(f"# {_sentence(drift, now)}", "dim"))
    if one.compared is None or one.predicted is None or one.compared != one.predicted:
        for hunk in hunks(one.compared, one.predicted):
            say(paint(f"@@ {hunk.header}", "cyan"))
            for line in hunk.lines:
                say(_coloured(line.kind, line.text))
    say()


def _coloured(kind: str, text: str) -> str:
    line = f"{kind}{text}"
    if kind == "-":
        return paint(line, "red")
    return paint(line, "green") if kind == "+" else line


def _sentence(drift: FieldDrift, now: datetime) -> str:
    who = f"; {drift.writer.describe(now)}" if drift.writer else ""
    if drift.kind is DriftKind.TARGET:
        return f"{drift.text}: Git {_short(drift.target)}, cluster {_short(drift.live)}{who}"
    word = "not in Git" if drift.kind is DriftKind.FOREIGN else "note"
    return f"{drift.text}: {word}, cluster {_short(drift.live)}{who}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else document(value, "json")
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "..."


def _detail_json(one: ResourceDetail, now: datetime) -> dict[str, Any]:
    key = one.key
    return {
        "group": key.group,
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
        "live": one.live,
        "predicted": one.predicted,
        "drift": [
            {
                "path": drift.text,
                "kind": drift.kind.value,
                "target": drift.target,
                "live": drift.live,
                "writer": drift.writer.describe(now) if drift.writer else "",
                "reason": drift.reason,
            }
            for drift in one.drift
        ],
    }
