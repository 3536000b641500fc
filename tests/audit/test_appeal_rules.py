"""Rules about appeals, each part broken alone, and the last thing that is right."""

import pytest

from tests.audit.broken_assessing import exception, hearing
from tests.audit.following import Case, Cases, newcomer, westward
from tests.audit.resting import rested
from tests.audit.scribe import Said, a_hash, an_id
from tests.audit.village import BLK, LSP, Village, s
from verifier.rules.world import Settings

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_an_appeal(each: Case) -> None:
    each.check()


def file_appeal(v: Village, of: str = "ana", name: str = "a", **changes: str) -> None:
    data = {"assessment": an_id(of), "decision": v.decisions.get(of, a_hash("none")), "ground": "OTHER"}
    v.by("admin", Said(s("appeal", name), "appeal.filed", data | changes))


def appeal(v: Village, event: str, who: str = "supervisor", **data: object) -> None:
    v.by(who, Said(s("appeal", "a"), f"appeal.{event}", data))


def panel(v: Village, *members: str, assigns: str = "supervisor") -> None:
    """An accepted appeal, and these on its panel."""
    file_appeal(v)
    appeal(v, "accepted")
    appeal(v, "panel_assigned", assigns, panel=[an_id(member) for member in members])


# -- what is appealed against, and when --------------------------------------------------------------------------------


@case("trained", "APPEAL_INVALID")
def before_there_is_a_decision(v: Village) -> None:
    v.assess("ana")
    file_appeal(v)


@case("decided", "APPEAL_INVALID")
def against_another_decision(v: Village) -> None:
    file_appeal(v, decision=v.decisions["budi"])


@case("decided", "APPEAL_INVALID")
def against_a_decision_that_a_correction_has_undone(v: Village) -> None:
    v.assessment(
        "ana",
        "unit_result_corrected",
        "supervisor",
        unit="U.1",
        result="BK",
        corrects=v.results["ana", "U.1"],
    )
    file_appeal(v)


@case("decided", "APPEAL_ALREADY_FILED")
def twice(v: Village) -> None:
    file_appeal(v)
    file_appeal(v, name="again")


@case("decided")
def against_two_decisions(v: Village) -> None:
    file_appeal(v)
    file_appeal(v, "budi", "b")


@case("decided", "UNKNOWN_ID@1")
def accepted_though_it_is_against_nothing(v: Village) -> None:
    file_appeal(v, "nobody")
    appeal(v, "accepted")


@case("decided")
def on_the_last_day(v: Village) -> None:
    v.set_day("2031-03-25")  # the fifth working day after Tuesday, the 18th
    file_appeal(v)


@case("decided", "APPEAL_WINDOW_UNCHECKED: filed on 2031-03-26; without holidays the last day was 2031-03-25")
def on_the_day_after_the_last(v: Village) -> None:
    v.set_day("2031-03-26")
    file_appeal(v)


def test_holidays_put_the_last_day_off() -> None:
    settings = Settings(holidays=frozenset({"2031-03-24"}))

    def told(day: str) -> list[str]:
        def filed(v: Village) -> None:
            v.set_day(day)
            file_appeal(v)

        return [code for _, code, _ in rested("decided", filed, settings).told]

    assert told("2031-03-26") == []
    assert told("2031-03-27") == ["APPEAL_WINDOW_CLOSED"]


def around_midnight(v: Village, day: str, hour: int) -> None:
    """Decided where it is the 18th by one clock and still the 17th by another; filed at an hour of a day in UTC."""
    westward(v)
    v.set_day("2031-03-17", 16)
    v.assess("ana")
    v.decide("ana")
    v.set_day(day, hour)
    file_appeal(v)


@case("trained")
def on_the_last_day_by_some_clock(v: Village) -> None:
    around_midnight(v, "2031-03-25", 16)


@case("trained", "APPEAL_WINDOW_UNCHECKED: filed on 2031-03-26; without holidays the last day was 2031-03-25")
def after_the_last_day_by_every_clock(v: Village) -> None:
    around_midnight(v, "2031-03-25", 17)


