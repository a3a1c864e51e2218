"""What is named on a command line: objects as ``[!]GROUP:KIND:[NAMESPACE/]NAME``, each part a glob; sources."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from gitops_tui.errors import ConfigError
from gitops_tui.model.application import Application
from gitops_tui.model.resource import ResourceKey

EXPECTED = "expected [!]GROUP:KIND:[NAMESPACE/]NAME"


class Selector(Struct, frozen=True):
    """``namespace`` empty: any. ``excludes``: what matches is left out."""

    group: str
    kind: str
    namespace: str
    name: str
    excludes: bool = False

    def matches(self, key: ResourceKey) -> bool:
        own = (key.group, key.kind, key.namespace, key.name)
        wanted = (self.group, self.kind, self.namespace or "*", self.name)
        return all(fnmatchcase(text, glob) for text, glob in zip(own, wanted, strict=True))


def parse_selector(text: str) -> Selector:
    """As Argo CD's command line has it; the group of core objects is empty."""
    excludes, rest = text.startswith("!"), text.removeprefix("!")
    parts = rest.split(":")
    if len(parts) != 3 or not parts[1] or not parts[2]:
        raise ConfigError(f"--resource {text}: {EXPECTED}", hint="Leave GROUP empty for core.")
    namespace, _, name = parts[2].rpartition("/")
    return Selector(parts[0], parts[1], namespace, name, excludes)


def selected(keys: Iterable[ResourceKey], selectors: Sequence[Selector]) -> tuple[ResourceKey, ...]:
    """What some selector names, or everything where all of them exclude, without what one excludes."""
    chosen = [one for one in selectors if not one.excludes]
    left_out = [one for one in selectors if one.excludes]
    return tuple(
        key
        for key in keys
        if (not chosen or any(one.matches(key) for one in chosen)) and not any(one.matches(key) for one in left_out)
    )


def parse_label(text: str) -> tuple[str, str]:
    """``KEY=VALUE``."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise ConfigError(f"--label {text}: expected KEY=VALUE", hint="For example tier=frontend.")
    return key, value


def carries(labels: Mapping[str, str], wanted: Iterable[tuple[str, str]]) -> bool:
    """Whether an object's labels hold all of them."""
    return all(labels.get(key) == value for key, value in wanted)


def revisions_of(app: Application, parsed: argparse.Namespace) -> tuple[str, ...]:
    """``--revisions`` and ``--source-positions`` as a revision for each source; empty where neither was said."""
    revisions = [one for text in parsed.revisions for one in text.split(",")]
    positions = [one for text in parsed.source_positions for one in text.split(",")]
    if not revisions and not positions:
        return ()
    if len(revisions) != len(positions):
        raise ConfigError(
            f"{len(revisions)} --revisions and {len(positions)} --source-positions",
            hint="Give both for each source: --revisions v1.2 --source-positions 1",
        )
    if parsed.revision:
        raise ConfigError("--revision and --revisions exclude each other", hint="Keep --revisions for several sources.")
    count = len(app.sources)
    found = [""] * count
    for revision, position in zip(revisions, positions, strict=True):
        if not position.isdecimal() or not 1 <= int(position) <= count:
            sources = "one source" if count == 1 else f"{count} sources"
            raise ConfigError(
                f"--source-positions {position}: {app.name} has {sources}", hint="Count them from 1, as in its spec."
            )
        found[int(position) - 1] = revision
    return tuple(found)
