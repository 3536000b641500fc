"""Appeal commands at a desk: the window, the uninvolved panel, the outcome with its remedy."""

from datetime import UTC, datetime

import pytest

from ledger.commands.admissions import AdmitToReassessment, AssignAssessor
from ledger.commands.appeals import (
    AcceptAppeal,
    AssignAppealPanel,
    DecideAppeal,
    FileAppeal,
    HearAppeal,
    WithdrawAppeal,
)
from ledger.commands.assessments import (
    CorrectUnitResult,
    Recommend,
    RecordCertificationDecision,
    RecordUnitResult,
)
from ledger.domain.appeal import Appeal
from tests.domain.centre import Centre
from tests.domain.desk import new_id

ACCEPTED = "nothing: it was accepted"


def file(centre: Centre, assessment: str) -> str:
    return str(centre.give("admin", FileAppeal(assessment=assessment, ground="OTHER"))["appeal"])


def with_panel(centre: Centre, assessment: str) -> str:
    appeal = file(centre, assessment)
    centre.give("supervisor", AcceptAppeal(appeal=appeal))
    centre.give("supervisor", AssignAppealPanel(appeal=appeal, panel=[new_id("panel")]))
    return appeal


def heard(centre: Centre, assessment: str) -> str:
    appeal = with_panel(centre, assessment)
    centre.give("panel", HearAppeal(appeal=appeal))
    return appeal


def state(centre: Centre, appeal: str) -> str:
    found = centre.memory.find(Appeal, appeal)
    assert found is not None
    return found.state


# -- filing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "code"),
    [
        # Decided on Friday 6 March; five working days on, with a holiday on Wednesday 11: Monday 16 March.
        ("2026-03-16", ACCEPTED),
        ("2026-03-17", "APPEAL_WINDOW_CLOSED"),
    ],
)
def test_the_window_counts_working_days(centre: Centre, day: str, code: str) -> None:
    assessment = centre.recommended()
    centre.at("2026-03-06", "23:30")
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    centre.at(day, "23:59")
    assert centre.refused("admin", FileAppeal(assessment=assessment, ground="OTHER")) == code


def test_a_decision_entered_late_shortens_nobodys_time(centre: Centre) -> None:
    assessment = centre.recommended()
    centre.at("2026-03-20")
    command = RecordCertificationDecision(assessment=assessment)
    work = centre.work("decider")
    work.occurred_at(datetime(2026, 3, 7, tzinfo=UTC))
    command.decide(work)
    centre._keep(work.finish())
    centre.at("2026-03-27")
    assert centre.refused("admin", FileAppeal(assessment=assessment, ground="OTHER")) == ACCEPTED


def test_one_appeal_for_a_decision_even_when_withdrawn(centre: Centre) -> None:
    assessment = centre.decided("K BK K")
    appeal = file(centre, assessment)
    again = FileAppeal(assessment=assessment, ground="OTHER")
    assert centre.refused("admin", again) == "APPEAL_ALREADY_FILED"
    centre.give("admin", WithdrawAppeal(appeal=appeal))
    assert centre.refused("admin", again) == "APPEAL_ALREADY_FILED"


def test_a_new_decision_can_be_appealed_anew(centre: Centre) -> None:
    assessment = centre.decided("K BK K")
    file(centre, assessment)
    centre.give("supervisor", CorrectUnitResult(assessment=assessment, unit="U.1", result="BK"))
    again = FileAppeal(assessment=assessment, ground="OTHER")
    assert centre.refused("admin", again) == "ASSESSMENT_STATE_INVALID"
    centre.give("decider", RecordCertificationDecision(assessment=assessment))
    file(centre, assessment)


def test_a_closed_window_is_told_before_a_bad_ground(centre: Centre) -> None:
    assessment = centre.decided()
    command = FileAppeal(assessment=assessment, ground="NO_SUCH_GROUND")
    assert centre.refused("admin", command) == "REASON_CODE_INVALID"
    centre.at("2026-04-01")
    assert centre.refused("admin", command) == "APPEAL_WINDOW_CLOSED"


def test_an_appeal_names_the_decision_and_no_person(centre: Centre) -> None:
    assessment = centre.decided()
    file(centre, assessment)
    decision = centre.assessment(assessment).decisions[-1].hash
    assert dict(centre.last[0].data) == {"assessment": assessment, "decision": decision, "ground": "OTHER"}


