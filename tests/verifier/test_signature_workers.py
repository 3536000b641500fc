"""Who verifies which batch, and how the processes that verify begin, answer and end."""

from __future__ import annotations

import dataclasses
import marshal
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from tests.verifier.in_time import within
from tests.verifier.test_publickey import SITE
from tests.verifier.test_signatures import KEYS, Told, signed, tag
from verifier import signatures
from verifier.errors import Error
from verifier.signatures import AHEAD, BATCH, Signatures, Tag

GOOD = signed("ed25519", b"good")


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    with within(5):
        yield


def batches(checks: Signatures, count: int, message: bytes = b"good") -> None:
    for number in range(count * BATCH):
        checks.add(KEYS["ed25519"], message, GOOD, tag(number))


# -- who verifies ------------------------------------------------------------------------------------------------------


class Hand:
    """A worker that answers when it is told to: `answers` says how many of its batches are done."""

    made: list[Hand]

    def __init__(self, _sites: Any) -> None:
        self.waiting: deque[list[Tag]] = deque()
        self.news: list[Any] = []
        self.answers = 0
        self.closed = False
        Hand.made.append(self)

    def send(self, _batch: Any, tags: list[Tag]) -> None:
        self.waiting.append(tags)

    def ready(self) -> bool:
        return self.answers > 0

    def receive(self) -> tuple[list[Tag], list[tuple[int, str, str]]]:
        self.answers -= 1
        return self.waiting.popleft(), [(0, "SIGNATURE_WRONG", "said by a worker")]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> list[Hand]:
    monkeypatch.setattr(signatures, "_Worker", Hand)
    Hand.made = []
    return Hand.made


@pytest.mark.parametrize("jobs", [-1, 0, 1, 2, 5])
def test_one_of_the_jobs_is_the_caller_s_own(jobs: int, hands: list[Hand]) -> None:
    with Signatures(Told(), jobs=jobs):
        assert len(hands) == max(jobs, 1) - 1
        assert not any(each.closed for each in hands)
    assert all(each.closed for each in hands)


def test_work_goes_to_who_has_least_before_it_and_what_is_more_is_done_here(hands: list[Hand]) -> None:
    told = Told()
    checks = Signatures(told, jobs=3)
    given = []
    for _ in range(2 * AHEAD):
        batches(checks, 1, b"bad")
        given.append([len(each.waiting) for each in hands])
    assert given == [[1, 0], [1, 1], [2, 1], [2, 2], [3, 2], [3, 3]]
    assert not told
    batches(checks, 1, b"bad")
    assert [len(each.waiting) for each in hands] == [AHEAD, AHEAD]
    assert told == [(tag(number), "SIGNATURE_WRONG") for number in range(BATCH)]


def test_an_answer_is_told_as_soon_as_it_is_there(hands: list[Hand]) -> None:
    told = Told()
    checks = Signatures(told, jobs=2)
    batches(checks, AHEAD)
    [hand] = hands
    hand.answers = 2
    batches(checks, 1)
    assert told == [(tag(0), "SIGNATURE_WRONG"), (tag(BATCH), "SIGNATURE_WRONG")]
    assert len(hand.waiting) == AHEAD - 1
    hand.answers = AHEAD - 1
    checks.finish()
    assert len(told) == AHEAD + 1
    assert not hand.waiting


def test_each_worker_hears_of_a_key_once(hands: list[Hand]) -> None:
    checks = Signatures(Told(), jobs=3)
    for alg in ("ed25519", "es256", "ed25519"):
        checks.add(KEYS[alg], b"a", signed(alg, b"a"), tag(0))
    for hand in hands:
        assert hand.news == [(KEYS[alg].jwk, alg) for alg in ("ed25519", "es256")]


def test_an_authenticator_s_key_signs_no_message_as_it_is() -> None:
    """Without the data of an assertion nobody was seen to be present, though the signature itself holds."""
    told = Told()
    bare = dataclasses.replace(GOOD, key=KEYS["webauthn-ed25519"].thumbprint, alg="webauthn-ed25519")
    checks = Signatures(told, [SITE])
    checks.add(KEYS["webauthn-ed25519"], b"good", bare, tag(0))
    checks.finish()
    assert told == [(tag(0), "SIGNATURE_MEMBERS")]


