"""A difference shown by the program that ``KUBECTL_EXTERNAL_DIFF`` names, as kubectl and Argo CD do."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from gitops_tui.cli.output import document
from gitops_tui.errors import ConfigError
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import ResourceDetail

VARIABLE = "KUBECTL_EXTERNAL_DIFF"


def external_diff() -> list[str]:
    """The program's words, or none where the built-in diff is to be shown."""
    return shlex.split(os.environ.get(VARIABLE, ""))


def show_external(words: list[str], detail: ResourceDetail) -> None:
    """Run the program on two files, the cluster's side first; what it writes goes where ours would go.

    Secret values are masked in both. Raises `ConfigError` where it cannot be run or fails (1 is a difference).
    """
    with tempfile.TemporaryDirectory(prefix="gitops-tui-diff-") as folder:
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{detail.key.kind}-{detail.key.namespace}-{detail.key.name}")[:200]
        live = _written(Path(folder) / f"{name}-live.yaml", detail.compared)
        target = _written(Path(folder) / f"{name}.yaml", detail.predicted)
        try:
            done = subprocess.run([*words, str(live), str(target)], check=False)
        except OSError as error:
            raise _refused(words, error.strerror or str(error)) from error
    if done.returncode not in (0, 1):
        raise _refused(words, f"exit status {done.returncode}")


def _written(path: Path, obj: Object | None) -> Path:
    path.write_text("" if obj is None else document(obj, "yaml") + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def _refused(words: list[str], why: str) -> ConfigError:
    return ConfigError(f"{VARIABLE}: {words[0]}: {why}", hint=f"Correct or unset {VARIABLE}.")
