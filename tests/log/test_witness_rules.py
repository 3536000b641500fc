"""The witness at its limits: requests, state, key file and connections, with what it says to each."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.log.test_witness_server import KEY, LOG, LOGS, NOW, ORIGIN, STATE, Log, ask, at, decide
from verifier import b64, jcs, note, witness_server
from verifier.errors import Error, FormatError
from verifier.witness import BODY_LIMIT, Seen, parse_request, parse_state
from verifier.witness_server import Witness, WitnessServer, run_witness, serving

# -- requests ----------------------------------------------------------------------------------------------------------


def said(body: bytes, seen: dict[str, Seen] | None = None) -> tuple[int, str]:
    answer, _ = decide(body, seen)
    return answer.status, answer.body.decode()


def of_length(length: int) -> bytes:
    """A request that is right and so long: a signature of somebody unknown may be of any length."""
    least = ask(0, 3) + "— n AAAAAAA=\n".encode()
    more, name = divmod(length - len(least), 4)
    encoded = b64.encode(bytes(5 + 3 * more))
    return ask(0, 3) + f"— {'n' * (1 + name)} {encoded}\n".encode()


def test_a_request_has_128_kibibytes() -> None:
    assert len(of_length(131072)) == 131072 == BODY_LIMIT
    assert said(of_length(131072))[0] == 200
    assert said(of_length(131073)) == (400, "WITNESS_REQUEST_INVALID: a request has at most 131072 bytes\n")


def test_what_is_said_to_a_request_of_another_form() -> None:
    signed = LOG.sign(3)
    missing = "WITNESS_REQUEST_INVALID: an empty line and a checkpoint are missing\n"
    no_old = "WITNESS_REQUEST_INVALID: the old size is missing, or the proof is too long\n"
    for body, expected in (
        (b"", missing),
        (b"old 0\n", missing),
        ("öld 0\n\n".encode() + signed, missing),
        (b"0\n\n" + signed, no_old),
        (b"Old 0\n\n" + signed, no_old),
        (b"\n\n" + signed, no_old),
        (b"old 0\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 63 + b"\n" + signed, no_old),
    ):
        assert said(body) == (400, expected)
    most = b"old 0\n" + (b"A" * 43 + b"=\n") * 63 + b"\n" + signed
    assert len(parse_request(most).proof) == 63
    assert said(most) == (422, "PROOF_LENGTH: from the empty tree there is no proof\n")


def test_what_is_said_to_a_request_that_is_refused() -> None:
    for body, seen, expected in (
        (b"old 0\n\n" + Log("other.example/log").sign(3), {}, (404, "this witness does not know the log\n")),
        (b"old 0\n\n" + Log().sign(3), {}, (403, "no trusted key of the log signed the checkpoint\n")),
        (ask(9, 8, proof=[]), at(9), (400, "the old size is above the checkpoint's\n")),
        (ask(6, 8), at(7), (409, "7\n")),
        (ask(0, 3), at(7), (409, "7\n")),
        (ask(3, 8), {}, (409, "0\n")),
    ):
        assert said(body, seen) == expected
    assert said(ask(0, 3).replace(b"\n3\n", b"\n4\n"))[1].startswith("SIGNATURE_WRONG: ")


# -- state -------------------------------------------------------------------------------------------------------------


ODD_LOGS: list[Any] = [None, [], "x", {}]
CHANGES: list[dict[str, Any]] = [
    {"size": 8}, {"size": "7"}, {"size": None}, {"root": b64.encode(bytes(32))}, {"root": 1},
    {"signed": LOG.sign(8).decode()}, {"signed": None}, {"conflict": 1}, {"conflict": []},
]  # fmt: skip
STATES: list[Any] = [
    *([], "x", 1, None, {"other.example/log": STATE[ORIGIN]}),
    *({ORIGIN: odd} for odd in ODD_LOGS),
    *({ORIGIN: STATE[ORIGIN] | change} for change in CHANGES),
    *(
        {ORIGIN: {name: value for name, value in STATE[ORIGIN].items() if name != gone}}
        for gone in STATE[ORIGIN]
    ),
]


@pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))
def test_a_state_that_it_did_not_write_is_refused(state: Any) -> None:
    with pytest.raises(FormatError, match="WITNESS_STATE_INVALID"):
        parse_state(jcs.encode(state))


def test_the_states_of_other_logs_stay(tmp_path: Path) -> None:
    other = Log("other.example/log")
    logs = {**LOGS, "other.example/log": [other.vkey]}
    path = tmp_path / "state"
    with contextlib.closing(Witness(KEY, logs, path, lambda: NOW)) as witness:
        assert witness.add_checkpoint(ask(0, 7)).status == HTTPStatus.OK
        assert witness.add_checkpoint(b"old 0\n\n" + other.sign(3)).status == HTTPStatus.OK
        assert witness.add_checkpoint(ask(0, 9)).body == b"7\n"
    assert {origin: each.size for origin, each in parse_state(path.read_bytes()).items()} == {
        ORIGIN: 7,
        "other.example/log": 3,
    }
    assert (tmp_path / "state.lock").exists()


def test_a_state_that_was_damaged_can_be_restored(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"{")
    with pytest.raises(FormatError, match="JSON_INVALID"):
        Witness(KEY, LOGS, path)
    path.write_bytes(b"{}")
    with contextlib.closing(Witness(KEY, LOGS, path, lambda: NOW)) as witness:
        assert witness.add_checkpoint(ask(0, 7)).status == HTTPStatus.OK
        with pytest.raises(Error, match="WITNESS_IN_USE") as caught:
            Witness(KEY, LOGS, path)
    assert str(caught.value.hint).startswith("Stop it first")


# -- connections -------------------------------------------------------------------------------------------------------


def ends(
    url: str, body: bytes = b"", *, method: str = "POST", path: str = "/add-checkpoint", **headers: str
) -> tuple[int, str | None, bytes]:
    """Status, what is said of the connection, and the body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        return response.status, response.getheader("Connection"), response.read()
    finally:
        connection.close()


