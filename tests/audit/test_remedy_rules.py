"""Rules about an upheld appeal and its remedy, each part broken alone, and what is right."""

import pytest

from tests.audit.broken_assessing import hearing
from tests.audit.following import Case, Cases, newcomer
from tests.audit.scribe import Said, a_hash, an_id
from tests.audit.village import LSP, Village, s

case = Cases()
CHANGED: dict[str, object] = {"remedy": "UNIT_RESULT_CHANGED", "unit": "U.1", "result": "BK"}
AGAIN: dict[str, object] = {"remedy": "REASSESSMENT"}
BOTH = ["U.1", "U.2"]


@pytest.mark.parametrize("each", case, ids=str)
def test_a_remedy(each: Case) -> None:
    each.check()


def upheld(
    v: Village,
    said: dict[str, object],
    event: str,
    assessment: str = "ana",
    who: str = "panel",
    **done: object,
) -> None:
    """An appeal that was heard, upheld with a remedy in the same act."""
    remedy = Said(s("assessment", assessment), f"assessment.{event}", {"appeal": an_id("a")} | done)
    v.by(who, Said(s("appeal", "a"), "appeal.upheld", {"unit": None, "result": None} | said), remedy)


@case("decided")
def a_result_changed_as_upheld(v: Village) -> None:
    hearing(v)
    upheld(v, CHANGED, "reopened", unit="U.1", result="BK")


@case("decided")
def all_units_assessed_again(v: Village) -> None:
    hearing(v)
    upheld(v, AGAIN, "reassessment_ordered", units=BOTH)


@case("decided")
def the_unit_assessed_again_that_was_upheld(v: Village) -> None:
    hearing(v)
    upheld(v, AGAIN | {"unit": "U.2"}, "reassessment_ordered", units=["U.2"])


@case("decided", "ROLE_FORBIDDEN")
def upheld_by_nobody_of_the_panel(v: Village) -> None:
    hearing(v)
    stranger = newcomer(v, "appeal_panel", LSP)
    upheld(v, CHANGED, "reopened", who=stranger, unit="U.1", result="BK")


@case("decided", "REMEDY_WRONG")
def another_unit_assessed_again(v: Village) -> None:
    hearing(v)
    upheld(v, AGAIN | {"unit": "U.2"}, "reassessment_ordered", units=["U.1"])


@case("decided", "REMEDY_WRONG")
def more_units_assessed_again_than_upheld(v: Village) -> None:
    hearing(v)
    upheld(v, AGAIN | {"unit": "U.1"}, "reassessment_ordered", units=BOTH)


@case("decided", "REMEDY_WRONG")
def assessed_again_where_a_result_was_to_be_changed(v: Village) -> None:
    hearing(v)
    upheld(v, CHANGED, "reassessment_ordered", units=["U.1"])


@case("decided", "REMEDY_WRONG")
def a_result_changed_where_it_was_to_be_assessed_again(v: Village) -> None:
    hearing(v)
    upheld(v, AGAIN | {"unit": "U.1"}, "reopened", unit="U.1", result="BK")


@case("decided", "REMEDY_WRONG")
def assessed_again_by_a_remedy_of_no_kind(v: Village) -> None:
    hearing(v)
    upheld(v, {"remedy": "APOLOGY"}, "reassessment_ordered", units=BOTH)


@case("decided", "REMEDY_WRONG")
def a_remedy_in_another_assessment(v: Village) -> None:
    hearing(v)
    upheld(v, CHANGED, "reopened", "budi", unit="U.1", result="BK")


@case("decided", "REMEDY_WRONG")
def a_remedy_of_an_appeal_that_is_only_heard(v: Village) -> None:
    hearing(v)
    v.assessment("ana", "reopened", "panel", appeal=an_id("a"), unit="U.1", result="BK")


@case("decided", "UNKNOWN_ID@4", "REMEDY_WRONG")
def a_remedy_of_an_appeal_against_nothing(v: Village) -> None:
    stream, against = s("appeal", "a"), {"assessment": an_id("none"), "decision": a_hash("none")}
    v.by("admin", Said(stream, "appeal.filed", against | {"ground": "OTHER"}))
    v.by("supervisor", Said(stream, "appeal.accepted"))
    v.by("supervisor", Said(stream, "appeal.panel_assigned", {"panel": [an_id("panel")]}))
    v.by("panel", Said(stream, "appeal.heard"))
    upheld(v, CHANGED, "reopened", unit="U.1", result="BK")


@case("decided")
def a_reassessment_that_the_body_orders(v: Village) -> None:
    v.assessment("ana", "reassessment_ordered", "supervisor", units=["U.1"], appeal=None)
