"""The same field undone again and again is a fight between two who both think they are right (design: drift)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import ResourceKey

WINDOW = timedelta(minutes=10)
ROUNDS = 3

Field = tuple[ResourceKey, str]


class Fights:
    """Counts heals by field."""

    def __init__(self) -> None:
        self._healed: dict[tuple[AppKey, Field], deque[datetime]] = defaultdict(lambda: deque(maxlen=ROUNDS))

    def healed(self, app: AppKey, fields: Iterable[Field], now: datetime) -> None:
        for field in fields:
            self._healed[(app, field)].append(now)

    def fought_over(self, app: AppKey, fields: Iterable[Field], now: datetime) -> list[Field]:
        """Those of the fields that were healed three times within ten minutes, and differ again."""
        found = []
        for field in fields:
            times = self._healed.get((app, field))
            if times is not None and len(times) == ROUNDS and now - times[0] <= WINDOW:
                found.append(field)
        return found

    def is_back(self, app: AppKey, field: Field, now: datetime) -> bool:
        """Whether a field that was undone less than ten minutes ago is there again."""
        times = self._healed.get((app, field))
        return bool(times) and now - times[-1] <= WINDOW if times else False
