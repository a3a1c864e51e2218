"""Who stands behind a field manager's name: the one list of names (design: drift). Settings extend it.

Names are globs, compared without case. managedFields name a client and never a person: a class says whose tool it is.
"""

from __future__ import annotations

from typing import Final

from gitops_tui.model.status import WriterClass

GIT: Final = ("argocd-controller", "argocd-application-controller", "kubectl-client-side-apply")
"""Besides ourselves. What ``kubectl apply`` wrote is taken over by the migration of managers."""

CLUSTER: Final = ("kube-*", "kubelet", "cloud-controller-manager", "k3s", "apiserver")

AUTOSCALERS: Final = (
    "horizontal-pod-autoscaler",
    "keda*",
    "vpa-*",
    "*-autoscaler",
    "cluster-proportional-autoscaler",
    "knative-autoscaler",
)

PERSONS: Final = (
    "kubectl",
    "kubectl-*",
    "oc",
    "k9s",
    "lens*",
    "freelens*",
    "openlens*",
    "headlamp*",
    "octant",
    "kubernetes-dashboard*",
    "dashboard",
    "rancher-dashboard",
)

DEPLOYERS: Final = (
    "helm",
    "helm-controller",
    "kustomize-controller",
    "flux*",
    "terraform*",
    "hashicorp",
    "pulumi*",
    "ansible*",
    "skaffold",
    "tilt",
    "github-actions*",
    "gitlab*",
    "jenkins*",
    "circleci*",
    "buildkite*",
    "tekton*",
    "spinnaker*",
    "fleetagent",
    "codefresh*",
    "drone*",
    "azure-pipelines*",
)

TABLE: Final[tuple[tuple[WriterClass, tuple[str, ...]], ...]] = (
    (WriterClass.GIT, GIT),
    (WriterClass.AUTOSCALER, AUTOSCALERS),
    (WriterClass.CLUSTER, CLUSTER),
    (WriterClass.PERSON, PERSONS),
    (WriterClass.DEPLOYER, DEPLOYERS),
)
"""The first class with a matching name wins; what no name matches is `WriterClass.OTHER`."""

TICKED: Final = frozenset({"kubectl-edit", "kubectl-set"})
"""Whose fields are ticked in the plan of a heal, and healed by themselves where the Application asks for it."""

RESTART: Final = "kubectl-rollout"
"""``kubectl rollout restart``: an event, not drift."""
