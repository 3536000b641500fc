"""What authority rests on: founders, organisations, keys of issuers. What is right is kept, what is wrong is told."""

from typing import Any

import pytest

from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.bundling import Log
from tests.audit.desk import Desk
from tests.audit.scribe import ORIGIN, Pen, a_fact, a_hash, an_id
from verifier.authority import Account, Key
from verifier.rules.organisations import IssuerKey, Organisation
from verifier.rules.world import Thing

ONE, TWO = an_id("one"), an_id("two")


def custodian(desk: Desk, place: int, **changes: Any) -> dict[str, Any]:
    founder = desk.v.root.keys[place]
    said = {"alg": "ed25519", "custody": founder.custody, "jwk": founder.key.jwk, "staff": founder.staff}
    return said | changes


# -- founding ----------------------------------------------------------------------------------------------------------


def test_two_founders_open_a_ledger_one_after_the_other() -> None:
    desk = Desk()
    desk.v.found(LOG_KEY, clock="system")
    assert desk.read() == []
    assert desk.ledger.clock == "system"
    assert desk.ledger.log_keys == [LOG_KEY]
    assert desk.authority.open
    assert not desk.authority.succeeded
    for place, (name, pen) in enumerate(zip((ONE, TWO), desk.v.founders, strict=True)):
        role: set[tuple[str, str | None]] = {("key_custodian", None)}
        assert desk.authority.accounts[name] == Account(name, None, role, {"key_custodian"})
        key = desk.v.root.keys[place].key
        assert desk.authority.keys[pen.thumbprint] == Key(name, key, "server-held", place)


def test_before_the_second_founder_the_ledger_is_not_open() -> None:
    desk = Desk()
    assert desk.ledger.clock == ""
    assert desk.ledger.log_keys == []
    desk.v.found(LOG_KEY)
    del desk.v.entries[1:]
    assert desk.read() == []
    assert not desk.authority.open
    assert desk.authority.accounts.keys() == {ONE}


@pytest.mark.parametrize("clock", ["system", "simulated"])
def test_a_clock_of_either_kind(clock: str) -> None:
    desk = Desk()
    desk.v.found(LOG_KEY, clock=clock)
    assert desk.read() == []
    assert desk.ledger.clock == clock


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("FOUNDING_WRONG", {"origin": "other.example/log"}),
        ("FOUNDING_WRONG", {"root_file": a_hash("another root file")}),
        ("FOUNDING_WRONG", {"clock": "sun"}),
        ("KEY_INVALID", {"log_key": "no key"}),
        ("KEY_INVALID", {"log_key": str(LOG.witnesses[0].key)}),
        ("KEY_INVALID", {"log_key": str(Log.named("other.example/log").key.key)}),
        ("KEY_INVALID", {"log_key": LOG_KEY + "A"}),
    ],
)
def test_what_entry_0_may_not_say(code: str, changes: dict[str, str]) -> None:
    desk = Desk()
    desk.v.found(**{"log_key": LOG_KEY, **changes})
    assert desk.read() == [code]


def test_a_witnesss_key_by_the_logs_name_is_no_log_key() -> None:
    desk = Desk()
    witness = Log.named(ORIGIN).witnesses[0]
    desk.v.found(
        str(type(witness.key)(ORIGIN, witness.key.kind, witness.private.public_key().public_bytes_raw()))
    )
    assert desk.read() == ["KEY_INVALID"]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "es256"},
        {"custody": "hsm"},
        {"jwk": Pen("stranger").jwk},
        {"staff": "staff/stranger"},
        {"more": 1},
    ],
)
def test_a_founder_says_of_themselves_what_the_root_file_says(place: int, changes: dict[str, Any]) -> None:
    desk = Desk()
    first, second = custodian(desk, 0), custodian(desk, 1)
    (first if place == 0 else second).update(changes)
    desk.says(
        "one", "ledger", "this", "founded", origin=ORIGIN, root_file=desk.v.root.digest(), clock="system",
        log_key=LOG_KEY, custodian=first,
    )  # fmt: skip
    desk.says("two", "ledger", "this", "co_founded", custodian=second)
    assert desk.read() == ["FOUNDING_WRONG"]
    assert desk.told[0][1] == "the founder is not the root file's"


