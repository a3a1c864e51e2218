"""Images and addresses in an Application's summary."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.engine.summary import summary_of


def ingress(spec: dict[str, Any], *addresses: dict[str, str], **notes: str) -> dict[str, Any]:
    status = {"loadBalancer": {"ingress": list(addresses)}}
    return {"kind": "Ingress", "metadata": {"annotations": notes}, "spec": spec, "status": status}


def rule(host: str, *paths: str) -> dict[str, Any]:
    return {"host": host, "http": {"paths": [{"path": path} for path in paths]}}


def test_images_are_those_of_the_pods_that_live() -> None:
    pod = {
        "apiVersion": "v1", "kind": "Pod",
        "spec": {"containers": [{"image": "web:1"}, {"image": "side:1"}], "initContainers": [{"image": "init:1"}]},
    }  # fmt: skip
    scaled_to_none = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": pod["spec"]}}}
    assert summary_of([pod, pod]) == {"images": ["init:1", "side:1", "web:1"]}
    assert summary_of([scaled_to_none]) == {}


@pytest.mark.parametrize(
    ("obj", "urls"),
    [
        (ingress({"rules": [rule("shop.example", "/", "/api*")]}), ["http://shop.example/", "http://shop.example/api"]),
        (ingress({"rules": [rule("", "/")]}, {"hostname": ""}, {"ip": "10.0.0.1"}), ["http://10.0.0.1/"]),
        (ingress({"rules": [rule("", "/")]}), []),
        (ingress({"rules": [rule("a.example", "")], "tls": [{"secretName": "cert"}]}), ["https://a.example"]),
        (ingress({"rules": [rule("a.example", "/")]}, **{"argocd.argoproj.io/ignore-default-links": "true"}), []),
        (
            {
                "kind": "Deployment",
                "metadata": {"annotations": {"link.argocd.argoproj.io/docs": "https://docs.example"}},
            },
            ["https://docs.example"],
        ),
    ],
)
def test_addresses_come_from_ingresses_and_link_annotations(obj: dict[str, Any], urls: list[str]) -> None:
    assert summary_of([obj]).get("externalURLs", []) == urls
