"""The flags that every command shares, as the parser needs them.

Only built-ins here: ``--help`` and ``--version`` answer at the speed of the interpreter (no dataclasses, no typing).
"""

from __future__ import annotations

import argparse

DEFAULT_NAMESPACE = "argocd"
PREFIX = "GITOPS_TUI_"
LOG_LEVELS = ("debug", "info", "warning", "error")


class Flag:
    """One global option. Without a metavar and choices it is a switch; its variable is ``GITOPS_TUI_<NAME>``."""

    __slots__ = ("choices", "flags", "help", "metavar", "name")

    def __init__(
        self,
        name: str,
        *flags: str,
        help: str,  # noqa: A002 - argparse's own word
        metavar: str = "",
        choices: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.flags = flags
        self.help = help
        self.metavar = metavar
        self.choices = choices

    @property
    def is_switch(self) -> bool:
        return not self.metavar and not self.choices

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


FLAGS = (
    Flag("kubeconfig", "--kubeconfig", metavar="FILE",
         help="kubeconfig file (default: KUBECONFIG, then ~/.kube/config)"),
    Flag("context", "--context", metavar="NAME", help="kubeconfig context (default: the current one)"),
    Flag("namespace", "-n", "--namespace", metavar="NAMESPACE",
         help="where Applications and state are (default: argocd)"),
    Flag("all_namespaces", "-A", "--all-namespaces", help="Applications of all namespaces"),
    Flag("apps", "--apps", metavar="WHERE",
         help="Applications from a file, a folder or GIT-URL@REV:PATH; may be repeated, "
         "in GITOPS_TUI_APPS one a line (default: from the cluster)"),
    Flag("config", "--config", metavar="FILE", help="settings file (default: config.yaml in the XDG config folder)"),
    Flag("read_only", "--read-only", help="construct no client that could write"),
    Flag("wall", "--wall", help="the read-only wall display"),
    Flag("reconcile", "--reconcile", help="sync and heal by itself, as the Applications say"),
    Flag("ascii", "--ascii", help="no glyph beyond ASCII"),
    Flag("slow", "--slow", help="for slow lines: fewer frames, no animation"),
    Flag("no_mouse", "--no-mouse", help="leave the mouse to the terminal"),
    Flag("theme", "--theme", metavar="NAME", help="colour theme"),
    Flag("log_level", "--log-level", choices=LOG_LEVELS, help="how much goes to the log file (default: warning)"),
)  # fmt: skip


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the global options. They default to SUPPRESS, so that they may stand before or after the command."""
    group = parser.add_argument_group("options of every command (environment: GITOPS_TUI_<NAME>)")
    for flag in FLAGS:
        if flag.is_switch:
            group.add_argument(*flag.flags, dest=flag.name, action="store_true", default=argparse.SUPPRESS,
                               help=flag.help)  # fmt: skip
        else:
            group.add_argument(*flag.flags, dest=flag.name, metavar=flag.metavar or None, choices=flag.choices or None,
                               action=_Repeated if flag.name == "apps" else "store", default=argparse.SUPPRESS,
                               help=flag.help)  # fmt: skip


class _Repeated(argparse.Action):
    """``append`` that keeps what was said before the command: a sub-parser begins with a namespace of its own.

    argparse copies the sub-parser's values over the outer ones, so each place collects under a name of its own
    (``apps`` and ``apps2``) until the options are read.
    """

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, _: str | None = None
    ) -> None:
        name = f"{self.dest}_{parser.prog.count(' ')}"
        setattr(namespace, name, [*getattr(namespace, name, ()), values])
