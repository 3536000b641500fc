"""The follower of a log's structure, entry by entry, against roots that are worked out anew."""

from typing import Any, cast

import pytest

from tests.audit.scribe import Said, Scribe, a_hash, an_id
from verifier import merkle, reader, structure, times
from verifier.finding import Rule
from verifier.structure import Structure
from verifier.suffix import Before

KEPT = 4


class Naive:
    """What came earlier, by working out each root from all leaves; `asked` are the sizes it was asked for."""

    def __init__(self, scribe: Scribe, size: int = 0) -> None:
        self.size = size
        self.asked: list[int] = []
        self.entries = scribe.entries

    def root(self, size: int) -> bytes:
        self.asked.append(size)
        return true_root(self.entries, size)

    def recorded(self, index: int) -> int:
        return times.posix(reader.read(self.entries[index]).recorded_at)


def true_root(entries: list[bytes], size: int) -> bytes:
    return merkle.root(merkle.leaf_hash(entry) for entry in entries[:size])


class Told(list[tuple[str, int]]):
    def __call__(self, rule: Rule, message: str, index: int, place: str) -> None:
        assert message
        assert place.startswith("thing/")
        self.append((rule.code, index))


def thing(name: str) -> Said:
    return Said(f"thing/{an_id(name)}", "thing.happened", {})


def log(*sizes: int) -> Scribe:
    """Acts of so many events each, by two in turn, a minute apart."""
    scribe = Scribe()
    for number, size in enumerate(sizes):
        scribe.now += 60
        who = ("one", "two")[number % 2]
        scribe.act(who, "key_custodian", None, *(thing(f"{number} {place}") for place in range(size)))
    return scribe


def following(scribe: Scribe, told: Told, before: Naive | None = None) -> Structure:
    return Structure(told, scribe.now, cast("Before", before or Naive(scribe)))


def follow(made: Structure, entries: list[bytes]) -> list[int]:
    """Take these entries; returns the sizes of the acts that were whole."""
    whole = []
    for entry in entries:
        try:
            event = reader.read(entry)
        except Exception:  # noqa: BLE001 - what the audit hands on as unreadable
            event = None
        command = made.append(merkle.leaf_hash(entry), event)
        if command is not None:
            made.check_act(command, in_hsm=False)
            whole.append(len(command))
    return whole


def test_every_root_that_was_passed_is_known_and_the_late_ones_without_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(structure, "_ROOTS_KEPT", KEPT)
    scribe, told = log(*[1] * 30), Told()
    before = Naive(scribe)
    made = following(scribe, told, before)
    assert made.root() == made.root(0) == merkle.EMPTY_ROOT
    for size, entry in enumerate(scribe.entries, 1):
        follow(made, [entry])
        before.asked.clear()
        assert made.size == size
        assert made.root() == true_root(scribe.entries, size)
        for passed in range(size + 1):
            assert made.root(passed) == true_root(scribe.entries, passed)
        # At least so many and never more than twice as many are at hand.
        read = size + 1 - len(before.asked)
        assert min(size + 1, KEPT) <= read <= 2 * KEPT
        assert before.asked == list(range(len(before.asked)))
    assert not told


def test_heads_within_an_act_are_read() -> None:
    scribe, told = log(1, 3, 1, 2), Told()
    before = Naive(scribe)
    made = following(scribe, told, before)
    assert follow(made, scribe.entries) == [1, 3, 1, 2]
    assert not before.asked
    assert [made.root(size) == true_root(scribe.entries, size) for size in range(8)] == [True] * 8
    assert before.asked == [2, 3, 6]
    assert not told


@pytest.mark.parametrize("cut", [0, 1, 2, 5, 9])
def test_going_on_from_what_was_verified_before(cut: int) -> None:
    scribe, told = log(*[1] * 12), Told()
    first = following(scribe, told)
    follow(first, scribe.entries[:cut])
    before = Naive(scribe, cut)
    second = following(scribe, told, before)
    for name in Structure.STATE:
        setattr(second, name, getattr(first, name))
    second.resume()
    follow(second, scribe.entries[cut:])
    assert second.newest == times.posix(reader.read(scribe.entries[-1]).recorded_at)
    assert not before.asked or set(before.asked) <= set(range(cut))
    before.asked.clear()
    for size in range(13):
        assert second.root(size) == true_root(scribe.entries, size)
    assert before.asked == list(range(cut))
    assert not told


def test_an_entry_that_cannot_be_read_ends_an_act_and_keeps_its_place() -> None:
    scribe, told = log(1, 3, 1), Told()
    scribe.entries[2] = b"nothing"
    made = following(scribe, told)
    assert follow(made, scribe.entries) == [1, 1]
    made.finish()
    # The beginning without its end, and the end without its beginning. The last act names a head that never was.
    assert told == [("PARTIAL_COMMAND", 1), ("PARTIAL_COMMAND", 3), ("SEEN_WRONG", 4)]
    assert made.root(3) == true_root(scribe.entries, 3)
    assert made.root() == true_root(scribe.entries, 5)


