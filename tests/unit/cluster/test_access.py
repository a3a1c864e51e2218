"""A plain kubeconfig is read as the ``kubernetes`` package reads it, without importing that; the rest is left to it."""

from __future__ import annotations

import base64
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from gitops_tui.cluster import kubeconfig as kubeconfigs
from gitops_tui.cluster.access import Access, PackagedAccess, PlainAccess, plain_access
from gitops_tui.sandbox.certificate import make_certificate
from tests.unit.cluster.scripted import kubeconfig

SERVER = "https://a.example:6443/"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    make_certificate(tmp_path)
    (tmp_path / "token").write_text("from a file")
    return {name: tmp_path / name for name in ("server.crt", "server.key", "token")}


def data(file: Path) -> str:
    return base64.standard_b64encode(file.read_bytes()).decode()


def loaded(tmp_path: Path, user: dict[str, Any], **cluster: Any) -> Access:
    file = tmp_path / "config"
    kubeconfig(file, SERVER, user, **cluster)
    return kubeconfigs.load(kubeconfigs.choose(str(file), None), str(file))


def packaged(tmp_path: Path) -> PackagedAccess:
    file = str(tmp_path / "config")
    info = kubeconfigs.choose(file, None)
    return PackagedAccess(kubeconfigs._configuration(info, file, is_in_pod=False, is_quiet=False))


def of_user(kind: str, files: dict[str, Path]) -> dict[str, Any]:
    certificate, key, token = files["server.crt"], files["server.key"], files["token"]
    return {
        "nobody": {},
        "token": {"token": "abc"},
        "token file": {"tokenFile": str(token)},
        "token before file": {"token": "abc", "tokenFile": str(token)},
        "certificate": {"client-certificate": str(certificate), "client-key": str(key)},
        "certificate data": {"client-certificate-data": data(certificate), "client-key-data": data(key)},
        "data before file": {
            "client-certificate": "/nowhere",
            "client-certificate-data": data(certificate),
            "client-key-data": data(key),
        },
    }[kind]


def of_cluster(kind: str, files: dict[str, Path]) -> dict[str, Any]:
    return {
        "system's roots": {},
        "authority": {"certificate-authority": str(files["server.crt"])},
        "authority data": {"certificate-authority-data": data(files["server.crt"])},
        "another name": {"certificate-authority": str(files["server.crt"]), "tls-server-name": "kubernetes"},
        "not verified": {"insecure-skip-tls-verify": True},
    }[kind]


USERS = ("nobody", "token", "token file", "token before file", "certificate", "certificate data", "data before file")
CLUSTERS = ("system's roots", "authority", "authority data", "another name", "not verified")


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("user", USERS)
def test_what_is_plain_is_read_as_the_package_reads_it(
    tmp_path: Path, files: dict[str, Path], user: str, cluster: str
) -> None:
    found = loaded(tmp_path, of_user(user, files), **of_cluster(cluster, files))
    assert isinstance(found, PlainAccess)
    theirs = packaged(tmp_path)
    assert (found.host, found.is_verified, found.bearer()) == (theirs.host, theirs.is_verified, theirs.bearer())
    assert (found.server_name or None) == theirs.configuration.tls_server_name
    assert (found.host, found.certificate, found.key, found.authority) == theirs.identity()
    ours_pool, their_pool = found.pool_manager().connection_pool_kw, theirs.pool_manager().connection_pool_kw
    assert ours_pool.get("server_hostname") == their_pool.get("server_hostname")
    assert ssl.VerifyMode[f"CERT_{ours_pool['cert_reqs']}"] == their_pool["cert_reqs"]
    assert ours_pool["maxsize"] == their_pool["maxsize"]
    assert ours_pool["socket_options"] == their_pool["socket_options"]
    assert ours_pool["retries"].total is their_pool["retries"].total is False


@pytest.mark.parametrize(
    "user",
    [
        {"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1"}},
        {"auth-provider": {"name": "oidc"}},
        {"username": "ana", "password": "secret"},
        {"token": "abc", "as": "bob"},
        {"tokenFile": "beside/the/kubeconfig"},
        {"client-certificate-data": "bm90IGEgY2VydGlmaWNhdGU=", "client-key-data": "bm90aGluZw=="},
        {"client-certificate-data": "§"},
        {"token": 5},
    ],
    ids=str,
)
def test_what_is_not_plain_or_wrong_is_left_to_the_package(user: dict[str, Any]) -> None:
    assert plain_access({"server": SERVER}, user) is None


@pytest.mark.parametrize("cluster", [{"proxy-url": "http://proxy:3128"}, {"new-field": 1}, {"server": "a.example"}])
def test_so_is_a_cluster_with_more_to_it(cluster: dict[str, Any]) -> None:
    assert plain_access({"server": SERVER, **cluster}, {"token": "abc"}) is None


def test_so_is_everything_where_the_environment_names_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain_access({"server": SERVER}, {"token": "abc"}) is not None
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    assert plain_access({"server": SERVER}, {"token": "abc"}) is None


def test_a_key_with_a_passphrase_is_left_to_the_package_and_asks_nobody(files: dict[str, Path]) -> None:
    key = load_pem_private_key(files["server.key"].read_bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    files["server.key"].write_bytes(locked)
    assert plain_access({"server": SERVER}, of_user("certificate", files)) is None


def test_credentials_are_in_no_message_and_in_no_file(tmp_path: Path, files: dict[str, Path]) -> None:
    user = of_user("certificate data", files) | {"token": "very secret"}
    found = plain_access({"server": SERVER}, user)
    assert found is not None
    assert repr(found) == "PlainAccess(https://a.example:6443)"
    script = (
        "import base64, os, sys, tempfile; from gitops_tui.cluster.access import plain_access;"
        f"access = plain_access({{'server': {SERVER!r}}}, {user!r}); access.pool_manager();"
        "print(os.listdir(tempfile.gettempdir()), 'kubernetes' in sys.modules)"
    )
    empty = tmp_path / "tmp"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"TMPDIR": str(empty)}
    )
    assert done.stdout.strip() == "[] False"
