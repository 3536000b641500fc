"""A log that goes on from one that lost entries, and a log that lost them: what is said of what is left."""

from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG_KEY, audited, codes
from tests.audit.broken import stage
from tests.audit.desk import Desk
from tests.audit.scribe import ORIGIN, Said, a_hash
from tests.audit.village import s

OTHER = "other.example/log"


def loss(restored: int, size: int, origin: str = OTHER) -> dict[str, Any]:
    return {"origin": origin, "size": size, "root": a_hash("root"), "restored": restored}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (loss(0, 1), None),
        (loss(9, 10), None),
        (loss(10, 10), "10 of 10 entries are said to be left"),
        (loss(11, 10), "11 of 10 entries are said to be left"),
        (loss(0, 0), "0 of 0 entries are said to be left"),
        (loss(9, 10, ORIGIN), f"{ORIGIN} is named as the other log"),
    ],
)
def test_a_log_goes_on_from_another_that_lost_entries(said: dict[str, Any], told: str | None) -> None:
    desk = Desk()
    assert desk.ledger.predecessor is None
    desk.v.found(LOG_KEY, predecessor=said)
    assert desk.read() == ([] if told is None else ["SUCCESSION_INVALID"])
    assert desk.messages() == ([] if told is None else [told])
    assert desk.ledger.predecessor == said


def test_most_logs_go_on_from_none() -> None:
    assert Desk().found().ledger.predecessor is None


@pytest.mark.parametrize(
    ("less", "size", "right"), [(0, 100, True), (1, 100, True), (-1, 100, False), (0, 3, False), (0, 4, True)]
)
def test_what_is_left_stands_before_the_request(less: int, size: int, right: bool) -> None:
    """Three entries stand there: the founders' two and an organisation's."""
    desk = Desk().found()
    said = loss(3 - less, size)
    desk.says("one", "ledger", "this", "succession_requested", **said)
    assert desk.read() == ([] if right else ["SUCCESSION_INVALID"])


def test_no_log_continues_itself() -> None:
    desk = Desk().found()
    desk.says("one", "ledger", "this", "succession_requested", **loss(3, 9, ORIGIN))
    assert desk.read() == ["SUCCESSION_INVALID"]
    assert desk.messages() == [f"{ORIGIN} is named as the other log"]


def test_a_log_that_was_succeeded_has_ended_and_says_so() -> None:
    desk = Desk().found()
    desk.by_two("ledger", "this", "succession_requested", "succeeded", **loss(3, 9))
    assert not desk.authority.succeeded
    assert desk.read() == ["LOG_ENDED"]
    assert desk.messages() == [
        f"of the 9 entries that it is known to have had 3 were left; {OTHER} continues it"
    ]
    assert desk.authority.succeeded


def test_a_kept_state_remembers_that_the_log_has_ended(tmp_path: Path) -> None:
    v, ledger, said = stage("staffed"), s("ledger", "this"), loss(3, 900)
    asked = v.ask("one", ledger, "ledger.succession_requested", said)
    v.by("two", Said(ledger, "ledger.succeeded", said | {"request": asked}))
    kept = audited(tmp_path / "before", v).keep
    assert kept is not None
    v.organisation("late", "training_provider")
    assert codes(audited(tmp_path / "after", v, since=kept())) == {"LEDGER_NOT_OPEN"}
