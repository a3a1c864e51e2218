"""The line of a field, for blame."""

from __future__ import annotations

import json

import pytest

from gitops_tui.manifest.lines import line_of
from gitops_tui.model.drift import PathElement

TEXT = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: first}
---
# the second
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
      - name: auth
        env:
        - {name: A, value: "1"}
        - name: MODE
          value: oidc
        ports:
        - containerPort: 80
        args: ["-v", "--fast"]
"""
CONTAINER: tuple[PathElement, ...] = ("spec", "template", "spec", "containers", (("name", "auth"),))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((*CONTAINER, "env", (("name", "MODE"),), "value"), 16),
        ((*CONTAINER, "env", (("name", "A"),)), 14),
        ((*CONTAINER, "ports", (("containerPort", 80), ("protocol", "TCP"))), 18),
        ((*CONTAINER, "args", 1), 19),
        ((*CONTAINER, "image"), 0),
        ((*CONTAINER, "env", (("name", "GONE"),), "value"), 0),
        (("spec", "template", "spec", "containers", 7), 0),
    ],
)
def test_a_field_is_found_by_its_path(path: tuple[PathElement, ...], line: int) -> None:
    assert line_of(TEXT, 6, path) == line


def test_another_document_and_broken_text_have_no_such_line() -> None:
    assert line_of(TEXT, 1, CONTAINER) == 0
    assert line_of(TEXT, 3, ()) == 0
    assert line_of("a: [1", 1, ("a",)) == 0


def test_items_of_a_list_and_json() -> None:
    items = [{"kind": "ConfigMap", "data": {"a": "1"}}, {"kind": "ConfigMap", "data": {"a": "2"}}]
    text = json.dumps({"kind": "List", "items": items}, indent=1)
    begins = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "{"]
    found = [line_of(text, begin, ("data", "a")) for begin in begins]
    assert [text.splitlines()[line - 1].strip() for line in found if line] == ['"a": "1"', '"a": "2"']
