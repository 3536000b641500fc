"""Rules about moving from one cohort to another, each part broken alone: seats, states, schemes."""

import pytest

from tests.audit.enrolling import elsewhere, move, newer, second
from tests.audit.following import Case, Cases
from tests.audit.village import Village, s

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_moving(each: Case) -> None:
    each.check()


@case("running", "ORG_FORBIDDEN")
def moved_by_another_provider(v: Village) -> None:
    second(v)
    move(v, "ana", 1, elsewhere(v))


@case("running", "UNKNOWN_ID")
def moved_to_nothing(v: Village) -> None:
    move(v, "ana", 1)


@case("running", "COHORT_FULL: a seat was lost or won by moving")
def a_seat_won_by_moving(v: Village) -> None:
    second(v)
    move(v, "citra", 1)


@case("running", "COHORT_FULL: a seat was lost or won by moving")
def a_seat_lost_by_moving(v: Village) -> None:
    second(v)
    move(v, "ana", None)


@case("running")
def moved_without_a_seat(v: Village) -> None:
    second(v)
    move(v, "citra", None)


@case("running", "COHORT_FULL: seat 1 of 3")
def moved_to_a_seat_that_is_taken(v: Village) -> None:
    second(v)
    move(v, "ana", 1)
    move(v, "budi", 1)


@case("open")
def a_seat_that_somebody_left_is_free(v: Village) -> None:
    v.seat("ana", 1)
    second(v)
    move(v, "ana", 1)
    v.seat("budi", 1)


@case("running", f"COHORT_NOT_OPEN: {s('cohort', 'second')} is running")
def moved_before_attending_into_what_has_started(v: Village) -> None:
    second(v, started=True)
    move(v, "ana", 1)


@case("running")
def moved_after_attending_into_what_has_started(v: Village) -> None:
    second(v, started=True)
    v.attend("ana")
    move(v, "ana", 1)


@case("running")
def moved_after_attending_into_what_takes_people(v: Village) -> None:
    second(v)
    v.attend("ana")
    move(v, "ana", 1)


@case("running", f"COHORT_NOT_OPEN: {s('cohort', 'second')} is planned")
def moved_after_attending_into_what_is_planned(v: Village) -> None:
    v.plan("second")
    v.attend("ana")
    move(v, "ana", 1)


@case("running")
def moved_before_attending_into_another_version(v: Village) -> None:
    newer(v)
    move(v, "ana", 1)


@case("running", f"HOURS_NOT_COUNTED: from {s('cohort', 'cohort')} to {s('cohort', 'second')}")
def moved_after_attending_into_another_version(v: Village) -> None:
    newer(v)
    v.attend("ana")
    move(v, "ana", 1)


@case("running", "HOURS_NOT_COUNTED")
def moved_after_attending_into_another_scheme(v: Village) -> None:
    newer(v, "other", 1)
    v.attend("ana")
    move(v, "ana", 1)


@case("open", "ENROLMENT_DUPLICATE")
def moved_to_where_the_person_is_already(v: Village) -> None:
    second(v)
    v.apply("ana", "second", enrolment="x")
    move(v, "ana", None)


@case("running")
def moved_and_the_first_cohort_cancelled(v: Village) -> None:
    second(v)
    for name, seat in (("ana", 1), ("budi", 2), ("citra", None)):
        move(v, name, seat)
    v.cohort("cohort", "cancelled", reason="BUDGET", displaced=[])
