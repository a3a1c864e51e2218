"""Objects as a command line names them."""

from __future__ import annotations

import pytest

from gitops_tui.cli.selection import carries, parse_label, parse_selector, selected
from gitops_tui.errors import ConfigError
from gitops_tui.model.resource import ResourceKey

WEB = ResourceKey("apps", "Deployment", "shop", "web")
API = ResourceKey("apps", "Deployment", "other", "api")
SERVICE = ResourceKey("", "Service", "shop", "web")
ROLE = ResourceKey("rbac.authorization.k8s.io", "ClusterRole", "", "web")
ALL = (WEB, API, SERVICE, ROLE)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([], ALL),
        (["apps:Deployment:web"], (WEB,)),
        (["apps:Deployment:shop/web"], (WEB,)),
        (["apps:Deployment:other/web"], ()),
        ([":Service:web"], (SERVICE,)),
        (["*:*:web"], (WEB, SERVICE, ROLE)),
        (["*:*:shop/*"], (WEB, SERVICE)),
        (["!apps:Deployment:*"], (SERVICE, ROLE)),
        (["apps:Deployment:*", "!*:*:other/*"], (WEB,)),
        ([":Service:web", "apps:Deployment:api"], (API, SERVICE)),
    ],
)
def test_what_is_chosen(texts: list[str], found: tuple[ResourceKey, ...]) -> None:
    assert selected(ALL, [parse_selector(text) for text in texts]) == found


@pytest.mark.parametrize("text", ["", "Deployment", "apps:Deployment", "apps::web", "apps:Deployment:", "a:b:c:d"])
def test_what_names_nothing(text: str) -> None:
    with pytest.raises(ConfigError, match="GROUP:KIND"):
        parse_selector(text)


def test_labels() -> None:
    assert parse_label("tier=front=end") == ("tier", "front=end")
    assert carries({"tier": "front", "a": "b"}, [("tier", "front")])
    assert not carries({"tier": "front"}, [("tier", "front"), ("a", "b")])
    with pytest.raises(ConfigError, match="KEY=VALUE"):
        parse_label("tier")
