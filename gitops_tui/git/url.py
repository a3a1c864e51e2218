"""Repository URLs: which ones mean the same repository, and how one is shown without its secrets.

`normalize` and `same_repository` answer as Argo CD's ``util/git`` does. They fold case, which paths on many servers
do not: what is kept on disk goes by the stricter `cache_key`.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote, unquote

_SSH = re.compile(r"(?:ssh://)?(?P<user>[^/:]*?)@[^@]+\Z", re.DOTALL)
_SCP_HOST = re.compile(r"(?:[^/@]*@)*(?P<host>[^/:@]+):")
_SSH_HOST = re.compile(r"ssh://(?:[^/@]*@)*(?P<host>[^/:@]+)(?::(?P<port>[0-9]+))?(?:/|\Z)")
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:%@-]*@)?(?:\[[0-9a-fA-F:.]+\]|(?:[^\s:/?#\[\]@\"<>^`{|}\\%]|%[89A-Fa-f][0-9A-Fa-f])*)(?::[0-9]*)?\Z"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VALID_PATH = re.compile(r"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]%]*\Z")
_KEPT_IN_PATH = "$&+,/:;=@~"

_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/\s'\"<>]*)@")
_SECRET_PARAMETER = re.compile(r"(?i)([?&](?:\w*token|password|secret|api_?key|sig)=)[^&\s'\"]+")
_SHA = re.compile(r"[0-9a-fA-F]{40}\Z")
_TRUNCATED_SHA = re.compile(r"[0-9a-fA-F]{7,}\Z")


def normalize(url: str) -> str:
    """One spelling for all URLs of a repository: lower case, no ``.git``, no ``ssh://``; ``""`` for what is no URL."""
    text = url.strip().lower()
    if is_ssh(text) and not text.startswith("ssh://"):
        text = "ssh://" + text.replace(":", "/", 1)
    return _parsed(text.removesuffix(".git")).removeprefix("ssh://")


def normalize_or_same(url: str) -> str:
    """As `normalize`, with the URL itself where it is none."""
    return normalize(url) or url


def same_repository(a: str, b: str) -> bool:
    left, right = normalize_or_same(a), normalize_or_same(b)
    return bool(left) and left == right


def is_ssh(url: str) -> bool:
    return _SSH.match(url) is not None


def ssh_user(url: str) -> str:
    """The user of an SSH URL; ``""`` where it is none."""
    found = _SSH.match(url)
    return found["user"] if found else ""


def ssh_host(url: str) -> str:
    """``host:port`` of an SSH URL (port 22 where none is written); ``""`` where it is none."""
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


def _parsed(text: str) -> str:
    """The text as Go's ``net/url`` would parse and write it again; ``""`` where that is an error."""
    if _CONTROL.search(text) or _BAD_ESCAPE.search(text) or text.startswith(":"):
        return ""
    text, hash_mark, fragment = text.partition("#")
    text, question_mark, query = text.partition("?")
    scheme = _SCHEME.match(text)
    prefix, rest = (text[: scheme.end()], text[scheme.end() :]) if scheme else ("", text)
    if scheme and not rest.startswith("/"):
        return f"{text}{question_mark}{query}{hash_mark}{fragment}"
    if not scheme and ":" in rest.partition("/")[0]:
        return ""
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        if not _AUTHORITY.match(authority):
            return ""
        prefix, rest = f"{prefix}//{authority}", slash + path
    return f"{prefix}{_path(rest)}{question_mark}{query}{hash_mark}{fragment}"


def _path(path: str) -> str:
    return path if _VALID_PATH.match(path) else quote(unquote(path), safe=_KEPT_IN_PATH)
