"""Who may send a webhook, and what is answered."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest

from gitops_tui.errors import OperationError
from gitops_tui.listener.route import Answer, Request
from gitops_tui.webhook.push import Push
from gitops_tui.webhook.receiver import Outcome, Receiver, is_secured, secret_keys
from gitops_tui.webhook.secret import is_same
from tests.unit.webhook.payloads import azure, bitbucket, bitbucket_server, body, gitea, github, gitlab, gogs

SECRET = "correct horse battery staple"


class Post:
    """A receiver whose pushes and counts are kept."""

    def __init__(self, secrets: dict[str, str], *, requires: bool | None = None, ready: bool = True) -> None:
        self.pushes: list[Push] = []
        self.counts: list[tuple[str, Outcome]] = []
        self._ready = ready
        self._receiver = Receiver(
            lambda key: secrets.get(key, ""), self._take, lambda *one: self.counts.append(one), requires_secret=requires
        )

    def _take(self, push: Push) -> None:
        if not self._ready:
            raise OperationError("the cluster has not answered yet")
        self.pushes.append(push)

    def __call__(self, headers: dict[str, str], content: bytes) -> Answer:
        return self._receiver.answer(Request("POST", "/api/webhook", headers, content))


def digest(content: bytes, algorithm: str = "sha256", secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), content, algorithm).hexdigest()


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


Sign = Callable[[bytes], dict[str, str]]
SIGNED: list[tuple[str, dict[str, str], bytes, dict[str, str], Sign]] = [
    ("github", {"github.secret": SECRET}, body(github()), {"x-github-event": "push"}, lambda b: {"x-hub-signature-256": f"sha256={digest(b)}"}),
    ("github", {"github.secret": SECRET}, body(github()), {"x-github-event": "push"}, lambda b: {"x-hub-signature": f"sha1={digest(b, 'sha1')}"}),
    ("gitlab", {"gitlab.secret": SECRET}, body(gitlab()), {"x-gitlab-event": "Push Hook"}, lambda b: {"x-gitlab-token": SECRET}),
    ("bitbucket", {"bitbucket.uuid": SECRET}, body(bitbucket()), {"x-event-key": "repo:push"}, lambda b: {"x-hook-uuid": SECRET}),
    ("bitbucket", {"bitbucket.uuid": "{" + SECRET + "}"}, body(bitbucket()), {"x-event-key": "repo:push"}, lambda b: {"x-hook-uuid": SECRET}),
    ("bitbucket", {"bitbucket.secret": SECRET}, body(bitbucket()), {"x-event-key": "repo:push", "x-hook-uuid": "1"}, lambda b: {"x-hub-signature": f"sha256={digest(b)}"}),
    ("bitbucketserver", {"bitbucketserver.secret": SECRET}, body(bitbucket_server()), {"x-event-key": "repo:refs_changed"}, lambda b: {"x-hub-signature": f"sha256={digest(b)}"}),
    ("gitea", {"gitea.secret": SECRET}, body(gitea()), {"x-gitea-event": "push"}, lambda b: {"x-gitea-signature": digest(b)}),
    ("gitea", {"gogs.secret": SECRET}, body(gitea()), {"x-gitea-event": "push"}, lambda b: {"x-gitea-signature": digest(b)}),
    ("gogs", {"gogs.secret": SECRET}, body(gogs()), {"x-gogs-event": "push"}, lambda b: {"x-gogs-signature": digest(b)}),
    ("azuredevops", {"azuredevops.username": "argo", "azuredevops.password": SECRET}, body(azure()), {"x-vss-activityid": "1"}, lambda b: {"authorization": basic("argo", SECRET)}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "secrets", "content", "headers", "sign"), SIGNED)
def test_the_right_secret_is_let_in(
    name: str, secrets: dict[str, str], content: bytes, headers: dict[str, str], sign: Sign
) -> None:
    post = Post(secrets)
    answer = post({**headers, **sign(content)}, content)
    assert (answer.status, answer.content) == (200, b"accepted\n")
    assert post.counts == [(name, Outcome.ACCEPTED)]
    assert len(post.pushes) == 1


@pytest.mark.parametrize(("name", "secrets", "content", "headers", "sign"), SIGNED)
def test_a_wrong_or_missing_secret_is_refused_and_counted(
    name: str, secrets: dict[str, str], content: bytes, headers: dict[str, str], sign: Sign,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    post = Post(secrets)
    good = sign(content)
    wrongs = [{key: value[:-1] + ("0" if value[-1] != "0" else "1") for key, value in good.items()}]
    wrongs += [dict.fromkeys(good, value) for value in ("x", "sha256=", "é" * 64, "Basic !", "Bearer " + SECRET)]
    for wrong in wrongs:
        answer = post({**headers, **wrong}, content)
        assert answer.status in (401, 403), wrong
        assert SECRET.encode() not in answer.content
    if name != "bitbucket" or "x-hook-uuid" in headers:
        assert post(headers, content).status == 401
    if "authorization" not in good and "x-gitlab-token" not in good and "x-hook-uuid" not in good:
        assert post({**headers, **good}, content + b" ").status == 403  # of another body
    assert post.pushes == []
    assert {one for one in post.counts if one[0] == name} == {(name, Outcome.UNAUTHENTICATED)}
    assert SECRET not in caplog.text


def test_a_signature_does_not_choose_its_algorithm() -> None:
    content = body(github())
    post = Post({"github.secret": SECRET})
    weak = {"x-github-event": "push", "x-hub-signature-256": f"sha1={digest(content, 'sha1')}"}
    assert post(weak, content).status == 403
    both = {**weak, "x-hub-signature": f"sha1={digest(content, 'sha1')}"}
    assert post(both, content).status == 403


def test_pretending_to_be_another_provider_is_no_way_in() -> None:
    as_gitlab = ({"x-gitlab-event": "Push Hook"}, body(gitlab()))
    assert Post({"github.secret": SECRET})(*as_gitlab).status == 403
    assert Post({"github.secret": SECRET}, requires=False)(*as_gitlab).status == 200
    assert Post({})(*as_gitlab).status == 200
    assert Post({}, requires=True)(*as_gitlab).status == 403


@pytest.mark.parametrize(
    ("headers", "content", "status", "count"),
    [
        ({"x-github-event": "push"}, b"{", 400, ("github", Outcome.MALFORMED)),
        ({"x-github-event": "push"}, b"\xff\xff", 400, ("github", Outcome.MALFORMED)),
        ({"x-github-event": "push"}, b"[" * 200_000, 400, ("github", Outcome.MALFORMED)),
        ({"x-github-event": "ping"}, b"{}", 200, ("github", Outcome.IGNORED)),
        ({"x-github-event": "push"}, b"{}", 200, ("github", Outcome.IGNORED)),
        ({"x-drone-event": "push"}, body(github()), 400, ("unknown", Outcome.REFUSED)),
        ({}, b"", 400, ("unknown", Outcome.REFUSED)),
    ],
)
def test_what_is_answered(headers: dict[str, str], content: bytes, status: int, count: tuple[str, Outcome]) -> None:
    post = Post({})
    assert post(headers, content).status == status
    assert post.counts == [count]


def test_before_the_cluster_answered_it_is_asked_for_again() -> None:
    post = Post({}, ready=False)
    answer = post({"x-github-event": "push"}, body(github()))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert post.counts == [("github", Outcome.UNAVAILABLE)]


def test_a_secret_that_cannot_be_looked_up_lets_nobody_in() -> None:
    def fails(_: str) -> str:
        raise OperationError("the cluster does not answer")

    taken: list[Push] = []
    receiver = Receiver(fails, taken.append, lambda *_: None)
    request = Request("POST", "/api/webhook", {"x-github-event": "push"}, body(github()))
    assert receiver.answer(request).status == 503
    assert taken == []


def test_keys_are_argo_cds() -> None:
    argo = {"github.secret", "gitlab.secret", "bitbucket.uuid", "bitbucketserver.secret", "gogs.secret",
            "azuredevops.username", "azuredevops.password"}  # fmt: skip
    assert argo | {"gitea.secret", "bitbucket.secret"} == set(secret_keys())
    assert is_secured(lambda key: SECRET if key == "gogs.secret" else "")
    assert not is_secured(lambda _: "")


def test_comparing_takes_any_text() -> None:
    assert is_same("ä\udcff", "ä\udcff")
    assert not is_same("a", "a" * 10_000)
    assert hashlib.sha256(b"").digest_size == 32
