"""What the doctor says of webhooks: whose secrets are there. No secret is shown."""

from __future__ import annotations

from gitops_tui.cli.doctor import Finding, State
from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.discovery import Discovery
from gitops_tui.config import Settings
from gitops_tui.model.resource import Object

AREA, NAME = "Cluster", "webhook secrets"


def webhook_secrets(reader: Reader, settings: Settings, namespace: str) -> list[Finding]:
    """A warning where none is set: `controller --webhook` then takes what anybody sends."""
    from gitops_tui.engine.webhook_secrets import AskedSecrets, WebhookSecrets
    from gitops_tui.webhook.receiver import secret_keys

    def ask(name: str) -> Object | None:
        resource = Discovery(reader).find("", "Secret")
        return reader.get(resource, namespace, name) if resource is not None else None

    secrets = WebhookSecrets(settings.webhook, AskedSecrets(lambda _: None, ask))
    found = [key for key in secret_keys() if secrets(key)]
    if found:
        return [Finding(AREA, NAME, State.GOOD, ", ".join(found))]
    if settings.webhook.require_secret:
        hint = "Set webhook.secrets in the settings, or Argo CD's keys in the Secret argocd-secret."
        return [Finding(AREA, NAME, State.WARNING, "none, and they are required: every webhook is refused", hint)]
    hint = "Before controller --webhook can be reached by others, set webhook.secrets in the settings."
    return [Finding(AREA, NAME, State.WARNING, "none: webhooks would be taken from anybody", hint)]
