"""Commands over programmes: what is proposed, and the three things that make it ready for a cohort."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ledger.commands.command import Code, Command, Hash, Id, ReasonCode, Text
from ledger.commands.schemes import require_public
from ledger.commands.work import Work
from ledger.domain.organisation import Organisation
from ledger.domain.programme import Programme
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme
from ledger.domain.staff import Staff

ADMIN = frozenset({Role.TRAINING_ADMIN})


class ProposeProgramme(Command):
    """Propose a programme, for a facility or (``facility`` none) for ordinary trainees.

    ``code`` stands in certificate numbers; ``minutes`` is the SHA-256 of the meeting's minutes.
    """

    roles: ClassVar = frozenset({Role.CORRECTIONAL_LIAISON, Role.TRAINING_ADMIN})
    facility: Id | None = None
    code: Code
    trade: Code
    min_attendance_pct: Annotated[int, Field(ge=0, le=100)]
    minutes: Hash | None = None
    sector: Text | None = None

    def decide(self, work: Work) -> None:
        """A liaison proposes for the own facility; PUBLIC_FIELD_FORBIDDEN for a code that tells of one."""
        if self.facility is not None:
            work.load(Organisation, self.facility)
        if work.act.role == Role.CORRECTIONAL_LIAISON:
            work.require_org(self.facility)
        require_public(work, self.code)
        programme = work.new(Programme)
        programme.propose(
            work.act,
            facility=self.facility,
            code=self.code,
            trade=self.trade,
            min_attendance_pct=self.min_attendance_pct,
            minutes=self.minutes,
            sector=None if self.sector is None else work.fact(programme, "evidence", "sector", self.sector),
        )
        work.decision.result["programme"] = programme.aggregate_id


class RecordNeed(Command):
    """Record the labour market's need: its source, the occupation, and how many people it asks for."""

    roles: ClassVar = ADMIN
    programme: Id
    source: Text
    occupation: Text
    demand: Annotated[int, Field(ge=1, le=10_000_000)]

    def decide(self, work: Work) -> None:
        """By the provider that took the programme up."""
        programme = _programme(work, self.programme)
        programme.record_need(
            work.act,
            source=work.fact(programme, "evidence", "source", self.source),
            occupation=work.fact(programme, "evidence", "occupation", self.occupation),
            demand=self.demand,
        )


class OfferInstructors(Command):
    """Offer the instructors who can teach the programme."""

    roles: ClassVar = ADMIN
    programme: Id
    instructors: Annotated[list[Id], Field(min_length=1, max_length=100)]

    def decide(self, work: Work) -> None:
        """Each holds the role instructor."""
        offered = [require_instructor(work, staff) for staff in dict.fromkeys(self.instructors)]
        _programme(work, self.programme).offer_instructors(work.act, offered)


class AdoptScheme(Command):
    """Adopt a version of one's own scheme."""

    roles: ClassVar = ADMIN
    programme: Id
    scheme: Id
    version: Annotated[int, Field(ge=1)]

    def decide(self, work: Work) -> None:
        """SCHEME_STATE_INVALID unless that version is approved and not retired."""
        scheme = work.load(Scheme, self.scheme)
        programme = _programme(work, self.programme)
        work.require_org(scheme.at(self.version).provider)
        programme.require_state("proposed", "synchronised")
        scheme.require_approved(self.version)
        programme.adopt_scheme(work.act, scheme=self.scheme, version=self.version)


class TagProgramme(Command):
    """Say which action programmes it belongs to (food security, small business …); replaces earlier tags."""

    roles: ClassVar = ADMIN
    programme: Id
    tags: Annotated[list[ReasonCode], Field(max_length=50)]

    def decide(self, work: Work) -> None:
        """By the provider that took the programme up."""
        _programme(work, self.programme).tag(work.act, self.tags)


class EndProgramme(Command):
    """Plan no further cohort under it."""

    roles: ClassVar = ADMIN
    programme: Id

    def decide(self, work: Work) -> None:
        """By the provider that took the programme up."""
        _programme(work, self.programme).end(work.act)


def require_instructor(work: Work, staff_id: str) -> str:
    """The id again; UNKNOWN_ID, or ROLE_FORBIDDEN unless that person is an instructor somewhere."""
    work.require(
        work.load(Staff, staff_id).holds_anywhere(Role.INSTRUCTOR),
        "ROLE_FORBIDDEN",
        "the person named does not hold the role instructor",
        "Two key custodians grant the role first.",
    )
    return staff_id


def _programme(work: Work, programme_id: str) -> Programme:
    programme = work.load(Programme, programme_id)
    if programme.provider is not None:
        work.require_org(programme.provider)
    return programme
