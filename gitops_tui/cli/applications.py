"""``app list|get|history|manifests``: what there is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app, with_own_commits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import ago, clean, document, listing, paint, say, say_document, table, tell
from gitops_tui.cli.selection import revisions_of
from gitops_tui.cli.trees import tree_lines
from gitops_tui.engine.report import application_json
from gitops_tui.model.operation import HistoryEntry
from gitops_tui.model.plan import SyncRequest
from gitops_tui.model.resource import key_of
from gitops_tui.model.snapshot import AppView, ResourceView

LIST_HEADINGS = ("NAME", "HEALTH", "SYNC", "DRIFT", "WHAT")
LIST_HEADINGS_WIDE = ("NAME", "NAMESPACE", "PROJECT", "CLUSTER", "DESTINATION", "HEALTH", "SYNC", "DRIFT", "REVISION",
                      "REPO", "PATH", "WHAT")  # fmt: skip

HISTORY_HEADINGS = ("ID", "DATE", "REVISION", "BY")
HISTORY_HEADINGS_WIDE = ("ID", "DATE", "REVISION", "TARGET", "BY")


def run_list(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Exit 20 where nothing but problems was found: a script must not take that for an empty list."""
    with compared(options) as engine:
        snapshot = engine.snapshot()
    apps = snapshot.apps
    if parsed.output in ("json", "yaml"):
        say_document(listing([application_json(view) for view in apps], parsed.output, "ApplicationList"))
    elif parsed.output == "name":
        for view in apps:
            say(str(view.key))
    elif apps:
        wide = parsed.output == "wide"
        now = datetime.now(UTC)
        say(table(LIST_HEADINGS_WIDE if wide else LIST_HEADINGS, [_row(view, wide, now) for view in apps]))
    elif not snapshot.problems:
        tell(_nothing_in(options))
    return exits.ERROR if snapshot.problems and not apps else exits.OK


def _nothing_in(options: GlobalOptions) -> str:
    where = "anywhere" if options.all_namespaces else f"in namespace {options.namespace}"
    return f"no Applications {where}; look elsewhere with -n or -A, or name files with --apps"


def _row(view: AppView, wide: bool, now: datetime) -> tuple[str, ...]:
    what = view.trouble.what + (f" · {ago(view.trouble.since, now)}" if view.trouble.since else "")
    drift = str(len(view.drift)) if view.drift else ""
    health, sync = view.health.status.value, view.sync.value + (" (as reported)" if view.as_reported else "")
    if not wide:
        return view.app.name, health, sync, drift, what
    return (view.app.name, view.app.namespace, view.app.project, view.cluster, view.app.destination.namespace, health,
            sync, drift, *_of_each_source(view), what)  # fmt: skip


def _of_each_source(view: AppView) -> tuple[str, str, str]:
    """Commit, repository and path; of several sources each, in their order. One repository of all stands once."""
    sources = view.app.sources
    commits = view.own_of_each(view.commits or (view.revision,))
    paths = [one.path or one.chart or (f"${one.ref}" if one.is_only_reference else "") for one in sources]
    repositories = [one.repo_url for one in sources]
    shown = repositories if len(set(repositories)) > 1 else repositories[:1]
    return ",".join(one[:7] for one in commits), ",".join(shown), ",".join(paths)


def run_get(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options, hard=parsed.refresh or parsed.hard_refresh) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        nodes = engine.tree(view.key).result() if parsed.output == "tree" else ()
        view = with_own_commits(engine, view) if view.reported is not None else view
    if parsed.output in ("json", "yaml"):
        say_document(document(application_json(view), parsed.output))
    elif parsed.output == "name":
        say(str(view.key))
    elif parsed.output == "tree":
        for line in tree_lines(nodes):
            say(line)
    else:
        _say_application(view, datetime.now(UTC))
    return exits.OK


def _other_sources(view: AppView) -> dict[str, str]:
    """A line for each source but the first, which has lines of its own."""
    found, commits = {}, view.own_of_each(view.commits)
    for number, source in enumerate(view.app.sources[1:], 2):
        commit = commits[number - 1][:7] if number <= len(commits) else "?"
        at = f"{source.target_revision or 'HEAD'} @ {commit}"
        found[f"Source {number}"] = " ".join(filter(None, (source.repo_url, source.path or source.chart, at)))
    return found


def _say_application(view: AppView, now: datetime) -> None:
    app, commit = view.app, view.commit
    facts = {
        "Name": str(view.key),
        "Project": app.project,
        "Cluster": f"{view.cluster} ({app.destination.server or app.destination.name})",
        "Namespace": app.destination.namespace,
        "Repo": app.source.repo_url,
        "Path": app.source.path or app.source.chart,
        "Target": _target(view),
        "Revision": f"{commit.short} {commit.subject} ({commit.author_name}, {ago(commit.authored_at, now)} ago)"
        if commit
        else view.revision,
        **_other_sources(view),
        "Sync": _sync_words(view),
        "Health": f"{view.health.status} {view.health.message}".strip(),
        "Trouble": _trouble_words(view, now),
        "Operation": f"{view.operation.phase}: {view.operation.message}" if view.operation else "",
        "Hold": f"{view.hold.owner}: {view.hold.reason}" if view.hold else "",
        "Orphans": f"{view.orphans} (app resources {view.app.name} --orphaned)" if view.orphans else "",
        "Managed by": view.managed_by,
    }
    for name, text in facts.items():
        if text:
            say(f"{name + ':':<12}{clean(text)}")
    _say_reported(view, now)
    for condition in view.conditions:
        say(f"{'Condition:':<12}{paint(condition.type, 'yellow')} {clean(condition.message)}")
    if not view.resources:
        return
    say()
    say(table(("GROUP", "KIND", "NAMESPACE", "NAME", "SYNC", "HEALTH", "MESSAGE"),
              [_resource_row(one) for one in view.resources]))  # fmt: skip
    _say_drift(view, now)


