"""Rules about planning a cohort, each part broken alone, and the last thing that is right."""

import pytest

from tests.audit.following import Case, Cases
from tests.audit.partnering import own_review
from tests.audit.scribe import Said, an_id
from tests.audit.village import BLK, LSP, SITE, Village, s

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_planning(each: Case) -> None:
    each.check()


def agreed(v: Village, one: str, other: str) -> str:
    """Another agreement, in force, of these two."""
    v.people |= {"first party": ("training_admin", one)}
    v.pens["first party"] = v.pens["admin"]
    data = {"number": "PKS/2", "parties": [one, other], "from": "2031-03-01", "until": "2032-02-28"}
    stream = s("agreement", "second")
    v.by("first party", Said(stream, "agreement.drafted", data))
    for who, party in (("issuer", one), ("approver", other)):
        v.by(who, Said(stream, "agreement.signed", {"party": party}), org=party)
    return an_id("second")


# -- planning ----------------------------------------------------------------------------------------------------------


@case("planned", "ORG_FORBIDDEN@1", "ORG_FORBIDDEN")
def planned_by_another_provider(v: Village) -> None:
    v.people["admin"] = ("training_admin", LSP)
    v.plan()


@case("planned", "UNKNOWN_ID@1", "AGREEMENT_NOT_IN_FORCE@1")
def planned_at_no_site(v: Village) -> None:
    v.plan(site=an_id("nowhere"))


@case("planned", "UNKNOWN_ID@1")
def planned_under_no_agreement_that_is(v: Village) -> None:
    v.plan(agreement=an_id("nothing"))


@case("planned", "UNKNOWN_ID@1")
def planned_under_no_programme(v: Village) -> None:
    v.plan(programme=an_id("nothing"))


@case("planned", "PROGRAMME_NOT_READY@1", "UNKNOWN_ID@1")
def planned_under_no_scheme(v: Village) -> None:
    v.plan(scheme=an_id("nothing"))


@case(
    "planned",
    "ORG_FORBIDDEN@1",
    "PROGRAMME_NOT_READY@1: the programme is synchronised, or says otherwise",
    "ORG_FORBIDDEN",
)
def the_programme_of_another_provider(v: Village) -> None:
    v.plan(provider=LSP, site=LSP, agreement=None)


@case("planned", "PROGRAMME_NOT_READY@1")
def another_version_than_the_programmes(v: Village) -> None:
    v.scheme(version=2)
    v.plan(version=2)


@case("planned", "PROGRAMME_NOT_READY@1: the programme is proposed, or says otherwise")
def a_programme_without_instructors(v: Village) -> None:
    stream = s("programme", "other")
    data = {
        "facility": SITE,
        "code": "X",
        "trade": "LAS",
        "min_attendance_pct": 80,
        "minutes": None,
        "sector": None,
    }
    v.by("liaison", Said(stream, "programme.proposed", data))
    v.by("admin", Said(stream, "programme.scheme_adopted", {"scheme": an_id("las"), "version": 1}))
    v.plan(programme=an_id("other"))


@case("planned", "PROGRAMME_NOT_READY@1: the programme is ended, or says otherwise")
def a_programme_that_has_ended(v: Village) -> None:
    v.by("admin", Said(s("programme", "welding"), "programme.ended"))
    v.plan()


@case("planned")
def one_seat_and_one_day(v: Village) -> None:
    v.plan(capacity=1, start="2031-03-10", end="2031-03-10")
    v.sessions(days=("2031-03-10",))


@case("planned", "COHORT_INVALID@1: it has no seat")
def no_seat(v: Village) -> None:
    v.plan(capacity=0)


@case("planned", "COHORT_INVALID@1: it ends before it starts")
def an_end_on_the_day_before(v: Village) -> None:
    v.plan(start="2031-03-10", end="2031-03-09")


@case("planned")
def from_the_first_to_the_last_day_of_the_agreement(v: Village) -> None:
    v.plan(start="2031-03-01", end="2032-02-28")


@case("planned", "AGREEMENT_NOT_IN_FORCE@1: 2031-02-28 to 2031-03-14 is not covered by the agreement")
def from_the_day_before_the_agreement(v: Village) -> None:
    v.plan(start="2031-02-28")


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def to_the_day_after_the_agreement(v: Village) -> None:
    v.plan(end="2032-02-29")


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def under_an_agreement_that_was_terminated(v: Village) -> None:
    v.by("issuer", Said(s("agreement", "pks"), "agreement.terminated", {"on": "2032-02-28"}))
    v.plan()


@case("planned")
def under_an_agreement_that_is_not_signed_yet(v: Village) -> None:
    v.agreement("second", signed=False)
    v.plan(agreement=an_id("second"))


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def under_an_agreement_of_the_provider_with_another(v: Village) -> None:
    v.plan(agreement=agreed(v, BLK, LSP))


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def under_an_agreement_of_the_site_with_another(v: Village) -> None:
    v.plan(agreement=agreed(v, LSP, SITE))


@case("planned")
def at_ones_own_site_without_an_agreement(v: Village) -> None:
    own_review(v)
    v.plan(agreement=None, site=BLK)
    v.cohort("cohort", "enrolment_opened")


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def at_anothers_site_without_an_agreement(v: Village) -> None:
    v.plan(agreement=None)
