"""Rules about leaving a training, coming back and completing, each part broken alone."""

from typing import Any

import pytest

from tests.audit.broken_privacy import erase
from tests.audit.enrolling import elsewhere, move, newer, second
from tests.audit.following import Case, Cases, followed, newcomer
from tests.audit.scribe import Said, a_fact, an_id
from tests.audit.village import LSP, Village, s
from verifier.rules.enrolment import Enrolment

case = Cases()
ANA, BUDI = s("enrolment", "ana"), s("enrolment", "budi")
REASON = {"reason": "OTHER"}


@pytest.mark.parametrize("each", case, ids=str)
def test_leaving(each: Case) -> None:
    each.check()


def transfer(v: Village, who: str = "liaison", *, of: str = ANA) -> None:
    gone = {"to": a_fact("to"), "reason": "OTHER"}
    v.by(who, Said(of, "enrolment.transferred_out", gone), Said(of, "enrolment.closed", REASON))


def resume(v: Village, cohort: str = "second", seat: int = 1, who: str = "admin") -> None:
    v.enrolment("ana", "resumed", who, cohort=an_id(cohort), seat=seat)


# -- leaving and coming back -------------------------------------------------------------------------------------------


@case("running", "ORG_FORBIDDEN: not given by the training's site")
def transferred_by_another_site(v: Village) -> None:
    transfer(v, newcomer(v, "correctional_liaison", LSP))


@case("running", f"CLOSING_INVALID: {ANA} was left and not closed")
def transferred_and_not_closed(v: Village) -> None:
    v.by("liaison", Said(ANA, "enrolment.transferred_out", {"to": a_fact(), "reason": "OTHER"}))


@case("running", f"CLOSING_INVALID: {ANA} was left and not closed")
def withdrawn_while_another_is_closed(v: Village) -> None:
    v.by("admin", Said(ANA, "enrolment.withdrawn", REASON), Said(BUDI, "enrolment.closed", REASON))


@case(
    "running",
    "ROLE_FORBIDDEN: a liaison closes by a transfer only",
    f"CLOSING_INVALID: {ANA} was left and not closed",
)
def a_liaison_transfers_one_and_closes_another(v: Village) -> None:
    gone = {"to": a_fact(), "reason": "OTHER"}
    v.by("liaison", Said(ANA, "enrolment.transferred_out", gone), Said(BUDI, "enrolment.closed", REASON))


@case("running", "ROLE_FORBIDDEN: a liaison closes by a transfer only")
def a_liaison_closes_what_the_site_did_not_leave(v: Village) -> None:
    moved = {"context": a_fact(), "continues_at": a_fact()}
    v.by(
        "liaison",
        Said(ANA, "enrolment.delivery_context_changed", moved),
        Said(ANA, "enrolment.closed", REASON),
    )


@case("running", "ORG_FORBIDDEN: not given by the training's site")
def another_sites_liaison_changes_where_it_goes_on(v: Village) -> None:
    who = newcomer(v, "correctional_liaison", LSP)
    v.enrolment("ana", "delivery_context_changed", who, context=a_fact(), continues_at=a_fact())


@case("running", "ORG_FORBIDDEN", "ORG_FORBIDDEN")
def withdrawn_and_closed_by_another_provider(v: Village) -> None:
    v.by(elsewhere(v), Said(ANA, "enrolment.withdrawn", REASON), Said(ANA, "enrolment.closed", REASON))


@case("running")
def back_in_another_cohort_after_a_transfer(v: Village) -> None:
    transfer(v)
    second(v)
    resume(v)


@case("running")
def back_in_a_cohort_that_has_started(v: Village) -> None:
    transfer(v)
    resume(v, "cohort")


@case("running", "COHORT_NOT_OPEN")
def back_in_a_cohort_that_is_planned(v: Village) -> None:
    transfer(v)
    v.plan("second")
    resume(v)


@case("running", "COHORT_FULL: seat 2 of 3")
def back_on_a_seat_that_is_taken(v: Village) -> None:
    transfer(v)
    resume(v, "cohort", 2)


@case("running", "UNKNOWN_ID")
def back_in_nothing(v: Village) -> None:
    transfer(v)
    resume(v)


@case("running", "HOURS_NOT_COUNTED")
def back_under_another_version(v: Village) -> None:
    transfer(v)
    newer(v)
    resume(v)


@case("running", "ORG_FORBIDDEN")
def back_by_another_provider(v: Village) -> None:
    transfer(v)
    second(v)
    resume(v, who=elsewhere(v))


@case("running", "CLOSING_INVALID: resumed without a transfer")
def back_twice_after_one_transfer(v: Village) -> None:
    transfer(v)
    resume(v, "cohort")
    v.enrolment("ana", "closed", reason="OTHER")
    resume(v, "cohort")


@case("running", "COHORT_NOT_OPEN")
def back_without_hours_is_confirmed_and_moves_to_what_takes_people_only(v: Village) -> None:
    transfer(v)
    resume(v, "cohort")
    second(v, started=True)
    move(v, "ana", 1)


