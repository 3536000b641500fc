"""Commands over enrolments: application, selection, seat, moving, leaving and the end.

Most name the enrolment; entries of a person merged since then count as the person they were merged into.
Applying and confirming name the person, and are refused for an entry that was merged. Seats and (learner,
cohort) are unique rows, given back when the enrolment ends without completion. The hours are in
``attendance``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from ledger.commands.cohorts import free_seat
from ledger.commands.command import Code, Command, Id, ReasonCode
from ledger.commands.learners import ADMIN, identities, require_neutral, survivor, usable_learner
from ledger.commands.work import Work
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import COMPLETED, OPEN_STATES, TRAINING_STATES, Enrolment
from ledger.domain.learner import Learner
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme
from ledger.errors import DomainError

SELECTOR = frozenset({Role.CORRECTIONAL_APPROVER, Role.TRAINING_ADMIN})
LIAISON = frozenset({Role.CORRECTIONAL_LIAISON})

Enrolments = Annotated[list[Id], Field(min_length=1, max_length=500)]


class ApplyForEnrolment(Command):
    """A person applies for a cohort that has opened enrolment."""

    roles: ClassVar = ADMIN
    learner: Id
    cohort: Id

    def decide(self, work: Work) -> None:
        """Once for a person and a cohort, under whichever entry."""
        cohort = work.load(Cohort, self.cohort)
        work.load(Learner, self.learner)
        work.require_org(cohort.provider)
        usable_learner(work, self.learner)
        cohort.require_state("open")
        _claim_enrolment(work, self.learner, self.cohort)
        enrolment = work.new(Enrolment)
        enrolment.apply(work.act, learner=self.learner, cohort=self.cohort)
        work.decision.result["enrolment"] = enrolment.aggregate_id


class SelectEnrolment(Command):
    """Select who has applied: the facility's approver, or the provider where no facility takes part."""

    roles: ClassVar = SELECTOR
    enrolments: Enrolments

    def decide(self, work: Work) -> None:
        """All of them or none."""
        for enrolment in _for_selection(work, self.enrolments):
            enrolment.select(work.act)


class RejectEnrolment(Command):
    """Turn an application down, for a neutral reason."""

    roles: ClassVar = SELECTOR
    enrolment: Id
    code: ReasonCode

    def decide(self, work: Work) -> None:
        """The place it held among the cohort's applications is free again."""
        (enrolment,) = _for_selection(work, [self.enrolment])
        enrolment.require_state("applied", "selected")
        require_neutral(work, self.code)
        _give_back(work, enrolment)
        enrolment.reject(work.act, code=self.code)


class AcknowledgeNotice(Command):
    """Record that these people have read the privacy notice in this version."""

    roles: ClassVar = ADMIN
    enrolments: Enrolments
    version: Code

    def decide(self, work: Work) -> None:
        """All of them or none."""
        for enrolment in of_provider(work, self.enrolments):
            enrolment.acknowledge_notice(work.act, version=self.version)


class ConfirmEnrolment(Command):
    """Give a selected person a seat in the cohort."""

    roles: ClassVar = ADMIN
    learner: Id
    cohort: Id

    def decide(self, work: Work) -> None:
        """Within capacity, and after the privacy notice was acknowledged."""
        cohort = work.load(Cohort, self.cohort)
        people = identities(work, self.learner)
        work.require_org(cohort.provider)
        usable_learner(work, self.learner)
        enrolment = _enrolment_in(work, people, self.cohort)
        enrolment.require_state("selected")
        cohort.require_state("open")
        seat = free_seat(work, self.cohort)
        enrolment.confirm(work.act, seat=seat)
        _claim_seat(work, self.cohort, seat)
        work.decision.result["enrolment"] = enrolment.aggregate_id
        work.decision.result["seat"] = seat


