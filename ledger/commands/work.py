"""The unit of work of one command: what it read, what it decided, what must be unique, what is personal.

Everything a decision may use comes through here, so that the decision is a pure function of the history it
read, the clock it was given and the seed of its preparation: deciding again comes to the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.staff import Staff
from ledger.errors import ConflictError, DomainError
from ledger.issuing.number import format_number
from verifier.fact import commitment

if TYPE_CHECKING:
    from ledger.documents import Documents
    from ledger.personal.store import PersonalStore
    from ledger.personal.tags import Tags
    from ledger.projections.queries import Queries
    from ledger.rulebook import Rulebook
    from verifier.rootfile import RootFile

A = TypeVar("A", bound=Aggregate)

STATUS_LIST_BITS = 131_072
"""The length of a status list: the least that the specification allows, so that one bit hides in many."""


class Repository(Protocol):
    """Loads aggregates by stream; None when the stream has no events."""

    def find(self, cls: type[A], aggregate_id: str) -> A | None:
        """The aggregate, or None."""
        ...


@dataclass(frozen=True, slots=True)
class UniqueRow:
    """A row that must not exist yet; ``code`` is what the loser of a race is told."""

    kind: str
    key: str
    code: str
    message: str


@dataclass(slots=True)
class Decision:
    """All that a decided command asks the store to do in one transaction, and what its giver is told."""

    events: list[Event] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    related: dict[tuple[str, str], int] = field(default_factory=dict)
    claims: list[UniqueRow] = field(default_factory=list)
    releases: list[tuple[str, str]] = field(default_factory=list)
    facts: list[PersonalFact] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    niks: dict[str, str] = field(default_factory=dict)
    tips: dict[str, str | None] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonalFact:
    """A personal fact and its salt; the event carries only the commitment. ``version`` is the event's version."""

    class_: str
    field: str
    stream: str
    subject: str
    value: Any
    version: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """The way back from a certificate to what it came from; erasable (class provenance)."""

    certificate: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What a decision may know of the ledger it is made on: its id and its root file."""

    ledger_id: str
    root: RootFile


class Work:
    """What a command's ``decide`` works with. Ids, salts and draws derive from the preparation's secret seed."""

    def __init__(
        self,
        *,
        act: Act,
        seed: bytes,
        rulebook: Rulebook,
        repository: Repository,
        queries: Queries,
        personal: PersonalStore,
        tags: Tags,
        documents: Documents,
        ledger: LedgerFacts,
    ) -> None:
        self.act = act
        self.ledger_id = ledger.ledger_id
        self.root = ledger.root
        self.origin = ledger.root.origin
        self.rulebook = rulebook
        self.decision = Decision()
        self.queries = queries.tracking(self.decision.related)
        self.personal = personal
        self._tags = tags
        self.documents = documents
        self.signing_key = ""
        self._seed = seed
        self._draws = 0
        self._repository = repository
        self._loaded: dict[str, Aggregate] = {}

    # -- aggregates ------------------------------------------------------------------------------------

    def find(self, cls: type[A], aggregate_id: str) -> A | None:
        """The aggregate, or None; either way the command depends on its version at this moment."""
        stream = f"{cls.NAME}/{aggregate_id}"
        if stream in self._loaded:
            loaded = self._loaded[stream]
            if not isinstance(loaded, cls):
                msg = f"{stream} was loaded as {type(loaded).__name__}"
                raise TypeError(msg)
            return loaded
        aggregate = self._repository.find(cls, aggregate_id)
        self.decision.read[stream] = aggregate.version if aggregate else 0
        self.decision.tips[stream] = aggregate.tip if aggregate else None
        if aggregate is not None:
            self._loaded[stream] = aggregate
        return aggregate

    def load(self, cls: type[A], aggregate_id: str) -> A:
        """The aggregate; UNKNOWN_ID when there is none."""
        aggregate = self.find(cls, aggregate_id)
        if aggregate is None:
            raise DomainError(
                "UNKNOWN_ID",
                f"there is no {cls.NAME.replace('_', ' ')} with the id {aggregate_id}",
                "Check the id; ids are given by the command that registered the thing.",
            )
        return aggregate

    def new(self, cls: type[A], aggregate_id: str | None = None) -> A:
        """A new aggregate under a fresh random id (or the given one, which must be free)."""
        aggregate = cls(aggregate_id or self.draw_id())
        self.decision.read[aggregate.stream] = 0
        self.decision.tips[aggregate.stream] = None
        self._loaded[aggregate.stream] = aggregate
        return aggregate

    def finish(self) -> Decision:
        """Collect the events in the order in which they were recorded, by aggregate."""
        for aggregate in self._loaded.values():
            self.decision.events.extend(aggregate.collect_events())
        return self.decision

    # -- people ----------------------------------------------------------------------------------------

    def human(self, staff_id: str) -> str:
        """The person behind an account: accounts linked as the same person answer alike."""
        while (staff := self.find(Staff, staff_id)) is not None and staff.same_person_as is not None:
            staff_id = staff.same_person_as
        return staff_id

    def separate(self, code: str, others: Iterable[str], message: str, *, scope: Sequence[str] = ()) -> None:
        """Refuse with ``code`` when the acting human is one of ``others`` (accounts).

        An approved impartiality exception may lift this rule for one of the ids in ``scope``.
        """
        self.separate_person(code, self.act.actor, others, message, scope=scope)

    def separate_person(
        self, code: str, person: str, others: Iterable[str], message: str, *, scope: Sequence[str] = ()
    ) -> None:
        """As ``separate``, for another person than the one who acts."""
        human = self.human(person)
        if any(self.human(other) == human for other in set(others)) and not self.exception_in_force(
            code, [person, *scope]
        ):
            raise DomainError(
                code, message, "Another person must do this; the rule follows the human, not the account."
            )

    def exception_in_force(self, rule: str, ids: Sequence[str]) -> bool:
        """Whether an approved impartiality exception lifts ``rule`` for these staff, learners or assessments."""
        return any(
            self.load(ImpartialityException, found).lifts(rule, ids, self.act.now)
            for found in self.queries.related("rule.exceptions", rule)
        )

    def require_org(self, *orgs: str | None) -> None:
        """ROLE_FORBIDDEN unless the person acts for one of these organisations."""
        if self.act.org not in orgs:
            raise DomainError(
                "ROLE_FORBIDDEN",
                f"the role {self.act.role} is held at another organisation than the one this concerns",
                "Someone of the organisation concerned must give this command.",
            )

    def second_person(self, requester: str) -> None:
        """SOD_SELF_APPROVAL when the acting human made the request."""
        if self.human(requester) == self.act.human:
            raise DomainError(
                "SOD_SELF_APPROVAL",
                "the person who requested this may not approve it",
                "A second person must approve; two accounts of one person count as one.",
            )

    # -- draws -----------------------------------------------------------------------------------------

    def draw(self, size: int) -> bytes:
        """``size`` (at most 32) random-looking bytes, the same again for the same seed and place."""
        self._draws += 1
        return hmac.new(self._seed, self._draws.to_bytes(4, "big"), hashlib.sha256).digest()[:size]

    def draw_id(self) -> str:
        """A random UUID (version 4)."""
        return str(uuid.UUID(bytes=self.draw(16), version=4))

    # -- time ------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The day of recording in the ledger's zone."""
        return self.act.now.astimezone(self.act.zone).date()

    def on_day(self, day: date) -> datetime:
        """A moment on ``day`` (noon there, or now on the day itself); OCCURRED_IN_FUTURE for a later day."""
        if day > self.today:
            raise DomainError(
                "OCCURRED_IN_FUTURE", f"{day} lies after today, {self.today}", "Record it on its day."
            )
        noon = datetime.combine(day, datetime.min.time(), self.act.zone) + timedelta(hours=12)
        return min(noon, self.act.now)

    def occurred_on(self, day: date) -> None:
        """Date what follows to ``day``: BACKDATE_LIMIT or OCCURRED_IN_FUTURE when that is not allowed."""
        self.occurred_at(self.on_day(day))

    def occurred_at(self, moment: datetime) -> None:
        """Date what follows to ``moment``."""
        if moment > self.act.now:
            raise DomainError(
                "OCCURRED_IN_FUTURE", "it cannot have happened after now", "Record it on its day."
            )
        limit = timedelta(days=self.rulebook.backdate_days)
        if self.act.now - moment > limit:
            raise DomainError(
                "BACKDATE_LIMIT",
                f"it happened more than {limit.days} days ago",
                "What is entered from paper this late needs a setting of its own (backdate_days).",
            )
        self.act = replace(self.act, occurred_at=moment)

    # -- rows and facts --------------------------------------------------------------------------------

    def claim(self, kind: str, key: str, code: str, message: str) -> None:
        """Ask for a unique row; refuse at once when it is taken, and again in the transaction.

        With the code CONCURRENCY_CONFLICT the command is decided anew instead: its own draw was taken.
        """
        if self.queries.is_claimed(kind, key) and (kind, key) not in self.decision.releases:
            raise ConflictError(message) if code == "CONCURRENCY_CONFLICT" else DomainError(code, message)
        self.decision.claims.append(UniqueRow(kind, key, code, message))

    def release(self, kind: str, key: str) -> None:
        """Give a unique row back (a seat that was left)."""
        self.decision.releases.append((kind, key))

    def fact(
        self, aggregate: Aggregate, class_: str, field_: str, value: Any, *, subject: str | None = None
    ) -> dict[str, str]:
        """Keep a personal fact outside the log and give the commitment that the next event of ``aggregate`` carries.

        ``subject`` is whose fact it is (a stream name), by default the aggregate itself.
        """
        subject = subject or aggregate.stream
        version = aggregate.version + 1
        salt = self.draw(32)
        self.decision.facts.append(
            PersonalFact(class_, field_, aggregate.stream, subject, value, version, salt)
        )
        return {"commitment": commitment(salt, class_, field_, aggregate.stream, subject, value, version)}

    def claim_nik(self, nik: str, learner: str) -> None:
        """Give the NIK to the learner; NIK_ALREADY_USED when another one has it.

        The row is kept in the personal store, not in the log's database: it must go when the learner is erased.
        """
        owner = self.personal.index.learner_of(nik)
        self.require(
            owner in {None, learner},
            "NIK_ALREADY_USED",
            "another learner is registered with this NIK",
            "Look for that learner; if it is the same person, ask for the two to be merged.",
        )
        self.decision.niks[nik] = learner

    def provenance_tag(self, origin: str, kind: str, replaces: str | None) -> str:
        """A keyed tag of what a certificate is issued for: it says that a decision was used, not by which certificate."""
        return self._tags.provenance(kind, origin, replaces)

    def own_command(self, idempotency_key: str) -> str | None:
        """The id of the command that this account gave with this idempotency key, or None."""
        found = self.queries.reply(self._tags.idempotency(self.act.actor, idempotency_key))
        return found[0] if found else None

    def reply_to(self, command: str, sealed: bytes) -> Any:
        """What the giver of a recorded command was told."""
        return json.loads(self._tags.open_reply(command, sealed))

    def certificate_links(self, certificate: str) -> dict[str, str] | None:
        """The certificate's provenance by kind (learner, enrolment, decision, assessment); None once erased."""
        value = self.personal.value(f"certificate/{certificate}", "provenance", "provenance")
        return value if isinstance(value, dict) else None

    def private_names(self) -> tuple[str, ...]:
        """Names of organisations that must never stand on anything public."""
        return self.queries.private_names(self.personal)

    # -- certificates ----------------------------------------------------------------------------------

    def next_number(self, kind: str, org: str, programme: str, day: date) -> tuple[str, int, str]:
        """The next number of the series of (kind, issuer, year): (number, place, series).

        A number that was given by hand is passed over.
        """
        series = f"{kind}/{org}/{day.year}"
        template: str = getattr(self.rulebook.number_formats, kind)
        seq = self.queries.last_seq(series)
        while True:
            seq += 1
            number = format_number(template, seq=seq, programme=programme, day=day)
            if not self.queries.is_claimed("number", number):
                return number, seq, series

    def free_status_index(self, org: str) -> tuple[int, int]:
        """(list, index): a random free place in the issuer's status list; its unique row is claimed here."""
        for _ in range(200):
            index = int.from_bytes(self.draw(4), "big") % STATUS_LIST_BITS
            if not self.queries.is_claimed("status_index", f"{org}/1/{index}"):
                self.claim(
                    "status_index",
                    f"{org}/1/{index}",
                    "CONCURRENCY_CONFLICT",
                    "the status index was just taken",
                )
                return 1, index
        raise DomainError(
            "STATUS_LIST_FULL", "no free place was found in the status list", "Begin a second list."
        )

    # -- refusing --------------------------------------------------------------------------------------

    def refuse(self, code: str, message: str, hint: str | None = None) -> NoReturn:
        """Refuse the command."""
        raise DomainError(code, message, hint)

    def require(self, condition: object, code: str, message: str, hint: str | None = None) -> None:
        """Refuse with ``code`` unless ``condition`` holds."""
        if not condition:
            raise DomainError(code, message, hint)
