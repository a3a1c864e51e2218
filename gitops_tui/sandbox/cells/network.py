"""Cells of Services, Ingresses and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, metadata_of, name_of
from gitops_tui.sandbox.cells.common import (
    NONE,
    UNSET,
    created,
    spec_of,
    status_of,
)
from gitops_tui.sandbox.selectors import selector_text


def service(obj: Object, now: datetime) -> list[Any]:
    spec = spec_of(obj)
    selector = spec.get("selector") or {}
    return [
        name_of(obj),
        spec.get("type"),
        spec.get("clusterIP") or NONE,
        _external_address(obj),
        _service_ports(spec),
        created(obj, now),
        ",".join(f"{key}={value}" for key, value in sorted(selector.items())) or NONE,
    ]


def _external_address(service: Object) -> str:
    spec = spec_of(service)
    given = list(spec.get("externalIPs") or ())
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName"))
    if spec.get("type") == "LoadBalancer":
        ingress = (status_of(service).get("loadBalancer") or {}).get("ingress") or ()
        found = [str(one.get("ip") or one.get("hostname")) for one in ingress]
        return ",".join(found + given) or "<pending>"
    return ",".join(given) or NONE


def _service_ports(spec: Object) -> str:
    shown = []
    for port in spec.get("ports") or ():
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port.get('port')}{node}/{port.get('protocol')}")
    return ",".join(shown) or NONE


def ingress(obj: Object, now: datetime) -> list[Any]:
    spec = spec_of(obj)
    hosts = [rule.get("host") or "*" for rule in spec.get("rules") or ()]
    shown = ",".join(hosts[:3]) + (f" + {len(hosts) - 3} more..." if len(hosts) > 3 else "")
    found = (status_of(obj).get("loadBalancer") or {}).get("ingress") or ()
    return [
        name_of(obj),
        spec.get("ingressClassName")
        or (metadata_of(obj).get("annotations") or {}).get("kubernetes.io/ingress.class")
        or NONE,
        shown or "*",
        ",".join(str(one.get("ip") or one.get("hostname")) for one in found),
        "80, 443" if spec.get("tls") else "80",
        created(obj, now),
    ]


def ingress_class(obj: Object, now: datetime) -> list[Any]:
    parameters = spec_of(obj).get("parameters")
    shown = NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
        shown = f"{parameters['kind']}{group}/{parameters['name']}"
    return [name_of(obj), spec_of(obj).get("controller"), shown, created(obj, now)]


def network_policy(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), selector_text(spec_of(obj).get("podSelector")), created(obj, now)]


def endpoints(obj: Object, now: datetime) -> list[Any]:
    found = []
    for subset in obj.get("subsets") or ():
        for address in subset.get("addresses") or ():
            ports = subset.get("ports") or ()
            found += [f"{address['ip']}:{port['port']}" for port in ports] or [address["ip"]]
    return [name_of(obj), _first_three(found), created(obj, now)]


def _first_three(found: list[str]) -> str:
    if not found:
        return NONE
    return ",".join(found[:3]) + (f" + {len(found) - 3} more..." if len(found) > 3 else "")


def endpoint_slice(obj: Object, now: datetime) -> list[Any]:
    ports = [str(port.get("port") or "*") for port in obj.get("ports") or ()]
    addresses = [address for one in obj.get("endpoints") or () for address in one.get("addresses") or ()]
    return [
        name_of(obj),
        obj.get("addressType"),
        _first_three(ports) if ports else UNSET,
        _first_three(addresses) if addresses else UNSET,
        created(obj, now),
    ]
