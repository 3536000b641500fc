from datetime import UTC, datetime, timedelta

import pytest

from ledger.domain.impartiality_exception import ImpartialityException
from tests.domain.folding import NOON, act, refused, settle

RULE = "SOD_ASSESSOR_TAUGHT_LEARNER"
UNTIL = datetime(2031, 6, 30, 14, 59, 59, tzinfo=UTC)


def requested(rule: str = RULE, *, again: ImpartialityException | None = None) -> ImpartialityException:
    exception = again or ImpartialityException("x")
    exception.ask(act("sari"), rule=rule, scope=["staff", "learner"], risk="SMALL_CENTRE", until=UNTIL)
    return exception


def approved() -> ImpartialityException:
    exception = requested()
    exception.approve(act("budi"))
    return exception


@pytest.mark.parametrize(
    "rule", ["SOD_DECIDER_ASSESSED", "SOD_SELF_APPROVAL", "AWARD_RULE_NOT_MET", "ROLE_FORBIDDEN"]
)
def test_what_is_never_lifted(rule: str) -> None:
    with refused("VALUE_INVALID"):
        requested(rule)


def test_it_lifts_nothing_before_it_is_approved_and_after_it_ended() -> None:
    exception = requested()
    ids = ["staff", "learner"]
    assert not settle(exception).lifts(RULE, ids, NOON)
    exception.approve(act("budi"))
    assert settle(exception).lifts(RULE, ids, NOON)
    exception.end(act("budi"))
    assert not settle(exception).lifts(RULE, ids, NOON)


@pytest.mark.parametrize(
    ("ids", "lifted"),
    [
        (["staff", "learner"], True),
        (["staff", "learner", "assessment"], True),
        (["staff"], False),
        (["learner"], False),
        (["staff", "another"], False),
        ([], False),
    ],
)
def test_the_whole_scope_is_concerned(ids: list[str], lifted: bool) -> None:
    assert approved().lifts(RULE, ids, NOON) is lifted


def test_it_lifts_its_own_rule_alone() -> None:
    assert not approved().lifts("SOD_ISSUER_ASSESSED", ["staff", "learner"], NOON)


def test_it_lifts_to_its_last_moment() -> None:
    exception = approved()
    assert exception.lifts(RULE, ["staff", "learner"], UNTIL)
    assert not exception.lifts(RULE, ["staff", "learner"], UNTIL + timedelta(seconds=1))


def test_it_does_not_end_before_it_begins() -> None:
    exception = ImpartialityException("x")
    with refused("VALUE_INVALID", exception):
        exception.ask(act(), rule=RULE, scope=["staff"], risk="SMALL_CENTRE", until=NOON)


def test_the_approval_names_the_request() -> None:
    exception = settle(requested())
    exception.approve(act("budi"))
    assert exception.pending[-1].data == {"request": exception.request}
    assert exception.request is not None
    with refused("IMPARTIALITY_EXCEPTION_STATE_INVALID", exception):
        exception.approve(act("budi"))


def test_an_end_is_final() -> None:
    exception = requested()
    exception.end(act("budi"))
    with refused("IMPARTIALITY_EXCEPTION_STATE_INVALID", exception):
        exception.end(act())
    with refused("IMPARTIALITY_EXCEPTION_STATE_INVALID", exception):
        exception.approve(act())


def test_it_begins_once() -> None:
    exception = requested()
    with refused("IMPARTIALITY_EXCEPTION_STATE_INVALID", exception):
        requested(again=exception)
