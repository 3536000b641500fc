"""Queries about programmes and cohorts: what is trained, where, when, and how far its people have come."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.commands.assessments import FACILITY
from ledger.commands.command import Id
from ledger.commands.lookups import (
    PagedQuery,
    assessments_of,
    learner_name,
    own_or_all,
    shown_enrolment,
    staff_name,
)
from ledger.commands.lookups_learners import require_party
from ledger.commands.work import Work
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import COMPLETED, Enrolment
from ledger.domain.programme import Programme
from ledger.domain.roles import Role

TRAINERS = FACILITY | {Role.TRAINING_ADMIN, Role.TRAINING_ISSUER}
COHORTS = TRAINERS | {
    Role.AUDITOR,
    Role.INSTRUCTOR,
    Role.ASSESSMENT_SUPERVISOR,
    Role.CERTIFICATION_DECIDER,
    Role.COMPETENCE_ISSUER,
}
CohortState = Literal["planned", "open", "running", "closed", "cancelled"]


class ListProgrammes(PagedQuery):
    """List programmes: facility staff their own facility's, others all."""

    roles: ClassVar = TRAINERS | {Role.INSTRUCTOR, Role.AUDITOR}

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with code, state, scheme, instructors, and what a cohort still waits for."""

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(Programme, each)
            if work.act.role in FACILITY and found.facility != work.act.org:
                return None
            missing = {
                "need": not found.need_recorded,
                "instructors": not found.instructors,
                "scheme": not found.scheme,
            }
            return {
                "programme": each,
                "code": found.code,
                "trade": found.trade,
                "state": found.state,
                "facility": found.facility,
                "provider": found.provider,
                "min_attendance_pct": found.min_attendance_pct,
                "instructors": list(found.instructors),
                "scheme": found.scheme and found.scheme[0],
                "scheme_version": found.scheme and found.scheme[1],
                "tags": list(found.tags),
                "missing": [name for name, lacks in missing.items() if lacks],
            }

        return self.pages(work, "listed", Programme.NAME, show)


class ListCohorts(PagedQuery):
    """List cohorts: one's own organisation's, an instructor the own ones, an auditor all."""

    roles: ClassVar = COHORTS
    state: CohortState | None = None

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with programme, scheme, site, dates, state and capacity."""

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(Cohort, each)
            return _cohort(work, found) if self.state in {None, found.state} else None

        if work.act.role == Role.INSTRUCTOR:
            return self.pages(work, "instructor.cohorts", work.act.actor, show)
        return self.pages(work, *own_or_all(work, "org.cohorts", Cohort.NAME), show)


class ShowCohort(PagedQuery):
    """Show a cohort: its sessions, seats and, page by page, its enrolments with hours and percentage."""

    roles: ClassVar = COHORTS
    cohort: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """Enrolments that moved elsewhere are left out; ``next`` goes on with the enrolments."""
        cohort = work.load(Cohort, self.cohort)
        require_party(work, cohort)
        role = work.act.role
        seats = [f"{self.cohort}/{seat}" for seat in range(1, cohort.capacity + 1)]
        taken = work.queries.claimed("seat", seats)

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(Enrolment, each)
            if found.cohort != self.cohort:
                return None
            assessed = role != Role.INSTRUCTOR
            return {
                **shown_enrolment(work, found),
                "name": learner_name(work, found.learner),
                "completed": found.state == "completed" or found.reason == COMPLETED,
                "assessments": assessments_of(work, "enrolment.assessments", each) if assessed else None,
            }

        page = self.pages(work, "cohort.enrolments", self.cohort, show, newest_first=False)
        return {
            **_cohort(work, cohort),
            "instructors": [
                {"staff": each, "name": staff_name(work, each) if role in TRAINERS else None}
                for each in cohort.instructors
            ],
            "sessions": [
                {
                    "session": each.number,
                    "date": str(each.day),
                    "jp": each.jp,
                    "held_by": list(each.held_by),
                    "cancelled": each.cancelled,
                }
                for each in sorted(cohort.sessions.values(), key=lambda each: each.number)
            ],
            "seats": {
                "capacity": cohort.capacity,
                "taken": len(taken),
                "free": cohort.capacity - len(taken),
            },
            "enrolments": page["items"],
            "next": page["next"],
        }


def _cohort(work: Work, cohort: Cohort) -> dict[str, Any]:
    programme = work.load(Programme, cohort.programme)
    return {
        "cohort": cohort.aggregate_id,
        "state": cohort.state,
        "programme": cohort.programme,
        "programme_code": programme.code,
        "trade": programme.trade,
        "scheme": cohort.scheme,
        "scheme_version": cohort.scheme_version,
        "agreement": cohort.agreement,
        "site": cohort.site,
        "provider": cohort.provider,
        "body": cohort.body,
        "start": str(cohort.start),
        "end": str(cohort.end),
        "capacity": cohort.capacity,
        "threshold_pct": cohort.threshold,
    }
