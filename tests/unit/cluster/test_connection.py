"""Requests over a real socket: credentials and their renewal, patience, TLS, and errors in words."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_tui.cluster import login
from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import DryRun, Writer
from gitops_tui.errors import (
    ApiError,
    ClusterUnreachable,
    Conflict,
    Forbidden,
    Invalid,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from gitops_tui.sandbox.certificate import make_certificate
from tests.unit.cluster.scripted import PROMPT_S, Asked, Reply, Scripted, eventually, kubeconfig, no_new_threads, status

MAPS = ApiResource("", "v1", "ConfigMap", "configmaps", True)
OK = Reply({"kind": "ok"})


@pytest.fixture(autouse=True)
def _no_threads_are_left() -> Iterator[None]:
    with no_new_threads():
        yield


def opened(tmp_path: Path, server: str, user: dict[str, Any] | None = None, **cluster: Any) -> Connection:
    return Connection.open(str(kubeconfig(tmp_path / "config", server, user, **cluster)))


# --- credentials
@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": "secret"}, "Bearer secret"),
        ({"username": "ana", "password": "pw"}, "Basic " + base64.b64encode(b"ana:pw").decode()),
    ],
)
def test_credentials_go_with_every_request(tmp_path: Path, user: dict[str, Any], header: str) -> None:
    with Scripted(lambda _: OK) as server:
        connection = opened(tmp_path, server.url, user)
        connection.json("GET", "/x")
        connection.close()
        assert server.asked[0].headers["authorization"] == header


def exec_plugin(tmp_path: Path) -> dict[str, Any]:
    """A plugin that gives what ``current`` holds as a token and counts its runs in ``runs``."""
    plugin = tmp_path / "login.sh"
    plugin.write_text(
        f"#!/bin/sh\necho run >> {tmp_path}/runs\ntest -e {tmp_path}/broken && {{ echo expired >&2; exit 1; }}\n"
        f'printf \'{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", '
        f'"status": {{"token": "%s"}}}}\' "$(cat {tmp_path}/current)"\n'
    )
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./login.sh"}}


def only(tmp_path: Path) -> Any:
    """Answers 401 to every token but the one in ``current``."""

    def answer(asked: Asked) -> Reply:
        token = (tmp_path / "current").read_text()
        return OK if asked.headers.get("authorization") == f"Bearer {token}" else status(401, "Unauthorized")

    return answer


def test_an_expired_token_is_renewed_by_the_plugin_once_for_all_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "another"))  # what --kubeconfig named is remembered
    (tmp_path / "current").write_text("first")
    with Scripted(only(tmp_path)) as server:
        connection = opened(tmp_path, server.url, exec_plugin(tmp_path))
        assert connection.json("GET", "/x") == {"kind": "ok"}
        (tmp_path / "current").write_text("second")
        answers: list[Any] = []
        threads = [threading.Thread(target=lambda: answers.append(connection.json("GET", "/x"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        connection.close()
    assert answers == [{"kind": "ok"}] * 8
    assert (tmp_path / "runs").read_text().count("run") == 2


def test_a_plugin_that_fails_leaves_the_401_and_is_not_run_by_every_request(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "current").write_text("first")
    with Scripted(only(tmp_path)) as server:
        connection = opened(tmp_path, server.url, exec_plugin(tmp_path))
        (tmp_path / "current").write_text("second")
        (tmp_path / "broken").touch()
        for _ in range(5):
            with pytest.raises(Unauthorized) as caught:
                connection.json("GET", "/x")
        assert "Log in again" in caught.value.hint
        assert (tmp_path / "runs").read_text().count("run") == 2
        connection.close()
    assert capfd.readouterr() == ("", "")


def test_after_a_pause_a_plugin_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "RENEW_PAUSE_S", 0.0)
    (tmp_path / "current").write_text("first")
    with Scripted(only(tmp_path)) as server:
        connection = opened(tmp_path, server.url, exec_plugin(tmp_path))
        (tmp_path / "current").write_text("second")
        (tmp_path / "broken").touch()
        with pytest.raises(Unauthorized):
            connection.json("GET", "/x")
        (tmp_path / "broken").unlink()
        assert connection.json("GET", "/x") == {"kind": "ok"}
        connection.close()


def test_a_kubeconfig_that_was_written_anew_is_read_after_a_401(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("new")
    with Scripted(only(tmp_path)) as server:
        connection = opened(tmp_path, server.url, {"token": "old"})
        kubeconfig(tmp_path / "config", server.url, {"token": "new"})
        assert connection.json("GET", "/x") == {"kind": "ok"}
        connection.close()


# --- TLS
def test_a_server_that_nobody_vouches_for_is_refused_unless_told(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    _, context = make_certificate(tmp_path)
    with Scripted(lambda _: OK, context) as server:
        connection = opened(tmp_path, server.url)
        with pytest.raises(ClusterUnreachable, match="certificate verify failed") as caught:
            connection.json("GET", "/x")
        assert "certificate-authority" in caught.value.hint
        connection.close()
        connection = opened(tmp_path, server.url, **{"insecure-skip-tls-verify": True})
        assert connection.json("GET", "/x") == {"kind": "ok"}
        connection.close()
        assert not recwarn.list  # it would be written over the cockpit
        connection = opened(tmp_path, server.url, **{"certificate-authority": "server.crt"})
        assert connection.json("GET", "/x") == {"kind": "ok"}
        connection.close()


@pytest.mark.parametrize("file", ["server.crt", "{here}/server.crt"], ids=["relative", "absolute"])
def test_a_certificate_for_another_name_is_refused(tmp_path: Path, file: str) -> None:
    """A relative name is read by the ``kubernetes`` package, an absolute one by ours."""
    _, context = make_certificate(tmp_path)
    trust = {"certificate-authority": file.format(here=tmp_path)}
    with Scripted(lambda _: OK, context) as server:
        connection = opened(tmp_path, server.url, **trust, **{"tls-server-name": "other.example"})
        with pytest.raises(ClusterUnreachable, match=r"other\.example"):
            connection.json("GET", "/x")
        connection.close()
        connection = opened(tmp_path, server.url, **trust, **{"tls-server-name": "localhost"})
        assert connection.json("GET", "/x") == {"kind": "ok"}
        connection.close()


def test_a_client_certificate_logs_in_even_one_that_came_with_a_renewal(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("ours", "others", "server")]
    for folder in folders:
        folder.mkdir()
    ours, others, home = folders
    authority, _ = make_certificate(ours)
    make_certificate(others)
    _, context = make_certificate(home)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(cadata=authority)
    trust = {"certificate-authority": str(home / "server.crt")}
    with Scripted(lambda asked: OK if asked.has_certificate else status(401, "Unauthorized"), context) as server:
        refused = opened(tmp_path, server.url, certificate(others), **trust)
        with pytest.raises(ClusterUnreachable):
            refused.json("GET", "/x")
        refused.close()
        connection = opened(tmp_path, server.url, certificate(ours), **trust)
        assert connection.json("GET", "/x") == {"kind": "ok"}
        connection.close()
        # The connection that stands has shown no certificate; after the 401 another one is made, which does.
        connection = opened(tmp_path, server.url, {"token": "old"}, **trust)
        kubeconfig(tmp_path / "config", server.url, certificate(ours), **trust)
        assert connection.json("GET", "/x") == {"kind": "ok"}
        assert [one.has_certificate for one in server.asked[-2:]] == [False, True]
        connection.close()


def test_the_authority_of_a_cluster_that_was_made_anew_is_read_anew(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir(), new.mkdir()
    make_certificate(old)
    _, context = make_certificate(new)
    with Scripted(lambda _: OK, context) as server:
        connection = opened(tmp_path, server.url, **{"certificate-authority": "old/server.crt"})
        kubeconfig(tmp_path / "config", server.url, **{"certificate-authority": "new/server.crt"})
        assert connection.json("POST", "/x", body={}) == {"kind": "ok"}
        assert len(server.asked) == 1
        connection.close()


def certificate(folder: Path) -> dict[str, Any]:
    return {"client-certificate": str(folder / "server.crt"), "client-key": str(folder / "server.key")}


# --- patience
def once(first: Reply, then: Reply) -> Any:
    replies = iter([first])
    return lambda _: next(replies, then)


def test_too_many_requests_are_asked_again_when_the_server_says(tmp_path: Path) -> None:
    refusal = Reply(status(429, "TooManyRequests").body, 429, {"Retry-After": "1"})
    with Scripted(once(refusal, OK)) as server:
        connection = opened(tmp_path, server.url)
        began = time.monotonic()
        # A write too: the server refused before it did anything.
        Writer(connection).merge_patch(MAPS, "n", "a", {})
        assert time.monotonic() - began >= 1.0
        assert [one.verb for one in server.asked] == ["PATCH", "PATCH"]
        connection.close()


@pytest.mark.parametrize(("code", "kind"), [(429, TooManyRequests), (503, ServerError)])
def test_reads_are_tried_three_times(tmp_path: Path, code: int, kind: type[ApiError]) -> None:
    with Scripted(lambda _: status(code, "x")) as server:
        connection = opened(tmp_path, server.url)
        with pytest.raises(kind):
            connection.json("GET", "/x")
        assert len(server.asked) == 3
        with pytest.raises(kind):
            connection.json("POST", "/x", body={})
        assert len(server.asked) == 4
        connection.close()


def test_a_read_on_a_connection_that_broke_is_sent_again_and_a_write_is_not(tmp_path: Path) -> None:
    with Scripted(once(Reply(cut=True), OK)) as server:
        connection = opened(tmp_path, server.url)
        assert connection.json("GET", "/x") == {"kind": "ok"}
        server.answer = once(Reply(cut=True), OK)
        with pytest.raises(ClusterUnreachable):
            connection.json("POST", "/x", body={})
        assert [one.verb for one in server.asked] == ["GET", "GET", "POST"]
        connection.close()


# --- errors
def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    connection = opened(tmp_path, f"http://127.0.0.1:{port}")
    with pytest.raises(ClusterUnreachable) as caught:
        connection.json("GET", "/x")
    assert caught.value.message.startswith(f"http://127.0.0.1:{port} does not answer: ")
    assert "refused" in caught.value.message and "0x" not in caught.value.message
    assert "kubeconfig" in caught.value.hint
    connection.close()


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    connection = opened(tmp_path, "https://cluster.invalid:6443")
    with pytest.raises(ClusterUnreachable) as caught:
        connection.json("GET", "/x")
    assert "cluster.invalid" in caught.value.message and "0x" not in caught.value.message
    connection.close()


def test_a_page_is_no_answer_of_an_api_server(tmp_path: Path) -> None:
    with Scripted(lambda _: Reply(b"<html>Please log in")) as server:
        connection = opened(tmp_path, server.url)
        with pytest.raises(ClusterUnreachable, match="not as a Kubernetes API server does: <html>Please") as caught:
            connection.json("GET", "/x")
        assert "proxy" in caught.value.hint
        connection.close()


def test_a_status_keeps_its_reason_causes_and_details(tmp_path: Path) -> None:
    causes = [{"reason": "FieldManagerConflict", "field": ".spec.replicas", "message": "conflict with hpa"}]
    with Scripted(lambda _: status(409, "Conflict", "1 conflict", causes=causes, kind="deployments")) as server:
        connection = opened(tmp_path, server.url)
        with pytest.raises(Conflict) as caught:
            DryRun(connection).apply(MAPS, {"metadata": {"name": "a", "namespace": "n"}})
        error = caught.value
        assert (error.message, error.code, error.reason, error.verb) == ("1 conflict", 409, "Conflict", "PATCH")
        assert error.causes == ((".spec.replicas", "conflict with hpa"),)
        assert error.details["kind"] == "deployments"
        assert error.resource == "/api/v1/namespaces/n/configmaps/a"
        query = server.asked[0].query
        assert query["dryRun"] == "All" and query["fieldManager"] == "gitops-tui"
        for code, kind in ((403, Forbidden), (422, Invalid), (400, Invalid), (500, ServerError), (418, ApiError)):
            server.answer = lambda _, code=code: Reply(b"plain words", code)
            with pytest.raises(kind, match="plain words"):
                connection.json("GET", "/x")
        connection.close()


# --- the end
def test_close_ends_what_waits_for_an_answer(tmp_path: Path) -> None:
    waiting, over = threading.Event(), threading.Event()

    def silent(_: Asked) -> Reply:
        waiting.set()
        over.wait(60)
        return Reply(cut=True)

    with Scripted(silent) as server:
        connection = opened(tmp_path, server.url)
        errors: list[Exception] = []

        def ask() -> None:
            try:
                Reader(connection).get(MAPS, "n", "a")
            except ClusterUnreachable as error:
                errors.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        assert waiting.wait(60)
        began = time.monotonic()
        connection.close()
        thread.join(60)
        assert time.monotonic() - began < PROMPT_S
        assert "was closed" in str(errors[0])
        with pytest.raises(ClusterUnreachable, match="was closed"):
            connection.json("GET", "/x")
        over.set()


def test_no_socket_stays_open(tmp_path: Path) -> None:
    with Scripted(lambda _: OK) as server:
        before = sockets()
        connection = opened(tmp_path, server.url)
        threads = [threading.Thread(target=connection.json, args=("GET", "/x")) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sockets() > before
        connection.close()
        eventually(lambda: sockets() <= before)


def sockets() -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("no /proc here")
    found = 0
    for one in folder.iterdir():
        try:
            found += str(one.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


def test_the_body_is_json(tmp_path: Path) -> None:
    with Scripted(lambda _: OK) as server:
        connection = opened(tmp_path, server.url)
        Writer(connection).delete(MAPS, "n", "a", propagation="Orphan", uid="u1")
        connection.close()
        sent = json.loads(server.asked[0].body)
        assert sent["preconditions"] == {"uid": "u1"} and sent["propagationPolicy"] == "Orphan"
