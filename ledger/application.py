"""The event-sourced application: the library's, with entries for events and our admission for appends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from eventsourcing.application import AggregateNotFoundError, Application

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Event
from ledger.domain.ledger import Founder, Ledger
from ledger.domain.roles import Role
from ledger.domain.staff import Staff, StaffKey
from ledger.store.mapper import EntryMapper
from verifier.publickey import thumbprint
from verifier.rootfile import FOUNDERS

if TYPE_CHECKING:
    from eventsourcing.persistence import InfrastructureFactory, Mapper
    from eventsourcing.utils import Environment

    from ledger.store.admission import Admission, Sql

A = TypeVar("A", bound=Aggregate)

KEPT_LIMIT = 500
_KEPT = (Ledger, Staff)


class LedgerApplication(Application[str]):
    """Loads aggregates and appends the events of one command in one transaction."""

    name = "ledger"

    def __init__(
        self, factory: type[InfrastructureFactory[Any]], env: dict[str, str], ledger_id: str
    ) -> None:
        self._factory_class = factory
        self._ledger_id = ledger_id
        self._founders: Mapping[str, Founder] = {}
        super().__init__({"ORIGINATOR_ID_TYPE": "text", **env})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """The database that the settings chose."""
        return self._factory_class(env)

    def construct_mapper(self) -> Mapper[str]:
        """Events are stored as signed entries."""
        return EntryMapper(self.construct_transcoder())

    def reading(self) -> AbstractContextManager[Sql]:
        """A cursor for queries."""
        reading: AbstractContextManager[Sql] = self.recorder.reading()  # type: ignore[attr-defined]
        return reading

    def find(self, cls: type[A], aggregate_id: str) -> A | None:
        """The aggregate, or None. A founder is known from the ledger's own first entries."""
        seed = self.founder(aggregate_id) if cls is Staff else None
        project = cls.project if seed is None else partial(_project_onto, cls, seed)
        get: Any = self.repository.get  # the library's type variables do not know aggregates named by text
        try:
            found: A = get(f"{cls.NAME}/{aggregate_id}", projector_func=project)
        except AggregateNotFoundError:
            return cast("A | None", seed)
        return found

    def append(self, events: Sequence[Event], admission: Admission) -> list[int]:
        """Append one command's sealed events; returns their leaf indexes."""
        together: Any = _Together(admission.command, events)
        recordings = self.save(together, admission=admission)
        return [int(recording.notification.id) - 1 for recording in recordings]

    def founder(self, staff_id: str) -> Staff | None:
        """A founder as the ledger's first entries register them, or None for anybody else."""
        if len(self._founders) < FOUNDERS:  # they never change once both have signed
            ledger = self.find(Ledger, self._ledger_id)
            self._founders = ledger.founders if ledger else {}
        founder = self._founders.get(f"staff/{staff_id}")
        if founder is None:
            return None
        staff = Staff(staff_id)
        staff.state = "registered"
        staff.roles.add((str(Role.KEY_CUSTODIAN), None))
        name = thumbprint(founder.jwk)
        staff.keys[name] = StaffKey(name, founder.jwk, founder.alg, founder.custody)
        return staff


@dataclass(frozen=True, slots=True)
class _Together:
    """The events of one command, collected at once: the library looks at each object that it is given."""

    id: str
    events: Sequence[Event]

    def collect_events(self) -> Sequence[Event]:
        return self.events


def _project_onto(cls: type[A], seed: A, aggregate: A | None, events: Iterable[Event]) -> A | None:
    return cls.project(aggregate or seed, events)


class KeptHistories:
    """Loads as the application does, but keeps the histories of the ledger and of staff between commands.

    They are read for every command and seldom grow. Only for deciding: an append compares versions, so it finds
    a decision on a history that has grown elsewhere; and a refusal is not final before it was decided anew.
    """

    def __init__(self, application: LedgerApplication) -> None:
        self._application = application
        self._kept: dict[str, tuple[Event, ...]] = {}

    def find(self, cls: type[A], aggregate_id: str) -> A | None:
        """The aggregate, or None."""
        if cls not in _KEPT:
            return self._application.find(cls, aggregate_id)
        stream, kept = f"{cls.NAME}/{aggregate_id}", self._kept
        events = kept.get(stream)
        if events is None:
            read: Iterable[Any] = self._application.events.get(stream)
            events = tuple(read)
            if len(kept) < KEPT_LIMIT:
                kept[stream] = events
        seed = self._application.founder(aggregate_id) if cls is Staff else None
        return cls.project(cast("A | None", seed), events)

    def forget(self) -> bool:
        """Read everything anew from now on; whether anything was kept."""
        had, self._kept = bool(self._kept), {}
        return had

    def grown(self, events: Iterable[Event]) -> None:
        """These events were appended."""
        for event in events:
            self._kept.pop(event.originator_id, None)
