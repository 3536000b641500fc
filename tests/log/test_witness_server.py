"""The witness: each rule of add-checkpoint, its state on the disk, and its server over a socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import b64, checkpoint, cosignature, merkle, note, witness_server
from verifier.checkpoint import Checkpoint
from verifier.errors import Error, FormatError
from verifier.note import Note, VKey, parse_signature
from verifier.witness import BODY_LIMIT, Answer, Seen, add_checkpoint, encode_state, parse_state
from verifier.witness_key import WitnessKey, load_or_make, parse_key
from verifier.witness_server import Witness, WitnessServer, run_witness, serving

ORIGIN = "ledger.example/log"
LEAVES = [merkle.leaf_hash(b"%d" % index) for index in range(40)]
OTHER = [merkle.leaf_hash(b"other %d" % index) for index in range(40)]


class Log:
    def __init__(self, origin: str = ORIGIN) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.vkey = VKey(origin, note.LOG_KEY, self.private.public_key().public_bytes_raw())

    def sign(self, size: int, leaves: list[bytes] | None = None) -> bytes:
        head = Checkpoint(self.vkey.name, size, merkle.root((leaves or LEAVES)[:size]))
        signature = self.vkey.signature(self.private.sign(head.to_text().encode()))
        return Note(head.to_text(), (signature,)).to_bytes()


LOG = Log()
KEY = WitnessKey.generate("witness.example/w1")
LOGS = {ORIGIN: [LOG.vkey]}
NOW = 1_900_000_000


def ask(old: int, size: int, *, leaves: list[bytes] | None = None, proof: list[bytes] | None = None) -> bytes:
    if proof is None:
        proof = merkle.consistency_proof((leaves or LEAVES)[:size], old) if 0 < old <= size else []
    lines = [f"old {old}", *map(b64.encode, proof), "", ""]
    return "\n".join(lines).encode() + LOG.sign(size, leaves)


def decide(body: bytes, seen: dict[str, Seen] | None = None) -> tuple[Answer, Seen | None]:
    return add_checkpoint(body, LOGS, seen or {}, lambda text: KEY.cosign(text, NOW))


def at(size: int) -> dict[str, Seen]:
    return {ORIGIN: Seen(size, merkle.root(LEAVES[:size]), LOG.sign(size).decode())}


def test_the_first_checkpoint_needs_no_proof_and_is_cosigned() -> None:
    answer, seen = decide(ask(0, 7))
    assert (answer.status, seen) == (HTTPStatus.OK, at(7)[ORIGIN])
    line = parse_signature(answer.body.decode().removesuffix("\n"))
    head, signed = checkpoint.parse(LOG.sign(7))
    assert head.size == 7
    assert cosignature.verify(Note(signed.text, (line,)), KEY.vkey) == NOW


def test_the_cosignature_is_over_the_text_of_the_specification() -> None:
    # tlog-cosignature: "cosignature/v1", the time, then the note's text; key id, u64be time and signature in base64.
    answer, _ = decide(ask(0, 7))
    text = LOG.sign(7).decode().partition("\n\n")[0] + "\n"
    _, name, encoded = answer.body.decode().split(" ")
    data = b64.decode(encoded.strip())
    assert name == "witness.example/w1"
    assert data[:4] == KEY.vkey.key_id
    assert int.from_bytes(data[4:12], "big") == NOW
    public = Ed25519PrivateKey.from_private_bytes(
        b64.decode(KEY.to_bytes().decode().strip().split("+", 4)[4])[1:]
    )
    public.public_key().verify(data[12:], f"cosignature/v1\ntime {NOW}\n{text}".encode())


@pytest.mark.parametrize(("old", "size"), [(7, 8), (7, 40), (8, 16), (1, 2), (39, 40)])
def test_a_log_that_grew_is_cosigned(old: int, size: int) -> None:
    answer, seen = decide(ask(old, size), at(old))
    assert (answer.status, seen) == (HTTPStatus.OK, at(size)[ORIGIN])


def test_the_same_checkpoint_is_cosigned_again_to_show_freshness() -> None:
    answer, seen = decide(ask(7, 7), at(7))
    assert (answer.status, seen) == (HTTPStatus.OK, at(7)[ORIGIN])


REFUSED: dict[str, tuple[int, bytes, dict[str, Seen]]] = {
    "empty": (400, b"", {}),
    "no old": (400, b"\n\n" + LOG.sign(3), {}),
    "old without number": (400, b"old \n\n" + LOG.sign(3), {}),
    "old with a leading zero": (400, ask(7, 8).replace(b"old 7", b"old 07"), at(7)),
    "old with a plus": (400, ask(7, 8).replace(b"old 7", b"old +7"), at(7)),
    "old in other digits": (400, ask(7, 8).replace(b"old 7", "old \u0667".encode()), at(7)),
    "proof line not base64": (400, ask(7, 8).replace(b"old 7\n", b"old 7\n****\n"), at(7)),
    "proof line of 31 bytes": (400, ask(7, 8, proof=[b"\0" * 31]), at(7)),
    "64 proof lines": (400, ask(7, 8, proof=[b"\0" * 32] * 64), at(7)),
    "not a checkpoint": (400, b"old 0\n\nhello\n", {}),
    "too long": (400, ask(0, 3) + b"x" * BODY_LIMIT, {}),
    "old above the size": (400, ask(9, 8, proof=[]), at(9)),
    "not signed": (403, ask(0, 3).replace(b"ledger.example/log ", b"stranger.example/log "), {}),
    "signed by a stranger": (403, b"old 0\n\n" + Log().sign(3), {}),
    "bad signature by the known key": (403, ask(0, 3).replace(b"\n3\n", b"\n4\n"), {}),
    "unknown origin": (404, b"old 0\n\n" + Log("other.example/log").sign(3), {}),
    "old is not the latest": (409, ask(6, 8), at(7)),
    "old zero though known": (409, ask(0, 8), at(7)),
    "smaller than the latest": (409, ask(6, 6), at(7)),
    "wrong proof": (422, ask(7, 9, proof=[b"\0" * 32] * 4), at(7)),
    "missing proof": (422, ask(7, 9, proof=[]), at(7)),
    "proof too long": (422, ask(7, 9, proof=[*merkle.consistency_proof(LEAVES[:9], 7), b"\0" * 32]), at(7)),
    "another history": (422, ask(7, 9, leaves=OTHER), at(7)),
    "proof at old zero": (422, ask(0, 3, proof=[b"\0" * 32]), {}),
    "another root at the same size": (422, ask(7, 7, leaves=OTHER), at(7)),
    "proof at the same size": (422, ask(7, 7, proof=[b"\0" * 32]), at(7)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    status, body, seen = REFUSED[name]
    answer, new = decide(body, seen)
    assert answer.status == status
    assert b"\xe2\x80\x94" not in answer.body  # nothing like a signature line
    if name == "another root at the same size":
        assert new == Seen(7, merkle.root(LEAVES[:7]), LOG.sign(7).decode(), LOG.sign(7, OTHER).decode())
    else:
        assert new is None


def test_a_conflict_says_which_size_was_cosigned() -> None:
    answer, _ = decide(ask(6, 8), at(7))
    assert answer == Answer(409, b"7\n", "text/x.tlog.size")


def test_signatures_of_strangers_are_ignored() -> None:
    stranger = Log().sign(5).decode().splitlines()[-1].encode() + b"\n"
    answer, _ = decide(ask(0, 5) + stranger)
    assert answer.status == HTTPStatus.OK


def test_any_of_the_log_s_keys_counts_but_each_that_is_there_must_hold() -> None:
    second = Log()
    logs = {ORIGIN: [LOG.vkey, second.vkey]}
    body = b"old 0\n\n" + second.sign(5)
    assert add_checkpoint(body, logs, {}, lambda text: KEY.cosign(text, NOW))[0].status == HTTPStatus.OK
    bad = second.sign(6).decode().splitlines()[-1].encode() + b"\n"
    assert add_checkpoint(ask(0, 5) + bad, logs, {}, lambda _text: "")[0].status == HTTPStatus.FORBIDDEN


def test_the_first_evidence_is_kept() -> None:
    _, seen = decide(ask(7, 7, leaves=OTHER), at(7))
    assert seen is not None
    assert decide(ask(7, 7, leaves=OTHER[1:]), {ORIGIN: seen})[1] is None
    answer, grown = decide(ask(7, 9), {ORIGIN: seen})
    assert answer.status == HTTPStatus.OK
    assert grown is not None
    assert grown.conflict == seen.conflict


# ---------------------------------------------------------------- state


def test_a_state_is_read_as_it_was_written() -> None:
    _, seen = decide(ask(7, 7, leaves=OTHER), at(7))
    assert seen is not None
    assert parse_state(encode_state({ORIGIN: seen})) == {ORIGIN: seen}


STATE: dict[str, Any] = json.loads(encode_state(at(7)))


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"[]",
        b"{",
        json.dumps({ORIGIN: {}}).encode(),
        json.dumps({ORIGIN: STATE[ORIGIN] | {"size": 8}}, separators=(",", ":"), sort_keys=True).encode(),
        json.dumps({"x": STATE[ORIGIN]}, separators=(",", ":"), sort_keys=True).encode(),
        json.dumps({ORIGIN: STATE[ORIGIN] | {"size": True}}, separators=(",", ":"), sort_keys=True).encode(),
    ],
)
def test_a_damaged_state_is_refused(state: bytes) -> None:
    with pytest.raises(FormatError):
        parse_state(state)


def test_the_state_is_on_the_disk_before_the_answer(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with contextlib.closing(Witness(KEY, LOGS, state, lambda: NOW)) as witness:
        assert witness.add_checkpoint(ask(0, 7)).status == HTTPStatus.OK
    with contextlib.closing(Witness(KEY, LOGS, state, lambda: NOW)) as witness:
        assert witness.add_checkpoint(ask(0, 7)).status == HTTPStatus.CONFLICT
        assert witness.add_checkpoint(ask(7, 9)).status == HTTPStatus.OK


def test_nothing_is_cosigned_that_could_not_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    with contextlib.closing(Witness(KEY, LOGS, state, lambda: NOW)) as witness, serving(witness) as url:
        assert send(url, ask(0, 7))[0] == 200
        before = state.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(
                os, "fsync", lambda _fd: (_ for _ in ()).throw(OSError(28, "No space left on device"))
            )
            status, _, body = send(url, ask(7, 9))
        assert (status, body) == (500, b"Internal Server Error\n")
        assert state.read_bytes() == before
        assert send(url, ask(7, 8))[0] == 200
    assert list(tmp_path.glob("*.tmp")) + list(tmp_path.glob(".*.tmp")) == []


def test_two_witnesses_never_share_a_state(tmp_path: Path) -> None:
    with (
        contextlib.closing(Witness(KEY, LOGS, tmp_path / "state")),
        pytest.raises(Error, match="WITNESS_IN_USE"),
    ):
        Witness(KEY, LOGS, tmp_path / "state")


def test_of_many_requests_at_once_one_history_is_cosigned(tmp_path: Path) -> None:
    answers: list[int] = []
    with contextlib.closing(Witness(KEY, LOGS, tmp_path / "state", lambda: NOW)) as witness:
        bodies = [ask(0, size, leaves=leaves) for size in range(1, 9) for leaves in (LEAVES, OTHER)]
        threads = [
            threading.Thread(target=lambda body=body: answers.append(witness.add_checkpoint(body).status))
            for body in bodies
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [200, *[409] * 15]


# ---------------------------------------------------------------- key file


def test_a_key_file_is_read_as_it_was_written() -> None:
    assert parse_key(KEY.to_bytes()).vkey == KEY.vkey
    assert KEY.to_bytes().startswith(
        b"PRIVATE+KEY+witness.example/w1+" + KEY.vkey.key_id.hex().encode() + b"+"
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"PRIVATE+KEY+", KEY.to_bytes()[:-6], KEY.to_bytes().replace(b"w1", b"w2"), str(KEY.vkey).encode()],
    ids=["empty", "no key", "cut off", "another name", "public key"],  # the key is another in every process
)
def test_a_damaged_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_key(data)


def test_key_and_state_are_made_together_and_neither_is_used_alone(tmp_path: Path) -> None:
    key, state = tmp_path / "key", tmp_path / "state"
    with pytest.raises(Error, match="WITNESS_KEY_MISSING"):
        load_or_make(key, state, None)
    made = load_or_make(key, state, "w.example")
    assert key.stat().st_mode & 0o777 == 0o600
    assert load_or_make(key, state, None).vkey == made.vkey
    with pytest.raises(Error, match="is that of w"):
        load_or_make(key, state, "another.example")
    state.unlink()
    with pytest.raises(Error, match="WITNESS_STATE_MISSING"):
        load_or_make(key, state, None)
    state.write_bytes(encode_state(at(3)))
    key.unlink()
    with pytest.raises(Error, match="WITNESS_KEY_MISSING"):
        load_or_make(key, state, "w.example")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_or_make(tmp_path / "key", tmp_path / "state", "w.example")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(Error, match="WITNESS_KEY_OPEN"):
        load_or_make(tmp_path / "key", tmp_path / "state", None)


# ---------------------------------------------------------------- server


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with (
        contextlib.closing(Witness(KEY, LOGS, tmp_path / "state", lambda: NOW)) as witness,
        serving(witness) as prefix,
    ):
        yield prefix


def send(
    url: str,
    body: bytes,
    *,
    method: str = "POST",
    path: str = "/add-checkpoint",
    headers: dict[str, str] | None = None,
) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type", ""), response.read()
    finally:
        connection.close()


def test_over_a_socket(url: str) -> None:
    assert send(url, ask(0, 7))[:2] == (200, "text/plain; charset=utf-8")
    assert send(url, ask(0, 8)) == (409, "text/x.tlog.size", b"7\n")
    assert send(url, ask(7, 9, leaves=OTHER))[0] == 422
    assert send(url, b"nonsense")[0] == 400
    assert send(url, b"old 0\n\n" + Log("other.example/x").sign(2))[0] == 404


def test_a_connection_serves_many_requests(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    old = 0
    for size in range(1, 6):
        connection.request("POST", "/add-checkpoint", ask(old, size))
        response = connection.getresponse()
        assert (response.status, response.read()[:3]) == (200, "—".encode())
        old = size
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/add-checkpoint", {}, 405),
        ("HEAD", "/add-checkpoint", {}, 405),
        ("GET", "/", {}, 404),
        ("POST", "/other", {}, 404),
        ("PUT", "/add-checkpoint", {}, 501),
        ("POST", "/add-checkpoint", {"Content-Length": "-1"}, 411),
        ("POST", "/add-checkpoint", {"Content-Length": "\u0663"}, 411),
        ("POST", "/add-checkpoint", {"Content-Length": "9" * 4000}, 413),
        ("POST", "/add-checkpoint", {"Content-Length": str(BODY_LIMIT + 1)}, 413),
        ("POST", "/add-checkpoint", {"Transfer-Encoding": "chunked", "Content-Length": "0"}, 411),
    ],
)
def test_other_requests(url: str, method: str, path: str, headers: dict[str, str], status: int) -> None:
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert send(url, b"", method=method, path=path, headers=encoded)[0] == status


def test_a_client_that_says_nothing_does_not_hold_up_others(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [
        http.client.HTTPConnection(urlsplit(url).netloc) for _ in range(witness_server.REQUESTS_LIMIT - 1)
    ]
    for each in silent:
        each.connect()
    assert send(url, ask(0, 7))[0] == 200
    for each in silent:
        each.close()


def test_run_by_one_command(tmp_path: Path) -> None:
    policy_file = tmp_path / "policy"
    policy_file.write_text(f"log {LOG.vkey}\nquorum none\n")
    told: list[str] = []
    thread = threading.Thread(
        target=run_witness,
        args=(tmp_path / "key", tmp_path / "state"),
        kwargs={
            "policy_file": policy_file,
            "name": "w.example",
            "prefix": "/w",
            "now": lambda: NOW,
            "announce": told.append,
        },
        daemon=True,
    )
    thread.start()
    until = time.monotonic() + 5
    while not told and time.monotonic() < until:
        thread.join(0.01)
    word, name, vkey, address = told[0].split(" ")
    assert (word, name, note.parse_vkey(vkey).name) == ("witness", "w.example", "w.example")
    assert send(address, ask(0, 7), path="/w/add-checkpoint")[0] == 200


@pytest.mark.parametrize("logs", [[], ["nonsense"], [str(KEY.vkey)]])
def test_run_without_a_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: list[str]
) -> None:
    monkeypatch.setattr(WitnessServer, "serve_forever", lambda _server: pytest.fail("it serves"))
    with pytest.raises(Error):
        run_witness(tmp_path / "key", tmp_path / "state", logs=logs, name="w.example")
    assert not (tmp_path / "key").exists()
