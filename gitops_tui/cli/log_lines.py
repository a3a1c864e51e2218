"""``app logs``: what the pods of an application wrote, of one object or of all, side by side."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, say
from gitops_tui.engine.engine import Engine
from gitops_tui.engine.logstream import Tail
from gitops_tui.errors import NotFound
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, LogLine

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod")
WAIT_S = 0.2


def run_logs(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Lines come as they are read; with several pods each says whose it is. ``--follow`` ends with an interrupt."""
    with compared(options) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        printer = _Printer(parsed)
        streams = _opened(engine, view, parsed, printer)
        try:
            for stream in streams:
                while not stream.wait(WAIT_S):
                    continue
        finally:
            for stream in streams:
                stream.close()
    return exits.OK


def _opened(engine: Engine, view: AppView, parsed: argparse.Namespace, printer: _Printer) -> list[Tail]:
    """One stream an object that has pods; raises what the last one says where none has any."""
    streams, why = [], NotFound(f"{view.app.name} has no pods", hint="Sync it first, or name an object.")
    for key in _objects(view, parsed):
        try:
            stream = engine.logs(
                view.key,
                key,
                printer.put,
                follow=parsed.follow,
                previous=parsed.previous,
                tail=parsed.tail,
                since_s=int(parsed.since) or None,
                container=parsed.container,
            )
            streams.append(stream)
        except NotFound as error:
            why = error
    if not streams:
        raise why
    return streams


def _objects(view: AppView, parsed: argparse.Namespace) -> list[ResourceKey]:
    wanted = {"group": parsed.group, "kind": parsed.kind, "name": parsed.resource_name}
    named = any(value is not None for value in wanted.values())
    return [
        one.key
        for one in view.resources
        if one.exists
        and (named or one.key.kind in WORKLOADS)
        and all(value is None or getattr(one.key, word) == value for word, value in wanted.items())
    ]


class _Printer:
    """Called on a thread for each container; lines of several never mix within a line."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        self._filter = parsed.filter
        self._stamps = parsed.timestamps
        self._lock = threading.Lock()

    def put(self, lines: Sequence[LogLine]) -> None:
        with self._lock:
            for line in lines:
                if self._filter in line.text:
                    at = f"{line.at} " if self._stamps and line.at else ""
                    say(clean(f"{line.pod} {line.container} {at}{line.text}"))
