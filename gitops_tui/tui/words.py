"""Times, counts and names in as few words as a row has room for. Pure: now is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitops_tui.errors import GitOpsError
from gitops_tui.model.facts import span_words
from gitops_tui.model.refused import plainly


def age(then: datetime | None, now: datetime) -> str:
    """How long ago, or empty where that is not known."""
    return "" if then is None else span_words((now - then).total_seconds())


def latency(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def duration(value: timedelta) -> str:
    return span_words(value.total_seconds())


def clock(when: datetime, now: datetime) -> str:
    """The time of day, with the date where it is another day."""
    local, today = when.astimezone(now.tzinfo), now.date()
    return local.strftime("%H:%M") if local.date() == today else local.strftime("%Y-%m-%d %H:%M")


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 object``, ``3 objects``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def short(revision: str) -> str:
    """A commit as people say it: seven digits; anything else as it is."""
    is_sha = len(revision) == 40 and all(char in "0123456789abcdef" for char in revision)
    return revision[:7] if is_sha else revision


def joined(parts: list[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def sentences(*parts: str) -> str:
    """``It failed. Try again.``: what there is of these, a full stop between two of them."""
    said = [part.strip() for part in parts if part.strip()]
    ended = [part if part.endswith((".", "!", "?", ":")) else part + "." for part in said[:-1]]
    return " ".join([*ended, *said[-1:]])


def told_of(error: BaseException) -> str:
    """An error with its way out."""
    hint = error.hint if isinstance(error, GitOpsError) else ""
    return sentences(plainly(str(error)) or type(error).__name__, hint)
