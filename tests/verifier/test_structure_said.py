"""What is said of a broken structure: the whole message, at the first event of the act or at its own, once."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.audit.scribe import Said, Scribe, a_hash, an_id
from tests.verifier.test_structure_alone import Naive, follow, log, thing
from verifier import reader, times
from verifier.finding import Rule
from verifier.structure import Structure
from verifier.suffix import Before

Line = tuple[str, str, int, str]
ONE_ACT = "00000000-0000-4000-8000-000000000000"


class Only(Naive):
    """What came earlier, and only that."""

    def recorded(self, index: int) -> int:
        assert 0 <= index < self.size
        return super().recorded(index)


def following(scribe: Scribe, report: Callable[[Rule, str, int, str], None], cut: int = 0) -> Structure:
    return Structure(report, scribe.now, cast("Before", Only(scribe, cut)))


def told(scribe: Scribe, order: list[int] | None = None, *, cut: int = 0) -> list[Line]:
    """What is said of these entries; those before `cut` were followed by an earlier audit."""
    lines: list[Line] = []

    def report(rule: Rule, message: str, index: int, place: str) -> None:
        lines.append((rule.code, message, index, place))

    entries = [scribe.entries[place] for place in order or range(len(scribe.entries))]
    scribe.entries = entries
    first = following(scribe, report)
    follow(first, entries[:cut])
    second = following(scribe, report, cut) if cut else first
    if cut:
        for name in Structure.STATE:
            setattr(second, name, getattr(first, name))
        second.resume()
    follow(second, entries[cut:])
    second.finish()
    return lines


def at(name: str, version: int = 1) -> str:
    return f"{thing(name).stream}@{version}"


def two(scribe: Scribe, who: str = "one", **changes: Any) -> None:
    """An act of two events: what is said of the act is said at the first."""
    scribe.act(who, "key_custodian", None, thing("a"), thing("b"), **changes)


def test_before_the_first_entry_no_time_was_recorded() -> None:
    assert following(Scribe(), lambda *_: None).newest == 0


ACTS: list[tuple[dict[str, Any], str, str]] = [
    ({"seen_size": 3}, "SEEN_AHEAD", "the signer names a head of 3 entries, 2 stand before the act"),
    (
        {"seen_root": b"\x07" * 32},
        "SEEN_WRONG",
        "the head of 2 entries that the signer names never was this log's",
    ),
    (
        {"seen_size": 1},
        "SEEN_BEFORE_OWN",
        "the signer names a head of 1 entries, but signed entry 1 before",
    ),
    (
        {"recorded_at": "2031-03-03T00:51:59Z", "occurred_at": "2031-03-03T00:00:00Z"},
        "RECORDED_BACKWARDS",
        "recorded at 2031-03-03T00:51:59Z, 601 seconds before what stands above it",
    ),
    (
        {"recorded_at": "2031-03-03T01:04:01Z"},
        "RECORDED_IN_FUTURE",
        "recorded at 2031-03-03T01:04:01Z",
    ),
    ({"command": an_id("command 2")}, "COMMAND_REPEATED", f"the act {an_id('command 2')} stands here again"),
]


@pytest.mark.parametrize(("changes", "code", "message"), ACTS, ids=[code for _, code, _ in ACTS])
def test_what_is_wrong_with_an_act_is_said_at_its_first_event(
    changes: dict[str, Any], code: str, message: str
) -> None:
    scribe = log(1, 1)  # at 01:01 and 01:02
    two(scribe, "two", **changes)
    assert told(scribe) == [(code, message, 2, at("a"))]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 3, "prev": a_hash("x")}, "version 3 follows version 1 of {}"),
        ({"version": 1, "prev": None}, "version 1 follows version 1 of {}"),
        ({"prev": a_hash("x")}, "prev is not the hash of the payload before it"),
    ],
)
def test_a_stream_that_goes_on_otherwise(changes: dict[str, Any], message: str) -> None:
    scribe = log(1)
    scribe.act("one", "key_custodian", None, thing("a"))
    scribe.act("one", "key_custodian", None, thing("a"), **changes)
    code = "PREV_WRONG" if message.startswith("prev") else "VERSION_WRONG"
    place = at("a", changes.get("version", 2))
    assert told(scribe) == [(code, message.format(thing("a").stream), 2, place)]


def test_a_stream_that_begins_in_its_middle() -> None:
    scribe = log(1)
    scribe.act("one", "key_custodian", None, thing("a"), version=2, prev=a_hash("x"))
    message = f"version 2 follows version 0 of {thing('a').stream}"
    assert told(scribe) == [("VERSION_WRONG", message, 1, at("a", 2))]


def part(count: int, of: int, index: int, name: str) -> Line:
    return "PARTIAL_COMMAND", f"{count} of {of} events of an act stand here", index, at(name)


def alone(number: int, of: int, index: int, name: str) -> Line:
    message = f"event {number} of {of} of an act stands without those before it"
    return "PARTIAL_COMMAND", message, index, at(name)


A, B, C = "0 0", "0 1", "0 2"  # the events of the first act of `log`
D, E = "1 0", "1 1"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ([0, 2], [part(1, 3, 0, A), alone(3, 3, 1, C)]),
        ([1, 2], [alone(2, 3, 0, B), alone(3, 3, 1, C)]),
        ([1, 0, 2], [alone(2, 3, 0, B), part(1, 3, 1, A), alone(3, 3, 2, C)]),
        ([0, 0, 1, 2], [part(1, 3, 0, A)]),
        ([0, 1, 1, 2], [part(2, 3, 0, A), alone(2, 3, 2, B), alone(3, 3, 3, C)]),
        ([0, 1], [part(2, 3, 0, A)]),
        ([0, 1, 3, 4], [part(2, 3, 0, A)]),
        ([0, 4, 3], [part(1, 3, 0, A), alone(2, 2, 1, E), part(1, 2, 2, D)]),
        ([0, 3, 4, 1, 2], [part(1, 3, 0, A), alone(2, 3, 3, B), alone(3, 3, 4, C)]),
    ],
)
def test_each_part_of_an_act_that_is_not_whole_is_said_at_its_place(
    order: list[int], said: list[Line]
) -> None:
    lines = told(log(3, 2), order)
    assert [line for line in lines if line[0] == "PARTIAL_COMMAND"] == said


def test_an_entry_that_cannot_be_read_ends_an_act_though_the_rest_of_it_follows() -> None:
    scribe = log(3)
    scribe.entries.insert(1, b"nothing")
    assert told(scribe) == [part(1, 3, 0, A), alone(2, 3, 2, B), alone(3, 3, 3, C)]


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
@pytest.mark.parametrize("seen", [1, 2])
@pytest.mark.parametrize(("later", "hours"), [(86400, None), (86401, 24), (90000, 25)])
def test_how_old_a_head_was_also_of_what_was_verified_before(
    cut: int, seen: int, later: int, hours: int | None
) -> None:
    """From the first entry that was not seen, wherever the time of that is read."""
    scribe = Scribe()
    for name in ("one", "two", "one"):
        scribe.act(name, "key_custodian", None, thing(name))
        scribe.now += 3600
    unseen = times.posix(reader.read(scribe.entries[seen]).recorded_at)
    scribe.now = unseen + later
    scribe.pens["three"] = scribe.pens["one"]
    two(scribe, "three", seen_size=seen)
    message = f"recorded {hours} hours after entry {seen}, which the signer had not seen"
    assert told(scribe, cut=cut) == ([] if hours is None else [("SEEN_STALE", message, 3, at("a"))])


@pytest.mark.parametrize("in_hsm", [False, True])
@pytest.mark.parametrize(("back", "hsm_only"), [(600, False), (601, True), (86400, True), (86401, None)])
def test_how_far_the_time_of_recording_goes_back(back: int, hsm_only: bool | None, in_hsm: bool) -> None:
    """Ten minutes, with a key in a security module a day."""
    scribe = log(1)
    lines: list[str] = []
    when = times.to_text(scribe.now - back)
    scribe.act("two", "key_custodian", None, thing("a"), recorded_at=when, occurred_at=when)
    made = following(scribe, lambda rule, *_: lines.append(rule.code))
    for entry in scribe.entries:
        event = reader.read(entry)
        command = made.append(event.leaf, event)
        assert command == [event]
        made.check_act(command, in_hsm=in_hsm)
    allowed = hsm_only is not None and (in_hsm or not hsm_only)
    assert lines == ([] if allowed else ["RECORDED_BACKWARDS"])


def test_what_happens_later_than_it_is_recorded_is_said_at_its_event() -> None:
    scribe = log(1)
    later = times.to_text(scribe.now + 1)
    scribe.act("one", "key_custodian", None, thing("a"), Said(thing("b").stream, "thing.happened", {}, later))
    message = f"happened at {later}, recorded at {scribe.time}"
    assert told(scribe) == [("OCCURRED_IN_FUTURE", message, 2, at("b"))]
