"""Commands over learners: registration, identity, and two entries of one person.

What a person is called, when they were born and where they are held goes outside the log at once; the event
has commitments. A NIK is found again by a keyed tag only. Correcting an identity and merging two entries take
two people.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import StringConstraints, model_validator

from ledger.commands.command import Command, Day, Hash, Id, Name, ReasonCode
from ledger.commands.work import Work
from ledger.domain.learner import FIELD_CLASSES, Learner
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role
from ledger.errors import DomainError
from ledger.personal import nik as national_number

ADMIN = frozenset({Role.TRAINING_ADMIN})
PRIVACY = frozenset({Role.PRIVACY_OFFICER})

Detail = Annotated[str, StringConstraints(min_length=1, max_length=300)]
"""A fact about a person in words; it never enters the log."""


class _Person(Command):
    """The fields of a person; each is a fact outside the log. ``facility`` is an organisation's id."""

    full_name: Name | None = None
    sex: Literal["L", "P"] | None = None
    birth_date: Day | None = None
    birth_place: Detail | None = None
    last_education: Detail | None = None
    nationality: Detail | None = None
    passport: Detail | None = None
    alt_identity: Detail | None = None
    photo_ref: Detail | None = None
    nik_status: ReasonCode | None = None
    facility: Id | None = None
    register_no: Detail | None = None


class RegisterLearner(_Person):
    """Register a person; ``learner`` repeats a known id, to be told what has become of it."""

    roles: ClassVar = ADMIN
    learner: Id | None = None
    full_name: Name
    nik: Annotated[str, StringConstraints(max_length=64)] | None = None

    def decide(self, work: Work) -> None:
        """A known person is not registered twice; a NIK is nobody else's."""
        if self.facility is not None:
            work.load(Organisation, self.facility)
        if self.learner is not None and work.find(Learner, self.learner) is not None:
            usable_learner(work, self.learner).require_state("")
        learner = work.new(Learner, self.learner)
        fields = self.model_dump(mode="json", include=set(FIELD_CLASSES))
        learner.register(
            work.act,
            {name: work.fact(learner, class_, name, fields[name]) for name, class_ in FIELD_CLASSES.items()},
        )
        if self.nik is not None:
            _record_nik(work, learner, self.nik)
        work.decision.result["learner"] = learner.aggregate_id


class RecordNik(Command):
    """Record a person's NIK when it becomes known."""

    roles: ClassVar = ADMIN
    learner: Id
    nik: Annotated[str, StringConstraints(max_length=64)]

    def decide(self, work: Work) -> None:
        """The first NIK of this person, and nobody else's."""
        learner = usable_learner(work, self.learner)
        learner.require_no_nik()
        _record_nik(work, learner, self.nik)


class RecordIdentityEvidence(Command):
    """Record what a person's identity was checked against."""

    roles: ClassVar = ADMIN
    learner: Id
    kind: ReasonCode
    document_hash: Hash

    def decide(self, work: Work) -> None:
        """The document's hash is a fact too: it would be found by whoever has the document."""
        learner = usable_learner(work, self.learner)
        document = work.fact(learner, "evidence", "document", self.document_hash)
        learner.record_evidence(work.act, kind=self.kind, document=document)


class RequestIdentityCorrection(Command):
    """Propose another value for one field of a person (any field of the registration, or ``nik``)."""

    roles: ClassVar = ADMIN
    learner: Id
    field: str
    value: Annotated[str, StringConstraints(max_length=300)]

    @model_validator(mode="after")
    def _value_fits_field(self) -> Self:
        """The value must be one that a registration takes for this field."""
        if self.field == "nik":
            return self
        if self.field not in FIELD_CLASSES:
            msg = f"there is no field of this name; the fields are nik, {', '.join(FIELD_CLASSES)}"
            raise ValueError(msg)
        _Person.model_validate({self.field: self.value})
        return self

    @property
    def _normal(self) -> str:
        """The value as a registration would keep it."""
        if self.field == "nik":
            return self.value
        return str(_Person.model_validate({self.field: self.value}).model_dump(mode="json")[self.field])

    def decide(self, work: Work) -> None:
        """The value waits outside the log for a second person."""
        if self.field == "facility":
            work.load(Organisation, self.value)
        learner = usable_learner(work, self.learner)
        learner.require_state("active")
        if self.field == "nik":
            _check_nik(work, self.value)
        class_ = FIELD_CLASSES.get(self.field, "identity")
        value = work.fact(learner, class_, f"requested_{self.field}", self._normal)
        learner.request_correction(work.act, field=self.field, value=value)


