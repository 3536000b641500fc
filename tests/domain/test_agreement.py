from datetime import date, timedelta

import pytest

from ledger.domain.agreement import Agreement
from tests.domain.folding import act, refused, settle

FIRST, LAST = date(2031, 3, 10), date(2032, 3, 9)
DAY = timedelta(days=1)


def drafted() -> Agreement:
    agreement = Agreement("a")
    agreement.draft(act(), number="PKS/1", parties=("blk", "facility"), start=FIRST, until=LAST)
    return agreement


def signed() -> Agreement:
    agreement = drafted()
    agreement.sign(act("bram"), "blk")
    agreement.sign(act("citra"), "facility")
    return agreement


def test_the_parties_are_two() -> None:
    agreement = Agreement("a")
    with refused("AGREEMENT_PARTIES_EQUAL", agreement):
        agreement.draft(act(), number="PKS/1", parties=("blk", "blk"), start=FIRST, until=LAST)


def test_it_ends_after_it_starts() -> None:
    agreement = Agreement("a")
    with refused("VALUE_INVALID", agreement):
        agreement.draft(act(), number="PKS/1", parties=("blk", "facility"), start=LAST, until=FIRST)


def test_a_single_day_will_do() -> None:
    agreement = Agreement("a")
    agreement.draft(act(), number="PKS/1", parties=("blk", "facility"), start=FIRST, until=FIRST)
    assert agreement.covers(FIRST, FIRST)


def test_it_is_drafted_once() -> None:
    agreement = drafted()
    with refused("AGREEMENT_STATE_INVALID", agreement):
        agreement.draft(act(), number="PKS/2", parties=("blk", "facility"), start=FIRST, until=LAST)


def test_it_holds_from_the_second_signature_on() -> None:
    agreement = drafted()
    assert not agreement.in_force(FIRST)
    agreement.sign(act("bram"), "blk")
    assert not settle(agreement).in_force(FIRST)
    agreement.sign(act("citra"), "facility")
    assert settle(agreement).in_force(FIRST)


@pytest.mark.parametrize(
    ("day", "holds"), [(FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False)]
)
def test_it_holds_on_its_first_and_last_day(day: date, holds: bool) -> None:
    assert signed().in_force(day) is holds


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        (FIRST, LAST, True),
        (FIRST - DAY, LAST, False),
        (FIRST, LAST + DAY, False),
        (FIRST + DAY, FIRST + DAY, True),
    ],
)
def test_a_draft_covers_what_lies_inside_its_dates(start: date, end: date, inside: bool) -> None:
    assert drafted().covers(start, end) is inside
    assert signed().covers(start, end) is inside


def test_a_party_signs_once() -> None:
    agreement = drafted()
    agreement.sign(act(), "blk")
    with refused("AGREEMENT_STATE_INVALID", agreement):
        agreement.sign(act("dian"), "blk")


def test_an_amendment_needs_both_signatures_and_the_old_terms_hold_meanwhile() -> None:
    agreement = signed()
    longer = LAST + 30 * DAY
    agreement.amend(act(), until=longer)
    agreement.sign(act("bram"), "blk")
    waiting = settle(agreement)
    assert waiting.in_force(LAST)
    assert not waiting.in_force(longer)
    agreement.sign(act("citra"), "facility")
    assert settle(agreement).in_force(longer)


def test_an_amended_draft_is_signed_afresh() -> None:
    agreement = drafted()
    agreement.sign(act("bram"), "blk")
    agreement.amend(act(), until=FIRST + DAY)
    agreement.sign(act("citra"), "facility")
    assert not agreement.in_force(FIRST)
    agreement.sign(act("bram"), "blk")
    assert agreement.in_force(FIRST + DAY)
    assert not agreement.in_force(LAST)


def test_an_amendment_does_not_end_before_the_start() -> None:
    agreement = signed()
    with refused("VALUE_INVALID", agreement):
        agreement.amend(act(), until=FIRST - DAY)


def test_a_termination_ends_it_from_its_day_on() -> None:
    agreement = signed()
    agreement.terminate(act(), on=FIRST + DAY)
    ended = settle(agreement)
    assert ended.state == "ended"
    assert ended.in_force(FIRST)
    assert not ended.in_force(FIRST + DAY)
    assert not ended.covers(FIRST, FIRST)


def test_a_draft_that_is_withdrawn_never_held() -> None:
    agreement = drafted()
    agreement.terminate(act(), on=FIRST + DAY)
    assert not agreement.in_force(FIRST)


def test_nothing_happens_after_its_end() -> None:
    agreement = signed()
    agreement.amend(act(), until=LAST)  # so that signatures are due
    agreement.terminate(act(), on=FIRST)
    with refused("AGREEMENT_STATE_INVALID", agreement):
        agreement.sign(act(), "blk")
    with refused("AGREEMENT_STATE_INVALID", agreement):
        agreement.amend(act(), until=LAST)
    with refused("AGREEMENT_STATE_INVALID", agreement):
        agreement.terminate(act(), on=FIRST)


def test_it_is_between_its_parties_alone() -> None:
    agreement = drafted()
    assert agreement.is_between("facility", "blk")
    assert not agreement.is_between("blk", "other")
    assert not agreement.is_between("blk", "blk")


def test_what_the_log_says() -> None:
    agreement = signed()
    assert [(event.type, dict(event.data)) for event in agreement.pending] == [
        (
            "agreement.drafted.v1",
            {
                "number": "PKS/1",
                "parties": ["blk", "facility"],
                "from": "2031-03-10",
                "until": "2032-03-09",
            },
        ),
        ("agreement.signed.v1", {"party": "blk"}),
        ("agreement.signed.v1", {"party": "facility"}),
    ]
