"""Settings that are not per Application, with defaults and units. Read by `gitops_tui.cli`, passed down as values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
from msgspec import Struct, field

APP_NAME = "gitops-tui"


def cache_dir() -> Path:
    """Where what can be made anew is kept: Git mirrors, schemas (XDG cache)."""
    return Path(platformdirs.user_cache_dir(APP_NAME))


def state_dir() -> Path:
    """Where what is only a convenience is kept: journal, saved objects, logs (XDG state)."""
    return Path(platformdirs.user_state_dir(APP_NAME))


def config_dir() -> Path:
    return Path(platformdirs.user_config_dir(APP_NAME))


class ReconcileSettings(Struct, frozen=True):
    """How often and how hard the core works. Source: Argo CD's ``argocd-cm`` defaults (semantics 1.1, 1.9)."""

    poll_s: float = 120.0
    poll_jitter_s: float = 60.0
    repo_error_grace_s: float = 180.0
    """For how long a repository that does not answer leaves the status as it was."""
    self_heal_backoff_s: float = 2.0
    self_heal_backoff_factor: int = 3
    self_heal_backoff_cap_s: float = 300.0
    wave_delay_s: float = 2.0
    operation_backstop_s: float = 30.0
    operation_lease_s: float = 30.0
    sync_timeout_s: float = 0.0
    """After this an operation is terminated (``controller.sync.timeout.seconds``); 0: never."""
    apply_parallelism: int = 16
    operation_processors: int = 10
    guard_automatic_prune: bool = True
    """Automation asks before it prunes Namespaces, CRDs, volumes, or most of an application (compatibility.md)."""


class WebhookSettings(Struct, frozen=True):
    """``secrets``: by Argo CD's keys without ``webhook.`` in front (``github.secret``); ``file:PATH`` is read."""

    secrets: dict[str, str] = field(default_factory=dict)
    require_secret: bool | None = None
    """None: required as soon as one provider has a secret (compatibility.md)."""
    max_payload_mb: float = 50.0

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"WebhookSettings(require_secret={self.require_secret}, max_payload_mb={self.max_payload_mb})"


class Settings(Struct, frozen=True):
    """Everything that was configured."""

    field_manager: str = APP_NAME
    instance_label: str = "app.kubernetes.io/instance"
    tracking_method: str = "annotation"
    installation_id: str = ""
    argocd_cm: dict[str, Any] = field(default_factory=dict)
    """Settings in the words of Argo CD's ConfigMap ``argocd-cm``, above what that says."""
    reconcile: ReconcileSettings = ReconcileSettings()
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    repositories: dict[str, str] = field(default_factory=dict)
    """Maps a ``repoURL`` as written to the URL or path that is fetched."""
    clusters: dict[str, str] = field(default_factory=dict)
    """Maps a ``destination.server`` or ``name`` to a kubeconfig context."""
    persons: tuple[str, ...] = ()
    deployers: tuple[str, ...] = ()
    autoscalers: tuple[str, ...] = ()
    """Further field managers of each class (drift)."""
    customizations: Path | None = None
    """A folder of Lua scripts in the layout of Argo CD's ``resource_customizations``."""
    ignored_variables: tuple[str, ...] = ()
    """Further environment variables that injectors add: noted, never drift."""
    production: tuple[str, ...] = ("prod*", "*-prod", "*-prod-*", "production*")
    """Globs on the context's name: these clusters get production's colour."""
    keys: dict[str, str] = field(default_factory=dict)
    """Binding id -> keys, where somebody rebound them."""
    theme: str = ""
    git_cache: Path = field(default_factory=lambda: cache_dir() / "git")
    schema_cache: Path = field(default_factory=lambda: cache_dir() / "openapi")
    saved_objects: Path = field(default_factory=lambda: state_dir() / "deleted")
