"""The whole command line, declared. A command's own parser is filled when it is needed and not sooner."""

from __future__ import annotations

import argparse
import os

from gitops_tui import __version__
from gitops_tui.cli import exits, verbs
from gitops_tui.cli.flags import add_flags

TYPE_CHECKING = False
if TYPE_CHECKING:  # as typing's own, whose import costs more than all the rest here
    from collections.abc import Callable, Sequence
    from typing import Any

    Commands = argparse._SubParsersAction[Any]

SCENARIOS = ("incident", "calm", "busy")
PROGRAM = "gitops-tui"


Parser = argparse.ArgumentParser


class _Help(argparse.HelpFormatter):
    """As wide as the terminal. argparse's own way there loads every archive format that Python knows (shutil)."""

    def __init__(self, prog: str, **words: Any) -> None:
        super().__init__(prog, **{"width": _columns() - 2, **words})


def _columns() -> int:
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"]) or 80
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


class Later:
    """Stands for a command's parser until the command is chosen: sixteen parsers cost more than the interpreter."""

    def __init__(self, *, declare: Callable[[Parser], None], **words: Any) -> None:
        self._declare = declare
        self._words = words

    def parser(self) -> Parser:
        """The command's parser, made now."""
        parser = Parser(allow_abbrev=False, formatter_class=_Help, **self._words)
        self._declare(parser)
        parser.usage = " ".join([parser.prog, "[OPTIONS]", *_positionals(parser)])
        add_flags(parser)
        return parser

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What argparse asks of a sub-parser. Nobody above knows more words: an unknown one is told with its usage."""
        return self.parser().parse_args(args, namespace), []


def _positionals(parser: Parser) -> list[str]:
    """The names of what stands without a flag: the usage line of a wrong command is one line."""
    return [_positional(action) for action in parser._actions if not action.option_strings]


def _positional(action: argparse.Action) -> str:
    name = action.metavar or action.dest
    if action.nargs == "?":
        return f"[{name}]"
    return f"{name} ..." if action.nargs in ("+", "A...") else str(name)


def build_parser() -> Parser:
    """Global options may stand before or after the command."""
    return Later(
        declare=_declare_program,
        prog=PROGRAM,
        description="A GitOps cockpit for the terminal: what Git says, what the cluster runs, and who changed it.",
        epilog=f"Without a command the cockpit opens. `{PROGRAM} demo` needs no cluster and no configuration.",
    ).parser()


def _declare_program(parser: Parser) -> None:
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands: Commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", prog=PROGRAM, parser_class=Later
    )
    _add(commands, "app", "list, get, diff, sync, wait, history, manifests, revert, actions", _declare_app)
    _add(commands, "proj", "list, get, windows list: what projects permit, and when", _declare_proj)
    _add(commands, "cockpit", "the cockpit (the default)")
    _add(commands, "controller", "reconcile without a screen, until a signal", _controller)
    _add(commands, "demo", "a living world to try everything in: no cluster, no configuration", _demo)
    _add(commands, "doctor", "what is reachable, which tools were found, what is missing and how to get it", _doctor)
    _add(commands, "sandbox", "serve the embedded cluster alone and print its kubeconfig", _sandbox)
    _add(commands, "why", "why an application is as it is, what it waits for, and what comes next", _why)
    _add(commands, "completion", "print a completion script", _completion)


def _add(commands: Commands, name: str, text: str, declare: Callable[[Parser], None] = lambda _: None) -> None:
    def declare_named(parser: Parser) -> None:
        parser.set_defaults(command=name)
        declare(parser)

    description = text[0].upper() + text[1:] + "."
    commands.add_parser(name.rpartition(" ")[2], help=text, declare=declare_named, description=description)


def _demo(demo: Parser) -> None:
    demo.add_argument("--scenario", choices=SCENARIOS, default="incident", help="what happens while one watches")
    demo.add_argument("--directory", metavar="DIR", help="where the world is built (default: a temporary folder)")
    demo.add_argument("--no-cockpit", action="store_true", help="build the world, print how to reach it, and serve")


def _controller(controller: Parser) -> None:
    controller.add_argument("--webhook", metavar="ADDRESS", default="",
                            help="take webhooks of Git hosts: POST /api/webhook, for instance at :8080")  # fmt: skip
    controller.add_argument("--webhook-cert", metavar="FILE", default="", help="serve them over TLS: PEM, the chain")
    controller.add_argument("--webhook-key", metavar="FILE", default="", help="the certificate's key: PEM")
    controller.add_argument("--metrics", metavar="ADDRESS", default="",
                            help="show Prometheus /metrics, and /healthz, for instance at :8082")  # fmt: skip


def _sandbox(sandbox: Parser) -> None:
    sandbox.add_argument("--state", metavar="FILE", help="keep the cluster's state in this file")
    sandbox.add_argument("--directory", metavar="DIR", help="where kubeconfigs go (default: a temporary folder)")


def _doctor(doctor: Parser) -> None:
    _output(doctor, ("table", "json", "yaml"))
    doctor.add_argument("--timeout", type=seconds, default=5.0, metavar="S", help="for each question (default: 5)")


def _why(why: Parser) -> None:
    _name(why)
    why.add_argument("--resource", action="append", default=[], metavar="KIND/NAME", help="only about this object")
    why.add_argument("--since", type=seconds, default=0, metavar="S", help="only the log of the last S seconds")
    why.add_argument("--limit", type=count, default=20, metavar="N", help="entries of the log (default: 20)")
    _output(why, ("table", "wide", "json", "yaml"))
    _refresh(why)


def _completion(completion: Parser) -> None:
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="bash|zsh|fish")


def _declare_app(app: Parser) -> None:
    words: Commands = app.add_subparsers(
        title="commands", metavar="VERB", required=True, prog=f"{PROGRAM} app", parser_class=Later
    )
    _add(words, "app list", "all applications, those in trouble first", _list)
    _add(words, "app get", "one application with its objects", _get)
    _add(words, "app diff", "what differs between Git and the cluster, and who wrote it", _diff)
    _add(words, "app sync", "make the cluster what Git says, and wait", _sync)
    _add(words, "app wait", "wait until applications are synced, healthy and at rest", _wait)
    _add(words, "app history", "what was deployed, when and by whom", _history)
    _add(words, "app manifests", "the objects as Git or the cluster has them", _manifests)
    _add(words, "app revert", "git revert and push, with a preview", _revert)
    _add(words, "app actions", "list, run: what else can be done to an object", _actions)
    _add(words, "app rollback", "deploy an entry of the history again", _rollback)
    _add(words, "app terminate-op", "end the operation that runs", _named_deed)
    _add(words, "app set", "change the Application in the cluster", _set)
    _add(words, "app delete", "delete applications, with their objects or without", _delete)
    _add(words, "app confirm-deletion", "say yes to deletions that wait for it", _named_deed)
    _add(words, "app resources", "the objects, or what lies about and belongs to nobody", _resources)
    _add(words, "app logs", "what the pods wrote", _logs)
    _add(words, "app patch-resource", "patch an object of the application", _patch_resource)
    _add(words, "app delete-resource", "delete an object of the application", _delete_resource)


def _declare_proj(proj: Parser) -> None:
    verbs: Commands = proj.add_subparsers(
        title="commands", metavar="VERB", required=True, prog=f"{PROGRAM} proj", parser_class=Later
    )
    _add(verbs, "proj list", "all projects", _list)
    _add(verbs, "proj get", "one project: what it permits", _project)
    _add(verbs, "proj windows", "list: the sync windows of a project", _declare_windows)


def _declare_windows(windows: Parser) -> None:
    verbs: Commands = windows.add_subparsers(
        title="commands", metavar="VERB", required=True, prog=f"{PROGRAM} proj windows", parser_class=Later
    )
    _add(verbs, "proj windows list", "whether each is open, and until when", _project)


def _project(parser: Parser) -> None:
    parser.add_argument("name", metavar="PROJECT", help="the project's name")
    _output(parser, ("table", "wide", "json", "yaml", "name"))


def _list(listing: Parser) -> None:
    _output(listing, ("table", "wide", "json", "yaml", "name"))


def _get(get: Parser) -> None:
    _name(get)
    _output(get, ("table", "wide", "json", "yaml", "name", "tree"))
    _refresh(get)


def _history(history: Parser) -> None:
    _name(history)
    _output(history, ("table", "wide", "json", "yaml", "name"))


def _manifests(manifests: Parser) -> None:
    _name(manifests)
    manifests.add_argument("--source", choices=("git", "live"), default="git", help="which side (default: git)")
    verbs.add_revisions(manifests, "at another revision")
    _output(manifests, ("yaml", "json", "name"))


def _diff(diff: Parser) -> None:
    _name(diff)
    _refresh(diff)
    verbs.add_revisions(diff, "compare with another revision")
    diff.add_argument("--local", metavar="DIR", default="", help="compare with the manifests in this folder")
    diff.add_argument("--server-side-diff", action="store_true", help="without effect: every diff is server-side")
    diff.add_argument("--exit-code", dest="exit_code", choices=("true", "false"), default="true",
                      help="1 where there is a difference (default: true)")  # fmt: skip
    diff.add_argument("--diff-exit-code", type=int, default=exits.FAILED, metavar="N", help="instead of 1")
    _output(diff, ("table", "json", "yaml", "name"))


def _sync(sync: Parser) -> None:
    _names(sync)
    verbs.add_revisions(sync, "at another revision")
    sync.add_argument("--local", metavar="DIR", default="", help="what this folder holds, instead of Git")
    sync.add_argument("--prune", action="store_true", help="delete what is no longer in Git")
    sync.add_argument("--yes-prune", type=count, metavar="N", help="allow up to N deletions without asking")
    sync.add_argument("--dry-run", action="store_true", help="ask the API server, change nothing")
    sync.add_argument("--force", action="store_true", help="delete and create again what cannot be applied")
    sync.add_argument("--replace", action="store_true", help="replace instead of apply")
    sync.add_argument("--apply-out-of-sync-only", action="store_true", help="leave alone what is in sync")
    sync.add_argument("--strategy", choices=("apply", "hook"), default="hook", help="apply runs no hooks")
    sync.add_argument("--server-side", action="store_true", help="without effect: every apply is server-side")
    verbs.add_selection(sync)
    verbs.add_retry(sync, count)
    sync.add_argument("--preview-changes", action="store_true", help="show the plan and ask")
    verbs.add_yes(sync, "answer the question of --preview-changes with yes")
    sync.add_argument("--async", dest="no_wait", action="store_true", help="do not wait for the end")
    _timeout(sync)
    _output(sync, ("table", "json", "yaml"))


def _wait(wait: Parser) -> None:
    _names(wait)
    for word in ("sync", "health", "operation", "suspended", "degraded"):
        wait.add_argument(f"--{word}", action="store_true", help=f"wait for {word} only")
    wait.add_argument("--delete", action="store_true", help="wait until they are gone")
    wait.add_argument("--resource", action="append", default=[], metavar="[!]GROUP:KIND:[NS/]NAME",
                      help="look at these objects only; globs")  # fmt: skip
    _timeout(wait)


def _revert(revert: Parser) -> None:
    _name(revert)
    revert.add_argument("commits", nargs="+", metavar="COMMIT")
    verbs.add_yes(revert, "answer the question before the push with yes")
    revert.add_argument("--author", metavar="'NAME <EMAIL>'", default="", help="where git's configuration has none")
    revert.add_argument("--branch", metavar="NAME", default="", help="push the revert as this branch instead")
    revert.add_argument("--dry-run", action="store_true", help="show what it would do, push nothing")
    revert.add_argument("--sync", action="store_true", help="sync and wait after the push")
    revert.add_argument("--yes-prune", type=count, metavar="N", help="allow up to N deletions without asking")


def _actions(actions: Parser) -> None:
    verbs: Commands = actions.add_subparsers(
        title="commands", metavar="VERB", required=True, prog=f"{PROGRAM} app actions", parser_class=Later
    )
    _add(verbs, "app actions list", "the actions of an application's objects", _actions_list)
    _add(verbs, "app actions run", "run an action on an object", _actions_run)


def _actions_list(listing: Parser) -> None:
    _name(listing)
    _objects(listing)
    _output(listing, ("table", "wide", "json", "yaml", "name"))


def _actions_run(run: Parser) -> None:
    _name(run)
    run.add_argument("action", metavar="ACTION")
    _objects(run)
    run.add_argument("--all", action="store_true", help="on all objects that match")
    run.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the action")
    verbs.add_yes(run)


def _objects(parser: Parser) -> None:
    """``--namespace`` says where Applications are, everywhere; the object's has a name of its own."""
    parser.add_argument("--kind", metavar="KIND", help="objects of this kind")
    parser.add_argument("--group", metavar="GROUP", help="objects of this group (empty: core)")
    parser.add_argument("--resource-name", metavar="NAME", help="the object of this name")
    parser.add_argument("--resource-namespace", metavar="NS", help="objects in this namespace")


