"""Issuing and the later life of certificates at a desk."""

import json
from datetime import date
from typing import Literal

import pytest

from ledger.commands.admissions import AdmitForRenewal
from ledger.commands.assessments import CorrectUnitResult, Recommend, RecordCertificationDecision
from ledger.commands.certificates import (
    IssueCompetenceCertificate,
    IssueTrainingCertificate,
    IssueUnitStatement,
)
from ledger.commands.learners import CorrectIdentity, RecordNik, RequestIdentityCorrection
from ledger.commands.lifecycle import (
    CountersignCertificate,
    MarkCertificateErased,
    ReinstateCertificate,
    RenewCertificate,
    RequestRevocation,
    RevokeCertificate,
    SupersedeCertificate,
    SuspendCertificate,
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
from ledger.domain.scheme import Scheme
from ledger.errors import DomainError
from tests.domain.centre import UNITS, Centre
from tests.domain.desk import new_id
from tests.domain.history import hashed
from verifier import code

ACCEPTED = "nothing: it was accepted"


@pytest.fixture
def centre() -> Centre:
    return Centre()


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


# -- issuing ---------------------------------------------------------------------------------------------


def test_a_training_certificate_needs_a_completed_enrolment_and_nothing_else(centre: Centre) -> None:
    learner, enrolment = centre.trained()
    told = centre.give("issuer", training(centre, enrolment))
    prepared, issued = (dict(event.data) for event in centre.last)
    assert {event.originator_id for event in centre.last} == {f"certificate/{told['certificate']}"}
    assert prepared == {
        "kind": "TRAINING",
        "scheme_code": "SKM/1",
        "programme_code": "PRG-LAS",
        "title_id": "Juru Las",
        "title_en": "Welder",
        "level": 2,
        "units": [],
        "jp": 40,
        "template": centre.templates["TRAINING"],
        "template_version": 1,
        "template_hash": "ee" * 32,
    }
    assert (issued["number"], issued["seq"], issued["series"]) == (
        "1/T/2026",
        1,
        f"TRAINING/{centre.blk}/2026",
    )
    assert (issued["valid_until"], issued["replaces"], issued["list"]) == (None, None, 1)
    assert 0 <= issued["index"] < 131_072
    subject = f"certificate/{told['certificate']}"
    assert centre.memory.value(subject, "identity", "holder") == "Siti Contoh"
    assert centre.memory.value(subject, "identity", "code") == told["code"] == code.normalise(told["code"])
    assert centre.codes[told["code"]] == told["certificate"]
    assert centre.memory.value(subject, "provenance", "provenance") == {
        "kind": "TRAINING",
        "learner": learner,
        "enrolment": enrolment,
    }
    assert set(centre.links) == {
        (told["certificate"], "learner", learner),
        (told["certificate"], "enrolment", enrolment),
    }


def test_nothing_in_the_events_leads_back(centre: Centre) -> None:
    assessment = centre.decided()
    origin = centre.assessment(assessment)
    clear = []
    for by, command in (
        ("issuer", training(centre, str(origin.enrolment))),
        ("certifier", competence(centre, assessment)),
    ):
        centre.give(by, command)
        clear.append(json.dumps([dict(event.data) for event in centre.last]))
    decision = origin.decisions[-1].hash
    ways = [origin.learner, origin.enrolment, assessment, decision, centre.trade, centre.site, "Siti"]
    assert not [way for way in ways for text in clear if str(way) in text]


@pytest.mark.parametrize(("jp", "code"), [(31, "AWARD_RULE_NOT_MET"), (32, ACCEPTED)])
def test_training_below_the_threshold_earns_no_certificate(centre: Centre, jp: int, code: str) -> None:
    # of 40; the threshold is 80 %
    _, enrolment = centre.trained(jp=jp)
    assert centre.refused("issuer", training(centre, enrolment)) == code


def test_training_that_is_not_completed_earns_no_certificate(centre: Centre) -> None:
    _, enrolment = centre.trained(complete=False)
    assert centre.refused("issuer", training(centre, enrolment)) == "ENROLMENT_STATE_INVALID"


def test_a_competence_certificate_lists_the_competent_units_and_expires(centre: Centre) -> None:
    assessment = centre.decided()
    centre.at("2026-03-14", "01:30")  # still 13 March in the zone of the body
    told = centre.give("certifier", competence(centre, assessment))
    prepared, issued = (dict(event.data) for event in centre.last)
    assert [unit["code"] for unit in prepared["units"]] == list(UNITS)
    assert set(prepared["units"][0]) == {"decree", "code", "title_id", "title_en"}
    assert prepared["jp"] is None
    assert (issued["issued_on"], issued["valid_until"]) == ("2026-03-13", "2029-03-13")
    assert issued["zone"] == "Asia/Jakarta"
    origin = centre.assessment(assessment)
    assert centre.memory.value(f"certificate/{told['certificate']}", "provenance", "provenance") == {
        "kind": "COMPETENCE",
        "learner": origin.learner,
        "assessment": assessment,
        "decision": origin.decisions[-1].hash,
    }


def test_a_cluster_lists_only_what_is_competent() -> None:
    centre = Centre(award_rule="CLUSTER", min_units=2)
    certificate = centre.issue("certifier", competence(centre, centre.decided("K BK K")))
    assert [unit["code"] for unit in centre.certificate(certificate).printed.units] == ["U.1", "U.3"]


def test_no_award_no_certificate(centre: Centre) -> None:
    assessment = centre.decided("K BK K")
    assert centre.refused("certifier", competence(centre, assessment)) == "AWARD_RULE_NOT_MET"


def test_no_certificate_before_the_decision_or_while_it_is_changed(centre: Centre) -> None:
    assessment = centre.recommended()
    assert centre.refused("certifier", competence(centre, assessment)) == "ASSESSMENT_STATE_INVALID"
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.1", result="BK"))
    assert centre.refused("certifier", competence(centre, assessment)) == "ASSESSMENT_STATE_INVALID"


def test_one_certificate_of_a_kind_for_a_decision_or_enrolment(centre: Centre) -> None:
    assessment = centre.decided()
    enrolment = str(centre.assessment(assessment).enrolment)
    for by, command in (
        ("certifier", competence(centre, assessment)),
        ("issuer", training(centre, enrolment)),
    ):
        centre.give(by, command)
        assert centre.refused(by, command) == "CERT_ALREADY_ISSUED"
    given = competence(centre, assessment, number="1/C/2026")
    assert centre.refused("second certifier", given) == "CERT_ALREADY_ISSUED"


def test_a_new_decision_gives_no_second_certificate_while_the_first_stands(centre: Centre) -> None:
    assessment = centre.decided()
    first = centre.issue("certifier", competence(centre, assessment))
    for result in ("BK", "K"):
        centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.1", result=result))
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    assert centre.refused("certifier", competence(centre, assessment)) == "CERT_ALREADY_ISSUED"
    request = centre.give("supervisor", RequestRevocation(certificate=first, reason="ISSUED_IN_ERROR"))[
        "request"
    ]
    centre.give("certifier", RevokeCertificate(certificate=first, request=request))
    centre.give("certifier", competence(centre, assessment))


@pytest.mark.parametrize("kind", ["COMPETENCE", "TRAINING"])
def test_who_assessed_the_person_does_not_issue_under_any_account(centre: Centre, kind: str) -> None:
    assessment = centre.decided()
    centre.employ("assessor issues", "training_issuer", centre.blk, twin="assessor")
    by, command = {
        "COMPETENCE": ("assessor certifies", competence(centre, assessment)),
        "TRAINING": ("assessor issues", training(centre, str(centre.assessment(assessment).enrolment))),
    }[kind]
    assert centre.refused(by, command) == "SOD_ISSUER_ASSESSED"
    centre.lift("SOD_ISSUER_ASSESSED", new_id(by), centre.assessment(assessment).learner)
    centre.give(by, command)


def test_issuing_is_for_the_issuers_of_that_organisation(centre: Centre) -> None:
    assessment = centre.decided()
    enrolment = str(centre.assessment(assessment).enrolment)
    centre.employ("stray certifier", "competence_issuer", centre.blk)
    centre.employ("stray issuer", "training_issuer", centre.lsp)
    for by in ("assessor", "issuer", "stray certifier"):
        assert centre.refused(by, competence(centre, assessment)) == "ROLE_FORBIDDEN"
    for by in ("certifier", "stray issuer"):
        assert centre.refused(by, training(centre, enrolment)) == "ROLE_FORBIDDEN"


def test_every_kind_is_numbered_in_its_own_series(centre: Centre) -> None:
    numbers = []
    for name in ("One Contoh", "Two Contoh"):
        assessment = centre.decided(name=name)
        enrolment = str(centre.assessment(assessment).enrolment)
        numbers.append(centre.give("certifier", competence(centre, assessment))["number"])
        numbers.append(centre.give("issuer", training(centre, enrolment))["number"])
    centre.at("2027-01-01", "09:00")
    numbers.append(certified_number(centre))
    assert numbers == ["1/C/2026", "1/T/2026", "2/C/2026", "2/T/2026", "1/C/2027"]


def certified_number(centre: Centre) -> str:
    now, centre.now = centre.now, centre.now.replace(year=2026, month=3)
    assessment = centre.decided(name="Three Contoh")
    centre.now = now
    return str(centre.give("certifier", competence(centre, assessment))["number"])


def test_a_given_number_is_recorded_as_given_and_once(centre: Centre) -> None:
    centre.give("certifier", competence(centre, centre.decided(), number="REG 7/2026"))
    issued = centre.last[-1].data
    assert (issued["number"], issued["seq"], issued["series"]) == ("REG 7/2026", None, None)
    other = centre.decided(name="Another Contoh")
    again = competence(centre, other, number="REG 7/2026")
    assert centre.refused("certifier", again) == "CERT_NUMBER_TAKEN"
    assert centre.give("certifier", competence(centre, other))["number"] == "1/C/2026"


@pytest.mark.parametrize(
    "number", ["9/prison/2026", "9/PrisonSchool/2026", "9 lapas contoh 2026", "9-9901011403909001"]
)
def test_a_number_that_would_tell_is_refused(centre: Centre, number: str) -> None:
    assessment = centre.decided()
    nik = RecordNik(learner=centre.assessment(assessment).learner, nik="9901011403909001")
    centre.give("admin", nik)
    refused = centre.refused("certifier", competence(centre, assessment, number=number))
    assert refused == "PUBLIC_FIELD_FORBIDDEN"


def test_a_taken_number_is_told_before_a_forbidden_one(centre: Centre) -> None:
    assessment = centre.decided()
    centre.memory.rows.add(("number", "9/prison/2026"))
    refused = centre.refused("certifier", competence(centre, assessment, number="9/prison/2026"))
    assert refused == "CERT_NUMBER_TAKEN"


def test_nothing_is_issued_to_nobody(centre: Centre) -> None:
    assessment = centre.decided()
    origin = centre.assessment(assessment)
    centre.forget(f"learner/{origin.learner}", "identity", in_log=False)
    assert centre.refused("certifier", competence(centre, assessment)) == "PERSON_ERASED"
    assert centre.refused("issuer", training(centre, str(origin.enrolment))) == "PERSON_ERASED"
    centre.forget(f"learner/{origin.learner}", "identity")
    assert centre.refused("issuer", training(centre, str(origin.enrolment))) == "PERSON_ERASED"


def test_after_a_merge_the_certificate_is_the_survivors(centre: Centre) -> None:
    assessment = centre.decided(name="Siti C.")
    survivor, _ = centre.trained("Siti Contoh", complete=False)
    origin = centre.assessment(assessment)
    centre.merge(origin.learner, survivor)
    for by, command in (
        ("certifier", competence(centre, assessment)),
        ("issuer", training(centre, str(origin.enrolment))),
    ):
        certificate = centre.issue(by, command)
        assert centre.memory.value(f"certificate/{certificate}", "identity", "holder") == "Siti Contoh"
        assert (certificate, "learner", survivor) in centre.links


def test_the_template_fits_the_kind_and_is_in_use(centre: Centre) -> None:
    assessment = centre.decided()
    wrong = competence(centre, assessment, template=centre.templates["TRAINING"])
    assert centre.refused("certifier", wrong) == "VALUE_INVALID"
    unknown = competence(centre, assessment, template=new_id("no template"))
    assert centre.refused("certifier", unknown) == "UNKNOWN_ID"
    none_related = IssueCompetenceCertificate(assessment=assessment)
    centre.memory.relations["kind.templates", "COMPETENCE"] = []
    assert centre.refused("certifier", none_related) == "UNKNOWN_ID"


def test_without_a_template_named_the_newest_of_the_kind_is_taken(centre: Centre) -> None:
    assessment = centre.decided()
    centre.give("certifier", IssueCompetenceCertificate(assessment=assessment))
    assert centre.last[0].data["template"] == centre.templates["COMPETENCE"]


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
