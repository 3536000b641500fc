"""Accounts, roles, licences and keys of staff: what each act leaves behind, and by whom it may not be given."""

from typing import Any

import pytest

from tests.audit.desk import Desk
from tests.audit.scribe import Pen, a_fact, a_hash, an_id
from tests.audit.village import BLK
from verifier.authority import Account, Licence
from verifier.publickey import PublicKey

ADMIN = an_id("admin")
LOCAL = {
    "correctional_liaison", "correctional_approver", "training_admin", "instructor", "assessor",
    "assessment_supervisor", "certification_decider", "training_issuer", "competence_issuer", "print_operator",
    "appeal_panel", "privacy_officer",
}  # fmt: skip
WIDE = {"key_custodian", "auditor"}
FOR_ONESELF = {
    "registered": "a custodian registered a second account of their own",
    "role_grant_requested": "a custodian asked for a role of their own",
    "role_granted": "a custodian granted a role to themselves",
    "licence_recorded": "a custodian recorded a licence of their own",
    "enrolment_requested": "a custodian asked for a key of their own",
    "key_enrolled": "a custodian enrolled a key for themselves",
    "compromise_requested": "a custodian asked to declare a key of their own compromised",
    "key_compromised": "a custodian declared a key of their own compromised",
}


@pytest.fixture
def desk() -> Desk:
    """Two custodians, an organisation, and an administrator with a key."""
    made = Desk().found()
    made.v.hire("admin")
    assert not made.read()
    return made


def now(desk: Desk) -> int:
    return len(desk.v.entries) - 1


# -- accounts ----------------------------------------------------------------------------------------------------------


def test_a_person_with_two_accounts_is_one_human(desk: Desk) -> None:
    assert desk.account("admin") == Account(ADMIN, None, {("training_admin", BLK)}, {"training_admin"})
    desk.v.register("admin again", same_person_as="admin")
    assert desk.read() == []
    assert desk.account("admin again").same_person_as == ADMIN
    assert desk.authority.human(an_id("admin again")) == ADMIN


def test_the_second_account_of_nobody(desk: Desk) -> None:
    desk.v.register("again", same_person_as="nobody")
    assert desk.read() == ["UNKNOWN_ID"]
    assert desk.messages() == [f"there is no account {an_id('nobody')}"]


# -- roles -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(LOCAL | WIDE))
def test_each_role_is_held_at_an_organisation_or_for_the_whole_ledger(desk: Desk, role: str) -> None:
    for org, place in ((BLK, BLK), (None, "the whole ledger")):
        fits = (role in WIDE) == (org is None)
        desk.v.grant("admin", role, org)
        assert desk.read() == ([] if fits else ["ROLE_UNKNOWN"])
        assert desk.messages() == ([] if fits else [f"the role {role} at {place}"])


@pytest.mark.parametrize(("code", "role", "org"), [
    ("ROLE_UNKNOWN", "emperor", BLK), ("ROLE_UNKNOWN", "emperor", None), ("UNKNOWN_ID", "assessor", an_id("nowhere")),
])  # fmt: skip
def test_no_role_is_made_up_and_none_held_nowhere(desk: Desk, code: str, role: str, org: str | None) -> None:
    desk.v.grant("admin", role, org)
    assert desk.read() == [code]


def test_a_role_that_ends_was_held_all_the_same(desk: Desk) -> None:
    desk.v.grant("admin", "instructor", BLK)
    desk.says("one", "staff", "admin", "role_revoked", role="training_admin", org=BLK)
    assert desk.read() == []
    account = desk.account("admin")
    assert account.roles == {("instructor", BLK)}
    assert account.ever == {"training_admin", "instructor"}
    desk.says("one", "staff", "admin", "role_revoked", role="training_admin", org=BLK)
    assert desk.read() == ["UNKNOWN_ID"]
    assert desk.messages() == ["the role training_admin was not held there"]
    desk.says("one", "staff", "admin", "role_revoked", role="instructor", org=None)
    assert desk.read() == ["UNKNOWN_ID"]
    assert account.roles == {("instructor", BLK)}


