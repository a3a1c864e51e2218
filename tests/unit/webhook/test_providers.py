"""Each provider's push becomes the same value."""

# ruff: noqa: E501 - tables

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.listener.route import Request
from gitops_tui.webhook.payload import BadPayload, Payload
from gitops_tui.webhook.provider import GITHUB_COMMITS, provider_of
from gitops_tui.webhook.push import Push, RefChange, repository_of
from tests.unit.webhook.payloads import (
    ZERO,
    azure,
    bitbucket,
    bitbucket_change,
    bitbucket_server,
    body,
    commit,
    gitea,
    github,
    gitlab,
    gogs,
)

GITHUB = {"x-github-event": "push"}
GITEA = {"x-gitea-event": "push", "x-gogs-event": "push", "x-github-event": "push"}
GOGS = {"x-gogs-event": "push", "x-github-event": "push"}
GITLAB = {"x-gitlab-event": "Push Hook"}
CLOUD = {"x-hook-uuid": "7c5a1d1f", "x-event-key": "repo:push"}
SERVER = {"x-event-key": "repo:refs_changed"}
AZURE = {"x-vss-activityid": "1"}
MAIN, DEFAULT, PERHAPS = "refs/heads/main", True, None
FILE = ("apps/api/deployment.yaml",)


def read(headers: dict[str, str], document: object) -> Push | None:
    request = Request("POST", "/api/webhook", headers, body(document))
    provider = provider_of(request)
    assert provider is not None
    return provider.read(provider.event_of(request), Payload.read(request.body, "application/json"))


CASES: list[tuple[str, dict[str, str], Any, str, tuple[RefChange, ...], tuple[str, ...]]] = [
    ("github", GITHUB, github(), "github.com/yourorg/k8s-manifests", (RefChange(MAIN, DEFAULT),), (*FILE, "docs/a.md", "docs/b.md")),
    ("github branch", GITHUB, github("refs/heads/a/b"), "github.com/yourorg/k8s-manifests", (RefChange("refs/heads/a/b"),), (*FILE, "docs/a.md", "docs/b.md")),
    ("github tag", GITHUB, github("refs/tags/v1.2.3", commits=[], created=True), "github.com/yourorg/k8s-manifests", (RefChange("refs/tags/v1.2.3"),), ()),
    ("github gone", GITHUB, github("refs/heads/old", after=ZERO, deleted=True, commits=[]), "github.com/yourorg/k8s-manifests", (RefChange("refs/heads/old"),), ()),
    ("github forced", GITHUB, github(forced=True), "github.com/yourorg/k8s-manifests", (RefChange(MAIN, DEFAULT),), ()),
    ("github truncated", GITHUB, github(commits=[commit(added=["a"])] * GITHUB_COMMITS), "github.com/yourorg/k8s-manifests", (RefChange(MAIN, DEFAULT),), ()),
    ("gitea", GITEA, gitea(), "localhost/gitea/webhooks", (RefChange(MAIN, DEFAULT),), FILE),
    ("gitea truncated", GITEA, gitea(total_commits=30), "localhost/gitea/webhooks", (RefChange(MAIN, DEFAULT),), ()),
    ("gitea new tag", {**GITEA, "x-gitea-event": "create"}, gitea("v2", ref_type="tag"), "localhost/gitea/webhooks", (RefChange("refs/tags/v2"),), ()),
    ("gogs", GOGS, gogs(), "localhost/gitea/webhooks", (RefChange(MAIN, DEFAULT),), FILE),
    ("gogs gone", {**GOGS, "x-gogs-event": "delete"}, gogs("old", ref_type="branch"), "localhost/gitea/webhooks", (RefChange("refs/heads/old"),), ()),
    ("gitlab", GITLAB, gitlab(), "example.com/mike/diaspora", (RefChange(MAIN, DEFAULT),), ("app/controller/application.rb",)),
    ("gitlab truncated", GITLAB, gitlab(total_commits_count=21), "example.com/mike/diaspora", (RefChange(MAIN, DEFAULT),), ()),
    ("gitlab tag", {"x-gitlab-event": "Tag Push Hook"}, gitlab("refs/tags/v1", "tag_push", commits=[], total_commits_count=0), "example.com/mike/diaspora", (RefChange("refs/tags/v1"),), ()),
    ("gitlab system", {"x-gitlab-event": "System Hook"}, {**gitlab(), "object_kind": None}, "example.com/mike/diaspora", (RefChange(MAIN, DEFAULT),), ("app/controller/application.rb",)),
    ("bitbucket", CLOUD, bitbucket(), "bitbucket.org/team/k8s", (RefChange(MAIN, PERHAPS),), ()),
    ("bitbucket several", CLOUD, bitbucket(bitbucket_change(), bitbucket_change("tag", "v1"), bitbucket_change(name="x", gone=True)), "bitbucket.org/team/k8s", (RefChange(MAIN, None), RefChange("refs/tags/v1"), RefChange("refs/heads/x", None)), ()),
    ("bitbucket server", SERVER, bitbucket_server("refs/heads/main", "refs/tags/v1"), "bitbucket.example.com/proj/k8s", (RefChange(MAIN, None), RefChange("refs/tags/v1")), ()),
    ("azure", AZURE, azure("refs/heads/main", "refs/heads/dev"), "dev.azure.com/org/my project/_git/k8s", (RefChange(MAIN, True), RefChange("refs/heads/dev")), ()),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "document", "repository", "changes", "files"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])  # fmt: skip
