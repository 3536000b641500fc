"""Commands over assessments from the evidence to the certification decision.

Only the assigned assessor records evidence, results and the recommendation; whoever decides has neither
assessed nor taught the candidate, and decides on all units. A correction after the decision asks for a new
one. Admission and the choice of the assessor are in ``admissions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.commands.admissions import SUPERVISOR, require_licence
from ledger.commands.candidates import (
    assessors_of,
    exception_scope,
    require_holders,
    same_human,
    scheme_of,
    taught_ever,
)
from ledger.commands.command import Code, Command, Hash, Id, Query, ReasonCode
from ledger.commands.learners import survivor
from ledger.commands.work import Work
from ledger.domain.assessment import Assessment
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.roles import Role
from ledger.domain.scheme import award
from ledger.domain.staff import Staff

ASSESSOR = frozenset({Role.ASSESSOR})
DECIDER = frozenset({Role.CERTIFICATION_DECIDER})
FACILITY = frozenset({Role.CORRECTIONAL_LIAISON, Role.CORRECTIONAL_APPROVER})
UNIT_LIMIT = 200
EVIDENCE_LIMIT = 50

Result = Literal["K", "BK"]


class Evidence(BaseModel):
    """One document of evidence: its kind, and the SHA-256 of its bytes, which is a fact outside the log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ReasonCode
    sha256: Hash


class UnitResult(BaseModel):
    """The result of one unit, on evidence: ordinals of registered documents, or new ones to register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: Code
    result: Result
    evidence: Annotated[list[Annotated[int, Field(ge=1)] | Evidence], Field(max_length=EVIDENCE_LIMIT)] = []


class DeclareConflict(Command):
    """The assigned assessor declares a conflict of interest; a supervisor replaces them."""

    roles: ClassVar = ASSESSOR
    assessment: Id

    def decide(self, work: Work) -> None:
        """One's own declaration."""
        _as_assessor(work, self.assessment).declare_conflict(work.act)


class RegisterEvidence(Command):
    """Register evidence of an assessment."""

    roles: ClassVar = ASSESSOR
    assessment: Id
    evidence: Annotated[list[Evidence], Field(min_length=1, max_length=EVIDENCE_LIMIT)]

    def decide(self, work: Work) -> None:
        """By the assessor at work on it."""
        assessment = _as_assessor(work, self.assessment)
        work.decision.result["evidence"] = [_register(work, assessment, item) for item in self.evidence]


class RecordUnitResult(Command):
    """Record the results of one or more units."""

    roles: ClassVar = ASSESSOR
    assessment: Id
    results: Annotated[list[UnitResult], Field(min_length=1, max_length=UNIT_LIMIT)]

    def decide(self, work: Work) -> None:
        """Licensed on the day, for units of this attempt, on evidence, once a unit."""
        assessment = _as_assessor(work, self.assessment)
        assessment.require_assessable()
        require_licence(work, work.load(Staff, assessment.assessor or ""), scheme_of(work, assessment).trade)
        for each in self.results:
            assessment.require_unit(each.unit)
        for each in self.results:
            ordinals = [
                item if isinstance(item, int) else _register(work, assessment, item) for item in each.evidence
            ]
            assessment.record_result(work.act, unit=each.unit, result=each.result, evidence=ordinals)


class RecordNoShow(Command):
    """Record that the candidate did not come."""

    roles: ClassVar = ASSESSOR
    assessment: Id

    def decide(self, work: Work) -> None:
        """Before anything was assessed."""
        _as_assessor(work, self.assessment).record_no_show(work.act)


class Recommend(Command):
    """Recommend the results of all units to those who decide."""

    roles: ClassVar = ASSESSOR
    assessment: Id

    def decide(self, work: Work) -> None:
        """Every unit of this attempt has a result."""
        _as_assessor(work, self.assessment).recommend(work.act)


class CorrectUnitResult(Command):
    """Correct a result that was recorded by mistake, before or after the decision."""

    roles: ClassVar = SUPERVISOR
    assessment: Id
    unit: Code
    result: Result

    def decide(self, work: Work) -> None:
        """No certificate is touched by it: a review decides what becomes of one."""
        assessment = work.load(Assessment, self.assessment)
        work.require_org(scheme_of(work, assessment).body)
        assessment.correct_result(work.act, unit=self.unit, result=self.result)


