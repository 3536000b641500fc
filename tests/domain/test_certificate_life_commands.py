"""The later life of certificates at a desk: suspended, revoked, replaced, renewed."""

import json
from datetime import date

import pytest

from ledger.commands.admissions import AdmitForRenewal
from ledger.commands.assessments import CorrectUnitResult, Recommend, RecordCertificationDecision
from ledger.commands.lifecycle import (
    CountersignCertificate,
    MarkCertificateErased,
    ReinstateCertificate,
    RenewCertificate,
    RequestRevocation,
    RevokeCertificate,
    SuspendCertificate,
)
from ledger.domain.scheme import Scheme
from tests.domain.centre import UNITS, Centre
from tests.domain.certifying import certified, competence, renamed, statement, supersede, training
from tests.domain.history import hashed

# -- unit statements -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "allowed", "units", "listed"),
    [
        ("K BK K", True, None, ["U.1", "U.3"]),
        ("K BK K", True, ["U.3", "U.1"], ["U.1", "U.3"]),
        ("K BK K", True, ["U.3"], ["U.3"]),
        ("K BK K", True, ["U.2", "U.3"], None),
        ("K BK K", True, ["X.9"], None),
        ("K BK K", False, None, None),
        ("K K K", True, None, None),
        ("BK BK BK", True, None, None),
    ],
)
def test_a_unit_statement_covers_competent_units_short_of_the_award(
    results: str, allowed: bool, units: list[str] | None, listed: list[str] | None
) -> None:
    centre = Centre(statement=allowed)
    command = statement(centre, centre.decided(results), units)
    if listed is None:
        assert centre.refused("certifier", command) == "AWARD_RULE_NOT_MET"
        return
    certificate = centre.certificate(centre.issue("certifier", command))
    assert [unit["code"] for unit in certificate.printed.units] == listed
    assert (certificate.printed.kind, certificate.valid_until) == ("UNIT_STATEMENT", None)
    assert centre.refused("certifier", command) == "CERT_ALREADY_ISSUED"


# -- suspending and revoking -----------------------------------------------------------------------------


def test_a_statement_on_a_new_decision_needs_the_first_to_be_gone(centre: Centre) -> None:
    assessment = centre.decided("K BK K")
    centre.give("certifier", statement(centre, assessment))
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.1", result="BK"))
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    assert centre.refused("certifier", statement(centre, assessment)) == "CERT_ALREADY_ISSUED"


def test_suspended_and_reinstated(centre: Centre) -> None:
    certificate = certified(centre)
    suspend = SuspendCertificate(certificate=certificate, reason="COMPLAINT_OPEN")
    for reason in ("NO_SUCH_REASON", "FELONY"):
        bad = suspend.model_copy(update={"reason": reason})
        assert centre.refused("certifier", bad) == "REASON_CODE_INVALID"
    centre.give("certifier", suspend)
    assert centre.refused("certifier", suspend) == "CERT_STATE_INVALID"
    centre.give("second certifier", ReinstateCertificate(certificate=certificate))
    assert centre.certificate(certificate).state == "active"


def test_revoking_takes_two_people(centre: Centre) -> None:
    certificate = certified(centre)
    ask = RequestRevocation(certificate=certificate, reason="ISSUED_IN_ERROR")
    own = centre.give("certifier", ask)["request"]
    centre.employ("certifier again", "competence_issuer", centre.lsp, twin="certifier")
    for by in ("certifier", "certifier again"):
        approve = RevokeCertificate(certificate=certificate, request=own)
        assert centre.refused(by, approve) == "SOD_SELF_APPROVAL"
    request = centre.give("supervisor", ask)["request"]
    centre.give("certifier", RevokeCertificate(certificate=certificate, request=request))
    assert dict(centre.last[0].data) == {"reason": "ISSUED_IN_ERROR", "request": request}
    for command in (
        ReinstateCertificate(certificate=certificate),
        SuspendCertificate(certificate=certificate, reason="NO_SUCH_REASON"),
        RequestRevocation(certificate=certificate, reason="FELONY"),
        RevokeCertificate(certificate=certificate, request=own),
        supersede(centre, certificate),
    ):
        assert centre.refused("certifier", command) == "CERT_STATE_INVALID"


