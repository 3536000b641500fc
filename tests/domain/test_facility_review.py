from datetime import date

import pytest

from ledger.domain.facility_review import FacilityReview
from tests.domain.folding import act, refused, settle

TODAY, LATER = date(2031, 5, 6), date(2031, 11, 6)
LIAISON = act("lila", role="correctional_liaison", org="facility")


def started(site: str = "facility", *, again: FacilityReview | None = None) -> FacilityReview:
    review = again or FacilityReview("r")
    review.start(act(), site=site, provider="blk")
    return review


def assess(
    review: FacilityReview, item: str, *, passed: bool, critical: bool = False, due: date | None = None
) -> None:
    review.assess(act(), item=item, value=None, passed=passed, critical=critical, due=due)


def ready(site: str = "facility") -> FacilityReview:
    review = started(site)
    assess(review, "FAC-1", passed=True, critical=True)
    return review


def concluded() -> FacilityReview:
    review = ready()
    review.conclude(act(), outcome="READY", valid_until=LATER, today=TODAY)
    review.conclude(LIAISON, outcome="READY", valid_until=LATER, today=TODAY)
    return review


# passed, critical, has a due date → outcome; an outcome of None cannot be concluded
@pytest.mark.parametrize(
    ("items", "outcome"),
    [
        ([], None),
        ([(True, True, False), (True, False, False)], "READY"),
        ([(True, True, False), (False, False, True)], "CONDITIONAL"),
        ([(True, True, False), (False, False, False)], None),
        ([(False, True, False), (False, False, False)], "NOT_READY"),
        ([(False, True, True), (True, False, False)], "NOT_READY"),
    ],
)
def test_the_outcome_is_what_the_items_say(items: list[tuple[bool, bool, bool]], outcome: str | None) -> None:
    for claimed in ("READY", "CONDITIONAL", "NOT_READY"):
        review = started()
        for number, (passed, critical, due) in enumerate(items):
            assess(review, f"FAC-{number}", passed=passed, critical=critical, due=LATER if due else None)
        until = None if claimed == "NOT_READY" else LATER
        if claimed == outcome:
            review.conclude(act(), outcome=claimed, valid_until=until, today=TODAY)
            assert review.state == "open"
            review.conclude(LIAISON, outcome=claimed, valid_until=until, today=TODAY)
            assert settle(review).state == claimed.lower()
            assert review.ready_on(TODAY) is (claimed != "NOT_READY")
        else:
            with refused("VALUE_INVALID", review):
                review.conclude(act(), outcome=claimed, valid_until=until, today=TODAY)


def test_the_newest_finding_of_an_item_counts() -> None:
    review = started()
    assess(review, "FAC-1", passed=False, critical=True)
    assess(review, "FAC-1", passed=True, critical=True)
    assert settle(review).outcome_of_items() == "READY"


def test_an_item_that_passed_has_no_due_date() -> None:
    review = started()
    with refused("VALUE_INVALID", review):
        assess(review, "FAC-1", passed=True, due=LATER)


def test_it_is_valid_through_its_last_day() -> None:
    review = concluded()
    assert review.ready_on(LATER)
    assert not review.ready_on(date(2031, 11, 7))


@pytest.mark.parametrize(("outcome", "until"), [("READY", None), ("READY", date(2031, 5, 5))])
def test_a_ready_site_has_a_last_day_that_is_not_past(outcome: str, until: date | None) -> None:
    review = ready()
    with refused("VALUE_INVALID", review):
        review.conclude(act(), outcome=outcome, valid_until=until, today=TODAY)


def test_a_site_that_is_not_ready_has_none() -> None:
    review = started()
    assess(review, "FAC-1", passed=False, critical=True)
    with refused("VALUE_INVALID", review):
        review.conclude(act(), outcome="NOT_READY", valid_until=LATER, today=TODAY)


def test_both_parties_say_the_same() -> None:
    review = ready()
    review.conclude(act(), outcome="READY", valid_until=LATER, today=TODAY)
    with refused("VALUE_INVALID", review):
        review.conclude(LIAISON, outcome="READY", valid_until=TODAY, today=TODAY)


def test_a_party_signs_once_and_what_it_signed_stays_as_it_was() -> None:
    review = ready()
    review.conclude(act(), outcome="READY", valid_until=LATER, today=TODAY)
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        review.conclude(act("dian"), outcome="READY", valid_until=LATER, today=TODAY)
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        assess(review, "FAC-2", passed=False, critical=True)


@pytest.mark.parametrize(
    ("site", "role", "org"),
    [
        ("facility", "training_issuer", "blk"),
        ("facility", "training_admin", "other"),
        ("blk", "correctional_liaison", "blk"),
    ],
)
def test_who_does_not_sign(site: str, role: str, org: str) -> None:
    review = ready(site)
    with refused("ROLE_FORBIDDEN", review):
        review.conclude(act(role=role, org=org), outcome="READY", valid_until=LATER, today=TODAY)


def test_at_the_own_site_two_roles_sign() -> None:
    review = ready("blk")
    review.conclude(act(), outcome="READY", valid_until=LATER, today=TODAY)
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        review.conclude(act("dian"), outcome="READY", valid_until=LATER, today=TODAY)
    review.conclude(act("bram", role="training_issuer"), outcome="READY", valid_until=LATER, today=TODAY)
    assert settle(review).ready_on(TODAY)


def test_today_may_be_its_last_day() -> None:
    ready().conclude(act(), outcome="READY", valid_until=TODAY, today=TODAY)


def test_what_nobody_signed_is_not_reopened() -> None:
    review = ready()
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        review.reopen(LIAISON)
    review.conclude(act(), outcome="READY", valid_until=LATER, today=TODAY)
    review.reopen(LIAISON)
    assert settle(review).conclusions == {}


def test_a_concluded_review_is_closed_until_it_is_reopened() -> None:
    review = concluded()
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        assess(review, "FAC-1", passed=False, critical=True)
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        review.conclude(act(), outcome="READY", valid_until=LATER, today=TODAY)
    review.reopen(LIAISON)
    folded = settle(review)
    assert not folded.ready_on(TODAY)
    assert folded.concluded_at is not None  # it stays the site's newest review
    assess(review, "FAC-1", passed=False, critical=True)
    review.conclude(act(), outcome="NOT_READY", valid_until=None, today=TODAY)
    review.conclude(LIAISON, outcome="NOT_READY", valid_until=None, today=TODAY)
    assert settle(review).state == "not_ready"


def test_it_begins_once() -> None:
    review = started()
    with refused("FACILITY_REVIEW_STATE_INVALID", review):
        started(again=review)
