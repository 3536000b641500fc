"""Acts for tests of aggregates, and folding as the store does it: from JSON, with payload hashes."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

A = TypeVar("A", bound=Aggregate)
ZONE = ZoneInfo("Asia/Jayapura")
NOON = datetime(2031, 5, 6, 3, 0, tzinfo=UTC)  # noon in ZONE, whose days begin nine hours early


def act(
    actor: str = "ani", *, role: str = "training_admin", org: str | None = "blk", now: datetime = NOON
) -> Act:
    return Act(
        actor=actor,
        human=actor,
        role=role,
        org=org,
        command="c",
        now=now,
        occurred_at=now,
        zone=ZONE,
    )


def stored(event: Event) -> Event:
    """The event as it comes back from the store: data from JSON, and a hash."""
    text = json.dumps(event.data, allow_nan=False)
    digest = hashlib.sha256(f"{event.originator_id} {event.originator_version} {text}".encode()).hexdigest()
    return replace(event, data=json.loads(text), hash=digest)


def settle(aggregate: A) -> A:
    """A new aggregate folded from all that the given one has recorded; refuses to forget history."""
    history = [stored(event) for event in aggregate.pending]
    assert [event.originator_version for event in history] == list(range(1, len(history) + 1))
    folded = type(aggregate).project(None, history)
    assert folded is not None
    assert folded.state == aggregate.state
    return folded


@contextmanager
def refused(code: str, aggregate: Aggregate | None = None) -> Iterator[None]:
    """The block must be refused with ``code``, and then ``aggregate`` must have recorded nothing."""
    before = len(aggregate.pending) if aggregate else 0
    with pytest.raises(DomainError) as caught:
        yield
    assert caught.value.code == code, caught.value
    if aggregate:
        assert len(aggregate.pending) == before
