"""etcd and kube-apiserver alone, from the folder that ``setup-envtest`` gives: no controllers, no nodes, no CRDs.

Tests that need a controller skip there (`ControlPlane.has_controllers`).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gitops_tui.sandbox.certificate import make_certificate

USERS = {
    "admin": ("admin-token", "system:masters"),
    "ana": ("ana-token", "engineers"),
    "viewer": ("viewer-token", "viewers"),
}
# Without a controller nothing aggregates the ClusterRoles admin, edit and view: their parts are bound.
PARTS = {"engineers": ("admin", "edit", "view"), "viewers": ("view",)}
RBAC = "rbac.authorization.k8s.io"
VIEWERS_MORE = [
    {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"]},
    {"apiGroups": [""], "resources": ["nodes", "namespaces", "persistentvolumes"]},
    {"apiGroups": [RBAC, "storage.k8s.io", "admissionregistration.k8s.io"], "resources": ["*"]},
]
PATIENCE_S = 60
END_S = 10


def missing() -> tuple[str, ...] | None:
    """What the folder in ``KUBEBUILDER_ASSETS`` lacks; None where the variable is not set."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return None
    lacking = [name for name in ("etcd", "kube-apiserver") if not (Path(folder) / name).exists()]
    return (*lacking, *(() if Path(kubectl_path()).is_file() or shutil.which("kubectl") else ("kubectl",)))


def assets() -> Path | None:
    """The folder in ``KUBEBUILDER_ASSETS``, where it holds what is needed."""
    return Path(os.environ["KUBEBUILDER_ASSETS"]) if missing() == () else None


def kubectl_path() -> str:
    """The wheel's, beside this interpreter, else that of ``KUBEBUILDER_ASSETS``, else the one on PATH."""
    places = [Path(sys.executable).with_name("kubectl")]
    if os.environ.get("KUBEBUILDER_ASSETS"):
        places.append(Path(os.environ["KUBEBUILDER_ASSETS"]) / "kubectl")
    return next((str(one) for one in places if one.exists()), "kubectl")


def start(where: Path, folder: Path) -> None:
    """Start both in ``where`` and leave kubeconfigs and ``cluster.json`` there."""
    where.mkdir(parents=True, exist_ok=True)
    make_certificate(where)
    _write_account_key(where)
    (where / "tokens.csv").write_text("".join(f'{t},{user},{user},"{g}"\n' for user, (t, g) in USERS.items()))
    (where / "audit-policy.yaml").write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
    client, peer, api = _free_ports(3)
    pids = {
        "etcd": _launch(where, [str(folder / "etcd"), *_etcd_options(where, client, peer)]),
        "kube-apiserver": _launch(where, [str(folder / "kube-apiserver"), *_api_options(where, client, api)]),
    }
    (where / "cluster.json").write_text(json.dumps({"server": f"https://127.0.0.1:{api}", "pids": pids}))
    _write_kubeconfigs(where, api)
    _wait_ready(where, api)
    _apply_roles(where)


def stop(where: Path) -> None:
    """End both, the API server first, and wait until they are gone."""
    pids = json.loads((where / "cluster.json").read_text())["pids"]
    for name in ("kube-apiserver", "etcd"):
        if _has_ended(pids[name]):
            continue
        os.kill(pids[name], signal.SIGTERM)
        end = time.monotonic() + END_S
        while not _has_ended(pids[name]):
            if time.monotonic() > end:
                os.kill(pids[name], signal.SIGKILL)
            time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    """Of a process that this one started."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


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
            pids = json.loads((where / "cluster.json").read_text())["pids"]
            ended = [name for name, pid in pids.items() if _has_ended(pid)]
            if ended or time.monotonic() > end:
                stop(where)
                name = ended[0] if ended else "kube-apiserver"
                last = (where / f"{name}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{name} is not ready: {last}") from error
        time.sleep(0.1)


def _roles() -> list[dict[str, Any]]:
    rules = [{**one, "verbs": ["get", "list", "watch"]} for one in VIEWERS_MORE]
    own = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "viewers-more"}, "rules": rules}
    bound = [(group, f"system:aggregate-to-{part}") for group, parts in PARTS.items() for part in parts]
    bindings = [
        {
            "apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": f"{group}-{role.rpartition(':')[2]}"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "Group", "name": group, "apiGroup": RBAC}],
        }
        for group, role in [*bound, ("engineers", "viewers-more"), ("viewers", "viewers-more")]
    ]  # fmt: skip
    return [own, *bindings]


def _apply_roles(where: Path) -> None:
    command = [kubectl_path(), f"--kubeconfig={where}/admin.kubeconfig", "apply", "-f", "-"]
    body = json.dumps({"apiVersion": "v1", "kind": "List", "items": _roles()})
    subprocess.run(command, input=body, text=True, check=True, capture_output=True)
