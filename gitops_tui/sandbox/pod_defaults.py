"""What the API server fills in in a pod spec. Source: the API reference's "Defaults to" of each field."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.amounts import normalize_requirements

_FILE_MODE = 420  # 0644


def default_pod_spec(spec: Object) -> None:
    """Fill ``spec`` in, in place."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    spec.setdefault("schedulerName", "default-scheduler")
    _mirror_service_account(spec)
    for container in containers(spec):
        _default_container(container)
    for volume in spec.get("volumes") or ():
        _default_volume(volume)


def _mirror_service_account(spec: Object) -> None:
    """``serviceAccount`` is the old name of ``serviceAccountName``; both are always there."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def containers(spec: Object) -> Iterator[Object]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()


def _default_container(container: Object) -> None:
    normalize_requirements(container.setdefault("resources", {}))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(str(container.get("image") or ""))
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for variable in container.get("env") or ():
        _default_field_ref((variable.get("valueFrom") or {}).get("fieldRef"))
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(probe):
            _default_probe(container[probe])
    for hook in (container.get("lifecycle") or {}).values():
        _default_http_get(hook.get("httpGet") if isinstance(hook, dict) else None)


def pull_policy(image: str) -> str:
    """``Always`` for ``:latest`` and for no tag, unless a digest pins the image."""
    if "@" in image:
        return "IfNotPresent"
    _, found, tag = image.rpartition("/")[2].partition(":")
    return "Always" if not found or tag == "latest" else "IfNotPresent"


def _default_probe(probe: Object) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    _default_http_get(probe.get("httpGet"))
    if probe.get("grpc") is not None:
        probe["grpc"].setdefault("service", "")


def _default_http_get(action: Object | None) -> None:
    if action is not None:
        action.setdefault("path", "/")
        action.setdefault("scheme", "HTTP")


def _default_field_ref(reference: Object | None) -> None:
    if reference is not None:
        reference.setdefault("apiVersion", "v1")


def _default_volume(volume: Object) -> None:
    if set(volume) == {"name"}:
        volume["emptyDir"] = {}
    for source in ("configMap", "secret", "downwardAPI", "projected"):
        if volume.get(source) is not None:
            volume[source].setdefault("defaultMode", _FILE_MODE)
    if volume.get("hostPath") is not None:
        volume["hostPath"].setdefault("type", "")
    for item in (volume.get("downwardAPI") or {}).get("items") or ():
        _default_field_ref(item.get("fieldRef"))
    for source in (volume.get("projected") or {}).get("sources") or ():
        _default_projection(source)
    if (template := (volume.get("ephemeral") or {}).get("volumeClaimTemplate")) is not None:
        template["spec"].setdefault("volumeMode", "Filesystem")


def _default_projection(source: Object) -> None:
    if source.get("serviceAccountToken") is not None:
        source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    for item in (source.get("downwardAPI") or {}).get("items") or ():
        _default_field_ref(item.get("fieldRef"))
