"""Rules about the outcome of a site's review and about who signs it, each part broken alone."""

from typing import Any

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.partnering import conclude, item, opened, review, started
from tests.audit.scribe import an_id
from tests.audit.village import BLK, LSP, SITE, Village

case = Cases()
FAILED = {"passed": False, "critical": False}


@pytest.mark.parametrize("each", case, ids=str)
def test_a_review(each: Case) -> None:
    each.check()


# -- the parties -------------------------------------------------------------------------------------------------------


@case("staffed", "UNKNOWN_ID")
def of_a_site_that_is_not(v: Village) -> None:
    started(v, site=an_id("nowhere"))


@case("staffed", "UNKNOWN_ID")
def for_a_provider_that_is_not(v: Village) -> None:
    started(v, provider=an_id("nobody"))


@case("staffed", "ORG_FORBIDDEN")
def begun_by_neither(v: Village) -> None:
    review(v, newcomer(v, "training_admin", LSP), "started", site=SITE, provider=BLK)


@case("staffed", "ORG_FORBIDDEN")
def an_item_by_neither(v: Village) -> None:
    started(v)
    item(v, who=newcomer(v, "training_admin", LSP))


@case("staffed")
def items_by_either(v: Village) -> None:
    started(v)
    item(v, "FAC-1")
    item(v, "FAC-2", who="admin")


@case("staffed", "ORG_FORBIDDEN", "REVIEW_SIGNATURE_WRONG: signed by " + LSP)
def signed_by_neither(v: Village) -> None:
    started(v)
    item(v)
    conclude(v, "READY", newcomer(v, "training_admin", LSP))


@case("planned", "ORG_FORBIDDEN")
def taken_back_by_neither(v: Village) -> None:
    review(v, newcomer(v, "training_admin", LSP), "reopened")


@case("staffed", "REVIEW_SIGNATURE_WRONG: nobody had signed what was taken back")
def taken_back_twice(v: Village) -> None:
    started(v)
    item(v)
    conclude(v, "READY", "liaison")
    for _ in range(2):
        review(v, "liaison", "reopened")


@case("staffed")
def signed_again_after_it_was_taken_back(v: Village) -> None:
    started(v)
    item(v)
    conclude(v, "READY", "liaison")
    review(v, "liaison", "reopened")
    item(v, "FAC-2")
    conclude(v, "READY", "admin", "liaison")


@case("staffed", "REVIEW_SIGNATURE_WRONG: signed by " + BLK)
def signed_by_the_providers_issuer_at_anothers_site(v: Village) -> None:
    started(v)
    item(v)
    conclude(v, "READY", "issuer")


@case("staffed", "REVIEW_SIGNATURE_WRONG: signed by " + BLK)
def signed_in_the_name_of_the_other_party(v: Village) -> None:
    started(v)
    item(v)
    review(v, "admin", "concluded", org=SITE, outcome="READY", valid_until="2031-09-01")


@case("staffed", "REVIEW_SIGNATURE_WRONG: signed by " + SITE)
def signed_twice_by_the_site(v: Village) -> None:
    started(v)
    item(v)
    v.hire("liaison two", "correctional_liaison", SITE)
    conclude(v, "READY", "liaison", "liaison two")


@case("staffed", "SOD_SELF_APPROVAL: one human signed for both parties")
def signed_by_one_human_for_both(v: Village) -> None:
    v.hire("admin as liaison", "correctional_liaison", SITE, same_person_as="admin")
    started(v)
    item(v)
    conclude(v, "READY", "admin as liaison", "admin")


@case("planned", "FACILITY_REVIEW_STATE_INVALID", "REVIEW_SIGNATURE_WRONG")
def an_item_after_both_have_signed(v: Village) -> None:
    item(v, "FAC-9")


# -- the provider's own site -------------------------------------------------------------------------------------------


def own(v: Village, *who: str) -> None:
    started(v, site=BLK)
    item(v, who="admin")
    conclude(v, "READY", *who)


@case("staffed")
def of_ones_own_site_by_two_people(v: Village) -> None:
    needed(v)
    own(v, "issuer", "admin")
    v.plan(site=BLK, agreement=None)
    v.cohort("cohort", "enrolment_opened")


@case("staffed", "REVIEW_SIGNATURE_WRONG: signed by training_admin")
def of_ones_own_site_by_two_administrators(v: Village) -> None:
    v.hire("admin two", "training_admin", BLK)
    own(v, "admin", "admin two")


@case("staffed", "SOD_SELF_APPROVAL")
def of_ones_own_site_by_one_human(v: Village) -> None:
    v.hire("admin as issuer", "training_issuer", BLK, same_person_as="admin")
    own(v, "admin", "admin as issuer")


@case("staffed", "REVIEW_SIGNATURE_WRONG: signed by correctional_liaison")
def of_ones_own_site_by_a_liaison(v: Village) -> None:
    own(v, newcomer(v, "correctional_liaison", BLK))


# -- the outcome -------------------------------------------------------------------------------------------------------


def reviewed(v: Village, outcome: str, *items: dict[str, Any], until: str | None = "2031-09-01") -> None:
    started(v)
    for number, each in enumerate(items):
        item(v, f"FAC-{number}", **each)
    conclude(v, outcome, until=until)


