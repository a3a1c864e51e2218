"""The cockpit in a pseudo-terminal over a real cluster: drift by hand seen and healed, a commit reverted, by keys."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.control_plane import kubectl_path
from tests.e2e.conftest import DEPLOYMENT, Site, until
from tests.e2e.terminal import Screen

pytestmark = [pytest.mark.control_plane, pytest.mark.slow]

EDITOR = """\
#!/bin/sh
sed -i 's/^\\( *\\)- name: MODE$/\\1- name: BY_HAND\\n\\1  value: "1"\\n&/' "$1"
"""


def edited(site: Site) -> None:
    """``kubectl edit`` with an editor that adds a variable, as a person would."""
    editor = Path(site.home) / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    subprocess.run(
        [kubectl_path(), f"--kubeconfig={site.cluster.kubeconfig}", "-n", site.namespace, "edit", "deployment/api"],
        env={**os.environ, "KUBE_EDITOR": str(editor)}, check=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def settled(screen: Screen) -> None:
    """Past the moment in which a question that just opened hears nothing."""
    screen.drain()
    screen.read(0.8)


def go_on(screen: Screen, typed: str = "") -> None:
    """From Cancel, which has the focus, to the other button, by way of the field where something must be typed."""
    screen.shows("Cancel")
    settled(screen)
    if typed:
        screen.press("\x1b[Z")
        screen.drain()
        screen.press(typed)
        screen.until(lambda text: typed in text and f"type here: {typed}" not in text, "what was typed")
        screen.press("\t")
        screen.drain()
    screen.press("\t")
    screen.drain()
    screen.press("\r")
    screen.until(lambda text: "Cancel" not in text, "the question closed")


def marked(text: str) -> list[str]:
    """The lines on which a cursor is."""
    return [line for line in text.splitlines() if "›" in line]


def tick(screen: Screen, words: str) -> None:
    """Move to a field of the plan and tick it."""
    screen.shows(f"[ ] {words}")
    settled(screen)
    while not any(words in line for line in marked(screen.text)):
        before = marked(screen.text)
        screen.press("j")
        screen.until(lambda text: marked(text) != before, f"the cursor below {before}")  # noqa: B023 - waited for within the round
    screen.press(" ")
    screen.shows(f"[x] {words}")


def test_drift_by_hand_is_seen_attributed_and_healed(site: Site) -> None:
    site.works("app", "sync", "api-service")
    with site.open() as screen:
        screen.shows("api-service", "Synced", "Healthy")
        site.kubectl("set", "env", "deployment/api", "MODE=debug")
        screen.shows("MODE", "debug", "kubectl-set")
        edited(site)
        screen.shows("BY_HAND", "kubectl-edit")
        site.rolled_out()
        screen.shows("Healthy")
        screen.press("H")
        screen.shows("debug → production", "1 stays as it is", "somebody may be at work on this")
        tick(screen, "env BY_HAND")
        go_on(screen, typed="api-service")
        until(lambda: site.variables() == {"MODE": "production"}, "the variables of Git")
        screen.until(lambda text: "BY_HAND" not in text.split("History")[0], "the healed state")
        screen.press("q")
        assert screen.end() == 0
        assert screen.has_restored_modes()


def test_a_commit_is_reverted_pushed_and_synced(site: Site) -> None:
    site.works("app", "sync", "api-service")
    bad = site.commit("raise the image", deployment=DEPLOYMENT.format(image="nginx:1.28"))
    site.works("app", "sync", "api-service")
    with site.open() as screen:
        screen.shows("api-service", "Synced", "raise the image")
        screen.press("3")
        screen.drain()
        screen.press("v")
        screen.shows("raise the image", "deployment.yaml", "nginx:1.27")
        go_on(screen)
        until(lambda: site.pushed().endswith('Revert "raise the image"'), "the pushed revert")
        assert not site.pushed().startswith(bad)
        until(lambda: site.container()["image"] == "nginx:1.27", "the image of before")
        screen.shows("Synced")
        screen.press("q")
        assert screen.end() == 0


def test_a_read_only_cockpit_writes_nothing(site: Site) -> None:
    site.works("app", "sync", "api-service")
    site.kubectl("set", "env", "deployment/api", "MODE=debug")
    with site.open("--read-only") as screen:
        screen.shows("api-service", "MODE")
        screen.press("H")
        settled(screen)
        assert "Cancel" not in screen.text
        screen.press("q")
        assert screen.end() == 0
    assert site.variables() == {"MODE": "debug"}
