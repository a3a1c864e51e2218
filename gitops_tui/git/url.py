"""Repository URLs: how one is shown without its secrets, and under which name its mirror is kept.

Which ones mean the same repository is `model.repository`'s answer; it folds case, which paths on many servers do not:
what is kept on disk goes by the stricter `cache_key`.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote

from gitops_tui.model.repository import SSH, is_ssh

_HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:@\[]+)"
_SCP_HOST = re.compile(rf"(?:[^/@]*@)*{_HOST}:")
_SSH_HOST = re.compile(rf"ssh://(?:[^/@]*@)*{_HOST}(?::(?P<port>[0-9]*))?(?:/|\Z)")

_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/\s'\"<>]*)@")
_SECRET_PARAMETER = re.compile(r"(?i)([?&](?:\w*token|password|secret|api_?key|sig)=)[^&\s'\"]+")
_SHA = re.compile(r"[0-9a-fA-F]{40}\Z")
_TRUNCATED_SHA = re.compile(r"[0-9a-fA-F]{7,}\Z")


def ssh_user(url: str) -> str:
    """The user of an SSH URL; ``""`` where it is none."""
    found = SSH.match(url)
    return found["user"] if found else ""


def ssh_host(url: str) -> str:
    """``host:port`` of an SSH URL (port 22 where none is written; IPv6 in brackets); ``""`` where it is none."""
    if not is_ssh(url):
        return ""
    found = _SSH_HOST.match(url) if url.startswith("ssh://") else _SCP_HOST.match(url)
    if found is None:
        return ""
    port = found.groupdict().get("port") or "22"
    return f"{found['host']}:{port}"


def redact(text: str) -> str:
    """A URL, or any text with URLs in it, without user names, passwords and tokens. SSH keeps its user."""
    without_users = _USERINFO.sub(_without_secret, text)
    return _SECRET_PARAMETER.sub(r"\1***", without_users)


def sanitize(url: str) -> str:
    """A URL without its user and password, as Argo CD shows it."""
    return _USERINFO.sub(r"\g<scheme>", url)


def is_commit_sha(revision: str) -> bool:
    return _SHA.match(revision) is not None


def is_truncated_sha(revision: str) -> bool:
    """Whether this may be the beginning of a commit's SHA: seven hex digits or more."""
    return _TRUNCATED_SHA.match(revision) is not None


def is_short_ref(revision: str) -> bool:
    """Whether this is not a full ``refs/…`` name."""
    return not revision.startswith("refs/")


def local_path(url: str) -> Path | None:
    """The directory that a ``file://`` URL or a plain path names; None for anything remote."""
    if url.startswith("file://"):
        return Path(unquote(url.removeprefix("file://")))
    if "://" in url or (_SCP_HOST.match(url) and not url.startswith((".", "/", "~"))):
        return None
    return Path(url).expanduser()


def cache_key(url: str) -> str:
    """A directory name for a repository's mirror: readable, and the same only for URLs that differ in spelling."""
    path = local_path(url)
    exact = str(path.resolve()) if path is not None else _folded_host(sanitize(url.strip()))
    exact = exact.rstrip("/").removesuffix(".git").rstrip("/")
    name = re.sub(r"[^A-Za-z0-9]+", "-", exact.rpartition("/")[2] or "repository")[:40].strip("-")
    return f"{name or 'repository'}-{hashlib.sha256(exact.encode(errors='surrogateescape')).hexdigest()[:16]}"


def _folded_host(url: str) -> str:
    """Hosts do not know upper case; paths may. ``user@host:path`` is the same as ``ssh://user@host/path``."""
    if is_ssh(url) and "://" not in url:
        url = "ssh://" + url.replace(":", "/", 1)
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}" if mark else url


def _without_secret(found: re.Match[str]) -> str:
    user = found["user"]
    if found["scheme"].lower() in ("ssh://", "git+ssh://") and ":" not in user:
        return found[0]
    return found["scheme"]
