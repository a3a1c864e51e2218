"""etcd and kube-apiserver alone, from the folder that ``setup-envtest`` gives: no controllers, no nodes, no CRDs.

Tests that need a controller skip there (`ControlPlane.has_controllers`).
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gitops_tui.sandbox.certificate import make_certificate

USERS = {
    "admin": ("admin-token", "system:masters"),
    "ana": ("ana-token", "engineers"),
    "viewer": ("viewer-token", "viewers"),
}
ROLES = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: engineers-edit}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: Group, name: engineers, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: viewers-view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: Group, name: viewers, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: viewers-more}
rules:
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get, list, watch]}
- {apiGroups: [''], resources: [nodes, namespaces, persistentvolumes], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: viewers-more}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: viewers-more}
subjects: [{kind: Group, name: viewers, apiGroup: rbac.authorization.k8s.io}]
"""
PATIENCE_S = 60


def assets() -> Path | None:
    """The folder in ``KUBEBUILDER_ASSETS``, where it holds both programs."""
    folder = Path(os.environ.get("KUBEBUILDER_ASSETS") or "/nonexistent")
    return folder if (folder / "etcd").exists() and (folder / "kube-apiserver").exists() else None


def start(where: Path, folder: Path) -> None:
    """Start both in ``where`` and leave kubeconfigs and ``cluster.json`` there."""
    where.mkdir(parents=True, exist_ok=True)
    make_certificate(where)
    _write_account_key(where)
    (where / "tokens.csv").write_text("".join(f'{t},{user},{user},"{g}"\n' for user, (t, g) in USERS.items()))
    (where / "audit-policy.yaml").write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
    client, peer, api = _free_ports(3)
    pids = [_launch(where, [str(folder / "etcd"), *_etcd_options(where, client, peer)])]
    pids.append(_launch(where, [str(folder / "kube-apiserver"), *_api_options(where, client, api)]))
    (where / "cluster.json").write_text(json.dumps({"server": f"https://127.0.0.1:{api}", "pids": pids}))
    _write_kubeconfigs(where, api)
    _wait_ready(where, api)
    _apply_roles(where)


def stop(where: Path) -> None:
    for pid in reversed(json.loads((where / "cluster.json").read_text())["pids"]):
        os.kill(pid, signal.SIGTERM)


def _etcd_options(where: Path, client: int, peer: int) -> list[str]:
    own, other = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        f"--data-dir={where}/etcd", f"--listen-client-urls={own}", f"--advertise-client-urls={own}",
        f"--listen-peer-urls={other}", f"--initial-advertise-peer-urls={other}", f"--initial-cluster=default={other}",
        "--unsafe-no-fsync", "--log-level=warn",
    ]  # fmt: skip


def _api_options(where: Path, client: int, api: int) -> list[str]:
    return [
        f"--etcd-servers=http://127.0.0.1:{client}", f"--secure-port={api}", "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none", f"--cert-dir={where}",
        f"--tls-cert-file={where}/server.crt", f"--tls-private-key-file={where}/server.key",
        f"--token-auth-file={where}/tokens.csv", "--authorization-mode=RBAC",
        f"--service-account-key-file={where}/sa.key", f"--service-account-signing-key-file={where}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/16",
        "--disable-admission-plugins=ServiceAccount", f"--audit-policy-file={where}/audit-policy.yaml",
        f"--audit-log-path={where}/audit.log", "--audit-log-mode=blocking",
    ]  # fmt: skip


def _launch(where: Path, command: list[str]) -> int:
    with (where / f"{Path(command[0]).name}.log").open("ab") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=where)
    return started.pid


def _write_account_key(where: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.TraditionalOpenSSL
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (where / "sa.key").write_bytes(text)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _write_kubeconfigs(where: Path, api: int) -> None:
    authority = base64.b64encode((where / "server.crt").read_bytes()).decode()
    cluster = {"server": f"https://127.0.0.1:{api}", "certificate-authority-data": authority}
    for user, (token, _) in USERS.items():
        content = {
            "apiVersion": "v1", "kind": "Config", "current-context": user,
            "clusters": [{"name": "local", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": user, "context": {"cluster": "local", "user": user}}],
        }  # fmt: skip
        (where / f"{user}.kubeconfig").write_text(json.dumps(content))


def _wait_ready(where: Path, api: int) -> None:
    context = ssl.create_default_context(cafile=str(where / "server.crt"))
    request = urllib.request.Request(f"https://127.0.0.1:{api}/readyz", headers={"Authorization": "Bearer admin-token"})
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(request, context=context, timeout=2):
                return
        except (OSError, urllib.error.URLError) as error:
            if time.monotonic() > end:
                stop(where)
                raise RuntimeError(f"kube-apiserver is not ready; see {where}/kube-apiserver.log") from error
        time.sleep(0.1)


def _apply_roles(where: Path) -> None:
    beside = Path(sys.executable).with_name("kubectl")
    command = [str(beside) if beside.exists() else "kubectl", f"--kubeconfig={where}/admin.kubeconfig"]
    subprocess.run([*command, "apply", "-f", "-"], input=ROLES, text=True, check=True, capture_output=True)
