"""The appeal's states. Its window, panel and remedy span other aggregates: see the command tests."""

from collections.abc import Callable

import pytest

from ledger.domain.appeal import Appeal
from ledger.errors import DomainError
from tests.domain.history import History, act

Step = Callable[[Appeal], None]

STEPS: dict[str, Step] = {
    "file": lambda a: a.file(act("admin"), assessment="assessment", decision="aa" * 32, ground="OTHER"),
    "accept": lambda a: a.accept(act()),
    "panel": lambda a: a.assign_panel(act(), ["member"]),
    "hear": lambda a: a.hear(act("member")),
    "uphold": lambda a: a.uphold(act("member"), remedy="REASSESSMENT", unit=None, result=None),
    "reject": lambda a: a.reject(act("member")),
    "withdraw": lambda a: a.withdraw(act("admin")),
}
WAYS: dict[str, list[str]] = {
    "new": [],
    "filed": ["file"],
    "accepted": ["file", "accept"],
    "with panel": ["file", "accept", "panel"],
    "heard": ["file", "accept", "panel", "hear"],
    "upheld": ["file", "accept", "panel", "hear", "uphold"],
    "rejected": ["file", "accept", "panel", "hear", "reject"],
    "withdrawn": ["file", "withdraw"],
}
ALLOWED: dict[str, set[str]] = {
    "file": {"new"},
    "accept": {"filed"},
    "panel": {"accepted", "with panel"},
    "hear": {"with panel"},
    "uphold": {"heard"},
    "reject": {"heard"},
    "withdraw": {"filed", "accepted", "with panel", "heard"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_in_each_state(way: str, step: str) -> None:
    history = History(Appeal)
    for before in WAYS[way]:
        history.do(STEPS[before])
    assert history.now.state == {"new": "", "with panel": "accepted"}.get(way, way)
    if way in ALLOWED[step]:
        history.do(STEPS[step])
    else:
        with pytest.raises(DomainError) as caught:
            STEPS[step](history.now)
        assert caught.value.code == "APPEAL_STATE_INVALID"


def test_it_says_what_is_appealed_and_who_filed_and_hears_it() -> None:
    history = History(Appeal)
    for step in WAYS["with panel"]:
        history.do(STEPS[step])
    appeal = history.now
    assert (appeal.assessment, appeal.decision) == ("assessment", "aa" * 32)
    assert (appeal.filed_by, appeal.panel) == ("admin", ("member",))
