"""The review tasks: certificates that stand although a correction has removed what they rest on.

They are derived, never stored: a task is there while the certificate stands and its basis does not hold, and
goes when the certificate is revoked or superseded or the correction is taken back. Nothing is revoked by it.
A result that a later attempt carries is judged by the attempt that it came from. Once the provenance of a
certificate is erased nothing can be derived for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from ledger.commands.candidates import scheme_of
from ledger.commands.learners import identities
from ledger.commands.lookups import PagedQuery, shown_certificate
from ledger.commands.work import Work
from ledger.domain.assessment import COMPETENT, Assessment
from ledger.domain.certificate import COMPETENCE, TRAINING, Certificate
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.roles import Role
from ledger.domain.scheme import award

STANDING = frozenset({"active", "suspended"})


class ReviewTasks(PagedQuery):
    """List certificates whose basis a correction has removed since, for people to review.

    An issuer sees the own organisation's, a supervisor the body's, an auditor all.
    """

    roles: ClassVar = frozenset(
        {Role.TRAINING_ISSUER, Role.COMPETENCE_ISSUER, Role.ASSESSMENT_SUPERVISOR, Role.AUDITOR}
    )

    def answer(self, work: Work) -> dict[str, Any]:
        """One item a corrected enrolment or assessment, with ``tasks``: certificate, and what no longer holds."""

        def show(stream: str) -> dict[str, Any] | None:
            name, _, found = stream.partition("/")
            tasks = [
                {**shown_certificate(work, certificate), "why": why}
                for certificate, why in (
                    _of_enrolment(work, found) if name == Enrolment.NAME else _of_assessment(work, found)
                )
                if _sees(work, certificate)
            ]
            return {"corrected": name, "id": found, "tasks": tasks} if tasks else None

        return self.pages(work, "listed", "corrected", show)


def _sees(work: Work, certificate_id: str) -> bool:
    certificate = work.load(Certificate, certificate_id)
    if work.act.role == Role.AUDITOR:
        return True
    if certificate.org != work.act.org:
        return False
    return work.act.role == Role.ASSESSMENT_SUPERVISOR or (
        (work.act.role == Role.TRAINING_ISSUER) == (certificate.printed.kind == TRAINING)
    )


def _standing(work: Work, kind: str, target: str) -> Iterator[Certificate]:
    for each in sorted(work.personal.index.certificates_of(kind, target)):
        found = work.find(Certificate, each)
        if found is None or found.state not in STANDING or found.erased:
            continue
        if not work.queries.destroyed(found.stream, "identity"):
            yield found


def _of_enrolment(work: Work, enrolment_id: str) -> Iterator[tuple[str, str]]:
    """Attendance was corrected: the TRAINING certificate needs the threshold still to be met."""
    enrolment = work.load(Enrolment, enrolment_id)
    cohort = work.load(Cohort, enrolment.cohort)
    if (enrolment.percent_x10 or 0) >= cohort.threshold * 10:
        return
    for certificate in _standing(work, "enrolment", enrolment_id):
        if certificate.printed.kind == TRAINING:
            yield certificate.aggregate_id, "ATTENDANCE_BELOW_THRESHOLD"


def _of_assessment(work: Work, assessment_id: str) -> Iterator[tuple[str, str]]:
    """A result changed: of this attempt's certificates, and those of attempts that carry its results."""
    attempt: Assessment | None = work.load(Assessment, assessment_id)
    while attempt is not None:
        results = _results(work, attempt)
        version = scheme_of(work, attempt)
        for certificate in _standing(work, "assessment", attempt.aggregate_id):
            listed = [unit["code"] for unit in certificate.printed.units]
            if any(results.get(unit) != COMPETENT for unit in listed):
                yield certificate.aggregate_id, "UNIT_NOT_COMPETENT"
            elif certificate.printed.kind == COMPETENCE and award(version, results) is None:
                yield certificate.aggregate_id, "AWARD_RULE_NOT_MET"
        attempt = _next(work, attempt)


def _results(work: Work, attempt: Assessment) -> dict[str, str]:
    """The attempt's results, carried ones as they stand where they came from."""
    before = _results(work, work.load(Assessment, attempt.previous)) if attempt.previous else {}
    return {
        **attempt.carried,
        **{unit: before[unit] for unit in attempt.carried if unit in before},
        **attempt.own_results,
    }


def _next(work: Work, attempt: Assessment) -> Assessment | None:
    for entry in identities(work, attempt.learner):
        for each in work.queries.related("learner.assessments", entry):
            found = work.load(Assessment, each)
            if found.previous == attempt.aggregate_id:
                return found
    return None
