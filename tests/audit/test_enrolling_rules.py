"""Rules about getting into a training at their edges: application, selection, notice, seat."""

import pytest

from tests.audit.broken_privacy import erase, merge
from tests.audit.enrolling import elsewhere, second
from tests.audit.following import Case, Cases, newcomer
from tests.audit.partnering import own_review
from tests.audit.scribe import Said, an_id
from tests.audit.village import BLK, SITE, Village, s

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_enrolling(each: Case) -> None:
    each.check()


def ordinary(v: Village) -> None:
    """A cohort at the provider's own site, to which ana applies."""
    own_review(v)
    second(v, site=BLK, agreement=None)
    v.apply("ana", "second", enrolment="x")


def noticed(v: Village, name: str = "ana") -> None:
    v.enrolment(name, "selected", "approver")
    v.enrolment(name, "notice_acknowledged", version="1")


# -- applying ----------------------------------------------------------------------------------------------------------


@case("open", "UNKNOWN_ID")
def nobody_applies(v: Village) -> None:
    v.apply("nobody", enrolment="x")


@case("open", "UNKNOWN_ID")
def applying_to_nothing(v: Village) -> None:
    v.apply("ana", "nothing", enrolment="x")


@case("open", "ORG_FORBIDDEN")
def an_application_entered_by_another_provider(v: Village) -> None:
    v.learner("dewi")
    v.enrolment("dewi", "applied", elsewhere(v), learner=an_id("dewi"), cohort=an_id("cohort"))


@case("planned", f"COHORT_NOT_OPEN: {s('cohort', 'cohort')} is planned")
def applying_before_it_is_opened(v: Village) -> None:
    v.plan()
    v.learner("ana")
    v.apply("ana")


@case("running", f"COHORT_NOT_OPEN: {s('cohort', 'cohort')} is running")
def applying_after_it_has_started(v: Village) -> None:
    v.learner("dewi")
    v.apply("dewi")


@case("open", f"ENROLMENT_DUPLICATE: {s('enrolment', 'ana')} is of the same person")
def applying_twice(v: Village) -> None:
    v.apply("ana", enrolment="x")


@case("open", "ENROLMENT_STATE_INVALID")
def one_application_entered_twice(v: Village) -> None:
    v.apply("ana")


@case("open")
def applying_to_two_cohorts(v: Village) -> None:
    second(v)
    v.apply("ana", "second", enrolment="x")


@case("open")
def applying_again_after_a_rejection(v: Village) -> None:
    v.enrolment("ana", "rejected", "approver", code="NO_PLACE")
    v.apply("ana", enrolment="x")


@case("open", f"ENROLMENT_DUPLICATE: {s('enrolment', 'ana')} is of the same person")
def applying_under_the_entry_that_the_first_was_merged_into(v: Village) -> None:
    v.learner("twin")
    merge(v, "ana", "twin")
    v.apply("twin", enrolment="x")


@case("open")
def applying_under_a_former_entry_of_another(v: Village) -> None:
    v.learner("twin")
    merge(v, "twin", "ana")
    v.by("privacy", Said(s("learner", "twin"), "learner.merge_reversed"))
    v.apply("twin", enrolment="x")


# -- selecting ---------------------------------------------------------------------------------------------------------


@case("open")
def at_a_facility_its_approver_selects(v: Village) -> None:
    v.enrolment("ana", "selected", "approver")


@case("open", "ROLE_FORBIDDEN: here it is for the correctional_approver")
def at_a_facility_its_administrator_may_not_select(v: Village) -> None:
    v.enrolment("ana", "selected", newcomer(v, "training_admin", SITE))


@case("open", "ORG_FORBIDDEN: another organisation's cohort")
def at_a_facility_another_approver_may_not_select(v: Village) -> None:
    v.enrolment("ana", "selected", newcomer(v, "correctional_approver", BLK))


@case("open")
def at_ones_own_site_the_provider_selects(v: Village) -> None:
    ordinary(v)
    v.enrolment("x", "selected", "admin")


@case("open", "ROLE_FORBIDDEN: here it is for the training_admin")
def at_ones_own_site_an_approver_may_not_select(v: Village) -> None:
    ordinary(v)
    v.enrolment("x", "selected", newcomer(v, "correctional_approver", BLK))


@case("open", "ORG_FORBIDDEN: another organisation's cohort")
def at_ones_own_site_another_provider_may_not_select(v: Village) -> None:
    ordinary(v)
    v.enrolment("x", "rejected", elsewhere(v), code="OTHER")


@case("open", "PUBLIC_FIELD_FORBIDDEN: a reason holds the word 'lapas'")
def rejected_for_a_reason_that_reveals(v: Village) -> None:
    v.enrolment("ana", "rejected", "approver", code="LAPAS_FULL")


@case("open", f"PERSON_ERASED: {s('learner', 'ana')} is erased")
def selected_after_erasure(v: Village) -> None:
    erase(v, "ana", "identity")
    v.enrolment("ana", "selected", "approver")


@case("open", "ENROLMENT_STATE_INVALID")
def selected_after_a_rejection(v: Village) -> None:
    v.enrolment("ana", "rejected", "approver", code="OTHER")
    v.enrolment("ana", "selected", "approver")


# -- notice and seat ---------------------------------------------------------------------------------------------------


@case("open", "ORG_FORBIDDEN")
def a_notice_by_another_provider(v: Village) -> None:
    v.enrolment("ana", "notice_acknowledged", elsewhere(v), version="1")


@case("open", "ORG_FORBIDDEN")
def confirmed_by_another_provider(v: Village) -> None:
    noticed(v)
    v.enrolment("ana", "confirmed", elsewhere(v), seat=1)


@case("open", "NOTICE_NOT_ACKNOWLEDGED: confirmed without the notice")
def confirmed_without_the_notice(v: Village) -> None:
    noticed(v, "budi")
    v.enrolment("ana", "selected", "approver")
    v.enrolment("ana", "confirmed", seat=1)


@case("open")
def the_first_and_the_last_seat(v: Village) -> None:
    v.seat("ana", 1)
    v.seat("budi", 3)


@case("open", "COHORT_FULL: seat 0 of 3")
def the_seat_before_the_first(v: Village) -> None:
    v.seat("ana", 0)


@case("open", "COHORT_FULL: seat 4 of 3")
def the_seat_after_the_last(v: Village) -> None:
    v.seat("ana", 4)


@case("open", "COHORT_FULL: seat 2 of 3")
def a_seat_that_is_taken(v: Village) -> None:
    v.seat("ana", 2)
    v.seat("budi", 2)


@case("running", "COHORT_NOT_OPEN")
def a_seat_after_the_start(v: Village) -> None:
    v.seat("citra", 3)


@case(
    "planned",
    "COHORT_STATE_INVALID@5",
    "ORG_FORBIDDEN@5",
    "UNKNOWN_ID@5",
    "FACILITY_NOT_READY@5",
    "ORG_FORBIDDEN@3",
    "ORG_FORBIDDEN@2",
    "ORG_FORBIDDEN@1",
    "ORG_FORBIDDEN",
    "COHORT_FULL: seat 1 of 0",
)
def a_seat_in_a_cohort_that_was_never_planned(v: Village) -> None:
    v.cohort("cohort", "enrolment_opened")
    v.learner("ana")
    v.apply("ana")
    v.enrolment("ana", "selected", "admin")
    v.enrolment("ana", "notice_acknowledged", version="1")
    v.enrolment("ana", "confirmed", seat=1)
