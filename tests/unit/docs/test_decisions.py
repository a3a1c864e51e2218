"""The decisions that the code points to are there, and the tables in them are true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gitops_tui.errors import ManifestError
from gitops_tui.manifest.decode import decode

ROOT = Path(__file__).resolve().parents[3]
SCALARS = re.findall(
    r"^\| `(.+)` \| `?(.+?)`? \|$", (ROOT / "docs/decisions/yaml.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_pages_that_the_code_names_exist() -> None:
    sources = [*(ROOT / "gitops_tui").rglob("*.py"), *(ROOT / "scripts").glob("*.py"), ROOT / "pyproject.toml"]
    named = {page for one in sources for page in re.findall(r"docs/[\w/-]+\.md", one.read_text(encoding="utf-8"))}
    assert named
    assert not [page for page in sorted(named) if not (ROOT / page).exists()]


@pytest.mark.parametrize(("text", "told"), SCALARS, ids=lambda value: str(value))
def test_scalars_mean_what_the_table_says(text: str, told: str) -> None:
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\nvalue: {text}\n".encode()
    if told == "refused":
        with pytest.raises(ManifestError):
            decode(manifest, file="a.yaml")
    else:
        assert json.dumps(decode(manifest, file="a.yaml")[0].obj["value"]) == told
