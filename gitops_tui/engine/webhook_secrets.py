"""The secrets of webhooks: from the settings, else from Argo CD's own Secret, looked up anew for each webhook."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from pathlib import Path

from gitops_tui.config import Settings, WebhookSettings
from gitops_tui.engine.session import Clusters
from gitops_tui.errors import Forbidden, GitOpsError, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.resource import Object, ResourceKey, labels_of

ARGOCD_SECRET = "argocd-secret"
PREFIX = "webhook."
FILE = "file:"
KEPT_S = 30.0
"""A Secret that cannot be watched is asked for at most this often."""

SecretObject = Callable[[str], Object | None]
"""A Secret of the namespace of ``-n`` by its name."""


class WebhookSecrets:
    """Called with a key such as ``github.secret``; empty where none is set. Thread-safe."""

    def __init__(self, settings: WebhookSettings, secret: SecretObject) -> None:
        self._settings = settings
        self._secret = secret

    def __call__(self, key: str) -> str:
        configured = self._settings.secrets.get(key)
        if configured is not None:
            return _from_file(configured.removeprefix(FILE)) if configured.startswith(FILE) else configured
        return self._of_argocd(PREFIX + key)

    def _of_argocd(self, key: str) -> str:
        """``$key`` and ``$secret:key`` point elsewhere; another Secret must say that it is part of Argo CD."""
        value = _value(self._secret(ARGOCD_SECRET), key)
        if not value.startswith("$"):
            return value
        name, colon, other = value[1:].partition(":")
        if not colon:
            return _value(self._secret(ARGOCD_SECRET), name)
        pointed = self._secret(name.strip())
        if pointed is None or labels_of(pointed).get("app.kubernetes.io/part-of") != "argocd":
            return ""
        return _value(pointed, other.strip())


class AskedSecrets:
    """Secrets from what is watched, or asked for by name where they are not: reading one needs less than all."""

    def __init__(
        self, watched: SecretObject, ask: SecretObject, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._watched = watched
        self._ask = ask
        self._monotonic = monotonic
        self._asked: dict[str, tuple[float, Object | None]] = {}

    def __call__(self, name: str) -> Object | None:
        found = self._watched(name)
        if found is not None:
            return found
        now = self._monotonic()
        known = self._asked.get(name)
        if known is None or known[0] + KEPT_S <= now:
            known = self._asked[name] = (now, self._read(name))
        return known[1]

    def _read(self, name: str) -> Object | None:
        """None where it is not there, or not for us to read: then the settings have to say it.

        Any other error is raised: a cluster that does not answer must not mean that no secret is set.
        """
        try:
            return self._ask(name)
        except (NotFound, Forbidden):
            return None


def webhook_secrets(settings: Settings, clusters: Clusters, namespace: str) -> WebhookSecrets:
    """Argo CD's Secret is looked for in ``namespace`` of the home cluster."""

    def watched(name: str) -> Object | None:
        return clusters.home.cache.get(ResourceKey("", "Secret", namespace, name))

    def ask(name: str) -> Object | None:
        resource = clusters.home.discovery.find("", "Secret")
        return clusters.home.reader.get(resource, namespace, name) if resource is not None else None

    return WebhookSecrets(settings.webhook, AskedSecrets(watched, ask))


def _value(secret: Object | None, key: str) -> str:
    data = (secret or {}).get("data") or {}
    try:
        return base64.b64decode(str(data.get(key) or ""), validate=True).decode()
    except (binascii.Error, ValueError):
        logger(__name__).warning("%s of a Secret for webhooks cannot be decoded", key)
        return ""


def _from_file(path: str) -> str:
    """Of a mounted Secret; the end of the line that an editor adds is no part of it.

    A file that cannot be read must not mean that no secret is set.
    """
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GitOpsError(f"a secret of webhooks cannot be read from {path}", hint="Correct the settings.") from error
