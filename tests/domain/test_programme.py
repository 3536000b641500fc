from collections.abc import Callable
from itertools import permutations

import pytest

from ledger.domain.programme import Programme
from tests.domain.folding import act, refused, settle

SECRET = {"commitment": "0" * 64}

STEPS: dict[str, Callable[[Programme], None]] = {
    "need": lambda programme: programme.record_need(act(), source=SECRET, occupation=SECRET, demand=3),
    "instructors": lambda programme: programme.offer_instructors(act(), ["ina"]),
    "scheme": lambda programme: programme.adopt_scheme(act(), scheme="s", version=2),
}


def proposed(role: str = "training_admin", org: str = "blk", *, again: Programme | None = None) -> Programme:
    programme = again or Programme("p")
    programme.propose(
        act(role=role, org=org),
        facility="facility",
        code="LAS-II",
        trade="LAS",
        min_attendance_pct=75,
        minutes=None,
        sector=None,
    )
    return programme


@pytest.mark.parametrize("order", list(permutations(STEPS)))
def test_it_is_ready_after_all_three_steps_in_any_order(order: tuple[str, ...]) -> None:
    programme = proposed()
    for step in order:
        with refused("PROGRAMME_NOT_READY", programme):
            programme.require_ready()
        STEPS[step](programme)
    assert settle(programme).require_ready() == ("s", 2)
    assert programme.state == "synchronised"


@pytest.mark.parametrize("missing", STEPS)
def test_one_step_missing_is_not_ready(missing: str) -> None:
    programme = proposed()
    for step in STEPS.keys() - {missing}:
        STEPS[step](programme)
    assert settle(programme).state == "proposed"
    with refused("PROGRAMME_NOT_READY", programme):
        programme.require_ready()


def test_a_later_adoption_counts_for_later_cohorts() -> None:
    programme = proposed()
    for step in STEPS.values():
        step(programme)
    programme.adopt_scheme(act(), scheme="s", version=3)
    assert settle(programme).require_ready() == ("s", 3)


def test_no_cohort_under_a_programme_that_ended() -> None:
    programme = proposed()
    for step in STEPS.values():
        step(programme)
    programme.end(act())
    with refused("PROGRAMME_NOT_READY", programme):
        settle(programme).require_ready()
    for step in STEPS.values():
        with refused("PROGRAMME_STATE_INVALID", programme):
            step(programme)
    with refused("PROGRAMME_STATE_INVALID", programme):
        programme.tag(act(), ["UMKM"])
    with refused("PROGRAMME_STATE_INVALID", programme):
        programme.end(act())


def test_the_first_provider_that_acts_takes_it_up() -> None:
    programme = proposed("correctional_liaison", "facility")
    assert settle(programme).provider is None
    programme.tag(act(org="blk"), ["UMKM"])
    programme.tag(act(org="other"), ["UMKM"])
    assert settle(programme).provider == "blk"


def test_tags_are_a_set() -> None:
    programme = proposed()
    programme.tag(act(), ["UMKM", "KETAHANAN_PANGAN", "UMKM"])
    assert programme.pending[-1].data == {"tags": ["KETAHANAN_PANGAN", "UMKM"]}


def test_only_commitments_say_where_the_need_is_known_from() -> None:
    programme = proposed()
    STEPS["need"](programme)
    assert programme.pending[-1].data == {"source": SECRET, "occupation": SECRET, "demand": 3}


def test_it_begins_once() -> None:
    programme = proposed()
    with refused("PROGRAMME_STATE_INVALID", programme):
        proposed(again=programme)
