"""Git's hosts: by which header each is known, how it shows its secret, and how its push is read.

Written after the providers' documentation of their webhooks; the order and the keys of secrets are Argo CD's
(``util/webhook``, ``om/webhook.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from gitops_tui.listener.route import Request
from gitops_tui.webhook.payload import Payload
from gitops_tui.webhook.push import HEADS, TAGS, Push, RefChange
from gitops_tui.webhook.secret import SecretOf, Verdict, by_password, by_signature, by_token

GITHUB_COMMITS = 2048
"""GitHub lists no more commits of a push than this."""
FILES = 20_000


class Provider(Struct, frozen=True):
    """``header`` tells that a request is this provider's. ``read`` is None for what is no push: a ping, an issue."""

    name: str
    header: str
    keys: tuple[str, ...]
    """Where its secret is looked for."""
    check: Callable[[Request, SecretOf], Verdict]
    read: Callable[[str, Payload], Push | None]
    """Of the event's name and the document."""
    event: str = ""
    """The header with the event's name, where that is another one."""

    def event_of(self, request: Request) -> str:
        return request.header(self.event or self.header)


def provider_of(request: Request) -> Provider | None:
    """The first that knows its header: Gitea sends Gogs' and GitHub's too, Gogs sends GitHub's."""
    return next((one for one in PROVIDERS if request.header(one.header)), None)


# --- GitHub, Gitea, Gogs: one shape with small differences


def _github(event: str, payload: Payload) -> Push | None:
    if event != "push":
        return None
    commits = payload.items("commits")
    is_told = len(commits) < GITHUB_COMMITS and payload.at("forced") is not True
    urls = _texts(payload, ("repository", "html_url"), ("repository", "clone_url"), ("repository", "ssh_url"))
    default = payload.text("repository", "default_branch")
    return _push(urls, [_change(payload.text("ref"), default)], _files(commits) if is_told else ())


def _gogs(event: str, payload: Payload) -> Push | None:
    """A created or deleted branch or tag is an event of its own, which names it without ``refs/``."""
    urls = _texts(payload, ("repository", "html_url"), ("repository", "clone_url"), ("repository", "ssh_url"))
    default = payload.text("repository", "default_branch")
    if event in ("create", "delete"):
        kind = TAGS if payload.text("ref_type") == "tag" else HEADS
        return _push(urls, [_change(kind + payload.text("ref").removeprefix(kind), default)], ())
    if event != "push":
        return None
    commits = payload.items("commits")
    total = payload.number("total_commits")
    return _push(
        urls, [_change(payload.text("ref"), default)], _files(commits) if total in (None, len(commits)) else ()
    )


# --- GitLab


def _gitlab(event: str, payload: Payload) -> Push | None:
    """Push, tag and system hooks; a push of more than twenty commits names only some of them."""
    if event not in ("Push Hook", "Tag Push Hook", "System Hook"):
        return None
    if (payload.text("object_kind") or payload.text("event_name")) not in ("push", "tag_push"):
        return None
    commits = payload.items("commits")
    urls = _texts(payload, ("project", "web_url"), ("project", "git_http_url"), ("project", "git_ssh_url"))
    change = _change(payload.text("ref"), payload.text("project", "default_branch"))
    is_told = payload.number("total_commits_count") in (None, len(commits))
    return _push(urls, [change], _files(commits) if is_told else ())


# --- Bitbucket


def _bitbucket_cloud(event: str, payload: Payload) -> Push | None:
    """The payload names no files and no default branch. ``new`` is null where a ref went, ``old`` where it came."""
    if event != "repo:push":
        return None
    moved = []
    for change in payload.items("push", "changes"):
        end = "new" if change.at("new") else "old"
        kind = TAGS if change.text(end, "type") in ("tag", "annotated_tag") else HEADS
        name = change.text(end, "name")
        moved += [_change(kind + name, None)] if name else []
    return _push(_texts(payload, ("repository", "links", "html", "href")), moved, ())


def _bitbucket_server(event: str, payload: Payload) -> Push | None:
    if event not in ("repo:refs_changed", "mirror:repo_synchronized"):
        return None
    clones = [one.text("href") for one in payload.items("repository", "links", "clone")]
    moved = [_change(one.text("ref", "id") or one.text("refId"), None) for one in payload.items("changes")]
    return _push(clones, moved, ())


# --- Azure DevOps


