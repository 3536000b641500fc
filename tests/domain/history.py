"""One aggregate's history in memory: acts are recorded, hashed and folded again from the start."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Generic, TypeVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event

A = TypeVar("A", bound=Aggregate)

NOW = datetime(2026, 2, 2, 1, tzinfo=UTC)


def act(actor: str = "admin", role: str = "training_admin", now: datetime = NOW) -> Act:
    return Act(actor, actor, role, "org", "command", now, now, UTC)


def hashed(event: Event) -> Event:
    """The event with a stand-in for its payload hash: distinct for each place in each stream."""
    name = f"{event.originator_id} {event.originator_version} {event.type} {sorted(event.data)}"
    return replace(event, hash=sha256(name.encode()).hexdigest())


class History(Generic[A]):
    """``do`` records one act; ``now`` is the aggregate folded from all events so far."""

    def __init__(self, cls: type[A], aggregate_id: str = "id") -> None:
        self._cls = cls
        self._id = aggregate_id
        self.events: list[Event] = []

    @property
    def now(self) -> A:
        return self._cls.project(None, self.events) or self._cls(self._id)

    def do(self, act_on: Callable[[A], None]) -> str:
        """Returns the payload hash of the last event recorded."""
        aggregate = self.now
        act_on(aggregate)
        recorded = [hashed(event) for event in aggregate.collect_events()]
        assert recorded, "an act records something"
        self.events += recorded
        return str(recorded[-1].hash)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]
