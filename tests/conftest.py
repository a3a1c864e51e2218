"""Fixtures that every kind of test may use, and an environment that is the same on every machine."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gitops_tui.logs import ROOT
from tests.control_plane import ControlPlane, why_not

# Read at import by Textual, or change what is drawn: a developer's own settings must not reach the pictures.
for _name in (
    "NO_COLOR",
    "TEXTUAL_THEME",
    "TEXTUAL_COLOR_SYSTEM",
    "COLORTERM",
    "GITOPS_TUI_APPS",
    "GITOPS_TUI_CONTEXT",
):
    os.environ.pop(_name, None)
os.environ["TEXTUAL_ANIMATIONS"] = "none"
# How long an example takes says something about the machine and nothing about the rule.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-screens", action="store_true", help="accept the cockpit's pictures as they are now")


@pytest.fixture(autouse=True)
def _diagnostics_go_where_they_went() -> Iterator[None]:
    """A command that runs in the test's process sends them elsewhere: to a stream that ends with the test."""
    root = logging.getLogger(ROOT)
    handlers, level, propagates = root.handlers[:], root.level, root.propagate
    yield
    root.handlers[:], root.propagate = handlers, propagates
    root.setLevel(level)


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """One real control plane for the whole session, with the Argo CD CRDs and the audit log on."""
    reused = os.environ.get("GITOPS_TUI_TEST_CLUSTER")
    if reused:
        yield ControlPlane(Path(reused), owned=False)
        return
    if reason := why_not():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    cluster = ControlPlane.up(tmp_path_factory.mktemp("control-plane") / "c", "--argocd-crds", "--audit", "Metadata")
    yield cluster
    cluster.down()


@pytest.fixture
def namespace(control_plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh namespace a test; deleted (without waiting) when the test ends."""
    name = f"t-{uuid.uuid4().hex[:10]}"
    control_plane.kubectl("create", "namespace", name)
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false", check=False)
