"""Ages as kubectl prints them: ``5s``, ``3m20s``, ``17h``, ``2d3h``. Source: apimachinery's HumanDuration."""

from __future__ import annotations

from datetime import UTC, datetime

UNKNOWN = "<unknown>"


def human(seconds: int) -> str:
    if seconds < 0:
        return "0s" if seconds > -2 else "<invalid>"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _pair(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _pair(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    years = days // 365
    return _pair(years, "y", days % 365, "d") if years < 8 else f"{years}y"


def _pair(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def age(timestamp: str | None, now: datetime) -> str:
    """How long ago ``timestamp`` (RFC 3339) was; ``<unknown>`` where there is none."""
    if not timestamp:
        return UNKNOWN
    return human(int((now.astimezone(UTC) - parse(timestamp)).total_seconds()))
