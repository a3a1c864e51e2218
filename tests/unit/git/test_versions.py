"""Version constraints as targetRevision: tags only, pre-releases only where asked for, pins left alone."""

from __future__ import annotations

import pytest

from gitops_tui.git.mirror import Mirror
from gitops_tui.git.versions import is_constraint, is_version, newest
from tests.unit.git.conftest import Clone

_TAGS = ("v0.0.3", "v0.2.3", "v0.2.9", "v1.0.0", "v1.2.0", "v1.2.4", "v1.10.0", "v2.0.0-rc.2", "v2.0.0-rc.10", "other")


@pytest.mark.parametrize(
    ("constraint", "tag"),
    [
        ("*", "v1.10.0"),
        ("", None),
        ("1.0 || ", None),
        ("1.*", "v1.10.0"),
        ("v1.2.x", "v1.2.4"),
        ("~1.2", "v1.2.4"),
        ("~> 1.2.0", "v1.2.4"),
        ("~1", "v1.10.0"),
        ("^1.2", "v1.10.0"),
        ("^0.2.3", "v0.2.9"),
        ("^0.0.3", "v0.0.3"),
        (">=1.0 <1.10", "v1.2.4"),
        (">=1.0, <1.10", "v1.2.4"),
        ("1.0 - 1.2", "v1.2.4"),
        ("<=1.2", "v1.2.4"),
        ("<=1.2.0", "v1.2.0"),
        (">1.2", "v1.10.0"),
        (">1.x", None),
        ("!=1.10.0", "v1.2.4"),
        ("!=1.10.x", "v1.2.4"),
        ("!=1.x", "v0.2.9"),
        ("!=*-0 <0.1", "v0.0.3"),
        ("=1.2", "v1.2.4"),
        ("0.2.x || 1.0.x", "v1.0.0"),
        (">=1.0-0", "v2.0.0-rc.10"),
        ("2.*", None),
        (">=3", None),
        ("main", None),
        (">=1,", None),
        ("release-1.2", None),
    ],
)
def test_the_newest_tag(constraint: str, tag: str | None) -> None:
    assert newest(constraint, _TAGS) == tag
    assert newest(constraint, reversed(_TAGS)) == tag


def test_a_version_is_a_pin() -> None:
    assert is_version("1.0") and is_version("v1.2.3-rc.1+build") and not is_version("1.0.*")
    assert not is_version("1.0.0-01")
    assert is_constraint("1.x") and is_constraint(">= 1") and is_constraint("= 1.0") and not is_constraint("HEAD")
    assert not is_constraint("0.5.3") and not is_constraint("2024.03-LTS-RC19"), (
        "Argo CD IsConstraint: versions are not"
    )


def test_a_mirror_resolves_constraints_to_tags(clone: Clone, mirror: Mirror) -> None:
    first = clone.commit("one")
    clone.git("tag", "-a", "v1.0.0", "-m", "one")
    second = clone.commit("two")
    clone.git("tag", "v1.1.0")
    clone.git("tag", "1.x", "v1.0.0")
    third = clone.commit("three")
    clone.git("push", "--quiet", "origin", "--tags", "HEAD:refs/heads/2.x", "HEAD:refs/heads/1.9")
    mirror.fetch()
    assert mirror.resolve("~1.0") == first
    assert mirror.resolve("1.*") == mirror.resolve(">=1.0 <2") == second
    assert mirror.resolve("1.x") == second, "the newest tag that it allows, though there is one of its name"
    assert mirror.resolve("2.x") == third
    assert mirror.resolve("1.9") == third
    assert mirror.resolve("v1.0.0") == first
