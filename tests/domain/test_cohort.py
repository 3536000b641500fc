from collections.abc import Callable
from datetime import date

import pytest

from ledger.domain.cohort import Cohort
from tests.domain.folding import act, refused, settle

START, END = date(2031, 5, 5), date(2031, 5, 16)
TUESDAY = date(2031, 5, 6)
FRIDAY = date(2031, 5, 9)


def planned(*, again: Cohort | None = None, end: date = END) -> Cohort:
    cohort = again or Cohort("c")
    cohort.plan(
        act(),
        programme="p",
        scheme="s",
        version=1,
        agreement=None,
        site="blk",
        provider="blk",
        body="lsp",
        capacity=3,
        start=START,
        end=end,
        jp_per_day=8,
        threshold=80,
    )
    return cohort


def running() -> Cohort:
    cohort = planned()
    cohort.schedule(act(), [(START, None), (TUESDAY, 4), (FRIDAY, None)])
    cohort.open_enrolment(act())
    cohort.begin(act())
    return cohort


WAY: dict[str, tuple[Callable[[Cohort], None], ...]] = {
    "planned": (),
    "open": (lambda cohort: cohort.open_enrolment(act()),),
    "running": (lambda cohort: cohort.open_enrolment(act()), lambda cohort: cohort.begin(act())),
    "closed": (
        lambda cohort: cohort.open_enrolment(act()),
        lambda cohort: cohort.begin(act()),
        lambda cohort: cohort.close(act()),
    ),
    "cancelled": (lambda cohort: cohort.cancel(act(), reason="BUDGET", displaced=[]),),
}
ACTS: dict[str, tuple[str, Callable[[Cohort], None]]] = {
    "assign": ("planned open running", lambda cohort: cohort.assign_instructor(act(), "ina")),
    "schedule": ("planned open running", lambda cohort: cohort.schedule(act(), [(FRIDAY, 2)])),
    "open": ("planned", lambda cohort: cohort.open_enrolment(act())),
    "begin": ("open", lambda cohort: cohort.begin(act())),
    "hold": ("running", lambda cohort: cohort.hold_session(act(), day=START, instructor="ina")),
    "cancel session": ("planned open running", lambda cohort: cohort.cancel_session(act(), START)),
    "reschedule": (
        "planned open running",
        lambda cohort: cohort.reschedule(act(), start=START, end=FRIDAY, sessions=[], today=TUESDAY),
    ),
    "cancel": ("planned open running", lambda cohort: cohort.cancel(act(), reason="BUDGET", displaced=[])),
    "close": ("running", lambda cohort: cohort.close(act())),
}


@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("name", ACTS)
def test_each_act_has_its_states(name: str, state: str) -> None:
    cohort = planned()
    cohort.schedule(act(), [(START, None)])
    for step in WAY[state]:
        step(cohort)
    assert settle(cohort).state == state
    allowed, attempt = ACTS[name]
    if state in allowed.split():
        attempt(cohort)
        settle(cohort)
    else:
        with refused("COHORT_STATE_INVALID", cohort):
            attempt(cohort)


def test_it_ends_after_it_starts() -> None:
    assert planned(end=START).end == START
    cohort = planned()
    with refused("VALUE_INVALID", cohort):
        cohort.reschedule(act(), start=END, end=START, sessions=[], today=START)


def test_sessions_are_numbered_and_have_hours() -> None:
    sessions = settle(running()).sessions
    assert [(number, session.day, session.jp) for number, session in sessions.items()] == [
        (1, START, 8),
        (2, TUESDAY, 4),
        (3, FRIDAY, 8),
    ]


@pytest.mark.parametrize("day", [date(2031, 5, 4), date(2031, 5, 17), TUESDAY])
def test_a_session_lies_inside_and_has_the_day_for_itself(day: date) -> None:
    cohort = running()
    with refused("VALUE_INVALID", cohort):
        cohort.schedule(act(), [(day, None)])


def test_a_day_without_session() -> None:
    cohort = running()
    with refused("SESSION_NOT_SCHEDULED", cohort):
        cohort.hold_session(act(), day=END, instructor="ina")
    with refused("SESSION_NOT_SCHEDULED", cohort):
        cohort.cancel_session(act(), END)


def test_a_cancelled_session_frees_its_day_for_another() -> None:
    cohort = running()
    cohort.cancel_session(act(), TUESDAY)
    with refused("SESSION_NOT_SCHEDULED", cohort):
        cohort.hold_session(act(), day=TUESDAY, instructor="ina")
    cohort.schedule(act(), [(TUESDAY, 2)])
    session = settle(cohort).session_on(TUESDAY)
    assert session is not None
    assert (session.number, session.jp) == (4, 2)


def test_two_who_teach_together_hold_a_session_each_once() -> None:
    cohort = running()
    cohort.hold_session(act(), day=START, instructor="ina")
    cohort.hold_session(act(), day=START, instructor="ibu")
    assert settle(cohort).sessions[1].held_by == ("ina", "ibu")
    with refused("VALUE_INVALID", cohort):
        cohort.hold_session(act(), day=START, instructor="ina")


def test_a_session_that_was_held_is_not_cancelled() -> None:
    cohort = running()
    cohort.hold_session(act(), day=START, instructor="ina")
    with refused("VALUE_INVALID", cohort):
        cohort.cancel_session(act(), START)


def test_an_instructor_is_assigned_once() -> None:
    cohort = planned()
    cohort.assign_instructor(act(), "ina")
    with refused("VALUE_INVALID", cohort):
        cohort.assign_instructor(act(), "ina")
    assert settle(cohort).instructors == ("ina",)


def test_rescheduling_replaces_the_sessions_to_come() -> None:
    cohort = running()
    cohort.hold_session(act(), day=TUESDAY, instructor="ina")
    new = date(2031, 6, 2)
    cohort.reschedule(act(), start=START, end=new, sessions=[(new, None)], today=TUESDAY)
    folded = settle(cohort)
    assert folded.end == new
    standing = [session.day for session in folded.sessions.values() if not session.cancelled]
    assert standing == [START, TUESDAY, new]


def test_the_session_of_today_may_still_be_put_off() -> None:
    cohort = running()
    cohort.reschedule(act(), start=START, end=START, sessions=[], today=TUESDAY)
    assert settle(cohort).session_on(TUESDAY) is None


def test_rescheduling_leaves_no_session_outside() -> None:
    cohort = running()
    with refused("VALUE_INVALID", cohort):
        cohort.reschedule(act(), start=TUESDAY, end=END, sessions=[], today=TUESDAY)


def test_what_the_log_says_of_a_cancelled_cohort() -> None:
    cohort = planned()
    cohort.cancel(act(), reason="BUDGET", displaced=["e1"])
    assert cohort.pending[-1].data == {"reason": "BUDGET", "displaced": ["e1"]}


def test_it_begins_once() -> None:
    cohort = planned()
    with refused("COHORT_STATE_INVALID", cohort):
        planned(again=cohort)
