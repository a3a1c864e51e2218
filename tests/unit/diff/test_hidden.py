"""What differs and does not count says by which rule, and whose rule that is."""

from __future__ import annotations

import pytest

from gitops_tui.diff.compare import Difference, compare
from gitops_tui.diff.rules import Rules
from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.catalogue import Code
from gitops_tui.model.resource import Object, key_of
from tests.unit.diff.world import OURS, applied, deployment, schema_of, secret, sets, written

REPLICAS = IgnoreDifference("apps", "Deployment", "", "", ("/spec/replicas",), (), ())
BY_JQ = IgnoreDifference("*", "*", "", "", (), (".spec.replicas",), ())
TRUSTED = IgnoreDifference("apps", "Deployment", "", "", (), (), ("scaler",))
ELSEWHERE = IgnoreDifference("", "Secret", "", "", ("/data",), (), ())


def scaled(obj: Object, manager: str = "scaler") -> Object:
    return written(applied(obj), sets("spec.replicas", 5), manager)


def compared(target: Object, live: Object, *ignores: IgnoreDifference, own: int = 1) -> Difference:
    rules = Rules(ignores=ignores, own=own)
    return compare(target, live, schema=schema_of(target), manager=OURS, rules=rules)


@pytest.mark.parametrize(
    ("ignores", "own", "told"),
    [
        ((REPLICAS,), 1, [("jsonPointers: /spec/replicas", "the Application")]),
        ((REPLICAS,), 0, [("jsonPointers: /spec/replicas", "argocd-cm")]),
        ((BY_JQ,), 1, [("jqPathExpressions: .spec.replicas", "the Application")]),
        ((TRUSTED,), 1, [("managedFieldsManagers: scaler", "the Application")]),
        (
            (REPLICAS, ELSEWHERE, BY_JQ, REPLICAS),
            1,
            [
                ("jsonPointers: /spec/replicas", "the Application"),
                ("jqPathExpressions: .spec.replicas", "argocd-cm"),
            ],
        ),
        ((ELSEWHERE,), 1, []),
    ],
)
def test_which_rule_hides_what(ignores: tuple[IgnoreDifference, ...], own: int, told: list[tuple[str, str]]) -> None:
    target = {**deployment(), "spec": {**deployment()["spec"], "replicas": 2}}
    found = compared(target, scaled(target), *ignores, own=own)
    assert found.modified is (not told)
    assert [(one.facts["rule"], one.facts["source"]) for one in found.hidden] == told
    for one in found.hidden:
        assert (one.code, one.facts["fields"], one.objects) == (Code.IGNORED, ("replicas",), (key_of(scaled(target)),))


def test_a_rule_that_hides_nothing_is_not_told() -> None:
    target = deployment()
    assert compared(target, applied(target), REPLICAS).hidden == ()


def test_the_names_of_hidden_fields_are_told_and_never_their_values() -> None:
    target = secret(password="from-git")
    live = written(applied(target), sets("data.password", "aHVudGVyMg=="), "kubectl-edit")
    rule = IgnoreDifference("", "Secret", "", "", ("/data/password",), (), ())
    (one,) = compared(target, live, rule).hidden
    text = f"{one.sentence()} {one.to_json()}"
    assert "data key password" in text
    assert not any(word in text for word in ("aHVudGVyMg", "hunter2", "from-git", "ZnJvbS1naXQ"))


def test_what_means_the_same_is_told_as_such() -> None:
    target = deployment(resources={"limits": {"cpu": "1000m"}})
    live = written(
        applied(deployment(resources={"limits": {"cpu": "1"}})), sets("metadata.labels.x", "y"), "kubectl-edit"
    )
    found = compared(target, live)
    assert not found.modified
    assert [(one.code, one.facts["fields"]) for one in found.hidden] == [(Code.NORMALISED, ("limit cpu",))]
