"""The bed that a bench lies in: a control plane, a Git repository, settings, and the programs that are compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import manifests
from tests.bench.measure import Usage, run
from tests.control_plane import ControlPlane, kubectl_path

URL = "https://git.example.com/bench/manifests"
TRIPLES = 200
DRIFTED = "service-007"
PROGRAM = str(Path(sys.executable).with_name("gitops-tui"))


@dataclass(frozen=True, slots=True)
class Bed:
    """Everything of one bench is below ``dir`` and in namespaces whose names begin with ``prefix``."""

    cluster: ControlPlane
    dir: Path
    prefix: str

    @classmethod
    def make(cls, cluster: ControlPlane, folder: Path, name: str) -> Bed:
        bed = cls(cluster, folder / name, f"bench-{name}-{uuid.uuid4().hex[:6]}")
        (bed.dir / "apps").mkdir(parents=True)
        settings = {"repositories": {URL: str(bed.repository)}, "reconcile": {"selfHealBackoffSeconds": 0}}
        bed.settings.write_text(json.dumps(settings))
        return bed

    @property
    def repository(self) -> Path:
        return self.dir / "manifests"

    @property
    def settings(self) -> Path:
        return self.dir / "settings.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """A user of its own: no cache, no state, no settings of whoever runs this; modules are compiled once."""
        own = {f"XDG_{name}_HOME": str(self.dir / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITOPS_TUI_", "PYTHON"))}
        return {**kept, **own, "KUBECONFIG": str(self.cluster.kubeconfig), "TERM": "xterm-256color"}

    # --- Git
    def commit(self, write: Callable[[Path], None]) -> None:
        """Let ``write`` change the working tree, and commit all of it."""
        self.repository.mkdir(exist_ok=True)
        if not (self.repository / ".git").exists():
            self._git("init", "--quiet", "--initial-branch=main")
        write(self.repository)
        self._git("add", "--all")
        self._git("-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "-m", "Change")

    def _git(self, *words: str) -> None:
        subprocess.run(["git", "-C", str(self.repository), *words], check=True, capture_output=True)

    def application(self, name: str, path: str, namespace: str, *, automated: bool = False) -> str:
        """The manifest of an Application that reads ``path`` of the repository."""
        return manifests.application(
            name, url=URL, path=path, namespace=namespace, home=self.prefix, automated=automated
        )

    # --- programs
    def command(self, *words: str, from_cluster: bool = False) -> list[str]:
        """Our program's command line; Applications from the files in ``apps``, or from the cluster."""
        where = [] if from_cluster else ["--apps", str(self.dir / "apps")]
        return [PROGRAM, "--config", str(self.settings), "-n", self.prefix, *where, *words]

    def ours(self, *words: str, is_fine: Sequence[int] = (0,)) -> Usage:
        return run(self.command(*words), self.environment, is_fine=is_fine)

    def kubectl(self, *words: str, is_fine: Sequence[int] = (0,)) -> Usage:
        return run([kubectl_path(), *words], self.environment, is_fine=is_fine)

    def clean(self, *, wait: bool) -> None:
        """Delete every namespace of this bed; ``wait`` until what was in them is gone and the cluster is at rest."""
        found = self.kubectl("get", "namespaces", "-o", "name").output.split()
        ours = [name for name in found if name.startswith(f"namespace/{self.prefix}")]
        if ours:
            self.kubectl("delete", *ours, f"--wait={str(wait).lower()}", "--timeout=120s")

    @contextmanager
    def namespace(self, suffix: str) -> Iterator[str]:
        """A fresh namespace; gone, with what is in it, when the block ends, so that the next begins at rest."""
        name = f"{self.prefix}-{suffix}"
        self.kubectl("create", "namespace", name)
        try:
            yield name
        finally:
            self.kubectl("delete", "namespace", name, "--timeout=120s")

    def settle(self, namespace: str) -> None:
        """Wait until every Deployment is rolled out: a measurement begins at rest."""
        self.kubectl("-n", namespace, "wait", "--for=condition=Available", "--timeout=120s", "deployment", "--all")


def six_hundred(bed: Bed) -> str:
    """600 objects, synced as the application `Bed.prefix` and rolled out, one of them drifted; their namespace.

    Made once a bed.
    """
    namespace = f"{bed.prefix}-all"
    if bed.repository.exists():
        return namespace
    bed.commit(lambda tree: manifests.write_triples(tree / "all", TRIPLES))
    bed.kubectl("create", "namespace", bed.prefix)
    bed.kubectl("create", "namespace", namespace)
    (bed.dir / "apps" / "all.yaml").write_text(bed.application(bed.prefix, "all", namespace))
    bed.ours("app", "sync", bed.prefix, "--timeout", "120")
    bed.kubectl("-n", namespace, "set", "env", f"deployment/{DRIFTED}", "LOG_LEVEL=debug")
    bed.settle(namespace)
    return namespace
