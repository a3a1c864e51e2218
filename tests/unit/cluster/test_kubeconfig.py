"""Kubeconfigs: several as one, contexts, and what is wrong in words that name the file and the way out."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gitops_tui.cluster.connection import Connection
from gitops_tui.errors import ConfigError
from tests.unit.cluster.scripted import kubeconfig

FIRST = """
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: a, cluster: {server: https://a.example:6443}}
contexts:
- {name: one, context: {cluster: a, user: ana, namespace: shop}}
users:
- {name: ana, user: {token: first}}
"""
SECOND = """
current-context: two
clusters:
- {name: a, cluster: {server: https://other.example:6443}}
- {name: b, cluster: {server: https://b.example:6443}}
contexts:
- {name: one, context: {cluster: b, user: bob}}
- {name: two, context: {cluster: b, user: bob}}
users:
- {name: bob, user: {token: second}}
"""


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def two_files(tmp_path: Path) -> str:
    (tmp_path / "first").write_text(FIRST)
    (tmp_path / "second").write_text(SECOND)
    return os.pathsep.join(str(tmp_path / name) for name in ("first", "missing", "second"))


def test_of_several_files_the_first_that_says_something_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", two_files(tmp_path))
    found = {one.name: one for one in Connection.contexts()}
    assert [(one.cluster, one.server, one.user, one.namespace) for one in found.values()] == [
        ("a", "https://a.example:6443", "ana", "shop"),
        ("b", "https://b.example:6443", "bob", ""),
    ]
    connection = Connection.open()
    assert (connection.context, connection.server, connection.namespace) == ("one", "https://a.example:6443", "shop")
    assert connection._login.headers() == (0, {"authorization": "Bearer first"})
    connection.close()


def test_a_context_of_a_later_file_has_that_file_s_user(tmp_path: Path) -> None:
    connection = Connection.open(two_files(tmp_path), "two")
    assert (connection.server, connection.user_name) == ("https://b.example:6443", "bob")
    assert connection._login.headers()[1] == {"authorization": "Bearer second"}
    connection.close()


def test_files_beside_a_kubeconfig_are_found_from_there(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file")
    file = kubeconfig(tmp_path / "config", "http://127.0.0.1:1", {"tokenFile": "token"})
    connection = Connection.open(str(file))
    assert connection._login.headers()[1] == {"authorization": "Bearer from-file"}
    connection.close()


def test_no_kubeconfig_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Connection.open()
    assert str(tmp_path / "home" / ".kube" / "config") in caught.value.message
    assert "--kubeconfig" in caught.value.hint and "gitops-tui demo" in caught.value.hint


def test_an_unknown_context_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no context 'three'") as caught:
        Connection.open(two_files(tmp_path), "three")
    assert caught.value.hint == "Choose one with --context; known: one, two."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\tclusters: []", "config:1"),
        ("- a list", "not an object"),
        (FIRST.replace("clusters:\n", "clusters: nonsense\nelse:\n"), "clusters must be a list"),
        (FIRST.replace("name: ana, ", ""), "users must be a list of entries with names"),
        (FIRST.replace("current-context: one", ""), "no current context"),
        (FIRST.replace("cluster: a, ", "cluster: z, "), "cluster 'z'"),
        (FIRST.replace("user: ana", "user: eve"), "user 'eve'"),
        (FIRST.replace("server: https", "certificate-authority-data: abcde, server: https"), "config: "),
        (FIRST.replace("server: https", "certificate-authority: nowhere.crt, server: https"), "nowhere.crt"),
        ("", "no current context"),
    ],
)
def test_a_broken_kubeconfig_is_named_with_the_way_out(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        Connection.open(str(file))
    assert str(file) in caught.value.message
    assert words in caught.value.message
    assert "--kubeconfig" in caught.value.hint or "--context" in caught.value.hint


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        Connection.open(str(tmp_path))
    assert str(tmp_path) in caught.value.message


def test_a_plugin_that_fails_is_said_before_anything_is_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "login"
    plugin.write_text("#!/bin/sh\necho 'the session has expired' >&2\nexit 3\n")
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    user = {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}
    }
    file = kubeconfig(tmp_path / "config", "https://127.0.0.1:1", user)
    with pytest.raises(ConfigError) as caught:
        Connection.open(str(file))
    assert str(plugin) in caught.value.message and "the session has expired" in caught.value.message
    assert "log in" in caught.value.hint
    assert capfd.readouterr() == ("", "")  # the cockpit may be drawn there


def test_a_plugin_that_is_not_there_is_named(tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
    with pytest.raises(ConfigError, match="no-such-plugin"):
        Connection.open(str(kubeconfig(tmp_path / "config", "https://127.0.0.1:1", user)))


def test_in_a_pod_the_service_account_logs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kubernetes.config import incluster_config

    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(ConfigError, match="service account"):
        Connection.open()
    for name in ("token", "ca.crt"):
        (tmp_path / name).write_text(name)
    # The defaults of load_incluster_config are read when it is called.
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    connection = Connection.open()
    assert (connection.context, connection.server) == ("in-cluster", "https://10.96.0.1:443")
    assert connection._login.headers()[1] == {"authorization": "bearer token"}
    connection.close()


def test_contexts_are_read_without_the_kubernetes_package(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys; from gitops_tui.cluster.connection import Connection;"
        f"print([one.name for one in Connection.contexts({two_files(tmp_path)!r})], 'kubernetes' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['one', 'two'] False"
