"""The options that every command shares, from the command line, else ``GITOPS_TUI_*``, else the default.

Only the standard library is imported here: ``--help`` and ``--version`` answer at the speed of the interpreter.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass

DEFAULT_NAMESPACE = "argocd"
PREFIX = "GITOPS_TUI_"


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was said about where to look and what may be done."""

    kubeconfig: str = ""
    context: str = ""
    namespace: str = DEFAULT_NAMESPACE
    all_namespaces: bool = False
    apps: tuple[str, ...] = ()
    config: str = ""
    read_only: bool = False
    wall: bool = False
    reconcile: bool = False
    ascii: bool = False
    slow: bool = False
    mouse: bool = True
    theme: str = ""
    log_level: str = "warning"


@dataclass(frozen=True, slots=True)
class _Option:
    """One global option: its flags, how argparse reads it, and the name of its environment variable."""

    name: str
    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()

    @property
    def is_switch(self) -> bool:
        return not self.metavar and not self.choices


OPTIONS = (
    _Option("kubeconfig", ("--kubeconfig",), "kubeconfig file (default: KUBECONFIG, then ~/.kube/config)", "FILE"),
    _Option("context", ("--context",), "kubeconfig context (default: the current one)", "NAME"),
    _Option("namespace", ("-n", "--namespace"), "where Applications and state are (default: argocd)", "NAMESPACE",
            DEFAULT_NAMESPACE),
    _Option("all_namespaces", ("-A", "--all-namespaces"), "Applications of all namespaces"),
    _Option("apps", ("--apps",), "Applications from a file, a folder or GIT-URL@REV:PATH; may be repeated "
            "(default: from the cluster)", "WHERE"),
    _Option("config", ("--config",), "settings file (default: config.yaml in the XDG config folder)", "FILE"),
    _Option("read_only", ("--read-only",), "construct no client that could write"),
    _Option("wall", ("--wall",), "the read-only wall display"),
    _Option("reconcile", ("--reconcile",), "sync and heal by itself, as the Applications say"),
    _Option("ascii", ("--ascii",), "no glyph beyond ASCII"),
    _Option("slow", ("--slow",), "for slow lines: fewer frames, no animation"),
    _Option("no_mouse", ("--no-mouse",), "leave the mouse to the terminal"),
    _Option("theme", ("--theme",), "colour theme", "NAME"),
    _Option("log_level", ("--log-level",), "how much goes to the log file", choices=("debug", "info", "warning", "error")),
)  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the global options. They default to SUPPRESS, so that they may stand before or after the command."""
    group = parser.add_argument_group("options of every command (environment: GITOPS_TUI_<NAME>)")
    for option in OPTIONS:
        if option.is_switch:
            group.add_argument(*option.flags, dest=option.name, action="store_true", default=argparse.SUPPRESS,
                               help=option.help)  # fmt: skip
        elif option.name == "apps":
            group.add_argument(*option.flags, dest=option.name, action="append", metavar=option.metavar,
                               default=argparse.SUPPRESS, help=option.help)  # fmt: skip
        else:
            group.add_argument(*option.flags, dest=option.name, metavar=option.metavar or None,
                               choices=option.choices or None, default=argparse.SUPPRESS, help=option.help)  # fmt: skip


def read_options(parsed: argparse.Namespace) -> GlobalOptions:
    """The command line first, then the environment, then the default."""
    said = vars(parsed)

    def text(name: str, default: str = "") -> str:
        return str(said.get(name) or os.environ.get(PREFIX + name.upper()) or default)

    def switch(name: str) -> bool:
        return bool(said.get(name)) or os.environ.get(PREFIX + name.upper(), "").lower() in ("1", "true", "yes", "on")

    apps = said.get("apps") or [part for part in os.environ.get(PREFIX + "APPS", "").split("\n") if part]
    return GlobalOptions(
        kubeconfig=text("kubeconfig"),
        context=text("context"),
        namespace=text("namespace", DEFAULT_NAMESPACE),
        all_namespaces=switch("all_namespaces"),
        apps=tuple(apps),
        config=text("config"),
        read_only=switch("read_only") or switch("wall"),
        wall=switch("wall"),
        reconcile=switch("reconcile"),
        ascii=switch("ascii"),
        slow=switch("slow"),
        mouse=not switch("no_mouse"),
        theme=text("theme"),
        log_level=text("log_level", "warning"),
    )
