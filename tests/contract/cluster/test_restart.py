"""An API server that goes away and comes back, with another certificate and other tokens in the same kubeconfig."""

from __future__ import annotations

import threading
from pathlib import Path
from urllib.parse import urlsplit

from gitops_tui.cluster.cache import ClusterCache
from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import Discovery
from gitops_tui.cluster.writer import Writer
from gitops_tui.model.resource import ResourceKey
from gitops_tui.sandbox.serve import Sandbox
from tests.contract.target import PATIENCE_S, eventually

OURS = ("kept", "later")


def test_a_restart_is_survived_with_all_that_is_held(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    state, folder = tmp_path / "state.db", tmp_path / "sandbox"
    running = Sandbox.start(state_file=state, directory=folder, controllers=False)
    port = urlsplit(running.url).port or 0
    connection = Connection.open(str(running.kubeconfig()))
    reader = Reader(connection)
    discovery = Discovery(reader)
    told: list[str] = []
    cache = ClusterCache(
        reader,
        discovery,
        on_change=lambda changes: told.extend(one.key.name for one in changes if one.key.name in OURS),
        index_of=lambda _: None,
    )
    maps = discovery.find("", "ConfigMap")
    assert maps is not None
    writer = Writer(connection)
    writer.create(maps, {"metadata": {"name": "kept", "namespace": "default"}})
    cache.ensure([maps])
    assert cache.wait_synced(PATIENCE_S)
    running.stop()
    eventually(lambda: cache.stale_since)
    assert cache.get(ResourceKey("", "ConfigMap", "default", "kept")) is not None
    running = Sandbox.start(state_file=state, directory=folder, controllers=False, port=port)
    eventually(lambda: cache.stale_since is None and cache.state("", "ConfigMap").word == "synced")
    writer.create(maps, {"metadata": {"name": "later", "namespace": "default"}})
    eventually(lambda: told == [*OURS])
    cache.stop()
    connection.close()
    running.stop()
    eventually(lambda: not [one.name for one in threading.enumerate() if one not in before])
