"""What the engine needs of the floors above, besides a store (``ledger/store.py``): a gate and a clock."""

from typing import Protocol

from clearance.model.clearance import Request, Ruling


class Gate(Protocol):
    """Rules on one action at a time; pure, so that a ruling can be explained and repeated."""

    def rule(self, request: Request) -> Ruling: ...


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970 (UTC)."""
        ...