class RecordCertificationDecision(Command):
    """Decide on all units; ``panel`` are further deciders, ``plenary`` is the number of the meeting."""

    roles: ClassVar = DECIDER
    assessment: Id
    units: Literal["ALL"] | Annotated[list[Code], Field(max_length=UNIT_LIMIT)] = "ALL"
    panel: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    plenary: Code | None = None

    def decide(self, work: Work) -> None:
        """No decider assessed or taught the candidate; no unit is left out."""
        assessment = work.load(Assessment, self.assessment)
        version = scheme_of(work, assessment)
        panel = list(dict.fromkeys([work.act.actor, *self.panel]))
        require_holders(work, panel, Role.CERTIFICATION_DECIDER, version.body)
        work.require_org(version.body)
        survivor(work, assessment.learner)
        assessment.require_decidable()
        before = assessors_of(work, assessment.learner) | taught_ever(work, assessment.learner)
        for member in panel:
            work.separate_person(
                "SOD_DECIDER_ASSESSED",
                member,
                before,
                "a decider assessed or taught this candidate",
                scope=exception_scope(work, assessment),
            )
        named = set(version.unit_codes) if self.units == "ALL" else set(self.units)
        for unit in sorted(named):
            version.unit(unit)
        missing = [
            unit
            for unit in version.unit_codes
            if unit not in assessment.carried and (unit not in named or unit not in assessment.results)
        ]
        work.require(
            not missing,
            "DECISION_INCOMPLETE",
            f"the decision leaves out {', '.join(missing)}",
            "Decide on all units at once.",
        )
        earned = award(version, assessment.results)
        assessment.decide(work.act, panel=panel, plenary=self.plenary, award=earned is not None)
        work.decision.result["award"] = earned is not None


class OrderReassessment(Command):
    """Order that units of a decided assessment are assessed again in a new attempt."""

    roles: ClassVar = DECIDER | SUPERVISOR
    assessment: Id
    units: Annotated[list[Code], Field(min_length=1, max_length=UNIT_LIMIT)]

    def decide(self, work: Work) -> None:
        """Units that were decided on."""
        assessment = work.load(Assessment, self.assessment)
        work.require_org(scheme_of(work, assessment).body)
        survivor(work, assessment.learner)
        assessment.require_state("decided")
        assessment.order_reassessment(work.act, units=self.units, appeal=None)


class ViewUnitResults(Query):
    """The results of an assessment; facility staff see them once they are decided, of their own site only."""

    roles: ClassVar = frozenset(Role) - {Role.PRINT_OPERATOR}
    assessment: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """``results`` by unit as they stand, and whether they are decided and earn the award."""
        assessment = work.load(Assessment, self.assessment)
        decision = assessment.decision
        if work.act.role in FACILITY:
            work.require(
                decision is not None,
                "ROLE_FORBIDDEN",
                "facility staff do not see results before they are decided",
                "Ask again after the certification decision.",
            )
            enrolment = work.load(Enrolment, assessment.enrolment) if assessment.enrolment else None
            work.require_org(work.load(Cohort, enrolment.cohort).site if enrolment else None)
        return {
            "assessment": self.assessment,
            "attempt": assessment.attempt,
            "state": assessment.state,
            "results": decision.results if decision else assessment.results,
            "decided": decision is not None,
            "award": decision.award if decision else None,
        }


def _as_assessor(work: Work, assessment_id: str) -> Assessment:
    """The assessment, for its assigned assessor alone; PERSON_ERASED when the candidate is."""
    assessment = work.load(Assessment, assessment_id)
    accounts: Sequence[str] = [assessment.assessor] if assessment.assessor else []
    work.require(
        not accounts or same_human(work, work.act.actor, accounts),
        "ROLE_FORBIDDEN",
        "another assessor is assigned to this assessment",
        "Only the assigned assessor records evidence, results and the recommendation.",
    )
    survivor(work, assessment.learner)
    return assessment


def _register(work: Work, assessment: Assessment, item: Evidence) -> int:
    subject = f"learner/{assessment.learner}"
    document = work.fact(assessment, "evidence", "document", item.sha256, subject=subject)
    return assessment.register_evidence(work.act, kind=item.kind, document=document)
