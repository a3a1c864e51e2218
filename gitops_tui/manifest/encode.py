"""Objects to YAML and JSON as ``kubectl get -o yaml`` orders them, so that Kubernetes reads back what was written."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import yaml

from gitops_tui.manifest import scalar

FIRST_KEYS = ("apiVersion", "kind", "metadata", "spec")
LAST_KEYS = ("status",)
_WIDE = 2**31 - 1
_CONTROL = frozenset(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)) - {"\n"}
_STRING = scalar.TAG + "str"


def to_yaml(obj: Any) -> str:
    """Block style, two spaces, long lines unbroken; ``apiVersion, kind, metadata, spec`` first and ``status`` last."""
    text: str = yaml.dump(
        _ordered(obj), Dumper=_Dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=_WIDE
    )
    return text.removesuffix("...\n")


def to_yaml_stream(objects: list[Any]) -> str:
    """Several documents with ``---`` between them."""
    return "---\n".join(to_yaml(obj) for obj in objects)


def to_json(obj: Any, *, indent: int | None = 4) -> str:
    """As ``kubectl get -o json``: four spaces, keys in `to_yaml`'s order; one line where ``indent`` is None."""
    return json.dumps(_ordered(obj), indent=indent, ensure_ascii=False)


def _ordered(obj: Any) -> Any:
    if not isinstance(obj, dict) or not ("kind" in obj or "apiVersion" in obj):
        return obj
    first = [key for key in FIRST_KEYS if key in obj]
    last = [key for key in LAST_KEYS if key in obj]
    rest = [key for key in obj if key not in FIRST_KEYS and key not in LAST_KEYS]
    return {key: obj[key] for key in (*first, *rest, *last)}


@lru_cache(maxsize=16_384)
def _reads_as_string(text: str) -> bool:
    """Whether the text without quotes would come back as this text."""
    try:
        return scalar.plain(text) == text
    except scalar.ScalarError:
        return False


class _Dumper(yaml.CSafeDumper):
    """libyaml's emitter; quotes what Kubernetes would read as something else, keeps lines of text as lines."""

    def ignore_aliases(self, _data: object) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        if "\n" in text and not _CONTROL.intersection(text) and not text.startswith((" ", "\n")):
            return self.represent_scalar(_STRING, text, style="|")
        if not _reads_as_string(text):
            return self.represent_scalar(_STRING, text, style='"')
        return self.represent_scalar(_STRING, text)


_Dumper.add_representer(str, _Dumper.represent_text)
