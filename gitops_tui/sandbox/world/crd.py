"""The Application's CustomResourceDefinition: Argo CD's, without prose, open where it goes deep."""

from __future__ import annotations

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.world.past import Past, condition

GROUP, NAME = "argoproj.io", "applications.argoproj.io"
_TEXT: Object = {"type": "string"}
_FLAG: Object = {"type": "boolean"}
_WHOLE: Object = {"type": "integer", "format": "int64"}
_TIME: Object = {"type": "string", "format": "date-time"}
_OPEN: Object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _list(items: Object) -> Object:
    return {"type": "array", "items": items}


def _object(required: tuple[str, ...] = (), **properties: Object) -> Object:
    found: Object = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


_TEXTS = _list(_TEXT)
_SOURCE = _object(
    ("repoURL",),
    repoURL=_TEXT,
    targetRevision=_TEXT,
    path=_TEXT,
    chart=_TEXT,
    ref=_TEXT,
    name=_TEXT,
    directory=_OPEN,
    helm=_OPEN,
    kustomize=_OPEN,
    plugin=_OPEN,
)
_SYNC_POLICY = _object(
    automated=_object(enabled=_FLAG, prune=_FLAG, selfHeal=_FLAG, allowEmpty=_FLAG),
    syncOptions=_TEXTS,
    retry=_object(limit=_WHOLE, refresh=_FLAG, backoff=_object(duration=_TEXT, factor=_WHOLE, maxDuration=_TEXT)),
    managedNamespaceMetadata=_OPEN,
)
_SPEC = _object(
    ("destination", "project"),
    project=_TEXT,
    source=_SOURCE,
    sources=_list(_SOURCE),
    sourceHydrator=_OPEN,
    destination=_object(server=_TEXT, name=_TEXT, namespace=_TEXT),
    syncPolicy=_SYNC_POLICY,
    ignoreDifferences=_list(
        _object(
            ("kind",),
            group=_TEXT,
            kind=_TEXT,
            name=_TEXT,
            namespace=_TEXT,
            jsonPointers=_TEXTS,
            jqPathExpressions=_TEXTS,
            managedFieldsManagers=_TEXTS,
        )
    ),
    info=_list(_object(("name", "value"), name=_TEXT, value=_TEXT)),
    revisionHistoryLimit=_WHOLE,
)
_BY = _object(username=_TEXT, automated=_FLAG)
_STATUS = _object(
    conditions=_list(_object(("message", "type"), type=_TEXT, message=_TEXT, lastTransitionTime=_TIME)),
    controllerNamespace=_TEXT,
    health=_object(status=_TEXT, message=_TEXT, lastTransitionTime=_TIME),
    history=_list(
        _object(
            ("deployedAt", "id"),
            id=_WHOLE,
            revision=_TEXT,
            revisions=_TEXTS,
            deployedAt=_TIME,
            deployStartedAt=_TIME,
            initiatedBy=_BY,
            source=_OPEN,
            sources=_list(_OPEN),
        )
    ),
    observedAt=_TIME,
    operationState=_OPEN,
    reconciledAt=_TIME,
    resourceHealthSource=_TEXT,
    resources=_list(
        _object(
            group=_TEXT,
            version=_TEXT,
            kind=_TEXT,
            namespace=_TEXT,
            name=_TEXT,
            status=_TEXT,
            health=_object(status=_TEXT, message=_TEXT, lastTransitionTime=_TIME),
            hook=_FLAG,
            requiresPruning=_FLAG,
            requiresDeletionConfirmation=_FLAG,
            syncWave=_WHOLE,
        )
    ),
    sourceHydrator=_OPEN,
    sourceType=_TEXT,
    sourceTypes=_TEXTS,
    summary=_object(externalURLs=_TEXTS, images=_TEXTS),
    sync=_object(("status",), status=_TEXT, revision=_TEXT, revisions=_TEXTS, comparedTo=_OPEN),
)
_SCHEMA = _object(
    ("metadata", "spec"),
    apiVersion=_TEXT,
    kind=_TEXT,
    metadata={"type": "object"},
    spec=_SPEC,
    status=_STATUS,
    operation=_OPEN,
)
_NAMES: Object = {
    "kind": "Application",
    "listKind": "ApplicationList",
    "plural": "applications",
    "singular": "application",
    "shortNames": ["app", "apps"],
}
_COLUMNS = [
    {"name": "Sync Status", "type": "string", "jsonPath": ".status.sync.status"},
    {"name": "Health Status", "type": "string", "jsonPath": ".status.health.status"},
    {"name": "Revision", "type": "string", "jsonPath": ".status.sync.revision", "priority": 10},
    {"name": "Project", "type": "string", "jsonPath": ".spec.project", "priority": 10},
]


def serve_applications(past: Past) -> None:
    """Define the kind, established since the time that the clock shows."""
    moment = past.stamp(past.ago)
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _SCHEMA},
        "subresources": {},
        "additionalPrinterColumns": _COLUMNS,
    }
    past.store.seed(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": NAME,
                "creationTimestamp": moment,
                "generation": 1,
                "labels": {"app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": "argocd"},
                "finalizers": ["customresourcecleanup.apiextensions.k8s.io"],
            },
            "spec": {
                "group": GROUP,
                "names": _NAMES,
                "scope": "Namespaced",
                "versions": [version],
                "conversion": {"strategy": "None"},
            },
            "status": {
                "acceptedNames": _NAMES,
                "storedVersions": ["v1alpha1"],
                "conditions": [
                    condition("NamesAccepted", moment, reason="NoConflicts", message="no conflicts found"),
                    condition(
                        "Established",
                        moment,
                        reason="InitialNamesAccepted",
                        message="the initial names have been accepted",
                    ),
                ],
            },
        }
    )
