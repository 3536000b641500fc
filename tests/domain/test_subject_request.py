"""Subject requests: their states, holds, and what is destroyed by whom."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ledger.domain.outcome import Outcome
from ledger.domain.subject_request import SubjectRequest
from ledger.errors import DomainError
from tests.domain.history import History, act

DUE = datetime(2026, 2, 5, 1, tzinfo=UTC)
Step = Callable[[SubjectRequest], None]

STEPS: dict[str, Step] = {
    "verify": lambda r: r.verify(act()),
    "hold": lambda r: r.place_hold(act(), reason="COMPLAINT_OPEN"),
    "lift": lambda r: r.lift_hold(act()),
    "ask": lambda r: r.request_destruction(act(), classes=["identity", "custody", "identity"]),
    "fulfil": lambda r: r.fulfil(act()),
    "refuse": lambda r: r.refuse(act(), reason="WITHDRAWN_BY_SUBJECT"),
}
WAYS: dict[str, list[str]] = {
    "received": [],
    "held": ["hold"],
    "verified": ["verify"],
    "refused": ["refuse"],
    "refused_held": ["hold", "refuse"],
}
ALLOWED = {
    "verify": {"received", "held"},
    "hold": {"received", "verified"},
    "lift": {"held", "refused_held"},
    "ask": {"verified"},
    "fulfil": set[str](),  # nothing was destroyed yet
    "refuse": {"received", "held", "verified"},
}


def received(kind: str = "ERASURE") -> History[SubjectRequest]:
    history = History(SubjectRequest)
    history.do(lambda r: r.receive(act(), subject="learner/one", kind=kind, due=DUE))
    return history


def code_of(refused: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        refused()
    return caught.value.code


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("way", WAYS)
def test_each_act_in_each_state(way: str, step: str) -> None:
    history = received()
    for before in WAYS[way]:
        history.do(STEPS[before])
    if way in ALLOWED[step]:
        history.do(STEPS[step])
    else:
        assert code_of(lambda: history.do(STEPS[step])) == "SUBJECT_REQUEST_STATE_INVALID"


def test_destroying_names_every_subject_and_class() -> None:
    history = received()
    history.do(STEPS["verify"])
    request = history.do(STEPS["ask"])
    history.do(lambda r: r.destroy(act("second"), request=request, subjects=["learner/one", "learner/twin"]))
    assert [event.data for event in history.events[-4:]] == [
        {"class": "custody", "subject": "learner/one", "request": request},
        {"class": "identity", "subject": "learner/one", "request": request},
        {"class": "custody", "subject": "learner/twin", "request": request},
        {"class": "identity", "subject": "learner/twin", "request": request},
    ]
    again = code_of(lambda: history.do(lambda r: r.destroy(act(), request=request, subjects=["learner/one"])))
    assert again == "UNKNOWN_ID"
    history.do(STEPS["fulfil"])
    assert history.now.state == "fulfilled"


@pytest.mark.parametrize("kind", ["ACCESS", "CORRECTION"])
def test_only_erasure_and_retention_destroy(kind: str) -> None:
    history = received(kind)
    history.do(STEPS["verify"])
    assert code_of(lambda: history.do(STEPS["ask"])) == "SUBJECT_REQUEST_STATE_INVALID"
    history.do(STEPS["fulfil"])


def test_the_institutions_own_schedule_needs_no_verification() -> None:
    history = received("RETENTION")
    history.do(STEPS["ask"])
    assert history.events[-1].data == {"classes": ["custody", "identity"]}


def test_due_is_a_time_of_the_log() -> None:
    assert received().events[0].data == {
        "subject": "learner/one",
        "kind": "ERASURE",
        "due": "2026-02-05T01:00:00Z",
    }


def test_an_outcome_needs_consent_and_says_nothing_in_clear() -> None:
    fact = {"commitment": "00" * 32}
    history = History(Outcome)
    refused = code_of(
        lambda: history.do(lambda o: o.record_outcome(act(), learner="person", outcome=fact, consent=False))
    )
    assert refused == "CONSENT_MISSING"
    history.do(lambda o: o.record_outcome(act(), learner="person", outcome=fact, consent=True))
    assert history.events[-1].data == {"learner": "person", "outcome": fact, "consent": True}
