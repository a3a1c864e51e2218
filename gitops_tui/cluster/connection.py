"""A connection to one cluster: configuration, authentication and the HTTP pool, from the ``kubernetes`` package.

Everything above sends raw requests (`Connection.request`) and reads bytes; no typed client model is ever made.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gitops_tui.cluster.errors import api_error, unreachable
from gitops_tui.errors import ConfigError, ManifestError, ServerError, TooManyRequests, Unauthorized
from gitops_tui.manifest.decode import decode

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

POOL_SIZE = 96
"""A watch holds a connection: one a kind, and some for requests."""
RETRIES = 3
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class ContextInfo:
    """A context of the kubeconfig, read without connecting."""

    name: str
    cluster: str
    server: str
    user: str
    namespace: str = ""


class Connection:
    """Thread-safe. `close` ends every connection of the pool."""

    def __init__(self, configuration: Any, info: ContextInfo) -> None:
        from kubernetes.client.rest import RESTClientObject

        self._configuration = configuration
        self._pool = RESTClientObject(configuration).pool_manager
        self._login = threading.Lock()
        self._info = info
        self.context = info.name
        self.cluster_name = info.cluster
        self.server = info.server or str(configuration.host)
        self.namespace = info.namespace
        self.user_name = info.user

    @classmethod
    def open(cls, kubeconfig: str | None = None, context: str | None = None) -> Connection:
        """Read the kubeconfig (or the pod's service account) and log in; nothing is asked of the cluster yet."""
        from kubernetes.client.configuration import Configuration
        from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

        configuration = Configuration()
        configuration.connection_pool_maxsize = POOL_SIZE
        configuration.retries = False
        configuration.keep_alive = True
        try:
            if not kubeconfig and not context and _is_in_pod():
                load_incluster_config(client_configuration=configuration)
                return cls(configuration, ContextInfo("in-cluster", "in-cluster", configuration.host, ""))
            info = _chosen(cls.contexts(kubeconfig), context, _current(kubeconfig))
            load_kube_config(config_file=kubeconfig, context=info.name, client_configuration=configuration)
        except ConfigException as error:
            raise ConfigError(
                _words(error), hint="Correct the kubeconfig, or name another with --kubeconfig."
            ) from error
        except OSError as error:
            raise ConfigError(f"the kubeconfig cannot be read: {error}", hint="Correct --kubeconfig.") from error
        return cls(configuration, info)

    @staticmethod
    def contexts(kubeconfig: str | None = None) -> tuple[ContextInfo, ...]:
        """All contexts with their clusters' servers, without connecting."""
        merged = _merged(kubeconfig)
        clusters = {one["name"]: one.get("cluster") or {} for one in merged.get("clusters") or ()}
        found = []
        for one in merged.get("contexts") or ():
            inner = one.get("context") or {}
            cluster = str(inner.get("cluster", ""))
            server = str((clusters.get(cluster) or {}).get("server", ""))
            found.append(
                ContextInfo(
                    str(one["name"]), cluster, server, str(inner.get("user", "")), str(inner.get("namespace", ""))
                )
            )
        return tuple(found)

    def close(self) -> None:
        self._pool.clear()

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
        """One request, its whole answer. Reads are tried again where the server asks for patience."""
        for attempt in range(RETRIES):
            try:
                response = self.stream(verb, path, query=query, body=body, content_type=content_type, accept=accept,
                                       timeout_s=timeout_s, preload=True)  # fmt: skip
                return response.data
            except (TooManyRequests, ServerError) as error:
                is_patient = isinstance(error, TooManyRequests) or error.code == 503
                if verb != "GET" or not is_patient or attempt == RETRIES - 1:
                    raise
                threading.Event().wait(min(error.retry_after_s or 0.2 * 2**attempt, 5.0))
        raise AssertionError("the last attempt returns or raises")

    def json(self, verb: str, path: str, **options: Any) -> Any:
        return json.loads(self.request(verb, path, **options) or b"null")

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
        """An answer whose body may be read as it comes. An expired token is renewed once."""
        url = self.server.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        payload = None if body is None else json.dumps(body).encode()
        headers = {"Accept": accept, "User-Agent": "gitops-tui"}
        if payload is not None:
            headers["Content-Type"] = content_type
        for is_last in (False, True):
            try:
                return self._send(verb, url, path, headers, payload, timeout_s, preload)
            except Unauthorized:
                if is_last or not self._renew():
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

        try:
            response = self._pool.request(
                verb,
                url,
                body=payload,
                headers={**headers, **self._credentials()},
                timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=timeout_s),
                preload_content=preload,
                redirect=False,
                retries=False,
            )
            if response.status < 300:
                return response
            text = response.data
            response.release_conn()
        except (HTTPError, OSError) as error:
            raise unreachable(self.server, error) from error
        raise api_error(verb, path, response.status, text, response.headers)

    def _credentials(self) -> dict[str, str]:
        """The token as the ``kubernetes`` package keeps it: its hook asks the exec plugin anew when it expires."""
        settings = self._configuration.auth_settings()
        bearer = settings.get("BearerToken") or {}
        if bearer.get("value"):
            return {str(bearer.get("key") or "authorization"): str(bearer["value"])}
        basic = self._configuration.get_basic_auth_token() if self._configuration.username else None
        return {"authorization": basic} if basic else {}

    def _renew(self) -> bool:
        """Read the kubeconfig again (a login elsewhere may have renewed it); whether the token is another one."""
        from kubernetes.config import load_kube_config

        before = self._credentials()
        with self._login:
            if self._credentials() != before:
                return True
            try:
                load_kube_config(context=self.context or None, client_configuration=self._configuration)
            except Exception:  # noqa: BLE001 - any failure of a plugin leaves the 401 as the answer
                return False
        return self._credentials() != before


