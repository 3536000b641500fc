"""Rules about hours at their edges: attendance, its correction, recognised units, what a completion says."""

from typing import Any

import pytest

from tests.audit.enrolling import again, correct, credit, elsewhere, move, second
from tests.audit.following import Case, Cases, westward
from tests.audit.scribe import a_hash, an_id
from tests.audit.village import Village, s

case = Cases()
ANA = s("enrolment", "ana")
FIRST, SECOND = "2031-03-10", "2031-03-11"


@pytest.mark.parametrize("each", case, ids=str)
def test_hours(each: Case) -> None:
    each.check()


# -- attendance --------------------------------------------------------------------------------------------------------


@case("running")
def as_many_hours_as_the_session_has(v: Village) -> None:
    v.attend("ana", jp=8)


@case("running", "ATTENDANCE_EXCEEDS_SESSION: 9 JP of 8")
def an_hour_more_than_the_session_has(v: Village) -> None:
    v.attend("ana", jp=9)


@case("running")
def two_sessions_in_either_order(v: Village) -> None:
    v.set_day(SECOND)
    v.attend("ana", 2)
    v.attend("ana", 1)


@case("running", "ATTENDANCE_INVALID: session 2 was recorded before")
def a_session_recorded_twice_with_another_between(v: Village) -> None:
    v.set_day(SECOND)
    v.attend("ana", 2, jp=0)
    v.attend("ana", 1)
    v.attend("ana", 2)


@case("running")
def recorded_when_the_sessions_day_has_begun_in_one_zone_only(v: Village) -> None:
    westward(v)
    v.set_day(FIRST, 16)
    v.attend("ana", 2)


@case("running", "ATTENDANCE_INVALID: recorded before the session of 2031-03-11")
def recorded_an_hour_before_the_sessions_day(v: Village) -> None:
    v.set_day(FIRST, 15)
    v.attend("ana", 2)


@case("running")
def recorded_after_the_cohort_was_closed(v: Village) -> None:
    v.cohort("cohort", "closed")
    v.attend("ana")


@case("open", f"COHORT_NOT_OPEN: {s('cohort', 'cohort')} is open")
def recorded_before_the_cohort_started(v: Village) -> None:
    v.seat("ana", 1)
    v.set_day(FIRST)
    v.attend("ana")


@case("running", "ROLE_FORBIDDEN: recorded by nobody who is an instructor of this cohort")
def recorded_by_another_instructor(v: Village) -> None:
    v.attend("ana", who="second teacher")


@case("running")
def recorded_by_the_second_account_of_its_instructor(v: Village) -> None:
    v.attend("ana", who=again(v))


@case("running", "SESSION_NOT_SCHEDULED: session 3 of " + s("cohort", "cohort"))
def recorded_of_no_session(v: Village) -> None:
    v.attend("ana", 3)


@case("running", "SESSION_NOT_SCHEDULED")
def recorded_of_a_cancelled_session(v: Village) -> None:
    v.cohort("cohort", "session_cancelled", session=1)
    v.attend("ana")


@case("running")
def recorded_after_completion(v: Village) -> None:
    v.complete("ana", 0)
    v.attend("ana")
    v.enrolment("ana", "closed", reason="COMPLETED")


@case("running", "ATTENDANCE_INVALID: session 1 was recorded before")
def a_session_recorded_again_after_moving_away_and_back(v: Village) -> None:
    second(v)
    v.sessions("second")
    v.cohort("second", "started")
    v.attend("ana", 1)
    move(v, "ana", 1)
    v.attend("ana", 1)
    move(v, "ana", 1, to="cohort")
    v.attend("ana", 1)


@case("running", "ATTENDANCE_INVALID: session 2 was recorded before")
def both_sessions_are_known_after_moving_away_and_back(v: Village) -> None:
    second(v, started=True)
    v.set_day(SECOND)
    v.attend("ana", 2)
    v.attend("ana", 1)
    move(v, "ana", 1)
    move(v, "ana", 1, to="cohort")
    v.attend("ana", 2)


# -- corrections -------------------------------------------------------------------------------------------------------


@case("running")
def corrected_and_corrected_again(v: Village) -> None:
    v.attend("ana", jp=1)
    v.attended["ana", 1] = correct(v, jp=2)
    correct(v, jp=8)
    v.complete("ana", 8)


@case("running", "ATTENDANCE_INVALID")
def corrected_against_what_does_not_stand_any_more(v: Village) -> None:
    v.attend("ana", jp=1)
    correct(v, jp=2)
    correct(v, jp=3)


