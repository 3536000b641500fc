"""Rules about exceptions at their edges: what one lifts, for whom, until when, and who approves it."""

from typing import Any

import pytest

from tests.audit.broken_assessing import exception
from tests.audit.following import Case, Cases
from tests.audit.scribe import Said, an_id
from tests.audit.village import LSP, Village, s
from verifier.rules.exceptions import Exemption

case = Cases()
TAUGHT, ISSUED, PANEL = "SOD_ASSESSOR_TAUGHT_LEARNER", "SOD_ISSUER_ASSESSED", "SOD_APPEAL_PANEL_INVOLVED"
UNTIL = "2031-12-31T00:00:00Z"
EXCEPTION = s("impartiality_exception", "e")


@pytest.mark.parametrize("each", case, ids=str)
def test_an_exception(each: Case) -> None:
    each.check()


# -- what it lifts -----------------------------------------------------------------------------------------------------

LIFTED: list[tuple[str, str, bool]] = [
    (TAUGHT, TAUGHT, True),
    (ISSUED, ISSUED, True),
    (PANEL, PANEL, True),
    (PANEL, "SOD_REASSESSOR_INVOLVED", True),
    (TAUGHT, ISSUED, False),
    (ISSUED, TAUGHT, False),
    (TAUGHT, PANEL, False),
    (PANEL, TAUGHT, False),
    ("SOD_REASSESSOR_INVOLVED", "SOD_REASSESSOR_INVOLVED", False),
    ("SOD_DECIDER_ASSESSED", "SOD_DECIDER_ASSESSED", False),
    ("SOD_SELF_APPROVAL", "SOD_SELF_APPROVAL", False),
]


def exemption(rule: str = TAUGHT, *scope: str, state: str = "approved") -> Exemption:
    made = Exemption(EXCEPTION)
    made.rule, made.scope, made.until, made.state = rule, scope or ("teacher", "ana"), UNTIL, state
    return made


@pytest.mark.parametrize(("named", "rule", "lifted"), LIFTED)
def test_the_rules_that_one_lifts(named: str, rule: str, *, lifted: bool) -> None:
    assert exemption(named).lifts(rule, ["teacher", "ana"], UNTIL) is lifted


@pytest.mark.parametrize(
    ("ids", "lifted"),
    [
        (["teacher", "ana"], True),
        (["teacher", "budi", "ana"], True),
        (["teacher"], False),
        (["ana"], False),
        (["teacher", "budi"], False),
        ([], False),
    ],
)
def test_all_whom_it_names_must_be_concerned(ids: list[str], *, lifted: bool) -> None:
    assert exemption().lifts(TAUGHT, ids, UNTIL) is lifted


def test_one_for_nobody_lifts_nothing() -> None:
    made = exemption()
    made.scope = ()
    assert not made.lifts(TAUGHT, ["teacher", "ana"], UNTIL)


@pytest.mark.parametrize("state", ["", "requested", "ended"])
def test_one_that_is_not_approved_lifts_nothing(state: str) -> None:
    assert not exemption(state=state).lifts(TAUGHT, ["teacher", "ana"], UNTIL)


def test_one_lifts_up_to_its_last_second() -> None:
    assert exemption().lifts(TAUGHT, ["teacher", "ana"], "2031-12-30T23:59:59Z")
    assert exemption().lifts(TAUGHT, ["teacher", "ana"], UNTIL)
    assert not exemption().lifts(TAUGHT, ["teacher", "ana"], "2031-12-31T00:00:01Z")


# -- requested and approved --------------------------------------------------------------------------------------------


def request(v: Village, rule: str = TAUGHT, scope: tuple[str, ...] = ("teacher",), until: str = UNTIL) -> str:
    data = {"rule": rule, "scope": [an_id(name) for name in scope], "risk": "SMALL_CENTRE", "until": until}
    return v.ask("supervisor", EXCEPTION, "impartiality_exception.requested", data)


def approve(v: Village, asked: str, who: str = "decider") -> None:
    v.by(who, Said(EXCEPTION, "impartiality_exception.approved", {"request": asked}))


