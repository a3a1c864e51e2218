"""``controller --webhook`` as far as no cluster is needed, and what the doctor says of secrets."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gitops_tui.cli import examine_webhooks
from gitops_tui.cli.doctor import State
from gitops_tui.cli.main import main
from gitops_tui.config import Settings, WebhookSettings
from gitops_tui.errors import NotFound


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--webhook", "nowhere"], "--webhook nowhere: is no address"),
        (["--webhook", "127.0.0.1:0", "--webhook-cert", "/dev/null"], "belong together"),
        (["--webhook", "127.0.0.1:0", "--webhook-cert", "/dev/null", "--webhook-key", "/dev/null"], "no certificate"),
    ],
)
def test_what_cannot_be_listened_on_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["controller", *words]) == 2
    assert said in capsys.readouterr().err


class Answers:
    """A reader of one Secret."""

    def __init__(self, **data: str) -> None:
        self._data = {key.replace("__", "."): base64.b64encode(one.encode()).decode() for key, one in data.items()}

    def get(self, resource: object, namespace: str, name: str) -> dict[str, Any]:
        if not self._data or (namespace, name) != ("argocd", "argocd-secret"):
            raise NotFound("no secret")
        return {"data": self._data}


@pytest.mark.parametrize(
    ("reader", "settings", "state", "text"),
    [
        (Answers(webhook__github__secret="hunter2"), WebhookSettings(), State.GOOD, "github.secret"),
        (Answers(), WebhookSettings({"gitlab.secret": "hunter2"}), State.GOOD, "gitlab.secret"),
        (Answers(), WebhookSettings(), State.WARNING, "none: webhooks would be taken from anybody"),
        (Answers(), WebhookSettings(require_secret=True), State.WARNING, "every webhook is refused"),
    ],
)
def test_the_doctor_names_keys_and_no_secret(
    reader: Any, settings: WebhookSettings, state: State, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kinds:
        def __init__(self, _: object) -> None: ...

        def find(self, group: str, kind: str) -> str:
            return kind

    monkeypatch.setattr(examine_webhooks, "Discovery", Kinds)
    (found,) = examine_webhooks.webhook_secrets(reader, Settings(webhook=settings), "argocd")
    assert found.state is state
    assert text in found.text
    assert "hunter2" not in found.text + found.hint
