"""What was said about where to look and what may be done: the command line, else ``GITOPS_TUI_*``, else the default."""

from __future__ import annotations

import argparse
import os

from msgspec import Struct

from gitops_tui.cli.flags import DEFAULT_NAMESPACE, FLAGS, LOG_LEVELS, PREFIX
from gitops_tui.errors import ConfigError

TRUE, FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
DEPTHS = 3
"""The program, ``app``, and its verb: each of them takes the global options."""


class GlobalOptions(Struct, frozen=True):
    """The options that every command shares."""

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


def read_options(parsed: argparse.Namespace) -> GlobalOptions:
    """The command line first, then the environment, then the default; raises `ConfigError` for a wrong variable."""
    said = vars(parsed)
    switches = {flag.name for flag in FLAGS if flag.is_switch}
    on = {name: bool(said.get(name)) or _switch(PREFIX + name.upper()) for name in switches}

    def text(name: str, default: str = "") -> str:
        return str(said.get(name) or os.environ.get(PREFIX + name.upper()) or default)

    return GlobalOptions(
        kubeconfig=text("kubeconfig"),
        context=text("context"),
        namespace=text("namespace", DEFAULT_NAMESPACE),
        all_namespaces=on["all_namespaces"],
        apps=_apps(parsed),
        config=text("config"),
        read_only=on["read_only"] or on["wall"],
        wall=on["wall"],
        reconcile=on["reconcile"],
        ascii=on["ascii"],
        slow=on["slow"],
        mouse=not on["no_mouse"],
        theme=text("theme"),
        log_level=_level(text("log_level", "warning")),
    )


def _apps(parsed: argparse.Namespace) -> tuple[str, ...]:
    said = [one for depth in range(DEPTHS) for one in getattr(parsed, f"apps_{depth}", ())]
    return tuple(said or [one for one in os.environ.get(PREFIX + "APPS", "").split("\n") if one])


def _switch(variable: str) -> bool:
    value = os.environ.get(variable, "").lower()
    if value not in (*TRUE, *FALSE):
        raise ConfigError(
            f"{variable}: is {os.environ[variable]!r}; expected true or false", hint=f"Correct or unset {variable}."
        )
    return value in TRUE


def _level(text: str) -> str:
    if text not in LOG_LEVELS:
        variable = PREFIX + "LOG_LEVEL"
        raise ConfigError(
            f"{variable}: is {text!r}; expected one of {', '.join(LOG_LEVELS)}", hint=f"Correct or unset {variable}."
        )
    return text
