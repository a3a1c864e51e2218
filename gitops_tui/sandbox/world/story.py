"""What a story is made of: who did what to an application, and how long ago. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct, field

ARGOCD_NAMESPACE = "argocd"
REPO_URL = "https://github.com/yourorg/k8s-manifests"


class Author(Struct, frozen=True):
    """Somebody who commits; plainly nobody."""

    name: str

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.com"

    @property
    def user(self) -> str:
        """The name with which they log in."""
        return self.name.lower()


ANA, BEN, CHIDI, DITA = Author("Ana"), Author("Ben"), Author("Chidi"), Author("Dita")
BOT = Author("deploy-bot")


class Step(Struct, frozen=True):
    """One commit to one application's folder. ``deployed_after`` None: nobody has deployed it."""

    ago: timedelta
    author: Author
    message: str
    values: Mapping[str, str] = field(default_factory=dict)
    """What the placeholders of the manifests become from here on."""
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    """Files that appear and go with this commit."""
    deployed_after: timedelta | None = timedelta(minutes=3)
    deployed_by: str = ""
    """Empty: by automated sync."""

    @property
    def deployed_ago(self) -> timedelta | None:
        return None if self.deployed_after is None else self.ago - self.deployed_after


class Edit(Struct, frozen=True):
    """A change by hand: ``patch`` is a strategic merge patch, ``manager`` the client that sends it."""

    ago: timedelta
    manager: str
    resource: str
    name: str
    patch: Mapping[str, object]


class Story(Struct, frozen=True):
    """One application. Steps from the oldest to the newest; the first one has every file that no later one adds."""

    name: str
    namespace: str
    steps: tuple[Step, ...]
    automated: bool = True
    self_heal: bool = False
    prune: bool = False
    edits: tuple[Edit, ...] = ()
    rollout: str = "complete"
    """How the Deployment with the application's name stands: ``complete``, ``rolling`` or ``stuck``."""
    sync: str = "Synced"
    health: str = "Healthy"
    """What a comparison finds when the world is new."""

    @property
    def folder(self) -> str:
        return f"apps/{self.name}"

    @property
    def deployed(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.deployed_after is not None)
