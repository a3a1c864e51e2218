"""A cluster that goes away and comes back, a remote that does, and an engine that ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_tui.config import Settings
from gitops_tui.engine.engine import Engine, EngineOptions
from gitops_tui.errors import ClusterUnreachable
from gitops_tui.model.status import HealthStatus, SyncStatus
from tests.contract.cluster.proxy import Proxy
from tests.contract.engine.objects import automated, config_map
from tests.contract.engine.site import Running, Site
from tests.contract.target import PATIENCE_S, PROMPT_S, eventually


@pytest.fixture
def proxy(site: Site) -> Iterator[Proxy]:
    found = Proxy(_server(site))
    yield found
    found.close()


def _server(site: Site) -> str:
    from gitops_tui.cluster.connection import Connection

    return Connection.contexts(str(site.target.kubeconfig()))[0].server


def through(site: Site, proxy: Proxy) -> Path:
    return proxy.kubeconfig(site.target.kubeconfig(), site.folder / "proxied.kubeconfig")


def cut(proxy: Proxy) -> None:
    proxy.stop_listening()
    proxy.cut()


def test_what_cannot_be_asked_is_stale_and_not_missing(site: Site, proxy: Proxy) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    running = site.engine(kubeconfig=through(site, proxy), reconcile=True)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    seen: list[tuple[SyncStatus, HealthStatus, bool]] = []

    def look(snapshot: object) -> None:
        view = running.view("shop")
        seen.append((view.sync, view.health.status, all(one.exists for one in view.resources)))

    running.engine.subscribe(look)
    cut(proxy)
    cluster = eventually(lambda: (found := running.engine.snapshot().cluster).stale_since and found)
    assert not cluster.is_reachable and cluster.message and cluster.last_contact
    running.engine.refresh(running.key("shop"))
    site.set_data("settings", a="while nobody saw")
    proxy.listen()
    eventually(lambda: running.engine.snapshot().cluster.stale_since is None)
    eventually(lambda: site.data("settings") == {"a": "1"})
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    assert seen and all(exists and health is not HealthStatus.MISSING for _, health, exists in seen)


def test_a_cluster_that_comes_late_is_waited_for(site: Site, proxy: Proxy) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop")
    kubeconfig = through(site, proxy)
    cut(proxy)
    options = EngineOptions(kubeconfig=str(kubeconfig), namespace=site.namespace, apps=(str(site.apps),))
    engine = Engine(site.settings(), options)
    try:
        engine.start()
        view = eventually(lambda: (found := engine.snapshot().cluster).message and found)
        assert not view.is_reachable and view.stale_since
        with pytest.raises(ClusterUnreachable):
            engine.wait_compared(0.1)
        proxy.listen()
        eventually(lambda: engine.snapshot().apps)
        assert engine.wait_compared(PATIENCE_S)
        assert engine.snapshot().apps[0].sync is SyncStatus.OUT_OF_SYNC
    finally:
        engine.stop()


def test_an_operation_outlives_a_cut(site: Site, proxy: Proxy) -> None:
    names = [config_map(f"map-{number}") for number in range(20)]
    site.commit("begin", {"apps/shop/all.json": names})
    site.application("shop")
    running = site.engine(kubeconfig=through(site, proxy))
    plan = running.plan("shop")
    outcome = running.execute(plan)
    cut(proxy)
    eventually(lambda: running.engine.snapshot().cluster.stale_since or True)
    proxy.listen()
    running.ended("shop", outcome)
    eventually(lambda: len(site.config_maps()) == 20)


def test_a_remote_that_goes_away_leaves_what_was_read(site: Site) -> None:
    """Whether it is synced is unknown then, as in Argo CD; drift from what was fetched last is seen as before."""
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    running = site.engine(reconcile=True)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    away = site.remote.rename(site.folder / "away.git")
    view = running.refreshed("shop")
    (source,) = running.engine.snapshot().sources
    assert source.error and source.fetched_at and view.sync is SyncStatus.UNKNOWN
    assert [one.type for one in view.conditions] == ["ComparisonError"]
    site.set_data("settings", a="2")
    running.until("shop", lambda view: [one.sync for one in view.resources] == [SyncStatus.OUT_OF_SYNC])
    away.rename(site.remote)
    running.refreshed("shop")
    assert not running.engine.snapshot().sources[0].error
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and not view.conditions)


# --- ending


def names(before: set[threading.Thread]) -> list[str]:
    """Threads that were begun since; the embedded cluster's own come and go with its connections."""
    kept = ("Thread-", "proxy", "sandbox", "http", "serve")
    return [one.name for one in threading.enumerate() if one not in before and not one.name.startswith(kept)]


def test_an_engine_ends_promptly_with_no_thread_and_no_connection(site: Site, proxy: Proxy) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    before = set(threading.enumerate())
    running = site.engine(kubeconfig=through(site, proxy), reconcile=True)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    running.plan("shop")
    began = time.monotonic()
    running.engine.stop()
    assert time.monotonic() - began < PROMPT_S
    eventually(lambda: not names(before))
    eventually(lambda: proxy.open_connections == 0)


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.2, 0.5])
def test_an_engine_ends_while_it_begins(site: Site, proxy: Proxy, delay_s: float) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    before = set(threading.enumerate())
    words = EngineOptions(
        kubeconfig=str(through(site, proxy)), namespace=site.namespace, apps=(str(site.apps),), reconcile=True
    )
    engine = Engine(site.settings(), words)
    engine.start()
    # A moment in the beginning, not something to wait for.
    threading.Event().wait(delay_s)
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < PROMPT_S
    eventually(lambda: not names(before))
    eventually(lambda: proxy.open_connections == 0)


def test_an_engine_that_never_reached_its_cluster_ends(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(
        '{"clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:1"}}],"users":[{"name":"u","user":{}}],'
        '"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"current-context":"c"}'
    )
    engine = Engine(Settings(git_cache=tmp_path / "git"), EngineOptions(kubeconfig=str(kubeconfig)))
    engine.start()
    eventually(lambda: engine.snapshot().cluster.message)
    engine.stop()
    engine.stop()
    eventually(lambda: not names(before))


def test_a_started_operation_is_drained(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop")
    running: Running = site.engine()
    running.execute(running.plan("shop"))
    assert running.engine.drain(PATIENCE_S)
    assert site.data("settings") == {"a": "1"}
