"""Commands over certificates that were issued: replacing, renewing, suspending, revoking, erasing.

Each is given by the organisation that issued, in the role that issues its kind. Revoking takes two people.
Revoked and superseded are final.
"""

from __future__ import annotations

from typing import ClassVar

from ledger.commands.admissions import require_renewal_of
from ledger.commands.candidates import scheme_of
from ledger.commands.certificates import (
    COMPETENCE_ISSUER,
    TRAINING_ISSUER,
    competence_basis,
    statement_basis,
    training_basis,
)
from ledger.commands.command import Code, Command, Hash, Id, ReasonCode
from ledger.commands.issuance import Basis, holder_name, issue_day, pinned_template, reserve, write
from ledger.commands.learners import survivor
from ledger.commands.reasons import require_reason
from ledger.commands.subjects import require_no_hold
from ledger.commands.work import Work
from ledger.domain.assessment import Assessment
from ledger.domain.certificate import (
    COMPETENCE,
    ISSUER_ROLE,
    TRAINING,
    Certificate,
    last_valid_day,
)
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme

ISSUERS = TRAINING_ISSUER | COMPETENCE_ISSUER


class SupersedeCertificate(Command):
    """Replace a certificate by one with the current name and units, its own number, and the same last day."""

    roles: ClassVar = ISSUERS
    certificate: Id
    reason: ReasonCode
    number: Code | None = None
    template: Id | None = None

    def decide(self, work: Work) -> None:
        """What it rests on must still hold; once the way back is erased, the same is printed again."""
        old = work.load(Certificate, self.certificate)
        template = pinned_template(work, old.printed.kind, self.template)
        _require_issuer(work, old)
        links = work.certificate_links(self.certificate)
        if links is not None:
            survivor(work, links["learner"])
        old.require_state("active")
        basis = _current_basis(work, old, links)
        numbered = reserve(work, basis, number=self.number, replaces=self.certificate)
        require_reason(work, work.rulebook.reason_codes.certificate_supersede, self.reason)
        new = write(work, basis, template, numbered, valid_until=old.valid_until, replaces=self.certificate)
        old.supersede(work.act, by=new.aggregate_id, reason=self.reason)


class RenewCertificate(Command):
    """Issue one with dates of its own on an assessment for renewal; the old one keeps its status."""

    roles: ClassVar = COMPETENCE_ISSUER
    certificate: Id
    assessment: Id
    number: Code | None = None
    template: Id | None = None

    def decide(self, work: Work) -> None:
        """The old certificate and the new assessment are the same person's, in the same scheme."""
        old = work.load(Certificate, self.certificate)
        assessment = work.load(Assessment, self.assessment)
        template = pinned_template(work, COMPETENCE, self.template)
        scheme = work.load(Scheme, assessment.scheme)
        _require_issuer(work, old)
        old.require_renewable()
        work.require(assessment.renews, "ASSESSMENT_STATE_INVALID", "this assessment is not for a renewal")
        basis = competence_basis(work, assessment, old.printed.programme_code)
        require_renewal_of(work, old, learner=assessment.learner, scheme=scheme)
        numbered = reserve(work, basis, number=self.number, replaces=None)
        valid_until = last_valid_day(issue_day(work)[0], scheme_of(work, assessment).validity_months)
        new = write(work, basis, template, numbered, valid_until=valid_until)
        old.renew(work.act, new.aggregate_id)


class SuspendCertificate(Command):
    """Suspend a certificate until it is reinstated or revoked."""

    roles: ClassVar = ISSUERS
    certificate: Id
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """From active."""
        certificate = _issued_here(work, self.certificate)
        certificate.require_state("active")
        require_reason(work, work.rulebook.reason_codes.certificate_suspend, self.reason)
        certificate.suspend(work.act, self.reason)


class ReinstateCertificate(Command):
    """End a suspension."""

    roles: ClassVar = ISSUERS
    certificate: Id

    def decide(self, work: Work) -> None:
        """From suspended."""
        _issued_here(work, self.certificate).reinstate(work.act)


