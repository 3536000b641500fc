"""The two acts that say that a log has ended, brought along with its bundle: believed of two custodians only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit.desk import Desk
from tests.audit.scribe import Pen, a_hash, an_id
from tests.audit.village import s
from verifier.bundle import BUNDLE_TILE_LIMIT, Bundle
from verifier.entry import seal
from verifier.finding import Findings
from verifier.succession import check
from verifier.tile import encode_bundle

LOSS = {"origin": "other.example/log", "size": 90, "root": a_hash("root"), "restored": 3}
ASKED, DONE = "ledger.succession_requested", "ledger.succeeded"
LEDGER = s("ledger", "this")
ONE, TWO, ADMIN = (f"staff/{an_id(name)}" for name in ("one", "two", "admin"))


@pytest.fixture
def desk() -> Desk:
    made = Desk().found()
    made.v.hire("admin")
    assert not made.read()
    return made


def told(desk: Desk, folder: Path, data: bytes | None) -> list[tuple[str, str]]:
    """What is found with this file in a bundle."""
    (folder / "checkpoint").write_bytes(b"")
    if data is not None:
        (folder / "succession").write_bytes(data)
    findings = Findings()
    check(Bundle(folder), desk.authority, findings)
    assert all((item.index, item.place) == (None, "succession") for item in findings)
    return [(item.code, item.message) for item in findings]


def acts(
    desk: Desk,
    asked: Any = None,
    done: Any = None,
    *,
    kind: str = f"{ASKED}.v1",
    by: tuple[str, str] = ("one", "two"),
    **pens: Pen,
) -> bytes:
    """Both acts, signed by these; `asked` and `done` are members of their data to be otherwise."""
    begun = len(desk.v.entries)
    said = LOSS | (asked or {})
    request = desk.v.ask(by[0], LEDGER, ASKED, said, pen=pens.get("asking"), type=kind)
    desk.says(by[1], "ledger", "this", "succeeded", **(said | {"request": request} | (done or {})))
    if "doing" in pens:
        payload = desk.v.entries[-1].partition(b"\n")[0]
        desk.v.entries[-1:] = seal([payload], desk.v.origin, pens["doing"].sign)
    return encode_bundle(desk.v.entries[begun:])


def test_a_bundle_without_the_file_says_nothing(desk: Desk, tmp_path: Path) -> None:
    assert told(desk, tmp_path, None) == []


def test_two_custodians_say_that_the_log_has_ended(desk: Desk, tmp_path: Path) -> None:
    ended = "of the 90 entries that it is known to have had 3 were left; other.example/log continues it"
    assert told(desk, tmp_path, acts(desk)) == [("LOG_ENDED", ended)]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda d: acts(d, by=("one", "one")), "one human signed both acts"),
        (lambda d: acts(d, done={"size": 91}), "the second act does not answer the first"),
        (lambda d: acts(d, done={"request": a_hash("another")}), "the second act does not answer the first"),
        (lambda d: acts(d, by=("admin", "two")), f"{ADMIN} is no key custodian"),
        (lambda d: acts(d, by=("one", "admin")), f"{ADMIN} is no key custodian"),
        (lambda d: acts(d, asking=Pen("stranger")), f"{ONE} could not sign {ASKED}"),
        (lambda d: acts(d, asking=Pen("two")), f"{ONE} could not sign {ASKED}"),
        (lambda d: acts(d, doing=Pen("one")), f"{TWO} could not sign {DONE}"),
        (lambda d: acts(d, {"more": 1}), f"it holds no {ASKED}"),
        (lambda d: acts(d, kind=f"{ASKED}.v2"), f"it holds no {ASKED}"),
        (lambda d: acts(d, done={"size": -1}), f"it holds no {DONE}"),
    ],
)
def test_whom_nobody_believes_it(
    desk: Desk, tmp_path: Path, write: Callable[[Desk], bytes], message: str
) -> None:
    assert told(desk, tmp_path, write(desk)) == [("SUCCESSION_WRONG", message)]


def test_an_ended_key_says_nothing_more(desk: Desk, tmp_path: Path) -> None:
    desk.authority.keys[Pen("two").thumbprint].ended = 7
    assert told(desk, tmp_path, acts(desk)) == [("SUCCESSION_WRONG", f"{TWO} could not sign {DONE}")]


def test_two_accounts_of_one_human_are_one(desk: Desk, tmp_path: Path) -> None:
    desk.v.hire("third", "key_custodian", None)
    desk.v.register("one again", same_person_as="one", first="third", second="two")
    desk.v.grant("one again", "key_custodian", None, first="third", second="two")
    desk.v.enrol("one again", first="third", second="two")
    assert not desk.read()
    both = acts(desk, by=("one", "one again"))
    assert told(desk, tmp_path, both) == [("SUCCESSION_WRONG", "one human signed both acts")]


def test_the_acts_stand_in_their_order_and_are_signed_for_this_log(desk: Desk, tmp_path: Path) -> None:
    acts(desk)
    asked, done = desk.v.entries[-2:]
    other = [seal([done.partition(b"\n")[0]], "other.example/log", Pen("two").sign)[0]]
    for pair, message in (
        ([done, asked], f"it holds no {ASKED}"),
        ([asked, asked], f"it holds no {DONE}"),
        ([asked, *other], "the Ed25519 signature does not hold"),
    ):
        assert told(desk, tmp_path, encode_bundle(pair)) == [("SUCCESSION_WRONG", message)]


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\x00\x00", lambda _: b""])
def test_a_damaged_file_ends_no_log(desk: Desk, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    assert [code for code, _ in told(desk, tmp_path, change(acts(desk)))] == ["SUCCESSION_WRONG"]


def test_a_file_that_cannot_be_read_is_told_as_such(desk: Desk, tmp_path: Path) -> None:
    large = bytes(BUNDLE_TILE_LIMIT + 1)
    assert [code for code, _ in told(desk, tmp_path, large)] == ["BUNDLE_FILE_TOO_LARGE"]
