"""``controller --metrics``: the Prometheus endpoint, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_tui.listener.address import parse_address
from gitops_tui.listener.server import Listener
from gitops_tui.metrics.exposition import routes

if TYPE_CHECKING:
    from gitops_tui.engine.engine import Engine


def metrics_listener(address: str, engine: Engine) -> Listener:
    """Not started yet. Raises `ConfigError` where the address cannot be used."""
    return Listener(parse_address(address, "--metrics"), routes(engine.measures, engine.is_alive))
