"""What ``argocd-cm`` says, as one value; wrong values are told one by one and cost nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_tui.manifest.argocd_cm import parse_argocd_cm
from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.resource import GroupKind
from gitops_tui.model.system import KindFilter, KindFilters, StatusFields, SystemSettings

EXCLUSIONS = """
- apiGroups: ['', discovery.k8s.io]
  kinds: [Endpoints, EndpointSlice]
- apiGroups: ["*.cattle.io"]
  kinds: ["*"]
  clusters: ["https://192.0.2.1*"]
"""
IGNORE = """
jsonPointers: [/spec/replicas]
jqPathExpressions:
- .spec.template.spec.initContainers[] | select(.name == "injected")
managedFieldsManagers: [kube-controller-manager]
"""
COMBINED = """
admissionregistration.k8s.io/MutatingWebhookConfiguration:
  ignoreDifferences: |
    jsonPointers:
    - /webhooks/0/clientConfig/caBundle
argoproj.io/Rollout:
  health.lua: |
    return {status = "Healthy"}
  health.lua.useOpenLibs: true
  actions: |
    discovery.lua: return {}
  ignoreResourceUpdates: "jsonPointers: [/status]"
  knownTypeFields:
  - field: spec.template.spec
    type: core/v1/PodSpec
"""


def test_nothing_set_is_argo_cd_s_default() -> None:
    assert parse_argocd_cm({}) == SystemSettings()
    found = SystemSettings()
    assert (found.tracking_method, found.instance_label) == ("annotation", "app.kubernetes.io/instance")
    assert (found.poll_s, found.poll_jitter_s, found.hard_poll_s, found.jq_timeout_s) == (120, 60, 0, 1)
    assert not found.compare.ignore_aggregated_roles
    assert found.compare.ignore_resource_status_field is StatusFields.ALL


def test_filters_of_kinds() -> None:
    found = parse_argocd_cm({"resource.exclusions": EXCLUSIONS, "resource.inclusions": "- kinds: [Deployment]\n"})
    assert found.kinds.exclusions == (
        KindFilter(("", "discovery.k8s.io"), ("Endpoints", "EndpointSlice")),
        KindFilter(("*.cattle.io",), ("*",), ("https://192.0.2.1*",)),
    )
    assert found.kinds.inclusions == (KindFilter((), ("Deployment",)),)
    assert not found.problems


@pytest.mark.parametrize(
    ("exclusions", "inclusions", "kind", "is_excluded"),
    [
        ((), (), GroupKind("apps", "Deployment"), False),
        ((), (KindFilter(kinds=("Deployment",)),), GroupKind("apps", "Deployment"), False),
        ((), (KindFilter(kinds=("Deployment",)),), GroupKind("", "Secret"), True),
        ((KindFilter(kinds=("Secret",)),), (), GroupKind("", "Secret"), True),
        ((KindFilter(kinds=("Secret",)),), (), GroupKind("apps", "Deployment"), False),
        ((KindFilter(kinds=("Secret",)),), (KindFilter(kinds=("Pod",)),), GroupKind("", "Pod"), False),
        ((KindFilter(kinds=("Secret",)),), (KindFilter(kinds=("Secret",)),), GroupKind("", "Secret"), True),
        ((KindFilter(kinds=("Secret",)),), (KindFilter(kinds=("Deployment",)),), GroupKind("", "ConfigMap"), True),
        ((), (), GroupKind("", "Event"), True),
        ((), (), GroupKind("events.k8s.io", "Event"), True),
        ((), (), GroupKind("metrics.k8s.io", "PodMetrics"), True),
        ((), (), GroupKind("coordination.k8s.io", "Lease"), True),
        ((), (KindFilter(kinds=("Lease",)),), GroupKind("coordination.k8s.io", "Lease"), True),
        ((KindFilter(api_groups=("*.cattle.io",)),), (), GroupKind("management.cattle.io", "Token"), True),
        ((KindFilter(kinds=("Deploy*",)),), (), GroupKind("apps", "Deployment"), False),
        ((KindFilter(kinds=("*",), api_groups=("apps",)),), (), GroupKind("apps", "Deployment"), True),
        ((KindFilter(kinds=("Secret",), clusters=("https://other",)),), (), GroupKind("", "Secret"), False),
        ((), (KindFilter(kinds=("Pod",), clusters=("https://other",)),), GroupKind("", "Secret"), False),
        ((KindFilter(kinds=("Secret",), clusters=("https://10.*",)),), (), GroupKind("", "Secret"), True),
    ],
)  # fmt: skip
def test_an_exclusion_beats_an_inclusion(
    exclusions: tuple[KindFilter, ...], inclusions: tuple[KindFilter, ...], kind: GroupKind, is_excluded: bool
) -> None:
    found = KindFilters(exclusions, inclusions)
    assert found.excludes(kind, ("https://10.0.0.1",)) is is_excluded


def test_keys_and_the_combined_document() -> None:
    found = parse_argocd_cm(
        {
            "resource.customizations": COMBINED,
            "resource.customizations.ignoreDifferences.apps_Deployment": IGNORE,
            "resource.customizations.ignoreDifferences.all": "managedFieldsManagers: [kyverno]",
            "resource.customizations.health.Service": "return {}",
            "resource.customizations.useOpenLibs.cert-manager.io_Certificate": "true",
            "resource.customizations.actions.batch_CronJob": "definitions: []",
        }
    )
    assert not found.problems
    rollout = found.customizations["argoproj.io/Rollout"]
    assert rollout.health_lua.startswith("return {status")
    assert rollout.use_open_libs
    assert "discovery.lua" in rollout.actions
    assert rollout.ignore_resource_updates.json_pointers == ("/status",)
    assert found.known_type_fields(GroupKind("argoproj.io", "Rollout")) == {"spec.template.spec": "core/v1/PodSpec"}
    deployment = found.customizations["apps/Deployment"].ignore_differences
    assert deployment.jq_path_expressions == ('.spec.template.spec.initContainers[] | select(.name == "injected")',)
    assert deployment.managed_fields_managers == ("kube-controller-manager",)
    assert found.customizations["*/*"].ignore_differences.managed_fields_managers == ("kyverno",)
    assert found.customizations["Service"].health_lua == "return {}"
    assert found.customizations["cert-manager.io/Certificate"].use_open_libs
    assert found.customizations["batch/CronJob"].actions == "definitions: []"


def test_a_key_replaces_what_the_document_says() -> None:
    found = parse_argocd_cm(
        {
            "resource.customizations": "apps/Deployment:\n  ignoreDifferences: 'jsonPointers: [/a, /b]'\n",
            "resource.customizations.ignoreDifferences.apps_Deployment": "jsonPointers: [/c]",
        }
    )
    assert found.customizations["apps/Deployment"].ignore_differences.json_pointers == ("/c",)


@pytest.mark.parametrize(
    ("written", "ignored"),
    [("all", "*/*"), ("", "*/*"), ("crd", "apiextensions.k8s.io/CustomResourceDefinition"), ("none", ""), ("off", "")],
)
def test_whose_status_is_ignored(written: str, ignored: str) -> None:
    found = parse_argocd_cm({"resource.compareoptions": f"ignoreResourceStatusField: {written}\n"})
    rules = [f"{one.group}/{one.kind}" for one in found.ignored_differences if one.json_pointers == ("/status",)]
    assert rules == ([ignored] if ignored else [])
    assert not found.problems


def test_what_may_change_without_a_comparison() -> None:
    key = "resource.customizations.ignoreResourceUpdates.argoproj.io_Rollout"
    data = {key: "jsonPointers: [/status/x]", "resource.customizations.ignoreDifferences.argoproj.io_Rollout": IGNORE}
    found = parse_argocd_cm(data).customized_updates
    assert found[0] == IgnoreDifference(
        "argoproj.io", "Rollout", "", "", ("/status/x", "/spec/replicas"),
        ('.spec.template.spec.initContainers[] | select(.name == "injected")',), ("kube-controller-manager",),
    )  # fmt: skip
    alone = parse_argocd_cm({**data, "resource.compareoptions": "ignoreDifferencesOnResourceUpdates: false"})
    assert alone.customized_updates[0].json_pointers == ("/status/x",)
    assert not parse_argocd_cm({**data, "resource.ignoreResourceUpdatesEnabled": "false"}).customized_updates


def test_what_is_written_as_text_may_be_written_as_yaml() -> None:
    written = parse_argocd_cm(
        {
            "resource.exclusions": [{"apiGroups": [""], "kinds": ["Endpoints"]}],
            "resource.compareoptions": {"ignoreAggregatedRoles": True},
            "resource.customizations.ignoreDifferences.apps_Deployment": {"jsonPointers": ["/spec/replicas"]},
            "resource.sensitive.mask.annotations": ["a", "b"],
            "resource.ignoreResourceUpdatesEnabled": False,
        }
    )
    assert not written.problems
    assert written.compare.ignore_aggregated_roles
    assert written.sensitive_annotations == ("a", "b")
    assert written.customizations["apps/Deployment"].ignore_differences.json_pointers == ("/spec/replicas",)


def test_the_rest() -> None:
    found = parse_argocd_cm(
        {
            "application.resourceTrackingMethod": "annotation+label",
            "application.instanceLabelKey": "mycompany.com/appname",
            "installationID": "one",
            "resource.sensitive.mask.annotations": "openshift.io/token-secret.value, api-key,",
            "timeout.reconciliation": "180s",
            "timeout.reconciliation.jitter": "0s",
            "timeout.hard.reconciliation": "1d",
            "ignore.normalizer.jq.timeout": "5s",
            "resource.respectRBAC": "strict",
            "globalProjects": "- projectName: all\n  labelSelector: {matchLabels: {opt: prod}}\n",
            "admin.enabled": "false",
            "accounts.alice": "login",
            "url": "https://argocd.example.com",
        }
    )
    assert not found.problems
    assert (found.tracking_method, found.instance_label) == ("annotation+label", "mycompany.com/appname")
    assert found.installation_id == "one"
    assert found.sensitive_annotations == ("openshift.io/token-secret.value", "api-key")
    assert (found.poll_s, found.poll_jitter_s, found.hard_poll_s, found.jq_timeout_s) == (180, 0, 86400, 5)
    assert found.respect_rbac == "strict"
    assert found.global_projects[0].project_name == "all"
    assert found.global_projects[0].label_selector == {"matchLabels": {"opt": "prod"}}


WRONG = {
    "resource.exclusions": "apiGroups: [",
    "resource.inclusions": "kinds: [Secret]",
    "resource.compareoptions": "ignoreResourceStatusField: sometimes",
    "resource.customizations": "- a\n- b",
    "resource.customizations.ignoreDifferences.apps_Deployment": "jsonPointers: /spec/replicas",
    "resource.customizations.ignoreDifferences.a_b_c": "jsonPointers: []",
    "resource.customizations.knownTypeFields.a_B": "field: spec",
    "resource.customizations.healht.apps_Deployment": "return {}",
    "resource.customizations.useOpenLibs.apps_Deployment": "yes, please",
    "resource.ignoreResourceUpdatesEnabled": "maybe",
    "application.resourceTrackingMethod": "labels",
    "resource.respectRBAC": "loose",
    "timeout.reconciliation": "2 minutes",
    "timeout.hard.reconciliation": "-5s",
    "ignore.normalizer.jq.timeout": "1",
    "globalProjects": "projectName: x",
}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_value_is_one_problem_that_names_its_key(key: str) -> None:
    found = parse_argocd_cm({key: WRONG[key], "installationID": "goes on"}, "argocd/argocd-cm")
    assert found.installation_id == "goes on"
    assert [one.where for one in found.problems] == [f"argocd/argocd-cm: {key}"]
    assert found.problems[0].message
    assert key in found.problems[0].hint


def test_all_wrong_values_are_told_and_the_rest_is_read() -> None:
    found = parse_argocd_cm({**WRONG, "resource.customizations.health.apps_Deployment": "return {}"})
    assert len(found.problems) == len(WRONG)
    assert found.customizations["apps/Deployment"].health_lua == "return {}"
    assert found.compare == SystemSettings().compare


ODD = ("", " ", "a: b", "- a", "[", "{", "null", "1", "!!binary x", "&a *a", "- {}", "a: {b: [c]}", "---", "\x00")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(WRONG)), st.one_of(st.sampled_from(ODD), st.booleans(), st.integers())))
def test_no_content_makes_it_fail(data: dict[str, object]) -> None:
    assert isinstance(parse_argocd_cm(data), SystemSettings)
