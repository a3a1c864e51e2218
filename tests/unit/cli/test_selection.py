"""Objects as a command line names them."""

from __future__ import annotations

import argparse
import re

import pytest

from gitops_tui.cli.operations import run_sync
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.parser import build_parser
from gitops_tui.cli.selection import carries, parse_label, parse_selector, revisions_of, selected
from gitops_tui.errors import ConfigError
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.reader import Origin
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


def several(count: int) -> Application:
    sources = [{"repoURL": "https://git.example.com/r", "path": str(number)} for number in range(count)]
    spec = {"sources": sources, "destination": {"name": "in-cluster"}}
    return parse_application({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin())


def flags(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(["app", "diff", "shop", *words])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ()),
        (("--revisions", "v1", "--source-positions", "2"), ("", "v1", "")),
        (("--revisions", "a,b", "--source-positions", "3,1"), ("b", "", "a")),
        (
            ("--revisions", "a", "--source-positions", "1", "--revisions", "b", "--source-positions", "2"),
            ("a", "b", ""),
        ),
    ],
)
def test_a_revision_for_each_source(words: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert revisions_of(several(3), flags(*words)) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--revisions", "a"), "1 --revisions and 0 --source-positions"),
        (("--revisions", "a", "--source-positions", "1,2"), "1 --revisions and 2 --source-positions"),
        (("--revisions", "a", "--source-positions", "0"), "--source-positions 0: shop has 2 sources"),
        (("--revisions", "a", "--source-positions", "3"), "--source-positions 3: shop has 2 sources"),
        (("--revisions", "a", "--source-positions", "x"), "--source-positions x: shop has 2 sources"),
        (("--revisions", "a", "--source-positions", "1", "--revision", "b"), "exclude each other"),
    ],
)
def test_which_sources_are_meant_must_be_clear(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        revisions_of(several(2), flags(*words))


@pytest.mark.parametrize("words", [("--revision", "v1"), ("--revisions", "v1", "--source-positions", "1")])
def test_a_folder_is_of_no_revision(words: tuple[str, ...]) -> None:
    parsed = build_parser().parse_args(["app", "sync", "shop", "--local", "folder", *words])
    with pytest.raises(ConfigError, match=f"--local and {words[0]} exclude each other"):
        run_sync(parsed, GlobalOptions())
