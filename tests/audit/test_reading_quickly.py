"""Each member of an entry at its edges: the quick reader takes what the parsers take, and nothing that they refuse."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.audit.scribe import a_hash
from verifier import b64, jcs, merkle, reader
from verifier.entry import ENTRY_LIMIT, parse_entry, payload_hash
from verifier.errors import FormatError
from verifier.event import Event

Members = dict[str, Any]
KEY = "A" * 42 + "A"
ROOT = b64.encode(b"\x05" * 32)


def entry(payload: Members, signature: Members) -> bytes:
    """An entry of these members, canonical, whatever they say."""
    common = {
        "actor": "staff/x",
        "command": "01234567-89ab-4def-8123-456789abcdef",
        "data": {},
        "occurred_at": "2031-03-03T01:00:00Z",
        "org": None,
        "prev": None,
        "recorded_at": "2031-03-03T01:00:00Z",
        "role": "training_admin",
        "seen": {"root": ROOT, "size": 3},
        "stream": "learner/x",
        "type": "learner.registered.v1",
        "version": 1,
    }
    signed = {"alg": "ed25519", "index": 0, "key": KEY, "path": [], "sig": b64.encode(bytes(64)), "size": 1}
    lines = (common | payload, signed | signature)
    return "\n".join(
        json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for line in lines
    ).encode("utf-8", "surrogatepass")


def answer(read: Callable[[bytes], Any], data: bytes) -> Any:
    try:
        found = read(data)
    except FormatError as error:
        return error.code
    return found.entry if isinstance(found, Event) else found


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1


def nodes(count: int) -> list[str]:
    return [b64.encode(bytes([number]) * 32) for number in range(count)]


def in_act(index: int, size: int, path: int | None = None) -> Members:
    length = merkle.inclusion_length(index, size) if path is None else path
    return {"index": index, "size": size, "path": nodes(length)}


LATER = {"version": 2, "prev": a_hash("before")}
TAKEN: list[tuple[Members, Members]] = [
    ({}, {}),
    *(({"actor": f"staff/{name}"}, {}) for name in ("a" * 128, "A-Z_0.9")),
    *(({"occurred_at": time}, {}) for time in ("2031-03-31T23:59:59Z", "2032-02-29T00:00:00Z")),
    *(({"recorded_at": time}, {}) for time in ("0001-01-01T20:00:00Z", "9999-12-31T19:59:59Z")),
    *(({"org": org}, {}) for org in ("x", "organisation/x", "organisation/" + "z" * 128)),
    *(({"role": role}, {}) for role in ("a", "a_b", "z" * 64, "ab_cd_ef")),
    *(({"seen": {"root": ROOT, "size": size}}, {}) for size in (1, 10, 999_999_999_999_999)),
    *(({"stream": stream}, {}) for stream in ("a/x", "a" * 64 + "/x", "a_/" + "9" * 128)),
    *(({"type": type_}, {}) for type_ in ("a.b.v1", "_a._b.v9999", "a_b.c_d.v10")),
    (LATER, {}),
    (LATER | {"version": 10}, {}),
    (LATER | {"version": 999_999_999_999_999}, {}),
    ({}, {"alg": "es256"}),
    *(({}, {"key": "_" * 42 + last}) for last in "AEIMQUYcgkosw048"),
    *(({}, {"sig": "/" * 85 + last + "=="}) for last in "AQgw"),
    *(({}, in_act(*place)) for place in ((0, 2), (1, 2), (2, 3), (0, 3), (4, 5), (9, 10), (10, 12))),
    *(({"data": {"t": "x" * length}}, {}) for length in (1, 39, 40, 41, 42, 60)),
    ({"data": {"a": ["x"] * 300}}, {}),
    ({"data": {"a": None, "b": True, "c": False, "d": 0, "e": -1, "f": 10, "g": "", "h": " !#-[]~"}}, {}),
    ({"data": {"a": 999_999_999_999_999, "b": -999_999_999_999_999, "c": 1_000_000_000_000_000}}, {}),
    ({"data": {"z": {"commitment": a_hash("x")}, "y": {"commitment": a_hash("y")}}}, {}),
    ({"data": {"a": "é", "b": 'a "word"', "c": "back\\slash", "d": "\x7f"}}, {}),
    ({"data": {"A": 1, "a-b": {"c": [1]}, "n" * 41: 2, "n" * 40: 3}}, {}),
    ({"data": {"a": [[[[[[[[[[[[1]]]]]]]]]]]], "b": [1, [2, {"c": []}]]}}, {}),
    ({"data": {str(number): [] for number in range(20)}}, {}),
]
ODD: list[Any] = [[], None, "x", 1, {"a": 1.5}, {"a": 10**16}, {"a": "\ud800"}]
REFUSED: list[tuple[Members, Members]] = [
    *(({"actor": actor}, {}) for actor in ("x", "staff/", "staff/" + "a" * 129, "staff/ä", "staff/a\n")),
    *(({"command": each}, {}) for each in ("", "01234567-89AB-4def-8123-456789abcdef", "0" * 36)),
    *(
        ({member: time}, {})
        for member in ("occurred_at", "recorded_at")
        for time in (
            "2031-02-29T00:00:00Z",
            "2031-03-03T24:00:00Z",
            "2031-03-03T01:60:00Z",
            "2031-03-03T01:00:60Z",
            "2031-03-03T01:00:00",
            "2031-13-03T01:00:00Z",
            "0000-01-01T00:00:00Z",
        )
    ),
    *(({"org": org}, {}) for org in ("", "organisation/", "other/x", "organisation/" + "z" * 129)),
    *(({"role": role}, {}) for role in ("", "_a", "a_", "a__b", "z" * 65, "A", "a1")),
    *(({"seen": {"root": ROOT, "size": size}}, {}) for size in (-1, "1", 10**16)),
    *(
        ({"seen": {"root": root, "size": 3}}, {})
        for root in (ROOT[:-1], ROOT[:-2] + "B=", b64.encode(merkle.EMPTY_ROOT))
    ),
    *(({"stream": each}, {}) for each in ("/x", "_a/x", "a" * 65 + "/x", "a/", "a/" + "9" * 129, "A/x")),
    *(
        ({"type": each}, {})
        for each in ("a.b", "a.b.v0", "a.b.v12345", "a.v1", "a.b.c.v1", "A.b.v1", "a.b.v01")
    ),
    ({"version": 0}, {}),
    ({"version": 2}, {}),
    ({"version": 1, "prev": a_hash("x")}, {}),
    (LATER | {"prev": a_hash("x").upper()}, {}),
    (LATER | {"prev": a_hash("x")[1:]}, {}),
    *(({}, {"alg": alg}) for alg in ("es384", "", "ED25519")),
    *(({}, {"key": key}) for key in (KEY[1:], KEY + "A", "A" * 42 + "B", "+" * 42 + "A")),
    *(({}, {"sig": sig}) for sig in ("/" * 85 + "B==", "/" * 86 + "=", "/" * 84 + "A==")),
    *(
        ({}, in_act(0, 1) | change)
        for change in ({"index": 1}, {"index": -1}, {"size": 0}, {"path": nodes(1)})
    ),
    *(({}, in_act(0, 2) | {"path": path}) for path in ([], nodes(2), ["x"], [ROOT[:-2] + "B="], [""])),
    ({}, in_act(2, 2, 1)),
    *(({"data": data}, {}) for data in ODD),
    ({"data": {"a": nested(40)}}, {}),
    ({"more": 1}, {}),
    ({}, {"more": 1}),
]


@pytest.mark.parametrize(("payload", "signature"), TAKEN)
def test_what_is_ordinary_is_read_without_the_parsers(
    payload: Members, signature: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = entry(payload, signature)
    expected = parse_entry(data)

    def not_asked(_data: bytes) -> None:
        raise AssertionError("the parsers were asked")

    monkeypatch.setattr(reader, "parse_entry", not_asked)
    event = reader.read(data)
    assert event.entry == expected
    assert event.digest == payload_hash(expected.payload_bytes)
    assert event.leaf == merkle.leaf_hash(data)


@pytest.mark.parametrize(("payload", "signature"), REFUSED)
def test_what_the_parsers_refuse_is_refused_in_their_words(payload: Members, signature: Members) -> None:
    data = entry(payload, signature)
    expected = answer(parse_entry, data)
    assert isinstance(expected, str)
    assert answer(reader.read, data) == expected


ORDINARY = entry({"data": {"a": 1, "b": {"commitment": a_hash("x")}}}, {})
SPELLINGS: list[tuple[bytes, bytes]] = [
    (b'"a":1', b'"a":1,"a":1'),
    (b'"a":1', b'"b":1'),
    (b'"a":1,', b'"a":1,"a":"b",'),
    (b'"a":1', b'"c":1'),
    (b'"a":1', b'"a":01'),
    (b'"a":1', b'"a":-0'),
    (b'"a":1', b'"a": 1'),
    (b'"a":1', b'"a":"\\u0041"'),
    (b'"a":1', b'"a":"\xff"'),
    (b'"a":1', b'"a":"\t"'),
    (b'"a":1', b'"a":1,'),
    (b'{"commitment"', b'{"commitment":1,"commitment"'),
    (b'"occurred_at"', b'"a":1,"occurred_at"'),
    (b'"data":', b'"data":{"a":1},"data":'),
    (b"\n", b""),
    (b"\n", b"\n\n"),
    (b"\n", b"\r\n"),
    (b'"alg"', b' "alg"'),
    (b"}\n", b"} \n"),
]


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_other_spellings_are_refused_in_the_parsers_words(old: bytes, new: bytes) -> None:
    assert old in ORDINARY
    changed = ORDINARY.replace(old, new, 1)
    expected = answer(parse_entry, changed)
    assert isinstance(expected, str)
    assert answer(reader.read, changed) == expected
    assert answer(reader.read, ORDINARY + b"x") == answer(parse_entry, ORDINARY + b"x")
    assert answer(reader.read, b" " + ORDINARY) == answer(parse_entry, b" " + ORDINARY)


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
def test_an_entry_has_a_limit(more: int, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    room = ENTRY_LIMIT - len(entry({"data": {"t": ""}}, {}))
    data = entry({"data": {"t": "x" * (room + more)}}, {})
    assert len(data) == ENTRY_LIMIT + more
    expected = answer(parse_entry, data)
    assert (expected == "ENTRY_TOO_LARGE") != taken
    assert answer(reader.read, data) == expected


def test_an_authenticators_signature_is_left_to_the_parsers() -> None:
    added = {"authenticator_data": b64.encode(bytes(37)), "client_data_json": b64.encode(b"{}")}
    data = entry({}, {"alg": "webauthn"} | added)
    assert answer(reader.read, data) == answer(parse_entry, data)
    assert jcs.decode(data.split(b"\n")[1])["alg"] == "webauthn"
