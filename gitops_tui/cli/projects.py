"""``proj list|get|windows list``: the AppProjects, what they permit and when they let applications sync."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, document, listing, say, say_document, table, tell
from gitops_tui.errors import InvalidSpecError, NotFound
from gitops_tui.model.project import EVERYTHING_PERMITTED, AppProject, KindRule, SyncWindow
from gitops_tui.sync.project_check import problems
from gitops_tui.sync.windows import is_active, next_change, zone_of

LIST_HEADINGS = ("NAME", "DESCRIPTION", "DESTINATIONS", "SOURCES", "WINDOWS")
LIST_HEADINGS_WIDE = (*LIST_HEADINGS, "CLUSTER-KINDS", "NAMESPACE-KINDS", "NAMESPACES", "ORPHANED-RESOURCES", "ORIGIN")
WINDOW_HEADINGS = ("ID", "STATUS", "UNTIL", "KIND", "SCHEDULE", "DURATION", "TIMEZONE", "APPLICATIONS", "NAMESPACES",
                   "CLUSTERS", "MANUALSYNC")  # fmt: skip
WINDOW_HEADINGS_WIDE = (*WINDOW_HEADINGS, "ANDOPERATOR", "SYNCOVERRUN", "DESCRIPTION")
NOTHING = "-"


def run_list(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Exit 20 where nothing but problems was found, as ``app list``."""
    with compared(options) as engine:
        found, snapshot = engine.projects(), engine.snapshot()
    if parsed.output in ("json", "yaml"):
        say_document(listing([project_json(one) for one in found], parsed.output, "AppProjectList"))
    elif parsed.output == "name":
        for one in found:
            say(one.name)
    elif found:
        wide = parsed.output == "wide"
        say(table(LIST_HEADINGS_WIDE if wide else LIST_HEADINGS, [_row(one, wide) for one in found]))
    else:
        tell("no AppProjects: every application may do everything; define some beside the Applications")
    return exits.ERROR if snapshot.problems and not found else exits.OK


