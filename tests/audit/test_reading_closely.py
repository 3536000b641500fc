"""Where the quick reader's patterns end: nesting at its limit, places beyond their act, text behind the data."""

from typing import Any

import pytest

from tests.audit.scribe import a_hash
from tests.audit.test_reading_quickly import ROOT, answer, entry, in_act, nodes
from verifier import reader
from verifier.entry import parse_entry

DEPTH = 32  # levels of a payload: it is itself the first, and its data are the second


def lists(count: int) -> Any:
    return [lists(count - 1)] if count else 1


def objects(count: int) -> Any:
    return {"o": objects(count - 1)} if count else 1


def mixed(count: int) -> Any:
    return [{"o": mixed(count - 2)}] if count > 1 else lists(count)


@pytest.mark.parametrize("inner", [lists, objects, mixed])
@pytest.mark.parametrize(("more", "code"), [(0, None), (1, "JSON_DEPTH")])
def test_data_are_nested_as_deeply_as_a_payload_may_be(inner: Any, more: int, code: str | None) -> None:
    data = entry({"data": {"a": inner(DEPTH - 2 + more)}}, {})
    found = answer(reader.read, data)
    assert found == answer(parse_entry, data)
    assert (found if isinstance(found, str) else None) == code


@pytest.mark.parametrize(("index", "size"), [(1, 1), (2, 2), (3, 2), (5, 4), (4, 4)])
@pytest.mark.parametrize("length", range(5))
def test_a_place_beyond_its_act_is_refused_whatever_its_path(index: int, size: int, length: int) -> None:
    data = entry({}, in_act(index, size, length))
    expected = answer(parse_entry, data)
    assert isinstance(expected, str)
    assert answer(reader.read, data) == expected


@pytest.mark.parametrize("behind", ["}", "]", " ", ",", "x", "1", '"x"', "{}", '{"commitment":1}', ',"a":1'])
@pytest.mark.parametrize("data", [{}, {"a": 1}, {"a": {"commitment": a_hash("x")}}, {"a": "x" * 60}])
def test_nothing_stands_behind_the_data(behind: str, data: dict[str, Any]) -> None:
    good = entry({"data": data}, {})
    bad = good.replace(b',"occurred_at"', behind.encode() + b',"occurred_at"', 1)
    expected = answer(parse_entry, bad)
    assert isinstance(expected, str)
    assert answer(reader.read, bad) == expected


@pytest.mark.parametrize("filler", ["", "x" * 60])
def test_a_commitment_is_counted_as_the_member_that_it_is(
    filler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the data themselves look like one."""
    commitment = {"commitment": a_hash("x")}
    every = [
        entry({"data": each | {"t": filler}}, {})
        for each in (
            commitment,
            {"a": commitment},
            {"a": commitment, "b": commitment},
            {"commitment": commitment},
        )
    ]
    expected = [parse_entry(each) for each in every]
    monkeypatch.setattr(reader, "parse_entry", None)
    assert [reader.read(each).entry for each in every] == expected


@pytest.mark.parametrize("old", [b'"actor":"staff/x",', b',"occurred_at":"2031-03-03T01:00:00Z"'])
def test_a_member_that_is_missing_is_missed(old: bytes) -> None:
    good = entry({}, {})
    assert old in good
    bad = good.replace(old, b"", 1)
    assert isinstance(answer(parse_entry, bad), str)
    assert answer(reader.read, bad) == answer(parse_entry, bad)


def test_each_hash_of_a_path_is_read() -> None:
    assert [node[0] for node in reader.read(entry({}, in_act(9, 16))).entry.signature.path] == [0, 1, 2, 3]
    assert len(nodes(4)) == 4


# One with every member that may be null or empty, and what is flat and what is not in its data.
WHOLE = entry(
    {
        "data": {"a": [1], "b": {"commitment": a_hash("x")}, "t": "x"},
        "seen": {"root": ROOT, "size": 345},
        "org": "organisation/x",
        "prev": a_hash("y"),
        "version": 2,
    },
    {**in_act(2, 4), "alg": "es256"},
)
FLAT = entry({"data": {"b": {"commitment": a_hash("x")}, "n": 12}}, {})


@pytest.mark.parametrize("good", [WHOLE, FLAT], ids=["whole", "flat"])
@pytest.mark.parametrize("change", [*'XGg:@`/0"}_', "nothing", "itself twice"])
def test_one_byte_otherwise_is_read_as_the_parsers_read_it(good: bytes, change: str) -> None:
    assert not isinstance(answer(parse_entry, good), str)
    for at in range(len(good)):
        byte = good[at : at + 1]
        instead = {"nothing": b"", "itself twice": 2 * byte}.get(change, change.encode())
        changed = good[:at] + instead + good[at + 1 :]
        assert answer(reader.read, changed) == answer(parse_entry, changed), changed


@pytest.mark.parametrize("kind", ["short", "long"])
def test_what_is_no_utf_8_is_refused_in_the_parsers_words(kind: str) -> None:
    bad = entry({"data": {"a": "Q" * (1 if kind == "short" else 90)}}, {}).replace(b"Q", b"\xc3", 1)
    assert answer(reader.read, bad) == answer(parse_entry, bad)
    assert isinstance(answer(parse_entry, bad), str)
