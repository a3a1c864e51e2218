"""The targets of the contract, only with controllers."""

import pytest

from tests.contract.target import Target, sandbox, target

__all__ = ["sandbox", "target"]


@pytest.fixture(autouse=True)
def _controllers(target: Target) -> None:
    target.require_controllers()