def _target(view: AppView) -> str:
    """``HEAD, at 352655c`` where the branch has moved on without touching the application's own path."""
    target = view.app.source.target_revision or "HEAD"
    return target if view.own(view.revision) == view.revision else f"{target}, at {view.revision[:7]}"


def _say_reported(view: AppView, now: datetime) -> None:
    """What Argo CD says, where it reconciles the application, and where our comparison differs."""
    told = view.reported
    if told is None:
        return
    at = f", {ago(told.reconciled_at, now)} ago" if told.reconciled_at else ""
    says = f"{told.sync}, {told.health}, at {view.own(told.revision)[:7] or 'no revision'}{at}"
    say(f"{view.managed_by + ':':<12}{clean(says)}")
    for condition in told.conditions:
        say(f"{'':<12}{paint(condition.type, 'yellow')} {clean(condition.message)}")
    for text in told.differences:
        say(f"{'Differs:':<12}{clean(text)}")


def _trouble_words(view: AppView, now: datetime) -> str:
    what, since = view.trouble.what, view.trouble.since
    return f"{what} · {ago(since, now)}" if what and since else what


def _sync_words(view: AppView) -> str:
    words = view.sync.value
    if view.as_reported:
        return f"{words} (as the Application's status reports)"
    return f"{words}, Drifted" if view.is_drifted else words


def _resource_row(one: ResourceView) -> tuple[str, ...]:
    key = one.key
    sync = "" if one.sync is None else one.sync.value
    message = one.message or (one.health.message if one.health else "")
    if one.is_left_over:
        message = f"not in Git any more {message}".strip()
    return key.group, key.kind, key.namespace, key.name, sync, one.health.status.value if one.health else "", message


def _say_drift(view: AppView, now: datetime) -> None:
    fields = [(res, one) for res in view.resources for one in res.drift]
    if not fields:
        return
    say()
    rows = [
        (res.key.short, one.label, one.kind.value, _value(one.target), _value(one.live),
         one.writer.describe(now) if one.writer else "", one.reason)
        for res, one in fields
    ]  # fmt: skip
    say(table(("OBJECT", "FIELD", "KIND", "GIT", "CLUSTER", "WRITER", "NOTE"), rows))


def _value(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else document(value, "json").replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."


def run_history(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options) as engine:
        view = with_own_commits(engine, find_app(engine.snapshot(), parsed.name, options.namespace))
    history = tuple(reversed(view.history))
    if parsed.output in ("json", "yaml"):
        say_document(document([entry.to_json() for entry in history], parsed.output))
        return exits.OK
    if parsed.output == "name":
        for entry in history:
            say(str(entry.id))
        return exits.OK
    is_wide = parsed.output == "wide"
    if history:
        rows = [_history_row(view, entry, is_wide) for entry in history]
        say(table(HISTORY_HEADINGS_WIDE if is_wide else HISTORY_HEADINGS, rows))
    else:
        tell("nothing was deployed yet")
    return exits.OK


def _history_row(view: AppView, entry: HistoryEntry, is_wide: bool) -> tuple[str, ...]:
    """A deployment by the commit of the application's own path; the wide list says what its branch was at, too."""
    who = "automated" if entry.initiated_by.automated else entry.initiated_by.username
    at = entry.deployed_at.isoformat(sep=" ", timespec="seconds") if entry.deployed_at else "-"
    commits = view.own_of_each(entry.commits)
    revision = commits[0] if len(commits) == 1 else ", ".join(one[:7] for one in commits)
    target = ("; ".join(_deployed_targets(entry, commits)),) if is_wide else ()
    return (str(entry.id), at, revision, *target, who or "-")


def _deployed_targets(entry: HistoryEntry, commits: Sequence[str]) -> Iterator[str]:
    """``main, at 352655c`` where the branch had moved on without touching the path; else ``main``."""
    sources = entry.all_sources
    for number, (revision, own) in enumerate(zip(entry.commits, commits, strict=True)):
        target = str(sources[number].get("targetRevision") or "HEAD") if number < len(sources) else "HEAD"
        yield target if own == revision else f"{target}, at {revision[:7]}"


def run_manifests(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        asked = SyncRequest(revision=parsed.revision, revisions=revisions_of(view.app, parsed))
        objects = engine.manifests(view.key, source=parsed.source, asked=asked)
    if parsed.output == "name":
        for obj in objects:
            say(str(key_of(obj)))
    elif parsed.output == "json":
        say_document(listing(objects, "json"))
    else:
        say_document("\n---\n".join(document(obj, "yaml") for obj in objects))
    return exits.OK