def _azure(_: str, payload: Payload) -> Push | None:
    if payload.text("eventType") != "git.push":
        return None
    default = payload.text("resource", "repository", "defaultBranch")
    moved = [_change(one.text("name"), default) for one in payload.items("resource", "refUpdates")]
    urls = _texts(payload, ("resource", "repository", "remoteUrl"), ("resource", "repository", "sshUrl"))
    return _push(urls, moved, ())


# --- what they share


def _push(urls: Iterable[str], moved: Iterable[RefChange], files: tuple[str, ...]) -> Push | None:
    """None where it names no repository or no ref: nothing can follow from it."""
    named = tuple(dict.fromkeys(url for url in urls if url))
    changes = tuple(dict.fromkeys(one for one in moved if one.short))
    return Push(named, changes, files) if named and changes else None


def _change(ref: str, default: str | None) -> RefChange:
    """``default``: the default branch's name, full or short; empty or None where the payload does not say."""
    name = ref if ref.startswith("refs/") or not ref else HEADS + ref
    if name.startswith(TAGS):
        return RefChange(name, False)
    return RefChange(name, name.removeprefix(HEADS) == default.removeprefix(HEADS) if default else None)


def _texts(payload: Payload, *paths: tuple[str, ...]) -> list[str]:
    return [payload.text(*path) for path in paths]


def _files(commits: Iterable[Payload]) -> tuple[str, ...]:
    """Every file that a commit names; none at all where there are too many to look through."""
    found: dict[str, None] = {}
    for commit in commits:
        for word in ("added", "modified", "removed"):
            found.update(dict.fromkeys(commit.texts(word)))
        if len(found) > FILES:
            return ()
    return tuple(found)


def _secret(keys: tuple[str, ...], secret_of: SecretOf) -> str:
    return next((found for key in keys if (found := secret_of(key))), "")


def _signed(keys: tuple[str, ...], **headers: str) -> Callable[[Request, SecretOf], Verdict]:
    named = {name.replace("_", "-"): algorithm for name, algorithm in headers.items()}
    return lambda request, secret_of: by_signature(request, named, _secret(keys, secret_of))


def _check_cloud(request: Request, secret_of: SecretOf) -> Verdict:
    """A hook's secret signs; its UUID, which is all that Argo CD knows, is only a name that others may learn."""
    secret = secret_of("bitbucket.secret")
    if secret:
        return by_signature(request, {"x-hub-signature": "sha256"}, secret)
    uuid = secret_of("bitbucket.uuid").strip("{}")
    given = Request(request.method, request.path, {"x-hook-uuid": request.header("x-hook-uuid").strip("{}")})
    return by_token(given, "x-hook-uuid", uuid)


_GITEA = ("gitea.secret", "gogs.secret")
_GOGS = ("gogs.secret",)
_GITHUB = ("github.secret",)
_GITLAB = ("gitlab.secret",)
_CLOUD = ("bitbucket.secret", "bitbucket.uuid")
_SERVER = ("bitbucketserver.secret",)
_AZURE = ("azuredevops.username", "azuredevops.password")

PROVIDERS = (
    Provider(
        "azuredevops",
        "X-Vss-ActivityId",
        _AZURE,
        lambda request, secret_of: by_password(request, secret_of(_AZURE[0]), secret_of(_AZURE[1])),
        _azure,
    ),
    Provider("gitea", "X-Gitea-Event", _GITEA, _signed(_GITEA, x_gitea_signature="sha256"), _gogs),
    Provider("gogs", "X-Gogs-Event", _GOGS, _signed(_GOGS, x_gogs_signature="sha256"), _gogs),
    Provider(
        "github",
        "X-GitHub-Event",
        _GITHUB,
        _signed(_GITHUB, x_hub_signature_256="sha256", x_hub_signature="sha1"),
        _github,
    ),
    Provider(
        "gitlab",
        "X-Gitlab-Event",
        _GITLAB,
        lambda request, secret_of: by_token(request, "X-Gitlab-Token", secret_of(_GITLAB[0])),
        _gitlab,
    ),
    Provider("bitbucket", "X-Hook-UUID", _CLOUD, _check_cloud, _bitbucket_cloud, "X-Event-Key"),
    Provider("bitbucketserver", "X-Event-Key", _SERVER, _signed(_SERVER, x_hub_signature="sha256"), _bitbucket_server),
)
"""Gitea's secret falls back to Gogs', under which Argo CD keeps it."""
