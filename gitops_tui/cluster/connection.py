"""A connection to one cluster: authentication and the HTTP pool (`gitops_tui.cluster.access`).

Everything above sends raw requests (`Connection.request`) and reads bytes; no typed client model is ever made.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from gitops_tui.cluster import kubeconfig as kubeconfigs
from gitops_tui.cluster.errors import api_error, is_broken, is_mistrusted, no_kubernetes, unreachable
from gitops_tui.cluster.kubeconfig import ContextInfo
from gitops_tui.cluster.login import Login
from gitops_tui.cluster.pool import Pool
from gitops_tui.cluster.request import RequestInfo, request_info
from gitops_tui.errors import ClusterError, ClusterUnreachable, ServerError, TooManyRequests, Unauthorized

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

RETRIES = 3
LONGEST_PATIENCE_S = 5.0
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0


OnRequest = Callable[[RequestInfo, int], None]
"""Told of each answer, with its status, on the thread that asked."""


def _nobody(_: RequestInfo, __: int) -> None:
    """Nobody counts."""


class Connection:
    """Thread-safe. `close` ends every connection of the pool, those in use too."""

    def __init__(self, info: ContextInfo, kubeconfig: str | None = None) -> None:
        """Log in to a context that `gitops_tui.cluster.kubeconfig.choose` found. Raises `ConfigError`."""
        self._login = Login(info, kubeconfig)
        access = self._login.access
        self._pool = Pool(access)
        self._swapping = threading.Lock()
        self._closed = threading.Event()
        self.context = info.name
        self.cluster_name = info.cluster
        self.server = info.server or access.host
        self.namespace = info.namespace
        self.user_name = info.user
        self.on_request: OnRequest = _nobody

    @classmethod
    def open(cls, kubeconfig: str | None = None, context: str | None = None) -> Connection:
        """Read the kubeconfig (or the pod's service account) and log in; nothing is asked of the cluster yet."""
        return cls(kubeconfigs.choose(kubeconfig, context), kubeconfig)

    @staticmethod
    def contexts(kubeconfig: str | None = None) -> tuple[ContextInfo, ...]:
        """All contexts with their clusters' servers, without connecting."""
        return kubeconfigs.contexts(kubeconfig)

    def close(self) -> None:
        """Whoever waits for an answer gets `ClusterUnreachable`. Idempotent."""
        self._closed.set()
        with self._swapping:
            self._pool.close()

    # --- requests
    def request(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout_s: float = READ_TIMEOUT_S,
    ) -> bytes:
        """One request, its whole answer. Asked again: what was refused for now, and reads whose connection broke."""
        for attempt in range(RETRIES):
            try:
                response = self.stream(verb, path, query=query, body=body, content_type=content_type, accept=accept,
                                       timeout_s=timeout_s, preload=True)  # fmt: skip
                return response.data
            except (ServerError, TooManyRequests, ClusterUnreachable) as error:
                wait_s = _patience_s(verb, error, attempt)
                if wait_s is None or attempt == RETRIES - 1 or self._closed.wait(wait_s):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def json(self, verb: str, path: str, **options: Any) -> Any:
        """The answer's value; `ClusterUnreachable` where it is no JSON (a log-in page, say)."""
        answer = self.request(verb, path, **options)
        try:
            return msgspec.json.decode(answer or b"null")
        except ValueError as error:
            raise no_kubernetes(self.server, answer) from error

    def stream(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout_s: float = READ_TIMEOUT_S,
        preload: bool = False,
    ) -> BaseHTTPResponse:
        """An answer whose body may be read as it comes. Credentials and authorities that ran out are renewed once."""
        url = self.server.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        payload = None if body is None else json.dumps(body).encode()
        headers = {"Accept": accept, "User-Agent": "gitops-tui"}
        if payload is not None:
            headers["Content-Type"] = content_type
        for is_last in (False, True):
            generation, credentials = self._login.headers()
            try:
                return self._send(verb, url, path, {**headers, **credentials}, payload, timeout_s, preload)
            except (Unauthorized, ClusterUnreachable) as error:
                is_outdated = isinstance(error, Unauthorized) or is_mistrusted(error)
                if is_last or not is_outdated or not self._login.renew(generation):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _send(
        self,
        verb: str,
        url: str,
        path: str,
        headers: dict[str, str],
        payload: bytes | None,
        timeout_s: float,
        preload: bool,
    ) -> BaseHTTPResponse:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        manager = self._manager()
        try:
            response = manager.request(
                verb,
                url,
                body=payload,
                headers=headers,
                timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=timeout_s),
                preload_content=preload,
                redirect=False,
                retries=False,
            )
            self.on_request(request_info(verb, path, is_watch="watch=1" in url.partition("?")[2]), response.status)
            if response.status < 300:
                return response
            text = response.data
            response.release_conn()
        except (HTTPError, OSError) as error:
            raise unreachable(self.server, error, is_closed=self._closed.is_set()) from error
        raise api_error(verb, path, response.status, text, response.headers)

    def _manager(self) -> PoolManager:
        """Made anew when a renewal brought other certificates: connections keep those they were made with."""
        with self._swapping:
            if self._closed.is_set():
                raise ClusterUnreachable(f"the connection to {self.server} was closed")
            self._pool.use(self._login.access)
            return self._pool.manager


def _patience_s(verb: str, error: ClusterError, attempt: int) -> float | None:
    """How long until it makes sense to ask again; None: it does not, or it could do something twice."""
    if isinstance(error, ClusterUnreachable):
        return 0.0 if verb == "GET" and is_broken(error) and attempt == 0 else None
    if isinstance(error, TooManyRequests) and (verb == "GET" or error.retry_after_s is not None):
        return min(error.retry_after_s or 0.2 * 2**attempt, LONGEST_PATIENCE_S)
    if isinstance(error, ServerError) and verb == "GET" and error.code == 503:
        return min(error.retry_after_s or 0.2 * 2**attempt, LONGEST_PATIENCE_S)
    return None
