"""The world as one thing: build it, let something happen in it, end it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from gitops_tui.errors import ConfigError
from gitops_tui.sandbox.serve import Sandbox
from gitops_tui.sandbox.store import utc_now
from gitops_tui.sandbox.world.applications import add_application
from gitops_tui.sandbox.world.apps import STORIES
from gitops_tui.sandbox.world.crd import serve_applications
from gitops_tui.sandbox.world.events import add_events, add_logs
from gitops_tui.sandbox.world.furniture import furnish
from gitops_tui.sandbox.world.past import Past
from gitops_tui.sandbox.world.replay import Replay, commit_history
from gitops_tui.sandbox.world.repository import Repository
from gitops_tui.sandbox.world.scenario import PLOTS, SCENARIOS, Hands, Scenario
from gitops_tui.sandbox.world.story import ARGOCD_NAMESPACE, REPO_URL

SETTINGS = "settings.yaml"
"""Beside the repository: what the command line needs to know of it."""


class World:
    """A running cluster with applications in it, and the repository that they come from. Made by `build`."""

    def __init__(self, sandbox: Sandbox, repository: Repository, scenario: Scenario) -> None:
        """Use `build`."""
        self.sandbox = sandbox
        self.hands = Hands(sandbox.store, repository)
        self._scenario = scenario
        self._repository = repository

    @classmethod
    def build(
        cls, directory: Path, *, scenario: str = "incident", pace: float = 1.0, clock: Callable[[], datetime] = utc_now
    ) -> World:
        """Ready when this returns. ``directory`` gets the repository and the cluster's certificate and kubeconfigs.

        ``scenario`` is one of `SCENARIOS`; nothing of it happens before `start_scenario`, ``pace`` times as fast as
        written. ``clock`` is the cluster's; one that stands still gives the same commits and ages every time.
        Raises `ConfigError` for another scenario and for a directory with a world in it, `RepositoryError` where Git
        is missing.
        """
        if scenario not in PLOTS:
            raise ConfigError(f"no scenario {scenario!r}", hint=f"There are {', '.join(SCENARIOS)}.")
        bare = directory / "k8s-manifests.git"
        if bare.exists():
            raise ConfigError(f"{directory} holds a world already", hint="Name an empty directory.")
        past = Past(clock())
        repository = Repository.create(bare)
        # JSON is YAML. With it the command line finds the repository that the Applications name.
        (directory / SETTINGS).write_text(json.dumps({"repositories": {REPO_URL: str(bare)}}, indent=2) + "\n")
        _fill(past, repository)
        past.go(timedelta(0))
        past.store.now = clock
        sandbox = Sandbox.start(directory=directory / "cluster", store=past.store)
        plot = PLOTS[scenario](Hands(past.store, repository))
        return cls(sandbox, repository, Scenario(plot, pace))

    @property
    def kubeconfig(self) -> Path:
        return self.sandbox.kubeconfig()

    @property
    def remote(self) -> Path:
        """The bare repository."""
        return self._repository.path

    @property
    def repositories(self) -> dict[str, str]:
        """Where the repository that the Applications name really is."""
        return {REPO_URL: str(self.remote)}

    @property
    def namespace(self) -> str:
        """Where the Applications are."""
        return ARGOCD_NAMESPACE

    def poke_text(self) -> str:
        """How to do something to the world with the tools that people have."""
        return f"""\
A cluster and a Git repository of their own, with two weeks of trouble in them. From another terminal:

  export KUBECONFIG={self.kubeconfig} GITOPS_TUI_CONFIG={self.remote.parent / SETTINGS}
  gitops-tui app list                                              # the same on the command line
  kubectl get applications -n {ARGOCD_NAMESPACE}
  kubectl set env deployment/search -n search LOG_LEVEL=debug      # drift, by hand
  kubectl edit deployment auth-service -n auth                     # what somebody did two weeks ago
  kubectl delete service docs -n docs                              # something is missing

  git clone {self.remote} && cd k8s-manifests
  sed -i.bak 's/replicas: 2/replicas: 3/' apps/web-frontend/deployment.yaml
  git commit -am 'web-frontend: one more replica' && git push      # a commit that waits

The cluster is gone when the demo ends."""

    def start_scenario(self) -> None:
        """Let the scenario begin, in the background."""
        self._scenario.start()

    def stop(self) -> None:
        """End the scenario and the cluster. Idempotent; the directory stays."""
        self._scenario.stop()
        self.sandbox.stop()


def _fill(past: Past, repository: Repository) -> None:
    furnish(past)
    serve_applications(past)
    revisions = commit_history(past, repository, STORIES)
    deployments = Replay(past).run(STORIES, revisions)
    head = repository.tip()
    for story in STORIES:
        add_application(past, story, [one for one in deployments if one.story is story], head)
    add_events(past)
    add_logs(past)
