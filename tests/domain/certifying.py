"""Certificates of a centre's learners, for tests of what becomes of them."""

from ledger.commands.certificates import (
    IssueCompetenceCertificate,
    IssueTrainingCertificate,
    IssueUnitStatement,
)
from ledger.commands.learners import CorrectIdentity, RequestIdentityCorrection
from ledger.commands.lifecycle import (
    SupersedeCertificate,
)
from tests.domain.centre import Centre


def competence(centre: Centre, assessment: str, **more: str) -> IssueCompetenceCertificate:
    template = centre.templates["COMPETENCE"]
    return IssueCompetenceCertificate.model_validate({"assessment": assessment, "template": template, **more})


def training(centre: Centre, enrolment: str, **more: str) -> IssueTrainingCertificate:
    template = centre.templates["TRAINING"]
    return IssueTrainingCertificate.model_validate({"enrolment": enrolment, "template": template, **more})


def statement(centre: Centre, assessment: str, units: list[str] | None = None) -> IssueUnitStatement:
    return IssueUnitStatement(assessment=assessment, units=units, template=centre.templates["UNIT_STATEMENT"])


def supersede(centre: Centre, certificate: str, reason: str = "NAME_CORRECTION") -> SupersedeCertificate:
    kind = centre.certificate(certificate).printed.kind
    return SupersedeCertificate(certificate=certificate, reason=reason, template=centre.templates[kind])


def certified(centre: Centre, name: str = "Siti Contoh") -> str:
    return centre.issue("certifier", competence(centre, centre.decided(name=name)))


def renamed(centre: Centre, learner: str, name: str) -> None:
    asked = RequestIdentityCorrection(learner=learner, field="full_name", value=name)
    request = str(centre.give("admin", asked)["request"])
    centre.give("issuer", CorrectIdentity(learner=learner, request=request))
