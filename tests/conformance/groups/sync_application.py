"""Recorded Applications, whose specs are too incomplete to be parsed."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.application import Application, Automated, Destination, Source, SyncPolicy


def application(obj: dict[str, Any]) -> Application:
    metadata, spec = obj["metadata"], obj["spec"]
    policy = spec.get("syncPolicy") or {}
    automated = policy.get("automated")
    sources = spec.get("sources") or [spec.get("source") or {}]
    return Application(
        name=metadata["name"],
        namespace=metadata["namespace"],
        project=spec["project"],
        sources=tuple(Source(one.get("repoURL") or "", path=one.get("path") or "", raw=one) for one in sources),
        destination=Destination(namespace=spec["destination"].get("namespace") or ""),
        sync_policy=SyncPolicy(
            automated=None if automated is None else _automated(automated),
            sync_options=tuple(policy.get("syncOptions") or ()),
        ),
        annotations=metadata.get("annotations") or {},
        deletion_timestamp=metadata.get("deletionTimestamp") or "",
        has_multiple_sources=bool(spec.get("sources")),
        raw=obj,
    )


def _automated(found: dict[str, Any]) -> Automated:
    return Automated(
        enabled=found.get("enabled") is not False,
        prune=bool(found.get("prune")),
        self_heal=bool(found.get("selfHeal")),
        allow_empty=bool(found.get("allowEmpty")),
    )
