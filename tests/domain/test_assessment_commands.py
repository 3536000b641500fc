"""Assessment commands at a desk: admission, impartial and licensed assessors, results, the decision."""

from datetime import UTC, datetime

import pytest

from ledger.commands.admissions import (
    AdmitToAssessment,
    AdmitToReassessment,
    AssignAssessor,
    ReplaceAssessor,
)
from ledger.commands.assessments import (
    CorrectUnitResult,
    DeclareConflict,
    Evidence,
    OrderReassessment,
    Recommend,
    RecordCertificationDecision,
    RecordNoShow,
    RecordUnitResult,
    RegisterEvidence,
    UnitResult,
    ViewUnitResults,
)
from ledger.commands.command import Command
from ledger.errors import DomainError
from tests.domain.centre import DOCUMENT, UNITS, Centre, results_of
from tests.domain.desk import new_id


def assign(centre: Centre, assessment: str, assessor: str) -> str:
    return centre.refused("supervisor", AssignAssessor(assessment=assessment, assessor=new_id(assessor)))


# -- admission -------------------------------------------------------------------------------------------


def test_who_completed_the_training_is_admitted_once_to_all_units(centre: Centre) -> None:
    learner, enrolment = centre.trained()
    admitted = centre.give("supervisor", AdmitToAssessment(enrolment=enrolment))["assessment"]
    (event,) = centre.last
    assert dict(event.data) == {
        "learner": learner,
        "enrolment": enrolment,
        "scheme": centre.trade,
        "version": 1,
        "units": list(UNITS),
        "carried": {},
        "attempt": 1,
        "previous": None,
        "renews": False,
    }
    assert centre.assessment(str(admitted)).state == "admitted"
    again = centre.refused("supervisor", AdmitToAssessment(enrolment=enrolment))
    assert again == "ASSESSMENT_STATE_INVALID"


def test_training_must_be_completed(centre: Centre) -> None:
    _, enrolment = centre.trained(complete=False)
    assert centre.refused("supervisor", AdmitToAssessment(enrolment=enrolment)) == "ENROLMENT_STATE_INVALID"


@pytest.mark.parametrize(
    ("jp", "code"), [(31, "ATTENDANCE_BELOW_THRESHOLD"), (32, "nothing: it was accepted")]
)
def test_attendance_reaches_the_threshold(centre: Centre, jp: int, code: str) -> None:
    _, enrolment = centre.trained(jp=jp)  # of 40; the threshold is 80 %
    assert centre.refused("supervisor", AdmitToAssessment(enrolment=enrolment)) == code


def test_what_was_completed_before_a_merge_counts_for_the_survivor(centre: Centre) -> None:
    duplicate, enrolment = centre.trained("Siti C.")
    survivor, _ = centre.trained("Siti Contoh", complete=False)
    centre.merge(duplicate, survivor)
    centre.give("supervisor", AdmitToAssessment(enrolment=enrolment))
    assert centre.last[0].data["learner"] == survivor


def test_a_merged_entry_without_completed_training_is_told_so(centre: Centre) -> None:
    duplicate, enrolment = centre.trained("Siti C.", complete=False)
    survivor, _ = centre.trained("Siti Contoh")
    centre.merge(duplicate, survivor)
    assert centre.refused("supervisor", AdmitToAssessment(enrolment=enrolment)) == "PERSON_MERGED"


def test_nobody_is_admitted_whose_identity_is_destroyed(centre: Centre) -> None:
    learner, enrolment = centre.trained()
    centre.forget(f"learner/{learner}", "identity")
    assert centre.refused("supervisor", AdmitToAssessment(enrolment=enrolment)) == "PERSON_ERASED"


def test_another_body_does_not_admit(centre: Centre) -> None:
    _, enrolment = centre.trained()
    centre.employ("stray supervisor", "assessment_supervisor", centre.blk)
    assert centre.refused("stray supervisor", AdmitToAssessment(enrolment=enrolment)) == "ROLE_FORBIDDEN"
    assert centre.refused("admin", AdmitToAssessment(enrolment=enrolment)) == "ROLE_FORBIDDEN"


def stray(centre: Centre, assessment: str) -> dict[str, Command]:
    """Commands of the body's people that nobody of another organisation gives."""
    return {
        "supervisor": AssignAssessor(assessment=assessment, assessor=new_id("assessor")),
        "supervisor again": ReplaceAssessor(assessment=assessment, assessor=new_id("other assessor")),
        "supervisor corrects": CorrectUnitResult(assessment=assessment, unit="U.1", result="BK"),
        "supervisor orders": OrderReassessment(assessment=assessment, units=["U.1"]),
        "supervisor readmits": AdmitToReassessment(assessment=assessment),
        "decider": RecordCertificationDecision(assessment=assessment),
        "decider orders": OrderReassessment(assessment=assessment, units=["U.1"]),
    }


