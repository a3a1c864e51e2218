"""The kubeconfig as kubectl reads it: several files as one, contexts, and what is wrong with it in words.

The ``kubernetes`` package does what has to be worked out (plugins, providers, proxies, the pod's service account). It
is imported where it is needed: it costs a few tenths of a second (requests, oauthlib and pydantic).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from msgspec import Struct

from gitops_tui.cluster.access import POOL_SIZE, Access, PackagedAccess, plain_access
from gitops_tui.errors import ConfigError, ManifestError
from gitops_tui.manifest.decode import decode

IN_CLUSTER = "in-cluster"
_CORRECT = "Correct the kubeconfig, or name another with --kubeconfig."


class ContextInfo(Struct, frozen=True):
    """A context of the kubeconfig, read without connecting."""

    name: str
    cluster: str
    server: str
    user: str
    namespace: str = ""


def contexts(kubeconfig: str | None = None) -> tuple[ContextInfo, ...]:
    """All contexts with their clusters' servers. Raises `ConfigError`."""
    return _contexts(_merged(kubeconfig))


def _contexts(merged: dict[str, Any]) -> tuple[ContextInfo, ...]:
    servers = {one["name"]: str(_inner(one, "cluster").get("server") or "") for one in merged["clusters"]}
    found = []
    for one in merged["contexts"]:
        inner = _inner(one, "context")
        cluster, user, namespace = (str(inner.get(key) or "") for key in ("cluster", "user", "namespace"))
        found.append(ContextInfo(one["name"], cluster, servers.get(cluster, ""), user, namespace))
    return tuple(found)


def choose(kubeconfig: str | None, context: str | None) -> ContextInfo:
    """The context that is meant; the pod's own where there is no kubeconfig. Raises `ConfigError`."""
    if not kubeconfig and not context and _is_in_pod():
        return ContextInfo(IN_CLUSTER, IN_CLUSTER, "", "")
    merged = _merged(kubeconfig)
    known = _contexts(merged)
    name = context or str(merged.get("current-context") or "")
    for one in known:
        if one.name == name:
            return _complete(one, merged, kubeconfig)
    what = f"no context {name!r} in {_names(kubeconfig)}" if name else f"{_names(kubeconfig)} has no current context"
    names = ", ".join(one.name for one in known) or "none"
    raise ConfigError(what, hint=f"Choose one with --context; known: {names}.")


def load(info: ContextInfo, kubeconfig: str | None, *, is_quiet: bool = False) -> Access:
    """What the context needs to log in; exec plugins run.

    ``is_quiet``: a plugin may not use the terminal (something is drawn on it). Raises `ConfigError`.
    """
    is_in_pod = info.name == IN_CLUSTER and not info.user and _is_in_pod()
    plain = None if is_in_pod else _plain(info, kubeconfig)
    return plain or PackagedAccess(_configuration(info, kubeconfig, is_in_pod=is_in_pod, is_quiet=is_quiet))


def _plain(info: ContextInfo, kubeconfig: str | None) -> Access | None:
    merged = _merged(kubeconfig)
    cluster, user = _named(merged["clusters"], info.cluster), _named(merged["users"], info.user)
    return plain_access(_inner(cluster, "cluster"), _inner(user, "user")) if cluster else None


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next((one for one in entries if one["name"] == name), {})


