"""Whether a webhook knows its secret; compared in a time that tells nothing of it.

``SecretOf`` gives a secret by Argo CD's key without ``webhook.`` in front (``github.secret``); empty: none is set.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum

from gitops_tui.listener.route import Request

SecretOf = Callable[[str], str]


class Verdict(StrEnum):
    """``UNCHECKED``: no secret is set. ``MISSING``: one is, and the request brought none."""

    UNCHECKED = "unchecked"
    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"


def is_same(a: str, b: str) -> bool:
    """Not even the lengths show: what is compared are hashes."""
    left, right = (hashlib.sha256(one.encode("utf-8", "surrogateescape")).digest() for one in (a, b))
    return hmac.compare_digest(left, right)


def by_token(request: Request, header: str, secret: str) -> Verdict:
    """The secret itself stands in a header."""
    if not secret:
        return Verdict.UNCHECKED
    if not request.header(header):
        return Verdict.MISSING
    return Verdict.GOOD if is_same(request.header(header), secret) else Verdict.WRONG


def by_signature(request: Request, headers: dict[str, str], secret: str) -> Verdict:
    """An HMAC of the body. ``headers``: the headers that may have it with their algorithms; the first there counts.

    The algorithm may stand in front (``sha256=…``), and is never chosen by the request.
    """
    if not secret:
        return Verdict.UNCHECKED
    for header, algorithm in headers.items():
        given = request.header(header).strip()
        if given:
            wanted = hmac.new(secret.encode(), request.body, algorithm).hexdigest()
            return Verdict.GOOD if is_same(given.removeprefix(f"{algorithm}=").lower(), wanted) else Verdict.WRONG
    return Verdict.MISSING


def by_password(request: Request, user: str, password: str) -> Verdict:
    """Basic authentication (RFC 7617)."""
    if not user and not password:
        return Verdict.UNCHECKED
    scheme, _, given = request.header("authorization").partition(" ")
    if scheme.lower() != "basic" or not given:
        return Verdict.MISSING
    try:
        pair = base64.b64decode(given.strip(), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return Verdict.WRONG
    return Verdict.GOOD if is_same(pair, f"{user}:{password}") else Verdict.WRONG
