"""The days for which an agreement and a site's review hold: the first and the last of them, and those beside."""

import pytest

from tests.audit.following import Case, Cases, westward
from tests.audit.partnering import agreement, conclude, item, opened, review, signed
from tests.audit.scribe import Said, an_id
from tests.audit.village import BLK, SITE, Village, s

case = Cases()
UNTIL = "2031-09-01"


@pytest.mark.parametrize("each", case, ids=str)
def test_days(each: Case) -> None:
    each.check()


# -- the days of an agreement ------------------------------------------------------------------------------------------


def later(v: Village) -> None:
    """A cohort under an agreement that begins on the 8th and ends on the 20th."""
    data = {"number": "PKS/2", "parties": [BLK, SITE], "from": "2031-03-08", "until": "2031-03-20"}
    stream = s("agreement", "later")
    v.by("admin", Said(stream, "agreement.drafted", data))
    v.by("issuer", Said(stream, "agreement.signed", {"party": BLK}))
    v.by("approver", Said(stream, "agreement.signed", {"party": SITE}))
    v.plan(agreement=an_id("later"))


@case("planned")
def opened_on_the_agreements_first_day_in_one_zone_only(v: Village) -> None:
    later(v)
    westward(v)
    v.set_day("2031-03-07", 16)
    v.cohort("cohort", "enrolment_opened")


@case("planned", "AGREEMENT_NOT_IN_FORCE: opened on 2031-03-07")
def opened_an_hour_before_the_agreements_first_day(v: Village) -> None:
    later(v)
    v.set_day("2031-03-07", 15)
    v.cohort("cohort", "enrolment_opened")


@case("planned")
def opened_on_the_agreements_last_day_in_one_zone_only(v: Village) -> None:
    later(v)
    westward(v)
    v.set_day("2031-03-20", 16)
    v.cohort("cohort", "enrolment_opened")


@case("planned", "AGREEMENT_NOT_IN_FORCE: opened on 2031-03-21")
def opened_on_the_day_after_the_agreements_last_in_all_zones(v: Village) -> None:
    later(v)
    westward(v)
    v.set_day("2031-03-20", 17)
    v.cohort("cohort", "enrolment_opened")


@case("planned")
def opened_on_the_day_before_the_agreements_end(v: Village) -> None:
    v.plan()
    agreement(v, "issuer", "terminated", on="2031-03-05")
    v.cohort("cohort", "enrolment_opened")


@case("planned", "AGREEMENT_NOT_IN_FORCE: opened on 2031-03-04")
def opened_on_the_day_of_the_agreements_end(v: Village) -> None:
    v.plan()
    agreement(v, "issuer", "terminated", on="2031-03-04")
    v.cohort("cohort", "enrolment_opened")


@case("planned", "AGREEMENT_NOT_IN_FORCE")
def opened_under_an_agreement_that_one_party_signed(v: Village) -> None:
    v.agreement("half", signed=False)
    v.by("issuer", Said(s("agreement", "half"), "agreement.signed", {"party": BLK}))
    v.plan(agreement=an_id("half"))
    v.cohort("cohort", "enrolment_opened")


@case("staffed", "AGREEMENT_STATE_INVALID@1", "ORG_FORBIDDEN@1", "ORG_FORBIDDEN")
def signed_and_amended_without_ever_being_drafted(v: Village) -> None:
    signed(v, "issuer")
    agreement(v, "admin", "amended", until="2032-03-31")


# -- the days of a review ----------------------------------------------------------------------------------------------


@case("planned")
def opened_on_the_reviews_last_day_in_one_zone_only(v: Village) -> None:
    westward(v)
    opened(v, UNTIL, 16)


@case("planned", "FACILITY_NOT_READY: opened on 2031-09-02 at organisation/" + SITE)
def opened_on_the_day_after_the_reviews_last_in_all_zones(v: Village) -> None:
    westward(v)
    opened(v, UNTIL, 17)


@case("planned", "FACILITY_NOT_READY")
def opened_while_the_newest_review_is_reopened(v: Village) -> None:
    review(v, "liaison", "reopened")
    opened(v)


@case("planned")
def opened_after_a_reopened_review_was_concluded_again(v: Village) -> None:
    review(v, "liaison", "reopened")
    item(v, "FAC-2")
    conclude(v, "READY", until="2031-10-01")
    opened(v, "2031-10-01")


@case("planned")
def opened_while_a_second_review_is_not_concluded(v: Village) -> None:
    v.by(
        "liaison",
        Said(s("facility_review", "next"), "facility_review.started", {"site": SITE, "provider": BLK}),
    )
    opened(v)


@case("planned", "FACILITY_NOT_READY")
def opened_at_a_site_of_which_another_was_reviewed(v: Village) -> None:
    v.plan(site=BLK, agreement=None)
    v.cohort("cohort", "enrolment_opened")


@case("planned", "FACILITY_NOT_READY")
def opened_after_a_worse_review_that_happened_later(v: Village) -> None:
    v.wait(hours=1)
    v.review("worse", passed=False, until=None)
    opened(v)


@case("planned")
def opened_after_a_worse_review_that_was_entered_late(v: Village) -> None:
    stream, before = s("facility_review", "worse"), "2031-03-03T02:00:00Z"
    bad = {"item": "FAC-1", "value": None, "passed": False, "critical": True, "due": None}
    said = {"outcome": "NOT_READY", "valid_until": None}
    for who, event, data in (
        ("liaison", "started", {"site": SITE, "provider": BLK}),
        ("liaison", "item_assessed", bad),
        ("liaison", "concluded", {"org": SITE, **said}),
        ("admin", "concluded", {"org": BLK, **said}),
    ):
        v.by(who, Said(stream, f"facility_review.{event}", data, before))
    opened(v)
