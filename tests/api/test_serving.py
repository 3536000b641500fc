"""`certledger serve` as a process: papers are made beside it, and it leaves nothing behind when it is stopped."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.api.bureau import passphrase_of
from tests.cli.workshop import FIRST_FORM, Workshop, build
from tests.issuing.test_compositors import is_running

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return build(tmp_path_factory.mktemp("shop") / "data")


class Server:
    def __init__(self, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
        command = [sys.executable, "-m", "api.cli", "serve", "--data", str(data), "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.1)

    def post(self, path: str, token: str = "", **body: Any) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        request = Request(f"http://127.0.0.1:{self.port}/api/{path}", json.dumps(body).encode(), headers)
        with urlopen(request, timeout=PATIENCE_S) as answer:
            return dict(json.load(answer))

    def print_first(self, certificate: str) -> None:
        token = self.post("session", username="printer", passphrase=passphrase_of("printer"))["token"]
        copy = {"copy_number": 1, "reason": "ORIGINAL", "blanko_serial": FIRST_FORM}
        self.post("commands/PrintCopy", token, certificate=certificate, **copy)

    def children(self) -> list[int]:
        """The processes that it began and that run, its semaphores' keeper included."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for each in children for pid in each.read_text().split()]


def outliving(pids: list[int]) -> list[int]:
    """Those of the processes that run on however long one waits."""
    until = time.monotonic() + PATIENCE_S
    while any(map(is_running, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return [pid for pid in pids if is_running(pid)]


@pytest.fixture
def server(shop: Workshop, tmp_path: Path) -> Iterator[Server]:
    begun = Server(shop.copy(tmp_path / "data").data)
    with begun.process:
        yield begun
        begun.process.kill()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_server_prints_in_another_process_and_stops_with_it(
    server: Server, shop: Workshop, tmp_path: Path, by: signal.Signals
) -> None:
    before = server.children()
    server.print_first(shop.ids[0])
    assert (tmp_path / "data" / "papers" / f"{shop.ids[0]}.1.pdf").read_bytes().startswith(b"%PDF")
    children = server.children()
    assert set(children) > set(before)
    server.process.send_signal(by)
    assert server.process.stderr is not None
    assert (server.process.stderr.read(), server.process.wait(PATIENCE_S)) == ("", 0)
    assert not outliving(children)


def test_a_killed_server_leaves_no_process(server: Server, shop: Workshop) -> None:
    server.print_first(shop.ids[0])
    children = server.children()
    server.process.kill()
    assert not outliving(children)
