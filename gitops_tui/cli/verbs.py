"""The flags of ``app`` verbs that act on an Application itself or on single objects."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Parser = argparse.ArgumentParser
    Text = Callable[[str], object]

BOOLEAN = ("true", "false")
POLICIES = ("automated", "automatic", "auto", "none", "manual")
ASKS_NOTHING = "without effect: nothing is asked"
PATCH_TYPES = ("merge", "json", "application/merge-patch+json", "application/json-patch+json")


def add_yes(parser: Parser, answers: str = ASKS_NOTHING) -> None:
    """Every verb that writes takes it, so that a script can say it always. It never stands for ``--yes-prune``."""
    parser.add_argument("--yes", "-y", action="store_true", help=answers)


def add_rollback(rollback: Parser, count: Text) -> None:
    rollback.add_argument("id", nargs="?", type=count, metavar="ID",
                          help="as app history shows it (default: the entry before the last)")  # fmt: skip
    rollback.add_argument("--prune", action="store_true", help="delete what the older revision does not have")
    rollback.add_argument("--yes-prune", type=count, metavar="N", help="allow up to N deletions without asking")
    add_yes(rollback, "without effect: only a prune may ask, and --yes-prune answers that")
    rollback.add_argument("--dry-run", action="store_true", help="ask the API server, change nothing")
    rollback.add_argument("--async", dest="no_wait", action="store_true", help="do not wait for the end")


def add_delete(delete: Parser) -> None:
    delete.add_argument("--cascade", nargs="?", const="true", default="true", choices=BOOLEAN,
                        help="delete its objects, too (default: true)")  # fmt: skip
    delete.add_argument("--propagation-policy", choices=("foreground", "background"), default="foreground",
                        help="how its objects are deleted (default: foreground)")  # fmt: skip
    add_yes(delete, "do not ask for the name")
    delete.add_argument("--wait", action="store_true", help="wait until it is gone")


def add_set(change: Parser, count: Text) -> None:
    for flag, what in (
        ("repo", "URL of the repository"),
        ("path", "path in the repository"),
        ("revision", "branch, tag, commit or constraint"),
        ("directory-include", "glob of the files that count"),
        ("directory-exclude", "glob of the files that do not"),
        ("dest-server", "URL of the cluster"),
        ("dest-name", "name of the cluster"),
        ("dest-namespace", "where objects without a namespace go"),
        ("project", "its project"),
    ):
        change.add_argument(f"--{flag}", metavar="TEXT", help=what)
    change.add_argument("--directory-recurse", nargs="?", const="true", choices=BOOLEAN, help="read subfolders")
    change.add_argument(
        "--source-position", type=count, default=0, metavar="N", help="which of several sources, from 1"
    )
    change.add_argument("--sync-policy", metavar="automated|none", choices=POLICIES,
                        help="by itself, or by hand")  # fmt: skip
    for flag, what in (
        ("auto-prune", "automation deletes what left Git"),
        ("self-heal", "automation undoes drift"),
        ("allow-empty", "automation may delete everything"),
    ):
        change.add_argument(f"--{flag}", nargs="?", const="true", choices=BOOLEAN, help=what)
    change.add_argument(
        "--sync-option", action="append", default=[], metavar="[!]NAME=VALUE", help="set one, or take it off"
    )
    add_yes(change)
    change.add_argument("--sync-retry-limit", type=count, metavar="N", help="how often a failed sync is tried again")
    change.add_argument("--revision-history-limit", type=count, metavar="N", help="entries of history that are kept")


def add_logs(logs: Parser, count: Text, seconds: Text) -> None:
    _object(logs, is_needed=False)
    logs.add_argument("--container", "-c", metavar="NAME", default="", help="only this container")
    logs.add_argument("--follow", "-f", action="store_true", help="go on as more is written")
    logs.add_argument("--previous", "-p", action="store_true", help="of the container before its restart")
    logs.add_argument("--tail", type=count, metavar="N", help="only the last N lines of each (default: all)")
    logs.add_argument("--since", type=seconds, default=0, metavar="S", help="only the last S seconds, or 5m, 1h")
    logs.add_argument("--filter", default="", metavar="TEXT", help="only lines that hold it")
    logs.add_argument("--timestamps", action="store_true", help="say when each line was written")


def add_patch(patch: Parser) -> None:
    _object(patch, is_needed=True)
    patch.add_argument("--patch", required=True, metavar="JSON", help="the patch")
    patch.add_argument("--patch-type", default="merge", help="merge or json (default: merge)",
                       choices=PATCH_TYPES)  # fmt: skip
    patch.add_argument("--all", action="store_true", help="every object that matches")
    add_yes(patch)


def add_delete_object(delete: Parser) -> None:
    _object(delete, is_needed=True)
    delete.add_argument("--force", action="store_true", help="at once, without a time to end")
    delete.add_argument("--orphan", action="store_true", help="leave what it owns")
    delete.add_argument("--all", action="store_true", help="every object that matches")
    add_yes(delete)


def _object(parser: Parser, *, is_needed: bool) -> None:
    parser.add_argument("--kind", metavar="KIND", required=is_needed, help="kind of the object")
    parser.add_argument("--group", metavar="GROUP", help="its API group; empty for core")
    parser.add_argument("--resource-name", metavar="NAME", help="its name")
    if is_needed:
        parser.add_argument("--resource-namespace", metavar="NS", help="its namespace")


def add_retry(sync: Parser, count: Text) -> None:
    sync.add_argument("--retry-limit", type=count, default=0, metavar="N", help="how often to try a failed sync again")
    sync.add_argument("--retry-backoff-duration", metavar="D", default="", help="the first wait (default: 5s)")
    sync.add_argument(
        "--retry-backoff-factor", type=count, metavar="N", default=0, help="each wait times N (default: 2)"
    )
    sync.add_argument("--retry-backoff-max-duration", metavar="D", default="", help="the longest wait (default: 3m)")
    sync.add_argument("--retry-refresh", action="store_true", help="try again with the newest revision")


def add_revisions(parser: Parser, what: str) -> None:
    parser.add_argument("--revision", metavar="REV", default="", help=what)
    parser.add_argument("--revisions", metavar="REV", action="append", default=[],
                        help="the same of one of several sources")  # fmt: skip
    parser.add_argument("--source-positions", metavar="N", action="append", default=[],
                        help="which one --revisions is about, from 1; as often as that")  # fmt: skip


def add_selection(sync: Parser) -> None:
    sync.add_argument("--resource", action="append", default=[], metavar="[!]GROUP:KIND:[NS/]NAME",
                      help="only this one, or all but it; globs")  # fmt: skip
    sync.add_argument("--label", action="append", default=[], metavar="KEY=VALUE", help="only what carries this label")