@pytest.mark.parametrize("rule", [TAUGHT, ISSUED, PANEL])
def test_a_rule_that_may_be_lifted(rule: str) -> None:
    Case("trained", lambda v: exception(v, rule, "teacher"), ()).check()


@case("trained", f"EXCEPTION_INVALID: from SOD_DECIDER_ASSESSED until {UNTIL}")
def from_a_rule_that_is_never_lifted(v: Village) -> None:
    request(v, "SOD_DECIDER_ASSESSED")


@case("trained", "EXCEPTION_INVALID")
def for_nobody(v: Village) -> None:
    request(v, scope=())


@case("trained", "EXCEPTION_INVALID: from SOD_ASSESSOR_TAUGHT_LEARNER until 2031-03-14T01:00:00Z")
def until_the_moment_of_the_request(v: Village) -> None:
    request(v, until=v.time)


@case("trained")
def until_a_second_after_the_request(v: Village) -> None:
    request(v, until="2031-03-14T01:00:01Z")


@case("trained", "SOD_SELF_APPROVAL: approved by a person whom it frees")
def approved_by_the_second_account_of_whom_it_frees(v: Village) -> None:
    v.hire("teacher as decider", "certification_decider", LSP, same_person_as="teacher")
    approve(v, request(v), "teacher as decider")


@case("trained", "SOD_SELF_APPROVAL: entry 148 is by the same human")
def approved_by_who_requested_it(v: Village) -> None:
    asked = request(v)
    v.by(
        "supervisor",
        Said(EXCEPTION, "impartiality_exception.approved", {"request": asked}),
        role="certification_decider",
    )


# -- used --------------------------------------------------------------------------------------------------------------


def assessed(v: Village, *said: Any) -> None:
    """The teacher is assigned to assess ana."""
    v.hire("teacher as assessor", "assessor", LSP, same_person_as="teacher")
    v.licence("teacher as assessor")
    v.set_day("2031-03-17")
    v.admit("ana")
    for name, scope in said:
        free(v, name, *scope)
    v.assign("ana", "teacher as assessor")


def free(v: Village, name: str, *scope: str, rule: str = TAUGHT) -> None:
    """An approved exception of this name."""
    stream = s("impartiality_exception", name)
    data = {"rule": rule, "scope": [an_id(each) for each in scope], "risk": "SMALL_CENTRE", "until": UNTIL}
    asked = v.ask("supervisor", stream, "impartiality_exception.requested", data)
    v.by("decider", Said(stream, "impartiality_exception.approved", {"request": asked}))


WHO = f"staff/{an_id('teacher as assessor')}"


@case("trained", f"{TAUGHT}: {WHO}")
def the_teacher_assesses(v: Village) -> None:
    assessed(v)


@case("trained", f"EXCEPTION_USED: {TAUGHT} for {WHO}, by {EXCEPTION}")
def the_teacher_assesses_one_learner_by_an_exception(v: Village) -> None:
    assessed(v, ("e", ("teacher as assessor", "ana")))


@case("trained", f"EXCEPTION_USED: {TAUGHT} for {WHO}, by {EXCEPTION}")
def the_teacher_assesses_anybody_by_an_exception(v: Village) -> None:
    assessed(v, ("e", ("teacher as assessor",)))


@case("trained", f"EXCEPTION_USED: {TAUGHT} for {WHO}, by {EXCEPTION}")
def anybody_assesses_a_learner_by_an_exception(v: Village) -> None:
    assessed(v, ("e", ("ana",)))


@case("trained", TAUGHT)
def the_teacher_assesses_by_an_exception_for_another_learner(v: Village) -> None:
    assessed(v, ("e", ("teacher as assessor", "budi")))


@case("trained", f"EXCEPTION_USED: {TAUGHT} for {WHO}, by {EXCEPTION}")
def the_first_exception_that_fits_is_named(v: Village) -> None:
    assessed(v, ("none", ("budi",)), ("e", ("ana",)), ("later", ("ana",)))
