"""A client of the real API server, and a custom resource with every kind of list and map."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest

from tests.contract.structured.server import Server
from tests.contract.structured.widget import definition
from tests.control_plane import ControlPlane


@pytest.fixture(scope="session")
def server(control_plane: ControlPlane) -> Server:
    return Server(control_plane.kubeconfig)


@pytest.fixture(scope="session")
def space(server: Server) -> Iterator[str]:
    """One namespace for all differential tests; every example uses a name of its own in it."""
    name = f"structured-{uuid.uuid4().hex[:8]}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    assert server.call("POST", "/api/v1/namespaces", body)[0] == 201
    yield name
    server.call("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session")
def widgets(server: Server) -> Iterator[str]:
    """The group of a served CustomResourceDefinition ``Widget``."""
    group = f"s{uuid.uuid4().hex[:8]}.example.dev"
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert server.call("POST", path, definition(group))[0] == 201
    deadline = time.monotonic() + 60
    while f"apis/{group}/v1" not in server.call("GET", "/openapi/v3")[1]["paths"]:
        assert time.monotonic() < deadline, "the custom resource was never published"
        time.sleep(0.2)
    yield group
    server.call("DELETE", f"{path}/widgets.{group}")