def _configuration(info: ContextInfo, kubeconfig: str | None, *, is_in_pod: bool, is_quiet: bool) -> Any:
    """A ``kubernetes.client.Configuration``, filled. Raises `ConfigError`."""
    from kubernetes.client.configuration import Configuration
    from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

    configuration: Any = Configuration()
    configuration.connection_pool_maxsize = POOL_SIZE
    configuration.retries = False
    configuration.keep_alive = True
    if is_in_pod:
        try:
            load_incluster_config(client_configuration=configuration)
        except (ConfigException, OSError) as error:
            raise ConfigError(f"the pod's service account: {error}", hint="Mount a service account token.") from error
        return configuration
    files = os.pathsep.join(str(file) for file in _files(kubeconfig))
    try:
        with _plugin(is_quiet) as complaints:
            load_kube_config(config_file=files, context=info.name, client_configuration=configuration)
    except (ConfigException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{_names(kubeconfig)}: {_words(error)}", hint=_CORRECT) from error
    plugin = _plugin_of(info, kubeconfig)
    if plugin:
        if not configuration.api_key and not configuration.cert_file:
            reason = complaints[-1] if complaints else "it gave neither a token nor a certificate"
            raise ConfigError(
                f"{plugin}, which logs user {info.user!r} in, failed: {reason}",
                hint="Run it in a shell to see what it wants; often you have to log in anew.",
            )
        # The package would run the plugin in the middle of a request, once a thread: a 401 does it here, once.
        configuration.refresh_api_key_hook = None
    return configuration


def _plugin_of(info: ContextInfo, kubeconfig: str | None) -> str:
    """The command of the exec plugin, or empty; a user with a token does not run it."""
    for one in _merged(kubeconfig)["users"]:
        user = _inner(one, "user")
        if one["name"] == info.user and isinstance(user.get("exec"), dict) and not user.get("token"):
            return str(user["exec"].get("command") or "the exec plugin")
    return ""


@contextmanager
def _plugin(is_quiet: bool) -> Iterator[list[str]]:
    """What the package says of a plugin that failed: it only logs it, and by itself that goes to the terminal."""
    complaints: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complaints.append(record.getMessage())

    listener = Listener(logging.ERROR)
    root = logging.getLogger()
    root.addHandler(listener)
    try:
        if is_quiet:  # a plugin gets the terminal where standard output is one
            with redirect_stdout(StringIO()):
                yield complaints
        else:
            yield complaints
    finally:
        root.removeHandler(listener)


def _is_in_pod() -> bool:
    return (
        bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and not os.environ.get("KUBECONFIG") and not _default().exists()
    )


def _default() -> Path:
    return Path.home() / ".kube" / "config"


def _files(kubeconfig: str | None) -> list[Path]:
    text = kubeconfig or os.environ.get("KUBECONFIG") or str(_default())
    return [Path(part).expanduser() for part in text.split(os.pathsep) if part]


def _names(kubeconfig: str | None) -> str:
    return "the kubeconfig " + ", ".join(str(file) for file in _files(kubeconfig))


def _merged(kubeconfig: str | None) -> dict[str, Any]:
    """The kubeconfig files as one: of two entries with a name the first counts (kubectl's rule)."""
    files = [file for file in _files(kubeconfig) if file.exists()]
    if not files:
        names = ", ".join(str(file) for file in _files(kubeconfig))
        raise ConfigError(f"no kubeconfig at {names}", hint="Name one with --kubeconfig, or try gitops-tui demo.")
    merged: dict[str, Any] = {"clusters": [], "users": [], "contexts": []}
    for file in files:
        content = _read(file)
        for key in ("clusters", "users", "contexts"):
            known = {one["name"] for one in merged[key]}
            merged[key] += [one for one in _entries(file, key, content.get(key)) if one["name"] not in known]
        merged["current-context"] = merged.get("current-context") or content.get("current-context")
    return merged


def _entries(file: Path, key: str, found: Any) -> list[dict[str, Any]]:
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("name") for one in found):
        raise ConfigError(f"the kubeconfig {file}: {key} must be a list of entries with names", hint=_CORRECT)
    return [{**one, "name": str(one["name"])} for one in found]


def _inner(entry: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry.get(key)
    return found if isinstance(found, dict) else {}


def _complete(info: ContextInfo, merged: dict[str, Any], kubeconfig: str | None) -> ContextInfo:
    """What a context names must be there. Raises `ConfigError`."""
    where = f"{_names(kubeconfig)}: context {info.name!r} names"
    if not info.server:
        raise ConfigError(f"{where} cluster {info.cluster!r}, which has no server there", hint=_CORRECT)
    if info.user and info.user not in {one["name"] for one in merged["users"]}:
        raise ConfigError(f"{where} user {info.user!r}, who is not there", hint=_CORRECT)
    return info


def _read(file: Path) -> dict[str, Any]:
    try:
        documents = decode(file.read_bytes(), file=str(file))
    except ManifestError as error:
        raise ConfigError(f"the kubeconfig {error}", hint=_CORRECT) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"the kubeconfig {file} cannot be read: {reason}", hint=_CORRECT) from error
    return documents[0].obj if documents else {}


def _words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
