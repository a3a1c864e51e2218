from __future__ import annotations

import pytest

from tests.contract.diff.hand import Hand
from tests.control_plane import ControlPlane


@pytest.fixture
def hand(control_plane: ControlPlane, namespace: str) -> Hand:
    return Hand(control_plane, namespace)
