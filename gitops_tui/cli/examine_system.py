"""What the doctor says of ``argocd-cm``: whether it is there, and each value that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_tui.cli.doctor import Finding, State
from gitops_tui.cluster.client import Reader
from gitops_tui.errors import Forbidden, NotFound
from gitops_tui.manifest.argocd_cm import CONFIG_MAP, parse_argocd_cm

_AREA = "Cluster"


def examine_argocd_cm(reader: Reader, namespace: str) -> Sequence[Finding]:
    where = f"{namespace}/{CONFIG_MAP}"
    try:
        found = reader.raw_json(f"/api/v1/namespaces/{namespace}/configmaps/{CONFIG_MAP}")
    except NotFound:
        return [Finding(_AREA, CONFIG_MAP, State.MISSING, f"{where} is not there: Argo CD's defaults count")]
    except Forbidden as error:
        hint = f"Ask for get on that ConfigMap, or write its keys under {CONFIG_MAP} in the settings file."
        return [Finding(_AREA, CONFIG_MAP, State.WARNING, f"may not be read: {error}", hint)]
    problems = parse_argocd_cm(found.get("data") or {}, where).problems
    if not problems:
        return [Finding(_AREA, CONFIG_MAP, State.GOOD, f"{where} is read")]
    return [Finding(_AREA, CONFIG_MAP, State.BAD, f"{one.where} {one.message}", one.hint) for one in problems]