def test_a_connection_ends_where_its_next_request_could_not_be_found(tmp_path: Path) -> None:
    with (
        contextlib.closing(Witness(KEY, LOGS, tmp_path / "state", lambda: NOW)) as witness,
        serving(witness) as url,
    ):
        assert ends(url, Content_Length="x") == (411, "close", b"Length Required\n")
        assert ends(url, Content_Length="") == (411, "close", b"Length Required\n")
        assert ends(url, Transfer_Encoding="chunked", Content_Length="0")[:2] == (411, "close")
        assert ends(url, Content_Length="131073") == (413, "close", b"Request Entity Too Large\n")
        assert ends(url, Content_Length="9" * 5000)[:2] == (413, "close")
        status, connection, _ = ends(url, of_length(131072))
        assert (status, connection) == (200, None)
        assert ends(url, b"x")[:2] == (400, None)
        assert ends(url, b"x", Connection="close")[:2] == (400, "close")
        assert ends(url, path="/x") == (404, None, b"Not Found\n")
        assert ends(url, method="GET") == (405, None, b"Method Not Allowed\n")
        assert ends(url, method="GET", path="/x") == (404, None, b"Not Found\n")
        assert _raw(url, b"HEAD /add-checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n").endswith(b"\r\n\r\n")


def _raw(url: str, request: bytes) -> bytes:
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_place_is_given_back_and_a_client_without_one_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_server, "REQUESTS_LIMIT", 1)
    monkeypatch.setattr(witness_server, "TIMEOUT_S", 0.3)
    with (
        contextlib.closing(Witness(KEY, LOGS, tmp_path / "state", lambda: NOW)) as witness,
        serving(witness) as url,
    ):
        for _ in range(3):
            assert ends(url, b"x", Connection="close")[0] == 400
        host, port = urlsplit(url).netloc.split(":")
        with socket.create_connection((host, int(port))):
            assert _raw(url, b"") == b""


@pytest.mark.parametrize("prefix", ["", "/", "/w", "/w/", "/X", "/X//"])
def test_it_answers_below_its_prefix(tmp_path: Path, prefix: str) -> None:
    with (
        contextlib.closing(Witness(KEY, LOGS, tmp_path / "state", lambda: NOW)) as witness,
        WitnessServer(witness, "127.0.0.1", 0, prefix) as server,
    ):
        assert server.path == f"{prefix.rstrip('/')}/add-checkpoint"


def test_what_is_asked_of_who_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(**options: Any) -> list[str]:
        told: list[str] = []
        run_witness(tmp_path / "key", tmp_path / "state", name="w.example", announce=told.append, **options)
        return told

    def interrupted(self: WitnessServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WitnessServer, "serve_forever", interrupted)
    with pytest.raises(
        FormatError, match=r"VKEY_INVALID: witness\.example/w1: a witness needs the keys of logs"
    ):
        run(logs=[str(LOG.vkey), str(KEY.vkey)])
    with pytest.raises(Error, match="WITNESS_LOG_MISSING") as caught:
        run()
    assert caught.value.hint == "Give --log VKEY or --policy FILE."

    (line,) = run(logs=[str(LOG.vkey)], prefix="/X/")
    word, name, vkey, address = line.split(" ")
    assert (word, name, note.parse_vkey(vkey).kind) == ("witness", "w.example", note.WITNESS_KEY)
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/X")


def test_nothing_serves_any_more_when_it_has_served(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with contextlib.closing(Witness(KEY, LOGS, tmp_path / "state", lambda: NOW)) as witness:
        with serving(witness):
            [thread] = set(threading.enumerate()) - before
        thread.join(5)
        assert not thread.is_alive()
