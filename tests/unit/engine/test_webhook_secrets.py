"""Where a webhook's secret comes from, and that no error means that there is none."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gitops_tui.cli.settings import parse_settings
from gitops_tui.config import WebhookSettings
from gitops_tui.engine.webhook_secrets import AskedSecrets, WebhookSecrets
from gitops_tui.errors import ClusterUnreachable, ConfigError, Forbidden, GitOpsError, NotFound
from gitops_tui.model.resource import Object


def secret(labels: dict[str, str] | None = None, **data: str) -> Object:
    coded = {key.replace("__", "."): base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return {"kind": "Secret", "metadata": {"labels": labels or {}}, "data": coded}


ARGO = {
    "argocd-secret": secret(
        webhook__github__secret="of argo", webhook__gitlab__secret="$other:key", webhook__gogs__secret="$plain:key",
        webhook__bitbucket__uuid="$here", here="pointed",
    ),
    "other": secret({"app.kubernetes.io/part-of": "argocd"}, key="elsewhere"),
    "plain": secret(key="not part of argo"),
}  # fmt: skip


def test_the_settings_come_before_argo_cds_secret(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("from a file\n")
    settings = WebhookSettings({"gitlab.secret": "ours", "gitea.secret": f"file:{tmp_path / 'hook'}"})
    secrets = WebhookSecrets(settings, ARGO.get)
    assert secrets("github.secret") == "of argo"
    assert secrets("gitlab.secret") == "ours"
    assert secrets("gitea.secret") == "from a file"
    assert secrets("azuredevops.password") == ""
    assert "ours" not in repr(settings)


def test_pointers_lead_to_secrets_that_are_part_of_argo_cd() -> None:
    secrets = WebhookSecrets(WebhookSettings(), ARGO.get)
    assert secrets("gitlab.secret") == "elsewhere"
    assert secrets("gogs.secret") == ""
    assert secrets("bitbucket.uuid") == "pointed"


def test_a_file_that_cannot_be_read_is_no_missing_secret(tmp_path: Path) -> None:
    secrets = WebhookSecrets(WebhookSettings({"github.secret": f"file:{tmp_path / 'gone'}"}), ARGO.get)
    with pytest.raises(GitOpsError, match="cannot be read"):
        secrets("github.secret")


@pytest.mark.parametrize("data", [None, {}, {"webhook.github.secret": "!"}, {"webhook.github.secret": 3}])
def test_what_is_no_secret_is_none(data: object) -> None:
    secrets = WebhookSecrets(WebhookSettings(), lambda _: {"data": data})
    assert secrets("github.secret") == ""


def test_what_is_not_watched_is_asked_for_now_and_then() -> None:
    clock, asked = [0.0], []

    def ask(name: str) -> Object | None:
        asked.append(name)
        if len(asked) == 1:
            raise NotFound("no")
        if len(asked) == 2:
            raise Forbidden("no", code=403)
        raise ClusterUnreachable("gone")

    secrets = AskedSecrets({"watched": {"data": {}}}.get, ask, lambda: clock[0])
    assert secrets("watched") == {"data": {}} and asked == []
    assert secrets("a") is None and secrets("a") is None and asked == ["a"]
    clock[0] = 31.0
    assert secrets("a") is None and asked == ["a", "a"]
    clock[0] = 62.0
    for _ in range(2):
        with pytest.raises(ClusterUnreachable):
            secrets("a")


def test_settings() -> None:
    text = b"webhook: {requireSecret: true, maxPayloadMB: 2.5, secrets: {github.secret: a, azuredevops.password: b}}"
    found = parse_settings(text, "f").webhook
    assert found == WebhookSettings({"github.secret": "a", "azuredevops.password": "b"}, True, 2.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("webhook: 3", "webhook"),
        ("webhook: {secret: x}", "webhook.secret: not a setting"),
        ("webhook: {requireSecret: 1}", "webhook.requireSecret"),
        ("webhook: {maxPayloadMB: 0}", "webhook.maxPayloadMB"),
        ("webhook: {maxPayloadMB: true}", "webhook.maxPayloadMB"),
        ("webhook: {secrets: {github: hunter2}}", "webhook.secrets.github: not a setting"),
        ("webhook: {secrets: {github.secret: 12345678}}", "webhook.secrets.github.secret: expected a string"),
    ],
)
def test_wrong_settings_are_named_and_not_repeated(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_settings(text.encode(), "f")
    assert words in str(error.value)
    assert "hunter2" not in str(error.value) and "12345678" not in str(error.value)
