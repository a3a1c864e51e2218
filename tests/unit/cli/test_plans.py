"""A plan in words, at a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.cli.plans import say_plan
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Plan, PlanKind, RevertPart
from tests.tui import world

SHOP = AppKey("argocd", "shop")


def told(capsys: pytest.CaptureFixture[str], **more: Any) -> list[str]:
    known: dict[str, Any] = {"number": 1, "kind": PlanKind.SYNC, "apps": (SHOP,), "cluster": "kind", "items": ()}
    known |= {"namespaces": ("shop",), "revisions": {SHOP: (world.RAISE_TTL.sha,)}, "made_at": world.NOW}
    say_plan(Plan(**{**known, "commits": {SHOP: (world.RAISE_TTL,)}, **more}))
    return capsys.readouterr().err.splitlines()


def revert(**more: Any) -> RevertPart:
    commit = world.RAISE_TTL
    return RevertPart((commit,), "main", commit.sha, "f" * 40, "Revert", ("apps/shop/a.yaml",), "", **more)


def test_who_else_reads_the_files_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    readers = (AppKey("argocd", "gateway"), AppKey("team", "docs"))
    lines = told(capsys, kind=PlanKind.REVERT, revert=revert(also_affects=readers))
    assert [one for one in lines if "read by" in one] == [
        "  warning: these files are also read by argocd/gateway, team/docs"
    ]
    assert not [one for one in told(capsys, kind=PlanKind.REVERT, revert=revert()) if "read by" in one]


def test_a_plan_names_its_commit_and_of_several_sources_whose_each_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert [one for one in told(capsys) if one.startswith("  at ")] == ["  at 3f2c1ab raise token ttl (Ana)"]
    several = {"commits": {SHOP: (world.RAISE_TTL, world.BUMP)}, "sources": {SHOP: ("manifests", "charts")}}
    assert [one for one in told(capsys, **several) if one.startswith("  at ")] == [
        "  at manifests 3f2c1ab raise token ttl (Ana)",
        "  at charts 91be07d chore: bump auth image to a1b2c3d (deploy-bot)",
    ]
    assert not [one for one in told(capsys, kind=PlanKind.REVERT, revert=revert()) if one.startswith("  at ")]


def test_a_revert_says_which_repository_where_there_are_several(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, kind=PlanKind.REVERT, revert=revert(repository="https://git.example.com/charts"))
    assert "  on main of https://git.example.com/charts at 3f2c1ab, files: apps/shop/a.yaml" in lines
    assert "  on main at 3f2c1ab, files: apps/shop/a.yaml" in told(capsys, kind=PlanKind.REVERT, revert=revert())
