"""Queries about assessments, appeals and impartiality exceptions.

An assessor sees what was assigned to them, the certification body's other people what is the body's, a panel
what it hears, the training_admin results only once they are decided. Facility staff ask ViewUnitResults.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.commands.candidates import same_human, scheme_of
from ledger.commands.command import Id, Query
from ledger.commands.lookups import (
    PagedQuery,
    learner_name,
    provider_of,
    shown_assessment,
    shown_history,
    staff_name,
)
from ledger.commands.work import Work
from ledger.domain.appeal import Appeal
from ledger.domain.assessment import Assessment, Decision
from ledger.domain.event import from_time
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.roles import Role

BODY = frozenset({Role.ASSESSMENT_SUPERVISOR, Role.CERTIFICATION_DECIDER, Role.COMPETENCE_ISSUER})
APPEALS = frozenset(
    {
        Role.TRAINING_ADMIN,
        Role.ASSESSMENT_SUPERVISOR,
        Role.CERTIFICATION_DECIDER,
        Role.APPEAL_PANEL,
        Role.AUDITOR,
    }
)
NAMES_ASSESSORS = frozenset({Role.ASSESSMENT_SUPERVISOR, Role.ASSESSOR})
OPEN_APPEALS = ("filed", "accepted", "heard")
AssessmentState = Literal["admitted", "in_progress", "recommended", "decided", "final"]


class ListAssessments(PagedQuery):
    """List assessments: an assessor the own ones, the body's people the body's, an auditor all."""

    roles: ClassVar = BODY | {Role.ASSESSOR, Role.AUDITOR}
    state: AssessmentState | None = None

    def answer(self, work: Work) -> dict[str, Any]:
        """Items without results; ``state`` recommended is what waits for a decision."""

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(Assessment, each)
            foreign = work.act.role in BODY and scheme_of(work, found).body != work.act.org
            if foreign or self.state not in {None, found.state}:
                return None
            return {
                **shown_assessment(found),
                "learner": found.learner,
                "name": learner_name(work, found.learner),
                "assessor": found.assessor,
            }

        if work.act.role == Role.ASSESSOR:
            return self.pages(work, "assessor.assessments", work.act.actor, show)
        return self.pages(work, "listed", Assessment.NAME, show)


class ShowAssessment(Query):
    """Show an assessment: units, evidence by kind, results, decisions, and the appeals against them."""

    roles: ClassVar = BODY | {Role.ASSESSOR, Role.APPEAL_PANEL, Role.TRAINING_ADMIN, Role.AUDITOR}
    assessment: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """``results`` is null for a role that does not see them yet."""
        found = work.load(Assessment, self.assessment)
        appeals = [
            work.load(Appeal, each) for each in work.queries.related("assessment.appeals", self.assessment)
        ]
        _require_concerned(work, found, appeals)
        version = scheme_of(work, found)
        hidden = work.act.role == Role.TRAINING_ADMIN and found.decision is None
        named = work.act.role in NAMES_ASSESSORS
        return {
            **shown_assessment(found),
            "learner": found.learner,
            "name": learner_name(work, found.learner),
            "scheme": found.scheme,
            "scheme_version": found.scheme_version,
            "trade": version.trade,
            "units": list(found.units),
            "carried": dict(found.carried),
            "results": None if hidden else found.results,
            "evidence": [
                {"evidence": ordinal, "kind": kind} for ordinal, kind in sorted(found.evidence.items())
            ],
            "assessor": found.assessor,
            "assessor_name": staff_name(work, found.assessor) if named and found.assessor else None,
            "conflict_declared": found.assessor in found.conflicted,
            "absent": found.absent,
            "previous": found.previous,
            "renews": found.renews,
            "to_reassess": list(found.to_reassess),
            "decisions": [] if hidden else [_shown_decision(work, each) for each in found.decisions],
            "appeals": [{"appeal": each.aggregate_id, "state": each.state} for each in appeals],
        }


class ListAppeals(PagedQuery):
    """List appeals: those still open unless ``open`` is false, as far as they concern who asks."""

    roles: ClassVar = APPEALS
    open: bool = True

    def answer(self, work: Work) -> dict[str, Any]:
        """A panel's member sees what the panel hears, others what concerns their organisation."""

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(Appeal, each)
            if self.open and found.state not in OPEN_APPEALS:
                return None
            assessment = work.load(Assessment, found.assessment)
            return _shown_appeal(work, found) if _concerns(work, assessment, [found]) else None

        return self.pages(work, "listed", Appeal.NAME, show)


class ShowAppeal(Query):
    """Show an appeal with its history: ground, panel, outcome and remedy."""

    roles: ClassVar = APPEALS
    appeal: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """As for the list."""
        found = work.load(Appeal, self.appeal)
        assessment = work.load(Assessment, found.assessment)
        _require_concerned(work, assessment, [found])
        return {
            **_shown_appeal(work, found),
            "learner": assessment.learner,
            "name": learner_name(work, assessment.learner),
            "history": shown_history(work, found.stream),
        }


class ListExceptions(PagedQuery):
    """List impartiality exceptions: what was asked to be lifted, for whom, until when."""

    roles: ClassVar = frozenset({Role.ASSESSMENT_SUPERVISOR, Role.CERTIFICATION_DECIDER, Role.AUDITOR})

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with rule, scope (ids), named risk, state, last moment, and who asked."""

        def show(each: str) -> dict[str, Any]:
            found = work.load(ImpartialityException, each)
            _, asked = work.queries.history(found.stream)[0]
            return {
                "exception": each,
                "state": found.state,
                "rule": found.rule,
                "scope": list(found.scope),
                "risk": asked.data["risk"],
                "until": found.until,
                "requested_by": found.requester,
            }

        return self.pages(work, "listed", ImpartialityException.NAME, show)


def _concerns(work: Work, assessment: Assessment, appeals: list[Appeal]) -> bool:
    """Whether this assessment is for the person, in this role, to look at."""
    role, actor = work.act.role, work.act.actor
    if role == Role.ASSESSOR:
        return same_human(work, actor, assessment.assessors)
    if role == Role.APPEAL_PANEL:
        return same_human(work, actor, {member for each in appeals for member in each.panel})
    if role == Role.TRAINING_ADMIN:
        return provider_of(work, assessment) in {None, work.act.org}
    return role == Role.AUDITOR or scheme_of(work, assessment).body == work.act.org


def _require_concerned(work: Work, assessment: Assessment, appeals: list[Appeal]) -> None:
    work.require(
        _concerns(work, assessment, appeals),
        "ROLE_FORBIDDEN",
        "this concerns another assessor, panel or organisation",
        "Those whom it concerns see it.",
    )


def _shown_appeal(work: Work, appeal: Appeal) -> dict[str, Any]:
    named = work.act.role == Role.ASSESSMENT_SUPERVISOR
    return {
        "appeal": appeal.aggregate_id,
        "state": appeal.state,
        "assessment": appeal.assessment,
        "decision": appeal.decision,
        "filed_by": appeal.filed_by,
        "panel": [
            {"staff": each, "name": staff_name(work, each) if named else None} for each in appeal.panel
        ],
    }


def _shown_decision(work: Work, decision: Decision) -> dict[str, Any]:
    decided_on = from_time(decision.recorded_at).astimezone(work.act.zone).date()
    last_day = work.rulebook.add_working_days(decided_on, work.rulebook.appeal_working_days)
    return {
        "decision": decision.hash,
        "award": decision.award,
        "results": dict(decision.results),
        "occurred_at": decision.occurred_at,
        "recorded_at": decision.recorded_at,
        "appeal_until": str(last_day),
    }