@case("staffed")
def ready_when_all_has_passed(v: Village) -> None:
    reviewed(v, "READY", {}, {"critical": True}, {"due": "2031-04-01"})


@case("staffed", "REVIEW_OUTCOME_WRONG@1: the items say None, not READY", "REVIEW_OUTCOME_WRONG")
def ready_without_an_item(v: Village) -> None:
    reviewed(v, "READY")


@case("staffed")
def conditional_when_some_failed_that_have_a_date(v: Village) -> None:
    reviewed(v, "CONDITIONAL", {}, FAILED | {"due": "2031-04-01"}, {"critical": True})


@case("staffed", "REVIEW_OUTCOME_WRONG@1: the items say CONDITIONAL, not READY", "REVIEW_OUTCOME_WRONG")
def ready_when_one_failed_that_has_a_date(v: Village) -> None:
    reviewed(v, "READY", {}, FAILED | {"due": "2031-04-01"})


@case("staffed", "REVIEW_OUTCOME_WRONG@1: the items say READY, not CONDITIONAL", "REVIEW_OUTCOME_WRONG")
def conditional_when_none_failed(v: Village) -> None:
    reviewed(v, "CONDITIONAL", {})


@case("staffed", "REVIEW_OUTCOME_WRONG@1: the items say None, not CONDITIONAL", "REVIEW_OUTCOME_WRONG")
def conditional_when_one_of_two_failed_without_a_date(v: Village) -> None:
    reviewed(v, "CONDITIONAL", FAILED | {"due": "2031-04-01"}, FAILED)


@case("staffed")
def not_ready_when_one_critical_failed(v: Village) -> None:
    reviewed(v, "NOT_READY", {}, FAILED, {"passed": False, "critical": True, "due": "2031-04-01"}, until=None)


@case("staffed", "REVIEW_OUTCOME_WRONG@1: the items say NOT_READY, not CONDITIONAL", "REVIEW_OUTCOME_WRONG")
def conditional_when_one_critical_failed(v: Village) -> None:
    reviewed(v, "CONDITIONAL", {}, {"passed": False, "critical": True, "due": "2031-04-01"})


@case("staffed", "REVIEW_OUTCOME_WRONG@1: the items say READY, not NOT_READY", "REVIEW_OUTCOME_WRONG")
def not_ready_when_none_failed(v: Village) -> None:
    reviewed(v, "NOT_READY", {"critical": True}, until=None)


@case("staffed")
def an_item_assessed_again_counts_anew(v: Village) -> None:
    started(v)
    item(v, passed=False, critical=True)
    item(v, critical=True)
    conclude(v, "READY")


@case(
    "staffed",
    "REVIEW_OUTCOME_WRONG@1: a last valid day is missing, or is one too many",
    "REVIEW_OUTCOME_WRONG",
)
def not_ready_until_a_day(v: Village) -> None:
    reviewed(v, "NOT_READY", {"passed": False, "critical": True})


@case("staffed", "REVIEW_OUTCOME_WRONG@1", "REVIEW_OUTCOME_WRONG")
def conditional_without_a_day(v: Village) -> None:
    reviewed(v, "CONDITIONAL", FAILED | {"due": "2031-04-01"}, until=None)


@case("staffed", "REVIEW_OUTCOME_WRONG: the parties signed different outcomes")
def two_different_days(v: Village) -> None:
    started(v)
    item(v)
    conclude(v, "READY", "liaison")
    conclude(v, "READY", "admin", until="2031-09-02")


@case(
    "staffed",
    "REVIEW_OUTCOME_WRONG: the items say READY, not CONDITIONAL",
    "REVIEW_OUTCOME_WRONG: the parties signed different outcomes",
)
def two_different_outcomes(v: Village) -> None:
    started(v)
    item(v)
    conclude(v, "READY", "liaison")
    conclude(v, "CONDITIONAL", "admin")


# -- what opening makes of it ------------------------------------------------------------------------------------------


def needed(v: Village) -> None:
    """What a cohort needs beside a review."""
    v.agreement()
    v.scheme()
    v.programme()


@case("staffed")
def a_conditional_site_is_ready(v: Village) -> None:
    needed(v)
    reviewed(v, "CONDITIONAL", FAILED | {"due": "2031-04-01"})
    opened(v)


@case("staffed", "FACILITY_NOT_READY")
def a_site_is_not_ready_by_one_signature(v: Village) -> None:
    needed(v)
    started(v)
    item(v)
    conclude(v, "READY", "liaison")
    opened(v)


@case("staffed", "REVIEW_OUTCOME_WRONG@4", "REVIEW_OUTCOME_WRONG@3", "FACILITY_NOT_READY")
def a_site_that_is_not_ready_until_a_day(v: Village) -> None:
    needed(v)
    reviewed(v, "NOT_READY", {"passed": False, "critical": True})
    opened(v)


@case("staffed", "REVIEW_OUTCOME_WRONG@4", "REVIEW_OUTCOME_WRONG@3", "FACILITY_NOT_READY")
def a_site_that_is_ready_until_no_day(v: Village) -> None:
    needed(v)
    reviewed(v, "READY", {}, until=None)
    opened(v)


@case("staffed", "FACILITY_NOT_READY")
def a_site_that_nobody_reviewed(v: Village) -> None:
    needed(v)
    opened(v)
