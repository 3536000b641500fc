"""Rules about who had a part in an assessment, and what that keeps them from."""

from typing import Any

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.scribe import Said, an_id
from tests.audit.village import LSP, UNITS, Village, s

case = Cases()
MIXED = {"U.1": "K", "U.2": "BK"}


@pytest.mark.parametrize("each", case, ids=str)
def test_who_had_a_part(each: Case) -> None:
    each.check()


# -- who had a part in it ----------------------------------------------------------------------------------------------


def on_the_panel(v: Village, who: str, appeal: str = "a") -> None:
    """Somebody on the panel of an appeal against the last decision."""
    stream, chair = s("appeal", appeal), newcomer(v, "assessment_supervisor", LSP)
    v.grant(who, "appeal_panel", LSP)
    data = {"assessment": an_id("ana"), "decision": v.decisions["ana"], "ground": "OTHER"}
    v.by("admin", Said(stream, "appeal.filed", data))
    v.by(chair, Said(stream, "appeal.accepted"))
    v.by(chair, Said(stream, "appeal.panel_assigned", {"panel": [an_id(who)]}))


def supervised(v: Village, *clerks: str) -> None:
    """An attempt that the supervisor admits; a clerk gives these of the acts that follow, the supervisor the others."""
    v.hire("clerk", "assessment_supervisor", LSP)
    by = {act: "clerk" if act in clerks else "supervisor" for act in ("assigned", "corrected", "ordered")}
    v.admit("ana")
    v.assessment("ana", "assessor_assigned", by["assigned"], assessor=an_id("assessor"))
    v.evidence("ana")
    v.result("ana", "U.1")
    v.result("ana", "U.2")
    v.assessment("ana", "recommended", results=dict.fromkeys(UNITS, "K"))
    data = {"unit": "U.1", "result": "BK", "corrects": v.results["ana", "U.1"]}
    v.assessment("ana", "unit_result_corrected", by["corrected"], **data)
    v.decide("ana", {"U.1": "BK", "U.2": "K"})
    v.assessment("ana", "reassessment_ordered", by["ordered"], units=["U.1"], appeal=None)


@case("trained", "SOD_APPEAL_PANEL_INVOLVED")
def the_one_who_admitted_on_the_panel(v: Village) -> None:
    supervised(v, "assigned", "corrected", "ordered")
    on_the_panel(v, "supervisor")


@pytest.mark.parametrize("act", ["assigned", "corrected", "ordered"])
def test_nobody_with_a_part_in_it_is_on_the_panel(act: str) -> None:
    def go(v: Village) -> None:
        supervised(v, act)
        on_the_panel(v, "clerk")

    Case("trained", go, ("SOD_APPEAL_PANEL_INVOLVED",)).check()


@case("trained")
def somebody_without_a_part_in_it_on_the_panel(v: Village) -> None:
    supervised(v)
    on_the_panel(v, "clerk")


@case("trained", "SOD_APPEAL_PANEL_INVOLVED")
def an_assessor_who_only_was_assigned_on_the_panel(v: Village) -> None:
    v.admit("ana")
    v.assign("ana", "other assessor")
    v.assessment("ana", "assessor_replaced", "supervisor", assessor=an_id("assessor"))
    v.evidence("ana")
    v.result("ana", "U.1")
    v.result("ana", "U.2")
    v.assessment("ana", "recommended", results=dict.fromkeys(UNITS, "K"))
    v.decide("ana")
    on_the_panel(v, "other assessor")


@case("trained", "ASSESSMENT_STATE_INVALID@7", "ASSESSOR_NOT_ASSIGNED@7", "SOD_APPEAL_PANEL_INVOLVED")
def somebody_who_assessed_without_right_on_the_panel(v: Village) -> None:
    v.assess("ana")
    v.evidence("ana", 2, "other assessor")
    v.assessment("ana", "recommended", results=dict.fromkeys(UNITS, "K"))
    v.decide("ana")
    on_the_panel(v, "other assessor")


@case("trained", "SOD_APPEAL_PANEL_INVOLVED")
def a_decider_who_only_sat_there_on_the_panel(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", panel=[an_id("decider"), an_id("other decider")])
    on_the_panel(v, "other decider")


@case("trained", "SOD_APPEAL_PANEL_INVOLVED")
def the_panel_that_changed_a_result_on_the_next_panel(v: Village) -> None:
    v.assess("ana")
    v.decide("ana")
    upheld(v, "reopened", unit="U.1", result="BK")
    v.decide("ana", {"U.1": "BK", "U.2": "K"})
    on_the_panel(v, "panel", "b")


def order(v: Village, *units: str) -> None:
    v.assessment("ana", "reassessment_ordered", "supervisor", units=list(units), appeal=None)


# -- after an appeal ---------------------------------------------------------------------------------------------------


def upheld(v: Village, event: str, **done: Any) -> None:
    """An appeal that was upheld, with its remedy."""
    on_the_panel(v, "panel")
    v.by("panel", Said(s("appeal", "a"), "appeal.heard"))
    said = {"unit": done.get("unit"), "result": done.get("result")}
    said["remedy"] = "UNIT_RESULT_CHANGED" if event == "reopened" else "REASSESSMENT"
    remedy = Said(s("assessment", "ana"), f"assessment.{event}", {"appeal": an_id("a")} | done)
    v.by("panel", Said(s("appeal", "a"), "appeal.upheld", said), remedy)


def again(v: Village, assessor: str) -> None:
    v.admit("next", learner="ana", previous=an_id("ana"), attempt=2, units=["U.2"], carried={"U.1": "K"})
    v.assign("next", assessor)


def failed(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", MIXED)


@case("trained")
def the_same_assessor_without_an_appeal(v: Village) -> None:
    failed(v)
    again(v, "assessor")


@case("trained")
def the_same_assessor_where_the_body_orders_it(v: Village) -> None:
    failed(v)
    order(v, "U.2")
    again(v, "assessor")


@case("trained", "SOD_REASSESSOR_INVOLVED")
def the_same_assessor_after_an_appeal(v: Village) -> None:
    failed(v)
    upheld(v, "reassessment_ordered", units=["U.2"])
    again(v, "assessor")


@case("trained", "SOD_REASSESSOR_INVOLVED")
def the_same_assessor_after_an_appeal_and_an_order(v: Village) -> None:
    failed(v)
    upheld(v, "reassessment_ordered", units=["U.2"])
    order(v, "U.2")
    again(v, "assessor")


@case("trained")
def another_assessor_after_an_appeal(v: Village) -> None:
    failed(v)
    upheld(v, "reassessment_ordered", units=["U.2"])
    again(v, "other assessor")