class RequestRevocation(Command):
    """Propose to revoke a certificate: a supervisor, or an issuer for another to approve."""

    roles: ClassVar = ISSUERS | {Role.ASSESSMENT_SUPERVISOR}
    certificate: Id
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """It is not final yet, and the reason is one of the list."""
        certificate = work.load(Certificate, self.certificate)
        if work.act.role != Role.ASSESSMENT_SUPERVISOR:
            _require_issuer(work, certificate)
        certificate.require_state("active", "suspended")
        require_reason(work, work.rulebook.reason_codes.certificate_revoke, self.reason)
        certificate.request_revocation(work.act, self.reason)


class RevokeCertificate(Command):
    """Revoke a certificate, as another person requested; final."""

    roles: ClassVar = ISSUERS
    certificate: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two people; the reason is still one of the list."""
        certificate = work.load(Certificate, self.certificate)
        _require_issuer(work, certificate)
        certificate.require_state("active", "suspended")
        asked = certificate.request_of(self.request, "revocation_requested")
        work.second_person(asked.actor)
        require_reason(work, work.rulebook.reason_codes.certificate_revoke, asked.data["reason"])
        certificate.revoke(work.act, self.request)


class CountersignCertificate(Command):
    """Stand by a certificate whose signing key was compromised; it is no longer suspended for that."""

    roles: ClassVar = ISSUERS
    certificate: Id

    def decide(self, work: Work) -> None:
        """Only while it is under review."""
        certificate = _issued_here(work, self.certificate)
        row = work.queries.certificate(self.certificate)
        work.require(
            row is not None and row.under_review,
            "CERT_STATE_INVALID",
            "this certificate is not under review after a key compromise",
        )
        certificate.countersign(work.act)


class MarkCertificateErased(Command):
    """Record that the certificate can no longer be verified; the holder's name goes with it."""

    roles: ClassVar = ISSUERS | {Role.PRIVACY_OFFICER}
    certificate: Id

    def decide(self, work: Work) -> None:
        """A command over this stream alone, after two people destroyed its data or its holder's; not under a hold."""
        certificate = work.load(Certificate, self.certificate)
        if work.act.role != Role.PRIVACY_OFFICER:
            _require_issuer(work, certificate)
        links = work.certificate_links(self.certificate) or {}
        subjects = [certificate.stream, *(f"learner/{links[kind]}" for kind in links if kind == "learner")]
        work.require(
            any(work.queries.destroyed(subject, "identity") for subject in subjects),
            "CERT_STATE_INVALID",
            "nobody has destroyed the identity of this certificate or of its holder",
            "Have the class identity destroyed first, under a subject request.",
        )
        require_no_hold(work, [certificate.stream])
        certificate.mark_erased(work.act)


def _issued_here(work: Work, certificate_id: str) -> Certificate:
    certificate = work.load(Certificate, certificate_id)
    _require_issuer(work, certificate)
    return certificate


def _require_issuer(work: Work, certificate: Certificate) -> None:
    """ROLE_FORBIDDEN unless the role issues this kind, for the organisation that issued."""
    needed = ISSUER_ROLE[certificate.printed.kind]
    work.require(
        work.act.role == needed,
        "ROLE_FORBIDDEN",
        f"for a {certificate.printed.kind} certificate this is given in the role {needed}",
    )
    work.require_org(certificate.org)


def _current_basis(work: Work, old: Certificate, links: dict[str, str] | None) -> Basis:
    printed = old.printed
    if links is None:
        return Basis(printed, holder_name(work, old.stream, "holder"), {}, None)
    if printed.kind == TRAINING:
        return training_basis(work, links["enrolment"])
    assessment = work.load(Assessment, links["assessment"])
    if printed.kind == COMPETENCE:
        return competence_basis(work, assessment, printed.programme_code)
    return statement_basis(work, assessment, None, printed.programme_code)
