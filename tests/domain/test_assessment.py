"""The assessment's states, its results and its codes. The tables come from the rules, not the code."""

from collections.abc import Callable

import pytest

from ledger.domain.assessment import Assessment
from ledger.errors import DomainError
from tests.domain.history import History, act

FACT = {"commitment": "00" * 32}
Step = Callable[[Assessment], None]


def register(assessment: Assessment) -> None:
    assessment.register_evidence(act("assessor"), kind="FORM", document=FACT)


STEPS: dict[str, Step] = {
    "admit": lambda a: a.admit(
        act("supervisor"), learner="person", enrolment="way", scheme="scheme", version=1, units=["U1", "U2"]
    ),
    "assign": lambda a: a.assign_assessor(act("supervisor"), "assessor"),
    "conflict": lambda a: a.declare_conflict(act("assessor")),
    "replace": lambda a: a.replace_assessor(act("supervisor"), "other"),
    "evidence": register,
    "k1": lambda a: a.record_result(act("assessor"), unit="U1", result="K", evidence=[1]),
    "bk2": lambda a: a.record_result(act("assessor"), unit="U2", result="BK", evidence=[1]),
    "no_show": lambda a: a.record_no_show(act("assessor")),
    "recommend": lambda a: a.recommend(act("assessor")),
    "correct": lambda a: a.correct_result(act("supervisor"), unit="U1", result="BK"),
    "decide": lambda a: a.decide(act("decider"), panel=["decider", "second"], plenary="P/1", award=False),
    "reopen": lambda a: a.reopen(act("panel"), appeal="appeal", unit="U2", result="K"),
    "order": lambda a: a.order_reassessment(act("decider"), units=["U2"], appeal=None),
}

WAYS: dict[str, list[str]] = {
    "new": [],
    "admitted": ["admit"],
    "assigned": ["admit", "assign"],
    "conflicted": ["admit", "assign", "conflict"],
    "in_progress": ["admit", "assign", "evidence"],
    "complete": ["admit", "assign", "evidence", "k1", "bk2"],
    "recommended": ["admit", "assign", "evidence", "k1", "bk2", "recommend"],
    "decided": ["admit", "assign", "evidence", "k1", "bk2", "recommend", "decide"],
    "reopened": ["admit", "assign", "evidence", "k1", "bk2", "recommend", "decide", "reopen"],
    "absent": ["admit", "assign", "no_show"],
}
STATES = {
    "new": "",
    "assigned": "admitted",
    "conflicted": "admitted",
    "complete": "in_progress",
    "reopened": "recommended",
    "absent": "final",
}

ALLOWED: dict[str, set[str]] = {
    "admit": {"new"},
    "assign": {"admitted"},
    "conflict": {"assigned", "in_progress", "complete"},
    "replace": {"assigned", "conflicted", "in_progress", "complete"},
    "evidence": {"assigned", "in_progress", "complete"},
    "k1": {"in_progress"},
    "bk2": {"in_progress"},
    "no_show": {"assigned"},
    "recommend": {"complete"},
    "correct": {"complete", "recommended", "decided", "reopened"},
    "decide": {"recommended", "reopened"},
    "reopen": {"recommended", "decided"},
    "order": {"recommended", "decided", "reopened"},
}
OTHER_CODES = {
    ("k1", "assigned"): "EVIDENCE_MISSING",
    ("bk2", "assigned"): "EVIDENCE_MISSING",
    ("k1", "complete"): "VALUE_INVALID",
    ("bk2", "complete"): "VALUE_INVALID",
    ("recommend", "assigned"): "DECISION_INCOMPLETE",
    ("recommend", "in_progress"): "DECISION_INCOMPLETE",
    ("correct", "in_progress"): "VALUE_INVALID",
    ("reopen", "reopened"): "VALUE_INVALID",
}


def reached(*steps: str) -> History[Assessment]:
    history = History(Assessment)
    for step in steps:
        history.do(STEPS[step])
    return history


