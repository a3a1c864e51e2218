"""``python -m tests.conformance [-v] [GROUP …]``: ask the program what Argo CD was asked, and count."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.conformance.runner import (
    HOW_TO_GET_CASES,
    OUT_OF_SCOPE,
    Outcome,
    cases_folder,
    chosen,
    modules,
    run_group,
    without_group,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every case passed; 1: one failed; 2: nothing could be asked."""
    options = _parser().parse_args(arguments)
    folder = cases_folder()
    if folder is None or not folder.is_dir():
        print(HOW_TO_GET_CASES if folder is None else f"{folder} is no folder. {HOW_TO_GET_CASES}", file=sys.stderr)
        return 2
    found = modules()
    unknown = [name for name in options.groups if not chosen([name], found)]
    if unknown:
        print(f"No group {', '.join(unknown)}. There are: {', '.join(one.GROUP for one in found)}", file=sys.stderr)
        return 2
    outcomes = []
    for module in chosen(options.groups, found):
        outcome = run_group(module, folder)
        outcomes.append(outcome)
        _show(outcome, is_verbose=options.verbose)
    if not options.groups:
        for name in without_group(folder, found):
            print(f"{name} not asked: {OUT_OF_SCOPE.get(name, 'there is no group for it')}")
    failed = sum(len(one.failures) + bool(one.problem) for one in outcomes)
    print(f"{sum(one.passed for one in outcomes)} passed, {failed} failed")
    return 1 if failed else 0


def _show(outcome: Outcome, *, is_verbose: bool) -> None:
    print(f"{outcome.group} {outcome.problem}" if outcome.problem else outcome)
    if not is_verbose:
        return
    for failure in outcome.failures:
        print(f"  FAILED {failure.id}")
        print("    " + failure.words.replace("\n", "\n    "))
    for name, reason in outcome.skipped.items():
        print(f"  skipped {name}: {reason}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="a group (render/glob) or a folder of them (render)")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what failed, and what was skipped and why")
    return parser


if __name__ == "__main__":
    sys.exit(main())
