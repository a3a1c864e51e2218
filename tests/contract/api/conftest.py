"""The targets of the contract."""

from tests.contract.target import sandbox, target

__all__ = ["sandbox", "target"]
