"""URLs as Go's ``net/url`` parses them and writes them again, which is how Argo CD finds one spelling for a URL.

An escape in a path stays as it is written where the path is a valid one; in a user's name and in a host it is written
anew. Source: ``net/url``, ``URL.String`` and ``URL.EscapedPath``.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")
_ADDRESS = re.compile(r"\[[0-9A-Fa-f:.]+\](?::[0-9]*)?\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=<>\"\]]|[^\x00-\x7f]|%(?:[89A-Fa-f][0-9A-Fa-f]|25))*(?::[0-9]*)?\Z")
_PATH = re.compile(r"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]%]*\Z")
_FRAGMENT = re.compile(r"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]%?]*\Z")
_KEPT_IN_USER = "$&+,;="
_KEPT_IN_HOST = "!$&'()*+,;=:[]<>\""
_KEPT_IN_PATH = "$&+,/:;=@"
_KEPT_IN_FRAGMENT = "$&+,/:;=?@!()*"


def rewritten(url: str) -> str:
    """The URL as Go writes it after it has read it; raises ValueError where it cannot be read."""
    rest, _, fragment = url.partition("#")
    if _CONTROL.search(rest) or rest.startswith(":"):
        raise ValueError("it has a control character, or no scheme before its colon")
    found = _SCHEME.match(rest)
    scheme, rest = (found["scheme"].lower() + ":", rest[found.end() :]) if found else ("", rest)
    rest, question_mark, query = rest.partition("?")
    # What follows the scheme without a slash (mailto:a@b) is taken as it stands.
    place = rest if scheme and not rest.startswith("/") else _place(rest, has_scheme=bool(scheme))
    end = f"#{_escaped(fragment, _FRAGMENT, _KEPT_IN_FRAGMENT)}" if fragment else ""
    return f"{scheme}{place}{question_mark}{query}{end}"


def _place(text: str, *, has_scheme: bool) -> str:
    if not has_scheme and ":" in text.partition("/")[0]:
        raise ValueError("the first part of its path has a colon")
    has_authority = text.startswith("//") and (has_scheme or not text.startswith("///"))
    if not has_authority:
        return _escaped(text, _PATH, _KEPT_IN_PATH)
    authority, slash, path = text[2:].partition("/")
    return f"//{_authority(authority)}{_escaped(slash + path, _PATH, _KEPT_IN_PATH)}"


def _authority(text: str) -> str:
    users, mark, host = text.rpartition("@")
    _check_escapes(users)
    if not _USER.match(users):
        raise ValueError("its user has a character that none may have")
    if not (_ADDRESS.match(host) or _HOST.match(host)):
        raise ValueError("its host is none")
    name, colon, password = users.partition(":")
    user = f"{_again(name, _KEPT_IN_USER)}{colon}{_again(password, _KEPT_IN_USER)}"
    return f"{user}{mark}{_again(host, _KEPT_IN_HOST)}"


def _escaped(text: str, valid: re.Pattern[str], kept: str) -> str:
    """As it is written where that is valid, else with its escapes made anew."""
    _check_escapes(text)
    return text if valid.match(text) else _again(text, kept)


def _again(text: str, kept: str) -> str:
    return quote(unquote_to_bytes(text), safe=kept)


def _check_escapes(text: str) -> None:
    if _BAD_ESCAPE.search(text):
        raise ValueError("a percent sign in it begins no escape")
