"""A cache over each API server, behind a proxy that can be cut; whatever a test opened is closed when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gitops_tui.cluster.cache import Changes, ClusterCache
from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import Discovery
from gitops_tui.cluster.writer import Writer
from gitops_tui.model.resource import Object, ResourceKey
from tests.contract.cluster.proxy import Proxy
from tests.contract.target import PATIENCE_S, PROMPT_S, Target, eventually, sandbox, target

__all__ = ["sandbox", "target"]


class Client:
    """One user's connection through ``proxy``; ``state`` is what the changes that were told add up to."""

    def __init__(self, target: Target, proxy: Proxy, file: Path, user: str) -> None:
        self.target = target
        self.proxy = proxy
        self.connection = Connection.open(str(proxy.kubeconfig(target.kubeconfig(user), file)))
        self.reader = Reader(self.connection)
        self.discovery = Discovery(self.reader)
        self.writer = Writer(self.connection)
        self.state: dict[ResourceKey, Object] = {}
        self.history: list[str] = []
        self.wrong: list[str] = []
        self.cache = ClusterCache(
            self.reader, self.discovery, on_change=self._hear, index_of=lambda obj: obj["metadata"].get("namespace")
        )

    def _hear(self, changes: Changes) -> None:
        for change in changes:
            if self.state.pop(change.key, None) != change.old:
                self.wrong.append(f"{change.key} did not begin where the change before it ended")
            if change.new is not None:
                self.state[change.key] = change.new
            if change.key.namespace == self.target.namespace:
                sign = "+" if change.old is None else "-" if change.new is None else "~"
                self.history.append(sign + change.key.name)

    def begin(self) -> Client:
        self.cache.ensure(self.cache.watchable())
        assert self.cache.wait_synced(PATIENCE_S)
        return self

    def versions(self, kind: str = "ConfigMap", group: str = "") -> dict[str, str]:
        """Of the objects of a kind in the test's namespace, as the cache holds them."""
        found = self.cache.objects(group, kind)
        return {
            one["metadata"]["name"]: one["metadata"]["resourceVersion"]
            for one in found
            if one["metadata"].get("namespace") == self.target.namespace
        }

    def close(self) -> None:
        """Prompt, with no thread and no connection left."""
        began = time.monotonic()
        self.cache.stop()
        self.connection.close()
        assert time.monotonic() - began < PROMPT_S
        eventually(lambda: self.proxy.open_connections == 0)
        assert not self.wrong


class Clients:
    def __init__(self, target: Target, folder: Path, stack: ExitStack) -> None:
        self._target, self._folder, self._stack = target, folder, stack

    def open(self, user: str = "admin") -> Client:
        proxy = Proxy(_server(self._target))
        self._stack.callback(proxy.close)
        client = Client(self._target, proxy, self._folder / f"{user}.kubeconfig", user)
        self._stack.callback(client.close)
        return client


def _server(target: Target) -> str:
    return Connection.contexts(str(target.kubeconfig()))[0].server


@pytest.fixture
def clients(target: Target, tmp_path: Path) -> Iterator[Clients]:
    # The sandbox's own threads come and go with its connections.
    before = set(threading.enumerate())
    with ExitStack() as stack:
        yield Clients(target, tmp_path, stack)

    def left() -> list[str]:
        names = [one.name for one in threading.enumerate() if one not in before]
        return [name for name in names if name.startswith(("watch ", "cache ", "proxy"))]

    eventually(lambda: not left())


@pytest.fixture
def client(clients: Clients) -> Client:
    return clients.open()