def test_an_act_that_another_begins_within() -> None:
    scribe, told = log(2, 2), Told()
    a, b, c, d = scribe.entries
    made = following(scribe, told)
    assert follow(made, [a, c, d, b]) == [2]
    made.finish()
    assert [each for each in told if each[0] == "PARTIAL_COMMAND"] == [
        ("PARTIAL_COMMAND", 0),
        ("PARTIAL_COMMAND", 3),
    ]


@pytest.mark.parametrize("order", [[0, 2], [1, 0, 2], [0, 0, 1, 2], [0, 1, 1, 2], [0, 1]])
def test_an_act_that_is_not_whole_or_not_in_order(order: list[int]) -> None:
    scribe, told = log(3), Told()
    made = following(scribe, told)
    whole = follow(made, [scribe.entries[place] for place in order])
    made.finish()
    assert ("PARTIAL_COMMAND", 0) in told or whole == [3]
    assert any(code == "PARTIAL_COMMAND" for code, _ in told)


def test_what_is_left_over_at_the_end() -> None:
    scribe, told = log(1, 3), Told()
    made = following(scribe, told)
    follow(made, scribe.entries[:3])
    assert not told
    made.finish()
    assert told == [("PARTIAL_COMMAND", 1)]
    made.finish()
    assert len(told) == 1


def said(scribe: Scribe, **changes: Any) -> None:
    scribe.act("one", "key_custodian", None, thing("x"), **changes)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(120, None), (121, "RECORDED_IN_FUTURE"), (-600, None), (-601, "RECORDED_BACKWARDS")],
)
def test_times_of_recording(seconds: int, code: str | None) -> None:
    """The present with two minutes for clocks that differ; back by what a preparation may live."""
    scribe, told = log(1, 1), Told()
    when = times.to_text(scribe.now + seconds)
    said(scribe, recorded_at=when, occurred_at=when)
    made = following(scribe, told)
    follow(made, scribe.entries)
    assert told == ([] if code is None else [(code, 2)])


def test_newest_is_the_latest_and_not_the_last() -> None:
    scribe, told = log(1, 1), Told()
    newest = scribe.now
    when = times.to_text(scribe.now - 500)
    said(scribe, recorded_at=when, occurred_at=when)
    when = times.to_text(scribe.now - 601)
    said(scribe, recorded_at=when, occurred_at=when)
    made = following(scribe, told)
    follow(made, scribe.entries)
    assert made.newest == newest
    assert told == [("RECORDED_BACKWARDS", 3)]


@pytest.mark.parametrize(("later", "code"), [(86400, None), (86401, "SEEN_STALE")])
def test_how_long_a_head_counts(later: int, code: str | None) -> None:
    """A day after the first entry that the signer had not seen."""
    scribe, told = log(1, 1), Told()
    said(scribe)
    first = scribe.now
    scribe.now = first + later
    scribe.act("two", "key_custodian", None, thing("y"), seen_size=2)
    made = following(scribe, told)
    follow(made, scribe.entries)
    assert told == ([] if code is None else [(code, 3)])


def test_a_head_of_the_whole_log_is_never_stale() -> None:
    scribe, told = log(1, 1), Told()
    scribe.now += 10 * 86400
    said(scribe)
    follow(following(scribe, told), scribe.entries)
    assert not told


def test_ones_own_last_entry_must_have_been_seen() -> None:
    scribe, told = log(1, 1), Told()  # 0 by one, 1 by two
    said(scribe, seen_size=1)
    follow(following(scribe, told), scribe.entries)
    assert not told
    said(scribe, seen_size=2)  # its last is entry 2
    follow(following(scribe, told), scribe.entries)
    assert told == [("SEEN_BEFORE_OWN", 3)]


def test_what_happens_after_it_was_recorded_is_told_at_its_event() -> None:
    scribe, told = log(1), Told()
    later = times.to_text(scribe.now + 1)
    scribe.act(
        "one",
        "key_custodian",
        None,
        thing("x"),
        Said(thing("y").stream, "thing.happened", {}, later),
        thing("z"),
    )
    follow(following(scribe, told), scribe.entries)
    assert told == [("OCCURRED_IN_FUTURE", 2)]


def test_a_stream_counts_from_one_and_one_break_is_told_once() -> None:
    scribe, told = log(1), Told()
    said(scribe, version=2, prev=a_hash("x"))
    scribe._tips[thing("x").stream] = (2, reader.read(scribe.entries[-1]).digest)
    said(scribe)
    said(scribe, prev=a_hash("y"))
    follow(following(scribe, told), scribe.entries)
    assert told == [("VERSION_WRONG", 1), ("PREV_WRONG", 3)]