# -- the panel -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("assessor hears", "SOD_APPEAL_PANEL_INVOLVED"),
        ("teacher hears", "SOD_APPEAL_PANEL_INVOLVED"),
        ("decider hears", "SOD_APPEAL_PANEL_INVOLVED"),
        ("supervisor hears", "SOD_APPEAL_PANEL_INVOLVED"),
        ("filer hears", "SOD_APPEAL_PANEL_INVOLVED"),
        ("certifier", "ROLE_FORBIDDEN"),
        ("nobody", "UNKNOWN_ID"),
        ("panel", ACCEPTED),
    ],
)
def test_nobody_on_the_panel_was_involved_before(centre: Centre, member: str, code: str) -> None:
    appeal = file(centre, centre.decided("K BK K"))
    centre.give("supervisor", AcceptAppeal(appeal=appeal))
    command = AssignAppealPanel(appeal=appeal, panel=[new_id("second panel"), new_id(member)])
    assert centre.refused("supervisor", command) == code


def test_an_earlier_attempt_counts_as_before(centre: Centre) -> None:
    first = centre.decided("K BK K")
    second = str(centre.give("supervisor", AdmitToReassessment(assessment=first))["assessment"])
    centre.assign(second, "other assessor")
    centre.record(second, {"U.2": "BK"}, by="other assessor")
    centre.give("other assessor", Recommend(assessment=second))
    centre.give("second decider", RecordCertificationDecision(assessment=second))
    appeal = file(centre, second)
    centre.give("supervisor", AcceptAppeal(appeal=appeal))
    for member in ("assessor hears", "decider hears"):
        command = AssignAppealPanel(appeal=appeal, panel=[new_id(member)])
        assert centre.refused("supervisor", command) == "SOD_APPEAL_PANEL_INVOLVED"


def test_a_panel_is_assigned_after_acceptance(centre: Centre) -> None:
    appeal = file(centre, centre.decided())
    command = AssignAppealPanel(appeal=appeal, panel=[new_id("assessor hears")])
    assert centre.refused("supervisor", command) == "APPEAL_STATE_INVALID"


def test_only_members_hear_and_decide(centre: Centre) -> None:
    appeal = with_panel(centre, centre.decided("K BK K"))
    reject = DecideAppeal(appeal=appeal, outcome="REJECTED")
    assert centre.refused("second panel", HearAppeal(appeal=appeal)) == "ROLE_FORBIDDEN"
    assert centre.refused("panel", reject) == "APPEAL_STATE_INVALID"
    centre.give("panel", HearAppeal(appeal=appeal))
    assert centre.refused("second panel", reject) == "ROLE_FORBIDDEN"
    centre.employ("other account", "appeal_panel", centre.lsp, twin="panel")
    centre.give("other account", reject)
    assert state(centre, appeal) == "rejected"


# -- the outcome -----------------------------------------------------------------------------------------


def test_a_changed_result_is_recorded_on_the_assessment_and_decided_anew(centre: Centre) -> None:
    assessment = centre.decided("K BK K")
    appeal = heard(centre, assessment)
    command = DecideAppeal(
        appeal=appeal, outcome="UPHELD", remedy="UNIT_RESULT_CHANGED", unit="U.2", result="K"
    )
    centre.give("panel", command)
    assert {event.type: dict(event.data) for event in centre.last} == {
        "appeal.upheld.v1": {"remedy": "UNIT_RESULT_CHANGED", "unit": "U.2", "result": "K"},
        "assessment.reopened.v1": {"appeal": appeal, "unit": "U.2", "result": "K"},
    }
    assert centre.assessment(assessment).state == "recommended"
    told = centre.give("decider", RecordCertificationDecision(assessment=assessment))
    assert told["award"] is True