def test_the_founding_is_entry_0_and_the_second_entry_1() -> None:
    desk = Desk()
    desk.v.organisation("blk", "training_provider")
    desk.v.found(LOG_KEY)
    assert desk.read() == ["FOUNDING_WRONG"]
    assert desk.messages() == ["entry 0 names another log or another root file"]
    assert not desk.authority.open


def test_a_log_goes_on_with_a_further_key() -> None:
    desk = Desk().found()
    further = str(Log.named(ORIGIN, seed=9).key.key)
    desk.by_two("ledger", "this", "rotation_requested", "log_key_rotated", log_key=further)
    assert desk.read() == []
    assert desk.ledger.log_keys == [LOG_KEY, further]
    desk.by_two("ledger", "this", "rotation_requested", "log_key_rotated", log_key="other.example+1+A")
    assert desk.read() == ["KEY_INVALID"]
    assert desk.messages()[0].startswith("the log key: ")
    assert desk.ledger.log_keys == [LOG_KEY, further]


# -- organisations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "training_provider",
        "certification_body",
        "correctional_facility",
        "probation_office",
        "assessment_site",
    ],
)
def test_an_organisation_of_each_kind(kind: str) -> None:
    desk = Desk().found()
    desk.v.organisation("x", kind, public_name="Balai Kerja", zone="Asia/Jayapura")
    assert desk.read() == []
    x = desk.thing(Organisation, "organisation", "x")
    assert (x.id, x.state, x.kind, x.zone) == (an_id("x"), "registered", kind, "Asia/Jayapura")


@pytest.mark.parametrize(
    ("code", "message", "changes"),
    [
        ("PUBLIC_FIELD_FORBIDDEN", "a public name holds the word 'lapas'", {"public_name": "Lapas Contoh"}),
        ("ZONE_UNKNOWN", "this machine's time zone database has no 'Asia/Nowhere'", {"zone": "Asia/Nowhere"}),
    ],
)
def test_what_an_organisation_may_not_be(code: str, message: str, changes: dict[str, Any]) -> None:
    desk = Desk().found()
    desk.v.organisation("x", "training_provider", **changes)
    assert desk.read() == [code]
    assert desk.messages() == [message]
    assert desk.thing(Organisation, "organisation", "x").zone == (
        "UTC" if code == "ZONE_UNKNOWN" else "Asia/Makassar"
    )


def test_an_organisation_of_no_kind() -> None:
    desk = Desk().found()
    desk.v.organisation("x", "castle")
    assert desk.read() == ["ORGANISATION_INVALID"]
    assert desk.messages() == ["the kind 'castle' is unknown"]


def test_a_new_name_is_as_public_as_the_first() -> None:
    desk = Desk().found()
    for name in (None, "Balai Latihan Contoh"):
        desk.says("one", "organisation", "blk", "renamed", public_name=name, name=a_fact())
        assert desk.read() == []
    desk.says("one", "organisation", "blk", "renamed", public_name="Rutan Contoh", name=a_fact())
    assert desk.read() == ["PUBLIC_FIELD_FORBIDDEN"]


def test_a_day_is_one_of_the_zones_of_the_organisations() -> None:
    """16:30 UTC is the next day in Jayapura (UTC+9), the same in Jakarta (UTC+7)."""
    desk = Desk()
    evening = "2031-03-03T16:30:00Z"
    assert desk.world.days(evening) == ("2031-03-03", "2031-03-03")
    desk.v.found(LOG_KEY)
    desk.v.organisation("east", "training_provider", zone="Asia/Jayapura")
    assert desk.read() == []
    assert desk.world.days(evening) == ("2031-03-04", "2031-03-04")
    desk.v.organisation("west", "training_provider", zone="Asia/Jakarta")
    assert desk.read() == []
    assert desk.world.days(evening) == ("2031-03-03", "2031-03-04")


@pytest.mark.parametrize("zones", [("UTC",), ("UTC", "Asia/Jayapura"), ("Asia/Jayapura", "UTC")])
def test_an_organisation_may_count_its_days_by_utc(zones: tuple[str, ...]) -> None:
    desk = Desk()
    desk.v.found(LOG_KEY)
    for zone in zones:
        desk.v.organisation(zone, "training_provider", zone=zone)
    assert desk.read() == []
    assert desk.world.days("2031-03-03T16:30:00Z")[0] == "2031-03-03"