def test_another_body_has_no_say_in_an_assessment(centre: Centre) -> None:
    assessment = centre.admitted()
    for name in ("supervisor", "decider"):  # they hold the role at the body, and act for the provider
        centre.sit_at(name, centre.blk)
    for name, command in stray(centre, assessment).items():
        assert centre.refused(name.split()[0], command) == "ROLE_FORBIDDEN", name


def test_an_erased_person_is_told_before_the_assessments_state(centre: Centre) -> None:
    assessment = centre.recommended()
    centre.forget(f"learner/{centre.assessment(assessment).learner}", "identity")
    commands = stray(centre, assessment)
    commands.pop("supervisor corrects")  # a record is put right for auditors, whoever it was about
    for name, command in commands.items():
        assert centre.refused(name.split()[0], command) == "PERSON_ERASED", name
    assert centre.refused("assessor", Recommend(assessment=assessment)) == "PERSON_ERASED"


def test_the_state_is_told_before_partiality(centre: Centre) -> None:
    assigned, unassigned = centre.admitted("One Contoh"), centre.admitted("Two Contoh", None)
    again = AssignAssessor(assessment=assigned, assessor=new_id("teaching assessor"))
    replace = ReplaceAssessor(assessment=unassigned, assessor=new_id("teaching assessor"))
    assert centre.refused("supervisor", again) == "ASSESSMENT_STATE_INVALID"
    assert centre.refused("supervisor", replace) == "ASSESSMENT_STATE_INVALID"
    order = OrderReassessment(assessment=centre.recommended(name="Three Contoh"), units=["X.9"])
    assert centre.refused("decider", order) == "ASSESSMENT_STATE_INVALID"


# -- assessors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assessor", "code"),
    [
        ("teaching assessor", "SOD_ASSESSOR_TAUGHT_LEARNER"),
        ("expired assessor", "ASSESSOR_LICENCE_EXPIRED"),
        ("unlicensed", "ASSESSOR_LICENCE_EXPIRED"),
        ("foreign assessor", "ASSESSOR_OUT_OF_SCOPE"),
        ("decider", "ROLE_FORBIDDEN"),
        ("nobody", "UNKNOWN_ID"),
        ("assessor", "nothing: it was accepted"),
    ],
)
def test_who_may_assess(centre: Centre, assessor: str, code: str) -> None:
    assert assign(centre, centre.admitted(assessor=None), assessor) == code


def test_a_licence_holds_through_its_last_day(centre: Centre) -> None:
    centre.employ("until today", "assessor", centre.lsp, licence=("LAS", "2026-03-07"))
    assessment = centre.admitted(assessor=None)
    centre.at("2026-03-07", "23:59")
    assert assign(centre, assessment, "until today") == "nothing: it was accepted"


def test_teaching_is_forgotten_after_the_look_back_period(centre: Centre) -> None:
    assessment = centre.admitted(assessor=None)
    centre.employ("teaches long ago", "assessor", centre.lsp, licence=("LAS", "2099-12-31"), twin="teacher")
    centre.at("2028-03-06")  # the last session was on 6 March 2026, the period is 24 months
    assert assign(centre, assessment, "teaches long ago") == "SOD_ASSESSOR_TAUGHT_LEARNER"
    centre.at("2028-03-07")
    assert assign(centre, assessment, "teaches long ago") == "nothing: it was accepted"


def test_an_exception_lifts_the_rule_for_the_people_it_names(centre: Centre) -> None:
    first, second = centre.admitted("One Contoh", None), centre.admitted("Two Contoh", None)
    centre.lift("SOD_ASSESSOR_TAUGHT_LEARNER", new_id("teaching assessor"), first)
    assert assign(centre, first, "teaching assessor") == "nothing: it was accepted"
    assert assign(centre, second, "teaching assessor") == "SOD_ASSESSOR_TAUGHT_LEARNER"


def test_teaching_another_entry_of_the_person_counts(centre: Centre) -> None:
    trained, _ = centre.trained("Siti C.")
    assessment = centre.admitted("Siti Contoh", assessor=None)
    learner = centre.assessment(assessment).learner
    centre.employ("taught the twin", "assessor", centre.lsp, licence=("LAS", "2026-12-31"), twin="teacher")
    centre.merge(trained, learner)
    assert assign(centre, assessment, "taught the twin") == "SOD_ASSESSOR_TAUGHT_LEARNER"


