"""A desk at which commands are given: the real unit of work over a history and facts kept in memory.

It stands for the application and the stores in what the commands need of them, and checks of every command
that each fact opens its commitment and that no private text stands in an event.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from ledger.commands.command import Command
from ledger.commands.work import Decision, Work
from ledger.domain.aggregate import Aggregate
from ledger.domain.aggregates import AGGREGATES
from ledger.domain.cohort import Cohort
from ledger.domain.event import Act, Event
from ledger.domain.organisation import Organisation
from ledger.domain.scheme import Scheme
from ledger.domain.staff import Staff
from ledger.errors import DomainError
from ledger.rulebook import NumberFormats, ReasonCodes, Rulebook
from tests.domain.history import hashed
from verifier.fact import verify_fact

A = TypeVar("A", bound=Aggregate)

ZONE = ZoneInfo("Asia/Jayapura")
RULES = Rulebook(
    time_zone="Asia/Jayapura",
    reason_codes=ReasonCodes(
        enrolment_close=frozenset(
            {"COMPLETED", "HEALTH", "TRANSFERRED_OUT", "PROGRAMME_CANCELLED", "FELONY"}
        ),
        certificate_revoke=frozenset(),
        certificate_suspend=frozenset(),
        certificate_supersede=frozenset(),
        print_copy=frozenset(),
        appeal_ground=frozenset(),
        cohort_cancel=frozenset(),
        must_never_exist=frozenset({"FELONY"}),
    ),
    number_formats=NumberFormats(
        TRAINING="{seq}/T/{year}", COMPETENCE="{seq}/C/{year}", UNIT_STATEMENT="{seq}/U/{year}"
    ),
    deny_words=("custody", "prison"),
)


def new_id(name: str) -> str:
    """The same random-looking UUID (version 4) for the same name."""
    return str(uuid.UUID(bytes=sha256(name.encode()).digest()[:16], version=4))


class _Memory:
    """Repository, look-ups and personal store at once."""

    def __init__(self) -> None:
        self.streams: defaultdict[str, list[Event]] = defaultdict(list)
        self.relations: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.rows: set[tuple[str, str]] = set()
        self.gone: set[tuple[str, str]] = set()
        self.facts: list[Any] = []
        self.niks: dict[str, str] = {}
        self.index = SimpleNamespace(learner_of=self.niks.get, certificates_of=lambda *_: [])

    def find(self, cls: type[A], aggregate_id: str) -> A | None:
        return cls.project(None, self.streams[f"{cls.NAME}/{aggregate_id}"])

    def tracking(self, _related: object) -> "_Memory":
        return self

    def related(self, kind: str, source: str) -> list[str]:
        return list(dict.fromkeys(self.relations[kind, source]))

    def is_claimed(self, kind: str, key: str) -> bool:
        return (kind, key) in self.rows

    def destroyed(self, subject: str, class_: str) -> bool:
        return (subject, class_) in self.gone

    def get(self, subject: str, class_: str) -> list[Any]:
        return [fact for fact in self.facts if (fact.subject, fact.class_) == (subject, class_)]

    def value(self, subject: str, class_: str, field: str) -> Any:
        return next((f.value for f in reversed(self.get(subject, class_)) if f.field == field), None)

    def append(self, events: Iterable[Event]) -> None:
        for event in events:
            stream = event.originator_id
            assert event.originator_version == len(self.streams[stream]) + 1
            self.streams[stream].append(event)
            name, _, own = stream.partition("/")
            (cls,) = (cls for cls in AGGREGATES if name == cls.NAME)
            for kind, source, target in cls.RELATIONS.get(event.name, ()):
                for one in _members(event, source, own):
                    self.relations[kind, one] += _members(event, target, own)
            if event.name in {"data_destroyed", "marked_erased"}:
                place = (event.data.get("subject", stream), event.data.get("class", "identity"))
                self.gone.add(place)
                self.facts = [fact for fact in self.facts if (fact.subject, fact.class_) != place]


def _members(event: Event, name: str, own: str) -> list[str]:
    value = own if name == "@id" else event.data.get(name)
    return value if isinstance(value, list) else [value] if value is not None else []


class Desk:
    """One provider (``blk``), one facility (``site``), their people, one scheme; ``today`` moves by hand."""

    def __init__(self) -> None:
        self.memory = _Memory()
        self.rules = RULES
        self.now = datetime(2026, 3, 2, 0, tzinfo=UTC)  # 09:00 of 2 March in the zone
        self.last: list[Event] = []
        self._people: dict[str, tuple[str, str | None]] = {}
        self._commands = 0
        self.blk, self.site, self.elsewhere = map(new_id, ("blk", "site", "elsewhere"))
        for name, kind in (
            ("blk", "training_provider"),
            ("site", "correctional_facility"),
            ("elsewhere", "correctional_facility"),
        ):
            self.begin(Organisation, name).register(
                self.act("blk"), kind=kind, public_name=None, zone="Asia/Jayapura", name={}, licence=None
            )
        for name, role, org in (
            ("admin", "training_admin", self.blk),
            ("issuer", "training_issuer", self.blk),
            ("teacher", "instructor", self.blk),
            ("colleague", "instructor", self.blk),
            ("stranger", "instructor", self.blk),
            ("liaison", "correctional_liaison", self.site),
            ("approver", "correctional_approver", self.site),
            ("privacy", "privacy_officer", self.blk),
        ):
            self.hire(name, role, org)
        self.scheme = self.draft_scheme("scheme")
        self.save()

    # -- setting the scene -------------------------------------------------------------------------------

    def begin(self, cls: type[A], name: str) -> A:
        """A new aggregate whose acts ``save`` stores without a command."""
        aggregate = cls(new_id(name))
        self._scene: list[Aggregate] = [*getattr(self, "_scene", []), aggregate]
        return aggregate

    def save(self) -> None:
        for aggregate in self._scene:
            self.memory.append(map(hashed, aggregate.collect_events()))
        self._scene = []

    def hire(self, name: str, role: str, org: str | None, same_person_as: str | None = None) -> None:
        self._people[name] = (role, org)
        staff = self.begin(Staff, name)
        person = None if same_person_as is None else new_id(same_person_as)
        staff.record(self.act(name), "registered", same_person_as=person)
        self.save()

    def draft_scheme(self, name: str, total_jp: int = 40) -> str:
        scheme = self.begin(Scheme, name)
        unit = {
            "decree": "D",
            "code": "U.1",
            "title_id": "a",
            "title_en": "b",
            "jp": total_jp,
            "type": "core",
        }
        scheme.draft(
            self.act("admin"),
            code="S",
            trade="T",
            title_id="a",
            title_en="b",
            level=2,
            total_jp=total_jp,
            jp_minutes=45,
            non_unit=[],
            provider=self.blk,
            body=self.blk,
            units=[unit],
        )
        return scheme.aggregate_id

    def cohort(
        self, name: str, *, site: str | None = None, capacity: int = 2, scheme: str | None = None
    ) -> str:
        """A cohort with enrolment open: five sessions of 8 JP from 2 March on, two instructors."""
        cohort = self.begin(Cohort, name)
        act = self.act("admin")
        start = date(2026, 3, 2)
        cohort.plan(
            act,
            programme=new_id("programme"),
            scheme=scheme or self.scheme,
            version=1,
            agreement=None,
            site=site or self.site,
            provider=self.blk,
            body=self.blk,
            capacity=capacity,
            start=start,
            end=start + timedelta(days=30),
            jp_per_day=8,
            threshold=80,
        )
        for teacher in ("teacher", "colleague"):
            cohort.assign_instructor(act, new_id(teacher))
        cohort.schedule(act, [(start + timedelta(days=offset), None) for offset in range(5)])
        cohort.open_enrolment(act)
        self.save()
        return cohort.aggregate_id

    def start(self, cohort: str) -> None:
        """The training starts."""
        loaded = self.memory.find(Cohort, cohort)
        assert loaded is not None
        loaded.begin(self.act("admin"))
        self.memory.append(map(hashed, loaded.collect_events()))

    def on(self, day: int) -> None:
        """It is 09:00 of this day of March, in the zone."""
        self.now = datetime.combine(date(2026, 3, 1) + timedelta(days=day - 1), time(9), ZONE).astimezone(UTC)

    def act(self, name: str) -> Act:
        role, org = self._people.get(name, ("key_custodian", None))
        account = new_id(name)
        return Act(account, account, role, org, f"command {self._commands}", self.now, self.now, ZONE)

    # -- commands ----------------------------------------------------------------------------------------

    def work(self, name: str) -> Work:
        """A unit of work of this person's."""
        memory = cast("Any", self.memory)
        work = Work(
            act=self.act(name),
            seed=f"seed {self._commands}".encode(),
            rulebook=self.rules,
            repository=memory,
            queries=memory,
            personal=memory,
            tags=cast("Any", None),
            documents=cast("Any", None),
            ledger=cast("Any", SimpleNamespace(ledger_id="ledger", root=SimpleNamespace(origin="origin"))),
        )
        work.act = replace(work.act, human=work.human(work.act.actor))
        return work

    def give(self, name: str, command: Command) -> dict[str, Any]:
        """Decide and keep a command; the result has ``request``, the last event's hash."""
        self._commands += 1
        work = self.work(name)
        if work.act.role not in command.roles:
            raise DomainError("ROLE_FORBIDDEN", name)
        command.decide(work)
        decision = work.finish()
        self._keep(decision)
        return {**decision.result, "request": self.last[-1].hash}

    def refused(self, name: str, command: Command) -> str:
        """The code with which the command is refused."""
        try:
            self.give(name, command)
        except DomainError as error:
            return error.code
        return "nothing: it was accepted"

    def _keep(self, decision: Decision) -> None:
        self.last = [hashed(event) for event in decision.events]
        placed = {(event.originator_id, event.originator_version): event.data for event in self.last}
        for fact in decision.facts:
            member = placed[fact.stream, fact.version][fact.field]
            where = (fact.class_, fact.field, fact.stream, fact.subject, fact.value, fact.version)
            verify_fact(member["commitment"], fact.salt, *where)
            clear = json.dumps([dict(event.data) for event in self.last])
            assert fact.value is None or json.dumps(fact.value) not in clear, f"{fact.field} stands in clear"
        self.memory.rows -= set(decision.releases)
        for row in decision.claims:
            assert (row.kind, row.key) not in self.memory.rows
            self.memory.rows.add((row.kind, row.key))
        self.memory.facts += decision.facts
        self.memory.niks.update(decision.niks)
        self.memory.append(self.last)
