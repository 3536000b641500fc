"""Signature checks in this process and in others: all algorithms, the same answers, none lost and none invented."""

import dataclasses
import multiprocessing
import os
import signal
from collections.abc import Iterator

import pytest

from tests.verifier.in_time import within
from tests.verifier.test_publickey import EC_JWK, ED, ED_JWK, ELSEWHERE, SITE, assertion, raw_signature
from verifier.errors import Error
from verifier.publickey import PublicKey, SigParts, thumbprint
from verifier.signatures import AHEAD, BATCH, Signatures, Tag

KEYS = {
    alg: PublicKey(EC_JWK if alg.endswith("es256") else ED_JWK, alg)
    for alg in ("ed25519", "es256", "webauthn-ed25519", "webauthn-es256")
}


def signed(alg: str, message: bytes) -> SigParts:
    if alg.startswith("webauthn-"):
        return assertion(alg, message)
    sig = ED.sign(message) if alg == "ed25519" else raw_signature(message)
    return SigParts(KEYS[alg].thumbprint, alg, sig)


class Told(list[tuple[Tag, str]]):
    """What does not hold, by tag and code."""

    def __call__(self, tag: Tag, error: Error) -> None:
        assert error.message
        self.append((tag, error.code))


@pytest.fixture
def told() -> Iterator[Told]:
    others = set(multiprocessing.active_children())  # of tests before this one
    with within(10):
        yield Told()
    assert set(multiprocessing.active_children()) <= others, "a process that verifies was left behind"


def tag(number: int) -> Tag:
    return number, "stream", 1


@pytest.mark.parametrize("jobs", [0, 1, 2])
@pytest.mark.parametrize("alg", KEYS)
def test_a_signature_by_each_algorithm(alg: str, jobs: int, told: Told) -> None:
    messages = [b"one", b"two", b"three"]
    with Signatures(told, [ELSEWHERE, SITE], jobs) as checks:
        for number, message in enumerate(messages):
            checks.add(KEYS[alg], message, signed(alg, message if number != 1 else b"another"), tag(number))
        checks.finish()
        assert checks.count == 3
    assert [place for place, _ in told] == [tag(1)]
    assert told[0][1] in {"SIGNATURE_WRONG", "WEBAUTHN_CHALLENGE"}


def test_only_what_fails_is_told_and_not_before_it_is_due(told: Told) -> None:
    with Signatures(told) as checks:
        for number in range(BATCH - 1):
            checks.add(KEYS["ed25519"], b"a", signed("ed25519", b"b"), tag(number))
        assert not told
        checks.add(KEYS["ed25519"], b"a", signed("ed25519", b"b"), tag(BATCH - 1))
        assert told == [(tag(number), "SIGNATURE_WRONG") for number in range(BATCH)]
        checks.finish()
    assert len(told) == BATCH


def test_another_algorithm_than_the_key_was_enrolled_for(told: Told) -> None:
    with Signatures(told) as checks:
        parts = dataclasses.replace(signed("ed25519", b"a"), alg="webauthn-ed25519")
        checks.add(KEYS["ed25519"], b"a", parts, tag(0))
        assert told == [(tag(0), "SIGNATURE_ALG_WRONG")]
        checks.finish()
        assert checks.count == 1
    assert len(told) == 1


@pytest.mark.parametrize("alg", ["ed25519", "webauthn-ed25519"])
def test_what_an_authenticator_adds_belongs_to_its_algorithm_only(alg: str, told: Told) -> None:
    """A plain signature with an assertion's data beside it, and an assertion without one of its halves."""
    whole = assertion(message=b"a")
    if alg == "ed25519":
        sig = signed("ed25519", b"a").sig
        halves = [SigParts(KEYS[alg].thumbprint, alg, sig, whole.authenticator_data, None)]
        halves += [SigParts(KEYS[alg].thumbprint, alg, sig, None, whole.client_data_json)]
    else:
        halves = [dataclasses.replace(whole, authenticator_data=None)]
        halves += [dataclasses.replace(whole, client_data_json=None)]
    with Signatures(told, [SITE]) as checks:
        for number, half in enumerate(halves):
            checks.add(KEYS[alg], b"a", half, tag(number))
        checks.finish()
    assert told == [(tag(0), "SIGNATURE_MEMBERS"), (tag(1), "SIGNATURE_MEMBERS")]


def test_an_assertion_of_another_site_does_not_count(told: Told) -> None:
    with Signatures(told, [ELSEWHERE]) as checks:
        checks.add(KEYS["webauthn-ed25519"], b"a", signed("webauthn-ed25519", b"a"), tag(0))
        checks.finish()
    assert told == [(tag(0), "WEBAUTHN_RELYING_PARTY")]


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_none_is_lost_between_processes(jobs: int, told: Told) -> None:
    """More than all workers may have before them, by keys that they come to know on the way."""
    count = BATCH * (AHEAD + 2) * jobs + 7
    wrong = {number for number in range(count) if number % 97 == 5}
    good = {alg: signed(alg, b"good") for alg in ("ed25519", "es256")}
    with Signatures(told, jobs=jobs) as checks:
        for number in range(count):
            alg = "es256" if number > count // 2 and number % 50 == 0 else "ed25519"
            checks.add(KEYS[alg], b"bad" if number in wrong else b"good", good[alg], tag(number))
        checks.finish()
        assert checks.count == count
    assert sorted(told) == [(tag(number), "SIGNATURE_WRONG") for number in sorted(wrong)]


def test_workers_work(told: Told) -> None:
    with Signatures(told, jobs=3) as checks:
        assert len(checks._workers) == 2
        for worker in checks._workers:
            os.kill(worker._process.pid, signal.SIGSTOP)  # so that it is seen how much is given to them
        for number in range(2 * AHEAD * BATCH):
            checks.add(KEYS["ed25519"], b"a", signed("ed25519", b"a"), tag(number))
        assert [len(worker.waiting) for worker in checks._workers] == [AHEAD, AHEAD]
        for worker in checks._workers:
            os.kill(worker._process.pid, signal.SIGCONT)
        checks.finish()
        assert not any(worker.waiting for worker in checks._workers)
    assert not told


def _go_on(checks: Signatures) -> None:
    for number in range(BATCH):
        checks.add(KEYS["ed25519"], b"a", signed("ed25519", b"a"), tag(number))
    checks.finish()


@pytest.mark.parametrize("while_it_is", ["sent to", "waited for"])
def test_a_worker_that_died_ends_the_audit(while_it_is: str, told: Told) -> None:
    with Signatures(told, jobs=2) as checks:
        [worker] = checks._workers
        if while_it_is == "waited for":
            os.kill(worker._process.pid, signal.SIGSTOP)
            for number in range(BATCH):
                checks.add(KEYS["ed25519"], b"a", signed("ed25519", b"a"), tag(number))
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.join()
        with pytest.raises(Error) as refused:
            _go_on(checks)
        assert refused.value.code == "AUDIT_INTERRUPTED"


def test_the_thumbprint_names_the_key() -> None:
    assert KEYS["ed25519"].thumbprint == thumbprint(ED_JWK)