def test_after_a_conflict_another_goes_on(centre: Centre) -> None:
    assessment = centre.admitted()
    centre.give("assessor", DeclareConflict(assessment=assessment))
    assert centre.refused("assessor", results_of(assessment, {"U.1": "K"})) == "ASSESSMENT_STATE_INVALID"
    back = ReplaceAssessor(assessment=assessment, assessor=new_id("assessor"))
    assert centre.refused("supervisor", back) == "VALUE_INVALID"
    other = ReplaceAssessor(assessment=assessment, assessor=new_id("other assessor"))
    centre.give("supervisor", other)
    assert centre.refused("assessor", results_of(assessment, {"U.1": "K"})) == "ROLE_FORBIDDEN"
    centre.record(assessment, {"U.1": "K"}, by="other assessor")


def test_a_replacement_is_as_impartial_as_the_first(centre: Centre) -> None:
    command = ReplaceAssessor(assessment=centre.admitted(), assessor=new_id("teaching assessor"))
    assert centre.refused("supervisor", command) == "SOD_ASSESSOR_TAUGHT_LEARNER"


# -- evidence and results --------------------------------------------------------------------------------


def test_results_rest_on_evidence_whose_hash_stays_outside_the_log(centre: Centre) -> None:
    assessment = centre.admitted()
    item = Evidence(kind="FORM", sha256=DOCUMENT)
    registered = centre.give("assessor", RegisterEvidence(assessment=assessment, evidence=[item, item]))
    assert registered["evidence"] == [1, 2]
    assert centre.memory.get(f"learner/{centre.assessment(assessment).learner}", "evidence")
    result = UnitResult(unit="U.1", result="K", evidence=[2, item])
    centre.give("assessor", RecordUnitResult(assessment=assessment, results=[result]))
    assert [event.name for event in centre.last] == ["evidence_registered", "unit_result_recorded"]
    assert dict(centre.last[-1].data) == {"unit": "U.1", "result": "K", "evidence": [2, 3]}


@pytest.mark.parametrize(
    ("unit", "evidence", "code"),
    [
        ("X.9", [], "UNIT_NOT_IN_SCHEME"),
        ("U.1", [], "EVIDENCE_MISSING"),  # and recorded already
        ("U.2", [7], "EVIDENCE_MISSING"),
        ("U.1", [1], "VALUE_INVALID"),
        ("U.2", [1], "nothing: it was accepted"),
    ],
)
def test_what_a_result_is_refused_for(centre: Centre, unit: str, evidence: list[int], code: str) -> None:
    assessment = centre.admitted()
    centre.record(assessment, {"U.1": "K"})
    result = UnitResult(unit=unit, result="K", evidence=list(evidence))
    command = RecordUnitResult(assessment=assessment, results=[result])
    assert centre.refused("assessor", command) == code


def test_a_unit_from_elsewhere_later_in_the_list_is_told_first(centre: Centre) -> None:
    assessment = centre.admitted()
    results = [UnitResult(unit="U.1", result="K"), UnitResult(unit="X.9", result="K")]
    command = RecordUnitResult(assessment=assessment, results=results)
    assert centre.refused("assessor", command) == "UNIT_NOT_IN_SCHEME"


def test_a_licence_that_ended_meanwhile_records_nothing(centre: Centre) -> None:
    assessment = centre.admitted()
    centre.at("2027-01-01")
    assert centre.refused("assessor", results_of(assessment, {"U.1": "K"})) == "ASSESSOR_LICENCE_EXPIRED"


def test_paper_from_before_the_licence_ended_may_be_entered_after(centre: Centre) -> None:
    assessment = centre.admitted()
    centre.at("2027-01-02")
    work = centre.work("assessor")
    work.occurred_at(datetime(2026, 12, 31, 3, tzinfo=UTC))
    results_of(assessment, {"U.1": "K"}).decide(work)
    assert work.finish().events[-1].occurred_at == "2026-12-31T03:00:00Z"


def test_only_the_assigned_assessor_records(centre: Centre) -> None:
    assessment = centre.admitted()
    for command in (
        results_of(assessment, {"U.1": "K"}),
        RegisterEvidence(assessment=assessment, evidence=[Evidence(kind="FORM", sha256=DOCUMENT)]),
        RecordNoShow(assessment=assessment),
        Recommend(assessment=assessment),
        DeclareConflict(assessment=assessment),
    ):
        assert centre.refused("other assessor", command) == "ROLE_FORBIDDEN"
        assert centre.refused("liaison", command) == "ROLE_FORBIDDEN"


