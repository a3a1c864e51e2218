"""Which Applications a push concerns, and that many pushes are few refreshes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from gitops_tui.engine.pushes import Pushes, concerned, follows
from gitops_tui.model.application import AppKey, Application, Origin, parse_application
from gitops_tui.webhook.push import Push, RefChange

URL = "https://github.com/org/repo"
MAIN = RefChange("refs/heads/main", True)


def app(name: str, *sources: dict[str, str], paths: str = "") -> Application:
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "annotations": {"argocd.argoproj.io/manifest-generate-paths": paths} if paths else {},
        },
        "spec": {
            "project": "default",
            "sources": [{"repoURL": URL, "path": name, **source} for source in sources or ({},)],
            "destination": {"server": "https://kubernetes.default.svc"},
        },
    }
    return parse_application(document, origin=Origin())


def names(push: Push, *apps: Application) -> list[str]:
    return [key.name for key in concerned(apps, push)]


FOLLOWS = [
    ("", MAIN, True),
    ("HEAD", MAIN, True),
    ("HEAD", RefChange("refs/heads/dev", False), False),
    ("HEAD", RefChange("refs/heads/dev", None), True),
    ("HEAD", RefChange("refs/tags/v1"), False),
    ("main", MAIN, True),
    ("refs/heads/main", MAIN, True),
    ("dev", MAIN, False),
    ("feature/x", RefChange("refs/heads/feature/x"), True),
    ("x", RefChange("refs/heads/feature/x"), False),
    ("v1.2.3", RefChange("refs/tags/v1.2.3"), True),
    ("refs/tags/v1", RefChange("refs/tags/v1"), True),
    ("refs/tags/v1", RefChange("refs/heads/v1"), False),
    ("refs/heads/v1", RefChange("refs/tags/v1"), False),
    ("1.*", RefChange("refs/tags/v1.9.0"), True),
    ("1.*", RefChange("refs/tags/v2.0.0"), False),
    ("1.*", RefChange("refs/tags/1.5.0-rc1"), False),
    ("1.*", RefChange("refs/heads/1.9.0"), False),
    (">=1.0.0 <3", RefChange("refs/tags/2.1.0"), True),
    ("^1.2", RefChange("refs/tags/nightly"), False),
    ("1.2", RefChange("refs/tags/1.2.9"), False),
    ("6113728f27ae82c7b1a177c8d03f9e96e0adf246", MAIN, False),
    ("6113728", MAIN, False),
]


@pytest.mark.parametrize(("target", "change", "expected"), FOLLOWS)
def test_a_ref_is_followed(target: str, change: RefChange, expected: bool) -> None:
    assert follows(target, change) is expected


def test_only_the_repository_counts() -> None:
    apps = [app("a"), app("b", {"repoURL": "git@github.com:Org/Repo.git"}), app("c", {"repoURL": URL + "2"})]
    assert names(Push((URL,), (MAIN,)), *apps) == ["a", "b"]
    assert names(Push((URL,), (RefChange("refs/heads/dev"),)), *apps) == []


def test_any_source_counts_and_charts_do_not() -> None:
    several = app("several", {"repoURL": "https://charts.example.com", "chart": "redis"}, {"targetRevision": "dev"})
    assert names(Push((URL,), (RefChange("refs/heads/dev"),)), several) == ["several"]
    assert names(Push((URL,), (MAIN,)), several) == []
    assert names(Push((URL,), (MAIN,)), app("chart", {"chart": "redis"})) == []


def test_any_of_several_refs_counts() -> None:
    push = Push((URL,), (RefChange("refs/heads/dev"), MAIN))
    assert names(push, app("a"), app("b", {"targetRevision": "dev"}), app("c", {"targetRevision": "x"})) == ["a", "b"]


def test_files_decide_only_where_paths_are_named() -> None:
    apps = [app("web"), app("api", paths="."), app("ops", paths=".;/shared"), app("all", paths="/")]
    assert names(Push((URL,), (MAIN,), ("api/deployment.yaml",)), *apps) == ["web", "api", "all"]
    assert names(Push((URL,), (MAIN,), ("shared/x.yaml",)), *apps) == ["web", "ops", "all"]
    assert names(Push((URL,), (MAIN,), ()), *apps) == ["web", "api", "ops", "all"]
    assert names(Push((URL,), (MAIN,), ("../api/x", "\x1b[31m")), *apps) == ["web", "all"]


def test_a_storm_is_one_refresh_that_runs_and_one_that_waits() -> None:
    begun: list[tuple[set[str], Callable[[], None]]] = []

    def refresh(keys: Iterable[AppKey], *, hard: bool, fetched: Callable[[], None]) -> None:
        assert not hard
        begun.append(({key.name for key in keys}, fetched))

    apps = [app("a"), app("b", {"targetRevision": "dev"}), app("c", {"repoURL": "https://x.com/o/r"})]
    pushes = Pushes(lambda: apps, refresh)
    for _ in range(100):
        assert [key.name for key in pushes.take(Push((URL,), (MAIN,)))] == ["a"]
    pushes.take(Push((URL,), (RefChange("refs/heads/dev"),)))
    assert pushes.take(Push((URL + "/nobody",), (MAIN,))) == ()
    pushes.take(Push(("https://x.com/o/r",), (MAIN,)))  # another repository does not wait
    assert [found for found, _ in begun] == [{"a"}, {"c"}]
    begun[0][1]()
    assert [found for found, _ in begun] == [{"a"}, {"c"}, {"a", "b"}]
    begun[2][1]()
    assert len(begun) == 3
    pushes.take(Push((URL,), (MAIN,)))
    assert len(begun) == 4
