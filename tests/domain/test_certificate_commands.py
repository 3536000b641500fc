"""Issuing certificates at a desk."""

import json

import pytest

from ledger.commands.assessments import CorrectUnitResult, RecordCertificationDecision
from ledger.commands.certificates import (
    IssueCompetenceCertificate,
)
from ledger.commands.learners import RecordNik
from ledger.commands.lifecycle import (
    RequestRevocation,
    RevokeCertificate,
)
from tests.domain.centre import UNITS, Centre
from tests.domain.certifying import competence, training
from tests.domain.desk import new_id
from verifier import code

ACCEPTED = "nothing: it was accepted"


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
