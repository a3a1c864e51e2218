"""``gitops-tui``: reads the command line and hands over. Imports nothing heavy before a command is known."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from gitops_tui import __version__
from gitops_tui.cli import exits
from gitops_tui.cli.options import add_options, read_options
from gitops_tui.errors import ConfigError, GitOpsError

SCENARIOS = ("incident", "calm", "busy")
FORMATS = ("table", "wide", "json", "yaml", "name")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the process' exit code."""
    parser = build_parser()
    parsed = parser.parse_args(words)
    try:
        return _run(parsed)
    except GitOpsError as error:
        from gitops_tui.cli.output import complain

        complain(error)
        return exits.USAGE if isinstance(error, ConfigError) else exits.ERROR
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return exits.FAILED


def _run(parsed: argparse.Namespace) -> int:
    run: Callable[..., int] = _command(getattr(parsed, "command", None) or "cockpit")
    return run(parsed, read_options(parsed))


def _command(name: str) -> Callable[..., int]:
    """The function behind a command; its module is imported now and not sooner."""
    from importlib import import_module

    module, _, function = COMMANDS[name].partition(":")
    found: Callable[..., int] = getattr(import_module(f"gitops_tui.cli.{module}"), function)
    return found


COMMANDS = {
    "cockpit": "cockpit:run",
    "demo": "demo:run",
    "sandbox": "sandbox:run",
    "controller": "controller:run",
    "doctor": "doctor:run",
    "completion": "completion:run",
    "app list": "applications:run_list",
    "app get": "applications:run_get",
    "app history": "applications:run_history",
    "app manifests": "applications:run_manifests",
    "app diff": "differences:run_diff",
    "app sync": "operations:run_sync",
    "app wait": "operations:run_wait",
    "app revert": "operations:run_revert",
}


def build_parser() -> argparse.ArgumentParser:
    """The whole command line. Global options may stand before or after the command."""
    parser = argparse.ArgumentParser(
        prog="gitops-tui",
        description="A GitOps cockpit for the terminal: what Git says, what the cluster runs, and who changed it.",
        epilog="Without a command the cockpit opens. `gitops-tui demo` needs no cluster and no configuration.",
    )
    parser.add_argument("--version", action="version", version=f"gitops-tui {__version__}")
    add_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_places(commands)
    _add_app(commands)
    return parser


def _add_places(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _add(commands, "cockpit", "the cockpit (the default)")
    demo = _add(commands, "demo", "a living world to try everything in: no cluster, no configuration")
    demo.add_argument("--scenario", choices=SCENARIOS, default="incident", help="what happens while one watches")
    demo.add_argument("--directory", metavar="DIR", help="where the world is built (default: a temporary folder)")
    demo.add_argument("--no-cockpit", action="store_true", help="build the world, print how to reach it, and serve")
    sandbox = _add(commands, "sandbox", "serve the embedded cluster alone and print its kubeconfig")
    sandbox.add_argument("--state", metavar="FILE", help="keep the cluster's state in this file")
    sandbox.add_argument("--directory", metavar="DIR", help="where kubeconfigs go (default: a temporary folder)")
    _add(commands, "controller", "reconcile without a screen, until a signal")
    _add(commands, "doctor", "what is reachable, which tools were found, what is missing and how to get it")
    completion = _add(commands, "completion", "print a completion script")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))


