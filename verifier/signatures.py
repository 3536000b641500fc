"""Signature checks, most of an audit's work, spread over processes.

The caller hands over checks and goes on; a worker process verifies batches of them, and whenever all workers
have enough to do the caller's own process verifies a batch too, so that no core waits for another. Without
workers (`jobs` 1) everything is verified where it is asked for.

Nothing is decided here but whether a signature holds: which key may sign is the caller's business.
"""

import multiprocessing
import pickle
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

from verifier.errors import Error
from verifier.event import Event
from verifier.publickey import PublicKey, SigParts
from verifier.webauthn import RelyingParty

BATCH = 128
"""Checks in a batch: its bytes fit into a pipe's buffer, so that sending does not wait."""

AHEAD = 2

# Where the signature stands: the leaf index of its command, and the stream and version of its first event.
Tag = tuple[int, str, int]
Check = tuple[Tag, str, bytes, tuple[str, bytes, bytes | None, bytes | None]]
Failure = Callable[[Tag, Error], None]


class _Verifier:
    """Keys by thumbprint, and the check."""

    def __init__(self, sites: Sequence[RelyingParty]) -> None:
        self.keys: dict[str, PublicKey] = {}
        self._sites = sites

    def failures(self, batch: Sequence[Check]) -> list[tuple[Tag, str, str]]:
        found = []
        for tag, thumbprint, message, (alg, sig, data, client) in batch:
            try:
                self.keys[thumbprint].verify(
                    message, SigParts(thumbprint, alg, sig, data, client), self._sites
                )
            except Error as error:
                found.append((tag, error.code, error.message))
        return found


class Signatures:
    """Checks of signatures by keys that are named by their thumbprints. Use as a context manager."""

    def __init__(self, failed: Failure, sites: Sequence[RelyingParty] = (), jobs: int = 1) -> None:
        """`failed` is told what does not hold, at the latest by `finish`."""
        self._failed = failed
        self._verifier = _Verifier(sites)
        self._batch: list[Check] = []
        self._news: list[tuple[dict[str, str], str]] = []
        self._workers = [_Worker(sites) for _ in range(max(0, jobs - 1))]
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()
        self._workers = []

    def add(self, key: PublicKey, message: bytes, parts: Event | SigParts, tag: Tag) -> None:
        """Check, now or soon, that this key signed this message."""
        if key.thumbprint not in self._verifier.keys:
            self._verifier.keys[key.thumbprint] = key
            for worker in self._workers:
                worker.news.append((key.jwk, key.alg))
        self.count += 1
        signature = (parts.alg, parts.sig, parts.authenticator_data, parts.client_data_json)
        self._batch.append((tag, key.thumbprint, message, signature))
        if len(self._batch) >= BATCH:
            self._dispatch()

    def finish(self) -> None:
        """Wait for every answer."""
        self._mine()
        for worker in self._workers:
            while worker.waiting:
                self._tell(worker.receive())

    def _dispatch(self) -> None:
        for worker in self._workers:
            while worker.waiting and worker.ready():
                self._tell(worker.receive())
        idle = min(self._workers, key=lambda worker: worker.waiting, default=None)
        if idle is None or idle.waiting >= AHEAD:
            self._mine()
        else:
            idle.send(self._batch)
            self._batch = []

    def _mine(self) -> None:
        batch, self._batch = self._batch, []
        self._tell(self._verifier.failures(batch))

    def _tell(self, failures: list[tuple[Tag, str, str]]) -> None:
        for tag, code, message in failures:
            self._failed(tag, Error(code, message))


class _Worker:
    """A process that verifies.

    `waiting` batches were sent and not answered; `news` are keys it does not know yet.
    """

    def __init__(self, sites: Sequence[RelyingParty]) -> None:
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self._pipe, theirs = context.Pipe()
        self._process: Any = context.Process(target=_work, args=(theirs, self._pipe, sites), daemon=True)
        self._process.start()
        theirs.close()
        self.waiting = 0
        self.news: list[tuple[dict[str, str], str]] = []

    def send(self, batch: list[Check]) -> None:
        try:
            self._pipe.send_bytes(pickle.dumps((self.news, batch), pickle.HIGHEST_PROTOCOL))
        except OSError:
            raise Error("AUDIT_INTERRUPTED", "a process that verifies signatures has died") from None
        self.news = []
        self.waiting += 1

    def ready(self) -> bool:
        return bool(self._pipe.poll())

    def receive(self) -> list[tuple[Tag, str, str]]:
        try:
            answer: list[tuple[Tag, str, str]] = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError):
            raise Error("AUDIT_INTERRUPTED", "a process that verifies signatures has died") from None
        self.waiting -= 1
        return answer

    def close(self) -> None:
        self._pipe.close()
        self._process.join(1)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


def _work(pipe: Connection, other: Connection, sites: Sequence[RelyingParty]) -> None:
    """The worker process: answer batches until the pipe is closed."""
    other.close()  # a copy from forking; while it is open the end of the pipe would never be seen
    verifier = _Verifier(sites)
    while True:
        try:
            news, batch = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError, KeyboardInterrupt):
            return
        for jwk, alg in news:
            key = PublicKey(jwk, alg)
            verifier.keys[key.thumbprint] = key
        try:
            pipe.send_bytes(pickle.dumps(verifier.failures(batch), pickle.HIGHEST_PROTOCOL))
        except (OSError, KeyboardInterrupt):
            return
