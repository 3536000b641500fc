"""Commands over assessments up to the assessor; what follows is in ``assessments``.

An assessor has not taught the candidate in the look-back period, holds a licence that is valid on the day and
covers the trade, and after an appeal is another than before. Only one attempt follows another, and only the
units that are not yet competent are assessed again.
"""

from __future__ import annotations

from typing import ClassVar

from ledger.commands.candidates import (
    act_day,
    certifiable,
    exception_scope,
    require_holders,
    scheme_of,
    taught_lately,
)
from ledger.commands.command import Command, Id
from ledger.commands.learners import survivor, usable_learner
from ledger.commands.work import Work
from ledger.domain.assessment import Assessment
from ledger.domain.certificate import Certificate
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme, SchemeVersion
from ledger.domain.staff import Staff

SUPERVISOR = frozenset({Role.ASSESSMENT_SUPERVISOR})


class AdmitToAssessment(Command):
    """Admit who completed the training to the first attempt, at all units of the cohort's scheme."""

    roles: ClassVar = SUPERVISOR
    enrolment: Id

    def decide(self, work: Work) -> None:
        """Completed, attended enough, and not admitted before."""
        enrolment = work.load(Enrolment, self.enrolment)
        cohort = work.load(Cohort, enrolment.cohort)
        version = work.load(Scheme, cohort.scheme).at(cohort.scheme_version)
        work.require_org(version.body)
        learner = certifiable(work, enrolment.learner, ready=enrolment.finished)
        if not enrolment.finished:
            enrolment.require_state("completed")
        _claim_attempt(work, self.enrolment)
        work.require(
            (enrolment.percent_x10 or 0) >= cohort.threshold * 10,
            "ATTENDANCE_BELOW_THRESHOLD",
            f"attended {(enrolment.percent_x10 or 0) / 10:.1f} %, the programme needs {cohort.threshold} %",
            "The training stands as it is; who attended too little trains again.",
        )
        assessment = work.new(Assessment)
        assessment.admit(
            work.act,
            learner=learner,
            enrolment=self.enrolment,
            scheme=cohort.scheme,
            version=cohort.scheme_version,
            units=version.unit_codes,
        )
        work.decision.result["assessment"] = assessment.aggregate_id


class AdmitToReassessment(Command):
    """Admit to the next attempt after ``assessment``: its BK units, those ordered, or all after a no-show."""

    roles: ClassVar = SUPERVISOR
    assessment: Id

    def decide(self, work: Work) -> None:
        """Each attempt has one next attempt; results that stand are carried."""
        previous = work.load(Assessment, self.assessment)
        work.require_org(scheme_of(work, previous).body)
        learner = survivor(work, previous.learner).aggregate_id
        previous.require_state("decided", "final")
        units = previous.to_reassess
        work.require(
            units,
            "ASSESSMENT_STATE_INVALID",
            "every unit of this assessment is competent, and no reassessment is ordered",
        )
        _claim_attempt(work, self.assessment)
        assessment = work.new(Assessment)
        assessment.admit(
            work.act,
            learner=learner,
            enrolment=previous.enrolment,
            scheme=previous.scheme,
            version=previous.scheme_version,
            units=units,
            carried={unit: result for unit, result in previous.results.items() if unit not in units},
            attempt=previous.attempt + 1,
            previous=self.assessment,
            renews=previous.renews,
        )
        work.decision.result["assessment"] = assessment.aggregate_id


class AdmitForRenewal(Command):
    """Admit the holder of a COMPETENCE certificate to an assessment for its renewal, without new training.

    ``scheme`` is needed only when nothing leads back from the certificate any more.
    """

    roles: ClassVar = SUPERVISOR
    certificate: Id
    learner: Id
    scheme: Id | None = None

    def decide(self, work: Work) -> None:
        """All units of the newest approved version; the event does not name the certificate."""
        certificate = work.load(Certificate, self.certificate)
        scheme = work.load(Scheme, renewal_scheme(work, certificate, self.scheme))
        work.require_org(certificate.org)
        learner = usable_learner(work, self.learner).aggregate_id
        certificate.require_renewable()
        version = _newest_approved(work, scheme)
        require_renewal_of(work, certificate, learner=learner, scheme=scheme)
        assessment = work.new(Assessment)
        assessment.admit(
            work.act,
            learner=learner,
            enrolment=None,
            scheme=scheme.aggregate_id,
            version=version.number,
            units=version.unit_codes,
            renews=True,
        )
        work.decision.result["assessment"] = assessment.aggregate_id


class AssignAssessor(Command):
    """Assign the assessor of an attempt."""

    roles: ClassVar = SUPERVISOR
    assessment: Id
    assessor: Id

    def decide(self, work: Work) -> None:
        """Impartial, licensed today, and for this trade."""
        assessment, version, staff = _assignment(work, self.assessment, self.assessor)
        assessment.require_assignable()
        _require_fit(work, assessment, version, staff)
        assessment.assign_assessor(work.act, self.assessor)