# -- how a worker works ------------------------------------------------------------------------------------------------


class Pipe:
    """One end of a pipe, from which these come in turn: bytes, or errors that are raised."""

    def __init__(self, *received: bytes | BaseException, sending: BaseException | None = None) -> None:
        self.received, self.sending = deque(received), sending
        self.sent: list[Any] = []
        self.closed = False

    def recv_bytes(self) -> bytes:
        found = self.received.popleft()
        if isinstance(found, BaseException):
            raise found
        return found

    def send_bytes(self, data: bytes) -> None:
        if self.sending:
            raise self.sending
        self.sent.append(marshal.loads(data))

    def close(self) -> None:
        self.closed = True


def work(pipe: Pipe, other: Pipe) -> None:
    signatures._work(pipe, other, [SITE])  # type: ignore[arg-type]


NEWS = marshal.dumps(([(KEYS["ed25519"].jwk, "ed25519")], [(0, b"good", GOOD.sig), (0, b"bad", GOOD.sig)]))
NO_NEWS = marshal.dumps(([], [(0, b"bad", GOOD.sig), (0, b"good", GOOD.sig)]))


@pytest.mark.parametrize("end", [EOFError(), OSError(), KeyboardInterrupt()], ids=repr)
def test_a_worker_answers_until_its_pipe_ends(end: BaseException) -> None:
    pipe, other = Pipe(NEWS, NO_NEWS, end), Pipe()
    work(pipe, other)
    assert [[(place, code) for place, code, _ in each] for each in pipe.sent] == [
        [(1, "SIGNATURE_WRONG")],
        [(0, "SIGNATURE_WRONG")],
    ]
    assert other.closed, "an end that stays open here would never be seen to close"


@pytest.mark.parametrize("end", [OSError(), KeyboardInterrupt()], ids=repr)
def test_a_worker_ends_when_nobody_hears_its_answer(end: BaseException) -> None:
    pipe = Pipe(NEWS, sending=end)
    work(pipe, Pipe())
    assert not pipe.received


# -- how a worker begins and ends --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "chosen"), [(["fork", "spawn", "forkserver"], "fork"), (["spawn", "fork"], "fork"), (["spawn"], "spawn")]
)  # fmt: skip
def test_a_worker_is_forked_where_that_is_possible(
    methods: list[str], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = multiprocessing.get_context

    def get_context(method: str) -> Any:
        asked.append(method)
        return real("fork")

    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: methods)
    monkeypatch.setattr(multiprocessing, "get_context", get_context)
    signatures._Worker([]).close()
    assert asked == [chosen]


def test_a_worker_ends_by_itself_when_the_work_is_done() -> None:
    told = Told()
    with Signatures(told, jobs=2) as checks:
        [worker] = checks._workers
        assert worker._process.daemon, "it would outlive a program that ends without closing it"
        batches(checks, 1, b"bad")
        checks.finish()
    assert len(told) == BATCH
    assert worker._process.exitcode == 0


def test_a_worker_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "_PATIENCE_S", 0.05)
    worker = signatures._Worker([])
    pid = worker._process.pid
    os.kill(pid, signal.SIGSTOP)
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_cannot_be_sent_ends_the_audit() -> None:
    worker = signatures._Worker([])
    worker.close()
    with pytest.raises(Error, match="AUDIT_INTERRUPTED: a process that verifies signatures has died"):
        worker.send([], [])
    assert not worker.waiting


def test_a_worker_that_ended_ends_the_audit() -> None:
    worker = signatures._Worker([])
    try:
        assert not worker.ready()
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.join()
        assert worker.ready()
        with pytest.raises(Error, match="AUDIT_INTERRUPTED: a process that verifies signatures has died"):
            worker.receive()
    finally:
        worker.close()
