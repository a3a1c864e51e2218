"""``app logs`` on a real control plane: followed, since, previous, tail, container and filter."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest

from tests.e2e.conftest import Site, until
from tests.e2e.terminal import PROGRAM

pytestmark = [pytest.mark.control_plane, pytest.mark.timeout(600)]


@pytest.fixture
def deployed(site: Site) -> Site:
    if not site.cluster.has_controllers:
        pytest.skip("needs pods")
    site.works("app", "sync", "api-service", "--timeout", "90")
    site.rolled_out()
    return site


def write(site: Site, text: str, at: str = "") -> None:
    """One line of every pod's log."""
    stamp = at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
    with site.cluster.pod_log.open("a") as file:
        file.write(f"{stamp} stdout F {text}\n")


@pytest.mark.slow
def test_which_lines_are_shown(deployed: Site) -> None:
    site, mark = deployed, deployed.namespace
    write(site, f"old {mark}", at="2020-01-01T00:00:00.000000000Z")
    write(site, f"new {mark}")
    logs = ("app", "logs", "api-service")

    def texts(*words: str) -> list[str]:
        return [line.split(" ", 2)[2] for line in site.works(*logs, *words).splitlines()]

    assert [one for one in texts() if mark in one] == [f"old {mark}", f"new {mark}"]
    assert texts("--filter", f"old {mark}") == [f"old {mark}"]
    assert [one for one in texts("--since", "10m") if mark in one] == [f"new {mark}"]
    assert texts("--tail", "1") == [f"new {mark}"]
    assert texts("--tail", "1", "--container", "api") == [f"new {mark}"]
    stamped = site.works(*logs, "--tail", "1", "--timestamps").split(" ", 3)
    assert stamped[2].endswith("Z") and stamped[3].strip() == f"new {mark}"
    missing = site.run(*logs, "--container", "nobody")
    assert missing.returncode == 20 and "has no container nobody" in missing.stderr


@pytest.mark.slow
def test_a_container_that_never_restarted_has_no_log_of_before(deployed: Site) -> None:
    """What the API server answers is told: as kubectl does it, nothing is not taken for an empty log."""
    done = deployed.run("app", "logs", "api-service", "--previous", "--tail", "1")
    kubectl = deployed.cluster.kubectl(
        "-n", deployed.namespace, "logs", "deployment/api", "--previous", "--tail=1", check=False
    )
    assert done.returncode == 0
    assert (kubectl.strip() in done.stdout) if kubectl.strip() else ("cannot be read" in done.stdout), done.stdout


@pytest.mark.slow
def test_lines_come_as_they_are_written(deployed: Site) -> None:
    site, mark = deployed, f"followed {deployed.namespace}"
    words = [*PROGRAM, *site.words, "app", "logs", "api-service", "--follow", "--tail", "0", "--filter", mark]
    heard = site.home / "heard"
    with heard.open("w") as out:
        running = subprocess.Popen(words, env=site.env, stdout=out, stderr=subprocess.DEVNULL)
        try:
            written = 0

            def comes() -> bool:
                nonlocal written
                written += 1
                write(site, f"{mark} {written}")
                return mark in heard.read_text()

            until(comes, "a line that was written while the log is followed")
            assert running.poll() is None, "it goes on"
        finally:
            running.terminate()
            running.wait(30)
    assert heard.read_text().splitlines()[0].startswith("api-")
