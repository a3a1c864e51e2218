"""What git said on stderr, as one of our errors: redacted, one sentence, with the way out."""

from __future__ import annotations

import re

from gitops_tui.errors import AuthRequired, RepositoryError
from gitops_tui.git.process import Result
from gitops_tui.git.url import redact

_AUTH = re.compile(
    r"could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|Permission denied \("
    r"|HTTP Basic: Access denied|error: 40[13]|Invalid username or|Host key verification failed"
    r"|Permission to .* denied|access denied|not authorized",
    re.IGNORECASE,
)
_HINTS = (
    (r"Host key verification failed", "Connect once by hand with ssh so that the host key is known."),
    (r"Permission denied \(", "Add the right key to the ssh agent and try again."),
    (
        r"Repository not found|does not appear to be a git repository|not found|does not exist",
        "Check the URL, and whether these credentials may see the repository.",
    ),
    (r"Could not resolve host|Name or service not known", "Check the host name and the network."),
    (
        r"Connection (?:refused|timed out)|Failed to connect|Operation too slow|Couldn't connect",
        "Check the network and try again.",
    ),
    (r"dubious ownership", "Run: git config --global --add safe.directory PATH"),
    (r"[Cc]ertificate|SSL", "Add the server's authority to git: http.sslCAInfo."),
    (r"No space left on device", "Make room on the disk of the cache."),
)
_AUTH_HINT = "Set up a credential helper or an ssh key with which `git fetch` works without asking."
_CORRUPT = re.compile(
    r"not a git repository|object file .* is empty|loose object .* is corrupt|packfile .* (?:cannot|is corrupt)"
    r"|bad object|inflate|unable to read (?:tree|sha1|[0-9a-f]{40})|invalid object|did not match|missing blob"
    r"|missing tree|index-pack failed|unresolved delta|non-monotonic index|bad (?:pack|index)|garbage at end",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^(?:warning|hint|remote: (?:Enumerating|Counting|Compressing|Total)|From |Cloning into|Auto pack)"
)
_LONGEST_MESSAGE = 300


def failure(what: str, result: Result, url: str) -> RepositoryError:
    """The error for a git that ended with a status other than 0."""
    said = redact(result.stderr)
    message = f"{what}: {_sentence(said, result.status)}"
    if _AUTH.search(said):
        return AuthRequired(message, url=redact(url), hint=_hint(said) or _AUTH_HINT)
    return RepositoryError(message, url=redact(url), hint=_hint(said))


def is_corruption(stderr: str) -> bool:
    """Whether what git says means that the mirror on disk is broken, not the remote."""
    return _CORRUPT.search(stderr) is not None


def _hint(said: str) -> str:
    return next((hint for pattern, hint in _HINTS if re.search(pattern, said)), "")


def _sentence(said: str, status: int) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not _NOISE.match(line)]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))] or lines[-1:]
    if not telling:
        return f"git ended with status {status}"
    text = re.sub(r"^(?:fatal|error|ERROR): ", "", telling[0])
    remote = next((line for line in lines if line.startswith("remote: ") and line not in telling), "")
    if remote and "remote" not in text[:8]:
        text = f"{text} ({remote.removeprefix('remote: ')})"
    return text[:_LONGEST_MESSAGE]
