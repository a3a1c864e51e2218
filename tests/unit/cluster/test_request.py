"""What a request is about, from its URL alone."""

from __future__ import annotations

import pytest

from gitops_tui.cluster.request import RequestInfo, request_info


@pytest.mark.parametrize(
    ("method", "path", "watch", "expected"),
    [
        ("GET", "/api/v1/pods", False, RequestInfo("List", "pods")),
        ("GET", "/api/v1/pods", True, RequestInfo("Watch", "pods")),
        ("GET", "/api/v1/namespaces/n/pods/p", False, RequestInfo("Get", "pods", "n")),
        ("GET", "/api/v1/namespaces/n/pods/p/log", False, RequestInfo("Get", "pods", "n")),
        ("GET", "/api/v1/namespaces", False, RequestInfo("List", "namespaces")),
        ("GET", "/api/v1/namespaces/n", False, RequestInfo("Get", "namespaces")),
        ("PATCH", "/apis/apps/v1/namespaces/n/deployments/d", False, RequestInfo("Patch", "deployments", "n")),
        ("POST", "/apis/batch/v1/namespaces/n/jobs", False, RequestInfo("Create", "jobs", "n")),
        ("PUT", "/apis/a.b/v1/things/t", False, RequestInfo("Update", "things")),
        ("DELETE", "/apis/a.b/v1/things/t", False, RequestInfo("Delete", "things")),
        ("GET", "/version", False, RequestInfo("Get")),
        ("GET", "/apis", False, RequestInfo("Get")),
        ("GET", "/apis/apps/v1", False, RequestInfo("Get")),
        ("GET", "/openapi/v3/apis/apps/v1", False, RequestInfo("Get")),
        ("GET", "", False, RequestInfo("Get")),
    ],
)
def test_requests(method: str, path: str, watch: bool, expected: RequestInfo) -> None:
    assert request_info(method, path, is_watch=watch) == expected
