"""The quick reader answers as the parsers do: the same event, or the same refusal, for right and wrong bytes."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.auditing import LOG_KEY
from tests.audit.scribe import Pen
from tests.audit.village import Village, ordinary
from verifier import jcs, reader
from verifier.entry import Payload, parse_entry, seal
from verifier.errors import FormatError
from verifier.event import Event


@pytest.fixture(scope="module")
def history() -> Village:
    return ordinary(LOG_KEY)


def answer(read: Any, data: bytes) -> Any:
    try:
        found = read(data)
    except FormatError as error:
        return error.code
    return found.entry if isinstance(found, Event) else found


def test_every_entry_of_a_history(history: Village) -> None:
    quick = 0
    for entry in history.entries:
        assert reader.read(entry).entry == parse_entry(entry)
        quick += reader._read(entry) is not None
    # All but entry 0, which has seen nothing.
    assert quick == len(history.entries) - 1


def test_changed_bytes_get_the_same_answer(history: Village) -> None:
    chance = random.Random(7)
    alphabet = b'"{}[],:\\ \n\x00\x7f\xc3\xa9\xff019azAZ-_/+=.null'
    admitted = 0
    for _ in range(6000):
        entry = bytearray(chance.choice(history.entries))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            place = chance.randrange(len(entry))
            what = chance.randrange(4)
            if what == 0:
                entry[place] ^= 1 << chance.randrange(8)
            elif what == 1:
                entry[place] = chance.choice(alphabet)
            elif what == 2:
                entry.insert(place, chance.choice(alphabet))
            else:
                del entry[place]
        data = bytes(entry)
        expected = answer(parse_entry, data)
        assert answer(reader.read, data) == expected
        admitted += not isinstance(expected, str)
    assert admitted > 100


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), VALUES, max_size=4))
def test_any_data(data: dict[str, Any]) -> None:
    try:
        jcs.encode(data)
    except FormatError:
        return
    payload = Payload(
        "learner.registered.v1",
        "learner/x",
        1,
        None,
        "2031-03-03T01:00:00Z",
        "2031-03-03T01:00:00Z",
        "staff/x",
        "training_admin",
        None,
        "00000000-0000-4000-8000-000000000000",
        3,
        b"\x05" * 32,
        data,
    )
    (entry,) = seal([payload.to_bytes()], "o", Pen("x").sign)
    assert reader.read(entry).entry == parse_entry(entry)


CHANGES = [
    (b'"data":{', b'"data":{"b":1,"a":2,'),
    (b'"data":{', b'"data":{"a":1,"a":1,'),
    (b'"data":{', b'"data":{"a":01,'),
    (b'"data":{', b'"data":{"a":-0,'),
    (b'"data":{', b'"data":{"a":"\\u0041",'),
    (b'"data":{', b'"data":{"a":9007199254740993,'),
    (b'"data":{', b'"data":{"a":' + b"[" * 40 + b"]" * 40 + b","),
    (b'"seen":{', b'"seen":{"a":1,'),
    (b'"version":', b'"version":0'),
    (b"T01:", b"T24:"),
    (b"2031-03-", b"2031-02-3"),
    (b'"prev":null', b'"prev":"' + b"a" * 64 + b'"'),
]


@pytest.mark.parametrize(("old", "new"), CHANGES, ids=range(len(CHANGES)))
def test_other_spellings(history: Village, old: bytes, new: bytes) -> None:
    tried = 0
    for entry in history.entries[:60]:
        if old in entry:
            changed = entry.replace(old, new, 1)
            assert answer(reader.read, changed) == answer(parse_entry, changed)
            tried += 1
    assert tried
