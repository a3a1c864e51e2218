"""An Application that cannot be what it says, on a real control plane: its status tells, and the others go on."""

from __future__ import annotations

import pytest

from tests.contract.engine.objects import Object, automated, config_map
from tests.contract.engine.site import Site
from tests.contract.target import eventually

HERE = "https://kubernetes.default.svc"


def is_refused(status: Object) -> bool:
    """As Argo CD leaves it: both words unknown, and one condition."""
    words = (status.get("sync") or {}).get("status"), (status.get("health") or {}).get("status")
    kinds = [one["type"] for one in status.get("conditions") or ()]
    return (words, kinds) == (("Unknown", "Unknown"), ["InvalidSpecError"])


def wrong(site: Site) -> dict[str, Object]:
    """Specs that the CustomResourceDefinition lets pass."""
    both = {"server": HERE, "name": "in-cluster", "namespace": site.namespace}
    source = {"repoURL": "https://git.example.org/shop.git", "targetRevision": "main"}
    return {
        "both": {"destination": both},
        "neither": {"destination": {"namespace": site.namespace}},
        "pathless": {"source": {**source, "path": ""}},
        "nowhere": {"source": {**source, "repoURL": "", "path": "apps"}},
    }


@pytest.mark.parametrize("name", ["both", "neither", "pathless", "nowhere"])
def test_an_application_that_is_not_valid_says_so_and_the_others_go_on(site: Site, name: str) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    site.application(name, in_cluster=True, **wrong(site)[name])
    site.application("shop", in_cluster=True, **automated())
    running = site.engine(from_cluster=True, reconcile=True)
    eventually(lambda: is_refused(site.object(name).get("status") or {}))
    eventually(lambda: site.data("settings") is not None)
    assert not [one for one in running.engine.snapshot().problems if name in one.where]
    written = site.object(name)["status"]
    assert "resources" not in written


def test_an_application_that_is_corrected_is_compared_and_one_that_breaks_keeps_what_was_found(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    site.application("shop", in_cluster=True, **wrong(site)["both"], **automated())
    site.engine(from_cluster=True, reconcile=True)
    eventually(lambda: is_refused(site.object("shop").get("status") or {}))
    site.patch("shop", {"spec": {"destination": {"name": None}}})
    eventually(lambda: site.object("shop")["status"]["sync"]["status"] == "Synced")
    assert "conditions" not in site.object("shop")["status"]
    site.patch("shop", {"spec": {"destination": {"name": "in-cluster"}}})
    eventually(lambda: is_refused(site.object("shop")["status"]))
    status = site.object("shop")["status"]
    assert [one["name"] for one in status["resources"]] == ["settings"] and status["history"]
    assert site.data("settings") is not None


def test_an_object_that_finds_no_namespace_is_told_and_nothing_is_applied(site: Site) -> None:
    """As in Argo CD the application is compared all the same."""
    homeless = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "homeless"}}
    housed = {**config_map("settings"), "metadata": {"name": "settings", "namespace": site.namespace}}
    site.commit("begin", {"apps/shop/all.json": [homeless, housed]})
    site.application("shop", in_cluster=True, destination={"server": HERE})
    running = site.engine(from_cluster=True, reconcile=True)
    site.patch("shop", {"operation": {"sync": {}}})

    def ended() -> Object | None:
        status = site.object("shop").get("status") or {}
        return status if (status.get("operationState") or {}).get("phase") == "Error" and "sync" in status else None

    status = eventually(ended)
    assert [one["type"] for one in status["conditions"]] == ["InvalidSpecError"]
    assert "Namespace for homeless" in status["operationState"]["message"]
    assert (status["sync"]["status"], status["health"]["status"]) == ("OutOfSync", "Missing")
    assert [(one["name"], one["status"]) for one in status["resources"]] == [
        ("homeless", "OutOfSync"),
        ("settings", "OutOfSync"),
    ]
    assert running.view("shop").revision and site.data("settings") is None


def test_an_object_without_a_namespace_blocks_no_way_back(site: Site) -> None:
    """What a plan would deploy decides, and not what Git holds now."""
    housed = {**config_map("settings"), "metadata": {"name": "settings", "namespace": site.namespace}}
    homeless = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "homeless"}}
    good = site.commit("begin", {"apps/shop/all.json": [housed]})
    site.application("shop", destination={"server": HERE})
    running = site.engine()
    running.sync("shop")
    bad = site.commit("lose a namespace", {"apps/shop/all.json": [housed, homeless]})
    running.refreshed("shop")
    assert running.plan("shop", revision=good).blockers == ()
    assert running.heal_plan("shop").blockers == ()
    for blockers in (running.plan("shop").blockers, running.plan("shop", revision=bad).blockers):
        assert len(blockers) == 1 and "Namespace for homeless" in blockers[0]
