"""``app set``: what is asked for becomes one merge patch of the spec."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import ConfigError
from gitops_tui.model.spec_change import SpecChange, spec_patch

ONE = {"source": {"repoURL": "a", "path": "b"}, "destination": {"server": "s", "namespace": "n"}}
AUTO = {**ONE, "syncPolicy": {"automated": {"prune": True}, "syncOptions": ["CreateNamespace=true", "Prune=false"]}}
TWO = {"sources": [{"repoURL": "a", "path": "b"}, {"repoURL": "c", "directory": {"recurse": True}}]}


@pytest.mark.parametrize(
    ("spec", "change", "patch"),
    [
        (ONE, SpecChange(), {}),
        (ONE, SpecChange(source={"targetRevision": "v2"}), {"source": {"targetRevision": "v2"}}),
        (ONE, SpecChange(source={"path": ""}), {"source": {"path": None}}),
        (ONE, SpecChange(destination={"namespace": "m"}), {"destination": {"namespace": "m"}}),
        (ONE, SpecChange(destination={"name": "prod"}), {"destination": {"server": None, "name": "prod"}}),
        (ONE, SpecChange(project="p", history_limit=0), {"project": "p", "revisionHistoryLimit": 0}),
        (ONE, SpecChange(policy="automated"), {"syncPolicy": {"automated": {"enabled": None}}}),
        (ONE, SpecChange(policy="auto", automated={"selfHeal": True}),
         {"syncPolicy": {"automated": {"enabled": None, "selfHeal": True}}}),
        (AUTO, SpecChange(policy="none"), {"syncPolicy": {"automated": None}}),
        (AUTO, SpecChange(automated={"prune": False}), {"syncPolicy": {"automated": {"prune": False}}}),
        (AUTO, SpecChange(options=["Prune=confirm"]),
         {"syncPolicy": {"syncOptions": ["CreateNamespace=true", "Prune=confirm"]}}),
        (AUTO, SpecChange(options=["!Prune=false"]), {"syncPolicy": {"syncOptions": ["CreateNamespace=true"]}}),
        (ONE, SpecChange(retry_limit=3), {"syncPolicy": {"retry": {"limit": 3}}}),
        (ONE, SpecChange(retry_limit=0), {"syncPolicy": {"retry": None}}),
        (TWO, SpecChange(source={"path": "d", "directory": {"include": "*.yaml"}}, source_position=2),
         {"sources": [TWO["sources"][0],
                      {"repoURL": "c", "path": "d", "directory": {"recurse": True, "include": "*.yaml"}}]}),
    ],
)  # fmt: skip
def test_the_patch(spec: dict[str, Any], change: SpecChange, patch: dict[str, Any]) -> None:
    assert spec_patch(spec, change) == patch


@pytest.mark.parametrize(
    ("spec", "change", "words"),
    [
        (TWO, SpecChange(source={"path": "x"}), "2 sources"),
        (ONE, SpecChange(automated={"prune": True}), "not synced automatically"),
        (AUTO, SpecChange(policy="none", automated={"prune": True}), "without automation"),
        (ONE, SpecChange(policy="sometimes"), "automated or none"),
        (ONE, SpecChange(options=["Prune"]), "NAME=VALUE"),
    ],
)
def test_what_cannot_be_asked_for(spec: dict[str, Any], change: SpecChange, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        spec_patch(spec, change)


def test_nothing_of_the_spec_is_touched() -> None:
    before = {**AUTO, "syncPolicy": {**AUTO["syncPolicy"]}}
    spec_patch(AUTO, SpecChange(options=["A=b"], policy="none"))
    assert before == AUTO
