"""Commands over cohorts: planned under a ready programme, opened at a ready site, held session by session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ledger.commands.command import Command, Day, Id, ReasonCode
from ledger.commands.facilities import require_ready_site
from ledger.commands.programmes import require_instructor
from ledger.commands.reasons import require_reason
from ledger.commands.work import Work
from ledger.domain.agreement import Agreement
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import OPEN_STATES, Enrolment
from ledger.domain.organisation import Organisation
from ledger.domain.programme import Programme
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme

ADMIN = frozenset({Role.TRAINING_ADMIN})
CANCELLED_WITH_COHORT = "PROGRAMME_CANCELLED"

SessionJp = Annotated[int, Field(ge=1, le=24)]


class SessionArgument(BaseModel):
    """A session's day and its JP; without ``jp``, the cohort's JP a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: Day
    jp: SessionJp | None = None


Sessions = Annotated[tuple[SessionArgument, ...], Field(max_length=400)]


class PlanCohort(Command):
    """Plan a cohort of one's own provider, by the scheme version that its programme has adopted."""

    roles: ClassVar = ADMIN
    programme: Id
    agreement: Id | None = None
    site: Id
    capacity: Annotated[int, Field(ge=1, le=1000)]
    start: Day
    end: Day
    jp_per_day: SessionJp

    def decide(self, work: Work) -> None:
        """PROGRAMME_NOT_READY, AGREEMENT_NOT_IN_FORCE, SCHEME_STATE_INVALID, in this order."""
        programme = work.load(Programme, self.programme)
        agreement = None if self.agreement is None else work.load(Agreement, self.agreement)
        work.load(Organisation, self.site)
        provider = str(work.act.org)
        if programme.provider is not None:
            work.require_org(programme.provider)
        scheme_id, version = programme.require_ready()
        _require_covered(work, agreement, site=self.site, provider=provider, start=self.start, end=self.end)
        scheme = work.load(Scheme, scheme_id).require_approved(version)
        cohort = work.new(Cohort)
        cohort.plan(
            work.act,
            programme=self.programme,
            scheme=scheme_id,
            version=version,
            agreement=self.agreement,
            site=self.site,
            provider=provider,
            body=scheme.body,
            capacity=self.capacity,
            start=self.start,
            end=self.end,
            jp_per_day=self.jp_per_day,
            threshold=programme.min_attendance_pct,
        )
        work.decision.result["cohort"] = cohort.aggregate_id


class AssignInstructor(Command):
    """Assign one more instructor."""

    roles: ClassVar = ADMIN
    cohort: Id
    instructor: Id

    def decide(self, work: Work) -> None:
        """Someone who holds the role instructor."""
        cohort = own_cohort(work, self.cohort)
        cohort.assign_instructor(work.act, require_instructor(work, self.instructor))


class ScheduleSessions(Command):
    """Schedule sessions, at most one a day, inside the cohort's dates."""

    roles: ClassVar = ADMIN
    cohort: Id
    sessions: Annotated[Sessions, Field(min_length=1)]

    def decide(self, work: Work) -> None:
        """VALUE_INVALID for a day that is taken or outside."""
        own_cohort(work, self.cohort).schedule(work.act, _days(self.sessions))


class OpenEnrolment(Command):
    """Let learners apply."""

    roles: ClassVar = ADMIN
    cohort: Id

    def decide(self, work: Work) -> None:
        """AGREEMENT_NOT_IN_FORCE, SCHEME_STATE_INVALID, FACILITY_NOT_READY today, in this order."""
        cohort = own_cohort(work, self.cohort)
        cohort.require_state("planned")
        if cohort.agreement is not None:
            work.require(
                work.load(Agreement, cohort.agreement).in_force(work.today),
                "AGREEMENT_NOT_IN_FORCE",
                f"the agreement is not in force on {work.today}",
                "Both parties sign it, and enrolment opens inside its dates.",
            )
        work.load(Scheme, cohort.scheme).require_approved(cohort.scheme_version)
        require_ready_site(work, cohort.site, work.today)
        cohort.open_enrolment(work.act)


class StartCohort(Command):
    """The training starts."""

    roles: ClassVar = ADMIN
    cohort: Id

    def decide(self, work: Work) -> None:
        """From open alone."""
        own_cohort(work, self.cohort).begin(work.act)


class HoldSession(Command):
    """Record that one held the session of the day ``on``."""

    roles: ClassVar = frozenset({Role.INSTRUCTOR})
    cohort: Id
    on: Day

    def decide(self, work: Work) -> None:
        """By an instructor of the cohort; SESSION_NOT_SCHEDULED, OCCURRED_IN_FUTURE, BACKDATE_LIMIT."""
        cohort = work.load(Cohort, self.cohort)
        work.require(
            work.act.human in {work.human(instructor) for instructor in cohort.instructors},
            "ROLE_FORBIDDEN",
            "only an instructor of this cohort records its sessions",
            "The training_admin assigns instructors.",
        )
        cohort.require_state("running")
        cohort.require_session(self.on)
        work.occurred_on(self.on)
        cohort.hold_session(work.act, day=self.on, instructor=work.act.actor)


