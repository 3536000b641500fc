"""Rules about who is admitted to an assessment, each part broken alone, and the last thing that is right."""

from typing import Any

import pytest

from tests.audit.broken_privacy import erase, merge
from tests.audit.following import Case, Cases
from tests.audit.scribe import an_id
from tests.audit.village import BLK, Village

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_an_admission(each: Case) -> None:
    each.check()


def half(v: Village, threshold: int, **plan: Any) -> None:
    """A cohort with this threshold, in which ana attends one of two equal sessions."""
    v.set_day("2031-03-05")
    v.programme("half", min_attendance_pct=threshold)
    v.plan(programme=an_id("half"), threshold=threshold, **plan)
    v.sessions()
    v.cohort("cohort", "enrolment_opened")
    v.learner("ana")
    v.apply("ana")
    v.seat("ana", 1)
    v.set_day("2031-03-10", 9)
    v.cohort("cohort", "started")
    v.attend("ana")
    v.complete("ana", 8)


# -- after the training ------------------------------------------------------------------------------------------------


@case("planned")
def with_just_enough_attendance(v: Village) -> None:
    half(v, 50)
    v.admit("ana")


@case("planned", "ATTENDANCE_BELOW_THRESHOLD")
def with_a_percent_too_little_attendance(v: Village) -> None:
    half(v, 51)
    v.admit("ana")


@case("trained", "ATTENDANCE_BELOW_THRESHOLD")
def closed_for_another_reason_than_completion(v: Village) -> None:
    v.enrolment("ana", "closed", reason="DECEASED")
    v.admit("ana")


@case("trained")
def closed_as_completed(v: Village) -> None:
    v.enrolment("ana", "closed", reason="COMPLETED")
    v.admit("ana")


@case("running", "ATTENDANCE_BELOW_THRESHOLD")
def not_completed(v: Village) -> None:
    v.attend("ana")
    v.admit("ana")


@case("trained", "UNKNOWN_ID")
def after_a_training_that_is_not_known(v: Village) -> None:
    v.admit("ana", enrolment=an_id("none"))


@case("trained", "UNKNOWN_ID@1")
def after_an_enrolment_in_no_cohort(v: Village) -> None:
    v.apply("ana", "none", enrolment="stray")
    v.admit("ana", enrolment=an_id("stray"))


@case("open", "UNKNOWN_ID@1", "ATTENDANCE_BELOW_THRESHOLD")
def after_an_enrolment_of_nobody(v: Village) -> None:
    v.apply("nobody")
    v.admit("ana", enrolment=an_id("nobody"))


@case("trained", "UNKNOWN_ID")
def a_person_who_is_not_known(v: Village) -> None:
    v.admit("ana", learner="nobody", enrolment=an_id("ana"))


@case("trained", "ADMISSION_INVALID")
def after_another_persons_training(v: Village) -> None:
    v.admit("ana", enrolment=an_id("budi"))


@case("trained")
def under_an_entry_that_was_merged(v: Village) -> None:
    v.learner("ana double")
    merge(v, "ana double", "ana")
    v.admit("first", learner="ana double", enrolment=an_id("ana"))


@case("trained", "PERSON_ERASED")
def somebody_who_was_erased(v: Village) -> None:
    erase(v, "ana", "identity")
    v.admit("ana")


@case("trained", "ADMISSION_INVALID")
def a_second_first_attempt(v: Village) -> None:
    v.admit("first", learner="ana")
    v.admit("second", learner="ana")


@case("trained", "ADMISSION_INVALID")
def a_second_first_attempt_under_another_entry(v: Village) -> None:
    v.admit("first", learner="ana")
    v.learner("ana double")
    merge(v, "ana double", "ana")
    v.admit("second", learner="ana double", enrolment=an_id("ana"))


@case("trained")
def two_people_after_one_training(v: Village) -> None:
    v.admit("ana")
    v.admit("budi")


