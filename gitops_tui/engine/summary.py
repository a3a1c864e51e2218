"""``status.summary``: images and addresses of what lives, down to pods (Argo CD ``cache/info.go``, ``GetSummary``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gitops_tui.model.resource import Object, annotations_of

LINK = "link.argocd.argoproj.io/"
IGNORE_DEFAULT_LINKS = "argocd.argoproj.io/ignore-default-links"


def summary_of(objects: Iterable[Object]) -> dict[str, list[str]]:
    """``images`` of the pods and ``externalURLs`` of Ingresses and link annotations; what is empty is left out."""
    images: set[str] = set()
    urls: set[str] = set()
    for obj in objects:
        if obj.get("kind") == "Pod" and obj.get("apiVersion") == "v1":
            images |= set(_pod_images(obj))
        urls |= set(_urls(obj))
    found = {"externalURLs": sorted(urls), "images": sorted(images)}
    return {name: listed for name, listed in found.items() if listed}


def _pod_images(pod: Object) -> Iterator[str]:
    spec = pod.get("spec") or {}
    for word in ("initContainers", "containers"):
        yield from (str(one["image"]) for one in spec.get(word) or () if isinstance(one, dict) and one.get("image"))


def _urls(obj: Object) -> Iterator[str]:
    notes = annotations_of(obj)
    yield from (text for name, text in notes.items() if name.startswith(LINK))
    if obj.get("kind") == "Ingress" and notes.get(IGNORE_DEFAULT_LINKS) != "true":
        yield from _ingress_urls(obj)


def _ingress_urls(obj: Object) -> Iterator[str]:
    spec = obj.get("spec") or {}
    reached = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    address = next(
        (one.get("hostname") or one.get("ip") for one in reached if one.get("hostname") or one.get("ip")), ""
    )
    for rule in spec.get("rules") or ():
        host = rule.get("host") or address
        for path in (rule.get("http") or {}).get("paths") or ():
            if host:
                yield f"{_scheme(spec, host)}://{host}{str(path.get('path') or '').removesuffix('*')}"


def _scheme(spec: dict[str, Any], host: str) -> str:
    """A certificate is one for every host, as Argo CD reads it."""
    lines = [one for one in spec.get("tls") or () if isinstance(one, dict)]
    return "https" if any(one.get("secretName") or one.get("host") == host for one in lines) else "http"
