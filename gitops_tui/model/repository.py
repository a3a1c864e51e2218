"""Which URLs mean the same repository; answers as Argo CD's ``util/git`` does."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

SSH = re.compile(r"(?:ssh://)?(?P<user>[^/:]*?)@[^@]+\Z", re.DOTALL)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:%@-]*@)?(?:\[[0-9a-fA-F:.]+\]|(?:[^\s:/?#\[\]@\"<>^`{|}\\%]|%[89A-Fa-f][0-9A-Fa-f])*)(?::[0-9]*)?\Z"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VALID_PATH = re.compile(r"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]%]*\Z")
_KEPT_IN_PATH = "$&+,/:;=@~"


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
    return SSH.match(url) is not None


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
