"""Signature checks, most of an audit's work, spread over processes.

The caller hands over checks and goes on; a worker process verifies batches of them, and whenever all workers
have enough to do the caller's own process verifies a batch too, so that no core waits for another. Without
workers (`jobs` 1) everything is verified where it is asked for.

Between the processes go plain values only (`marshal`): numbers of keys, messages and signatures. Nothing is
decided here but whether a signature holds: which key may sign is the caller's business.
"""

import marshal
import multiprocessing
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

from verifier import b64
from verifier.ed25519 import VerifyKey
from verifier.errors import Error
from verifier.event import Event
from verifier.publickey import PublicKey, SigParts
from verifier.webauthn import RelyingParty

BATCH = 96
"""Checks in a batch: few, so that the caller is back soon when it verifies one itself."""

AHEAD = 3
"""Batches that a worker may have before it: with one under way the others fit into a pipe's buffer, so that
sending does not wait."""

_PATIENCE_S = 1
"""How long a worker may take to end by itself."""

# Where the signature stands: the leaf index of its command, and the stream and version of its first event.
Tag = tuple[int, str, int]
Check = tuple[Any, ...]
"""(number of the key, message, signature), and what an authenticator adds."""

Failure = Callable[[Tag, Error], None]
News = tuple[dict[str, str], str]
Failed = list[tuple[int, str, str]]
"""(place in the batch, code, message) of what does not hold."""


class _Verifier:
    """Keys by number, and the check."""

    def __init__(self, sites: Sequence[RelyingParty]) -> None:
        self._keys: list[tuple[PublicKey, VerifyKey | None]] = []
        self._sites = sites

    def learn(self, news: Sequence[News]) -> None:
        for jwk, alg in news:
            plain = VerifyKey(b64.url_decode(jwk["x"])) if alg == "ed25519" else None
            self._keys.append((PublicKey(jwk, alg), plain))

    def failures(self, batch: Sequence[Check]) -> Failed:
        found: Failed = []
        keys = self._keys
        for place, (number, message, sig, *added) in enumerate(batch):
            whole, plain = keys[number]
            try:
                if plain is not None and not added:
                    plain.verify(message, sig)
                else:
                    parts = SigParts(whole.thumbprint, whole.alg, sig, *added)
                    whole.verify(message, parts, self._sites)
            except Error as error:
                found.append((place, error.code, error.message))
        return found


class Signatures:
    """Checks of signatures by enrolled keys. Use as a context manager."""

    def __init__(self, failed: Failure, sites: Sequence[RelyingParty] = (), jobs: int = 1) -> None:
        """`failed` is told what does not hold, at the latest by `finish`."""
        self._failed = failed
        self._verifier = _Verifier(sites)
        self._numbers: dict[str, int] = {}
        self._batch: list[Check] = []
        self._tags: list[Tag] = []
        self._workers = [_Worker(sites) for _ in range(jobs - 1)]
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    def add(self, key: PublicKey, message: bytes, parts: Event | SigParts, tag: Tag) -> None:
        """Check, now or soon, that this key signed this message.

        The caller has seen that the signature names this key; that it names its algorithm is checked here.
        """
        self.count += 1
        if parts.alg != key.alg:
            self._failed(tag, Error("SIGNATURE_ALG_WRONG", "the key was enrolled for another algorithm"))
            return
        number = self._numbers.get(key.thumbprint)
        if number is None:
            number = self._number(key)
        if parts.authenticator_data is None and parts.client_data_json is None:
            self._batch.append((number, message, parts.sig))
        else:
            self._batch.append((number, message, parts.sig, parts.authenticator_data, parts.client_data_json))
        self._tags.append(tag)
        if len(self._batch) >= BATCH:
            self._dispatch()

    def _number(self, key: PublicKey) -> int:
        number = self._numbers[key.thumbprint] = len(self._numbers)
        self._verifier.learn([(key.jwk, key.alg)])
        for worker in self._workers:
            worker.news.append((key.jwk, key.alg))
        return number

    def finish(self) -> None:
        """Wait for every answer."""
        self._mine()
        for worker in self._workers:
            while worker.waiting:
                self._tell(*worker.receive())

    def _dispatch(self) -> None:
        for worker in self._workers:
            while worker.ready():
                self._tell(*worker.receive())
        idle = min(self._workers, key=lambda worker: len(worker.waiting), default=None)
        if idle is None or len(idle.waiting) >= AHEAD:
            self._mine()
        else:
            idle.send(self._batch, self._tags)
            self._batch, self._tags = [], []

    def _mine(self) -> None:
        batch, tags = self._batch, self._tags
        self._batch, self._tags = [], []
        self._tell(tags, self._verifier.failures(batch))

    def _tell(self, tags: list[Tag], failures: Failed) -> None:
        for place, code, message in failures:
            self._failed(tags[place], Error(code, message))


class _Worker:
    """A process that verifies.

    `waiting` has the tags of each batch that was sent and not answered, `news` the keys that it does not know
    yet.
    """

    def __init__(self, sites: Sequence[RelyingParty]) -> None:
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self._pipe, theirs = context.Pipe()
        self._process: Any = context.Process(target=_work, args=(theirs, self._pipe, sites), daemon=True)
        self._process.start()
        theirs.close()
        self.waiting: deque[list[Tag]] = deque()
        self.news: list[News] = []

    def send(self, batch: list[Check], tags: list[Tag]) -> None:
        try:
            self._pipe.send_bytes(marshal.dumps((self.news, batch)))
        except OSError:
            raise Error("AUDIT_INTERRUPTED", "a process that verifies signatures has died") from None
        self.news = []
        self.waiting.append(tags)

    def ready(self) -> bool:
        return bool(self._pipe.poll())

    def receive(self) -> tuple[list[Tag], Failed]:
        try:
            answer: Failed = marshal.loads(self._pipe.recv_bytes())  # noqa: S302 - from our own process
        except (EOFError, OSError):
            raise Error("AUDIT_INTERRUPTED", "a process that verifies signatures has died") from None
        return self.waiting.popleft(), answer

    def close(self) -> None:
        self._pipe.close()
        self._process.join(_PATIENCE_S)
        self._process.kill()  # even one that was stopped; nothing, where it has ended
        self._process.join()


def _work(pipe: Connection, other: Connection, sites: Sequence[RelyingParty]) -> None:
    """The worker process: answer batches until the pipe is closed."""
    other.close()  # a copy from forking; while it is open the end of the pipe would never be seen
    verifier = _Verifier(sites)
    while True:
        try:
            news, batch = marshal.loads(pipe.recv_bytes())  # noqa: S302 - from our own process
        except (EOFError, OSError, KeyboardInterrupt):
            return
        verifier.learn(news)
        try:
            pipe.send_bytes(marshal.dumps(verifier.failures(batch)))
        except (OSError, KeyboardInterrupt):
            return
