"""Between an entry's bytes, which the database keeps, and the domain event that they say.

The stored state is the entry exactly as it was signed; the topic is the event's type. Reading checks that a
row lies where its own payload says, so a row moved inside the database is noticed at once. Signatures and
the canonical form are checked at admission and by ``fsck``, not at every read.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from eventsourcing.persistence import Mapper, StoredEvent

from ledger.domain.event import Event
from ledger.errors import StoreError


def event_of(entry: bytes) -> Event:
    """The domain event in an entry of our own store."""
    payload = entry[: entry.index(b"\n")]
    fields = json.loads(payload)
    return Event(
        originator_id=fields["stream"],
        originator_version=fields["version"],
        type=fields["type"],
        occurred_at=fields["occurred_at"],
        recorded_at=fields["recorded_at"],
        actor=fields["actor"].removeprefix("staff/"),
        role=fields["role"],
        org=fields["org"],
        command=fields["command"],
        data=fields["data"],
        hash=sha256(b"\0" + payload).hexdigest(),
        entry=entry,
    )


class EntryMapper(Mapper[str]):
    """The library's mapper, for events whose stored form is a signed entry."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The row of a sealed event; an unsigned one cannot be stored."""
        if domain_event.entry is None:
            msg = f"{domain_event.type} of {domain_event.originator_id} is not signed"
            raise TypeError(msg)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.type,
            state=domain_event.entry,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """The event of a row; ENTRY_MISPLACED when the row is not the one its payload names."""
        try:
            event = event_of(bytes(stored_event.state))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                "ENTRY_UNREADABLE",
                f"the row {stored_event.originator_id}@{stored_event.originator_version} cannot be read: {error}",
                "Run `certledger fsck`: the database was altered or is damaged.",
            ) from None
        place = (event.originator_id, event.originator_version, event.type)
        if place != (stored_event.originator_id, stored_event.originator_version, stored_event.topic):
            raise StoreError(
                "ENTRY_MISPLACED",
                f"the row {stored_event.originator_id}@{stored_event.originator_version} holds {place[0]}@{place[1]}",
                "Run `certledger fsck`: the database was altered.",
            )
        return event
