"""What a push is, whoever hosts the repository."""

from __future__ import annotations

import re
from urllib.parse import unquote

from msgspec import Struct

HEADS = "refs/heads/"
TAGS = "refs/tags/"
_URL = re.compile(
    r"(?:(?:https?|ssh)://)?(?:[^/@\s]*@)?(?:(?:alt)?ssh\.)?(?P<host>\[[0-9a-f:.]+\]|[^/:@\s]+)(?::[0-9]+(?=[:/]))?[:/]+(?P<path>.+)\Z",
    re.IGNORECASE | re.DOTALL,
)
_AZURE_SSH = re.compile(r"v3/(?P<organisation>[^/]+)/(?P<project>[^/]+)/(?P<name>[^/]+)\Z")


class RefChange(Struct, frozen=True):
    """A ref that moved, came or went. ``name`` is full: ``refs/heads/main``, ``refs/tags/v1``.

    ``is_default``: whether it is the branch that HEAD means; None where the payload does not say.
    """

    name: str
    is_default: bool | None = False

    @property
    def is_tag(self) -> bool:
        return self.name.startswith(TAGS)

    @property
    def short(self) -> str:
        """``main`` of ``refs/heads/main``; slashes of the name itself stay."""
        return self.name.removeprefix(HEADS).removeprefix(TAGS)


class Push(Struct, frozen=True):
    """``urls`` name one repository. ``files`` are all that changed, or empty where the payload does not tell all."""

    urls: tuple[str, ...]
    changes: tuple[RefChange, ...]
    files: tuple[str, ...] = ()


def repository_of(url: str) -> str:
    """One spelling for all URLs under which a repository is written: ``host/path``; ``""`` for what is no URL.

    As Argo CD matches a push with a ``repoURL`` (``util/webhook`` GetWebURLRegex): case, scheme, user, port, an
    ``ssh.`` in front of the host and ``.git`` do not count. Azure DevOps names its repositories otherwise over SSH.
    """
    found = _URL.match(url.strip())
    if found is None:
        return ""
    path = unquote(found["path"]).lower().strip("/").removesuffix(".git").rstrip("/")
    azure = _AZURE_SSH.match(path)
    if azure is not None:
        path = f"{azure['organisation']}/{azure['project']}/_git/{azure['name']}"
    return f"{found['host'].lower()}/{path}" if path else ""
