"""Certificates after a compromise of their key and after an erasure."""

from typing import Literal

import pytest

from ledger.commands.lifecycle import (
    CountersignCertificate,
    MarkCertificateErased,
)
from ledger.commands.subjects import (
    DataClass,
    DestroyData,
    FulfilSubjectRequest,
    LiftHold,
    PlaceHold,
    ReceiveSubjectRequest,
    RequestDestruction,
    VerifySubjectRequest,
)
from ledger.errors import DomainError
from tests.domain.centre import Centre
from tests.domain.certifying import certified, competence, training
from tests.domain.desk import new_id

# -- after a compromise, after an erasure ------------------------------------------------------------------


def test_countersigned_only_while_under_review(centre: Centre) -> None:
    certificate = certified(centre)
    command = CountersignCertificate(certificate=certificate)
    assert centre.refused("certifier", command) == "CERT_STATE_INVALID"
    centre.under_review.add(certificate)
    centre.give("second certifier", command)
    assert dict(centre.last[0].data) == {"by": new_id("second certifier")}


def test_erased_only_after_two_people_destroyed_the_holders_identity(centre: Centre) -> None:
    assessment = centre.decided()
    certificate = centre.issue("certifier", competence(centre, assessment))
    command = MarkCertificateErased(certificate=certificate)
    assert centre.refused("privacy", command) == "CERT_STATE_INVALID"
    centre.forget(f"learner/{centre.assessment(assessment).learner}", "identity")
    centre.give("privacy", command)
    (event,) = centre.last
    assert (event.originator_id, dict(event.data)) == (f"certificate/{certificate}", {})
    assert centre.refused("certifier", command) == "CERT_STATE_INVALID"


def test_without_a_way_back_the_certificate_itself_must_be_destroyed(centre: Centre) -> None:
    assessment = centre.decided()
    certificate = centre.issue("certifier", competence(centre, assessment))
    centre.forget(f"certificate/{certificate}", "provenance")
    centre.forget(f"learner/{centre.assessment(assessment).learner}", "identity")
    command = MarkCertificateErased(certificate=certificate)
    assert centre.refused("certifier", command) == "CERT_STATE_INVALID"
    centre.forget(f"certificate/{certificate}", "identity")
    centre.give("certifier", command)
    assert centre.certificate(certificate).erased


@pytest.mark.parametrize("kind", ["certificate", "learner"])
def test_a_hold_on_the_certificate_or_on_its_holder_keeps_the_name(
    centre: Centre, kind: Literal["learner", "certificate"]
) -> None:
    assessment = centre.decided()
    certificate = centre.issue("certifier", competence(centre, assessment))
    learner = centre.assessment(assessment).learner
    request = held(centre, kind, certificate if kind == "certificate" else learner)
    centre.forget(f"learner/{learner}", "identity")
    command = MarkCertificateErased(certificate=certificate)
    for name in ("privacy", "certifier"):
        assert centre.refused(name, command) == "ERASURE_HOLD_ACTIVE"
    centre.give("privacy", LiftHold(subject_request=request))
    centre.give("privacy", command)


def test_a_hold_on_the_holder_keeps_what_leads_from_the_certificate_to_them(centre: Centre) -> None:
    assessment = centre.decided()
    certificate = centre.issue("certifier", competence(centre, assessment))
    held(centre, "learner", centre.assessment(assessment).learner)
    receive = ReceiveSubjectRequest(subject_kind="certificate", id=certificate, kind="RETENTION")
    request = centre.give("privacy", receive)["subject_request"]
    ask = RequestDestruction(subject_request=request, classes=["identity", "provenance"])
    assert centre.refused("privacy", ask) == "ERASURE_HOLD_ACTIVE"
    centre.forget(f"certificate/{certificate}", "provenance")
    centre.give("privacy", ask)


def held(centre: Centre, kind: Literal["learner", "certificate"], subject: str) -> str:
    """A request about this subject, with a hold."""
    receive = ReceiveSubjectRequest(subject_kind=kind, id=subject, kind="ERASURE")
    request = str(centre.give("privacy", receive)["subject_request"])
    centre.give("privacy", PlaceHold(subject_request=request, reason="COMPLAINT_OPEN"))
    return request


@pytest.mark.parametrize("way", ["marked", "destroyed"])
def test_an_erasure_is_fulfilled_when_no_certificate_of_the_person_says_the_name(
    centre: Centre, way: Literal["marked", "destroyed"]
) -> None:
    assessment = centre.decided()
    learner = centre.assessment(assessment).learner
    enrolment = centre.assessment(assessment).enrolment
    assert enrolment is not None
    certificates = [
        centre.issue("certifier", competence(centre, assessment)),
        centre.issue("issuer", training(centre, enrolment)),
    ]
    request, fulfil = destroyed(centre, "learner", learner)
    for remaining in (2, 1):
        with pytest.raises(DomainError, match=f"certificates of this person: {remaining} of them"):
            centre.give("privacy", fulfil)
        certificate = certificates.pop()
        if way == "marked":
            centre.give("privacy", MarkCertificateErased(certificate=certificate))
        else:
            centre.give("privacy", destroyed(centre, "certificate", certificate)[1])
    centre.give("privacy", fulfil)
    assert centre.last[0].originator_id == f"subject_request/{request}"


def test_an_erasure_of_other_classes_leaves_the_certificates_alone(centre: Centre) -> None:
    assessment = centre.decided()
    centre.issue("certifier", competence(centre, assessment))
    _, fulfil = destroyed(centre, "learner", centre.assessment(assessment).learner, "contact")
    centre.give("privacy", fulfil)


def test_the_way_back_is_asked_for_each_certificate(centre: Centre) -> None:
    assessment = centre.decided()
    receive = ReceiveSubjectRequest(
        subject_kind="learner", id=centre.assessment(assessment).learner, kind="RETENTION"
    )
    request = str(centre.give("privacy", receive)["subject_request"])
    ask = RequestDestruction(subject_request=request, classes=["contact", "provenance"])
    with pytest.raises(DomainError, match="each certificate") as refused:
        centre.give("privacy", ask)
    assert refused.value.code == "VALUE_INVALID"
    certificate = centre.issue("certifier", competence(centre, assessment))
    _, fulfil = destroyed(centre, "certificate", certificate, "provenance")
    centre.give("privacy", fulfil)


def destroyed(
    centre: Centre, kind: Literal["learner", "certificate"], subject: str, class_: DataClass = "identity"
) -> tuple[str, FulfilSubjectRequest]:
    """A request under which a class of this subject's data is destroyed, and the command that ends it."""
    receive = ReceiveSubjectRequest(subject_kind=kind, id=subject, kind="ERASURE")
    request = str(centre.give("privacy", receive)["subject_request"])
    centre.give("privacy", VerifySubjectRequest(subject_request=request))
    ask = RequestDestruction(subject_request=request, classes=[class_])
    asked = centre.give("privacy", ask)["request"]
    centre.give("issuer", DestroyData(subject_request=request, request=asked))
    return request, FulfilSubjectRequest(subject_request=request)