@pytest.mark.parametrize("reason", ["NO_SUCH_REASON", "FELONY", "PRISON_TERM"])
def test_no_reason_mentions_conviction_or_custody_even_when_listed(centre: Centre, reason: str) -> None:
    command = RequestRevocation(certificate=certified(centre), reason=reason)
    assert centre.refused("supervisor", command) == "REASON_CODE_INVALID"


def test_a_reason_withdrawn_from_the_list_revokes_nothing(centre: Centre) -> None:
    certificate = certified(centre)
    ask = RequestRevocation(certificate=certificate, reason="ISSUED_IN_ERROR")
    request = centre.give("supervisor", ask)["request"]
    codes = centre.rules.reason_codes.model_copy(update={"certificate_revoke": frozenset()})
    centre.rules = centre.rules.model_copy(update={"reason_codes": codes})
    command = RevokeCertificate(certificate=certificate, request=request)
    assert centre.refused("certifier", command) == "REASON_CODE_INVALID"


def test_an_issuer_handles_only_what_its_role_and_organisation_issued(centre: Centre) -> None:
    assessment = centre.decided()
    of_body = centre.issue("certifier", competence(centre, assessment))
    of_provider = centre.issue("issuer", training(centre, str(centre.assessment(assessment).enrolment)))
    centre.employ("stray certifier", "competence_issuer", centre.blk)
    for by, certificate in (
        ("issuer", of_body),
        ("certifier", of_provider),
        ("stray certifier", of_provider),
        ("stray certifier", of_body),
    ):
        for command in (
            SuspendCertificate(certificate=certificate, reason="COMPLAINT_OPEN"),
            ReinstateCertificate(certificate=certificate),
            RequestRevocation(certificate=certificate, reason="ISSUED_IN_ERROR"),
            RevokeCertificate(certificate=certificate, request="aa" * 32),
            MarkCertificateErased(certificate=certificate),
            CountersignCertificate(certificate=certificate),
            supersede(centre, certificate),
        ):
            assert centre.refused(by, command) == "ROLE_FORBIDDEN"


# -- replacing -------------------------------------------------------------------------------------------


def test_a_corrected_name_is_printed_anew_and_the_old_certificate_replaced(centre: Centre) -> None:
    assessment = centre.decided()
    old = centre.issue("certifier", competence(centre, assessment))
    renamed(centre, centre.assessment(assessment).learner, "Siti Contoh Baru")
    centre.at("2026-04-13")
    told = centre.give("certifier", supersede(centre, old))
    new = str(told["certificate"])
    assert centre.memory.value(f"certificate/{new}", "identity", "holder") == "Siti Contoh Baru"
    assert centre.memory.value(f"certificate/{old}", "identity", "holder") == "Siti Contoh"
    before, after = centre.certificate(old), centre.certificate(new)
    assert (before.state, before.superseded_by, after.replaces) == ("superseded", new, old)
    assert after.valid_until == before.valid_until == date(2029, 3, 7)
    assert after.issued_on == date(2026, 4, 13)
    assert len({code for code, certificate in centre.codes.items() if certificate in {old, new}}) == 2
    assert centre.memory.value(f"certificate/{new}", "provenance", "provenance")["replaces"] == old
    assert centre.refused("certifier", supersede(centre, old)) == "CERT_STATE_INVALID"
    centre.give("certifier", supersede(centre, new))


@pytest.mark.parametrize("kind", ["TRAINING", "UNIT_STATEMENT"])
def test_the_other_kinds_are_replaced_by_their_issuers(centre: Centre, kind: str) -> None:
    assessment = centre.decided("K BK K")
    by, command = {
        "TRAINING": ("issuer", training(centre, str(centre.assessment(assessment).enrolment))),
        "UNIT_STATEMENT": ("certifier", statement(centre, assessment)),
    }[kind]
    old = centre.issue(by, command)
    new = centre.issue(by, supersede(centre, old))
    assert centre.certificate(new).printed == centre.certificate(old).printed


