"""What the authorizer refuses, in a person's words."""

from __future__ import annotations

import pytest

from gitops_tui.model.refused import plainly


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'applications.argoproj.io "shop" is forbidden: User "viewer" cannot patch resource "applications" in API '
            'group "argoproj.io" in the namespace "argocd"',
            'viewer may not patch applications.argoproj.io "shop" in namespace argocd',
        ),
        (
            'nodes is forbidden: User "system:serviceaccount:ci:bot" cannot list resource "nodes" in API group "" at '
            "the cluster scope",
            "system:serviceaccount:ci:bot may not list nodes in the whole cluster",
        ),
        (
            'deployments.apps "x" is forbidden: User "ana" cannot patch resource "deployments/scale" in API group '
            '"apps" in the namespace "a": RBAC: role "r" not found',
            'ana may not patch deployments.apps/scale "x" in namespace a: RBAC: role "r" not found',
        ),
        (
            'Applications may not be listed: applications.argoproj.io is forbidden: User "ana" cannot list resource '
            '"applications" in API group "argoproj.io" at the cluster scope',
            "Applications may not be listed: ana may not list applications.argoproj.io in the whole cluster",
        ),
        (
            'configmaps "a" is forbidden: exceeded quota: compute',
            'configmaps "a" is forbidden: exceeded quota: compute',
        ),
        ("", ""),
    ],
)
def test_who_may_not_do_what(message: str, words: str) -> None:
    assert plainly(message) == words
