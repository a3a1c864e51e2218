"""The first picture holds every Application, whatever the cluster lists first."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from gitops_tui.cluster.client import Reader
from gitops_tui.engine.feed import Loaded, ObjectFeed
from tests.contract.engine.objects import DEFINITION, Object, config_map
from tests.contract.engine.site import Site
from tests.contract.target import eventually

LIST_S = 1.0
"""How long Applications take to be listed: everything else is told long before."""
LOAD_S = 0.3
PROJECTS = "/apis/argoproj.io/v1alpha1/appprojects"


def project_definition() -> Object:
    found = copy.deepcopy(DEFINITION)
    found["metadata"]["name"] = "appprojects.argoproj.io"
    names = {"kind": "AppProject", "listKind": "AppProjectList", "plural": "appprojects", "singular": "appproject"}
    found["spec"]["names"] = names
    return found


def test_applications_that_are_listed_last_are_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects are told of first; what is read of Applications then is nothing, and must not be taken for all."""
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    site.application("shop", in_cluster=True)
    if site.target.call("GET", PROJECTS).code != 200:
        site.target.ok("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", project_definition())
        eventually(lambda: site.target.call("GET", PROJECTS).code == 200)
    listed, load = Reader.list, ObjectFeed.load

    def slow_list(reader: Reader, resource: Any, **how: Any) -> Any:
        if resource.plural == "applications":
            time.sleep(LIST_S)
        return listed(reader, resource, **how)

    def slow_load(feed: ObjectFeed) -> Loaded:
        time.sleep(LOAD_S)
        return load(feed)

    monkeypatch.setattr(Reader, "list", slow_list)
    monkeypatch.setattr(ObjectFeed, "load", slow_load)
    assert site.engine(from_cluster=True).view("shop").resources
