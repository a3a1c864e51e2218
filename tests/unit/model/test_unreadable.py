"""Applications of the cluster whose spec is wrong: what can be read of them all the same."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Application, Destination, parse_application
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object
from gitops_tui.model.unreadable import DELETES_NOTHING, NO_SOURCE, unreadable_application

IN_CLUSTER = Origin(in_cluster=True)
SOURCE = {"repoURL": "https://host/shop", "path": "web"}
HERE = {"name": "in-cluster", "namespace": "shop"}


def read(**spec: Any) -> Application:
    obj: Object = {"metadata": {"name": "web", "namespace": "argocd", "finalizers": ["f"]}, "spec": spec}
    with pytest.raises(InvalidSpecError) as found:
        parse_application(obj, origin=IN_CLUSTER)
    return unreadable_application(obj, found.value, origin=IN_CLUSTER)


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        ({**HERE, "server": "https://kubernetes.default.svc"}, "has both server and name"),
        ({"namespace": "shop"}, "has neither server nor name"),
    ],
)
def test_a_destination_that_names_two_clusters_or_none_is_none(destination: dict[str, str], words: str) -> None:
    app = read(source=SOURCE, destination=destination, project="team")
    assert app.destination == Destination() and words in str(app.defect)
    assert (app.project, app.source.path, app.finalizers) == ("team", "web", ("f",))
    assert app.defect is not None and app.defect.hint == "Correct spec.destination of the object."


@pytest.mark.parametrize("spec", [{}, {"source": {"path": "web"}}, {"source": {"repoURL": "", "path": "web"}}])
def test_a_source_without_a_repository(spec: dict[str, Any]) -> None:
    app = read(destination=HERE, **spec)
    assert app.sources == NO_SOURCE and app.destination.name == "in-cluster"


def test_a_policy_that_cannot_be_read_deletes_nothing() -> None:
    app = read(source=SOURCE, destination=HERE, syncPolicy={"syncOptions": "Delete=false"})
    assert app.sync_policy == DELETES_NOTHING and app.sync_policy.automated is None


def test_an_object_without_a_name_is_not_read() -> None:
    with pytest.raises(InvalidSpecError, match=r"metadata\.name"):
        unreadable_application({"metadata": {"namespace": "argocd"}}, InvalidSpecError("no"), origin=IN_CLUSTER)
