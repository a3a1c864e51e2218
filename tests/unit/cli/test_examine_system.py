"""What the doctor says of ``argocd-cm``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from gitops_tui.cli.doctor import State
from gitops_tui.cli.examine_system import examine_argocd_cm
from gitops_tui.cluster.client import Reader
from gitops_tui.errors import Forbidden, NotFound


def said(answer: Any) -> list[tuple[State, str]]:
    def raw_json(path: str) -> Any:
        assert path == "/api/v1/namespaces/argo/configmaps/argocd-cm"
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = examine_argocd_cm(cast(Reader, SimpleNamespace(raw_json=raw_json)), "argo")
    return [(one.state, one.text) for one in found]


def test_it_is_optional() -> None:
    assert said(NotFound("none")) == [(State.MISSING, "argo/argocd-cm is not there: Argo CD's defaults count")]
    assert said(Forbidden("not yours"))[0][0] is State.WARNING


def test_each_wrong_value_is_a_finding() -> None:
    assert said({"data": {"installationID": "a"}}) == [(State.GOOD, "argo/argocd-cm is read")]
    found = said({"data": {"resource.exclusions": "[", "resource.respectRBAC": "loose"}})
    assert [state for state, _ in found] == [State.BAD, State.BAD]
    assert "argo/argocd-cm: resource.respectRBAC is 'loose'; expected normal or strict" in [text for _, text in found]