@case("running")
def back_with_hours_is_under_way(v: Village) -> None:
    v.attend("ana")
    transfer(v)
    resume(v, "cohort")
    second(v, started=True)
    move(v, "ana", 1)


# -- completing and closing --------------------------------------------------------------------------------------------


@case("running", "ORG_FORBIDDEN")
def completed_by_another_provider(v: Village) -> None:
    v.enrolment("ana", "completed", elsewhere(v), jp=0, total_jp=16, percent_x10=0)


@case("running", "CLOSING_INVALID: closed as completed without being so")
def closed_as_completed_before_it_is(v: Village) -> None:
    v.enrolment("ana", "closed", reason="COMPLETED")


@case("open", f"ENROLMENT_DUPLICATE: {ANA} is of the same person", "COHORT_FULL: seat 1 of 3")
def who_has_completed_keeps_place_and_seat(v: Village) -> None:
    second(v)
    v.seat("ana", 1)
    v.complete("ana", 0)
    v.enrolment("ana", "closed", reason="COMPLETED")
    v.apply("ana", "second", enrolment="x")
    v.seat("x", 1)
    move(v, "x", 1, to="cohort")


@case("open")
def who_was_closed_otherwise_keeps_neither(v: Village) -> None:
    v.seat("ana", 1)
    v.enrolment("ana", "closed", reason="OTHER")
    v.apply("ana", enrolment="x")
    v.seat("x", 1)


# -- what has no cohort, and who is erased -----------------------------------------------------------------------------


@case("open", "UNKNOWN_ID@10", "CREDIT_INVALID@6", "COMPLETION_WRONG@1")
def of_a_cohort_that_is_not_nothing_more_is_told(v: Village) -> None:
    v.apply("ana", "nothing", enrolment="x")
    v.enrolment("x", "selected", "approver")
    v.enrolment("x", "notice_acknowledged", version="1")
    v.enrolment("x", "confirmed", seat=1)
    v.enrolment("x", "unit_credit_recognised", unit="U.1", jp=0, evidence=a_fact())
    second(v)
    move(v, "x", None)
    v.complete("x", 0)
    v.enrolment("x", "closed", reason="OTHER")


@case("open", "UNKNOWN_ID@5")
def back_from_a_cohort_that_is_not(v: Village) -> None:
    v.apply("ana", "nothing", enrolment="x")
    transfer(v, of=s("enrolment", "x"))
    second(v)
    v.enrolment("x", "resumed", cohort=an_id("second"), seat=1)


@case("running")
def somebody_elses_notice_in_the_act_of_leaving(v: Village) -> None:
    notice = Said(BUDI, "enrolment.notice_acknowledged", {"version": "2"})
    v.by("admin", Said(ANA, "enrolment.withdrawn", REASON), Said(ANA, "enrolment.closed", REASON), notice)


ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "notice_acknowledged": ("admin", {"version": "2"}),
    "attendance_recorded": ("teacher", {"session": 1, "jp": 8}),
    "unit_credit_recognised": ("admin", {"unit": "U.1", "jp": 1, "evidence": a_fact()}),
    "delivery_context_changed": ("liaison", {"context": a_fact(), "continues_at": a_fact()}),
    "moved": ("admin", {"to": an_id("second"), "seat": 1}),
    "completed": ("admin", {"jp": 0, "total_jp": 16, "percent_x10": 0}),
    "closed": ("admin", {"reason": "OTHER"}),
}


@pytest.mark.parametrize("event", ACTS)
def test_nothing_is_recorded_of_an_erased_person(event: str) -> None:
    who, data = ACTS[event]

    def go(v: Village) -> None:
        second(v)
        erase(v, "ana", "identity")
        v.enrolment("ana", event, who, **data)

    Case("running", go, (f"PERSON_ERASED: {s('learner', 'ana')} is erased",)).check()


def enrolment(begun: str, go: Any) -> Enrolment:
    found = followed(begun, go).rules.world.things[ANA]
    assert isinstance(found, Enrolment)
    return found


def test_a_training_is_finished_when_it_was_completed_and_closed_for_no_other_reason() -> None:
    def completed(v: Village) -> None:
        v.complete("ana", 0)

    def closed(v: Village) -> None:
        completed(v)
        v.enrolment("ana", "closed", reason="COMPLETED")

    def withdrawn(v: Village) -> None:
        completed(v)
        v.enrolment("ana", "closed", reason="OTHER")

    found = [enrolment("running", go).finished for go in (lambda _: None, completed, closed, withdrawn)]
    assert found == [False, True, True, False]


def test_a_training_that_goes_on_is_not_finished_whatever_it_was_closed_for() -> None:
    def go(v: Village) -> None:
        gone = {"to": a_fact(), "reason": "OTHER"}
        closed = Said(ANA, "enrolment.closed", {"reason": "COMPLETED"})
        v.by("liaison", Said(ANA, "enrolment.transferred_out", gone), closed)
        second(v)
        resume(v)

    assert not enrolment("running", go).finished
