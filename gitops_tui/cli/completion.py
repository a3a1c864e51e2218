"""``completion``: a script for bash, zsh or fish, made from the parser itself."""

from __future__ import annotations

import argparse

from gitops_tui.cli import exits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say
from gitops_tui.cli.parser import build_parser


def run(parsed: argparse.Namespace, _: GlobalOptions) -> int:
    tree = words_by_command(build_parser())
    say({"bash": _bash, "zsh": _zsh, "fish": _fish}[parsed.shell](tree))
    return exits.OK


def words_by_command(parser: argparse.ArgumentParser, prefix: str = "") -> dict[str, list[str]]:
    """``{"": [...], "app": [...], "app sync": [...]}``: what may follow each command."""
    words = [flag for action in parser._actions for flag in action.option_strings]
    found: dict[str, list[str]] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words += list(action.choices)
            for name, below in action.choices.items():
                found.update(words_by_command(below, f"{prefix} {name}".strip()))
        elif action.choices:
            words += [str(choice) for choice in action.choices]
    return {prefix: sorted(set(words)), **found}


def _cases(tree: dict[str, list[str]]) -> str:
    return "\n".join(f"    '{command}') words='{' '.join(words)}' ;;" for command, words in tree.items())


def _bash(tree: dict[str, list[str]]) -> str:
    return f"""_gitops_tui() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" command="" word words
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in -*) ;; *) command="${{command:+$command }}$word" ;; esac
  done
  case "$command" in
{_cases(tree)}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _gitops_tui gitops-tui"""


def _zsh(tree: dict[str, list[str]]) -> str:
    return f"#compdef gitops-tui\nautoload -U +X bashcompinit && bashcompinit\n{_bash(tree)}"


def _fish(tree: dict[str, list[str]]) -> str:
    lines = ["complete -c gitops-tui -f"]
    for command, words in tree.items():
        seen = " and ".join(f"__fish_seen_subcommand_from {word}" for word in command.split())
        test = f"-n '{seen}'" if command else "-n '__fish_use_subcommand'"
        lines.append(f"complete -c gitops-tui {test} -a '{' '.join(words)}'")
    return "\n".join(lines)