class MoveEnrolment(Command):
    """Move an enrolment to another cohort; who has a seat needs one there."""

    roles: ClassVar = ADMIN
    enrolment: Id
    to: Id

    def decide(self, work: Work) -> None:
        """Hours already attended count on in a cohort of the same scheme only."""
        target = work.load(Cohort, self.to)
        (enrolment,) = of_provider(work, [self.enrolment])
        enrolment.require_state(*TRAINING_STATES)
        under_way = enrolment.state == "active"
        target.require_state(*(("open", "running") if under_way else ("open",)))
        if under_way:
            _require_same_scheme(work, enrolment, target)
        seat = None if enrolment.seat is None else free_seat(work, self.to)
        _claim_enrolment(work, enrolment.learner, self.to)
        _give_back(work, enrolment)
        if seat is not None:
            _claim_seat(work, self.to, seat)
        enrolment.move(work.act, to=self.to, seat=seat)


class TransferEnrolmentOut(Command):
    """The learner goes to another place (an organisation, outside the log); hours and credit stay."""

    roles: ClassVar = LIAISON
    enrolment: Id
    to: Id | None = None
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """The site's own liaison."""
        if self.to is not None:
            work.load(Organisation, self.to)
        enrolment = of_site(work, self.enrolment)
        enrolment.require_state(*TRAINING_STATES)
        _require_reason(work, self.reason)
        _give_back(work, enrolment)
        to = work.fact(enrolment, "custody", "to", self.to, subject=enrolment.subject)
        enrolment.transfer_out(work.act, to=to, reason=self.reason)


class ResumeEnrolment(Command):
    """Go on with who was transferred out, in another cohort of the same scheme."""

    roles: ClassVar = ADMIN
    enrolment: Id
    cohort: Id

    def decide(self, work: Work) -> None:
        """A seat and the same scheme; under another scheme a person applies anew and has units recognised."""
        enrolment = work.load(Enrolment, self.enrolment)
        cohort = work.load(Cohort, self.cohort)
        work.require_org(cohort.provider)
        survivor(work, enrolment.learner)
        enrolment.require_transferred()
        cohort.require_state("open", "running")
        _require_same_scheme(work, enrolment, cohort)
        seat = free_seat(work, self.cohort)
        _claim_enrolment(work, enrolment.learner, self.cohort)
        _claim_seat(work, self.cohort, seat)
        enrolment.resume(work.act, cohort=self.cohort, seat=seat)
        work.decision.result["seat"] = seat


class WithdrawEnrolment(Command):
    """The learner leaves the training."""

    roles: ClassVar = ADMIN
    enrolment: Id
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """The seat is free again."""
        (enrolment,) = of_provider(work, [self.enrolment])
        enrolment.require_state(*TRAINING_STATES)
        _require_reason(work, self.reason)
        _give_back(work, enrolment)
        enrolment.withdraw(work.act, reason=self.reason)


class CompleteEnrolment(Command):
    """The training is over for these learners; hours and percentage are reckoned."""

    roles: ClassVar = ADMIN
    enrolments: Enrolments

    def decide(self, work: Work) -> None:
        """Whatever the percentage: what it entitles to is decided where it is asked for."""
        for enrolment in of_provider(work, self.enrolments):
            cohort = work.load(Cohort, enrolment.cohort)
            version = work.load(Scheme, cohort.scheme).at(cohort.scheme_version)
            enrolment.complete(work.act, total_jp=version.total_jp)


class CloseEnrolment(Command):
    """End these enrolments; COMPLETED closes what is completed."""

    roles: ClassVar = ADMIN
    enrolments: Enrolments
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """Who ran the course keeps the place, so that the cohort never has more seats than it has."""
        found = of_provider(work, self.enrolments)
        for enrolment in found:
            enrolment.require_state(*(("completed",) if self.reason == COMPLETED else OPEN_STATES))
        if self.reason != COMPLETED:
            _require_reason(work, self.reason)
        for enrolment in found:
            if self.reason != COMPLETED:
                _give_back(work, enrolment)
            enrolment.close_for(work.act, self.reason)


# -- for other commands ------------------------------------------------------------------------------------


def of_provider(work: Work, ids: Sequence[str]) -> list[Enrolment]:
    """The enrolments, for someone of their provider; ROLE_FORBIDDEN for others, PERSON_ERASED."""
    found = [work.load(Enrolment, one) for one in ids]
    for enrolment in found:
        work.require_org(work.load(Cohort, enrolment.cohort).provider)
    for enrolment in found:
        survivor(work, enrolment.learner)
    return found


