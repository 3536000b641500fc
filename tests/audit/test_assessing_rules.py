"""Rules about assessors, results and decisions, each part broken alone, and the last thing that is right."""

from collections.abc import Callable

import pytest

from tests.audit.broken_assessing import exception
from tests.audit.broken_privacy import erase, merge
from tests.audit.following import Case, Cases, westward
from tests.audit.scribe import an_id
from tests.audit.village import BLK, LSP, Village

case = Cases()
MIXED = {"U.1": "K", "U.2": "BK"}


@pytest.mark.parametrize("each", case, ids=str)
def test_assessing(each: Case) -> None:
    each.check()


def assigned(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")


def of_another_body(v: Village) -> None:
    v.people["supervisor"] = ("assessment_supervisor", BLK)


# -- assessors ---------------------------------------------------------------------------------------------------------


@case("trained", "ORG_FORBIDDEN")
def assigned_by_another_body(v: Village) -> None:
    v.admit("ana")
    of_another_body(v)
    v.assign("ana")


@case("trained", "UNKNOWN_ID@1")
def assigned_for_a_person_who_is_not_known(v: Village) -> None:
    v.admit("ana", learner="nobody", enrolment=an_id("ana"))
    v.assign("ana")


@case("trained", "UNKNOWN_ID@1", "UNKNOWN_ID")
def assigned_in_a_scheme_that_is_not_known(v: Village) -> None:
    v.admit("ana", scheme=an_id("none"), enrolment=None, renews=True)
    v.assign("ana")


def taught_until(v: Village, day: str, hour: int = 1) -> None:
    """The teacher, who taught on the 10th and 11th of March 2031, assesses on a day."""
    westward(v)
    v.grant("teacher", "assessor", LSP)
    v.licence("teacher")
    v.admit("ana")
    v.set_day(day, hour)
    v.assign("ana", "teacher")


@case("trained", "SOD_ASSESSOR_TAUGHT_LEARNER")
def a_teacher_two_years_to_the_day_after_the_last_session(v: Village) -> None:
    taught_until(v, "2033-03-11")


@case("trained")
def a_teacher_two_years_and_a_day_after_the_last_session(v: Village) -> None:
    taught_until(v, "2033-03-12")


@case("trained")
def a_teacher_after_two_years_by_some_clock(v: Village) -> None:
    taught_until(v, "2033-03-11", 16)


def excepted(v: Village, matter: str) -> None:
    """The teacher assesses, by an exception for that and for a matter."""
    v.grant("teacher", "assessor", LSP)
    v.licence("teacher")
    v.learner("ana double")
    merge(v, "ana double", "ana")
    exception(v, "SOD_ASSESSOR_TAUGHT_LEARNER", "teacher", matter)
    v.admit("attempt", learner="ana")
    v.assign("attempt", "teacher")


@case("trained", "EXCEPTION_USED")
def an_exception_for_the_assessment(v: Village) -> None:
    excepted(v, "attempt")


@case("trained", "EXCEPTION_USED")
def an_exception_for_the_learner(v: Village) -> None:
    excepted(v, "ana")


@case("trained", "EXCEPTION_USED")
def an_exception_for_a_merged_entry_of_the_learner(v: Village) -> None:
    excepted(v, "ana double")


@case("trained", "SOD_ASSESSOR_TAUGHT_LEARNER")
def an_exception_for_another_learner(v: Village) -> None:
    excepted(v, "budi")


@case("trained")
def on_the_last_day_of_the_licence(v: Village) -> None:
    v.licence("assessor", until="2031-03-14")
    v.admit("ana")
    v.assign("ana")


@case("trained", "ASSESSOR_LICENCE_EXPIRED")
def on_the_day_after_the_last_of_the_licence(v: Village) -> None:
    v.licence("assessor", until="2031-03-13")
    v.admit("ana")
    v.assign("ana")


@case("trained")
def on_the_last_day_of_the_licence_by_some_clock(v: Village) -> None:
    westward(v)
    v.licence("assessor", until="2031-03-14")
    v.admit("ana")
    v.set_day("2031-03-14", 16)
    v.assign("ana")


@case("trained", "ASSESSOR_LICENCE_EXPIRED")
def a_result_after_the_licence_has_ended(v: Village) -> None:
    assigned(v)
    v.licence("assessor", until="2031-03-13")
    v.result("ana", "U.1")


@case("trained", "ASSESSOR_OUT_OF_SCOPE")
def a_result_outside_the_licence(v: Village) -> None:
    assigned(v)
    v.licence("assessor", scope=("COOKING",))
    v.result("ana", "U.1")


@case("trained", "ROLE_FORBIDDEN", "ASSESSOR_LICENCE_EXPIRED")
def assigning_somebody_unknown(v: Village) -> None:
    v.admit("ana")
    v.assign("ana", "nobody")


# -- only the assigned one assesses ------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Village, str], object]] = {
    "conflict_declared": lambda v, who: v.assessment("ana", "conflict_declared", who),
    "evidence_registered": lambda v, who: v.evidence("ana", 2, who),
    "unit_result_recorded": lambda v, who: v.result("ana", "U.1", who=who),
    "recommended": lambda v, who: v.assessment("ana", "recommended", who, results=MIXED),
    "no_show_recorded": lambda v, who: v.assessment("ana", "no_show_recorded", who),
}


def acting(act: str, before: Callable[[Village], object], who: str) -> Callable[[Village], None]:
    def go(v: Village) -> None:
        v.admit("ana")
        v.assign("ana")
        if act != "no_show_recorded":
            v.evidence("ana")
        if act == "recommended":
            v.result("ana", "U.1")
            v.result("ana", "U.2", "BK")
        before(v)
        ACTS[act](v, who)

    return go


@pytest.mark.parametrize("act", ACTS)
def test_only_the_assigned_one_acts(act: str) -> None:
    Case("trained", acting(act, lambda _v: None, "assessor"), ()).check()
    Case("trained", acting(act, lambda _v: None, "other assessor"), ("ASSESSOR_NOT_ASSIGNED",)).check()


@pytest.mark.parametrize("act", ACTS)
def test_nobody_assesses_whose_data_are_gone(act: str) -> None:
    Case(
        "trained", acting(act, lambda v: erase(v, "ana", "identity"), "assessor"), ("PERSON_ERASED",)
    ).check()


@case("trained", "PERSON_ERASED")
def deciding_on_whose_data_are_gone(v: Village) -> None:
    v.assess("ana")
    erase(v, "ana", "identity")
    v.decide("ana")


@case("trained", "ASSESSOR_NOT_ASSIGNED")
def evidence_before_anybody_was_assigned(v: Village) -> None:
    v.admit("ana")
    v.evidence("ana")


@case("trained", "ASSESSOR_NOT_ASSIGNED@1", "ASSESSOR_NOT_ASSIGNED")
def a_result_before_anybody_was_assigned(v: Village) -> None:
    v.admit("ana")
    v.evidence("ana")
    v.result("ana", "U.1")


@case("trained", "ASSESSOR_NOT_ASSIGNED@1")
def a_conflict_before_anybody_was_assigned(v: Village) -> None:
    v.admit("ana")
    v.assessment("ana", "conflict_declared")
    v.assign("ana")