class CorrectIdentity(Command):
    """Approve the correction that another person requested."""

    roles: ClassVar = frozenset({Role.TRAINING_ISSUER})
    learner: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two people; certificates follow by being superseded, each by its issuer."""
        learner = work.load(Learner, self.learner)
        asked = learner.correction_asked(self.request)
        learner = usable_learner(work, self.learner)
        work.second_person(asked.actor)
        field = asked.data["field"]
        class_ = FIELD_CLASSES.get(field, "identity")
        value = work.personal.value(learner.stream, class_, f"requested_{field}")
        work.require(value is not None, "PERSON_ERASED", "the value that was requested is destroyed")
        if field == "nik":
            _claim_nik(work, learner, str(value))
        fact = work.fact(learner, class_, field, value)
        learner.correct(work.act, field=field, value=fact, request=self.request)


class ProposeMerge(Command):
    """Propose that ``learner`` is another entry of the person ``into``."""

    roles: ClassVar = ADMIN
    learner: Id
    into: Id

    def decide(self, work: Work) -> None:
        """Both must stand for themselves still."""
        work.load(Learner, self.into)
        learner = usable_learner(work, self.learner)
        usable_learner(work, self.into)
        learner.request_merge(work.act, into=self.into)


class ApproveMerge(Command):
    """Merge the two entries, as another person proposed; ``learner`` is the duplicate."""

    roles: ClassVar = PRIVACY
    learner: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two people; both entries must stand for themselves still."""
        learner = usable_learner(work, self.learner)
        asked = learner.request_of(self.request, "merge_requested")
        usable_learner(work, asked.data["into"])
        work.second_person(asked.actor)
        learner.merge(work.act, self.request)
        work.decision.result["into"] = asked.data["into"]


class ReverseMerge(Command):
    """They are two people after all."""

    roles: ClassVar = PRIVACY
    learner: Id

    def decide(self, work: Work) -> None:
        """Nothing was rewritten, so nothing has to be restored."""
        learner = work.load(Learner, self.learner)
        _require_not_erased(work, learner)
        learner.reverse_merge(work.act)


# -- for other commands ------------------------------------------------------------------------------------


def usable_learner(work: Work, learner_id: str) -> Learner:
    """The person whom this very id names; UNKNOWN_ID, PERSON_MERGED or PERSON_ERASED otherwise."""
    learner = work.load(Learner, learner_id)
    learner.require_usable()
    _require_not_erased(work, learner)
    return learner


def survivor(work: Work, learner_id: str) -> Learner:
    """The person behind this id, whichever entry stands for them now; PERSON_ERASED when erased."""
    learner = work.load(Learner, learner_id)
    while learner.into is not None:
        learner = work.load(Learner, learner.into)
    _require_not_erased(work, learner)
    return learner


def identities(work: Work, learner_id: str) -> list[str]:
    """All ids of the person behind this id, the one that stands for them first."""
    learner = work.load(Learner, learner_id)
    while learner.into is not None:
        learner = work.load(Learner, learner.into)
    found = [learner.aggregate_id]
    for one in found:
        found.extend(
            other
            for other in work.queries.related("learner.merged_from", one)
            if other not in found and work.load(Learner, other).into == one
        )
    return found


def require_neutral(work: Work, code: str) -> None:
    """REASON_CODE_INVALID for a code that must never exist or has a word in it that must never be public."""
    if code in work.rulebook.reason_codes.must_never_exist or work.rulebook.denied_word(code) is not None:
        raise DomainError(
            "REASON_CODE_INVALID",
            f"the code {code} may not be recorded",
            "No code may mention conviction or custody; choose a neutral one.",
        )


def _require_not_erased(work: Work, learner: Learner) -> None:
    if work.queries.destroyed(learner.stream, "identity"):
        raise DomainError(
            "PERSON_ERASED",
            "this person's data were destroyed at request",
            "Nothing leads back to the person; if they return, they are registered anew.",
        )


def _check_nik(work: Work, nik: str) -> str:
    return national_number.check(nik, production=work.rulebook.production)


def _claim_nik(work: Work, learner: Learner, nik: str) -> None:
    work.claim_nik(_check_nik(work, nik), learner.aggregate_id)


def _record_nik(work: Work, learner: Learner, nik: str) -> None:
    _claim_nik(work, learner, nik)
    learner.record_nik(work.act, work.fact(learner, "identity", "nik", nik))
