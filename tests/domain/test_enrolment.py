"""The enrolment's states, its hours and its codes. The tables come from the rules, not the code."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.enrolment import Enrolment, tenths
from ledger.errors import DomainError
from tests.domain.history import History, act

FACT = {"commitment": "00" * 32}
Step = Callable[[Enrolment], None]

STEPS: dict[str, Step] = {
    "apply": lambda e: e.apply(act(), learner="person", cohort="one"),
    "select": lambda e: e.select(act()),
    "reject": lambda e: e.reject(act(), code="NO_PLACE"),
    "notice": lambda e: e.acknowledge_notice(act(), version="1"),
    "confirm": lambda e: e.confirm(act(), seat=3),
    "attend": lambda e: e.record_attendance(act("teacher"), session=1, jp=6, session_jp=8),
    "correct": lambda e: e.correct_attendance(
        act(), corrects=str(e.attendance["one", 1].hash if e.attendance else ""), jp=8, session_jp=8
    ),
    "credit": lambda e: e.recognise_credit(act(), unit="U.1", jp=4, evidence=FACT),
    "context": lambda e: e.change_context(act(), context=FACT, continues_at=FACT),
    "move": lambda e: e.move(act(), to="two", seat=1),
    "transfer": lambda e: e.transfer_out(act(), to=FACT, reason="TRANSFERRED_OUT"),
    "resume": lambda e: e.resume(act(), cohort="two", seat=1),
    "withdraw": lambda e: e.withdraw(act(), reason="WITHDRAWN_HEALTH"),
    "complete": lambda e: e.complete(act(), total_jp=16),
    "close_completed": lambda e: e.close_for(act(), "COMPLETED"),
    "close_otherwise": lambda e: e.close_for(act(), "DECEASED"),
}

WAYS: dict[str, list[str]] = {
    "new": [],
    "applied": ["apply"],
    "selected": ["apply", "notice", "select"],
    "confirmed": ["apply", "notice", "select", "confirm"],
    "active": ["apply", "notice", "select", "confirm", "attend"],
    "completed": ["apply", "notice", "select", "confirm", "attend", "complete"],
    "transferred": ["apply", "notice", "select", "confirm", "attend", "transfer"],
    "withdrawn": ["apply", "notice", "select", "confirm", "attend", "withdraw"],
    "finished": ["apply", "notice", "select", "confirm", "attend", "complete", "close_completed"],
    "rejected": ["apply", "reject"],
}

BEFORE_THE_END = {"applied", "selected", "confirmed", "active"}
ALLOWED: dict[str, set[str]] = {
    "apply": {"new"},
    "select": {"applied"},
    "reject": {"applied", "selected"},
    "notice": BEFORE_THE_END | {"completed"},
    "confirm": {"selected"},
    "attend": {"confirmed"},  # in active and completed the session is recorded already: another code
    "correct": {"active", "completed", "transferred", "withdrawn", "finished"},
    "credit": {"selected", "confirmed", "active"},
    "context": BEFORE_THE_END | {"completed"},
    "move": BEFORE_THE_END,
    "transfer": BEFORE_THE_END,
    "resume": {"transferred"},
    "withdraw": BEFORE_THE_END,
    "complete": {"confirmed", "active"},
    "close_completed": {"completed"},
    "close_otherwise": BEFORE_THE_END | {"completed"},
}
OTHER_CODES = {
    ("attend", "active"): "VALUE_INVALID",
    ("attend", "completed"): "VALUE_INVALID",
    **{("correct", state): "UNKNOWN_ID" for state in ("new", "applied", "selected", "confirmed", "rejected")},
}


def arrived(state: str) -> History[Enrolment]:
    history = History(Enrolment)
    for step in WAYS[state]:
        history.do(STEPS[step])
    return history


def code_of(refused: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        refused()
    return caught.value.code


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", WAYS)
def test_each_act_in_each_state(state: str, step: str) -> None:
    history = arrived(state)
    if state in ALLOWED[step]:
        history.do(STEPS[step])
    else:
        expected = OTHER_CODES.get((step, state), "ENROLMENT_STATE_INVALID")
        assert code_of(lambda: history.do(STEPS[step])) == expected


@pytest.mark.parametrize(
    ("way", "state", "reason", "finished"),
    [
        ("rejected", "closed", "NO_PLACE", False),
        ("withdrawn", "closed", "WITHDRAWN_HEALTH", False),
        ("transferred", "closed", "TRANSFERRED_OUT", False),
        ("completed", "completed", None, True),
        ("finished", "closed", "COMPLETED", True),
        ("active", "active", None, False),
    ],
)
def test_how_it_ends(way: str, state: str, reason: str | None, finished: bool) -> None:
    enrolment = arrived(way).now
    assert (enrolment.state, enrolment.reason, enrolment.finished) == (state, reason, finished)


def test_completed_and_then_closed_for_another_reason_is_not_finished() -> None:
    history = arrived("completed")
    history.do(STEPS["close_otherwise"])
    assert not history.now.finished


def test_leaving_is_told_and_closes() -> None:
    assert arrived("withdrawn").names[-2:] == ["withdrawn", "closed"]
    assert arrived("transferred").names[-2:] == ["transferred_out", "closed"]


def test_no_seat_without_the_notice() -> None:
    history = History(Enrolment)
    history.do(STEPS["apply"])
    history.do(STEPS["select"])
    assert code_of(lambda: history.do(STEPS["confirm"])) == "NOTICE_NOT_ACKNOWLEDGED"


@pytest.mark.parametrize(("jp", "code"), [(9, "ATTENDANCE_EXCEEDS_SESSION"), (8, None), (0, None)])
def test_no_more_hours_than_the_session_has(jp: int, code: str | None) -> None:
    history = arrived("confirmed")

    def attend(enrolment: Enrolment) -> None:
        enrolment.record_attendance(act(), session=1, jp=jp, session_jp=8)

    if code is None:
        history.do(attend)
        assert history.now.jp == jp
    else:
        assert code_of(lambda: history.do(attend)) == code


def test_too_many_hours_are_told_before_a_second_entry() -> None:
    history = arrived("active")
    refused = code_of(lambda: history.do(lambda e: e.record_attendance(act(), session=1, jp=9, session_jp=8)))
    assert refused == "ATTENDANCE_EXCEEDS_SESSION"


def test_a_correction_names_the_newest_entry() -> None:
    history = arrived("active")
    first = str(history.events[-1].hash)
    second = history.do(lambda e: e.correct_attendance(act("clerk"), corrects=first, jp=4, session_jp=8))
    assert history.now.jp == 4
    assert history.now.attendance["one", 1].by == "teacher"
    stale = code_of(
        lambda: history.do(lambda e: e.correct_attendance(act(), corrects=first, jp=5, session_jp=8))
    )
    assert stale == "UNKNOWN_ID"
    history.do(lambda e: e.correct_attendance(act(), corrects=second, jp=5, session_jp=8))
    assert history.now.jp == 5
    assert history.events[-1].data["corrects"] == second


def test_a_correction_keeps_to_the_session() -> None:
    history = arrived("active")
    entry = str(history.events[-1].hash)
    refused = code_of(
        lambda: history.do(lambda e: e.correct_attendance(act(), corrects=entry, jp=9, session_jp=8))
    )
    assert refused == "ATTENDANCE_EXCEEDS_SESSION"


def test_completion_tells_hours_and_percentage_and_later_corrections_count() -> None:
    history = arrived("completed")
    assert history.events[-1].data == {"jp": 6, "total_jp": 16, "percent_x10": 375}
    history.do(STEPS["correct"])
    assert history.now.percent_x10 == 500


def test_hours_and_credit_survive_a_transfer_and_an_old_entry_can_still_be_corrected() -> None:
    history = arrived("active")
    entry = str(history.events[-1].hash)
    history.do(STEPS["credit"])
    history.do(STEPS["transfer"])
    history.do(STEPS["resume"])
    history.do(lambda e: e.record_attendance(act("other"), session=1, jp=8, session_jp=8))
    assert (history.now.state, history.now.cohort, history.now.jp) == ("active", "two", 6 + 4 + 8)
    history.do(lambda e: e.correct_attendance(act(), corrects=entry, jp=2, session_jp=8))
    assert {key: entry.jp for key, entry in history.now.attendance.items()} == {("one", 1): 2, ("two", 1): 8}


def test_who_was_resumed_is_resumed_once() -> None:
    history = arrived("transferred")
    history.do(STEPS["resume"])
    assert code_of(lambda: history.do(STEPS["resume"])) == "ENROLMENT_STATE_INVALID"


@pytest.mark.parametrize(("way", "state"), [("confirmed", "confirmed"), ("active", "active")])
def test_resumed_where_it_was(way: str, state: str) -> None:
    history = arrived(way)
    history.do(STEPS["transfer"])
    history.do(STEPS["resume"])
    assert (history.now.state, history.now.reason, history.now.seat) == (state, None, 1)


def test_a_unit_is_credited_once() -> None:
    history = arrived("active")
    history.do(STEPS["credit"])
    assert code_of(lambda: history.do(STEPS["credit"])) == "VALUE_INVALID"


def test_moving_keeps_the_state() -> None:
    for state in BEFORE_THE_END:
        history = arrived(state)
        history.do(STEPS["move"])
        assert (history.now.state, history.now.cohort, history.now.seat) == (state, "two", 1)


@given(total=st.integers(1, 2000), threshold=st.integers(0, 100), near=st.integers(-1, 1))
def test_tenths_decide_a_threshold_exactly(total: int, threshold: int, near: int) -> None:
    jp = max(0, total * threshold // 100 + near)
    share = min(Fraction(1), Fraction(jp, total))
    assert (tenths(jp, total) >= threshold * 10) == (share >= Fraction(threshold, 100))


def test_almost_is_not_enough() -> None:
    assert tenths(1599, 2000) == 799
