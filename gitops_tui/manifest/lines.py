"""Where in a file a field stands: for the commit that wrote it (``git blame`` goes by lines)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from gitops_tui.model.drift import PathElement

Node = yaml.nodes.Node


def line_of(text: str, document_line: int, path: Sequence[PathElement]) -> int:
    """The line (from 1) of the field at ``path`` in the object that begins on ``document_line``; 0 where it is not.

    List items are found by their keys, as the path names them. JSON is YAML to this end.
    """
    try:
        node = next((one for one in _objects(text) if one.start_mark.line + 1 == document_line), None)
    except yaml.YAMLError:
        return 0
    for element in path:
        node = _member(node, element)
    return node.start_mark.line + 1 if node is not None else 0


def _objects(text: str) -> Iterator[Node]:
    """Every document, and every item of a ``List``."""
    for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
        yield document
        items = _member(document, "items")
        if isinstance(items, yaml.SequenceNode):
            yield from items.value


def _member(node: Node | None, element: PathElement) -> Node | None:
    if isinstance(node, yaml.MappingNode) and isinstance(element, str):
        return next((value for key, value in node.value if key.value == element), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(element, int):
        return node.value[element] if element < len(node.value) else None
    if isinstance(node, yaml.SequenceNode) and isinstance(element, tuple):
        return next((item for item in node.value if _has(item, element)), None)
    return None


def _has(item: Node, keys: Sequence[tuple[str, object]]) -> bool:
    """Whether a list item carries these values; a default that Git leaves out (``protocol: TCP``) counts as there."""
    if not isinstance(item, yaml.MappingNode):
        return len(keys) == 1 and getattr(item, "value", None) == str(keys[0][1])
    found = {key.value: value.value for key, value in item.value}
    given = [(name, value) for name, value in keys if name in found]
    return bool(given) and all(found[name] == str(value) for name, value in given)
