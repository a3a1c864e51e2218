"""What stands where applications would: why there are none, and the way out."""

from __future__ import annotations

from rich.text import Text

from gitops_tui.model.refused import plainly
from gitops_tui.model.snapshot import Snapshot
from gitops_tui.tui.draw.rows import Line, words, wrap
from gitops_tui.tui.filter import FIELDS, no_fields
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import joined


def empty_lines(snapshot: Snapshot, filtered_by: str, width: int, *, trouble_only: bool = False) -> list[Line]:
    told: list[Text] = []
    if snapshot.apps and (filtered_by or trouble_only):
        told = _filtered(filtered_by, trouble_only=trouble_only)
    elif not snapshot.cluster.is_reachable:
        told = _unreachable(snapshot)
    elif snapshot.is_loading:
        told = [Text("Reading applications …", "busy"), *_progress(snapshot)]
    else:
        told = _none()
    told += problem_lines(snapshot)
    return [Line(Text()), *(Line(words(" ", line)) for text in told for line in wrap(text, width - 2, 2))]


def _filtered(by: str, *, trouble_only: bool) -> list[Text]:
    if not by:
        return [Text("✓ Nothing is in trouble.", "ok"), words(("esc", "key"), " shows everything again.")]
    told = [words("Nothing in trouble matches " if trouble_only else "Nothing matches ", plain(by, "key"))]
    unknown = no_fields(by)
    if unknown:
        named = joined([f"{clean(one)}:" for one in unknown])
        no_field = "is no field" if len(unknown) == 1 else "are no fields"
        told += [words((named, "warn"), f" {no_field} and was looked for as text."), words("Fields: ", (FIELDS, "key"))]
    return [*told, words(("esc", "key"), " shows everything again.")]


def _unreachable(snapshot: Snapshot) -> list[Text]:
    cluster = snapshot.cluster
    return [
        words(("✗ ", "bad"), "The cluster ", plain(cluster.name, "strong"), " cannot be reached."),
        plain(cluster.message) if cluster.message else Text("It is tried again all the time."),
        words("Server ", plain(cluster.server or "unknown", "muted"), ", context ", plain(cluster.context, "muted")),
    ]


def _progress(snapshot: Snapshot) -> list[Text]:
    return [words(plain(one.url, "muted"), "  ", plain(one.progress, "busy")) for one in snapshot.sources]


def _none() -> list[Text]:
    return [
        Text("No applications.", "strong"),
        Text("None were found where we looked. To look elsewhere, quit and start with one of:"),
        words("  ", ("gitops-tui -n NAMESPACE", "key"), "  the namespace that holds them (-A for all)"),
        words("  ", ("gitops-tui --apps DIR", "key"), "  a directory, or GIT-URL@REV:PATH"),
        words("  ", ("gitops-tui demo", "key"), "  a world to try things in"),
    ]


def problem_lines(snapshot: Snapshot) -> list[Text]:
    """What could not be read at all, file by file."""
    lines = []
    for problem in snapshot.problems:
        lines.append(words(("✗ ", "bad"), plain(problem.where, "strong"), ": ", plain(plainly(problem.message))))
        if problem.hint:
            lines.append(words("  ", plain(problem.hint, "muted")))
    return lines
