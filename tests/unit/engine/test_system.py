"""The settings of the system as they are now: ours above ``argocd-cm``, above Argo CD's defaults."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.cli.settings import parse_settings
from gitops_tui.config import ReconcileSettings, Settings
from gitops_tui.diff.rules import rules_of
from gitops_tui.engine.session import Session
from gitops_tui.engine.system import System
from gitops_tui.errors import ConfigError, Forbidden, NotFound
from gitops_tui.model.resource import GroupKind
from gitops_tui.sync.tracking import TrackingMethod


def config_map(**data: str) -> dict[str, Any]:
    return {"kind": "ConfigMap", "data": {key.replace("__", "."): value for key, value in data.items()}}


def test_what_argocd_cm_says_counts_as_soon_as_it_is_there() -> None:
    system = System(Settings(), "argocd")
    assert system.tracking.method is TrackingMethod.ANNOTATION
    assert system.take(config_map(application__resourceTrackingMethod="label", application__instanceLabelKey="x"), None)
    assert (system.tracking.method, system.tracking.label) == (TrackingMethod.LABEL, "x")
    assert not system.take(
        config_map(application__resourceTrackingMethod="label", application__instanceLabelKey="x"), None
    )
    assert system.take(None, None)
    assert system.tracking.method is TrackingMethod.ANNOTATION


def test_ours_wins_key_by_key() -> None:
    own = {"application.instanceLabelKey": "ours"}
    system = System(Settings(argocd_cm=own, reconcile=ReconcileSettings(poll_s=30)), "argocd")
    system.take(
        config_map(application__instanceLabelKey="theirs", installationID="i", timeout__reconciliation="9s"), None
    )
    assert (system.tracking.label, system.tracking.installation_id, system.settings.poll_s) == ("ours", "i", 30)


def test_what_our_file_says_expressly_wins_even_where_it_is_the_default(tmp_path: Path) -> None:
    text = b"trackingMethod: annotation\nreconcile: {pollSeconds: 120}\nargocd-cm:\n  installationID: here\n"
    system = System(parse_settings(text, str(tmp_path / "config.yaml")), "argocd")
    system.take(config_map(application__resourceTrackingMethod="label", timeout__reconciliation="9s"), None)
    assert system.tracking.method is TrackingMethod.ANNOTATION
    assert system.settings.poll_s == 120
    assert system.settings.installation_id == "here"


def test_a_wrong_value_in_our_file_is_a_wrong_file() -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml: argocdCm: resource\.respectRBAC"):
        parse_settings(b"argocdCm: {resource.respectRBAC: loose}", "config.yaml")


def test_the_jq_time_out_is_a_parameter_of_the_controller() -> None:
    system = System(Settings(), "argocd")
    system.take(None, {"data": {"controller.ignore.normalizer.jq.timeout": "3s", "controller.status.processors": "9"}})
    assert system.settings.jq_timeout_s == 3
    system.take(config_map(ignore__normalizer__jq__timeout="2s"), {"data": {}})
    assert system.settings.jq_timeout_s == 2


def test_a_wrong_value_in_the_cluster_names_the_config_map() -> None:
    system = System(Settings(), "argo")
    system.take(config_map(resource__exclusions="kinds: ["), None)
    assert [one.where for one in system.settings.problems] == ["argo/argocd-cm: resource.exclusions"]
    assert not system.excludes(GroupKind("apps", "Deployment"), ())


def test_what_the_core_reads_is_watched_whatever_is_excluded() -> None:
    system = System(Settings(argocd_cm={"resource.inclusions": [{"kinds": ["Deployment"]}]}), "argocd")
    for kind in (GroupKind("argoproj.io", "Application"), GroupKind("", "ConfigMap")):
        assert system.excludes(kind, ())
        assert not system.is_unwatched(kind, ())
    assert system.is_unwatched(GroupKind("", "Secret"), ())


@pytest.mark.parametrize("error", [NotFound("none"), Forbidden("not yours", code=403)])
def test_what_is_not_there_or_may_not_be_read_is_not_set(error: Exception) -> None:
    def get(*_: Any) -> Any:
        raise error

    home = SimpleNamespace(discovery=SimpleNamespace(find=lambda *_: object()), reader=SimpleNamespace(get=get))
    assert System(Settings(), "argocd").fetched(cast(Session, home)) == (None, None)


def test_a_type_that_nobody_knows_is_told_and_the_field_is_compared_as_it_is() -> None:
    fields = [{"field": "spec.a", "type": "core/v1/Nobody"}, {"field": "spec.b", "type": "core/Quantity"}]
    system = System(Settings(argocd_cm={"resource.customizations.knownTypeFields.a.b_Kind": fields}), "argocd")
    assert [one.message for one in system.settings.problems] == ["nobody knows the type 'core/v1/Nobody'"]
    assert rules_of((), system.settings).known_fields == {"a.b/Kind": {"spec.b": "core/Quantity"}}


def test_where_a_rule_of_the_system_is_from_is_named_truly() -> None:
    """Each key of ours wins as a whole; what only the cluster says is the cluster's."""
    key = "resource.customizations.ignoreDifferences."
    rule, other = "jsonPointers: [/spec/replicas]", "jsonPointers: [/spec/paused]"
    system = System(Settings(argocd_cm={f"{key}apps_Deployment": rule}), "argocd")
    data = {f"{key}apps_Deployment": other, f"{key}apps_StatefulSet": rule}
    assert system.take({"data": data}, None)
    rules = rules_of((), system.settings)
    found = {one.kind: rules.source_of(number) for number, one in enumerate(rules.ignores)}
    assert found == {"Deployment": "the configuration file", "StatefulSet": "argocd-cm"}
    assert rules.ignores[[*found].index("Deployment")].json_pointers == ("/spec/replicas",)
