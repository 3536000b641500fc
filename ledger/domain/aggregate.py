"""The base of every aggregate: a consistency boundary folded from its stream of events.

Aggregates are pure. A method checks its invariants and records events; ``on_<event>`` methods change state
and never refuse, since history is not argued with. The library's repository and application load and save
them through ``project`` and ``collect_events``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from ledger.domain.event import Act, Event, to_time
from ledger.errors import DomainError

Relation = tuple[str, str, str]
"""(kind, source, target): source and target name a member of the event's data (a list fans out), or ``@id``."""


class Aggregate:
    """State folded from the stream ``<NAME>/<id>``; ``version`` counts its events, ``tip`` is the last payload hash."""

    NAME: ClassVar[str]
    STATE_CODE: ClassVar[str] = ""
    RELATIONS: ClassVar[Mapping[str, tuple[Relation, ...]]] = {}
    """What each event relates, for look-ups by set."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not cls.STATE_CODE:
            cls.STATE_CODE = cls.NAME.upper()

    def __init__(self, aggregate_id: str) -> None:
        self.aggregate_id = aggregate_id
        self.version = 0
        self.tip: str | None = None
        self.state = ""
        self.requests: dict[str, Event] = {}
        self._pending: list[Event] = []

    @property
    def stream(self) -> str:
        """The stream's name, ``<aggregate>/<id>``."""
        return f"{self.NAME}/{self.aggregate_id}"

    @property
    def id(self) -> str:
        """The library's name for the stream."""
        return self.stream

    @property
    def pending(self) -> Sequence[Event]:
        """Events decided by the running command and not yet recorded."""
        return tuple(self._pending)

    def record(self, act: Act, name: str, /, **data: Any) -> None:
        """Decide one event: it is applied at once and stays pending until the command is appended."""
        event = Event(
            originator_id=self.stream,
            originator_version=self.version + 1,
            type=f"{self.NAME}.{name}.v1",
            occurred_at=to_time(act.occurred_at),
            recorded_at=to_time(act.now),
            actor=act.actor,
            role=act.role,
            org=act.org,
            command=act.command,
            data=data,
        )
        self.mutate(event)
        self._pending.append(event)

    def mutate(self, event: Event) -> None:
        """Fold one event into the state.

        A request for a two-person act changes no state by itself: it is kept under its payload hash until the
        act that names it is recorded.
        """
        name = event.name
        if name.endswith("_requested"):
            if event.hash is not None:
                self.requests[event.hash] = event
        else:
            getattr(self, f"on_{name}")(event)
            self.requests.pop(event.data.get("request", ""), None)
        self.version = event.originator_version
        self.tip = event.hash

    def collect_events(self) -> Sequence[Event]:
        """Hand the pending events to the application and forget them."""
        pending, self._pending = self._pending, []
        return pending

    def require_state(self, *allowed: str) -> None:
        """Refuse with ``<AGGREGATE>_STATE_INVALID`` unless the state is one of ``allowed``."""
        if self.state not in allowed:
            raise DomainError(
                f"{self.STATE_CODE}_STATE_INVALID",
                f"this {self.NAME.replace('_', ' ')} is {self.state or 'new'}; the command needs {' or '.join(allowed)}",
                "Look at its history: an earlier act has already moved it on, or a step before this one is missing.",
            )

    def request_of(self, request: str, name: str) -> Event:
        """The pending request ``name`` with payload hash ``request``; UNKNOWN_ID when there is none."""
        event = self.requests.get(request)
        if event is None or event.name != name:
            raise DomainError(
                "UNKNOWN_ID", f"no open request {request[:16]}… for this {self.NAME.replace('_', ' ')}"
            )
        return event

    @classmethod
    def project(cls, aggregate: Self | None, events: Iterable[Event]) -> Self | None:
        """Fold ``events`` into ``aggregate``, or into a new one; None when there are none (library protocol)."""
        for event in events:
            if aggregate is None:
                aggregate = cls(event.originator_id.partition("/")[2])
            aggregate.mutate(event)
        return aggregate
