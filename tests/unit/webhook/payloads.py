"""Payloads as the providers' documentation shows them, cut down to what surrounds the parts that are read."""

from __future__ import annotations

import json
from typing import Any

BEFORE = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
AFTER = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c"
ZERO = "0" * 40


def commit(**files: list[str]) -> dict[str, Any]:
    people = {"name": "Ada", "email": "ada@example.com"}
    return {"id": AFTER, "message": "change", "author": people, "added": [], "removed": [], "modified": [], **files}


def github(ref: str = "refs/heads/main", **changes: Any) -> dict[str, Any]:
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#push"""
    return {
        "ref": ref,
        "before": BEFORE,
        "after": AFTER,
        "repository": {
            "id": 1296269,
            "full_name": "yourorg/k8s-manifests",
            "html_url": "https://github.com/yourorg/k8s-manifests",
            "clone_url": "https://github.com/yourorg/k8s-manifests.git",
            "ssh_url": "git@github.com:yourorg/k8s-manifests.git",
            "default_branch": "main",
        },
        "pusher": {"name": "ada", "email": "ada@example.com"},
        "created": False,
        "deleted": False,
        "forced": False,
        "commits": [commit(modified=["apps/api/deployment.yaml"]), commit(added=["docs/a.md"], removed=["docs/b.md"])],
        "head_commit": commit(added=["docs/a.md"], removed=["docs/b.md"]),
        **changes,
    }


def gitea(ref: str = "refs/heads/main", **changes: Any) -> dict[str, Any]:
    """https://docs.gitea.com/usage/webhooks"""
    return {
        "ref": ref,
        "before": BEFORE,
        "after": AFTER,
        "compare_url": "http://localhost:3000/gitea/webhooks/compare/a...b",
        "commits": [commit(modified=["apps/api/deployment.yaml"])],
        "total_commits": 1,
        "repository": {
            "id": 140,
            "full_name": "gitea/webhooks",
            "html_url": "http://localhost:3000/gitea/webhooks",
            "ssh_url": "ssh://gitea@localhost:2222/gitea/webhooks.git",
            "clone_url": "http://localhost:3000/gitea/webhooks.git",
            "default_branch": "main",
        },
        **changes,
    }


def gogs(ref: str = "refs/heads/main", **changes: Any) -> dict[str, Any]:
    """https://gogs.io/docs/features/webhook: as Gitea's, without a count of commits."""
    found = gitea(ref, **changes)
    del found["total_commits"]
    return found


def gitlab(ref: str = "refs/heads/main", kind: str = "push", **changes: Any) -> dict[str, Any]:
    """https://docs.gitlab.com/user/project/integrations/webhook_events/"""
    return {
        "object_kind": kind,
        "event_name": kind,
        "before": BEFORE,
        "after": AFTER,
        "ref": ref,
        "checkout_sha": AFTER,
        "project": {
            "id": 15,
            "name": "Diaspora",
            "web_url": "http://example.com/mike/diaspora",
            "git_ssh_url": "git@example.com:mike/diaspora.git",
            "git_http_url": "http://example.com/mike/diaspora.git",
            "path_with_namespace": "mike/diaspora",
            "default_branch": "main",
        },
        "commits": [commit(modified=["app/controller/application.rb"])],
        "total_commits_count": 1,
        **changes,
    }


def bitbucket(*changes: dict[str, Any]) -> dict[str, Any]:
    """https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push"""
    return {
        "actor": {"type": "user", "display_name": "Ada"},
        "repository": {
            "type": "repository",
            "name": "k8s",
            "full_name": "team/k8s",
            "links": {
                "self": {"href": "https://api.bitbucket.org/2.0/repositories/team/k8s"},
                "html": {"href": "https://bitbucket.org/team/k8s"},
            },
        },
        "push": {"changes": list(changes) or [bitbucket_change()]},
    }


def bitbucket_change(kind: str = "branch", name: str = "main", gone: bool = False) -> dict[str, Any]:
    ref = {"type": kind, "name": name, "target": {"type": "commit", "hash": AFTER}}
    return {"new": None if gone else ref, "old": ref if gone else None, "created": not gone, "closed": gone}


def bitbucket_server(*refs: str) -> dict[str, Any]:
    """https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html"""
    return {
        "eventKey": "repo:refs_changed",
        "date": "2026-11-28T10:48:36+1100",
        "actor": {"name": "admin", "id": 1},
        "repository": {
            "slug": "k8s",
            "id": 84,
            "project": {"key": "PROJ", "id": 84},
            "links": {
                "clone": [
                    {"href": "ssh://git@bitbucket.example.com:7999/proj/k8s.git", "name": "ssh"},
                    {"href": "https://bitbucket.example.com/scm/proj/k8s.git", "name": "http"},
                ],
                "self": [{"href": "https://bitbucket.example.com/projects/PROJ/repos/k8s/browse"}],
            },
        },
        "changes": [
            {
                "ref": {"id": ref, "displayId": ref.rpartition("/")[2], "type": "BRANCH"},
                "refId": ref,
                "fromHash": BEFORE,
                "toHash": AFTER,
                "type": "UPDATE",
            }
            for ref in refs or ("refs/heads/main",)
        ],
    }


def azure(*refs: str) -> dict[str, Any]:
    """https://learn.microsoft.com/en-us/azure/devops/service-hooks/events#git.push"""
    return {
        "subscriptionId": "00000000-0000-0000-0000-000000000000",
        "eventType": "git.push",
        "publisherId": "tfs",
        "message": {"text": "Ada pushed updates"},
        "resource": {
            "commits": [{"commitId": AFTER, "comment": "change"}],
            "refUpdates": [
                {"name": ref, "oldObjectId": BEFORE, "newObjectId": AFTER} for ref in refs or ("refs/heads/main",)
            ],
            "repository": {
                "id": "278d5cd2-584d-4b63-824a-2ba458937249",
                "name": "k8s",
                "url": "https://dev.azure.com/org/_apis/git/repositories/278d5cd2",
                "defaultBranch": "refs/heads/main",
                "remoteUrl": "https://org@dev.azure.com/org/My%20Project/_git/k8s",
            },
            "pushId": 14,
        },
        "resourceVersion": "1.0",
    }


def body(document: object) -> bytes:
    return json.dumps(document).encode()
