"""How many a witness serves, for how long, where, and what holds up its end: nothing does."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.log.test_witness_rules import ends
from tests.log.test_witness_server import KEY, LOG, LOGS, NOW, ask
from tests.verifier.in_time import within
from verifier import witness_server
from verifier.witness_server import Witness, WitnessServer, run_witness, serving


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    with within(5):
        yield


@contextlib.contextmanager
def witnessing(folder: Path, name: str = "state") -> Iterator[str]:
    with (
        contextlib.closing(Witness(KEY, LOGS, folder / name, lambda: NOW)) as witness,
        serving(witness) as url,
    ):
        yield url


def connected(url: str) -> socket.socket:
    host, port = urlsplit(url).netloc.split(":")
    return socket.create_connection((host, int(port)), timeout=3)


def test_thirty_two_connections_are_served_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness_server, "TIMEOUT_S", 0.2)  # how long the next one waits for a place
    monkeypatch.setattr(WitnessServer, "request_queue_size", 64)  # these come quicker than they are accepted
    with witnessing(tmp_path) as url, contextlib.ExitStack() as silent:
        for _ in range(31):
            silent.enter_context(connected(url))
        assert ends(url, b"x", Connection="close")[0] == 400
        silent.enter_context(connected(url))
        assert silent.enter_context(connected(url)).recv(1) == b"", "it is dropped"


def test_who_says_nothing_is_heard_for_ten_seconds() -> None:
    assert witness_server._Handler.timeout == 10
    assert witness_server.TIMEOUT_S == 10


def test_a_connection_that_is_open_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with contextlib.ExitStack() as after, witnessing(tmp_path) as url:
        after.enter_context(connected(url))
        assert ends(url, b"x", Connection="close")[0] == 400


def test_it_says_what_it_is_and_nothing_of_the_machine(tmp_path: Path) -> None:
    with witnessing(tmp_path) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=3)
        connection.request("POST", "/add-checkpoint", ask(0, 7), {"Connection": "close"})
        response = connection.getresponse()
        assert (response.status, response.getheader("Server", "").strip()) == (200, "certverify-witness")
        connection.close()


def test_each_has_a_free_port_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def interrupted(server: WitnessServer) -> None:
        assert server.path == "/add-checkpoint"
        raise KeyboardInterrupt

    with witnessing(tmp_path) as one, witnessing(tmp_path, "other") as other:
        monkeypatch.setattr(WitnessServer, "serve_forever", interrupted)
        files = tmp_path / "key", tmp_path / "third"
        run_witness(*files, logs=[str(LOG.vkey)], name="w.example", announce=told.append)
        third = told[0].split(" ")[3]
        ports = {urlsplit(url).port for url in (one, other, third)}
    assert len(ports) == 3
    assert all(port and port >= 1024 for port in ports)
    assert urlsplit(third).path == ""
