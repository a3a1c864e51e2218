"""``controller --webhook``: the endpoint for Git hosts, put together."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gitops_tui.cli.output import tell
from gitops_tui.config import Settings
from gitops_tui.engine.counted import WEBHOOKS
from gitops_tui.errors import ConfigError, GitOpsError
from gitops_tui.listener.address import parse_address
from gitops_tui.listener.server import Certificate, Listener
from gitops_tui.webhook.receiver import PATH, Outcome, Receiver, is_secured

if TYPE_CHECKING:
    from gitops_tui.engine.engine import Engine


def webhook_listener(parsed: argparse.Namespace, settings: Settings, engine: Engine) -> Listener:
    """Not started yet. Raises `ConfigError` where the address or the certificate cannot be used."""

    def count(provider: str, outcome: Outcome) -> None:
        engine.tally.add(WEBHOOKS, provider, outcome.value)

    receiver = Receiver(engine.webhook_secrets(), engine.pushed, count, requires_secret=settings.webhook.require_secret)
    limit = int(settings.webhook.max_payload_mb * (1 << 20))
    certificate = _certificate(parsed.webhook_cert, parsed.webhook_key)
    address = parse_address(parsed.webhook, "--webhook")
    return Listener(address, {PATH: receiver.route(limit)}, certificate=certificate)


def say_webhooks(listener: Listener, is_tls: bool, settings: Settings, engine: Engine) -> None:
    """Where they are taken, and a warning where anybody may send one."""
    tell(f"webhooks are taken at {'https' if is_tls else 'http'}://{listener.address}{PATH}")
    threading.Thread(target=_warn, args=(settings, engine), name="webhook secrets", daemon=True).start()


def _warn(settings: Settings, engine: Engine) -> None:
    """The cluster is asked, and may not answer: nobody waits for it."""
    try:
        if not settings.webhook.require_secret and not is_secured(engine.webhook_secrets()):
            tell("warning: no secret of a webhook is configured: whoever reaches the address can ask for refreshes")
    except GitOpsError as error:
        tell(f"warning: {error}")


def _certificate(cert: str, key: str) -> Certificate | None:
    if not cert and not key:
        return None
    if not cert or not key:
        raise ConfigError("--webhook-cert and --webhook-key belong together", hint="Give both, or none.")
    return Certificate(Path(cert), Path(key))