class ReplaceAssessor(Command):
    """Let another assessor go on, after a conflict of interest or an absence."""

    roles: ClassVar = SUPERVISOR
    assessment: Id
    assessor: Id

    def decide(self, work: Work) -> None:
        """As for the first; who declared a conflict does not come back."""
        assessment, version, staff = _assignment(work, self.assessment, self.assessor)
        assessment.require_replaceable()
        _require_fit(work, assessment, version, staff)
        humans = {work.human(one) for one in assessment.conflicted}
        work.require(
            work.human(self.assessor) not in humans,
            "VALUE_INVALID",
            "this assessor declared a conflict of interest in this assessment",
            "Name another assessor.",
        )
        assessment.replace_assessor(work.act, self.assessor)


# -- renewal: for this module and the certificate's renewal --------------------------------------------------


def renewal_scheme(work: Work, certificate: Certificate, named: str | None) -> str:
    """The id of the scheme under which a certificate is renewed: the one named, else the one it came from."""
    links = work.certificate_links(certificate.aggregate_id) or {}
    if named is None and "assessment" in links:
        return work.load(Assessment, links["assessment"]).scheme
    if named is None:
        work.refuse("VALUE_INVALID", "nothing leads from this certificate to its scheme", "Name the scheme.")
    return named


def require_renewal_of(work: Work, certificate: Certificate, *, learner: str, scheme: Scheme) -> None:
    """VALUE_INVALID unless the certificate is this learner's, and of this scheme.

    Once the way back from the certificate is erased, the name that it was issued to decides.
    """
    work.require(
        any(version.code == certificate.printed.scheme_code for version in scheme.versions.values()),
        "VALUE_INVALID",
        "the certificate is of another scheme",
    )
    links = work.certificate_links(certificate.aggregate_id)
    if links is not None:
        same = survivor(work, links["learner"]).aggregate_id == survivor(work, learner).aggregate_id
    else:
        holder = work.personal.value(certificate.stream, "identity", "holder")
        same = holder is not None and holder == work.personal.value(
            f"learner/{learner}", "identity", "full_name"
        )
    work.require(
        same, "VALUE_INVALID", "the certificate is not this person's", "Look at the certificate's holder."
    )


def _newest_approved(work: Work, scheme: Scheme) -> SchemeVersion:
    usable = [version for version in scheme.versions.values() if version.approved and not version.retired]
    work.require(usable, "SCHEME_STATE_INVALID", "no version of this scheme is approved and in use")
    return max(usable, key=lambda version: version.number)


# -- assessors -----------------------------------------------------------------------------------------------


def require_licence(work: Work, staff: Staff, trade: str) -> None:
    """ASSESSOR_LICENCE_EXPIRED, ASSESSOR_OUT_OF_SCOPE: it must hold on the day and cover the trade."""
    licence, day = staff.licence, act_day(work)
    if licence is None or licence.until < day:
        work.refuse(
            "ASSESSOR_LICENCE_EXPIRED",
            f"the assessor's licence ended on {licence.until}"
            if licence
            else "the assessor has no licence recorded",
            "A key custodian records the renewed licence, or another assessor is assigned.",
        )
    work.require(
        licence.covers(trade),
        "ASSESSOR_OUT_OF_SCOPE",
        f"the assessor's licence does not cover {trade}",
        "Assign an assessor who is licensed for this trade.",
    )


def _assignment(work: Work, assessment_id: str, assessor: str) -> tuple[Assessment, SchemeVersion, Staff]:
    """What both commands load, with the checks that come before the state."""
    assessment = work.load(Assessment, assessment_id)
    version = scheme_of(work, assessment)
    staff = work.load(Staff, assessor)
    work.require_org(version.body)
    require_holders(work, [assessor], Role.ASSESSOR)
    survivor(work, assessment.learner)
    return assessment, version, staff


def _require_fit(work: Work, assessment: Assessment, version: SchemeVersion, staff: Staff) -> None:
    scope = exception_scope(work, assessment)
    work.separate_person(
        "SOD_ASSESSOR_TAUGHT_LEARNER",
        staff.aggregate_id,
        taught_lately(work, assessment.learner),
        "the assessor taught this candidate in the look-back period",
        scope=scope,
    )
    before = work.load(Assessment, assessment.previous) if assessment.previous else None
    if before is not None and before.ordered_by_appeal:
        # The code of the rule next to it: nobody who was involved before takes part after an appeal.
        work.separate_person(
            "SOD_APPEAL_PANEL_INVOLVED",
            staff.aggregate_id,
            before.assessors,
            "after an appeal the reassessment has another assessor",
            scope=scope,
        )
    require_licence(work, staff, version.trade)


def _claim_attempt(work: Work, after: str) -> None:
    work.claim(
        "attempt", after, "ASSESSMENT_STATE_INVALID", "the candidate was admitted to this attempt already"
    )