def run_get(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    project = _find(parsed.name, options)
    if parsed.output in ("json", "yaml"):
        say_document(document(project_json(project), parsed.output))
    elif parsed.output == "name":
        say(project.name)
    else:
        _say_project(project)
    return exits.OK


def run_windows(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    project, now = _find(parsed.name, options), datetime.now(UTC)
    if parsed.output in ("json", "yaml"):
        items = [window_json(number, one, now) for number, one in enumerate(project.sync_windows)]
        say_document(document(items, parsed.output))
    elif parsed.output == "name":
        for number in range(len(project.sync_windows)):
            say(str(number))
    elif project.sync_windows:
        wide = parsed.output == "wide"
        rows = [_window_row(number, one, now, wide) for number, one in enumerate(project.sync_windows)]
        say(table(WINDOW_HEADINGS_WIDE if wide else WINDOW_HEADINGS, rows))
    else:
        tell(f"project {project.name} has no sync windows: its applications may sync at any time")
    return exits.OK


def _find(name: str, options: GlobalOptions) -> AppProject:
    with compared(options) as engine:
        found = engine.projects()
    project = next((one for one in found if one.name == name), None)
    if project is not None:
        return project
    if name == EVERYTHING_PERMITTED.name:
        return EVERYTHING_PERMITTED
    raise NotFound(f"no AppProject {name}", hint="List them with gitops-tui proj list.")


def project_json(project: AppProject) -> dict[str, Any]:
    """The document as somebody wrote it; of the ``default`` that nobody defines, what it stands for."""
    if project.raw:
        return {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", **project.raw}
    permitted = {
        "sourceRepos": list(project.source_repos),
        "destinations": [{"server": one.server, "namespace": one.namespace} for one in project.destinations],
        "clusterResourceWhitelist": [{"group": one.group, "kind": one.kind} for one in project.cluster_whitelist],
    }
    metadata = {"name": project.name}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": metadata, "spec": permitted}


def window_json(number: int, window: SyncWindow, now: datetime) -> dict[str, Any]:
    """A window as it is written, with its state: ``Active``, ``Inactive`` or ``Invalid``, and when that changes."""
    written = {
        "kind": window.kind,
        "schedule": window.schedule,
        "duration": window.duration,
        "timeZone": window.time_zone,
        "applications": list(window.applications),
        "namespaces": list(window.namespaces),
        "clusters": list(window.clusters),
        "andOperator": window.and_operator,
        "manualSync": window.manual_sync,
        "syncOverrun": window.sync_overrun,
        "description": window.description,
    }
    status, until = _state(window, now)
    rest = {"until": until.isoformat() if until else None, **written}
    return {"id": number, "status": status, **{name: value for name, value in rest.items() if value}}


def _state(window: SyncWindow, now: datetime) -> tuple[str, datetime | None]:
    try:
        return "Active" if is_active(window, now) else "Inactive", next_change(window, now)
    except InvalidSpecError:
        return "Invalid", None


def _row(project: AppProject, wide: bool) -> tuple[str, ...]:
    row = (
        project.name,
        clean(project.description),
        _counted([_destination(one.server or one.name, one.namespace) for one in project.destinations]),
        _counted(project.source_repos),
        str(len(project.sync_windows) or NOTHING),
    )
    if not wide:
        return row
    orphaned = project.orphaned_resources
    return (
        *row,
        _kinds(project.cluster_whitelist, project.cluster_blacklist),
        "*" if project.namespace_whitelist is None else _kinds(project.namespace_whitelist, ()),
        _counted(project.source_namespaces),
        NOTHING if orphaned is None else f"warn={str(orphaned.warn).lower()}, ignored {len(orphaned.ignore)}",
        clean(str(project.origin)) or NOTHING,
    )


def _say_project(project: AppProject) -> None:
    denied = [f"!{_kind(one)}" for one in project.namespace_blacklist]
    permitted = ["*"] if project.namespace_whitelist is None else [_kind(one) for one in project.namespace_whitelist]
    orphaned = project.orphaned_resources
    facts: dict[str, Iterable[str]] = {
        "Name": [project.name],
        "Description": [project.description],
        "Destinations": [_destination(one.server or one.name, one.namespace) for one in project.destinations],
        "Sources": project.source_repos,
        "Cluster kinds": [
            *map(_kind, project.cluster_whitelist),
            *(f"!{_kind(one)}" for one in project.cluster_blacklist),
        ],
        "Namespace kinds": [*permitted, *denied],
        "App namespaces": project.source_namespaces,
        "Orphans": [] if orphaned is None else ["warned of" if orphaned.warn else "looked for"],
        "Sync windows": [f"{one.kind} '{one.schedule}' for {one.duration}" for one in project.sync_windows],
        "Problem": problems(project),
    }
    for name, texts in facts.items():
        for number, text in enumerate(text for text in texts if text):
            say(f"{(name + ':') if not number else '':<17}{clean(text)}")


def _window_row(number: int, window: SyncWindow, now: datetime, wide: bool) -> tuple[str, ...]:
    status, until = _state(window, now)
    row = (
        str(number),
        status,
        f"{until.astimezone(zone_of(window)):%a %d %b %H:%M %Z}" if until else NOTHING,
        clean(window.kind),
        clean(window.schedule),
        clean(window.duration),
        clean(window.time_zone) or "UTC",
        *(clean(",".join(one)) or NOTHING for one in (window.applications, window.namespaces, window.clusters)),
        _enabled(window.manual_sync),
    )
    if not wide:
        return row
    return (*row, _enabled(window.and_operator), _enabled(window.sync_overrun), clean(window.description))


def _enabled(flag: bool) -> str:
    return "Enabled" if flag else "Disabled"


def _destination(cluster: str, namespace: str) -> str:
    return f"{cluster or NOTHING},{namespace or NOTHING}"


def _kind(rule: KindRule) -> str:
    return f"{rule.group}/{rule.kind}" + (f"/{rule.name}" if rule.name else "")


def _kinds(permitted: Sequence[KindRule], denied: Sequence[KindRule]) -> str:
    return _counted([*map(_kind, permitted), *(f"!{_kind(one)}" for one in denied)])


def _counted(texts: Sequence[str]) -> str:
    """One as it is, several by their number, as Argo CD's ``proj list`` has it."""
    if len(texts) > 1:
        return f"{len(texts)} entries"
    return clean(texts[0]) if texts else NOTHING
