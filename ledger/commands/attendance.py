"""Commands over training hours: attendance, its correction, credit from elsewhere, where training goes on.

Attendance is recorded by an instructor of the cohort for one of its sessions, up to the limit for entries
from paper. A wrong entry is corrected by another that names it; what that means for a certificate is for
people to review.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ledger.commands.command import Code, Command, Day, Hash, Id, ReasonCode
from ledger.commands.enrolments import LIAISON, of_provider, of_site
from ledger.commands.learners import ADMIN, survivor
from ledger.commands.work import Work
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme
from ledger.errors import DomainError

Hours = Annotated[int, Field(ge=0, le=24, strict=True)]
"""Training hours (JP) of one session."""


class Attended(BaseModel):
    """One learner's hours in the session; 0 is an absence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enrolment: Id
    jp: Hours


class RecordAttendance(Command):
    """Record who attended the cohort's session on a day, and for how many hours."""

    roles: ClassVar = frozenset({Role.INSTRUCTOR})
    cohort: Id
    on: Day
    entries: Annotated[list[Attended], Field(min_length=1, max_length=500)]

    def decide(self, work: Work) -> None:
        """All entries or none; each once a session."""
        cohort = work.load(Cohort, self.cohort)
        found = [work.load(Enrolment, entry.enrolment) for entry in self.entries]
        for enrolment in found:
            work.require(
                enrolment.cohort == self.cohort,
                "UNKNOWN_ID",
                f"the enrolment {enrolment.aggregate_id} is not in this cohort",
            )
        _require_instructor(work, cohort)
        for enrolment in found:
            survivor(work, enrolment.learner)
        for enrolment in found:
            enrolment.require_attending()
        cohort.require_state("running", "closed")
        work.occurred_on(self.on)
        session = cohort.require_session(self.on)
        for enrolment, entry in zip(found, self.entries, strict=True):
            enrolment.record_attendance(work.act, session=session.number, jp=entry.jp, session_jp=session.jp)


class CorrectAttendance(Command):
    """Put attendance right; ``corrects`` is the payload hash of the newest entry about the session."""

    roles: ClassVar = frozenset({Role.INSTRUCTOR, Role.TRAINING_ADMIN})
    enrolment: Id
    corrects: Hash
    jp: Hours

    def decide(self, work: Work) -> None:
        """An instructor of the cohort where the session was, or its provider."""
        enrolment = work.load(Enrolment, self.enrolment)
        attended = enrolment.attendance_entry(self.corrects)
        cohort = work.load(Cohort, attended.cohort)
        if work.act.role == Role.INSTRUCTOR:
            _require_instructor(work, cohort)
        else:
            work.require_org(cohort.provider)
        survivor(work, enrolment.learner)
        session = cohort.sessions[attended.session]
        enrolment.correct_attendance(work.act, corrects=self.corrects, jp=self.jp, session_jp=session.jp)


class RecogniseUnitCredit(Command):
    """Recognise hours of a unit gained elsewhere; the evidence is a document's hash, kept outside the log."""

    roles: ClassVar = ADMIN
    enrolment: Id
    unit: Code
    jp: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    evidence: Hash

    def decide(self, work: Work) -> None:
        """A unit of the cohort's scheme, once, and no more hours than it has there."""
        (enrolment,) = of_provider(work, [self.enrolment])
        enrolment.require_state("selected", "confirmed", "active")
        cohort = work.load(Cohort, enrolment.cohort)
        unit = work.load(Scheme, cohort.scheme).at(cohort.scheme_version).unit(self.unit)
        work.require(self.jp <= unit.jp, "VALUE_INVALID", f"the unit has {unit.jp} JP in this scheme")
        evidence = work.fact(enrolment, "evidence", "evidence", self.evidence, subject=enrolment.subject)
        enrolment.recognise_credit(work.act, unit=self.unit, jp=self.jp, evidence=evidence)


class ChangeDeliveryContext(Command):
    """The learner goes on under other circumstances, perhaps elsewhere; both facts stay outside the log."""

    roles: ClassVar = LIAISON
    enrolment: Id
    context: ReasonCode
    continues_at: Id | None = None

    def decide(self, work: Work) -> None:
        """The site's own liaison; attendance goes on."""
        if self.continues_at is not None:
            work.load(Organisation, self.continues_at)
        enrolment = of_site(work, self.enrolment)
        facts = {
            name: work.fact(enrolment, "custody", name, value, subject=enrolment.subject)
            for name, value in (("context", self.context), ("continues_at", self.continues_at))
        }
        enrolment.change_context(work.act, **facts)


def _require_instructor(work: Work, cohort: Cohort) -> None:
    if all(work.human(one) != work.act.human for one in cohort.instructors):
        raise DomainError(
            "ROLE_FORBIDDEN",
            "only an instructor of this cohort records its attendance",
            "Assign the instructor to the cohort first, or let one of its instructors record it.",
        )
