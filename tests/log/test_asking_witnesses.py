"""Asking witnesses: what is stored, how many have seen an entry, and what their outages and lies do."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.log import checkpoints, witnesses
from ledger.log.room import LogRoom
from ledger.log.witnesses import COSIGNED, FORKED, LARGER, OUTDATED, REFUSED, UNREACHABLE, Reply, post
from tests.houses import Office
from tests.log.long import lengthen
from tests.log.witnessing import Village, room_of, village
from verifier import merkle, policy
from verifier.note import parse_vkey
from verifier.witness_server import Witness, serving


@pytest.fixture
def found(place: Office, tmp_path: Path) -> Iterator[Village]:
    with village(place, tmp_path / "witnesses") as made:
        yield made


@pytest.fixture
def near(here: Office, tmp_path: Path) -> Iterator[Village]:
    with village(here, tmp_path / "witnesses") as made:
        yield made


def outcomes(room: LogRoom, *, everyone: bool = True) -> dict[str, str]:
    return {answer.witness: answer.outcome for answer in room.ask_witnesses(everyone=everyone)}


def test_each_witness_cosigns_and_the_published_checkpoint_shows_it(place: Office, found: Village) -> None:
    room = room_of(place, found)
    room.round()
    assert outcomes(room) == {"w0": COSIGNED, "w1": COSIGNED, "w2": COSIGNED}
    for _ in range(3):
        lengthen(place, 100)
        room.round()
        assert outcomes(room) == {"w0": COSIGNED, "w1": COSIGNED, "w2": COSIGNED}
    verdict = found.policy().check(room.checkpoint_file.read_bytes())
    assert verdict.witnessed
    assert verdict.checkpoint.size == 302
    assert verdict.times == dict.fromkeys(("w0", "w1", "w2"), found.now)
    assert outcomes(room, everyone=False) == {}
    assert len(found.asked) == 12  # the size that each saw last is remembered: nobody is asked twice


def test_the_count_covers_exactly_what_was_seen(place: Office, found: Village) -> None:
    room = room_of(place, found)
    assert room.witnessed(1) == 0
    room.round()
    assert room.witnessed(1) == 0
    found.down = {2}
    room.ask_witnesses()
    assert (room.witnessed(2), room.witnessed(3)) == (2, 0)
    lengthen(place, 1)
    room.round()
    assert room.witnessed(3) == 0
    found.down = {0, 1}
    room.ask_witnesses(everyone=True)
    assert (room.witnessed(2), room.witnessed(3), room.witnessed(4)) == (3, 1, 0)
    assert room_of(place).witnessed(1) == 0  # without a policy nobody counts


def test_a_proof_is_given_under_the_newest_quorum_and_says_so_when_there_is_none(
    place: Office, found: Village
) -> None:
    room = room_of(place, found)
    assert room.proofs.proof(0) is None
    room.round()
    room.ask_witnesses()
    lengthen(place, 2)
    assert room.proofs.proof(2) is None  # committed, not yet signed
    room.round()
    policy_ = found.policy()
    for index, witnessed in ((0, True), (1, True), (2, False), (3, False)):
        proof = room.proofs.proof(index)
        assert proof is not None
        verdict = proof.verify(room.proofs.entry(index), policy_)
        assert verdict.witnessed == witnessed
    room.ask_witnesses()
    proof = room.proofs.proof(2)
    assert proof is not None
    assert proof.verify(room.proofs.entry(2), policy_).witnessed


def test_older_checkpoints_go_once_a_newer_one_has_its_quorum(here: Office, near: Village) -> None:
    room = room_of(here, near)
    near.down = {1, 2}
    for _ in range(4):
        room.round()
        room.ask_witnesses(everyone=True)
        lengthen(here, 1)
    with here.house.application.reading() as sql:
        sql.execute("SELECT size FROM checkpoint ORDER BY size")
        assert [size for (size,) in sql.fetchall()] == [2, 3, 4, 5]
    near.down = set()
    room.round()
    room.ask_witnesses(everyone=True)
    with here.house.application.reading() as sql:
        sql.execute("SELECT checkpoint.size, COUNT(*) FROM checkpoint NATURAL JOIN cosignature GROUP BY size")
        assert sql.fetchall() == [(6, 3)]


def test_a_cosignature_for_a_checkpoint_that_was_overtaken_still_counts(here: Office, near: Village) -> None:
    room = room_of(here, near)
    first = room.round()
    assert first is not None
    for _ in range(3):
        lengthen(here, 1)
        room.round()
    assert room.witnesses is not None
    room.witnesses.ask(first)
    with here.house.application.reading() as sql:
        best = checkpoints.best(sql, room.origin, room.policy)
    assert best is not None
    assert best.head == first.head
    proof = room.proofs.proof(0)
    assert proof is not None
    assert proof.verify(room.proofs.entry(0), near.policy()).witnessed


def test_a_witness_that_lost_nothing_but_we_forgot_is_asked_again_with_its_size(
    here: Office, near: Village
) -> None:
    room = room_of(here, near)
    room.round()
    room.ask_witnesses()
    with here.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
        sql.execute("DELETE FROM witness")
    lengthen(here, 5)
    room.round()
    near.asked.clear()
    assert set(outcomes(room).values()) == {COSIGNED}
    assert len(near.asked) == 6


# ---------------------------------------------------------------- outages


def test_an_outage_of_all_stops_neither_recording_nor_publishing(here: Office, near: Village) -> None:
    near.down = {0, 1, 2}
    room = room_of(here, near)
    room.check()
    room.start()
    here.house.ledger.after_commit.append(room.notify)
    here.organisation()
    room.close()
    assert room.publisher.read(room.checkpoint_file) is not None
    assert room.witnessed(1) == 0
    assert room.trouble is None


def test_who_failed_is_left_alone_for_a_while_and_then_asked_again(
    here: Office, near: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [1000.0]
    monkeypatch.setattr(witnesses.time, "monotonic", lambda: moment[0])  # type: ignore[attr-defined]
    room = room_of(here, near)
    room.round()
    near.down = {1}
    pauses = []
    for _ in range(9):
        asked = len(near.asked)
        while True:
            room.ask_witnesses()
            if any("w1" in url for url in near.asked[asked:]):
                break
            moment[0] += 0.25
        pauses.append(moment[0])
    waits = [later - earlier for earlier, later in pairwise(pauses)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    near.down = set()
    moment[0] += 60
    assert outcomes(room, everyone=False)["w1"] == COSIGNED


def test_a_witness_that_is_slow_delays_nobody(here: Office, near: Village) -> None:
    room = room_of(here, near)
    room.round()
    let_go = threading.Event()
    send = near.send

    def slow(url: str, body: bytes) -> Reply:
        if "w1" in url:
            let_go.wait(10)
        return send(url, body)

    assert room.witnesses is not None
    room.witnesses._send = slow
    signed = room.round()
    assert signed is not None
    begun = time.monotonic()
    answers = {each.witness: each.outcome for each in room.witnesses.ask(signed, patience=0.3)}
    assert time.monotonic() - begun < 2
    assert answers == {"w0": COSIGNED, "w1": UNREACHABLE, "w2": COSIGNED}
    again = {each.witness: each.outcome for each in room.witnesses.ask(signed, everyone=True, patience=0.3)}
    assert again == {"w0": COSIGNED, "w1": UNREACHABLE, "w2": COSIGNED}  # not asked twice at once
    let_go.set()
    assert near.asked.count("https://w1.example/add-checkpoint") <= 1


# ---------------------------------------------------------------- lies


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(200, "text/plain", b""), REFUSED),
        (Reply(200, "text/plain", b"\xff\xfe\n"), REFUSED),
        (Reply(200, "text/plain", "— w0.example AAAA\n".encode()), REFUSED),
        (Reply(200, "text/plain", "— w0.example \n".encode() * 1000), REFUSED),
        (Reply(403, "text/plain", b"no\n"), REFUSED),
        (Reply(404, "text/plain", b"no\n"), REFUSED),
        (Reply(302, "text/plain", b""), REFUSED),
        (Reply(500, "text/plain", b"1\n"), REFUSED),
        (Reply(409, "text/x.tlog.size", b"\n"), REFUSED),
        (Reply(409, "text/x.tlog.size", b"-1\n"), REFUSED),
        (Reply(409, "text/x.tlog.size", b"9" * 5000), REFUSED),
        (Reply(409, "text/x.tlog.size", b"0\n"), FORKED),  # it was asked from 0 and says that 0 is another
        (Reply(409, "text/plain", b"1\n"), FORKED),
        (Reply(409, "text/x.tlog.size", b"1\n"), FORKED),  # asked again from 1, it says 1 once more
        (Reply(422, "text/plain", b"no\n"), FORKED),
        (Reply(409, "text/x.tlog.size", b"9000\n"), LARGER),
    ],
)
def test_what_a_witness_may_answer(here: Office, near: Village, reply: Reply, outcome: str) -> None:
    room = room_of(here, near)
    signed = room.round()
    assert room.witnesses is not None
    assert signed is not None
    room.witnesses._send = lambda url, body: reply if "w0" in url else near.send(url, body)
    answers = {each.witness: each for each in room.witnesses.ask(signed)}
    assert answers["w0"].outcome == outcome
    assert answers["w0"].alarm == (outcome in {FORKED, LARGER})
    assert {answers["w1"].outcome, answers["w2"].outcome} == {COSIGNED}
    assert room.witnessed(2) == 2
    if answers["w0"].alarm:
        with pytest.raises(StoreError, match="w0"):
            room.check()


def test_a_witness_that_names_another_size_each_time_is_given_up(here: Office, near: Village) -> None:
    lengthen(here, 8)
    room = room_of(here, near)
    signed = room.round()
    sizes = iter(range(9, 0, -1))
    assert room.witnesses is not None
    assert signed is not None
    room.witnesses._send = lambda _url, _body: Reply(409, "text/x.tlog.size", b"%d\n" % next(sizes))
    with contextlib.suppress(StopIteration):
        for answer in room.witnesses.ask(signed, patience=1):
            assert answer.outcome in {REFUSED, UNREACHABLE}


def test_another_witness_s_cosignature_is_not_taken_for_this_one_s(here: Office, near: Village) -> None:
    room = room_of(here, near)
    signed = room.round()
    assert room.witnesses is not None
    assert signed is not None
    room.witnesses._send = lambda _url, body: near.send("https://w2.example/add-checkpoint", body)
    answers = {each.witness: each.outcome for each in room.witnesses.ask(signed)}
    assert (answers["w0"], answers["w1"]) == (REFUSED, REFUSED)
    assert room.witnessed(2) == 1


def test_a_cosignature_of_another_checkpoint_is_not_taken(here: Office, near: Village) -> None:
    room = room_of(here, near)
    signed = room.round()
    assert room.witnesses is not None
    assert signed is not None
    other = signed.head.to_text().replace("\n2\n", "\n3\n")
    room.witnesses._send = lambda _url, _body: Reply(
        200, "text/plain", near.keys[0].cosign(other, 1).encode()
    )
    assert {each.outcome for each in room.witnesses.ask(signed)} == {REFUSED}
    assert room.witnessed(1) == 0


def test_an_alarm_while_running_is_told_and_recording_goes_on(here: Office, near: Village) -> None:
    room = room_of(here, near)
    room.check()
    assert room.witnesses is not None
    room.witnesses._send = lambda _url, _body: Reply(409, "text/x.tlog.size", b"9000\n")
    here.organisation()
    room.start()
    end = time.monotonic() + 8
    while room.trouble is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    here.organisation()
    room.close()
    assert room.trouble is not None
    assert room.trouble.code == "LOG_ROLLED_BACK"


# ---------------------------------------------------------------- over the network


def test_against_a_real_witness_over_http(here: Office, near: Village, tmp_path: Path) -> None:
    key = near.keys[0]
    logs = {here.house.ledger.origin: [parse_vkey(near.log_key)]}
    with (
        contextlib.closing(Witness(key, logs, tmp_path / "state", lambda: 5)) as witness,
        serving(witness) as address,
    ):
        text = f"log {near.log_key}\nwitness one {key.vkey} {address}\nquorum one\n"
        room = room_of(here, near)
        room = LogRoom(
            here.house.application,
            here.house.folder.settings.ledger,
            here.house.folder.path,
            origin=room.origin,
            policy=policy.parse(text.encode()),
        )
        for commands in (0, 1, 300, 7):
            lengthen(here, commands)
            room.round()
            assert outcomes(room) == {"one": COSIGNED}
    verdict = policy.parse(text.encode()).check(room.checkpoint_file.read_bytes())
    assert verdict.witnessed
    assert verdict.checkpoint.root == merkle.root(
        merkle.leaf_hash(entry) for entry in room.tiles.entries(0, verdict.checkpoint.size)
    )
    assert outcomes(room) == {"one": UNREACHABLE}


@pytest.mark.parametrize("url", ["ftp://w.example/x", "nonsense", "http:///x", "file:///etc/passwd"])
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(OSError, match="no http"):
        post(url, b"")


def test_outdated_is_no_alarm(here: Office, near: Village) -> None:
    slow, fast = room_of(here, near), room_of(here, near)
    old = slow.round()
    lengthen(here, 1)
    fast.round()
    fast.ask_witnesses()
    assert slow.witnesses is not None
    assert old is not None
    with here.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
        sql.execute("DELETE FROM witness")
    answers = slow.witnesses.ask(old)
    assert {answer.outcome for answer in answers} == {OUTDATED}
    assert not any(answer.alarm for answer in answers)
