"""``completion``: a script for bash, zsh or fish, made from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from msgspec import Struct

from gitops_tui.cli import exits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say
from gitops_tui.cli.parser import Later, Parser, build_parser

FILES = ("FILE", "DIR", "WHERE")
"""Metavars whose values are completed as file names."""


class Word(Struct, frozen=True):
    """One option, or what may stand for a positional. ``values`` None: a switch; empty: anything."""

    names: tuple[str, ...]
    help: str = ""
    values: tuple[str, ...] | None = None
    is_file: bool = False


class Command(Struct, frozen=True):
    """What may follow a command: ``path`` is ``""``, ``"app"``, ``"app sync"``."""

    path: str
    below: dict[str, str]
    """Commands below, with their help."""
    words: tuple[Word, ...]
    choices: tuple[str, ...] = ()
    """What a positional may be."""


def run(parsed: argparse.Namespace, _: GlobalOptions) -> int:
    commands = list(read_commands(build_parser(), ""))
    say({"bash": _bash, "zsh": _zsh, "fish": _fish}[parsed.shell](commands))
    return exits.OK


def read_commands(parser: Parser, path: str) -> Iterable[Command]:
    """This command and all below it."""
    below: dict[str, str] = {}
    found: list[Command] = []
    words: list[Word] = []
    choices: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = {one.dest: one.help or "" for one in action._choices_actions}
            for name, later in action.choices.items():
                assert isinstance(later, Later)
                found += read_commands(later.parser(), f"{path} {name}".strip())
        elif action.option_strings:
            values = None if action.nargs == 0 else tuple(str(one) for one in action.choices or ())
            is_file = action.metavar in FILES
            words.append(Word(tuple(action.option_strings), action.help or "", values, is_file))
        else:
            choices += [str(one) for one in action.choices or ()]
    return [Command(path, below, tuple(words), tuple(choices)), *found]


# --- bash and zsh ------------------------------------------------------------------------------------------------


def _bash(commands: list[Command]) -> str:
    taking = sorted({name for one in commands for word in one.words if word.values is not None for name in word.names})
    return f"""_gitops_tui() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" command="" words="" skip="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      {"|".join(taking)}) skip=1 ;;
      -*) ;;
      *) case "${{command:+$command }}$word" in
           {"|".join(f"'{one.path}'" for one in commands if one.path)}) command="${{command:+$command }}$word" ;;
         esac ;;
    esac
  done
  if [ -n "$skip" ]; then
    case "$prev" in
{_bash_values(commands)}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$command" in
{_bash_words(commands)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -F _gitops_tui gitops-tui"""


def _bash_values(commands: list[Command]) -> str:
    """One line for each option with values of its own; the same option means the same everywhere."""
    values: dict[str, set[str]] = {}
    files: set[str] = set()
    for word in (word for one in commands for word in one.words):
        for name in word.names:
            values.setdefault(name, set()).update(word.values or ())
            if word.is_file:
                files.add(name)
    lines = [f'      {"|".join(sorted(files))}) COMPREPLY=($(compgen -f -- "$cur")); return ;;']
    lines += [f"      {name}) words='{' '.join(sorted(known))}' ;;" for name, known in sorted(values.items()) if known]
    return "\n".join(lines)


def _bash_words(commands: list[Command]) -> str:
    return "\n".join(
        f"    '{one.path}') words='{' '.join([*one.below, *one.choices, *_names(one)])}' ;;" for one in commands
    )


def _names(command: Command) -> list[str]:
    return sorted(name for word in command.words for name in word.names)


def _zsh(commands: list[Command]) -> str:
    load = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit"
    return f"#compdef gitops-tui\n{load}\n{_bash(commands)}"


# --- fish --------------------------------------------------------------------------------------------------------


def _fish(commands: list[Command]) -> str:
    lines = ["complete -c gitops-tui -f"]
    for one in commands:
        test = _fish_test(one)
        lines += [f"complete -c gitops-tui {test} -a {name} -d {_quoted(text)}" for name, text in one.below.items()]
        if one.choices:
            lines.append(f"complete -c gitops-tui {test} -a {_quoted(' '.join(one.choices))}")
        lines += [f"complete -c gitops-tui {test} {_fish_word(word)}" for word in one.words]
    return "\n".join(lines)


def _fish_test(command: Command) -> str:
    if not command.path:
        return "-n __fish_use_subcommand"
    seen = [f"__fish_seen_subcommand_from {word}" for word in command.path.split()]
    if command.below:
        seen.append(f"not __fish_seen_subcommand_from {' '.join(command.below)}")
    return f"-n '{'; and '.join(seen)}'"


def _fish_word(word: Word) -> str:
    parts = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in word.names]
    if word.values is not None:
        parts.append("-r" + (" -F" if word.is_file else ""))
    if word.values:
        parts.append(f"-a {_quoted(' '.join(word.values))}")
    return f"{' '.join(parts)} -d {_quoted(word.help)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
