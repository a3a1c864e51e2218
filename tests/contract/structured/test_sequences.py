"""Any sequence of writes by several managers ends on the real API server where our functions say it does."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.structured.server import MERGE, STRATEGIC, Object, Server, Twin

pytestmark = pytest.mark.control_plane

EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

managers = st.sampled_from(["ana", "ben", "gitops-tui"])
words = st.sampled_from(["x", "y", "z", "1"])
pairs = st.dictionaries(st.sampled_from(["a", "b", "c", "d/e"]), words, max_size=3)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    """An object with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def named(names: list[str], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Object]]:
    """A list of objects with different names."""
    item = st.builds(lambda name, rest: {"name": name, **rest}, st.sampled_from(names), some(**fields))
    return st.lists(item, max_size=len(names), unique_by=lambda one: one["name"])


metadata = some(labels=pairs, annotations=pairs)
env = named(["A", "B", "C"], value=words)
ports = st.lists(
    st.builds(
        lambda port, rest: {"containerPort": port, **rest},
        st.sampled_from([80, 443]),
        some(protocol=st.sampled_from(["TCP", "UDP"])),
    ),
    max_size=3,
    unique_by=lambda one: (one["containerPort"], one.get("protocol", "TCP")),
)
containers = named(
    ["web", "side", "log"],
    image=words.map("repo/".__add__),
    env=env,
    ports=ports,
    args=st.lists(words, max_size=2),
    resources=some(limits=st.just({"cpu": "1"}), requests=st.sampled_from([{"cpu": "100m"}, {"memory": "1Gi"}])),
    securityContext=some(runAsUser=st.integers(1, 2), privileged=st.booleans()),
)
volumes = st.lists(
    st.sampled_from(
        [
            {"name": "v1", "emptyDir": {}},
            {"name": "v1", "emptyDir": {"medium": "Memory"}},
            {"name": "v2", "configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}},
            {"name": "v3", "secret": {"secretName": "s"}},
        ]
    ),
    max_size=3,
    unique_by=lambda one: one["name"],
)
tolerations = st.lists(st.sampled_from([{"key": "k", "operator": "Exists"}, {"operator": "Exists"}]), max_size=2)
pod_spec = some(
    containers=containers,
    volumes=volumes,
    tolerations=tolerations,
    nodeSelector=pairs,
    imagePullSecrets=named(["p", "q"]),
    hostAliases=st.lists(st.just({"ip": "1.2.3.4", "hostnames": ["h"]}), max_size=1),
    terminationGracePeriodSeconds=st.integers(1, 3),
)
strategy = st.sampled_from(
    [
        {"type": "Recreate"},
        {"type": "RollingUpdate"},
        {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
        {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
    ]
)
deployments = st.fixed_dictionaries(
    {},
    optional={
        "metadata": metadata,
        "spec": some(
            paused=st.booleans(),
            minReadySeconds=st.integers(0, 2),
            revisionHistoryLimit=st.integers(0, 2),
            strategy=strategy,
            template=some(spec=pod_spec, metadata=some(annotations=pairs)),
        ),
    },
)
DEPLOYMENT: Object = {
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "x"}},
        "template": {
            "metadata": {"labels": {"app": "x"}},
            "spec": {"containers": [{"name": "base", "image": "repo/base"}]},
        },
    }
}

service_ports = st.lists(
    st.builds(
        lambda name, port, rest: {"name": name, "port": port, **rest},
        st.sampled_from(["p", "q", "r"]),
        st.sampled_from([80, 443]),
        some(protocol=st.sampled_from(["TCP", "UDP"]), targetPort=st.sampled_from([8080, "http"])),
    ),
    max_size=3,
    unique_by=(lambda one: one["name"], lambda one: (one["port"], one.get("protocol", "TCP"))),
)
services = some(metadata=metadata, spec=some(ports=service_ports, selector=pairs, sessionAffinity=st.just("ClientIP")))
SERVICE: Object = {"spec": {"ports": [{"name": "base", "port": 9}]}}

