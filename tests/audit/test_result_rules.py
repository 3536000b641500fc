"""Rules about results, corrections, decisions and what is ordered again, each part broken alone."""

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.scribe import Said, an_id
from tests.audit.village import BLK, LSP, Village, s

case = Cases()
MIXED = {"U.1": "K", "U.2": "BK"}


@pytest.mark.parametrize("each", case, ids=str)
def test_a_result(each: Case) -> None:
    each.check()


def assigned(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")


def correct(v: Village, unit: str, result: str, corrects: str | None, of: str = "ana") -> None:
    data = {"unit": unit, "result": result, "corrects": corrects}
    v.assessment(of, "unit_result_corrected", "supervisor", **data)


def order(v: Village, *units: str, of: str = "ana") -> None:
    v.assessment(of, "reassessment_ordered", "supervisor", units=list(units), appeal=None)


def of_another_body(v: Village) -> None:
    v.people["supervisor"] = ("assessment_supervisor", BLK)


def failed(v: Village) -> None:
    """A first attempt that was decided, with U.2 not yet competent, and the next one admitted."""
    v.assess("ana", "BK")
    v.decide("ana", MIXED)
    v.admit("next", learner="ana", previous=an_id("ana"), attempt=2, units=["U.2"], carried={"U.1": "K"})
    v.assign("next")


# -- results -----------------------------------------------------------------------------------------------------------


@case("trained", "EVIDENCE_MISSING@1", "EVIDENCE_MISSING: the unit U.1 rests on [2] of 1")
def evidence_that_skips_two_numbers(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana", 3)
    v.result("ana", "U.1", evidence=[2])


@case("trained", "EVIDENCE_MISSING@1")
def evidence_with_a_number_that_was_given(v: Village) -> None:
    assigned(v)
    v.evidence("ana", 2)
    v.evidence("ana", 1)
    v.result("ana", "U.1", evidence=[1, 2])


@case("trained", "EVIDENCE_MISSING")
def a_result_on_evidence_zero(v: Village) -> None:
    assigned(v)
    v.result("ana", "U.1", evidence=[0])


@case("trained", "EVIDENCE_MISSING")
def a_result_on_some_evidence_that_is_not(v: Village) -> None:
    assigned(v)
    v.result("ana", "U.1", evidence=[1, 2])


@case("trained", "UNIT_NOT_IN_SCHEME")
def a_result_in_a_unit_that_was_carried(v: Village) -> None:
    failed(v)
    v.evidence("next")
    v.result("next", "U.9")


@case("trained", "UNIT_NOT_IN_SCHEME", "RESULT_INVALID")
def a_second_result_in_a_unit_that_was_carried(v: Village) -> None:
    failed(v)
    v.evidence("next")
    v.result("next", "U.1")


@case("trained", "ADMISSION_INVALID@2", "DECISION_INCOMPLETE")
def a_recommendation_of_nothing(v: Village) -> None:
    v.admit("ana", units=[])
    v.assign("ana")
    v.assessment("ana", "recommended", results={})


@case("trained", "DECISION_INCOMPLETE")
def a_recommendation_of_another_result(v: Village) -> None:
    assigned(v)
    v.result("ana", "U.1")
    v.result("ana", "U.2")
    v.assessment("ana", "recommended", results=MIXED)


@case("trained")
def a_recommendation_of_what_was_assessed_again(v: Village) -> None:
    failed(v)
    v.evidence("next")
    v.result("next", "U.2")
    v.assessment("next", "recommended", results={"U.2": "K"})


@case("trained", "DECISION_INCOMPLETE")
def a_recommendation_of_what_was_carried_too(v: Village) -> None:
    failed(v)
    v.evidence("next")
    v.result("next", "U.2")
    v.assessment("next", "recommended", results={"U.1": "K", "U.2": "K"})


# -- corrections -------------------------------------------------------------------------------------------------------


@case("trained")
def a_correction(v: Village) -> None:
    v.assess("ana")
    correct(v, "U.1", "BK", v.results["ana", "U.1"])


@case("trained", "ORG_FORBIDDEN")
def a_correction_by_another_body(v: Village) -> None:
    v.assess("ana")
    of_another_body(v)
    correct(v, "U.1", "BK", v.results["ana", "U.1"])


@case("trained", "RESULT_INVALID: the unit U.1 was corrected from K to K")
def a_correction_that_changes_nothing(v: Village) -> None:
    v.assess("ana")
    correct(v, "U.1", "K", v.results["ana", "U.1"])


@case("trained", "RESULT_INVALID")
def a_correction_of_no_entry_where_there_is_one(v: Village) -> None:
    v.assess("ana")
    correct(v, "U.1", "BK", None)


@case("trained", "RESULT_INVALID: the unit U.9 was corrected from nothing to K")
def a_correction_where_there_is_no_result(v: Village) -> None:
    v.assess("ana")
    correct(v, "U.9", "K", None)


@case("trained", "RESULT_INVALID")
def a_second_correction_of_the_first_entry(v: Village) -> None:
    v.assess("ana")
    correct(v, "U.1", "BK", v.results["ana", "U.1"])
    correct(v, "U.1", "K", v.results["ana", "U.1"])


@case("trained")
def a_correction_of_what_was_carried(v: Village) -> None:
    failed(v)
    v.evidence("next")
    correct(v, "U.1", "BK", None, "next")


@case("trained", "RESULT_INVALID")
def a_correction_of_what_was_carried_that_names_the_old_entry(v: Village) -> None:
    failed(v)
    v.evidence("next")
    correct(v, "U.1", "BK", v.results["ana", "U.1"], "next")


@case("decided")
def a_decision_on_what_was_corrected(v: Village) -> None:
    correct(v, "U.1", "BK", v.results["ana", "U.1"])
    v.decide("ana", {"U.1": "BK", "U.2": "K"})


@case("decided", "ASSESSMENT_STATE_INVALID")
def a_second_decision_on_what_was_not_corrected(v: Village) -> None:
    v.decide("ana")


@case("trained", "ASSESSMENT_STATE_INVALID")
def a_decision_before_the_recommendation_though_a_result_was_corrected(v: Village) -> None:
    assigned(v)
    v.result("ana", "U.1")
    v.result("ana", "U.2")
    correct(v, "U.1", "BK", v.results["ana", "U.1"])
    v.decide("ana", {"U.1": "BK", "U.2": "K"})


@case("decided", "RESULT_INVALID: the unit U.9 was changed from nothing", "REMEDY_WRONG")
def reopened_where_there_is_no_result(v: Village) -> None:
    v.assessment("ana", "reopened", "panel", appeal=an_id("a"), unit="U.9", result="K")


# -- decisions ---------------------------------------------------------------------------------------------------------


@case("trained", "ORG_FORBIDDEN", "ROLE_FORBIDDEN")
def decided_at_another_body(v: Village) -> None:
    v.assess("ana")
    v.people["decider"] = ("certification_decider", BLK)
    v.decide("ana")


@case("trained", "ROLE_FORBIDDEN")
def decided_by_somebody_without_the_role(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", who=newcomer(v, "certification_decider", LSP))


@case("trained", "ASSESSMENT_STATE_INVALID", "UNKNOWN_ID: there is no scheme ", "DECISION_INCOMPLETE")
def decided_before_admission(v: Village) -> None:
    v.decide("ana")


@case(
    "trained", "DECISION_INCOMPLETE@1", "DECISION_INCOMPLETE", "DECISION_INCOMPLETE: it leaves out U.2, U.3"
)
def decided_without_two_units(v: Village) -> None:
    three(v)
    v.assess("ana", scheme=an_id("three"), enrolment=None, renews=True, units=["U.1", "U.2", "U.3"])
    v.decide("ana", {"U.1": "K"}, award=False)


@case("trained", "DECISION_INCOMPLETE")
def decided_with_another_unit(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", {"U.1": "K", "U.2": "K", "U.3": "K"})


@case("trained", "AWARD_WRONG: award is False, the rule says True")
def an_award_that_is_withheld(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", award=False)


@case("trained", "AWARD_WRONG: award is True, the rule says False")
def an_award_that_was_not_earned(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", MIXED, award=True)


def three(v: Village) -> None:
    """A scheme of three units."""
    v.scheme("three", approved=False, total_jp=24)
    v.by("admin", Said(s("scheme", "three"), "scheme.unit_added", v.unit("U.3")))
    v.approve_scheme("three")


# -- ordered again -----------------------------------------------------------------------------------------------------


@case("decided")
def all_units_ordered_again(v: Village) -> None:
    order(v, "U.1", "U.2")


@case("decided", "REASSESSMENT_INVALID: the units U.1, U.1")
def one_unit_ordered_twice(v: Village) -> None:
    order(v, "U.1", "U.1")


@case("decided", "REASSESSMENT_INVALID")
def a_unit_ordered_that_was_not_assessed(v: Village) -> None:
    order(v, "U.1", "U.9")


@case("trained")
def a_unit_ordered_that_was_carried(v: Village) -> None:
    failed(v)
    v.evidence("next")
    v.result("next", "U.2")
    v.assessment("next", "recommended", results={"U.2": "K"})
    order(v, "U.1", of="next")


@case("trained", "DECISION_INCOMPLETE@1")
def a_unit_ordered_that_has_no_result(v: Village) -> None:
    assigned(v)
    v.result("ana", "U.1")
    v.assessment("ana", "recommended", results={"U.1": "K"})
    order(v, "U.2")


@case("decided", "ORG_FORBIDDEN")
def ordered_by_another_body(v: Village) -> None:
    of_another_body(v)
    order(v, "U.1")


@case("decided", "ROLE_FORBIDDEN", "REMEDY_WRONG")
def ordered_by_a_supervisor_for_an_appeal(v: Village) -> None:
    v.assessment("ana", "reassessment_ordered", "supervisor", units=["U.1"], appeal=an_id("a"))


@case("trained", "UNKNOWN_ID@7", "UNKNOWN_ID@6", "UNKNOWN_ID@4", "UNKNOWN_ID@3", "UNKNOWN_ID@1", "UNKNOWN_ID")
def in_a_scheme_that_is_not_known(v: Village) -> None:
    v.assess("ana", scheme=an_id("none"), enrolment=None, renews=True)
    v.decide("ana")
    order(v, "U.1")
