"""The witness as a program: a state file and an HTTP server for `verifier.witness`.

The state file has what was cosigned last for each log; it is written whole and is on the disk before any
answer leaves. One process on a state file, and one request at a time: checking and storing are one step.

Not done here: TLS. Let a reverse proxy do it.
"""

import contextlib
import fcntl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

from verifier import note, policy
from verifier.errors import Error, FormatError
from verifier.note import VKey
from verifier.witness import BODY_LIMIT, TEXT_TYPE, Answer, Seen, add_checkpoint, encode_state, parse_state
from verifier.witness_key import WitnessKey, load_or_make, replace_file

REQUESTS_LIMIT = 32
TIMEOUT_S = 10

_PATH = "/add-checkpoint"


class Witness:
    """Answers add-checkpoint over a state file. Safe for threads; it holds the file's lock until `close`."""

    def __init__(
        self,
        key: WitnessKey,
        logs: Mapping[str, Sequence[VKey]],
        state: Path,
        now: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        """Raise Error WITNESS_IN_USE, FormatError for a damaged state, or OSError."""
        self.key = key
        self._logs = logs
        self._path = state
        self._now = now
        self._mutex = threading.Lock()
        self._lock = state.with_name(state.name + ".lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._seen: dict[str, Seen] = parse_state(state.read_bytes()) if state.exists() else {}
        except BlockingIOError:
            self._lock.close()
            hint = "Stop it first: two witnesses on one state would cosign two histories."
            raise Error("WITNESS_IN_USE", f"another witness is running on {state}", hint) from None
        except BaseException:
            self._lock.close()
            raise

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request; a new state is on the disk before this returns. Raises OSError."""
        with self._mutex:
            answer, seen = add_checkpoint(
                body, self._logs, self._seen, lambda text: self.key.cosign(text, self._now())
            )
            if seen is not None:
                origin = seen.signed.partition("\n")[0]
                state = {**self._seen, origin: seen}
                replace_file(self._path, encode_state(state))
                self._seen = state
            return answer

    def close(self) -> None:
        """Give the state file back."""
        self._lock.close()


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness below a path prefix; at most REQUESTS_LIMIT connections at once."""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str, port: int, prefix: str = "") -> None:
        self.witness = witness
        self.path = prefix.rstrip("/") + _PATH
        self._places = threading.BoundedSemaphore(REQUESTS_LIMIT)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin a connection when there is a place for it, and drop it when there is none for too long."""
        if not self._places.acquire(timeout=TIMEOUT_S):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Say nothing about a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "certverify-witness"
    sys_version = ""
    timeout = TIMEOUT_S
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if (
            not length.isdecimal() or "Transfer-Encoding" in self.headers
        ):  # a header is Latin-1: no other digits
            self._answer(_status(HTTPStatus.LENGTH_REQUIRED), close=True)
        elif len(length) > len(str(BODY_LIMIT)) or int(length) > BODY_LIMIT:
            self._answer(_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), close=True)
        else:
            body = self.rfile.read(int(length))
            if self.path != self.server.path:
                self._answer(_status(HTTPStatus.NOT_FOUND))
                return
            try:
                answer = self.server.witness.add_checkpoint(body)
            except OSError:
                # The state may not be on the disk, so nothing is cosigned.
                answer = _status(HTTPStatus.INTERNAL_SERVER_ERROR)
            self._answer(answer)

    def do_GET(self) -> None:
        self._answer(
            _status(HTTPStatus.METHOD_NOT_ALLOWED if self.path == self.server.path else HTTPStatus.NOT_FOUND)
        )

    do_HEAD = do_GET  # noqa: N815 - the base class's name for it

    def _answer(self, answer: Answer, *, close: bool = False) -> None:
        self.close_connection = self.close_connection or close
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        """Say nothing."""


def run_witness(
    key: Path,
    state: Path,
    *,
    logs: Sequence[str] = (),
    policy_file: Path | None = None,
    name: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    prefix: str = "",
    now: Callable[[], int] = lambda: int(time.time()),
    announce: Callable[[str], None] = lambda _line: None,
) -> None:
    """Serve until interrupted.

    `logs` are vkeys, to which come the `log` lines of a policy file. Where there is no key file, one is made
    under `name`. `announce` is told the line for others' policies. Raises Error, or OSError for a file or a
    port that cannot be used.
    """
    trusted = [note.parse_vkey(each) for each in logs]
    if policy_file is not None:
        trusted += [party.key for party in policy.parse(policy_file.read_bytes()).logs]
    by_origin: dict[str, list[VKey]] = {}
    for each in trusted:
        if each.kind != note.LOG_KEY:
            raise FormatError("VKEY_INVALID", f"{each.name}: a witness needs the keys of logs")
        by_origin.setdefault(each.name, []).append(each)
    if not by_origin:
        raise Error("WITNESS_LOG_MISSING", "no log to witness was named", "Give --log VKEY or --policy FILE.")
    loaded = load_or_make(key, state, name)
    with (
        contextlib.closing(Witness(loaded, by_origin, state, now)) as witness,
        WitnessServer(witness, host, port, prefix) as server,
        contextlib.suppress(KeyboardInterrupt),
    ):
        address = f"http://{host}:{server.server_address[1]}{prefix.rstrip('/')}"
        announce(f"witness {loaded.vkey.name} {loaded.vkey} {address}")
        server.serve_forever()


@contextlib.contextmanager
def serving(witness: Witness, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread of this process; gives the URL prefix for a policy."""
    with WitnessServer(witness, host, port) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()  # waits until it serves no more


def _status(status: HTTPStatus) -> Answer:
    return Answer(status, f"{status.phrase}\n".encode(), TEXT_TYPE)
