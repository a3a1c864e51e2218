"""Which URLs mean the same repository; answers as Argo CD's ``util/git`` does."""

from __future__ import annotations

import re

from gitops_tui.model import neturl

SSH = re.compile(r"(?:ssh://)?(?P<user>[^/:]*?)@[^@]+\Z", re.DOTALL)


def normalize(url: str) -> str:
    """One spelling for all URLs of a repository: lower case, no ``.git``, no ``ssh://``; ``""`` for what is no URL."""
    text = url.strip().lower()
    if is_ssh(text) and not text.startswith("ssh://"):
        text = "ssh://" + text.replace(":", "/", 1)
    try:
        return neturl.rewritten(text.removesuffix(".git")).removeprefix("ssh://")
    except ValueError:
        return ""


def normalize_or_same(url: str) -> str:
    """As `normalize`, with the URL itself where it is none."""
    return normalize(url) or url


def same_repository(a: str, b: str) -> bool:
    left, right = normalize_or_same(a), normalize_or_same(b)
    return bool(left) and left == right


def is_ssh(url: str) -> bool:
    return SSH.match(url) is not None