def test_the_newest_licence_counts(desk: Desk) -> None:
    desk.v.licence("admin", "2032-01-31", ("LAS", "KAYU"))
    assert desk.read() == []
    assert desk.account("admin").licence == Licence(frozenset({"LAS", "KAYU"}), "2032-01-31")
    desk.v.licence("admin", "2031-12-31", ("LAS",))
    assert desk.read() == []
    assert desk.account("admin").licence == Licence(frozenset({"LAS"}), "2031-12-31")


# -- keys --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("custody", ["server-held", "device", "hsm"])
def test_a_key_is_enrolled_with_what_it_is(desk: Desk, custody: str) -> None:
    pen = Pen("new")
    desk.v.enrol("admin", pen, custody=custody)
    assert desk.read() == []
    key = desk.authority.keys[pen.thumbprint]
    assert (key.owner, key.public, key.custody) == (ADMIN, PublicKey(pen.jwk, "ed25519"), custody)
    assert (key.enrolled, key.ended, key.compromised_from) == (now(desk), None, None)


def test_a_key_that_was_enrolled_stays_its_owners(desk: Desk) -> None:
    pen = desk.v.pens["admin"]
    before = desk.authority.keys[pen.thumbprint]
    desk.v.hire("friend", "instructor", BLK)
    assert desk.read() == []
    desk.v.enrol("friend", pen)
    assert desk.read() == ["KEY_ENROLLED_TWICE"]
    assert desk.messages() == [f"the key {pen.thumbprint[:12]}… was enrolled before"]
    assert desk.authority.keys[pen.thumbprint] is before


NEW = Pen("new")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("KEY_INVALID", {"custody": "pocket"}),
        ("KEY_INVALID", {"thumbprint": Pen("newer").thumbprint}),
        ("KEY_INVALID", {"jwk": {**NEW.jwk, "d": "secret"}}),
        ("KEY_INVALID", {"alg": "es256"}),
        ("KEY_POSSESSION_WRONG", {"possession": {}}),
        ("KEY_POSSESSION_WRONG", {"possession": NEW.enrolment(an_id("friend"))["possession"]}),
        ("KEY_POSSESSION_WRONG", {"possession": NEW.enrolment(ADMIN, "other.example/log")["possession"]}),
        ("KEY_POSSESSION_WRONG", {"possession": Pen("newer").enrolment(ADMIN)["possession"]}),
    ],
)
def test_what_is_no_key_of_this_person(desk: Desk, code: str, changes: dict[str, Any]) -> None:
    desk.v.enrol("admin", NEW, **changes)
    assert desk.read() == [code]


def rotate(desk: Desk, who: str, retires: str, *, new: Pen = NEW, **options: Any) -> list[str]:
    """Replace a key of the administrator."""
    said = new.enrolment(ADMIN) | {"retires": retires}
    desk.v.by(who, desk.said("staff", "admin", "key_rotated", **said), **options)
    return desk.read()


def test_ones_own_key_is_replaced_by_an_act_that_the_old_one_signs(desk: Desk) -> None:
    old = desk.v.pens["admin"].thumbprint
    assert rotate(desk, "admin", old) == []
    assert desk.authority.keys[old].ended == now(desk)
    new = desk.authority.keys[NEW.thumbprint]
    assert (new.owner, new.enrolled, new.ended) == (ADMIN, now(desk), None)


@pytest.mark.parametrize("case", ["by another", "with another key of theirs", "unknown", "of another"])
def test_nobody_elses_key_is_replaced_and_none_by_another(desk: Desk, case: str) -> None:
    mine, theirs = desk.v.pens["admin"], desk.v.pens["one"]
    who, retires, pen = {
        "by another": ("one", mine.thumbprint, mine),
        "with another key of theirs": ("admin", mine.thumbprint, theirs),
        "unknown": ("admin", Pen("stranger").thumbprint, Pen("stranger")),
        "of another": ("admin", theirs.thumbprint, theirs),
    }[case]
    assert rotate(desk, who, retires, pen=pen) == ["KEY_NOT_OWN"]
    told = f"the key {retires[:12]}… is replaced by {an_id(who)} with {pen.thumbprint[:12]}…"
    assert desk.messages() == [told]
    assert {key.ended for key in desk.authority.keys.values()} == {None}


