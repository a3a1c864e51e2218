"""One object as YAML, without the server's record of who wrote which field: it is longer than all the rest."""

from __future__ import annotations

from gitops_tui.manifest.encode import to_yaml
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.tui.draw.rows import Line
from gitops_tui.tui.highlight import yaml_line


def manifest_lines(obj: Object, needle: str = "") -> list[Line]:
    """Only the lines with ``needle`` (casefolded) where there is one. What is left out is told in a last line."""
    metadata = metadata_of(obj)
    writers = metadata.get("managedFields") or ()
    shown = {**obj, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}
    texts = to_yaml(shown if writers else obj).splitlines()
    if writers:
        word = "writer" if len(writers) == 1 else "writers"
        texts.append(f"# metadata.managedFields of {len(writers)} {word} are left out; the diff (d, then m) names them")
    return [_line(text, needle) for text in texts if needle in text.casefold()]


def _line(text: str, needle: str) -> Line:
    made = yaml_line(text)
    if needle:
        at = made.plain.casefold().find(needle)
        made.stylize("found", at, at + len(needle)) if at >= 0 else None
    return Line(made)
