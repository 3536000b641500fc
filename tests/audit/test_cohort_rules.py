"""Rules about a cohort's sessions, dates and end, each part broken alone, and the last thing that is right."""

import pytest

from tests.audit.following import Case, Cases, newcomer, westward
from tests.audit.scribe import Said, an_id
from tests.audit.village import BLK, LSP, Village, s

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_a_cohort(each: Case) -> None:
    each.check()


def elsewhere(v: Village) -> str:
    return newcomer(v, "training_admin", LSP)


def session(v: Village, number: int, day: str, who: str = "admin") -> None:
    v.cohort("cohort", "session_scheduled", who, session=number, date=day, jp=8)


# -- instructors and sessions ------------------------------------------------------------------------------------------


@case("open", "ORG_FORBIDDEN")
def an_instructor_assigned_by_another_provider(v: Village) -> None:
    v.cohort("cohort", "instructor_assigned", elsewhere(v), instructor=an_id("second teacher"))


@case("open", "ROLE_FORBIDDEN")
def an_instructor_who_is_an_admin(v: Village) -> None:
    v.cohort("cohort", "instructor_assigned", instructor=an_id("admin"))


@case("open")
def a_second_instructor(v: Village) -> None:
    v.cohort("cohort", "instructor_assigned", instructor=an_id("second teacher"))


@case("open", "ORG_FORBIDDEN")
def a_session_scheduled_by_another_provider(v: Village) -> None:
    session(v, 3, "2031-03-12", elsewhere(v))


@case("open", "SESSION_INVALID: session 4 on 2031-03-12")
def a_session_with_a_number_left_out(v: Village) -> None:
    session(v, 4, "2031-03-12")


@case("open", "SESSION_INVALID")
def a_session_with_a_number_that_was_given(v: Village) -> None:
    session(v, 2, "2031-03-12")


@case("open")
def a_session_on_the_last_day(v: Village) -> None:
    session(v, 3, "2031-03-14")


@case("open", "SESSION_INVALID")
def a_session_on_the_day_after_the_last(v: Village) -> None:
    session(v, 3, "2031-03-15")


@case("open", "SESSION_INVALID")
def a_session_on_the_day_before_the_first(v: Village) -> None:
    session(v, 3, "2031-03-09")


@case("open", "SESSION_INVALID")
def a_session_on_a_day_that_is_taken(v: Village) -> None:
    session(v, 3, "2031-03-11")


@case("open")
def a_session_on_the_day_of_one_that_was_cancelled(v: Village) -> None:
    v.cohort("cohort", "session_cancelled", session=2)
    session(v, 3, "2031-03-11")


@case("open", "ORG_FORBIDDEN")
def a_session_cancelled_by_another_provider(v: Village) -> None:
    v.cohort("cohort", "session_cancelled", elsewhere(v), session=2)


@case("open", "SESSION_NOT_SCHEDULED: session 2 of " + s("cohort", "cohort"))
def a_session_cancelled_twice(v: Village) -> None:
    for _ in range(2):
        v.cohort("cohort", "session_cancelled", session=2)


@case("running", "SESSION_NOT_SCHEDULED")
def a_cancelled_session_held(v: Village) -> None:
    v.cohort("cohort", "session_cancelled", session=1)
    v.cohort("cohort", "session_held", "teacher", session=1, instructor=an_id("teacher"))


@case("running")
def a_session_held_when_its_day_has_begun_in_one_zone_only(v: Village) -> None:
    westward(v)
    v.set_day("2031-03-10", 16)
    v.cohort("cohort", "session_held", "teacher", session=2, instructor=an_id("teacher"))


@case("running", "SESSION_INVALID: the session of 2031-03-11 was held before its day")
def a_session_held_an_hour_before_its_day(v: Village) -> None:
    v.set_day("2031-03-10", 15)
    v.cohort("cohort", "session_held", "teacher", session=2, instructor=an_id("teacher"))


@case("running", "ROLE_FORBIDDEN")
def held_in_the_name_of_another(v: Village) -> None:
    v.cohort("cohort", "session_held", "teacher", session=1, instructor=an_id("second teacher"))


@case("running")
def held_by_two_instructors(v: Village) -> None:
    v.cohort("cohort", "instructor_assigned", instructor=an_id("second teacher"))
    for who in ("teacher", "second teacher"):
        v.cohort("cohort", "session_held", who, session=1, instructor=an_id(who))


