"""What HTTP, TLS and plugins do wrong, as `gitops_tui.errors`."""

from __future__ import annotations

import json
import re
from typing import Any

from gitops_tui.errors import (
    AlreadyExists,
    ApiError,
    ClusterUnreachable,
    Conflict,
    Forbidden,
    GitOpsError,
    Gone,
    Invalid,
    NotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
)

_BY_CODE: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}
_OF_A_CONNECTION = re.compile(r"^<?[\w.]+(?: object at 0x[0-9a-f]+>|\([^)]*\))\s*:\s*")
"""How urllib3 names the connection before it says what is wrong with it."""
_HINTS = {
    401: "Log in again (the credentials of the kubeconfig are missing, wrong or expired).",
    403: "Ask whoever runs the cluster for the permission (gitops-tui doctor lists what is missing), "
    "or take other credentials with --context or --kubeconfig.",
}


def api_error(verb: str, path: str, code: int, body: bytes, headers: Any) -> ApiError:
    """The error of an answer that is no success; ``body`` is a ``Status`` where the server is Kubernetes."""
    status = _status(body)
    kind = AlreadyExists if status.get("reason") == "AlreadyExists" else _BY_CODE.get(code)
    if kind is None:
        kind = ServerError if code >= 500 else ApiError
    details = status.get("details") or {}
    causes = [(str(one.get("field", "")), str(one.get("message", ""))) for one in details.get("causes") or ()]
    retry_after = details.get("retryAfterSeconds") or headers.get("Retry-After")
    return kind(
        str(status.get("message") or f"{verb} {path}: the server answered {code}"),
        verb=verb,
        code=code,
        reason=str(status.get("reason") or ""),
        causes=causes,
        details=details,
        retry_after_s=float(retry_after) if str(retry_after or "").isdecimal() else None,
        hint=_HINTS.get(code, ""),
        resource=path,
    )


def status_error(verb: str, path: str, status: dict[str, Any]) -> ApiError:
    """The error that a watch delivers as an event of type ``ERROR``."""
    return api_error(verb, path, int(status.get("code") or 500), json.dumps(status).encode(), {})


def unreachable(server: str, error: Exception, *, is_closed: bool = False) -> ClusterUnreachable:
    """No answer at all. The reason of urllib3 and ssl is kept, their object addresses are not."""
    if is_closed:
        return ClusterUnreachable(f"the connection to {server} was closed")
    reason: object = getattr(error, "reason", None) or error
    text = _OF_A_CONNECTION.sub("", str(reason))
    hint = "Check the network and the server of the kubeconfig context; gitops-tui doctor tells more."
    if _is_about_certificates(error):
        hint = "Check certificate-authority, client-certificate and tls-server-name of the kubeconfig context."
    return ClusterUnreachable(f"{server} does not answer: {text}", hint=hint)


def _is_about_certificates(error: BaseException) -> bool:
    import ssl

    from urllib3.exceptions import SSLError

    reason = getattr(error, "reason", None)
    return any(isinstance(one, (ssl.SSLError, SSLError)) for one in (error, reason, error.__cause__))


def is_mistrusted(error: GitOpsError) -> bool:
    """Whether the kubeconfig's authority does not vouch for the server: a cluster made anew has another one.

    Nothing was sent then, so that even a write may be tried again.
    """
    import ssl

    cause = error.__cause__
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in (cause, *(getattr(cause, "args", None) or ())))


def is_broken(error: ClusterUnreachable) -> bool:
    """Whether a connection that stood went away: a server that restarts does that to those that idle."""
    from urllib3.exceptions import ProtocolError

    return isinstance(error.__cause__, ProtocolError)


def no_kubernetes(server: str, answer: bytes) -> ClusterUnreachable:
    """An answer that is no JSON: cut short, or from something that stands before the API server."""
    begin = " ".join(answer[:80].decode(errors="replace").split())
    return ClusterUnreachable(
        f"{server} answers, but not as a Kubernetes API server does: {begin}",
        hint="Check the server of the kubeconfig context; a proxy or a log-in page may stand before it.",
    )


def _status(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        text = body.decode(errors="replace").strip()
        return {"message": text[:500]} if text else {}
    return found if isinstance(found, dict) and found.get("kind") == "Status" else {}