@case("trained", "ASSESSMENT_STATE_INVALID")
def one_attempt_admitted_twice(v: Village) -> None:
    v.admit("ana")
    v.admit("ana")


@case("trained")
def after_each_of_two_trainings(v: Village) -> None:
    v.plan("second", start="2031-03-17", end="2031-03-21")
    v.sessions("second", ("2031-03-17", "2031-03-18"))
    v.cohort("second", "enrolment_opened")
    v.apply("ana", "second", enrolment="ana anew")
    v.seat("ana anew", 1)
    v.set_day("2031-03-18", 9)
    v.cohort("second", "started")
    for session in (1, 2):
        v.attend("ana anew", session)
    v.complete("ana anew")
    v.admit("first", learner="ana")
    v.admit("second", learner="ana", enrolment=an_id("ana anew"))


@case("trained", "ADMISSION_INVALID")
def a_renewal_after_a_training(v: Village) -> None:
    v.admit("ana", renews=True)


@case("trained", "ADMISSION_INVALID")
def a_first_attempt_called_the_second(v: Village) -> None:
    v.admit("ana", attempt=2)


@case("trained", "ADMISSION_INVALID")
def a_first_attempt_that_brings_a_result(v: Village) -> None:
    v.admit("ana", carried={"U.1": "K"})


@case("trained", "UNKNOWN_ID", "ADMISSION_INVALID")
def in_a_version_that_is_not(v: Village) -> None:
    v.admit("ana", version=2)


@case("trained", "ADMISSION_INVALID")
def in_another_version_than_was_taught(v: Village) -> None:
    v.scheme(version=2)
    v.admit("ana", version=2)


@case("trained", "ADMISSION_INVALID")
def at_some_units(v: Village) -> None:
    v.admit("ana", units=["U.1"])


@case("trained")
def at_the_units_in_another_order(v: Village) -> None:
    v.admit("ana", units=["U.2", "U.1"])


@case("trained", "ORG_FORBIDDEN")
def by_another_body(v: Village) -> None:
    v.people["supervisor"] = ("assessment_supervisor", BLK)
    v.admit("ana")


@case(
    "planned",
    "PROGRAMME_NOT_READY@12",
    "UNKNOWN_ID@12",
    "UNKNOWN_ID@9",
    "UNKNOWN_ID@1",
    "COMPLETION_WRONG@1",
    "UNKNOWN_ID",
)
def after_a_training_in_a_version_that_is_not(v: Village) -> None:
    half(v, 50, version=9)
    v.admit("ana", version=9)


# -- for a renewal -----------------------------------------------------------------------------------------------------


def renewal(v: Village, **changes: Any) -> None:
    v.admit("renewal", learner="ana", **({"enrolment": None, "renews": True} | changes))


@case("trained")
def for_a_renewal(v: Village) -> None:
    renewal(v, units=["U.2", "U.1"])


@case("trained", "ADMISSION_INVALID")
def neither_for_a_renewal_nor_after_a_training(v: Village) -> None:
    renewal(v, renews=False)


@case("trained", "ADMISSION_INVALID")
def for_a_renewal_at_some_units(v: Village) -> None:
    renewal(v, units=["U.1"])


@case("trained", "ADMISSION_INVALID")
def for_a_renewal_as_the_second_attempt(v: Village) -> None:
    renewal(v, attempt=2)


@case("trained", "ADMISSION_INVALID")
def for_a_renewal_as_no_attempt(v: Village) -> None:
    renewal(v, attempt=0)


@case("trained", "ADMISSION_INVALID")
def for_a_renewal_with_a_result_brought_along(v: Village) -> None:
    renewal(v, carried={"U.1": "K"})


@case("trained", "UNKNOWN_ID")
def for_a_renewal_in_a_version_that_is_not(v: Village) -> None:
    renewal(v, version=2, units=["U.9"])


@case("trained", "UNKNOWN_ID", "ADMISSION_INVALID")
def for_no_renewal_in_a_version_that_is_not(v: Village) -> None:
    renewal(v, version=2, renews=False)
