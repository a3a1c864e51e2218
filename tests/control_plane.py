"""A real Kubernetes control plane for the tests, found the way controller authors expect.

``GITOPS_TUI_TEST_CLUSTER=DIR`` reuses one that is already up (and leaves it up). ``KUBEBUILDER_ASSETS`` names a folder
with ``etcd`` and ``kube-apiserver``, which is enough for what needs no controller. Without it a ``shared/cluster``
folder beside the project's root starts a whole one. Where none of them is there, `why_not` says how to get one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import envtest

ROOT = Path(__file__).resolve().parent.parent
HOW_TO_GET_ONE = (
    "no control plane: set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver "
    "(setup-envtest use -p path prints one), or put shared/cluster beside the project"
)


def launcher() -> Path | None:
    """The program that starts a whole control plane, or None."""
    found = ROOT.parent / "shared" / "cluster" / "cluster"
    return found if found.exists() else None


def is_available() -> bool:
    """Whether `ControlPlane.up` can start one."""
    return not why_not()


def why_not() -> str:
    """Why `ControlPlane.up` cannot start one, and the way out; empty where it can."""
    missing = envtest.missing()
    if missing is not None:
        return f"KUBEBUILDER_ASSETS lacks {', '.join(missing)}: {HOW_TO_GET_ONE}" if missing else ""
    return "" if launcher() else HOW_TO_GET_ONE


def kubectl_path() -> str:
    """The real kubectl: the wheel's, beside this interpreter, else that of KUBEBUILDER_ASSETS or the one on PATH."""
    return envtest.kubectl_path()


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane; ``dir`` holds a kubeconfig a user, the audit log and each component's log."""

    dir: Path
    owned: bool

    @property
    def has_controllers(self) -> bool:
        """Whether anything follows from what is written: rollouts, garbage collection, kwok's nodes and pods."""
        return "kube-controller-manager" in json.loads((self.dir / "cluster.json").read_text())["pids"]

    @classmethod
    def up(cls, where: Path, *options: str) -> ControlPlane:
        """``options`` are the launcher's; etcd and kube-apiserver alone always have the audit log, and no CRDs."""
        if reason := why_not():
            raise RuntimeError(reason)
        folder, program = envtest.assets(), launcher()
        if folder is not None:
            envtest.start(where, folder)
            return cls(where, owned=True)
        done = subprocess.run(
            [sys.executable, str(program), "up", str(where), *options], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the control plane did not start: {done.stderr}")
        return cls(where, owned=True)

    def down(self) -> None:
        if self.owned and self.has_controllers:
            self.control("down")
        elif self.owned:
            envtest.stop(self.dir)

    def control(self, verb: str, *words: str) -> None:
        """``kill``, ``stop`` or ``start`` a component, or ``down``."""
        subprocess.run([sys.executable, str(launcher()), verb, str(self.dir), *words], check=True, capture_output=True)

    @property
    def kubeconfig(self) -> Path:
        return self.kubeconfig_of("admin")

    def kubeconfig_of(self, user: str) -> Path:
        """``admin``, ``ana`` (an engineer) or ``viewer`` (reads everything but Secrets)."""
        return self.dir / f"{user}.kubeconfig"

    @property
    def server(self) -> str:
        return str(json.loads((self.dir / "cluster.json").read_text())["server"])

    @property
    def pids(self) -> list[int]:
        """The processes of its components."""
        return list(json.loads((self.dir / "cluster.json").read_text())["pids"].values())

    @property
    def audit_log(self) -> Path:
        return self.dir / "audit.log"

    @property
    def pod_log(self) -> Path:
        return self.dir / "pod.log"

    def kubectl(self, *words: str, input: str | None = None, check: bool = True, user: str = "admin") -> str:  # noqa: A002 - subprocess's own name
        """Run the real kubectl; its standard output. Raises with its standard error where ``check``."""
        done = subprocess.run(
            [kubectl_path(), f"--kubeconfig={self.kubeconfig_of(user)}", *words],
            input=input,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "KUBE_EDITOR": os.environ.get("KUBE_EDITOR", "cat")},
        )
        if check and done.returncode:
            raise AssertionError(f"kubectl {' '.join(words)}: {done.stderr}")
        return done.stdout