# -- keys of issuers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["credential", "token", "status", "pdf"])
def test_an_issuers_key_for_each_purpose(purpose: str) -> None:
    desk = Desk().found()
    desk.issuer_key("k", purpose=purpose, kid=7, kind="TRAINING")
    assert desk.read() == []
    k = desk.thing(IssuerKey, "issuer_key", "k")
    assert (k.organisation, k.purpose, k.thumbprint) == (an_id("blk"), purpose, Pen("k").thumbprint)
    assert (k.kid, k.kind, k.enrolled) == (7, "TRAINING", len(desk.v.entries) - 1)
    assert (k.ended, k.compromised_from) == (None, None)
    assert desk.organisations.issuer_thumbprints == {Pen("k").thumbprint}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("KEY_INVALID", {"purpose": "ornament"}),
        ("KEY_INVALID", {"alg": "es256"}),
        ("KEY_INVALID", {"jwk": {"kty": "OKP"}}),
        ("KEY_INVALID", {"thumbprint": Pen("another").thumbprint}),
        ("UNKNOWN_ID", {"organisation": an_id("nowhere")}),
    ],
)
def test_what_an_issuers_key_may_not_be(code: str, changes: dict[str, Any]) -> None:
    desk = Desk().found()
    desk.issuer_key("k", **changes)
    assert desk.read() == [code]


def test_an_issuers_key_is_enrolled_once_and_by_nobody_else() -> None:
    desk = Desk().found()
    desk.issuer_key("k")
    assert desk.read() == []
    desk.issuer_key("again", Pen("k"))
    assert desk.read() == ["KEY_ENROLLED_TWICE"]
    desk.v.hire("admin")
    assert desk.read() == []
    desk.v.enrol("admin", Pen("k"))
    assert desk.read() == ["KEY_ENROLLED_TWICE"]
    desk.issuer_key("of a person", Pen("admin"))
    assert desk.read() == ["KEY_ENROLLED_TWICE"]


def compromise(desk: Desk, size: int) -> list[str]:
    desk.by_two("issuer_key", "k", "compromise_requested", "compromised", from_size=size)
    return desk.read()


def test_a_retired_key_keeps_its_end_when_it_is_declared_compromised() -> None:
    desk = Desk().found()
    desk.issuer_key("k")
    desk.says("one", "issuer_key", "k", "retired")
    assert desk.read() == []
    k, end = desk.thing(IssuerKey, "issuer_key", "k"), len(desk.v.entries) - 1
    assert (k.ended, k.compromised_from) == (end, None)
    assert compromise(desk, 4) == []
    assert (k.state, k.ended, k.compromised_from) == ("compromised", end, 4)


@pytest.mark.parametrize(("after", "told"), [(0, []), (1, ["COMPROMISE_INVALID"])])
def test_a_compromise_begins_at_a_size_that_the_log_has_had(after: int, told: list[str]) -> None:
    """The declaration is the second of two entries; before it the log has had as many as its index says."""
    desk = Desk().found()
    desk.issuer_key("k")
    assert desk.read() == []
    index = len(desk.v.entries) + 1
    assert compromise(desk, index + after) == told
    k = desk.thing(IssuerKey, "issuer_key", "k")
    assert (k.ended, k.compromised_from) == (index, index + after)


def test_of_what_never_began_nothing_is_known() -> None:
    desk = Desk()
    assert desk.ledger.clock == ""
    assert desk.world.things.keys() == {f"staff/{ONE}", f"staff/{TWO}"}
    assert {thing.state for thing in desk.world.things.values()} == {"registered"}
    assert desk.world.find(Thing, "staff", ONE) is desk.world.things[f"staff/{ONE}"]
    desk.says("one", "issuer_key", "ghost", "retired")
    desk.says("one", "organisation", "ghost", "renamed", public_name=None, name=a_fact())
    assert desk.read() == ["ISSUER_KEY_STATE_INVALID", "ORGANISATION_STATE_INVALID"]
    key, organisation = (
        desk.thing(IssuerKey, "issuer_key", "ghost"), desk.thing(Organisation, "organisation", "ghost"),
    )  # fmt: skip
    assert (key.organisation, key.purpose, key.thumbprint, key.enrolled, key.kid) == ("", "", "", 0, None)
    assert (organisation.kind, organisation.zone) == ("", "UTC")
