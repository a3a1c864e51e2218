"""What was found and decided is shown: on the board, to who counts and tells, and in the Application's status."""

from __future__ import annotations

from collections.abc import Callable

from gitops_tui.engine.journal import note_changes
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.polling import Polling
from gitops_tui.engine.record import Record
from gitops_tui.engine.view import app_view, seconds_to_next_look
from gitops_tui.model.application import AppKey


class Publishing:
    """Used on the core's thread."""

    def __init__(self, parts: Parts, polling: Polling, compare_soon: Callable[[AppKey, float], None]) -> None:
        self._parts = parts
        self._polling = polling
        self._compare_soon = compare_soon

    def publish(self, record: Record) -> None:
        parts = self._parts
        record.polls = self._polling.answers(source.repo_url for source in record.app.sources if not source.chart)
        now = parts.clock()
        view = app_view(record, now)
        next_s = seconds_to_next_look(record, now)
        if next_s is not None:
            self._compare_soon(record.key, next_s)
        note_changes(parts.board, parts.board.view(record.key), view)
        parts.board.put_app(view)
        if self._is_ours(record) and not view.is_loading:
            parts.witness.published(view)
        parts.statuses.write_soon(record, view)

    def publish_progress(self, record: Record) -> None:
        """What its operation and its kept state say now, without comparing."""
        record.run = self._parts.operations.run_of(record.key)
        record.state = self._parts.operations.state_of(record.app)
        record.end_where_asked()
        self.publish(record)

    def _is_ours(self, record: Record) -> bool:
        return self._parts.authority.is_leading and not record.managed_by and not record.is_reported