def test_nothing_is_recorded_before_an_assessor_is_assigned(centre: Centre) -> None:
    assessment = centre.admitted(assessor=None)
    assert centre.refused("assessor", results_of(assessment, {"U.1": "K"})) == "ASSESSMENT_STATE_INVALID"


def test_a_recommendation_needs_every_unit(centre: Centre) -> None:
    assessment = centre.admitted()
    centre.record(assessment, {"U.1": "K", "U.2": "K"})
    assert centre.refused("assessor", Recommend(assessment=assessment)) == "DECISION_INCOMPLETE"


# -- decision --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "rule", "least", "earned"),
    [
        ("K K K", "ALL_UNITS", None, True),
        ("K BK K", "ALL_UNITS", None, False),
        ("K BK K", "CLUSTER", 2, True),
        ("BK BK K", "CLUSTER", 2, False),
    ],
)
def test_the_decision_says_whether_the_award_is_earned(
    results: str, rule: str, least: int | None, earned: bool
) -> None:
    centre = Centre(award_rule=rule, min_units=least)
    assessment = centre.recommended(results)
    told = centre.give("decider", RecordCertificationDecision(assessment=assessment, plenary="1/PLENO/2026"))
    assert told["award"] is earned
    assert dict(centre.last[-1].data) == {
        "results": dict(zip(UNITS, results.split(), strict=True)),
        "panel": [new_id("decider")],
        "plenary": "1/PLENO/2026",
        "award": earned,
    }


@pytest.mark.parametrize("by", ["assessor decides", "teacher decides"])
def test_a_decider_neither_assessed_nor_taught_under_any_account(centre: Centre, by: str) -> None:
    assessment = centre.recommended()
    alone = RecordCertificationDecision(assessment=assessment)
    assert centre.refused(by, alone) == "SOD_DECIDER_ASSESSED"
    on_panel = RecordCertificationDecision(assessment=assessment, panel=(new_id(by),))
    assert centre.refused("decider", on_panel) == "SOD_DECIDER_ASSESSED"
    with pytest.raises(DomainError, match="never lifted"):
        centre.lift("SOD_DECIDER_ASSESSED", new_id(by), assessment)


def test_having_taught_years_ago_still_keeps_from_deciding(centre: Centre) -> None:
    assessment = centre.recommended()
    centre.at("2030-01-01")
    command = RecordCertificationDecision(assessment=assessment)
    assert centre.refused("teacher decides", command) == "SOD_DECIDER_ASSESSED"


def test_every_member_of_the_panel_is_a_decider_of_the_body(centre: Centre) -> None:
    assessment = centre.recommended()
    centre.employ("stray decider", "certification_decider", centre.blk)
    for member in ("stray decider", "certifier"):
        command = RecordCertificationDecision(assessment=assessment, panel=(new_id(member),))
        assert centre.refused("decider", command) == "ROLE_FORBIDDEN"
    command = RecordCertificationDecision(
        assessment=assessment, panel=(new_id("second decider"), new_id("decider"))
    )
    centre.give("decider", command)
    assert centre.last[-1].data["panel"] == [new_id("decider"), new_id("second decider")]


@pytest.mark.parametrize(
    ("units", "code"),
    [
        (["U.1"], "DECISION_INCOMPLETE"),
        ([], "DECISION_INCOMPLETE"),
        (["U.1", "X.9"], "UNIT_NOT_IN_SCHEME"),
        (["U.3", "U.2", "U.1"], "nothing: it was accepted"),
    ],
)
def test_the_decision_is_on_all_units(centre: Centre, units: list[str], code: str) -> None:
    command = RecordCertificationDecision(assessment=centre.recommended(), units=units)
    assert centre.refused("decider", command) == code


def test_a_decision_needs_a_recommendation_and_comes_once(centre: Centre) -> None:
    assessment = centre.admitted()
    command = RecordCertificationDecision(assessment=assessment)
    assert centre.refused("assessor decides", command) == "ASSESSMENT_STATE_INVALID"
    decided = centre.decided(name="Another Contoh")
    again = RecordCertificationDecision(assessment=decided)
    assert centre.refused("decider", again) == "ASSESSMENT_STATE_INVALID"


def test_what_is_asked_says_whether_it_is_decided(centre: Centre) -> None:
    assessment = centre.recommended()
    query = ViewUnitResults(assessment=assessment)
    told = query.answer(centre.work("supervisor"))
    assert (told["state"], told["decided"], told["award"]) == ("recommended", False, None)
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    told = query.answer(centre.work("supervisor"))
    assert (told["state"], told["decided"], told["award"]) == ("decided", True, True)


