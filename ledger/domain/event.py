"""A domain event: what happened to one aggregate, with the envelope of the command it belongs to.

An event is the parsed form of an entry's payload; its type is data (``certificate.issued.v1``), never a
class path. It satisfies the library's ``DomainEventProtocol`` (``originator_id``, ``originator_version``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@lru_cache(maxsize=64)
def to_time(moment: datetime) -> str:
    """``YYYY-MM-DDThh:mm:ssZ`` for an aware moment, cut to the second."""
    return moment.astimezone(UTC).strftime(TIME_FORMAT)


def from_time(text: str) -> datetime:
    """The aware UTC moment that ``to_time`` wrote."""
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts now, in which role, and when: the part of a command that every event of it shares.

    ``actor`` is the account (staff id), ``human`` the person behind it: one person with two accounts is one
    person. ``occurred_at`` is when it happened, ``now`` when it is recorded; both aware.
    """

    actor: str
    human: str
    role: str
    org: str | None
    command: str
    now: datetime
    occurred_at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one aggregate.

    ``originator_id`` is the stream (``enrolment/<id>``), versions start at 1. ``hash`` is the hex SHA-256 of
    0x00 || payload and ``entry`` the signed bytes; both are None while the event is only decided.
    """

    originator_id: str
    originator_version: int
    type: str
    occurred_at: str
    recorded_at: str
    actor: str
    role: str
    org: str | None
    command: str
    data: Mapping[str, Any]
    hash: str | None = None
    entry: bytes | None = None

    @property
    def name(self) -> str:
        """The event's name without aggregate and version: ``issued`` of ``certificate.issued.v1``."""
        return self.type.split(".")[1]
