"""Which context of a kubeconfig a destination means."""

from __future__ import annotations

import pytest

from gitops_tui.cluster.kubeconfig import ContextInfo
from gitops_tui.engine.session import named_context
from gitops_tui.errors import InvalidSpecError

PROD = ContextInfo("prod", "eu", "https://eu:6443", "ana")
AGAIN = ContextInfo("prod-shop", "eu", "https://eu:6443/", "ana", "shop")
ADMIN = ContextInfo("prod-admin", "eu", "https://eu:6443", "root")
OTHER = ContextInfo("eu", "us", "https://us:6443", "ana")


@pytest.mark.parametrize(
    ("wanted", "known", "name"),
    [
        ("prod", [PROD, OTHER], "prod"),
        ("eu", [PROD, AGAIN], "prod"),
        ("https://eu:6443", [PROD, AGAIN], "prod"),
        ("https://eu:6443/", [OTHER, PROD], "prod"),
        ("prod-admin", [PROD, ADMIN], "prod-admin"),
        ("eu", [PROD, ADMIN, OTHER], "eu"),
        ("nowhere", [PROD, ADMIN], None),
    ],
)
def test_one_context_is_meant(wanted: str, known: list[ContextInfo], name: str | None) -> None:
    found = named_context(wanted, known)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("wanted", ["eu", "https://eu:6443"])
def test_several_users_of_one_cluster_are_not_guessed_at(wanted: str) -> None:
    with pytest.raises(InvalidSpecError, match=r"prod \(user ana\), prod-shop \(user ana\), prod-admin") as caught:
        named_context(wanted, [PROD, AGAIN, ADMIN])
    assert caught.value.hint == f"Say which one is meant: clusters: {{{wanted!r}: prod}} in the settings."


def test_two_clusters_of_one_name_are_not_guessed_at() -> None:
    """Kubeconfigs that were merged by hand."""
    elsewhere = ContextInfo("staging", "eu", "https://staging:6443", "ana")
    with pytest.raises(InvalidSpecError, match="staging"):
        named_context("eu", [PROD, elsewhere])