def _add_app(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    app = commands.add_parser("app", help="list, get, diff, sync, wait, history, manifests, revert")
    add_options(app)
    verbs = app.add_subparsers(title="commands", metavar="VERB", required=True)
    listing = _add(verbs, "app list", "all applications, those in trouble first")
    _output(listing, FORMATS)
    get = _add(verbs, "app get", "one application with its objects")
    _name(get)
    _output(get, ("table", "wide", "json", "yaml", "name"))
    get.add_argument("--refresh", action="store_true", help="fetch Git first")
    get.add_argument("--hard-refresh", action="store_true", help="fetch Git and forget what is cached")
    _add_diff(_add(verbs, "app diff", "what differs between Git and the cluster, and who wrote it"))
    _add_sync(_add(verbs, "app sync", "make the cluster what Git says, and wait"))
    _add_wait(_add(verbs, "app wait", "wait until an application is synced, healthy and at rest"))
    history = _add(verbs, "app history", "what was deployed, when and by whom")
    _name(history)
    _output(history, ("table", "wide", "json", "yaml", "name"))
    manifests = _add(verbs, "app manifests", "the objects as Git or the cluster has them")
    _name(manifests)
    manifests.add_argument("--source", choices=("git", "live"), default="git", help="which side (default: git)")
    manifests.add_argument("--revision", metavar="REV", default="", help="at another revision")
    _add_revert(_add(verbs, "app revert", "git revert and push, with a preview"))


def _add_diff(diff: argparse.ArgumentParser) -> None:
    _name(diff)
    diff.add_argument("--refresh", action="store_true", help="fetch Git first")
    diff.add_argument("--hard-refresh", action="store_true", help="fetch Git and forget what is cached")
    diff.add_argument("--revision", metavar="REV", default="", help="compare with another revision")
    diff.add_argument("--exit-code", dest="exit_code", choices=("true", "false"), default="true",
                      help="1 where there is a difference (default: true)")  # fmt: skip
    diff.add_argument("--diff-exit-code", type=int, default=exits.FAILED, metavar="N", help="instead of 1")
    _output(diff, ("table", "json", "yaml", "name"))


def _add_sync(sync: argparse.ArgumentParser) -> None:
    sync.add_argument("names", nargs="+", metavar="APP")
    sync.add_argument("--revision", metavar="REV", default="", help="at another revision")
    sync.add_argument("--prune", action="store_true", help="delete what is no longer in Git")
    sync.add_argument("--yes-prune", type=int, metavar="N", help="allow up to N deletions without asking")
    sync.add_argument("--dry-run", action="store_true", help="ask the API server, change nothing")
    sync.add_argument("--force", action="store_true", help="delete and create again what cannot be applied")
    sync.add_argument("--replace", action="store_true", help="replace instead of apply")
    sync.add_argument("--apply-out-of-sync-only", action="store_true", help="leave alone what is in sync")
    sync.add_argument("--strategy", choices=("apply", "hook"), default="hook", help="apply runs no hooks")
    sync.add_argument("--resource", action="append", default=[], metavar="GROUP:KIND:[NS/]NAME", help="only this one")
    sync.add_argument("--retry-limit", type=int, default=0, metavar="N", help="how often a failed sync is tried again")
    sync.add_argument("--preview-changes", action="store_true", help="show the plan and ask")
    sync.add_argument("--yes", "-y", action="store_true", help="do not ask at a terminal")
    sync.add_argument("--async", dest="no_wait", action="store_true", help="do not wait for the end")
    sync.add_argument("--timeout", type=float, default=0, metavar="S", help="give up after S seconds (0: never)")
    _output(sync, ("table", "json", "yaml"))


def _add_wait(wait: argparse.ArgumentParser) -> None:
    wait.add_argument("names", nargs="+", metavar="APP")
    for word in ("sync", "health", "operation", "suspended", "degraded"):
        wait.add_argument(f"--{word}", action="store_true", help=f"wait for {word} only")
    wait.add_argument("--timeout", type=float, default=0, metavar="S", help="give up after S seconds (0: never)")


def _add_revert(revert: argparse.ArgumentParser) -> None:
    _name(revert)
    revert.add_argument("commits", nargs="+", metavar="COMMIT")
    revert.add_argument("--yes", "-y", action="store_true", help="do not ask at a terminal")
    revert.add_argument("--author", metavar="'NAME <EMAIL>'", default="", help="where git's configuration has none")
    revert.add_argument("--branch", metavar="NAME", default="", help="push the revert as this branch instead")
    revert.add_argument("--dry-run", action="store_true", help="show what it would do, push nothing")
    revert.add_argument("--sync", action="store_true", help="sync and wait after the push")


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name.rpartition(" ")[2], help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(command=name)
    add_options(parser)
    return parser


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="APP", help="NAME or NAMESPACE/NAME")


def _output(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    parser.add_argument("-o", "--output", choices=formats, default="table", help="default: table")


if __name__ == "__main__":
    sys.exit(main())
