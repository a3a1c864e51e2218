"""An application in a few lines of plain text, for an incident's channel."""

from __future__ import annotations

from datetime import datetime

from gitops_tui.model.snapshot import AppView
from gitops_tui.tui.draw.field import difference, writer
from gitops_tui.tui.words import short


def summary(app: AppView, now: datetime) -> str:
    lines = [
        f"{app.app.name} ({app.cluster}, namespace {app.app.destination.namespace}): "
        f"{app.sync.value}, {app.health.status.value}, Git at {short(app.own(app.revision))}"
    ]
    if app.trouble.what:
        lines.append(f"  {app.trouble.what}")
    for resource, drift in app.drift:
        lines.append(
            f"  {resource.key.short} {drift.label or drift.text}: "
            f"{difference(drift).plain} ({writer(drift, now).plain})"
        )
    return "\n".join(lines)
