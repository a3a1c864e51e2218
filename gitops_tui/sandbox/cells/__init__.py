"""What ``kubectl get`` shows in each column of each kind. Source: kubernetes/pkg/printers."""

from __future__ import annotations

from gitops_tui.sandbox.cells import network, others, storage, workloads
from gitops_tui.sandbox.cells.common import Cells, created_only, name_and_age
from gitops_tui.sandbox.pod_cells import pod_cells

__all__ = ["CELLS", "name_and_age"]

CELLS: dict[str, Cells] = {
    "pods": pod_cells,
    "deployments.apps": workloads.deployment,
    "replicasets.apps": workloads.replica_set,
    "replicationcontrollers": workloads.replica_set,
    "statefulsets.apps": workloads.stateful_set,
    "daemonsets.apps": workloads.daemon_set,
    "controllerrevisions.apps": others.revision,
    "jobs.batch": workloads.job,
    "cronjobs.batch": workloads.cron_job,
    "services": network.service,
    "ingresses.networking.k8s.io": network.ingress,
    "ingressclasses.networking.k8s.io": network.ingress_class,
    "networkpolicies.networking.k8s.io": network.network_policy,
    "endpoints": network.endpoints,
    "endpointslices.discovery.k8s.io": network.endpoint_slice,
    "configmaps": storage.config_map,
    "secrets": storage.secret,
    "persistentvolumeclaims": storage.claim,
    "persistentvolumes": storage.volume,
    "storageclasses.storage.k8s.io": storage.storage_class,
    "namespaces": storage.namespace,
    "nodes": storage.node,
    "events": storage.event,
    "resourcequotas": storage.quota,
    "limitranges": created_only,
    "roles.rbac.authorization.k8s.io": created_only,
    "clusterroles.rbac.authorization.k8s.io": created_only,
    "rolebindings.rbac.authorization.k8s.io": others.binding,
    "clusterrolebindings.rbac.authorization.k8s.io": others.binding,
    "horizontalpodautoscalers.autoscaling": others.autoscaler,
    "poddisruptionbudgets.policy": others.budget,
    "leases.coordination.k8s.io": others.lease,
    "customresourcedefinitions.apiextensions.k8s.io": others.crd,
    "apiservices.apiregistration.k8s.io": others.api_service,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": others.webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": others.webhooks,
    "priorityclasses.scheduling.k8s.io": others.priority_class,
}
"""Kinds without an entry show their name and age."""