def test_a_retired_key_has_ended(desk: Desk) -> None:
    pen = desk.v.pens["admin"]
    desk.says("one", "staff", "admin", "key_retired", key=pen.thumbprint)
    assert desk.read() == []
    assert desk.authority.keys[pen.thumbprint].ended == now(desk)


@pytest.mark.parametrize("whose", ["one", "stranger"])
def test_only_this_persons_keys_are_retired(desk: Desk, whose: str) -> None:
    pen = Pen(whose)
    desk.says("one", "staff", "admin", "key_retired", key=pen.thumbprint)
    assert desk.read() == ["COMPROMISE_INVALID"]
    assert desk.messages() == [f"the key {pen.thumbprint[:12]}… is not this person's"]
    assert {key.ended for key in desk.authority.keys.values()} == {None}


def compromise(desk: Desk, size: int) -> list[str]:
    key = desk.v.pens["admin"].thumbprint
    desk.by_two("staff", "admin", "compromise_requested", "key_compromised", key=key, from_size=size)
    return desk.read()


def test_the_earliest_compromise_and_the_first_end_count(desk: Desk) -> None:
    key = desk.authority.keys[desk.v.pens["admin"].thumbprint]
    assert compromise(desk, 5) == []
    end = now(desk)
    for size, earliest in ((7, 5), (3, 3)):
        assert compromise(desk, size) == []
        assert (key.ended, key.compromised_from) == (end, earliest)


def test_a_retired_key_may_have_been_stolen_before(desk: Desk) -> None:
    key = desk.authority.keys[desk.v.pens["admin"].thumbprint]
    desk.says("one", "staff", "admin", "key_retired", key=desk.v.pens["admin"].thumbprint)
    end = now(desk)
    assert compromise(desk, 5) == []
    assert (key.ended, key.compromised_from) == (end, 5)


@pytest.mark.parametrize(("after", "told"), [(0, []), (1, ["COMPROMISE_INVALID"])])
def test_a_key_was_stolen_at_a_size_that_the_log_has_had(desk: Desk, after: int, told: list[str]) -> None:
    assert compromise(desk, now(desk) + 2 + after) == told


# -- nobody for themselves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["one", "one again"])
def test_no_custodian_acts_for_themselves(desk: Desk, account: str) -> None:
    """Nor for an account of theirs. What two persons do, each of the two is asked about."""
    v = desk.v
    v.hire("third", "key_custodian", None)
    v.register("one again", same_person_as="one", first="third", second="two")
    assert desk.read() == []
    key = Pen("another").enrolment(an_id(account))
    stolen = {"key": v.founders[0].thumbprint, "from_size": 1}
    asked = a_hash("nobody asked")
    acts: dict[str, dict[str, Any]] = {
        "registered": {"same_person_as": an_id(account), "request": asked},
        "role_grant_requested": {"role": "auditor", "org": None},
        "role_granted": {"role": "auditor", "org": None, "request": asked},
        "licence_recorded": {"number": a_fact(), "scope": [], "until": "2033-01-01"},
        "enrolment_requested": key,
        "key_enrolled": key | {"request": asked},
        "compromise_requested": stolen,
        "key_compromised": stolen | {"request": asked},
    }
    assert acts.keys() == FOR_ONESELF.keys()
    for event, data in acts.items():
        for who, told in (("one", [FOR_ONESELF[event]]), ("two", [])):
            desk.says(who, "staff", "third account" if event == "registered" else account, event, **data)
            desk.read()
            assert [message for code, message in desk.told if code == "SOD_SELF_APPROVAL"] == told