def test_a_correction_after_the_decision_is_decided_again(centre: Centre) -> None:
    assessment = centre.decided()
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.2", result="BK"))
    assert centre.assessment(assessment).state == "recommended"
    told = centre.give("decider", RecordCertificationDecision(assessment=assessment))
    assert told["award"] is False


# -- further attempts ------------------------------------------------------------------------------------


def test_only_what_is_not_yet_competent_is_assessed_again(centre: Centre) -> None:
    first = centre.decided("K BK K")
    second = str(centre.give("supervisor", AdmitToReassessment(assessment=first))["assessment"])
    data = centre.last[0].data
    assert (data["units"], data["carried"]) == (["U.2"], {"U.1": "K", "U.3": "K"})
    assert (data["attempt"], data["previous"]) == (2, first)
    centre.assign(second, "assessor")  # without an appeal the same assessor may go on
    assert centre.refused("assessor", results_of(second, {"U.1": "K"})) == "UNIT_NOT_IN_SCHEME"
    centre.record(second, {"U.2": "K"})
    centre.give("assessor", Recommend(assessment=second))
    decide = RecordCertificationDecision(assessment=second, units=["U.2"])
    assert centre.give("decider", decide)["award"] is True
    assert centre.last[-1].data["results"] == dict.fromkeys(("U.1", "U.3", "U.2"), "K")


def test_one_attempt_follows_another(centre: Centre) -> None:
    first = centre.decided("K BK K")
    centre.give("supervisor", AdmitToReassessment(assessment=first))
    again = centre.refused("supervisor", AdmitToReassessment(assessment=first))
    assert again == "ASSESSMENT_STATE_INVALID"


def test_nothing_to_reassess(centre: Centre) -> None:
    decided, open_ = centre.decided(), centre.recommended("K BK K", "Another Contoh")
    for assessment in (decided, open_):
        refused = centre.refused("supervisor", AdmitToReassessment(assessment=assessment))
        assert refused == "ASSESSMENT_STATE_INVALID"


def test_units_may_be_ordered_again_after_the_decision(centre: Centre) -> None:
    assessment = centre.decided()
    centre.give("decider", OrderReassessment(assessment=assessment, units=["U.3"]))
    centre.give("supervisor", AdmitToReassessment(assessment=assessment))
    assert centre.last[0].data["units"] == ["U.3"]
    assert centre.last[0].data["carried"] == {"U.1": "K", "U.2": "K"}
    unknown = OrderReassessment(assessment=assessment, units=["X.9"])
    assert centre.refused("decider", unknown) == "UNIT_NOT_IN_SCHEME"


def test_who_did_not_come_is_assessed_on_everything_later(centre: Centre) -> None:
    assessment = centre.admitted()
    centre.give("assessor", RecordNoShow(assessment=assessment))
    assert centre.assessment(assessment).state == "final"
    centre.give("supervisor", AdmitToReassessment(assessment=assessment))
    assert centre.last[0].data["units"] == list(UNITS)


def test_a_decider_who_assessed_an_earlier_attempt_is_refused(centre: Centre) -> None:
    first = centre.decided("K BK K")
    second = str(centre.give("supervisor", AdmitToReassessment(assessment=first))["assessment"])
    centre.assign(second, "other assessor")
    centre.record(second, {"U.2": "K"}, by="other assessor")
    centre.give("other assessor", Recommend(assessment=second))
    command = RecordCertificationDecision(assessment=second)
    assert centre.refused("assessor decides", command) == "SOD_DECIDER_ASSESSED"


# -- who sees results ------------------------------------------------------------------------------------


def ask(centre: Centre, name: str, assessment: str) -> object:
    try:
        return ViewUnitResults(assessment=assessment).answer(centre.work(name))["results"]
    except DomainError as error:
        return error.code


def test_facility_staff_see_results_once_decided_and_of_their_site_only(centre: Centre) -> None:
    assessment = centre.recommended("K BK K")
    results = {"U.1": "K", "U.2": "BK", "U.3": "K"}
    assert ask(centre, "supervisor", assessment) == results
    for name in ("liaison", "approver"):
        assert ask(centre, name, assessment) == "ROLE_FORBIDDEN"
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    centre.hire("other liaison", "correctional_liaison", centre.elsewhere)
    assert ask(centre, "liaison", assessment) == results
    assert ask(centre, "other liaison", assessment) == "ROLE_FORBIDDEN"
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.2", result="K"))
    assert ask(centre, "liaison", assessment) == "ROLE_FORBIDDEN"