def _rollback(rollback: Parser) -> None:
    _name(rollback)
    verbs.add_rollback(rollback, count)
    _timeout(rollback)
    _output(rollback, ("table", "json", "yaml"))


def _set(change: Parser) -> None:
    _name(change)
    verbs.add_set(change, count)


def _delete(delete: Parser) -> None:
    _names(delete)
    verbs.add_delete(delete)
    _timeout(delete)


def _resources(resources: Parser) -> None:
    _name(resources)
    resources.add_argument("--orphaned", action="store_true", help="what no application and no other object has")
    _output(resources, ("table", "tree", "json", "yaml", "name"))


def _logs(logs: Parser) -> None:
    _name(logs)
    verbs.add_logs(logs, count, seconds)


def _patch_resource(patch: Parser) -> None:
    _name(patch)
    verbs.add_patch(patch)


def _delete_resource(delete: Parser) -> None:
    _name(delete)
    verbs.add_delete_object(delete)


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="APP", type=app_name, help="NAME or NAMESPACE/NAME")


def _named_deed(parser: Parser) -> None:
    """What is done to one application, and has no other flags."""
    _name(parser)
    verbs.add_yes(parser)


def _names(parser: Parser) -> None:
    parser.add_argument("names", nargs="+", metavar="APP", type=app_name, help="NAME or NAMESPACE/NAME")


def _refresh(parser: Parser) -> None:
    parser.add_argument("--refresh", action="store_true", help="fetch Git first")
    parser.add_argument("--hard-refresh", action="store_true", help="fetch Git and forget what is cached")


def _output(parser: Parser, formats: Sequence[str]) -> None:
    parser.add_argument("-o", "--output", choices=formats, default=formats[0], help=f"default: {formats[0]}")


def _timeout(parser: Parser) -> None:
    parser.add_argument("--timeout", type=seconds, default=0, metavar="S", help="give up after S seconds (0: never)")


def app_name(text: str) -> str:
    """``NAME`` or ``NAMESPACE/NAME``."""
    parts = text.split("/")
    if len(parts) > 2 or not all(parts):
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME or NAMESPACE/NAME")
    return text


def seconds(text: str) -> float:
    """``30``, ``1.5``, and as Argo CD has them ``30s``, ``5m``, ``1h``."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    try:
        value = float(text[:-1] if unit else text) * (unit or 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: expected seconds, such as 90, or 90s, 5m, 1h")
    return value


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number, 0 or more")
    return int(text)
