"""One object's manifest: what identifies it first, and no record of writers."""

from __future__ import annotations

from gitops_tui.tui.draw.manifest import manifest_lines

OBJECT = {
    "status": {"phase": "Running"},
    "spec": {"a": 1},
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {"name": "web", "managedFields": [{"manager": "kubectl-edit"}, {"manager": "gitops-tui"}]},
}


def texts(needle: str = "") -> list[str]:
    return [one.text.plain for one in manifest_lines(OBJECT, needle)]


def test_identity_comes_first_and_the_writers_are_left_out() -> None:
    assert texts()[:6] == ["apiVersion: v1", "kind: Pod", "metadata:", "  name: web", "spec:", "  a: 1"]
    assert texts()[-2] == "  phase: Running"
    assert texts()[-1].startswith("# metadata.managedFields of 2 writers are left out")
    assert "kubectl-edit" not in " ".join(texts())


def test_an_object_without_writers_says_nothing_of_them() -> None:
    plain = {**OBJECT, "metadata": {"name": "web"}}
    assert not [one for one in manifest_lines(plain) if "managedFields" in one.text.plain]


def test_only_lines_with_what_is_looked_for() -> None:
    assert texts("phase") == ["  phase: Running"]
