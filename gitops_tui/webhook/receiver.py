"""``POST /api/webhook``: who sends it, whether it may, what it says; then it is handed on.

Source: Argo CD's ``util/webhook`` Handler. An event that is no push is answered with 200: hosts switch off hooks that
are answered with errors.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from gitops_tui.errors import GitOpsError
from gitops_tui.listener.route import Answer, Request, Route
from gitops_tui.logs import logger
from gitops_tui.webhook.payload import BadPayload, Payload
from gitops_tui.webhook.provider import PROVIDERS, Provider, provider_of
from gitops_tui.webhook.push import Push
from gitops_tui.webhook.secret import SecretOf, Verdict

PATH = "/api/webhook"
UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of a request; each is counted under its provider."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    UNAUTHENTICATED = "unauthenticated"
    MALFORMED = "malformed"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


Count = Callable[[str, Outcome], None]
"""A provider's name, or ``unknown``."""


def secret_keys() -> tuple[str, ...]:
    """Every key of a secret, as Argo CD names it without ``webhook.`` in front."""
    return tuple(dict.fromkeys(key for provider in PROVIDERS for key in provider.keys))


def is_secured(secret_of: SecretOf) -> bool:
    return any(secret_of(key) for key in secret_keys())


class Receiver:
    """``take`` gets each push that may come in; it raises `GitOpsError` where nobody can act on it now.

    ``requires_secret`` None: secrets are required of all providers as soon as one of them has one, or whoever lacks
    the one secret would only have to pretend to be another provider.
    """

    def __init__(
        self,
        secret_of: SecretOf,
        take: Callable[[Push], object],
        count: Count,
        *,
        requires_secret: bool | None = None,
    ) -> None:
        self._secret_of = secret_of
        self._take = take
        self._count = count
        self._requires_secret = requires_secret

    def route(self, body_limit: int) -> Route:
        return Route(("POST",), self.answer, body_limit, lambda _: self._count(UNKNOWN, Outcome.REFUSED))

    def answer(self, request: Request) -> Answer:
        provider = provider_of(request)
        if provider is None:
            self._count(UNKNOWN, Outcome.REFUSED)
            return Answer.text(400, "unknown webhook event")
        try:
            outcome, answer = self._answer(provider, request)
        except GitOpsError as error:
            logger(__name__).warning("a webhook of %s cannot be taken: %s", provider.name, error)
            outcome, answer = Outcome.UNAVAILABLE, Answer.text(503, "not ready; send it again", Retry_After="10")
        self._count(provider.name, outcome)
        return answer

    def _answer(self, provider: Provider, request: Request) -> tuple[Outcome, Answer]:
        refusal = self._refusal(provider, request)
        if refusal is not None:
            logger(__name__).warning("a webhook of %s is refused: its secret is missing or wrong", provider.name)
            return Outcome.UNAUTHENTICATED, refusal
        try:
            payload = Payload.read(request.body, request.header("content-type"))
        except BadPayload as error:
            return Outcome.MALFORMED, Answer.text(400, str(error))
        push = provider.read(provider.event_of(request), payload)
        if push is None:
            return Outcome.IGNORED, Answer.text(200, "ignored: no push of a branch or tag")
        self._take(push)
        return Outcome.ACCEPTED, Answer.text(200, "accepted")

    def _refusal(self, provider: Provider, request: Request) -> Answer | None:
        verdict = provider.check(request, self._secret_of)
        if verdict is Verdict.UNCHECKED:
            return Answer.text(403, f"no secret is configured for {provider.name}") if self._is_required() else None
        if verdict is Verdict.MISSING:
            return Answer.text(401, "the secret is missing", WWW_Authenticate='Basic realm="webhook"')
        return Answer.text(403, "the secret is wrong") if verdict is Verdict.WRONG else None

    def _is_required(self) -> bool:
        return is_secured(self._secret_of) if self._requires_secret is None else self._requires_secret
