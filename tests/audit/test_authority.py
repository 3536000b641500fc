"""Who may sign at a place of the log: founders, accounts of one human, roles held there, keys that had not ended."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.audit.auditing import LOG_KEY
from tests.audit.desk import Desk
from tests.audit.scribe import Pen, Said, Scribe, an_id
from tests.audit.village import BLK, LSP, s
from verifier.authority import Account, Authority, Key

ONE, TWO, ADMIN = an_id("one"), an_id("two"), an_id("admin")
STRANGERS, FOUNDERS = (f"the key {Pen(name).thumbprint[:12]}… is" for name in ("stranger", "one"))


def judged(desk: Desk) -> tuple[Key | None, list[tuple[str, str]]]:
    """The key that may sign what was written last, and what is told of it."""
    desk.told = []
    command = desk.events()
    return desk.authority.key_of(command, command[0].index, desk.tell), desk.told


# -- one human ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("links", "humans"),
    [
        ({}, {"a": "a", "stranger": "stranger"}),
        ({"a": None, "b": None}, {"a": "a", "b": "b"}),
        ({"a": None, "b": "a", "c": "b"}, {"a": "a", "b": "a", "c": "a"}),
        ({"b": "nobody"}, {"b": "nobody"}),
        # Accounts that are linked in a ring are one person, by whichever the question is asked.
        ({"a": "a"}, {"a": "a"}),
        ({"a": "b", "b": "a"}, {"a": "a", "b": "a"}),
        ({"a": "b", "b": "c", "c": "a"}, {"a": "a", "b": "a", "c": "a"}),
        ({"0": "b", "b": "c", "c": "b"}, {"0": "b", "b": "b", "c": "b"}),
    ],
)
def test_accounts_that_are_linked_are_one_human(links: dict[str, str | None], humans: dict[str, str]) -> None:
    authority = Authority(Scribe().root)
    authority.accounts = {staff: Account(staff, same) for staff, same in links.items()}
    assert {staff: authority.human(staff) for staff in humans} == humans


def test_roles_are_held_at_a_place_and_were_held_ever() -> None:
    authority = Authority(Scribe().root)
    assert not authority.holds("a", "assessor", LSP)
    assert not authority.holds_anywhere("a", "assessor")
    assert authority.ever_held("assessor") == set()
    authority.accounts = {
        "a": Account("a", roles={("assessor", LSP), ("auditor", None)}, ever={"assessor", "auditor"}),
        "b": Account("b", ever={"assessor"}),
        "c": Account("c", ever={"instructor"}),
    }
    assert authority.holds("a", "assessor", LSP)
    assert authority.holds("a", "auditor", None)
    assert not authority.holds("a", "assessor", BLK)
    assert not authority.holds("a", "assessor", None)
    assert not authority.holds("a", "instructor", LSP)
    assert not authority.holds("b", "assessor", LSP)
    assert authority.holds_anywhere("a", "assessor")
    assert not authority.holds_anywhere("a", "instructor")
    assert not authority.holds_anywhere("b", "assessor")
    assert authority.ever_held("assessor") == {"a", "b"}


# -- the founders ------------------------------------------------------------------------------------------------------


def test_the_first_two_entries_are_signed_by_the_root_files_keys() -> None:
    desk = Desk()
    assert not desk.authority.open
    desk.v.found(LOG_KEY)
    for place, (event, pen) in enumerate(zip(desk.events(), desk.v.founders, strict=True)):
        founder = desk.v.root.keys[place]
        key = desk.authority.key_of([event], place, desk.tell)
        assert key == Key(founder.staff.removeprefix("staff/"), founder.key, "server-held", place)
        assert event.key == pen.thumbprint
    assert desk.told == []


FOUNDED, CO_FOUNDED = (Said(s("ledger", "this"), f"ledger.{name}", {}) for name in ("founded", "co_founded"))


@pytest.mark.parametrize(
    ("place", "write"),
    [
        (0, lambda v: v.by("one", CO_FOUNDED)),
        (0, lambda v: v.by("two", FOUNDED)),
        (0, lambda v: v.by("two", FOUNDED, actor=f"staff/{ONE}")),
        (0, lambda v: v.by("one", FOUNDED, actor=f"staff/{TWO}")),
        (0, lambda v: v.by("one", FOUNDED, role="auditor")),
        (0, lambda v: v.by("one", FOUNDED, org=BLK)),
        (0, lambda v: v.by("one", FOUNDED, FOUNDED)),
        (1, lambda v: v.by("two", FOUNDED)),
        (1, lambda v: v.by("one", CO_FOUNDED)),
        (1, lambda v: v.by("two", CO_FOUNDED, pen=v.founders[0])),
        (1, lambda v: v.by("two", CO_FOUNDED, role="auditor")),
        (1, lambda v: v.by("two", CO_FOUNDED, org=BLK)),
        (1, lambda v: v.by("two", CO_FOUNDED, CO_FOUNDED)),
    ],
)
def test_nobody_else_and_nothing_else_founds(place: int, write: Callable[[Any], object]) -> None:
    desk = Desk()
    write(desk.v)
    key = desk.authority.key_of(desk.events(), place, desk.tell)
    wanted = ("ledger.founded by founder 1", "ledger.co_founded by founder 2")[place]
    assert key is None
    assert desk.told == [("LEDGER_NOT_OPEN", f"entry {place} is not {wanted} of the root file")]


def test_until_both_have_founded_nobody_else_acts() -> None:
    desk = Desk()
    desk.v.found(LOG_KEY)
    assert not desk.read()
    desk.authority.open = False
    desk.v.organisation("blk", "training_provider")
    assert judged(desk)[1] == [("LEDGER_NOT_OPEN", "the founders have not both signed")]
    desk.authority.open = desk.authority.succeeded = True
    desk.v.organisation("lsp", "certification_body")
    key, told = judged(desk)
    assert told == [("LEDGER_NOT_OPEN", "the ledger has been succeeded")]
    assert key is not None


# -- everybody else ----------------------------------------------------------------------------------------------------


def hired() -> Desk:
    desk = Desk().found()
    desk.v.hire("admin")
    assert not desk.read()
    return desk


def test_who_holds_the_role_there_may_sign_with_their_key() -> None:
    desk = hired()
    desk.v.learner("ana")
    key, told = judged(desk)
    assert told == []
    assert key == desk.authority.keys[desk.v.pens["admin"].thumbprint]


def test_the_third_entry_is_no_founders() -> None:
    desk = Desk()
    desk.v.found(LOG_KEY)
    desk.read()
    desk.v.organisation("blk", "training_provider")
    key, told = judged(desk)
    assert told == []
    assert key is not None
    assert (key.owner, key.enrolled) == (ONE, 0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"pen": Pen("stranger")}, ("SIGNER_NOT_AUTHORISED", f"{STRANGERS} nobody's here")),
        ({"pen": Pen("one")}, ("SIGNER_NOT_AUTHORISED", f"{FOUNDERS} another account's here")),
        ({"role": "auditor"}, ("ROLE_NOT_HELD", "auditor is held for the whole ledger, not so")),
        ({"org": None}, ("ROLE_NOT_HELD", "training_admin is held at an organisation, not so")),
        ({"org": LSP}, ("ROLE_NOT_HELD", f"staff/{ADMIN} does not hold training_admin at {LSP} here")),
        ({"role": "assessor"}, ("ROLE_NOT_HELD", f"staff/{ADMIN} does not hold assessor at {BLK} here")),
        ({"role": "auditor", "org": None}, ("ROLE_NOT_HELD", f"staff/{ADMIN} does not hold auditor here")),
    ],
)  # fmt: skip
def test_who_may_not_sign(options: dict[str, Any], told: tuple[str, str]) -> None:
    desk = hired()
    desk.v.by("admin", Said(s("learner", "ana"), "learner.merge_reversed"), **options)
    assert judged(desk)[1] == [told]


def test_a_command_is_judged_by_its_first_event() -> None:
    desk = hired()
    desk.v.learner("ana")
    desk.v.organisation("lsp", "certification_body")
    key = desk.authority.key_of(desk.events(), len(desk.v.entries) - 2, desk.tell)
    assert key == desk.authority.keys[desk.v.pens["admin"].thumbprint]


def test_an_ended_key_signs_nothing_more() -> None:
    desk = hired()
    desk.says("one", "staff", "admin", "key_retired", key=desk.v.pens["admin"].thumbprint)
    assert not desk.read()
    end = len(desk.v.entries) - 1
    desk.v.learner("ana")
    told = (
        "SIGNER_NOT_AUTHORISED",
        f"the key {desk.v.pens['admin'].thumbprint[:12]}… was ended by entry {end}",
    )
    assert judged(desk)[1] == [told]


def test_of_a_key_of_nobody_no_role_is_asked() -> None:
    desk = hired()
    desk.v.by("admin", Said(s("learner", "ana"), "learner.merge_reversed"), pen=Pen("stranger"), org=LSP)
    key, told = judged(desk)
    assert key is None
    assert [code for code, _ in told] == ["SIGNER_NOT_AUTHORISED"]