def test_a_replacement_shows_the_units_decided_since_or_is_refused() -> None:
    centre = Centre(award_rule="CLUSTER", min_units=2)
    assessment = centre.decided()
    old = centre.issue("certifier", competence(centre, assessment))
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.2", result="BK"))
    command = supersede(centre, old, "UNIT_LIST_CORRECTION")
    assert centre.refused("certifier", command) == "ASSESSMENT_STATE_INVALID"
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    new = centre.issue("certifier", command)
    assert [unit["code"] for unit in centre.certificate(new).printed.units] == ["U.1", "U.3"]
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.1", result="BK"))
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    refused = centre.refused("certifier", supersede(centre, new, "UNIT_LIST_CORRECTION"))
    assert refused == "AWARD_RULE_NOT_MET"


def test_a_replacement_needs_a_reason_of_the_list(centre: Centre) -> None:
    assert centre.refused("certifier", supersede(centre, certified(centre), "OTHER")) == "REASON_CODE_INVALID"


def test_once_the_way_back_is_erased_the_same_is_printed_again(centre: Centre) -> None:
    old = certified(centre)
    centre.forget(f"certificate/{old}", "provenance")
    new = centre.issue("certifier", supersede(centre, old))
    assert centre.certificate(new).printed == centre.certificate(old).printed
    assert centre.memory.value(f"certificate/{new}", "identity", "holder") == "Siti Contoh"
    provenance = centre.memory.value(f"certificate/{new}", "provenance", "provenance")
    assert provenance == {"kind": "COMPETENCE", "replaces": old}


def test_an_erased_holder_is_told_before_the_certificates_state(centre: Centre) -> None:
    assessment = centre.decided()
    certificate = centre.issue("certifier", competence(centre, assessment))
    centre.give("certifier", SuspendCertificate(certificate=certificate, reason="COMPLAINT_OPEN"))
    centre.forget(f"learner/{centre.assessment(assessment).learner}", "identity")
    assert centre.refused("certifier", supersede(centre, certificate)) == "PERSON_ERASED"


def test_a_suspension_cannot_be_shed_by_replacing(centre: Centre) -> None:
    certificate = certified(centre)
    centre.give("certifier", SuspendCertificate(certificate=certificate, reason="COMPLAINT_OPEN"))
    assert centre.refused("certifier", supersede(centre, certificate)) == "CERT_STATE_INVALID"


# -- renewing --------------------------------------------------------------------------------------------


def reassessed(centre: Centre, certificate: str, learner: str, results: str = "K K K", **more: str) -> str:
    """A decided assessment for the renewal of a certificate."""
    command = AdmitForRenewal.model_validate({"certificate": certificate, "learner": learner, **more})
    assessment = str(centre.give("supervisor", command)["assessment"])
    centre.assign(assessment, "assessor")
    centre.record(assessment, dict(zip(UNITS, results.split(), strict=True)))
    centre.give("assessor", Recommend(assessment=assessment))
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    return assessment


def renew(centre: Centre, certificate: str, assessment: str) -> RenewCertificate:
    template = centre.templates["COMPETENCE"]
    return RenewCertificate(certificate=certificate, assessment=assessment, template=template)


def test_renewed_by_a_new_assessment_without_new_training(centre: Centre) -> None:
    first = centre.decided()
    old = centre.issue("certifier", competence(centre, first))
    learner = centre.assessment(first).learner
    centre.at("2026-10-01")
    assessment = reassessed(centre, old, learner)
    admitted = centre.memory.streams[f"assessment/{assessment}"][0].data
    assert (admitted["renews"], admitted["enrolment"], admitted["units"]) == (True, None, list(UNITS))
    assert old not in json.dumps(dict(admitted))
    refused = centre.refused("certifier", competence(centre, assessment))
    assert refused == "ASSESSMENT_STATE_INVALID"
    new = centre.issue("certifier", renew(centre, old, assessment))
    before, after = centre.certificate(old), centre.certificate(new)
    assert (before.state, before.renewed_by, before.valid_until) == ("active", new, date(2029, 3, 7))
    assert (after.issued_on, after.valid_until) == (date(2026, 10, 1), date(2029, 10, 1))
    assert after.replaces is None
    assert after.printed.programme_code == before.printed.programme_code == "PRG-LAS"
    again = centre.refused("certifier", renew(centre, old, assessment))
    assert again == "CERT_STATE_INVALID"


def test_a_failed_assessment_renews_nothing(centre: Centre) -> None:
    first = centre.decided()
    old = centre.issue("certifier", competence(centre, first))
    assessment = reassessed(centre, old, centre.assessment(first).learner, "K BK K")
    assert centre.refused("certifier", renew(centre, old, assessment)) == "AWARD_RULE_NOT_MET"


