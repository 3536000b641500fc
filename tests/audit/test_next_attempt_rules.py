"""Rules about an attempt after another one, each part broken alone, and the last thing that is right."""

from typing import Any

import pytest

from tests.audit.following import Case, Cases
from tests.audit.scribe import an_id
from tests.audit.village import Village

case = Cases()
MIXED = {"U.1": "K", "U.2": "BK"}


@pytest.mark.parametrize("each", case, ids=str)
def test_a_next_attempt(each: Case) -> None:
    each.check()


def again(v: Village, before: str = "first", name: str = "next", person: str = "ana", **changes: Any) -> None:
    """The next attempt, after one in which U.2 was not yet competent."""
    data = {"previous": an_id(before), "attempt": 2, "units": ["U.2"], "carried": {"U.1": "K"}} | changes
    v.admit(name, learner=person, **({"enrolment": None} | data))


def failed(v: Village) -> None:
    v.assess("first", "BK", learner="ana")
    v.decide("first", MIXED)


@case("trained")
def a_next_attempt(v: Village) -> None:
    failed(v)
    again(v)


@case("trained")
def the_next_attempt_at_a_renewal(v: Village) -> None:
    v.assess("renewal", "BK", learner="ana", enrolment=None, renews=True)
    v.decide("renewal", MIXED)
    again(v, "renewal", renews=True)


@case("trained")
def a_third_attempt_after_the_second(v: Village) -> None:
    failed(v)
    again(v)
    v.assign("next")
    v.evidence("next")
    v.result("next", "U.2", "BK")
    v.assessment("next", "recommended", results={"U.2": "BK"})
    v.decide("next", MIXED)
    again(v, "next", "third", attempt=3)


@case("trained", "ADMISSION_INVALID")
def two_next_attempts(v: Village) -> None:
    failed(v)
    again(v)
    again(v, name="other")


@case("trained", "ADMISSION_INVALID")
def a_next_attempt_before_the_decision(v: Village) -> None:
    v.assess("first", "BK", learner="ana")
    again(v)


@case("decided", "ADMISSION_INVALID")
def a_next_attempt_at_nothing(v: Village) -> None:
    again(v, "ana", units=[], carried={"U.1": "K", "U.2": "K"})


@case("trained", "ADMISSION_INVALID")
def a_next_attempt_at_a_competent_unit_too(v: Village) -> None:
    failed(v)
    again(v, units=["U.1", "U.2"], carried={})


@case("trained", "ADMISSION_INVALID")
def a_next_attempt_that_drops_a_result(v: Village) -> None:
    failed(v)
    again(v, carried={})


@case("trained", "ADMISSION_INVALID")
def a_next_attempt_with_another_number(v: Village) -> None:
    failed(v)
    again(v, attempt=3)


@case("trained", "UNKNOWN_ID", "ADMISSION_INVALID")
def a_next_attempt_in_another_version(v: Village) -> None:
    failed(v)
    again(v, version=2)


@case("trained", "UNKNOWN_ID", "ADMISSION_INVALID")
def a_next_attempt_in_another_scheme(v: Village) -> None:
    failed(v)
    again(v, scheme=an_id("other"))


@case("trained", "ADMISSION_INVALID")
def a_next_attempt_as_a_renewal(v: Village) -> None:
    failed(v)
    again(v, renews=True)


@case("trained", "ADMISSION_INVALID")
def a_next_attempt_of_another_person(v: Village) -> None:
    failed(v)
    again(v, person="budi")


@case("trained", "UNKNOWN_ID")
def a_next_attempt_of_a_person_who_is_not_known(v: Village) -> None:
    failed(v)
    again(v, person="nobody")


@case("trained", "UNKNOWN_ID@7")
def a_next_attempt_after_one_of_a_person_who_is_not_known(v: Village) -> None:
    v.assess("first", "BK", learner="nobody", enrolment=an_id("ana"))
    v.decide("first", MIXED)
    again(v)


@case("trained", "UNKNOWN_ID")
def a_next_attempt_after_one_that_is_not_known(v: Village) -> None:
    again(v, "none")


@case("trained")
def all_units_again_after_nobody_came(v: Village) -> None:
    v.admit("first", learner="ana")
    v.assign("first")
    v.assessment("first", "no_show_recorded")
    again(v, units=["U.2", "U.1"], carried={})


@case("trained", "ADMISSION_INVALID")
def a_unit_less_after_nobody_came(v: Village) -> None:
    v.admit("first", learner="ana")
    v.assign("first")
    v.assessment("first", "no_show_recorded")
    again(v, units=["U.1"], carried={})


def order(v: Village, *units: str, of: str = "ana") -> None:
    v.assessment(of, "reassessment_ordered", "supervisor", units=list(units), appeal=None)


@case("decided")
def what_was_ordered_though_it_was_competent(v: Village) -> None:
    order(v, "U.1")
    again(v, "ana", units=["U.1"], carried={"U.2": "K"})


@case("decided", "ADMISSION_INVALID")
def another_unit_than_was_ordered(v: Village) -> None:
    order(v, "U.1")
    again(v, "ana")


@case("trained")
def what_was_ordered_instead_of_what_is_not_yet_competent(v: Village) -> None:
    failed(v)
    order(v, "U.1", of="first")
    again(v, units=["U.1"], carried={})