def of_site(work: Work, enrolment_id: str) -> Enrolment:
    """The enrolment, for someone of its training site; ROLE_FORBIDDEN for others, PERSON_ERASED."""
    enrolment = work.load(Enrolment, enrolment_id)
    work.require_org(work.load(Cohort, enrolment.cohort).site)
    survivor(work, enrolment.learner)
    return enrolment


def taught(work: Work, learner_id: str, since: date) -> set[str]:
    """The accounts that taught this person on or after ``since``, under any entry of the person.

    Teaching is a session that the learner attended: its cohort's instructors taught it, whoever held it, and
    whoever recorded the attendance.
    """
    teachers: set[str] = set()
    for person in identities(work, learner_id):
        for found in work.queries.related("learner.enrolments", person):
            for attended in work.load(Enrolment, found).attendance.values():
                cohort = work.load(Cohort, attended.cohort)
                session = cohort.sessions[attended.session]
                if attended.jp and session.day >= since:
                    teachers.update((attended.by, *cohort.instructors, *session.held_by))
    return teachers


def _for_selection(work: Work, ids: Sequence[str]) -> list[Enrolment]:
    found = [work.load(Enrolment, one) for one in ids]
    for enrolment in found:
        cohort = work.load(Cohort, enrolment.cohort)
        at_facility = work.load(Organisation, cohort.site).kind == "correctional_facility"
        if (work.act.role == Role.CORRECTIONAL_APPROVER) != at_facility:
            raise DomainError(
                "ROLE_FORBIDDEN",
                "the facility's approver selects where a facility takes part, the provider elsewhere",
                "Look where this cohort is trained.",
            )
        work.require_org(cohort.site if at_facility else cohort.provider)
    for enrolment in found:
        survivor(work, enrolment.learner)
    return found


def _enrolment_in(work: Work, people: Sequence[str], cohort: str) -> Enrolment:
    """The open enrolment of the person in the cohort; ENROLMENT_STATE_INVALID when there is none."""
    for person in people:
        for found in work.queries.related("learner.enrolments", person):
            enrolment = work.load(Enrolment, found)
            if enrolment.cohort == cohort and enrolment.state != "closed":
                return enrolment
    raise DomainError(
        "ENROLMENT_STATE_INVALID",
        "this person has no open enrolment in this cohort",
        "The person applies and is selected first.",
    )


def _claim_enrolment(work: Work, learner: str, cohort: str) -> None:
    """ENROLMENT_DUPLICATE when the person, under any entry, has an enrolment in the cohort."""
    message = "this person is enrolled in this cohort already"
    for other in identities(work, learner):
        if other != learner and work.queries.is_claimed("enrolment", f"{other}/{cohort}"):
            raise DomainError("ENROLMENT_DUPLICATE", message)
    work.claim("enrolment", f"{learner}/{cohort}", "ENROLMENT_DUPLICATE", message)


def _claim_seat(work: Work, cohort: str, seat: int) -> None:
    work.claim(
        "seat", f"{cohort}/{seat}", "COHORT_FULL", "the seat was just taken; try again while there are more"
    )


def _give_back(work: Work, enrolment: Enrolment) -> None:
    """Free the enrolment's place in its cohort, and its seat."""
    work.release("enrolment", f"{enrolment.learner}/{enrolment.cohort}")
    if enrolment.seat is not None:
        work.release("seat", f"{enrolment.cohort}/{enrolment.seat}")


def _require_reason(work: Work, reason: str) -> None:
    codes = work.rulebook.reason_codes
    if reason == COMPLETED or reason in codes.must_never_exist or reason not in codes.enrolment_close:
        raise DomainError(
            "REASON_CODE_INVALID",
            f"{reason} is no reason for leaving a training",
            f"Choose one of {', '.join(sorted(codes.enrolment_close - {COMPLETED}))}.",
        )


def _require_same_scheme(work: Work, enrolment: Enrolment, target: Cohort) -> None:
    cohort = work.load(Cohort, enrolment.cohort)
    if (cohort.scheme, cohort.scheme_version) != (target.scheme, target.scheme_version):
        raise DomainError(
            "VALUE_INVALID",
            "the other cohort follows another scheme, in which these hours do not count",
            "Let the person apply there and have the units recognised.",
        )
