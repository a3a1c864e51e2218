"""A refusal that an access review contradicts is no missing right, where the settings ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.strict import StrictReader
from gitops_tui.errors import ApiError, Forbidden, ServerError
from tests.unit.cluster.scripted import Asked, Reply, Scripted, kubeconfig, status

JOBS = ApiResource("batch", "v1", "Job", "jobs", True, frozenset({"list", "watch"}))


@contextmanager
def refusing(tmp_path: Path, review: Reply, *, is_strict: bool) -> Iterator[tuple[Scripted, StrictReader]]:
    """A server that refuses every list and answers access reviews with ``review``."""

    def answer(asked: Asked) -> Reply:
        return review if asked.path.endswith("/selfsubjectaccessreviews") else status(403, "Forbidden")

    with Scripted(answer) as server:
        connection = Connection.open(str(kubeconfig(tmp_path / "config", server.url)))
        yield server, StrictReader(connection, lambda: is_strict)
        connection.close()


def reviewed(is_allowed: bool) -> Reply:
    return Reply({"kind": "SelfSubjectAccessReview", "status": {"allowed": is_allowed}})


@pytest.mark.parametrize(
    ("review", "is_strict", "expected"),
    [
        (reviewed(False), True, Forbidden),
        (reviewed(True), True, ServerError),
        (status(503, "ServiceUnavailable"), True, ServerError),
        (reviewed(True), False, Forbidden),
    ],
)
def test_a_refusal_is_believed_where_a_review_agrees(
    tmp_path: Path, review: Reply, is_strict: bool, expected: type[ApiError]
) -> None:
    with refusing(tmp_path, review, is_strict=is_strict) as (_, reader):
        with pytest.raises(expected):
            reader.list(JOBS, namespace="n")
        with pytest.raises(expected):
            reader.watch(JOBS, namespace="n", resource_version="1")


def test_what_the_review_is_asked(tmp_path: Path) -> None:
    with refusing(tmp_path, reviewed(True), is_strict=True) as (server, reader):
        with pytest.raises(ServerError, match="although an access review permits it"):
            reader.list(JOBS, namespace="n")
        asked = json.loads(server.asked[-1].body)
    assert asked["spec"]["resourceAttributes"] == {
        "verb": "list",
        "group": "batch",
        "resource": "jobs",
        "namespace": "n",
    }
