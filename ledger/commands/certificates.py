"""Commands that issue certificates: TRAINING by the provider, COMPETENCE and UNIT_STATEMENT by the body.

A TRAINING certificate needs a completed enrolment with attendance at or above the threshold, nothing else.
A COMPETENCE certificate needs a decision by which the award rule is met, a UNIT_STATEMENT one by which it is
not, in a scheme that allows it. The issuer never assessed the holder. One certificate a command.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ledger.commands.candidates import assessors_of, certifiable, scheme_of
from ledger.commands.command import Code, Command, Id
from ledger.commands.issuance import (
    Basis,
    holder_name,
    issue_day,
    pinned_template,
    printed_units,
    reserve,
    write,
)
from ledger.commands.learners import identities, survivor
from ledger.commands.work import Work
from ledger.domain.assessment import COMPETENT, Assessment, Decision
from ledger.domain.certificate import (
    COMPETENCE,
    TRAINING,
    UNIT_STATEMENT,
    Certificate,
    Content,
    last_valid_day,
)
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.programme import Programme
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme, SchemeVersion, award

TRAINING_ISSUER = frozenset({Role.TRAINING_ISSUER})
COMPETENCE_ISSUER = frozenset({Role.COMPETENCE_ISSUER})


class IssueTrainingCertificate(Command):
    """Certify a completed training. ``number`` is given only when it was registered elsewhere."""

    roles: ClassVar = TRAINING_ISSUER
    enrolment: Id
    number: Code | None = None
    template: Id | None = None

    def decide(self, work: Work) -> None:
        """Completed, attended enough, and not certified yet."""
        template = pinned_template(work, TRAINING, self.template)
        basis = training_basis(work, self.enrolment)
        numbered = reserve(work, basis, number=self.number, replaces=None)
        write(work, basis, template, numbered, valid_until=None)


class IssueCompetenceCertificate(Command):
    """Certify competence on a decided assessment."""

    roles: ClassVar = COMPETENCE_ISSUER
    assessment: Id
    number: Code | None = None
    template: Id | None = None

    def decide(self, work: Work) -> None:
        """The award rule is met; what renews a certificate is issued by renewing it."""
        template = pinned_template(work, COMPETENCE, self.template)
        assessment = work.load(Assessment, self.assessment)
        basis = competence_basis(work, assessment)
        work.require(
            not assessment.renews,
            "ASSESSMENT_STATE_INVALID",
            "this assessment is for the renewal of a certificate",
            "Renew that certificate instead.",
        )
        require_unused(work, assessment, COMPETENCE)
        numbered = reserve(work, basis, number=self.number, replaces=None)
        months = scheme_of(work, assessment).validity_months
        write(work, basis, template, numbered, valid_until=last_valid_day(issue_day(work)[0], months))


class IssueUnitStatement(Command):
    """State the K units (``units``, by default all) of somebody who did not earn the award."""

    roles: ClassVar = COMPETENCE_ISSUER
    assessment: Id
    units: Annotated[list[Code], Field(min_length=1, max_length=200)] | None = None
    number: Code | None = None
    template: Id | None = None

    def decide(self, work: Work) -> None:
        """The scheme allows it, and at least one unit is K."""
        template = pinned_template(work, UNIT_STATEMENT, self.template)
        assessment = work.load(Assessment, self.assessment)
        basis = statement_basis(work, assessment, self.units)
        require_unused(work, assessment, UNIT_STATEMENT)
        numbered = reserve(work, basis, number=self.number, replaces=None)
        write(work, basis, template, numbered, valid_until=None)


# -- what a certificate rests on; also for replacing and renewing ------------------------------------------


def training_basis(work: Work, enrolment_id: str) -> Basis:
    """The basis of a TRAINING certificate; AWARD_RULE_NOT_MET below the threshold."""
    enrolment = work.load(Enrolment, enrolment_id)
    cohort = work.load(Cohort, enrolment.cohort)
    programme = work.load(Programme, cohort.programme)
    version = work.load(Scheme, cohort.scheme).at(cohort.scheme_version)
    work.require_org(cohort.provider)
    learner = certifiable(work, enrolment.learner, ready=enrolment.finished)
    holder = holder_name(work, f"learner/{learner}", "full_name")
    if not enrolment.finished:
        enrolment.require_state("completed")
    _require_not_assessed(work, learner)
    work.require(
        (enrolment.percent_x10 or 0) >= cohort.threshold * 10,
        "AWARD_RULE_NOT_MET",
        f"attended {(enrolment.percent_x10 or 0) / 10:.1f} %, the certificate needs {cohort.threshold} %",
    )
    content = _content(version, TRAINING, programme.code, ())
    return Basis(content, holder, {"learner": learner, "enrolment": enrolment_id}, enrolment_id)


def competence_basis(work: Work, assessment: Assessment, programme_code: str | None = None) -> Basis:
    """The basis of a COMPETENCE certificate: its units are the K ones of the decision that stands."""
    version, learner, holder, decision = _decided(work, assessment)
    earned = award(version, decision.results) if decision.award else None
    work.require(
        earned,
        "AWARD_RULE_NOT_MET",
        "the decision does not meet the scheme's award rule",
        "A unit statement can cover the competent units, if the scheme allows it.",
    )
    content = _content(
        version, COMPETENCE, programme_code or _programme(work, assessment, version), earned or ()
    )
    return Basis(content, holder, _links(assessment, learner, decision), decision.hash)


def statement_basis(
    work: Work, assessment: Assessment, units: list[str] | None, programme_code: str | None = None
) -> Basis:
    """The basis of a UNIT_STATEMENT: K units of a decision that does not meet the award rule."""
    version, learner, holder, decision = _decided(work, assessment)
    competent = [unit for unit in version.unit_codes if decision.results.get(unit) == COMPETENT]
    named = competent if units is None else [unit for unit in version.unit_codes if unit in units]
    work.require(
        version.unit_statement
        and award(version, decision.results) is None
        and named
        and set(units or named) <= set(competent),
        "AWARD_RULE_NOT_MET",
        "a unit statement covers competent units only, in a scheme that allows it, when no award was earned",
    )
    content = _content(
        version, UNIT_STATEMENT, programme_code or _programme(work, assessment, version), named
    )
    return Basis(content, holder, _links(assessment, learner, decision), decision.hash)


def require_unused(work: Work, assessment: Assessment, kind: str) -> None:
    """CERT_ALREADY_ISSUED when an earlier decision of this assessment has a certificate that stands."""
    for found in work.personal.index.certificates_of("assessment", assessment.aggregate_id):
        # One that is not there yet is being issued at this moment: the append sees whether it came to be.
        other = work.find(Certificate, found)
        work.require(
            other is None or other.printed.kind != kind or other.state not in {"active", "suspended"},
            "CERT_ALREADY_ISSUED",
            "a certificate of this kind was issued on this assessment already",
            "If its units changed since, supersede it.",
        )


def _decided(work: Work, assessment: Assessment) -> tuple[SchemeVersion, str, str, Decision]:
    """(scheme version, learner, holder's name, decision), with the checks up to separation of duties."""
    version = scheme_of(work, assessment)
    work.require_org(version.body)
    learner = survivor(work, assessment.learner).aggregate_id
    holder = holder_name(work, f"learner/{learner}", "full_name")
    assessment.require_state("decided")
    _require_not_assessed(work, learner)
    return version, learner, holder, assessment.decisions[-1]


def _require_not_assessed(work: Work, learner: str) -> None:
    work.separate(
        "SOD_ISSUER_ASSESSED",
        assessors_of(work, learner),
        "the issuer assessed this person",
        scope=identities(work, learner),
    )


def _links(assessment: Assessment, learner: str, decision: Decision) -> dict[str, str]:
    return {"learner": learner, "assessment": assessment.aggregate_id, "decision": decision.hash}


def _programme(work: Work, assessment: Assessment, version: SchemeVersion) -> str:
    """The programme's code for the number; an assessment without training has the scheme's only."""
    if assessment.enrolment is None:
        return version.code
    cohort = work.load(Cohort, work.load(Enrolment, assessment.enrolment).cohort)
    return work.load(Programme, cohort.programme).code


def _content(
    version: SchemeVersion, kind: str, programme_code: str, units: tuple[str, ...] | list[str]
) -> Content:
    return Content(
        kind=kind,
        scheme_code=version.code,
        programme_code=programme_code,
        title_id=version.title_id,
        title_en=version.title_en,
        level=version.level,
        units=printed_units(version.unit(code) for code in units),
        jp=version.total_jp if kind == TRAINING else None,
    )
