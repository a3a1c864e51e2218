"""A source that is not rendered here: shown as its Application reports it, and never touched."""

from __future__ import annotations

import pytest

from gitops_tui.errors import OperationError
from gitops_tui.model.snapshot import Mode
from gitops_tui.model.status import HealthStatus, SyncStatus
from tests.contract.engine.objects import automated, config_map
from tests.contract.engine.site import PATIENCE_S, Site
from tests.contract.target import eventually

CHART = {"apps/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n"}
KUSTOMIZATION = {"apps/shop/kustomization.yaml": "resources: [settings.json]\n"}
STATUS = {
    "sync": {"status": "OutOfSync", "revision": "0123456789abcdef0123456789abcdef01234567"},
    "health": {"status": "Degraded", "message": "as somebody saw it"},
    "resources": [{"version": "v1", "kind": "ConfigMap", "name": "settings", "status": "OutOfSync"}],
}


@pytest.mark.parametrize("files", [CHART, KUSTOMIZATION], ids=["helm", "kustomize"])
def test_what_is_not_rendered_is_shown_as_reported_and_left_alone(site: Site, files: dict[str, str]) -> None:
    site.commit("begin", {**files, "apps/shop/settings.json": config_map("settings", a="1")})
    site.application("shop", in_cluster=True, **automated(heal=True, prune=True))
    site.patch("shop", {"status": STATUS})
    running = site.engine(from_cluster=True, reconcile=True)
    eventually(lambda: running.engine.snapshot().mode is Mode.RECONCILING)
    view = running.until("shop", lambda view: any(one.code == "not-rendered" for one in view.log))
    assert view.as_reported and not view.is_loading
    assert (view.sync, view.health.status) == (SyncStatus.OUT_OF_SYNC, HealthStatus.DEGRADED)
    assert [(one.key.name, one.message) for one in view.resources] == [("settings", "as reported")]
    for ask in (running.heal_plan, running.plan):
        with pytest.raises(OperationError, match="not rendered here"):
            ask("shop")
    with pytest.raises(OperationError, match="not rendered here"):
        running.engine.plan_revert(view.key, [site.git("rev-parse", "HEAD")]).result(PATIENCE_S)
    assert site.config_maps() == set()
    assert site.object("shop")["status"] == STATUS


def test_without_a_report_it_is_unknown(site: Site) -> None:
    site.commit("begin", dict(CHART))
    site.application("shop")
    view = site.engine().view("shop")
    assert (view.sync, view.as_reported, view.is_loading) == (SyncStatus.UNKNOWN, False, False)