# -- by whom -----------------------------------------------------------------------------------------------------------


@case("decided", "ORG_FORBIDDEN")
def accepted_by_another_body(v: Village) -> None:
    file_appeal(v)
    appeal(v, "accepted", newcomer(v, "assessment_supervisor", BLK))


@case("decided", "ORG_FORBIDDEN")
def a_panel_assigned_by_another_body(v: Village) -> None:
    panel(v, "panel", assigns=newcomer(v, "assessment_supervisor", BLK))


@case("decided", "APPEAL_INVALID: the panel is empty")
def an_empty_panel(v: Village) -> None:
    panel(v)


@case("decided", "ROLE_FORBIDDEN")
def heard_by_nobody_of_the_panel(v: Village) -> None:
    panel(v, "panel")
    appeal(v, "heard", newcomer(v, "appeal_panel", LSP))


@case("decided", "ROLE_FORBIDDEN")
def rejected_by_nobody_of_the_panel(v: Village) -> None:
    hearing(v)
    appeal(v, "rejected", newcomer(v, "appeal_panel", LSP))


@case("decided", "SOD_APPEAL_PANEL_INVOLVED")
def the_one_who_filed_it_on_the_panel(v: Village) -> None:
    v.grant("admin", "appeal_panel", LSP)
    panel(v, "panel", "admin")


@case("decided", "SOD_APPEAL_PANEL_INVOLVED")
def the_one_who_names_the_panel_on_it(v: Village) -> None:
    v.hire("chair", "assessment_supervisor", LSP)
    v.grant("chair", "appeal_panel", LSP)
    panel(v, "chair", assigns="chair")


@case("decided", "ROLE_FORBIDDEN", "SOD_APPEAL_PANEL_INVOLVED")
def a_decider_without_the_role_on_the_panel(v: Village) -> None:
    panel(v, "decider")


@case("decided", "SOD_APPEAL_PANEL_INVOLVED")
def a_teacher_on_the_panel(v: Village) -> None:
    v.grant("teacher", "appeal_panel", LSP)
    panel(v, "teacher")


@case("trained", "UNKNOWN_ID@11", "SOD_APPEAL_PANEL_INVOLVED")
def a_panel_for_a_person_who_is_not_known(v: Village) -> None:
    v.assess("ana", learner="nobody", enrolment=None, renews=True)
    v.decide("ana")
    v.grant("decider", "appeal_panel", LSP)
    panel(v, "decider")


@case("trained", "SOD_APPEAL_PANEL_INVOLVED")
def an_assessor_of_the_attempt_before_on_the_panel(v: Village) -> None:
    v.assess("first", "BK", learner="ana")
    v.decide("first", {"U.1": "K", "U.2": "BK"})
    v.admit("ana", previous=an_id("first"), attempt=2, units=["U.2"], carried={"U.1": "K"})
    v.assign("ana", "other assessor")
    v.evidence("ana", who="other assessor")
    v.result("ana", "U.2", who="other assessor")
    v.assessment("ana", "recommended", "other assessor", results={"U.2": "K"})
    v.decide("ana", who="other decider")
    v.grant("assessor", "appeal_panel", LSP)
    panel(v, "assessor")


def excepted(v: Village, matter: str) -> None:
    """The decider on the panel, by an exception for that and for a matter."""
    exception(v, "SOD_APPEAL_PANEL_INVOLVED", "other decider", matter)
    v.assess("attempt", learner="ana")
    v.decide("attempt", who="other decider")
    v.grant("other decider", "appeal_panel", LSP)
    file_appeal(v, "attempt")
    appeal(v, "accepted")
    appeal(v, "panel_assigned", panel=[an_id("other decider")])


@case("trained", "EXCEPTION_USED")
def an_exception_for_the_assessment(v: Village) -> None:
    excepted(v, "attempt")


@case("trained", "EXCEPTION_USED")
def an_exception_for_the_learner(v: Village) -> None:
    excepted(v, "ana")


@case("trained", "SOD_APPEAL_PANEL_INVOLVED")
def an_exception_for_another_learner(v: Village) -> None:
    excepted(v, "budi")
