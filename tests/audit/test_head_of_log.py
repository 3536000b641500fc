"""What is said of a checkpoint, of the log's end beside it, and of those trusted before: each boundary, whole."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.bundling import Log
from tests.audit.scribe import ORIGIN, START, Scribe
from verifier import kept, note, policy, times
from verifier.audit_result import Audit, Request
from verifier.bundle import Bundle, BundleError
from verifier.checkpoint import Checkpoint
from verifier.errors import Error, SignatureError
from verifier.finding import Findings, Kind
from verifier.head import check_end, check_head, trusted_before
from verifier.policy import Policy
from verifier.structure import Structure

NOW = times.parse_moment(START)
ROOT = b"\x05" * 32
DAY = 86400
Said = tuple[Kind, str, str, int | None, str | None]


def signed(*cosigned: int | None, log: Log = LOG, size: int = 3) -> bytes:
    """A checkpoint that each witness in turn has cosigned at such a time, or not."""
    text = Checkpoint(log.origin, size, ROOT).to_text()
    by = [
        witness.sign(text, time)
        for witness, time in zip(log.witnesses, cosigned, strict=False)
        if time is not None
    ]
    return note.Note(text, (log.key.sign(text), *by)).to_bytes()


def said(findings: Findings) -> list[Said]:
    return [(each.rule.kind, each.code, each.message, each.index, each.place) for each in findings]


def at_checkpoint(kind: Kind, code: str, message: str) -> list[Said]:
    return [(kind, code, message, None, "checkpoint")]


def asked(trust: Policy | None = None, **options: Any) -> Request:
    return Request(Scribe().root, trust or LOG.policy(), NOW, **options)


def bundle_of(data: bytes) -> Bundle:
    return cast("Bundle", SimpleNamespace(checkpoint=lambda: data))


def checked(data: bytes, request: Request | None = None) -> tuple[bool, Audit]:
    request = request or asked()
    result = Audit(Findings(), request.now, request.max_age)
    verdict = check_head(bundle_of(data), request, result)
    assert verdict is result.verdict
    return verdict is not None, result


@pytest.mark.parametrize(
    ("cosigned", "up_to"),
    [
        ((0, 0), 0),
        ((0, 0, 0), 0),
        ((-DAY, -DAY), -DAY),
        ((-DAY, 0), -DAY),
        ((120, 120), 120),
        ((121, 0, 0), 0),
        ((-DAY - 1, -10, -20), -20),
        ((None, -5, -6), -6),
    ],
)
def test_a_checkpoint_that_a_quorum_confirmed_of_late(cosigned: tuple[int | None, ...], up_to: int) -> None:
    """Within a day, and two minutes for clocks that differ; complete up to where the quorum was full."""
    holds, result = checked(signed(*(None if each is None else NOW + each for each in cosigned)))
    assert holds
    assert said(result.findings) == []
    assert result.complete_up_to == NOW + up_to


@pytest.mark.parametrize(
    ("cosigned", "up_to"),
    [((-DAY - 1, 0), -DAY - 1), ((121, 0), 0), ((121, 121), 121), ((-DAY - 1, -DAY - 1, 0), -DAY - 1)],
)
def test_a_checkpoint_that_no_quorum_confirmed_of_late(cosigned: tuple[int, ...], up_to: int) -> None:
    holds, result = checked(signed(*(NOW + each for each in cosigned)))
    assert holds
    message = f"no quorum confirmed it within the 24 hours before {START}"
    assert said(result.findings) == at_checkpoint(Kind.UNKNOWN, "NOT_FRESH", message)
    assert result.complete_up_to == NOW + up_to


@pytest.mark.parametrize(("age", "fresh"), [(7200, True), (7199, False)])
def test_the_age_that_was_asked_for(age: int, fresh: bool) -> None:
    _, result = checked(signed(NOW - 7200, NOW - 7200), asked(max_age=age))
    message = f"no quorum confirmed it within the 1 hours before {START}"
    assert said(result.findings) == ([] if fresh else at_checkpoint(Kind.UNKNOWN, "NOT_FRESH", message))


@pytest.mark.parametrize(("cosigned", "count"), [((), 0), ((NOW,), 1), ((None, NOW - 9 * DAY), 1)])
def test_a_checkpoint_without_a_quorum(cosigned: tuple[int | None, ...], count: int) -> None:
    holds, result = checked(signed(*cosigned))
    assert holds
    message = f"{count} of 3 trusted witnesses have cosigned it"
    assert said(result.findings) == at_checkpoint(Kind.UNKNOWN, "NOT_WITNESSED", message)
    assert result.complete_up_to is None


def test_a_policy_that_asks_for_no_witness() -> None:
    lines = LOG.policy_bytes().splitlines(keepends=True)
    trust = policy.parse(
        b"".join(line for line in lines if not line.startswith(b"quorum")) + b"quorum none\n"
    )
    holds, result = checked(signed(NOW, NOW, NOW), asked(trust))
    assert holds
    message = "the policy asks for no witness"
    assert said(result.findings) == at_checkpoint(Kind.UNKNOWN, "NOT_WITNESSED", message)
    assert result.complete_up_to is None


def test_complete_up_to_the_last_of_those_that_had_to_confirm() -> None:
    lines = LOG.policy_bytes().splitlines(keepends=True)[:-2]
    trust = policy.parse(b"".join([*lines, b"group both all w0 w1\n", b"quorum both\n"]))
    _, result = checked(signed(NOW - 30, NOW - 10, NOW - 20), asked(trust))
    assert result.complete_up_to == NOW - 30
    _, result = checked(signed(NOW - 30, None, NOW - 20), asked(trust))
    assert result.complete_up_to is None


def test_a_checkpoint_that_does_not_hold() -> None:
    holds, result = checked(signed(log=Log.named(ORIGIN, seed=7)))
    assert not holds
    message = f"no trusted log named {ORIGIN} signed the checkpoint"
    assert said(result.findings) == at_checkpoint(Kind.WRONG, "NOTE_UNSIGNED", message)


def test_a_checkpoint_of_another_log_than_the_root_file_s() -> None:
    other = Log.named("other.example/log")
    holds, result = checked(signed(NOW, NOW, log=other), asked(other.policy()))
    assert not holds
    message = f"the checkpoint is of other.example/log, the root file of {ORIGIN}"
    assert said(result.findings) == at_checkpoint(Kind.WRONG, "ORIGIN_DIFFERS", message)
    assert result.complete_up_to is None


def test_a_checkpoint_that_is_not_there_stops_the_audit() -> None:
    def missing() -> bytes:
        raise BundleError("BUNDLE_FILE_MISSING", "checkpoint is missing")

    result = Audit(Findings(), NOW, DAY)
    with pytest.raises(BundleError, match="BUNDLE_FILE_MISSING"):
        check_head(cast("Bundle", SimpleNamespace(checkpoint=missing)), asked(), result)
    assert said(result.findings) == []


# -- the end of the log ----------------------------------------------------------------------------------------------


def at_end(
    *cosigned: int, size: int = 3, root: bytes = ROOT, newest: int = 0, keys: tuple[str, ...] = (LOG_KEY,)
) -> list[Said]:
    findings = Findings()
    ended = SimpleNamespace(size=size, root=lambda: root, newest=newest)
    check_end(LOG.policy().check(signed(*cosigned)), cast("Structure", ended), keys, findings)
    return said(findings)


def test_a_log_that_ends_as_its_checkpoint_says() -> None:
    assert at_end(NOW, NOW, newest=NOW, keys=("other", LOG_KEY)) == []


@pytest.mark.parametrize("size", [2, 4])
def test_roots_are_compared_only_of_one_size(size: int) -> None:
    assert at_end(size=size, root=bytes(32)) == []


def test_a_root_that_is_not_the_entries() -> None:
    message = "the root over the 3 entries is not the signed one"
    assert at_end(root=bytes(32)) == at_checkpoint(Kind.WRONG, "LOG_ROOT_WRONG", message)


@pytest.mark.parametrize("keys", [(), ("other",)])
def test_a_key_that_the_log_did_not_name(keys: tuple[str, ...]) -> None:
    message = f"the key {LOG.key.key.key_id.hex()}"
    assert at_end(keys=keys) == at_checkpoint(Kind.WRONG, "LOG_KEY_NOT_RECORDED", message)


@pytest.mark.parametrize(("after", "told"), [(120, False), (121, True)])
def test_what_was_recorded_after_the_last_witness_saw_it(after: int, told: bool) -> None:
    newest = NOW + after
    message = f"recorded at {times.to_text(newest)}, witnessed before that"
    expected = at_checkpoint(Kind.WRONG, "RECORDED_AFTER_WITNESS", message) if told else []
    assert at_end(NOW - DAY, NOW, NOW - DAY, newest=newest) == expected


def test_without_a_witness_there_is_nothing_to_be_later_than() -> None:
    assert at_end(newest=NOW) == []


# -- trusted before --------------------------------------------------------------------------------------------------


def test_nothing_was_trusted_before() -> None:
    assert trusted_before(asked()) == (None, None)


def test_a_checkpoint_was_trusted_before() -> None:
    expected = Checkpoint(ORIGIN, 2, ROOT)
    for options in ({}, {"moment": 5}, {"named": lambda: iter(())}):
        assert trusted_before(asked(since=signed(size=2), **options)) == (expected, None)


def test_a_state_was_kept_before() -> None:
    state = kept.dump(signed(size=2), {"a.b": 1})
    assert trusted_before(asked(since=state)) == (Checkpoint(ORIGIN, 2, ROOT), {"a.b": 1})


@pytest.mark.parametrize("options", [{"moment": 0}, {"named": lambda: iter(())}], ids=["moment", "named"])
def test_what_a_kept_state_does_not_have(options: dict[str, Any]) -> None:
    state = kept.dump(signed(size=2), {})
    with pytest.raises(Error) as refused:
        trusted_before(asked(since=state, **options))
    assert (refused.value.code, refused.value.message, refused.value.hint) == (
        "SINCE_TOO_LITTLE",
        "statuses as they were, and named facts, need what a kept state does not have",
        "Give the checkpoint itself instead.",
    )


@pytest.mark.parametrize("as_state", [False, True])
def test_what_was_trusted_before_is_held_to_the_policy(as_state: bool) -> None:
    stranger = signed(log=Log.named(ORIGIN, seed=7))
    with pytest.raises(SignatureError, match="NOTE_UNSIGNED"):
        trusted_before(asked(since=kept.dump(stranger, {}) if as_state else stranger))
