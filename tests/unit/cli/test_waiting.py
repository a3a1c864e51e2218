"""The lines of progress that a waiting command prints."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gitops_tui.cli.waiting import progress_words
from gitops_tui.model.snapshot import Progress
from gitops_tui.model.status import SyncPhase
from tests.tui import world

API = world.key("Deployment", "api", "api")


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (None, ""),
        (Progress(), "api-service: starting"),
        (Progress(message="waiting for a place"), "api-service: waiting for a place"),
        (
            Progress(phase=SyncPhase.SYNC, wave=0, wave_number=1, waves=1, total=1),
            "api-service: Sync, 0 of 1 object done",
        ),
        (
            Progress(phase=SyncPhase.SYNC, wave=2, wave_number=3, waves=4, done=5, total=9, running=((API, "1 of 3"),)),
            "api-service: Sync, wave 2 (3 of 4), 5 of 9 objects done, waits for Deployment/api (1 of 3)",
        ),
        (
            Progress(phase=SyncPhase.SYNC, wave_number=1, waves=1, total=5, running=((API, ""),) * 5),
            "api-service: Sync, 0 of 5 objects done, waits for " + "Deployment/api, " * 2 + "Deployment/api and 2 more",
        ),
    ],
)
def test_progress_in_words(progress: Progress | None, words: str) -> None:
    assert progress_words(replace(world.api_service(), progress=progress)) == words