def test_pushes(
    headers: dict[str, str], document: Any, repository: str, changes: tuple[RefChange, ...], files: tuple[str, ...]
) -> None:
    push = read(headers, document)
    assert push is not None
    assert repository in {repository_of(url) for url in push.urls}
    assert push.changes == changes
    assert push.files == files


NO_PUSH: list[tuple[dict[str, str], Any]] = [
    ({"x-github-event": "ping"}, {"zen": "Keep it logically awesome.", "hook_id": 1}),
    ({"x-github-event": "issues"}, github()),
    ({"x-gitlab-event": "Merge Request Hook"}, gitlab(kind="merge_request")),
    ({"x-gitlab-event": "System Hook"}, {"event_name": "project_create", "path": "x"}),
    ({"x-event-key": "diagnostics:ping"}, {"test": True}),
    ({**CLOUD, "x-event-key": "issue:created"}, bitbucket()),
    (AZURE, {"eventType": "workitem.created", "resource": {}}),
    (GITHUB, {}),
    (GITHUB, {"ref": "refs/heads/main"}),
    (GITHUB, {**github(), "ref": ["refs/heads/main"]}),
    (GITHUB, {**github(), "repository": "yourorg"}),
    (GITHUB, {**github(), "ref": "refs/heads/" + "x" * 5000}),
    (CLOUD, {**bitbucket(), "push": {"changes": [None, 3, {"new": {"name": 7}}]}}),
    (SERVER, {**bitbucket_server(), "repository": {"links": {"clone": [{"href": 1}, "x"]}}}),
    (SERVER, {**bitbucket_server(), "repository": None}),
    (AZURE, {**azure(), "resource": {"refUpdates": None}}),
]


@pytest.mark.parametrize(("headers", "document"), NO_PUSH)
def test_what_is_no_push_or_not_as_documented_is_none(headers: dict[str, str], document: Any) -> None:
    assert read(headers, document) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b'"x"', b"\xff\xfe", b'{"a": "\xe9"}', b"[" * 100_000, b'{"a":' * 100_000, b"null",
     b'{"a": ' + b"9" * 10_000 + b"}"],
)  # fmt: skip
def test_what_is_no_json_object_says_so_and_nothing_of_it(content: bytes) -> None:
    with pytest.raises(BadPayload, match=r"^the body is no JSON( object)?$"):
        Payload.read(content, "application/json")


def test_a_form_carries_json() -> None:
    form = b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%7D"
    assert Payload.read(form, "application/x-www-form-urlencoded; charset=utf-8").text("ref") == "refs/heads/main"
    with pytest.raises(BadPayload):
        Payload.read(form, "application/json")


def test_nobody_known_sends_it() -> None:
    assert provider_of(Request("POST", "/api/webhook", {"x-event": "push"}, b"{}")) is None


SAME = "https://github.com/Org/Repo"
SPELLINGS = (
    "https://github.com/org/repo", "https://github.com/org/repo.git", "https://github.com/org/repo/",
    "http://github.com/org/repo", "https://user@github.com/org/repo", "https://user:token@github.com/org/repo.git",
    "https://github.com:443/org/repo", "git@github.com:org/repo.git", "git@github.com:org/repo",
    "ssh://git@github.com/org/repo.git", "ssh://git@github.com:22/org/repo", "ssh://git@ssh.github.com:443/org/repo",
    "git@altssh.github.com:org/repo", "org-123@github.com:org/repo", "github.com/org/repo", "HTTPS://GITHUB.COM/ORG/REPO.GIT",
)  # fmt: skip
OTHERS = (
    "https://github.com/org/repo2", "https://github.com/org/repo/tree", "https://github.com/org", "https://gitlab.com/org/repo",
    "https://evil.com/github.com/org/repo", "https://github.com.evil.com/org/repo", "git@github.com:other/repo",
    "file:///srv/org/repo", "", "repo", "https://", "https://github.com",
)  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_spellings_of_one_repository(url: str) -> None:
    assert repository_of(url) == repository_of(SAME) == "github.com/org/repo"


@pytest.mark.parametrize("url", OTHERS)
def test_other_repositories(url: str) -> None:
    assert repository_of(url) != repository_of(SAME)


def test_azure_devops_over_ssh_is_the_same() -> None:
    https = "https://dev.azure.com/org/My%20Project/_git/k8s"
    assert repository_of("git@ssh.dev.azure.com:v3/org/My%20Project/k8s") == repository_of(https)
    assert repository_of("https://org@dev.azure.com/org/My Project/_git/k8s") == repository_of(https)