@case("running")
def held_by_the_second_account_of_its_instructor(v: Village) -> None:
    v.hire("teacher again", "instructor", BLK, same_person_as="teacher")
    v.cohort("cohort", "session_held", "teacher again", session=1, instructor=an_id("teacher again"))


# -- opening, new dates, the end ---------------------------------------------------------------------------------------


@case("planned", "ORG_FORBIDDEN")
def opened_by_another_provider(v: Village) -> None:
    v.plan()
    v.cohort("cohort", "enrolment_opened", elsewhere(v))


@case("planned", "SCHEME_NOT_APPROVED")
def opened_after_its_scheme_was_retired(v: Village) -> None:
    v.plan()
    v.by("issuer", Said(s("scheme", "las"), "scheme.retired", {"version": 1}))
    v.cohort("cohort", "enrolment_opened")


@case("open", "ORG_FORBIDDEN")
def new_dates_by_another_provider(v: Village) -> None:
    v.cohort("cohort", "rescheduled", elsewhere(v), start="2031-03-10", end="2031-03-14")


@case("open")
def new_dates_that_just_hold_its_sessions(v: Village) -> None:
    v.cohort("cohort", "rescheduled", start="2031-03-10", end="2031-03-11")


@case("open", "SESSION_INVALID: the session of 2031-03-11 is left outside")
def new_dates_that_end_before_the_last_session(v: Village) -> None:
    v.cohort("cohort", "rescheduled", start="2031-03-10", end="2031-03-10")


@case("open")
def new_dates_that_leave_out_a_cancelled_session(v: Village) -> None:
    v.cohort("cohort", "session_cancelled", session=2)
    v.cohort("cohort", "rescheduled", start="2031-03-10", end="2031-03-10")


@case("open", "AGREEMENT_NOT_IN_FORCE")
def new_dates_outside_the_agreement(v: Village) -> None:
    v.cohort("cohort", "rescheduled", start="2031-03-10", end="2032-02-29")


@case("open")
def a_session_inside_the_new_dates_only(v: Village) -> None:
    v.cohort("cohort", "rescheduled", start="2031-03-10", end="2031-03-21")
    session(v, 3, "2031-03-21")


@case("open", "ORG_FORBIDDEN")
def started_by_another_provider(v: Village) -> None:
    v.cohort("cohort", "started", elsewhere(v))


@case("running", "ORG_FORBIDDEN")
def closed_by_another_provider(v: Village) -> None:
    v.cohort("cohort", "closed", elsewhere(v))


@case("planned", "ORG_FORBIDDEN")
def cancelled_by_another_provider(v: Village) -> None:
    v.plan()
    v.cohort("cohort", "cancelled", elsewhere(v), reason="BUDGET", displaced=[])


@case("planned")
def cancelled_while_nobody_is_in_it(v: Village) -> None:
    v.plan()
    v.cohort("cohort", "cancelled", reason="BUDGET", displaced=[])


@case("running")
def cancelled_when_everybody_in_it_has_finished(v: Village) -> None:
    v.complete("ana", 0)
    v.enrolment("ana", "closed", reason="COMPLETED")
    for name in ("budi", "citra"):
        v.enrolment(name, "closed", reason="OTHER")
    v.cohort("cohort", "cancelled", reason="BUDGET", displaced=[])


@case("running", f"COHORT_NOT_EMPTIED: {s('enrolment', 'ana')} is completed")
def cancelled_while_one_has_completed_and_is_not_closed(v: Village) -> None:
    v.complete("ana", 0)
    for name in ("budi", "citra"):
        v.enrolment(name, "closed", reason="OTHER")
    v.cohort("cohort", "cancelled", reason="BUDGET", displaced=[])


@case(
    "planned",
    "COHORT_STATE_INVALID@1: cohort.enrolment_opened of " + s("cohort", "cohort") + ", which is new",
    "ORG_FORBIDDEN@1",
    "UNKNOWN_ID@1: there is no scheme ",
    "FACILITY_NOT_READY@1: opened on 2031-03-04 at organisation/",
    "ORG_FORBIDDEN",
    "SESSION_INVALID",
)
def opened_without_ever_being_planned(v: Village) -> None:
    v.cohort("cohort", "enrolment_opened")
    session(v, 1, "2031-03-10")