def test_a_renewal_is_of_ones_own_certificate(centre: Centre) -> None:
    first, second = centre.decided(name="One Contoh"), centre.decided(name="Two Contoh")
    one = centre.issue("certifier", competence(centre, first))
    two = centre.issue("certifier", competence(centre, second))
    learner = centre.assessment(second).learner
    stranger = AdmitForRenewal(certificate=one, learner=learner)
    assert centre.refused("supervisor", stranger) == "VALUE_INVALID"
    assessment = reassessed(centre, two, learner)
    assert centre.refused("certifier", renew(centre, one, assessment)) == "VALUE_INVALID"
    ordinary = renew(centre, one, first)
    assert centre.refused("certifier", ordinary) == "ASSESSMENT_STATE_INVALID"


def test_training_is_not_renewed(centre: Centre) -> None:
    learner, enrolment = centre.trained()
    certificate = centre.issue("issuer", training(centre, enrolment))
    command = AdmitForRenewal(certificate=certificate, learner=learner, scheme=centre.trade)
    centre.employ("supervisor of the provider", "assessment_supervisor", centre.blk)
    assert centre.refused("supervisor of the provider", command) == "VALUE_INVALID"


def test_once_the_way_back_is_erased_the_name_decides(centre: Centre) -> None:
    old = certified(centre)
    centre.forget(f"certificate/{old}", "provenance")
    stranger, _ = centre.trained("Budi Contoh")
    returned, _ = centre.trained("Siti Contoh")
    unnamed = AdmitForRenewal(certificate=old, learner=returned)
    assert centre.refused("supervisor", unnamed) == "VALUE_INVALID"
    other = AdmitForRenewal(certificate=old, learner=stranger, scheme=centre.trade)
    assert centre.refused("supervisor", other) == "VALUE_INVALID"
    assessment = reassessed(centre, old, returned, scheme=centre.trade)
    centre.give("certifier", renew(centre, old, assessment))


def test_a_renewal_is_in_the_scheme_of_the_certificate(centre: Centre) -> None:
    first = centre.decided()
    old = centre.issue("certifier", competence(centre, first))
    learner = centre.assessment(first).learner
    draft = AdmitForRenewal(certificate=old, learner=learner, scheme=centre.scheme)
    assert centre.refused("supervisor", draft) == "SCHEME_STATE_INVALID"
    foreign = AdmitForRenewal(
        certificate=old, learner=learner, scheme=centre.approved_scheme("foreign", "SKM/2")
    )
    assert centre.refused("supervisor", foreign) == "VALUE_INVALID"


def test_a_retired_scheme_version_renews_nothing(centre: Centre) -> None:
    first = centre.decided()
    old = centre.issue("certifier", competence(centre, first))
    scheme = centre.memory.find(Scheme, centre.trade)
    assert scheme is not None
    scheme.retire(centre.act("issuer"), 1)
    centre.memory.append(map(hashed, scheme.collect_events()))
    command = AdmitForRenewal(certificate=old, learner=centre.assessment(first).learner)
    assert centre.refused("supervisor", command) == "SCHEME_STATE_INVALID"


def test_only_the_body_that_issued_renews(centre: Centre) -> None:
    first = centre.decided()
    old = centre.issue("certifier", competence(centre, first))
    learner = centre.assessment(first).learner
    assessment = reassessed(centre, old, learner)
    centre.employ("stray supervisor", "assessment_supervisor", centre.blk)
    centre.employ("stray certifier", "competence_issuer", centre.blk)
    admit = AdmitForRenewal(certificate=old, learner=learner)
    assert centre.refused("stray supervisor", admit) == "ROLE_FORBIDDEN"
    assert centre.refused("stray certifier", renew(centre, old, assessment)) == "ROLE_FORBIDDEN"


def test_who_assessed_the_renewal_does_not_issue_it(centre: Centre) -> None:
    first = centre.decided()
    old = centre.issue("certifier", competence(centre, first))
    assessment = reassessed(centre, old, centre.assessment(first).learner)
    assert centre.refused("assessor certifies", renew(centre, old, assessment)) == "SOD_ISSUER_ASSESSED"