def code_of(refused: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        refused()
    return caught.value.code


@pytest.mark.parametrize("way", WAYS)
def test_the_states_along_the_way(way: str) -> None:
    assert reached(*WAYS[way]).now.state == STATES.get(way, way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_in_each_state(way: str, step: str) -> None:
    history = reached(*WAYS[way])
    if way in ALLOWED[step]:
        before = len(history.events)
        history.do(STEPS[step])
        assert len(history.events) == before + 1
    else:
        expected = OTHER_CODES.get((step, way), "ASSESSMENT_STATE_INVALID")
        assert code_of(lambda: STEPS[step](history.now)) == expected


def test_a_decision_is_named_by_its_payload_hash_and_keeps_what_it_decided() -> None:
    history = reached(*WAYS["decided"])
    decided = history.events[-1]
    decision = history.now.decision
    assert decision is not None
    assert (decision.hash, decision.results, decision.award) == (decided.hash, {"U1": "K", "U2": "BK"}, False)
    assert dict(decided.data) == {
        "results": {"U1": "K", "U2": "BK"},
        "panel": ["decider", "second"],
        "plenary": "P/1",
        "award": False,
    }


@pytest.mark.parametrize("change", ["correct", "reopen"])
def test_a_change_after_the_decision_asks_for_a_new_one(change: str) -> None:
    history = reached(*WAYS["decided"], change)
    changed = history.now
    assert (changed.decision, changed.state) == (None, "recommended")
    assert history.now.decisions[0].results == {"U1": "K", "U2": "BK"}
    history.do(STEPS["decide"])
    decision = history.now.decision
    assert decision is not None
    assert decision.results == {"correct": {"U1": "BK", "U2": "BK"}, "reopen": {"U1": "K", "U2": "K"}}[change]


def test_a_correction_names_the_entry_that_it_corrects_and_then_the_correction() -> None:
    history = reached(*WAYS["decided"])
    recorded = next(event for event in history.events if event.data.get("unit") == "U1")
    first = history.do(lambda a: a.correct_result(act(), unit="U1", result="BK"))
    assert history.events[-1].data["corrects"] == recorded.hash
    history.do(lambda a: a.correct_result(act(), unit="U1", result="K"))
    assert history.events[-1].data["corrects"] == first


def test_a_unit_from_elsewhere_has_nothing_to_correct() -> None:
    history = reached(*WAYS["decided"])
    assert code_of(lambda: history.now.correct_result(act(), unit="U9", result="BK")) == "UNIT_NOT_IN_SCHEME"


def test_a_conflict_stops_the_assessor_until_another_goes_on() -> None:
    history = reached("admit", "assign", "evidence", "conflict", "replace", "k1")
    assert history.now.assessor == "other"
    assert history.now.assessors == {"assessor", "other"}
    assert history.now.conflicted == {"assessor"}


def test_a_unit_from_elsewhere_is_refused_before_missing_evidence() -> None:
    history = reached("admit", "assign")
    assert (
        code_of(lambda: history.now.record_result(act(), unit="U9", result="K", evidence=[]))
        == "UNIT_NOT_IN_SCHEME"
    )


@pytest.mark.parametrize("evidence", [[], [2], [1, 2]])
def test_evidence_must_be_registered(evidence: list[int]) -> None:
    history = reached("admit", "assign", "evidence")
    refused = code_of(lambda: history.now.record_result(act(), unit="U1", result="BK", evidence=evidence))
    assert refused == "EVIDENCE_MISSING"


def test_evidence_is_numbered_and_its_document_is_a_commitment() -> None:
    history = reached("admit", "assign", "evidence", "evidence")
    assert [event.data["evidence"] for event in history.events[2:]] == [1, 2]
    assert all(set(event.data["document"]) == {"commitment"} for event in history.events[2:])


def next_attempt() -> History[Assessment]:
    history = History(Assessment, "second")
    history.do(
        lambda a: a.admit(
            act("supervisor"),
            learner="person",
            enrolment="way",
            scheme="scheme",
            version=1,
            units=["U2"],
            carried={"U1": "K"},
            attempt=2,
            previous="first",
        )
    )
    history.do(STEPS["assign"])
    history.do(STEPS["evidence"])
    return history


def test_the_next_attempt_is_about_the_units_not_yet_competent() -> None:
    assert reached(*WAYS["decided"]).now.to_reassess == ("U2",)
    assert reached(*WAYS["absent"]).now.to_reassess == ("U1", "U2")
    ordered = reached(*WAYS["decided"])
    ordered.do(lambda a: a.order_reassessment(act(), units=["U1"], appeal="appeal"))
    assert ordered.now.to_reassess == ("U1",)
    assert ordered.now.ordered_by_appeal
    assert not reached(*WAYS["decided"], "order").now.ordered_by_appeal


def test_a_carried_unit_is_not_assessed_again_and_counts_in_the_decision() -> None:
    history = next_attempt()
    refused = code_of(lambda: history.now.record_result(act(), unit="U1", result="K", evidence=[1]))
    assert refused == "UNIT_NOT_IN_SCHEME"
    for step in ("bk2", "recommend", "decide"):
        history.do(STEPS[step])
    decision = history.now.decision
    assert decision is not None
    assert decision.results == {"U1": "K", "U2": "BK"}


def test_a_carried_result_can_be_corrected_without_an_entry_to_name() -> None:
    history = next_attempt()
    history.do(lambda a: a.correct_result(act(), unit="U1", result="BK"))
    assert history.events[-1].data["corrects"] is None
    assert history.now.results["U1"] == "BK"


@pytest.mark.parametrize("units", [[], ["U1", "U1"]])
def test_a_reassessment_names_units_once(units: list[str]) -> None:
    history = reached(*WAYS["decided"])
    assert code_of(lambda: history.now.order_reassessment(act(), units=units, appeal=None)) == "VALUE_INVALID"


def test_a_reassessment_of_an_unknown_unit_is_refused() -> None:
    history = reached(*WAYS["decided"])
    refused = code_of(lambda: history.now.order_reassessment(act(), units=["U9"], appeal=None))
    assert refused == "UNIT_NOT_IN_SCHEME"


def test_everyone_who_acted_is_remembered_as_involved() -> None:
    history = reached("admit", "assign", "replace", "evidence", "k1", "bk2", "recommend", "decide")
    assert history.now.involved == {"supervisor", "assessor", "other", "decider", "second"}