def _is_in_pod() -> bool:
    return (
        bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and not os.environ.get("KUBECONFIG") and not _default().exists()
    )


def _default() -> Path:
    return Path.home() / ".kube" / "config"


def _files(kubeconfig: str | None) -> list[Path]:
    text = kubeconfig or os.environ.get("KUBECONFIG") or str(_default())
    return [Path(part).expanduser() for part in text.split(os.pathsep) if part]


def _merged(kubeconfig: str | None) -> dict[str, Any]:
    """The kubeconfig files as one: of two entries with a name the first counts (kubectl's rule)."""
    files = [file for file in _files(kubeconfig) if file.exists()]
    if not files:
        names = ", ".join(str(file) for file in _files(kubeconfig))
        raise ConfigError(f"no kubeconfig at {names}", hint="Name one with --kubeconfig, or try gitops-tui demo.")
    merged: dict[str, Any] = {}
    for file in files:
        for key, value in _read(file).items():
            if isinstance(value, list):
                known = merged.setdefault(key, [])
                names_known = {one.get("name") for one in known}
                known += [one for one in value if isinstance(one, dict) and one.get("name") not in names_known]
            elif not merged.get(key):
                merged[key] = value
    return merged


def _read(file: Path) -> dict[str, Any]:
    try:
        documents = decode(file.read_bytes(), file=str(file))
    except ManifestError as error:
        raise ConfigError(str(error), hint="Correct the kubeconfig.") from error
    return documents[0].obj if documents else {}


def _current(kubeconfig: str | None) -> str:
    return str(_merged(kubeconfig).get("current-context") or "")


def _chosen(contexts: tuple[ContextInfo, ...], wanted: str | None, current: str) -> ContextInfo:
    name = wanted or current
    for one in contexts:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in contexts) or "none"
    what = f"no context {name!r} in the kubeconfig" if name else "the kubeconfig has no current context"
    raise ConfigError(what, hint=f"Choose one with --context; known: {known}.")


def _words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
