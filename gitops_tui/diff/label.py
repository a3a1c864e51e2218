"""What a field is called among people: ``env AUTH_MODE``, ``image``, ``data key app.conf``."""

from __future__ import annotations

from typing import Final

from gitops_tui.diff.path import SET_ITEM
from gitops_tui.model.drift import Path, PathElement, path_text

ITEMS: Final = {
    "env": "env",
    "containers": "container",
    "initContainers": "init container",
    "ephemeralContainers": "ephemeral container",
    "volumes": "volume",
    "volumeMounts": "mount",
    "ports": "port",
    "imagePullSecrets": "pull secret",
    "hostAliases": "host alias",
    "finalizers": "finalizer",
    "topologySpreadConstraints": "topology spread",
}
"""Lists with named items, and what one of them is called."""

KEYS: Final = {
    "labels": "label",
    "annotations": "annotation",
    "data": "data key",
    "binaryData": "data key",
    "stringData": "data key",
    "nodeSelector": "node selector",
    "matchLabels": "selector",
    "limits": "limit",
    "requests": "request",
}
"""Maps of names, and what one of them is called."""

_LONGEST: Final = 48


def label_of(path: Path) -> str:
    """Short, for people, and enough to find the field by. The container is named by the path, not by this."""
    for at in range(len(path) - 1, 0, -1):
        words = _words(path, at)
        if words:
            return words
    return _last_names(path)


def _words(path: Path, at: int) -> str:
    above, element = path[at - 1], path[at]
    if not isinstance(above, str):
        return ""
    rest = path[at + 1 :]
    if isinstance(element, tuple) and above in ITEMS:
        if above in ("containers", "initContainers", "ephemeralContainers") and rest:
            return _last_names(rest)
        return _joined(f"{ITEMS[above]} {_item_name(element)}", rest, implied="value")
    if isinstance(element, str) and above in KEYS and not rest:
        place = "pod " if "template" in path[:at] and above in ("labels", "annotations") else ""
        return f"{place}{KEYS[above]} {element}"
    return ""


def _joined(head: str, rest: Path, *, implied: str) -> str:
    tail = path_text(rest)
    return head if not tail or tail == implied else f"{head} {tail}"


def _item_name(element: tuple[tuple[str, object], ...]) -> str:
    """The value of the first key; for a port with its protocol where that is not TCP."""
    values = [str(value) for key, value in element if (key, value) != ("protocol", "TCP")]
    return "/".join(values)


def _last_names(path: Path) -> str:
    """The field's own path from the nearest thing that people name, without ``spec`` and the pod template."""
    names: list[PathElement] = list(path)
    while len(names) > 1 and names[0] in ("spec", "template", "metadata"):
        names.pop(0)
    text = path_text(tuple(names))
    return text if len(text) <= _LONGEST else _short(names)


def _short(names: list[PathElement]) -> str:
    last = [one for one in names[-2:] if not (isinstance(one, tuple) and one and one[0][0] == SET_ITEM)]
    return path_text(tuple(last))
