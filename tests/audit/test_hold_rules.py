"""Rules about holds on somebody's data: one for each request, and nothing destroyed while one stands."""

import pytest

from tests.audit.asking import step, verified
from tests.audit.broken_privacy import destroy, merge, receive
from tests.audit.following import Case, Cases
from tests.audit.village import Village, s

case = Cases()
ANA = s("learner", "ana")


@pytest.mark.parametrize("each", case, ids=str)
def test_a_hold(each: Case) -> None:
    each.check()


def held(v: Village, name: str = "r") -> None:
    step(v, "hold_placed", name, reason="OPEN_APPEAL")


def other(v: Village, subject: str = "ana") -> None:
    """Another request, about the same person or another, whose holds count too."""
    step(v, "received", "other", subject=s("learner", subject), kind="ACCESS", due="2031-03-08T01:00:00Z")


@case("open", "HOLD_INVALID: a hold was placed twice")
def a_hold_placed_twice(v: Village) -> None:
    receive(v)
    held(v)
    held(v)


@case("open", "HOLD_INVALID: a hold was lifted that was not placed")
def a_hold_lifted_twice(v: Village) -> None:
    receive(v)
    held(v)
    for _ in range(2):
        step(v, "hold_lifted")


@case("open")
def a_hold_placed_again_after_it_was_lifted(v: Village) -> None:
    receive(v)
    held(v)
    step(v, "hold_lifted")
    held(v)


@case("open")
def destroyed_after_the_hold_was_lifted(v: Village) -> None:
    verified(v)
    held(v)
    step(v, "hold_lifted")
    destroy(v, "ana", "identity")


@case(
    "open",
    f"ERASURE_HOLD_ACTIVE@1: a hold is placed on {ANA}",
    f"ERASURE_HOLD_ACTIVE: a hold is placed on {ANA}",
)
def destroyed_under_a_hold(v: Village) -> None:
    verified(v)
    held(v)
    destroy(v, "ana", "identity")


@case("open", f"ERASURE_HOLD_ACTIVE: a hold is placed on {ANA}")
def fulfilled_under_a_hold_that_came_after_the_destruction(v: Village) -> None:
    verified(v)
    destroy(v, "ana", "custody")
    held(v)
    step(v, "fulfilled")


@case("open", "ERASURE_HOLD_ACTIVE")
def destruction_asked_for_under_the_hold_of_another_request(v: Village) -> None:
    verified(v)
    other(v)
    held(v, "other")
    step(v, "destruction_requested", classes=["identity"])


@case("open")
def destruction_asked_for_under_a_hold_on_another_person(v: Village) -> None:
    verified(v)
    other(v, "budi")
    held(v, "other")
    step(v, "destruction_requested", classes=["identity"])


@case("open", "ERASURE_HOLD_ACTIVE")
def destruction_asked_for_under_a_hold_on_another_entry_of_the_person(v: Village) -> None:
    verified(v)
    other(v, "budi")
    held(v, "other")
    merge(v, "budi", "ana")
    step(v, "destruction_requested", classes=["identity"])


@case("open", "HOLD_INVALID@2", "ERASURE_HOLD_ACTIVE")
def a_hold_that_was_placed_twice_and_lifted_once_on_the_other_request(v: Village) -> None:
    verified(v)
    held(v)
    other(v)
    held(v, "other")
    held(v, "other")
    step(v, "hold_lifted", "other")
    step(v, "destruction_requested", classes=["identity"])


@case("open")
def a_hold_lifted_on_both_requests(v: Village) -> None:
    verified(v)
    held(v)
    other(v)
    held(v, "other")
    step(v, "hold_lifted", "other")
    step(v, "hold_lifted")
    step(v, "destruction_requested", classes=["identity"])


@case("open", "HOLD_INVALID@2")
def a_hold_lifted_twice_frees_no_more_than_one(v: Village) -> None:
    verified(v)
    step(v, "hold_lifted")
    held(v)
    step(v, "hold_lifted")


@case("open", "HOLD_INVALID@4", "ERASURE_HOLD_ACTIVE")
def lifting_no_hold_does_not_lift_another_requests(v: Village) -> None:
    verified(v)
    step(v, "hold_lifted")
    other(v)
    held(v, "other")
    v.learner("somebody else")
    step(v, "destruction_requested", classes=["identity"])
