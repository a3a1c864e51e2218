"""What happens in the world while one watches: commits by the bot, edits by hand, or nothing."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from threading import Event, Thread

from msgspec import Struct

from gitops_tui.errors import GitOpsError
from gitops_tui.sandbox.options import WriteOptions
from gitops_tui.sandbox.patches import STRATEGIC, Patch
from gitops_tui.sandbox.storage import encode
from gitops_tui.sandbox.store import Store
from gitops_tui.sandbox.world.repository import Change, Repository
from gitops_tui.sandbox.world.story import BEN, BOT, CHIDI, Author

SCENARIOS = ("incident", "calm", "busy")
_IMAGE = re.compile(r"(image: \S+:)(\d+)\.(\d+)\.(\d+)\b")
_BUMPED = ("web-frontend", "search", "inventory", "gateway", "orders")
_EDITED = (("search", "search", "search"), ("inventory", "inventory", "inventory"), ("gateway", "gateway", "envoy"))
"""Namespace, Deployment, container."""

log = logging.getLogger(__name__)
Act = Callable[[], None]


class Hands(Struct, frozen=True):
    """Everything that somebody can do to the world."""

    store: Store
    repository: Repository

    def commit(self, author: Author, message: str, path: str, change: Callable[[str], str]) -> None:
        """Change one file on ``main``."""
        text = change(self.repository.read(path))
        self.repository.commit([Change(datetime.now(UTC), author, message, {path: text})])

    def bump(self, app: str) -> None:
        """The deploy bot puts the next patch version of an application's image into Git."""
        path = f"apps/{app}/deployment.yaml"
        found = _IMAGE.search(self.repository.read(path))
        if found is None:
            return
        version = f"{found[2]}.{found[3]}.{int(found[4]) + 1}"
        self.commit(BOT, f"deploy({app}): {version}", path, lambda text: _IMAGE.sub(rf"\g<1>{version}", text))

    def scale_up(self, app: str) -> None:
        """Chidi asks for one replica more, through Git."""
        path = f"apps/{app}/deployment.yaml"
        found = re.search(r"replicas: (\d+)", self.repository.read(path))
        if found is not None:
            new = f"replicas: {int(found[1]) + 1}"
            self.commit(CHIDI, f"{app}: one more replica", path, lambda text: text.replace(found[0], new))

    def set_timeout(self, seconds: int) -> None:
        """Ben tunes the gateway, through Git."""
        new = f"UPSTREAM_TIMEOUT: {seconds}s"
        self.commit(
            BEN,
            f"gateway: a timeout of {seconds} seconds",
            "apps/gateway/configmap.yaml",
            lambda text: re.sub(r"UPSTREAM_TIMEOUT: \S+", new, text),
        )

    def set_variable(self, namespace: str, name: str, container: str, variable: str, value: str) -> None:
        """``kubectl set env``: by hand, past Git."""
        one = {"name": container, "env": [{"name": variable, "value": value}]}
        changes = {"spec": {"template": {"spec": {"containers": [one]}}}}
        kind = self.store.kind("deployments.apps")
        options = WriteOptions("kubectl-set")
        self.store.writer.patch(kind, namespace, name, Patch(STRATEGIC, encode(changes)), options)


def incident(hands: Hands) -> Iterator[tuple[float, Act]]:
    """A second drift after three quarters of a minute, then life goes on a little."""
    yield 45, lambda: hands.set_variable("search", "search", "search", "LOG_LEVEL", "debug")
    yield 90, lambda: hands.bump("web-frontend")
    yield (
        120,
        lambda: hands.commit(
            CHIDI,
            "search: more replicas for the sale",
            "apps/search/deployment.yaml",
            lambda text: text.replace("replicas: 3", "replicas: 4"),
        ),
    )


def busy(hands: Hands) -> Iterator[tuple[float, Act]]:
    """Every 20 to 40 seconds somebody does something, without an end."""
    for number in count(1):
        yield random.uniform(20, 40), partial(hands.bump, random.choice(_BUMPED))
        namespace, name, container = random.choice(_EDITED)
        value = random.choice(("debug", "trace", "warn"))
        yield random.uniform(20, 40), partial(hands.set_variable, namespace, name, container, "LOG_LEVEL", value)
        if number % 2:
            yield random.uniform(20, 40), partial(hands.set_timeout, 30 + number)


def calm(_: Hands) -> Iterator[tuple[float, Act]]:
    """Nothing."""
    return iter(())


PLOTS: dict[str, Callable[[Hands], Iterator[tuple[float, Act]]]] = {
    "incident": incident,
    "calm": calm,
    "busy": busy,
}


class Scenario:
    """Plays a plot on a thread of its own. ``pace`` 2.0 is twice as fast."""

    def __init__(self, plot: Iterator[tuple[float, Act]], pace: float = 1.0) -> None:
        self._plot = plot
        self._pace = pace
        self._ended = Event()
        self._thread = Thread(target=self._run, name="world-scenario", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Idempotent; what is being done is done to its end."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        for delay_s, act in self._plot:
            if self._ended.wait(delay_s / self._pace):
                return
            try:
                act()
            except GitOpsError as error:
                # Whoever watches may have deleted what the plot is about.
                log.info("the scenario could not go on as written: %s", error)