@pytest.mark.parametrize(
    ("named", "again", "carried"),
    [
        (None, ["U.2", "U.3"], {"U.1": "K"}),
        ("U.3", ["U.3"], {"U.1": "K", "U.2": "BK"}),
        ("U.1", ["U.1"], {"U.2": "BK", "U.3": "BK"}),
    ],
)
def test_a_reassessment_has_another_assessor(
    centre: Centre, named: str | None, again: list[str], carried: dict[str, str]
) -> None:
    assessment = centre.decided("K BK BK")
    appeal = heard(centre, assessment)
    centre.give("panel", DecideAppeal(appeal=appeal, outcome="UPHELD", remedy="REASSESSMENT", unit=named))
    assert {event.type: dict(event.data) for event in centre.last} == {
        "appeal.upheld.v1": {"remedy": "REASSESSMENT", "unit": named, "result": None},
        "assessment.reassessment_ordered.v1": {"units": again, "appeal": appeal},
    }
    second = str(centre.give("supervisor", AdmitToReassessment(assessment=assessment))["assessment"])
    assert (centre.last[0].data["units"], centre.last[0].data["carried"]) == (again, carried)
    same = AssignAssessor(assessment=second, assessor=new_id("assessor"))
    assert centre.refused("supervisor", same) == "SOD_APPEAL_PANEL_INVOLVED"
    centre.assign(second, "other assessor")
    results = [
        {"unit": unit, "result": "K", "evidence": [{"kind": "FORM", "sha256": "0" * 64}]} for unit in again
    ]
    centre.give("other assessor", RecordUnitResult.model_validate({"assessment": second, "results": results}))
    centre.give("other assessor", Recommend(assessment=second))
    told = centre.give(
        "decider", RecordCertificationDecision(assessment=second)
    )  # on all units, not these alone
    assert told["award"] is (set(carried.values()) == {"K"})


@pytest.mark.parametrize(
    "arguments",
    [
        {"outcome": "UPHELD"},
        {"outcome": "UPHELD", "remedy": "UNIT_RESULT_CHANGED"},
        {"outcome": "UPHELD", "remedy": "UNIT_RESULT_CHANGED", "unit": "U.2"},
        {"outcome": "UPHELD", "remedy": "UNIT_RESULT_CHANGED", "unit": "U.1", "result": "K"},  # no change
        {"outcome": "UPHELD", "remedy": "REASSESSMENT", "unit": "U.2", "result": "K"},
        {"outcome": "REJECTED", "remedy": "REASSESSMENT"},
        {"outcome": "REJECTED", "unit": "U.2"},
    ],
)
def test_outcome_and_remedy_fit(centre: Centre, arguments: dict[str, str]) -> None:
    appeal = heard(centre, centre.decided("K BK K"))
    command = DecideAppeal.model_validate({"appeal": appeal, **arguments})
    assert centre.refused("panel", command) == "VALUE_INVALID"
    assert state(centre, appeal) == "heard"


def test_a_remedy_on_an_unknown_unit_is_refused(centre: Centre) -> None:
    appeal = heard(centre, centre.decided("K BK K"))
    for remedy, result in (("UNIT_RESULT_CHANGED", "K"), ("REASSESSMENT", None)):
        command = DecideAppeal.model_validate(
            {"appeal": appeal, "outcome": "UPHELD", "remedy": remedy, "unit": "X.9", "result": result}
        )
        assert centre.refused("panel", command) == "UNIT_NOT_IN_SCHEME"


def test_another_body_accepts_nothing(centre: Centre) -> None:
    appeal = file(centre, centre.decided())
    centre.employ("stray supervisor", "assessment_supervisor", centre.blk)
    panel = AssignAppealPanel(appeal=appeal, panel=[new_id("assessor hears")])
    for command in (AcceptAppeal(appeal=appeal), panel):
        assert centre.refused("stray supervisor", command) == "ROLE_FORBIDDEN"


def test_nobody_appeals_whose_identity_is_destroyed(centre: Centre) -> None:
    assessment = centre.recommended()
    centre.forget(f"learner/{centre.assessment(assessment).learner}", "identity")
    assert centre.refused("admin", FileAppeal(assessment=assessment, ground="OTHER")) == "PERSON_ERASED"


def test_an_appeal_that_was_not_heard_is_told_before_a_missing_remedy(centre: Centre) -> None:
    appeal = with_panel(centre, centre.decided("K BK K"))
    command = DecideAppeal(appeal=appeal, outcome="UPHELD")
    assert centre.refused("panel", command) == "APPEAL_STATE_INVALID"