@case("running")
def the_second_of_two_corrected(v: Village) -> None:
    v.set_day(SECOND)
    v.attend("ana", 1, jp=3)
    v.attend("ana", 2, jp=1)
    correct(v, 2, 4)
    correct(v, 1, 2)
    v.complete("ana", 6)


@case("running", "ATTENDANCE_EXCEEDS_SESSION: 9 JP")
def corrected_to_an_hour_too_many(v: Village) -> None:
    v.attend("ana")
    correct(v, jp=9)


@case("running", "ATTENDANCE_INVALID: the corrected entry is about another session")
def corrected_as_of_another_session(v: Village) -> None:
    v.attend("ana")
    v.attended["ana", 2] = v.attended["ana", 1]
    correct(v, session=2)


@case(
    "running",
    "ATTENDANCE_INVALID: the corrected entry is about another session",
    "ATTENDANCE_EXCEEDS_SESSION: 8 JP",
)
def corrected_as_of_another_cohort(v: Village) -> None:
    v.plan("second")
    v.attend("ana")
    correct(v, cohort=an_id("second"))


@case("running", "UNKNOWN_ID", "ATTENDANCE_INVALID")
def corrected_as_of_no_cohort(v: Village) -> None:
    v.attend("ana")
    correct(v, cohort=an_id("nothing"))


@case("running", f"ATTENDANCE_INVALID: no standing entry has the hash {a_hash('none')[:16]}…")
def corrected_against_nothing(v: Village) -> None:
    v.attend("ana")
    correct(v, corrects=a_hash("none"))


@case("running", "ROLE_FORBIDDEN")
def corrected_by_another_instructor(v: Village) -> None:
    v.attend("ana")
    correct(v, who="second teacher")


@case("running")
def corrected_by_the_provider(v: Village) -> None:
    v.attend("ana")
    correct(v, who="admin")


@case("running", "ORG_FORBIDDEN: another provider's cohort")
def corrected_by_another_provider(v: Village) -> None:
    v.attend("ana")
    correct(v, who=elsewhere(v))


# -- recognised units and completion -----------------------------------------------------------------------------------


@case("running")
def each_unit_recognised_once_with_all_its_hours(v: Village) -> None:
    credit(v, "U.1")
    credit(v, "U.2")
    v.complete("ana", 16)


@case("running", "CREDIT_INVALID: 9 JP for U.1")
def an_hour_more_than_the_unit_has(v: Village) -> None:
    credit(v, jp=9)


@case("running", "CREDIT_INVALID: 0 JP for U.9")
def a_unit_that_is_not_in_the_scheme(v: Village) -> None:
    credit(v, "U.9", 0)


@case("running", "CREDIT_INVALID: 1 JP for U.1")
def a_unit_recognised_twice(v: Village) -> None:
    credit(v, "U.1", 1)
    credit(v, "U.2", 1)
    credit(v, "U.1", 1)


@case("running", "ORG_FORBIDDEN")
def a_unit_recognised_by_another_provider(v: Village) -> None:
    credit(v, who=elsewhere(v))


@case("running")
def more_hours_than_the_scheme_has_are_all_of_them(v: Village) -> None:
    v.set_day(SECOND)
    v.attend("ana", 1)
    v.attend("ana", 2)
    credit(v, jp=1)
    v.complete("ana", 17, percent_x10=1000)


@case("running")
def a_part_of_a_percent_is_left_out(v: Village) -> None:
    v.attend("ana", jp=5)
    v.complete("ana", 5, percent_x10=312)


WRONG: dict[str, dict[str, Any]] = {
    "hours": {"jp": 9},
    "of": {"total_jp": 15},
    "percent": {"percent_x10": 501},
    "of none": {"total_jp": 0},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_completion_says_what_the_entries_make(name: str) -> None:
    def go(v: Village) -> None:
        v.attend("ana")
        said: dict[str, Any] = {"jp": 8, "total_jp": 16, "percent_x10": 500} | WRONG[name]
        v.enrolment("ana", "completed", **said)

    Case("running", go, ("COMPLETION_WRONG",)).check()


@case("running")
def a_session_of_more_hours_than_there_can_be_stops_nothing(v: Village) -> None:
    v.set_day("2031-03-12")
    v.cohort("cohort", "session_scheduled", session=3, date="2031-03-12", jp=70_000)
    v.attend("ana", 3, jp=70_000)
    v.attended["ana", 3] = correct(v, 3, 65_536)
    v.complete("ana", 1000, percent_x10=1000)