entries = st.dictionaries(st.sampled_from(["a", "b", "c.d"]), words, max_size=3)
config_maps = some(metadata=metadata, data=entries, binaryData=st.dictionaries(st.just("z"), st.just("aGk=")))

listeners = st.lists(
    st.builds(
        lambda port, rest: {"port": port, **rest},
        st.integers(1, 2),
        some(protocol=st.sampled_from(["TCP", "UDP"]), name=words, options=some(a=words, b=words)),
    ),
    max_size=3,
    unique_by=lambda one: (one["port"], one.get("protocol", "TCP")),
)
trees = st.recursive(
    st.one_of(words, st.integers(0, 1), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["m", "n"]), inner, max_size=2)
    ),
    max_leaves=4,
)
widget_specs = some(
    size=st.integers(0, 2),
    rate=st.sampled_from([0, 1, 1.5]),
    on=st.booleans(),
    port=st.sampled_from([80, "http"]),
    tags=st.lists(words, max_size=3, unique=True),
    steps=st.lists(words, max_size=2),
    free=st.dictionaries(st.sampled_from(["m", "n"]), trees, max_size=2),
    labels=pairs,
    whole=pairs,
    note=st.one_of(st.none(), words),
    listeners=listeners,
)
custom = some(metadata=metadata, spec=widget_specs, status=pairs)


def steps(bodies: st.SearchStrategy[Object], *patches: str) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Writes: mostly applies, now and then a patch; of few bodies, so that the same comes again."""
    return st.lists(bodies, min_size=2, max_size=4).flatmap(lambda pool: writes_of(st.sampled_from(pool), patches))


def writes_of(bodies: st.SearchStrategy[Object], patches: tuple[str, ...]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    applied = st.tuples(st.just("apply"), managers, bodies, st.booleans())
    patched = st.tuples(st.just("patch"), managers, bodies, st.sampled_from(patches))
    return st.lists(st.one_of(applied, applied, applied, patched), min_size=4, max_size=9)


def run(twin: Twin, writes: list[tuple[Any, ...]]) -> None:
    for verb, manager, body, how in writes:
        if verb == "apply":
            twin.apply(body, manager, force=how)
        elif twin.live() is not None:
            twin.patch(body, manager, how)
    twin.server.call("DELETE", twin.path(twin.name))


def fresh() -> str:
    return f"t{uuid.uuid4().hex[:10]}"


@EXAMPLES
@given(steps(deployments, MERGE, STRATEGIC))
def test_deployments(server: Server, space: str, writes: list[tuple[Any, ...]]) -> None:
    twin = Twin(server, server.schemas("apis/apps/v1"), space, "deployments", "apps/v1", "Deployment", fresh())
    twin.create(DEPLOYMENT, "kubectl-create")
    run(twin, writes)


@EXAMPLES
@given(steps(services, MERGE, STRATEGIC))
def test_services(server: Server, space: str, writes: list[tuple[Any, ...]]) -> None:
    twin = Twin(server, server.schemas("api/v1"), space, "services", "v1", "Service", fresh())
    twin.apply(SERVICE, "ana")
    run(twin, writes)


@EXAMPLES
@given(steps(config_maps, MERGE, STRATEGIC))
def test_config_maps(server: Server, space: str, writes: list[tuple[Any, ...]]) -> None:
    run(Twin(server, server.schemas("api/v1"), space, "configmaps", "v1", "ConfigMap", fresh()), writes)


@settings(EXAMPLES, max_examples=25)
@given(steps(custom, MERGE))
def test_custom_resources(server: Server, space: str, widgets: str, writes: list[tuple[Any, ...]]) -> None:
    run(
        Twin(server, server.schemas(f"apis/{widgets}/v1"), space, "widgets", f"{widgets}/v1", "Widget", fresh()), writes
    )
