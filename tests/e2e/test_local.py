"""``--local``: what somebody is about to commit, compared and deployed from a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import AUTOMATED, CONFIG, Site

pytestmark = [pytest.mark.control_plane, pytest.mark.timeout(600)]


def at_work(site: Site) -> Path:
    folder = site.home / "at-work"
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG.replace("hello", "from a folder"))
    return folder


def greeting(site: Site) -> str:
    found = json.loads(site.kubectl("get", "configmap", "api-config", "-o", "json"))["data"]["greeting"]
    return str(found)


@pytest.mark.slow
def test_a_folder_is_compared_and_deployed(site: Site) -> None:
    site.works("app", "sync", "api-service", "--timeout", "90")
    folder = str(at_work(site))
    diff = site.run("app", "diff", "api-service", "--local", folder)
    assert diff.returncode == 1 and "from a folder" in diff.stdout
    chosen = ("--local", folder, "--resource", ":ConfigMap:*")
    assert "Succeeded" in site.works("app", "sync", "api-service", *chosen, "--dry-run", "--timeout", "90")
    assert greeting(site) == "hello"
    assert "Succeeded" in site.works("app", "sync", "api-service", *chosen, "--timeout", "90")
    assert greeting(site) == "from a folder"
    left = site.run("app", "sync", "api-service", "--local", folder, "--timeout", "90")
    assert left.returncode == 1 and "1 resources require pruning" in left.stderr, "the Deployment is not in the folder"
    newest = json.loads(site.works("app", "history", "api-service", "-o", "json"))[0]
    assert newest["id"] == 1 and "revision" not in newest, "it is of no commit"
    site.works("app", "sync", "api-service", "--timeout", "90")
    assert greeting(site) == "hello"


def test_what_a_folder_cannot_be(site: Site) -> None:
    folder = at_work(site)
    for words, code, said in (
        (("--revision", "main"), 2, "exclude each other"),
        (("--label", "tier=none"), 2, "no object"),
    ):
        done = site.run("app", "sync", "api-service", "--local", str(folder), *words)
        assert done.returncode == code and said in done.stderr, (words, done.stderr)
    missing = site.run("app", "sync", "api-service", "--local", str(folder / "nowhere"))
    assert missing.returncode == 20 and "cannot be read" in missing.stderr
    site.declare(AUTOMATED)
    done = site.run("app", "sync", "api-service", "--local", str(folder))
    assert done.returncode == 20 and "Automatic Sync Policy" in done.stderr
