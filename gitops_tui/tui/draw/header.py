"""The line at the top: which cluster, how many are in which trouble, what we do by ourselves, how fresh this is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from rich.cells import cell_len
from rich.text import Text

from gitops_tui.model.snapshot import AppView, ClusterView, Mode, Snapshot, SourceView
from gitops_tui.tui.draw.rows import fit, join, words
from gitops_tui.tui.glyphs import TALLIES, Tally
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import age, clock, count, latency

MODES = {
    Mode.OBSERVING: Text("observing", "muted"),
    Mode.RECONCILING: Text("reconciling", "ok"),
    Mode.READ_ONLY: Text("read-only", "warn"),
}


LONGEST_NAME, SHORT_NAME = 24, 14


def tally(apps: Sequence[AppView]) -> list[tuple[Tally, int]]:
    """How many applications each tally counts; every application is in exactly one."""
    kinds = Counter(app.trouble.kind for app in apps)
    return [(one, sum(kinds[kind] for kind in one.kinds)) for one in TALLIES]


class _Detail(Struct, frozen=True):
    """What one version of the line says; each says less than the one before."""

    brand: bool = True
    apps: bool = True
    tally_words: bool = True
    reason: bool = True
    api: bool = True
    git: bool = True


_DETAILS = (
    _Detail(),
    _Detail(reason=False),
    _Detail(reason=False, apps=False),
    _Detail(tally_words=False),
    _Detail(tally_words=False, reason=False),
    _Detail(tally_words=False, reason=False, apps=False, api=False),
    _Detail(tally_words=False, reason=False, apps=False, api=False, brand=False),
    _Detail(tally_words=False, reason=False, apps=False, api=False, brand=False, git=False),
)


def header(snapshot: Snapshot, width: int, now: datetime) -> Text:
    """The most detailed version that fits."""
    for detail in _DETAILS:
        left, right = _left(snapshot, detail), _right(snapshot, now, detail)
        if left.cell_len + right.cell_len + 2 <= width:
            return words(left, " " * (width - left.cell_len - right.cell_len - 1), right, " ")
    return fit(_left(snapshot, _DETAILS[-1]), width)


def _left(snapshot: Snapshot, detail: _Detail) -> Text:
    name = plain(snapshot.cluster.name, "heading")
    name.truncate(LONGEST_NAME if detail.brand else SHORT_NAME, overflow="ellipsis")
    if snapshot.cluster.is_production:
        name = words(name, (" PROD", "production"))
    made = words((" gitops-tui  ", "strong") if detail.brand else " ", name, (" ▏", "muted"))
    if detail.apps:
        made.append(f" {count(len(snapshot.apps), 'app')} ")
    for glyph, ink, number, word in _numbers(snapshot.apps, with_words=detail.tally_words):
        made = words(made, " ", (f"{glyph}{number}", ink), (f" {word} " if word else "", "muted"))
    return made


def _numbers(apps: Sequence[AppView], *, with_words: bool) -> list[tuple[str, str, int, str]]:
    """Glyph, ink, number and word; without words, one number a glyph."""
    found = [(one, number) for one, number in tally(apps) if number]
    if with_words:
        return [(one.glyph, one.ink, number, one.word if one is not TALLIES[-1] else "") for one, number in found]
    merged: dict[str, tuple[str, str, int, str]] = {}
    for one, number in found:
        ink, before = merged[one.glyph][1:3] if one.glyph in merged else (one.ink, 0)
        merged[one.glyph] = (one.glyph, ink, before + number, "")
    return list(merged.values())


def _right(snapshot: Snapshot, now: datetime, detail: _Detail) -> Text:
    parts = [mode(snapshot, with_reason=detail.reason)]
    cluster = snapshot.cluster
    if not cluster.is_reachable:
        parts.append(Text("api down", "bad"))
    elif cluster.latency_s is not None and detail.api:
        parts.append(Text(f"api {latency(cluster.latency_s)}", "muted"))
    if detail.git:
        parts.append(git_age(snapshot.sources, now))
    return join(parts)


def mode(snapshot: Snapshot, *, with_reason: bool) -> Text:
    made = MODES[snapshot.mode].copy()
    if with_reason and snapshot.mode_reason:
        return words(made, (" (", "muted"), plain(snapshot.mode_reason, "muted"), (")", "muted"))
    return made


def git_age(sources: Sequence[SourceView], now: datetime) -> Text:
    """How long ago the least fresh repository was fetched."""
    if any(one.error for one in sources):
        return Text("git failing", "bad")
    progress = next((one.progress for one in sources if one.progress), "")
    if progress:
        return words(("git ", "muted"), plain(progress, "busy"))
    fetched = [one.fetched_at for one in sources if one.fetched_at is not None]
    return Text(f"git {age(min(fetched), now)} ago", "muted") if fetched else Text()


def banner(snapshot: Snapshot, now: datetime, width: int) -> Text:
    """What must be said before anything else: stale, unreachable, failing Git. Empty where all is well."""
    cluster = snapshot.cluster
    if cluster.stale_since is not None or not cluster.is_reachable:
        return _stale(cluster, now, width)
    failing = next((one for one in snapshot.sources if one.error), None)
    if failing is not None:
        since = f" since {clock(failing.fetched_at, now)}" if failing.fetched_at else ""
        told = words((f" Git cannot be fetched{since}: ", "bad"), plain(failing.error))
        return words(told, ("  ", ""), plain(failing.url, "muted"))
    return Text()


def _stale(cluster: ClusterView, now: datetime, width: int) -> Text:
    """The longest version that fits together with the way out; the whole line is marked."""
    versions = _stale_versions(cluster, now)
    message = f". {clean(cluster.message)}" if cluster.message else ""
    told = next((one for one in versions if cell_len(one + message) < width), versions[-1])
    return fit(Text(f" {told}{message}", "stale"), width)


def _stale_versions(cluster: ClusterView, now: datetime) -> tuple[str, ...]:
    since = cluster.stale_since or cluster.last_contact
    if since is None:
        return ("UNREACHABLE: the API server has never answered", "UNREACHABLE")
    at = f"{clock(since, now)} ({age(since, now)})"
    return (
        f"STALE: the API server has not answered since {at}; everything below is from then",
        f"STALE: the API server has not answered since {at}; this is from then",
        f"STALE since {at}: no answer",
    )