class CancelSession(Command):
    """The session of this day is not held."""

    roles: ClassVar = ADMIN
    cohort: Id
    date: Day

    def decide(self, work: Work) -> None:
        """SESSION_NOT_SCHEDULED, VALUE_INVALID when it was held."""
        own_cohort(work, self.cohort).cancel_session(work.act, self.date)


class RescheduleCohort(Command):
    """Give a cohort new dates and, in place of the sessions to come, new ones."""

    roles: ClassVar = ADMIN
    cohort: Id
    start: Day
    end: Day
    sessions: Sessions = ()

    def decide(self, work: Work) -> None:
        """AGREEMENT_NOT_IN_FORCE when the new dates leave the agreement's."""
        cohort = own_cohort(work, self.cohort)
        cohort.require_state("planned", "open", "running")
        agreement = None if cohort.agreement is None else work.load(Agreement, cohort.agreement)
        _require_covered(
            work, agreement, site=cohort.site, provider=cohort.provider, start=self.start, end=self.end
        )
        cohort.reschedule(
            work.act, start=self.start, end=self.end, sessions=_days(self.sessions), today=work.today
        )


class CancelCohort(Command):
    """Cancel a cohort; enrolments that were not moved before are closed with it."""

    roles: ClassVar = ADMIN
    cohort: Id
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """REASON_CODE_INVALID; ``displaced`` names the enrolments that moved elsewhere."""
        cohort = own_cohort(work, self.cohort)
        cohort.require_state("planned", "open", "running")
        require_reason(work, work.rulebook.reason_codes.cohort_cancel, self.reason)
        displaced = []
        for found in work.queries.related("cohort.enrolments", self.cohort):
            enrolment = work.load(Enrolment, found)
            if enrolment.cohort != self.cohort:
                displaced.append(found)
            elif enrolment.state in OPEN_STATES:
                give_back(work, enrolment)
                enrolment.close_for(work.act, CANCELLED_WITH_COHORT)
        cohort.cancel(work.act, reason=self.reason, displaced=displaced)


class CloseCohort(Command):
    """Everything about the cohort is done."""

    roles: ClassVar = ADMIN
    cohort: Id

    def decide(self, work: Work) -> None:
        """From running alone."""
        own_cohort(work, self.cohort).close(work.act)


def own_cohort(work: Work, cohort_id: str) -> Cohort:
    """The cohort; UNKNOWN_ID, or ROLE_FORBIDDEN unless it is of one's own provider."""
    cohort = work.load(Cohort, cohort_id)
    work.require_org(cohort.provider)
    return cohort


def free_seat(work: Work, cohort_id: str) -> int:
    """The lowest free seat of the cohort, from 1 to its capacity; COHORT_FULL when none is left.

    The caller claims ("seat", "<cohort>/<seat>"), so that two confirmations never share one.
    """
    claimed = {row.key for row in work.decision.claims if row.kind == "seat"}
    for seat in range(1, work.load(Cohort, cohort_id).capacity + 1):
        key = f"{cohort_id}/{seat}"
        if key not in claimed and not work.queries.is_claimed("seat", key):
            return seat
    return work.refuse(
        "COHORT_FULL",
        "every seat of this cohort is taken",
        "Confirm the person in another cohort, or once a seat is given back.",
    )


def give_back(work: Work, enrolment: Enrolment) -> None:
    """Free the enrolment's place in its cohort, and its seat; to be called before the enrolment is closed."""
    work.release("enrolment", f"{enrolment.learner}/{enrolment.cohort}")
    if enrolment.seat is not None:
        work.release("seat", f"{enrolment.cohort}/{enrolment.seat}")


def _require_covered(
    work: Work, agreement: Agreement | None, *, site: str, provider: str, start: date, end: date
) -> None:
    """The agreement's dates contain the cohort's; only the provider's own site does without an agreement."""
    if agreement is None:
        covered = site == provider
    else:
        parties = provider in agreement.parties if site == provider else agreement.is_between(site, provider)
        covered = parties and agreement.covers(start, end)
    work.require(
        covered,
        "AGREEMENT_NOT_IN_FORCE",
        f"no agreement between the provider and this site covers {start} to {end}",
        "Name the agreement of these two organisations, and plan inside its dates.",
    )


def _days(sessions: Sequence[SessionArgument]) -> list[tuple[date, int | None]]:
    return [(session.date, session.jp) for session in sessions]
