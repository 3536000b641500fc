"""Clocks. Time is an argument everywhere; only these two know where it comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where ``now`` comes from: an aware moment, in whole seconds."""

    def now(self) -> datetime:
        """The present moment."""
        ...


class SystemClock:
    """The machine's clock; the only one that production takes."""

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC).replace(microsecond=0)


class SimulatedClock:
    """A clock that is set: for demonstration and tests, on a ledger that was founded with one.

    From the moment it is set it goes on at the pace of the machine's clock if ``running``, else it stands.
    """

    def __init__(self, moment: datetime, *, running: bool = False) -> None:
        self._running = running
        self.set(moment)

    def set(self, moment: datetime) -> None:
        """Set the clock."""
        self._moment = moment.astimezone(UTC).replace(microsecond=0)
        self._since = datetime.now(UTC)

    def now(self) -> datetime:
        """The simulated moment."""
        if not self._running:
            return self._moment
        return (self._moment + (datetime.now(UTC) - self._since)).replace(microsecond=0)
