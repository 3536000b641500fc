"""What the rules know at a place of the log: every matter by its stream, open requests, and the settings.

A matter is a `Thing`: an agreement, an enrolment, a certificate. Each area keeps what its rules need in a
subclass with slots, since a national log has millions of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from verifier import times
from verifier.event import Event
from verifier.finding import Rule, unknown, wrong

UNKNOWN_ID = wrong(
    "UNKNOWN_ID", "An entry refers to a matter that does not exist at this point of the history."
)
ZONE_UNKNOWN = unknown(
    "ZONE_UNKNOWN",
    "An organisation or certificate names a time zone that this machine does not know, so its days are not known.",
)


class Thing:
    """A matter with its stream's name and state; the state is empty before its first event."""

    __slots__ = ("state", "stream")

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.state = ""

    @property
    def id(self) -> str:
        """The id: the stream's name after the slash."""
        return self.stream.partition("/")[2]


T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an institution may set and the log does not hold; the defaults are those of the domain's description.

    `holidays` are days `YYYY-MM-DD`; None when nobody said which they are.
    """

    backdate_days: int = 30
    teaching_lookback_months: int = 24
    appeal_working_days: int = 5
    request_due_hours: int = 72
    holidays: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The first half of an act of two persons, until the second half names its hash."""

    type: str
    stream: str
    actor: str
    human: str
    index: int
    command: str
    data: dict[str, Any]


@dataclass(slots=True)
class World:
    """Everything the rules know. `report(rule, message)` records a breach at the event being looked at.

    `human` tells the person behind an account, `zones` the time zones of the organisations so far, `acts` the
    events of the running command before the present one.
    """

    settings: Settings
    report: Callable[[Rule, str], None]
    human: Callable[[str], str]
    things: dict[str, Thing] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    zones: set[str] = field(default_factory=set)
    acts: list[Event] = field(default_factory=list)

    def find(self, kind: type[T], aggregate: str, thing_id: str | None) -> T | None:
        """Return the matter if it has begun."""
        found = self.things.get(f"{aggregate}/{thing_id}")
        return found if isinstance(found, kind) and found.state else None

    def need(self, kind: type[T], aggregate: str, thing_id: str | None) -> T | None:
        """Return the matter, or report that it does not exist."""
        found = self.find(kind, aggregate, thing_id)
        if found is None:
            self.report(UNKNOWN_ID, f"there is no {aggregate.replace('_', ' ')} {thing_id}")
        return found

    def days(self, time: str) -> tuple[str, str]:
        """Return the earliest and the latest day that a time may be, in the zones of the organisations.

        The zone in which an institution counts its days is not in the log; a rule about days is broken only
        if it is broken in all of them. Before there is an organisation days are those of UTC.
        """
        seconds = times.posix(time)
        found = [times.day_of(seconds, zone) for zone in self.zones or {"UTC"}]
        return min(found), max(found)
