"""Rules about programmes at their edges: who takes one up, and what makes it ready for cohorts."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.scribe import Said, a_fact, an_id
from tests.audit.village import LSP, SITE, Village, s

case = Cases()
PROGRAMME = s("programme", "new")


@pytest.mark.parametrize("each", case, ids=str)
def test_a_programme(each: Case) -> None:
    each.check()


def propose(v: Village, who: str = "liaison", **changes: Any) -> None:
    data = {
        "facility": SITE,
        "code": "X",
        "trade": "LAS",
        "min_attendance_pct": 80,
        "minutes": None,
        "sector": None,
    }
    v.by(who, Said(PROGRAMME, "programme.proposed", data | changes))


def need(v: Village, who: str = "admin") -> None:
    data = {"source": a_fact(), "occupation": a_fact(), "demand": 1}
    v.by(who, Said(PROGRAMME, "programme.need_recorded", data))


def offer(v: Village, *names: str, who: str = "admin") -> None:
    said = {"instructors": [an_id(name) for name in names]}
    v.by(who, Said(PROGRAMME, "programme.instructors_offered", said))


def adopt(v: Village, who: str = "admin", version: int = 1) -> None:
    said = {"scheme": an_id("las"), "version": version}
    v.by(who, Said(PROGRAMME, "programme.scheme_adopted", said))


def tag(v: Village, who: str = "admin") -> None:
    v.by(who, Said(PROGRAMME, "programme.tagged", {"tags": ["WOMEN"]}))


def elsewhere(v: Village) -> str:
    return newcomer(v, "training_admin", LSP)


STEPS: dict[str, Callable[[Village], None]] = {
    "need": need,
    "offer": lambda v: offer(v, "teacher"),
    "adopt": adopt,
}


@pytest.mark.parametrize("last", STEPS)
def test_each_of_three_steps_may_come_last_and_none_be_missing(last: str) -> None:
    def begin(v: Village) -> None:
        propose(v)
        for name, step in STEPS.items():
            if name != last:
                step(v)

    def unready(v: Village) -> None:
        begin(v)
        v.plan(programme=an_id("new"))

    def ready(v: Village) -> None:
        begin(v)
        STEPS[last](v)
        v.plan(programme=an_id("new"))

    Case("planned", ready, ()).check()
    Case("planned", unready, ("PROGRAMME_NOT_READY@1: the programme is proposed, or says otherwise",)).check()


@case("planned")
def a_programme_stays_ready_when_something_is_recorded_again(v: Village) -> None:
    propose(v)
    for step in (*STEPS.values(), need, tag):
        step(v)
    v.plan(programme=an_id("new"))


@case("planned", "PROGRAMME_STATE_INVALID")
def a_programme_that_ended_is_not_made_ready_again(v: Village) -> None:
    propose(v)
    need(v)
    offer(v, "teacher")
    v.by("admin", Said(PROGRAMME, "programme.ended"))
    adopt(v)


@case("planned", "UNKNOWN_ID")
def for_a_facility_that_is_not(v: Village) -> None:
    propose(v, "admin", facility=an_id("nowhere"))


@case("planned")
def for_no_facility(v: Village) -> None:
    propose(v, "admin", facility=None)


@case("planned", "ORG_FORBIDDEN: proposed for another facility")
def for_no_facility_by_a_liaison(v: Village) -> None:
    propose(v, facility=None)


@case("planned", "ORG_FORBIDDEN: proposed for another facility")
def for_another_facility_by_a_liaison(v: Village) -> None:
    propose(v, facility=LSP)


@case("planned")
def for_a_facility_by_a_provider(v: Village) -> None:
    propose(v, "admin")


@case("planned", "PUBLIC_FIELD_FORBIDDEN")
def by_a_code_that_reveals(v: Village) -> None:
    propose(v, code="LAPAS/2")


@case("planned", "PROGRAMME_NOT_READY@1")
def another_threshold_than_it_was_proposed_with(v: Village) -> None:
    propose(v, min_attendance_pct=81)
    for step in STEPS.values():
        step(v)
    v.plan(programme=an_id("new"))


@case("planned", "ORG_FORBIDDEN: another provider took this programme up")
def a_need_recorded_by_another_provider(v: Village) -> None:
    propose(v, "admin")
    need(v, elsewhere(v))


@case("planned", "ORG_FORBIDDEN: another provider took this programme up")
def an_offer_by_another_provider(v: Village) -> None:
    propose(v, "admin")
    offer(v, "teacher", who=elsewhere(v))


@case("planned", "ORG_FORBIDDEN: another provider's scheme")
def another_providers_scheme_adopted_by_who_took_it_up(v: Village) -> None:
    propose(v)
    adopt(v, elsewhere(v))


@case(
    "planned",
    "ORG_FORBIDDEN: another provider's scheme",
    "ORG_FORBIDDEN: another provider took this programme up",
)
def another_providers_scheme_adopted_by_that_other(v: Village) -> None:
    propose(v, "admin")
    adopt(v, elsewhere(v))


@case("planned", "ORG_FORBIDDEN")
def tagged_by_another_provider(v: Village) -> None:
    propose(v)
    tag(v)
    tag(v, elsewhere(v))


@case("planned", "ORG_FORBIDDEN")
def ended_by_another_provider(v: Village) -> None:
    v.by(elsewhere(v), Said(s("programme", "welding"), "programme.ended"))


@case("planned", "UNKNOWN_ID: nobody was offered")
def nobody_offered(v: Village) -> None:
    propose(v)
    offer(v)


@case("planned", f"ROLE_FORBIDDEN: staff/{an_id('admin')} is named as instructor and does not hold the role")
def one_of_two_offered_is_no_instructor(v: Village) -> None:
    propose(v)
    offer(v, "teacher", "admin")


@case("planned", "UNKNOWN_ID: the scheme " + an_id("las") + " has no version 2")
def a_version_adopted_that_is_not(v: Village) -> None:
    propose(v)
    adopt(v, version=2)


@case("planned", "SCHEME_NOT_APPROVED: version 1 of the scheme " + an_id("las"))
def a_version_adopted_that_was_retired(v: Village) -> None:
    v.by("issuer", Said(s("scheme", "las"), "scheme.retired", {"version": 1}))
    propose(v)
    adopt(v)


@case(
    "planned", "PROGRAMME_STATE_INVALID@2", "PROGRAMME_NOT_READY@1: the programme is ended, or says otherwise"
)
def a_programme_is_not_made_ready_again_by_an_act_after_its_end(v: Village) -> None:
    v.by("admin", Said(s("programme", "welding"), "programme.ended"))
    v.by("admin", Said(s("programme", "welding"), "programme.tagged", {"tags": ["WOMEN"]}))
    v.plan()
