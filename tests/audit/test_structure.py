"""Faults of structure: bytes, chains, commands, seen heads, times, tree. Each is named at its entry."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, LOG_KEY, codes, found
from tests.audit.broken import stage
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Pen, Said, a_hash
from tests.audit.village import Village, s
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.finding import Kind
from verifier.replay import Audit, Request, audit

ORGANISATION = {
    "kind": "training_provider",
    "public_name": None,
    "zone": "Asia/Makassar",
    "name": {"commitment": a_hash("x")},
    "licence": None,
}


def registered(name: str) -> Said:
    return Said(s("organisation", name), "organisation.registered", ORGANISATION)


def audit_of(folder: Path, v: Village, **options: Any) -> Audit:
    bundle = write_bundle(folder / "b", v.entries, LOG, v.now, links=v.links or None)
    return audit(Bundle(bundle), Request(v.root, LOG.policy(), v.now, **options))


def first_at(result: Audit, code: str) -> int | None:
    return next(item.index for item in result.findings if item.code == code)


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("VERSION_WRONG", {"version": 3, "prev": a_hash("x")}),
    ("SEEN_WRONG", {"seen_root": b"\x07" * 32}),
    ("SEEN_AHEAD", {"seen_size": 10_000}),
    ("SEEN_BEFORE_OWN", {"seen_size": 0}),
    ("RECORDED_IN_FUTURE", {"recorded_at": "2031-03-03T02:00:00Z"}),
    ("RECORDED_BACKWARDS", {"recorded_at": "2031-03-03T00:49:59Z", "occurred_at": "2031-03-03T00:00:00Z"}),
]


@pytest.mark.parametrize(("code", "changes"), CHANGES, ids=[code for code, _ in CHANGES])
def test_an_act_that_says_otherwise(code: str, changes: dict[str, Any], tmp_path: Path) -> None:
    v = stage("staffed")
    before = len(v.entries)
    v.by("one", registered("x"), **changes)
    result = audit_of(tmp_path, v)
    assert code in codes(result)
    assert first_at(result, code) == before


def test_ten_minutes_back_is_still_an_ordinary_preparation(tmp_path: Path) -> None:
    v = stage("staffed")
    v.by("one", registered("x"), recorded_at="2031-03-03T00:50:00Z", occurred_at="2031-03-03T00:00:00Z")
    assert not found(audit_of(tmp_path, v))


def test_an_hsm_may_take_a_day(tmp_path: Path) -> None:
    v = stage("staffed")
    pen = Pen("in an hsm")
    v.enrol("admin", pen, custody="hsm")
    v.wait(hours=24)
    v.by("one", registered("x"))
    v.wait(hours=-24)
    v.learner("ana")
    v.wait(hours=24)
    assert not found(audit_of(tmp_path, v))


def test_another_predecessor(tmp_path: Path) -> None:
    v = stage("staffed")
    before = len(v.entries)
    v.by("one", Said(s("organisation", "blk"), "organisation.closed"), prev=a_hash("x"))
    assert first_at(audit_of(tmp_path, v), "PREV_WRONG") == before


def test_held_back_for_more_than_a_day(tmp_path: Path) -> None:
    v = stage("staffed")
    seen = len(v.entries)
    v.by("one", registered("x"))
    v.wait(hours=25)
    v.by("two", registered("y"), seen_size=seen)
    assert first_at(audit_of(tmp_path, v), "SEEN_STALE") == seen + 1


def test_a_day_is_not_too_long(tmp_path: Path) -> None:
    v = stage("staffed")
    seen = len(v.entries)
    v.by("one", registered("x"))
    v.wait(hours=24)
    v.by("two", registered("y"), seen_size=seen)
    assert not found(audit_of(tmp_path, v))


def three(v: Village) -> int:
    """One act of three events; returns its first index."""
    before = len(v.entries)
    v.by("one", *(registered(name) for name in "xyz"))
    return before


Tamper = Callable[[list[bytes], int], None]


def lose_the_first(entries: list[bytes], first: int) -> None:
    del entries[first]


def lose_the_last(entries: list[bytes], first: int) -> None:
    del entries[first + 2]


def double(entries: list[bytes], first: int) -> None:
    entries.insert(first + 1, entries[first + 1])


def swap(entries: list[bytes], first: int) -> None:
    entries[first], entries[first + 1] = entries[first + 1], entries[first]


def tear_apart(entries: list[bytes], first: int) -> None:
    entries.append(entries.pop(first + 2))


@pytest.mark.parametrize("tamper", [lose_the_first, lose_the_last, double, swap, tear_apart])
def test_half_a_command(tamper: Tamper, tmp_path: Path) -> None:
    v = stage("staffed")
    first = three(v)
    v.by("two", registered("last"))
    tamper(v.entries, first)
    result = audit_of(tmp_path, v)
    assert "PARTIAL_COMMAND" in codes(result)
    assert first_at(result, "PARTIAL_COMMAND") in range(first, first + 4)


def test_a_log_that_ends_in_the_middle(tmp_path: Path) -> None:
    v = stage("staffed")
    first = three(v)
    del v.entries[first + 2]
    assert first_at(audit_of(tmp_path, v), "PARTIAL_COMMAND") == first


def test_one_act_twice(tmp_path: Path) -> None:
    v = stage("staffed")
    before = len(v.entries)
    v.by("one", registered("x"), command="00000000-0000-4000-8000-000000000000")
    v.by("two", registered("y"), command="00000000-0000-4000-8000-000000000000")
    assert first_at(audit_of(tmp_path, v), "COMMAND_REPEATED") == before + 1


def test_events_of_different_acts_under_one_signature(tmp_path: Path) -> None:
    # `seal` refuses this, so the entries are put together by hand.
    from verifier import entry, merkle

    v = stage("staffed")
    probe = stage("staffed")
    probe.by("one", registered("x"), command="00000000-0000-4000-8000-000000000001")
    probe.by("one", registered("y"), command="00000000-0000-4000-8000-000000000001", role="auditor")
    payloads = [entry.split(each)[0] for each in probe.entries[-2:]]
    parts = v.pens["one"].sign(entry.command_message(v.origin, payloads))
    paths = merkle.inclusion_proofs([entry.payload_hash(payload) for payload in payloads])
    lines = [
        entry.Signature(parts.key, parts.alg, parts.sig, place, 2, tuple(path)).to_bytes()
        for place, path in enumerate(paths)
    ]
    v.append(payload + b"\n" + line for payload, line in zip(payloads, lines, strict=True))
    assert "COMMAND_DIFFERS" in codes(audit_of(tmp_path, v))


def test_another_spelling_of_the_same_json(tmp_path: Path) -> None:
    v = stage("staffed")
    v.entries[7] = v.entries[7].replace(b'{"actor"', b'{ "actor"', 1)
    result = audit_of(tmp_path, v)
    assert first_at(result, "JSON_NOT_CANONICAL") == 7


def test_a_signature_by_nobody(tmp_path: Path) -> None:
    v = stage("staffed")
    line = v.entries[9]
    mark = line.index(b'"sig":"') + 7
    v.entries[9] = line[:mark] + (b"B" if line[mark : mark + 1] == b"A" else b"A") + line[mark + 1 :]
    for jobs in (1, 2):
        result = audit_of(tmp_path / str(jobs), v, jobs=jobs)
        assert first_at(result, "SIGNATURE_WRONG") == 9
        assert result.outcome == Verdict.DOES_NOT_STAND


def test_a_word_changed_in_an_event(tmp_path: Path) -> None:
    v = stage("staffed")
    index = next(i for i, entry in enumerate(v.entries) if b"BLK Contoh" in entry)
    v.entries[index] = v.entries[index].replace(b"BLK Contoh", b"BLK Condoh")
    result = audit_of(tmp_path, v)
    assert first_at(result, "SIGNATURE_WRONG") == index


def test_a_log_of_another_founder(tmp_path: Path) -> None:
    v = stage("staffed")
    from verifier.rootfile import RootFile

    root = RootFile(v.root.origin, (v.root.keys[1], v.root.keys[0]))
    bundle = write_bundle(tmp_path / "b", v.entries, LOG, v.now, links=None)
    result = audit(Bundle(bundle), Request(root, LOG.policy(), v.now))
    assert first_at(result, "LEDGER_NOT_OPEN") == 0


def test_post_dated_beyond_the_witnesses(tmp_path: Path) -> None:
    v = stage("staffed")
    bundle = write_bundle(tmp_path / "b", v.entries, LOG, v.now - 3600, links=None)
    result = audit(Bundle(bundle), Request(v.root, LOG.policy(), v.now))
    assert codes(result) == {"RECORDED_AFTER_WITNESS"}


def test_a_log_key_that_the_log_does_not_name(tmp_path: Path) -> None:
    v = Village()
    from tests.audit.bundling import Log

    other = Log.named(v.origin, seed=9)
    v.found(LOG_KEY)
    bundle = write_bundle(tmp_path / "b", v.entries, other, v.now, links=None)
    result = audit(Bundle(bundle), Request(v.root, other.policy(), v.now))
    assert codes(result) == {"LOG_KEY_NOT_RECORDED"}


def test_what_is_wrong_is_counted_beyond_what_is_kept(tmp_path: Path) -> None:
    v = stage("staffed")
    for number in range(130):
        v.by("admin", registered(str(number)))
    result = audit_of(tmp_path, v)
    assert result.findings.counts["ROLE_FORBIDDEN"] == 130
    assert sum(item.code == "ROLE_FORBIDDEN" for item in result.findings.of(Kind.WRONG)) == 100
