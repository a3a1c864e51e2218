"""Why one object is judged, pruned and counted as it is."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.engine.why_object import Judgement, field_answers, object_answers
from gitops_tui.model.application import Application, Automated, SyncPolicy
from gitops_tui.model.catalogue import Code
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import DriftKind, Health, HealthStatus
from tests.tui import world

KEY = ResourceKey("apps", "Deployment", "shop", "api")
PROGRESSING, HEALTHY = Health(HealthStatus.PROGRESSING), Health(HealthStatus.HEALTHY)


def app(*options: str, prune: bool = True) -> Application:
    policy = SyncPolicy(automated=Automated(prune=prune), sync_options=options)
    return dataclasses.replace(world.application("shop"), sync_policy=policy)


def obj(**annotations: str) -> dict[str, Any]:
    names = {name.replace("__", "/").replace("_", "-"): text for name, text in annotations.items()}
    annotated = {f"argocd.argoproj.io/{name}": text for name, text in names.items()}
    return {"kind": "Deployment", "metadata": {"name": "api", "annotations": annotated}}


def extra(**annotations: str) -> Judgement:
    return Judgement(KEY, None, obj(**annotations), HEALTHY)


def both(health: Health | None = HEALTHY, **annotations: str) -> Judgement:
    return Judgement(KEY, obj(), obj(**annotations), health)


@pytest.mark.parametrize(
    ("one", "of", "codes"),
    [
        (both(), app(), []),
        (Judgement(KEY, obj(), None, Health(HealthStatus.MISSING)), app(), []),
        (replace(both(), is_restricted=True, live=None, refusal="not told"), app(), [Code.RESTRICTED]),
        (replace(both(), refusal="spec is immutable"), app(), [Code.REFUSED]),
        (replace(both(), problems=("ignoreDifferences: no jq",)), app(), [Code.RULE_FAILED]),
        (replace(extra(), is_own=False), app(), [Code.FOREIGN_MARK]),
        (extra(hook="PreSync"), app(), [Code.IS_HOOK]),
        (replace(both(), target=obj(hook="Skip")), app(), [Code.IS_SKIPPED]),
        (extra(), app(), []),
        (extra(), app(prune=False), [Code.PRUNE_BY_HAND]),
        (extra(), app("Prune=false"), [Code.PRUNE_DISABLED]),
        (extra(sync_options="Prune=false"), app(), [Code.PRUNE_DISABLED]),
        (extra(sync_options="Prune=true"), app("Prune=false"), []),
        (extra(sync_options="Prune=confirm"), app(), [Code.PRUNE_CONFIRMED_ONLY]),
        (extra(compare_options="IgnoreExtraneous"), app(), [Code.EXTRANEOUS]),
        (both(None), app(), [Code.NO_HEALTH]),
        (both(ignore_healthcheck="true"), app(), [Code.HEALTH_IGNORED]),
        (both(PROGRESSING), app(), []),
    ],
)
def test_a_code_for_each_rule(one: Judgement, of: Application, codes: list[Code]) -> None:
    answers = object_answers(one, of)
    assert [answer.code for answer in answers] == codes
    assert all(answer.objects == (KEY,) for answer in answers)


def test_when_a_rollout_counts_as_failed() -> None:
    moved = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    live = obj()
    live["spec"] = {"progressDeadlineSeconds": 90}
    live["status"] = {"conditions": [{"type": "Progressing", "lastUpdateTime": "2026-11-24T12:00:00Z"}]}
    (answer,) = object_answers(Judgement(KEY, obj(), live, PROGRESSING), app())
    assert (answer.code, answer.next_at) == (Code.ROLLOUT_DEADLINE, moved + timedelta(seconds=90))
    assert object_answers(Judgement(KEY, obj(), live, HEALTHY), app()) == ()


def test_fields_with_both_sides_and_who_wrote_them() -> None:
    field = FieldDrift(("a",), "spec.a", "a", DriftKind.TARGET, {"b": 1}, None, Writer("kubectl-edit"))
    note = replace(field, kind=DriftKind.NOTE, reason="an autoscaler sets it")
    first, second = field_answers(KEY, (field, note))
    assert first.sentence() == 'Field spec.a: Git has nothing, the cluster {"b": 1}, written by kubectl-edit'
    assert (first.code, second.code) == (Code.FIELD, Code.NOTED)
    assert second.facts == {"fields": ("spec.a",), "reason": "an autoscaler sets it", "writer": "kubectl-edit"}


def test_a_long_value_is_cut() -> None:
    field = FieldDrift(("a",), "spec.a", "a", DriftKind.TARGET, "x" * 5000, "y", Writer("m"))
    (answer,) = field_answers(KEY, (field,))
    assert len(str(answer.facts["live"])) < 300
