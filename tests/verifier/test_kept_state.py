"""The state that an audit keeps: every kind of value comes back as it was, and nothing else is read."""

from array import array
from collections import Counter
from hashlib import sha256
from typing import Any

import cbor2
import pytest

from tests.audit.scribe import Pen
from verifier import kept
from verifier.authority import Account
from verifier.errors import FormatError
from verifier.publickey import PublicKey
from verifier.rules.world import Request, Thing
from verifier.status import Compromise

MAGIC = b"certverify/state/v2\n"


def back(**roots: Any) -> dict[str, Any]:
    checkpoint, found = kept.load(kept.dump(b"a checkpoint", roots))
    assert checkpoint == b"a checkpoint"
    return found


def file(*parts: Any) -> bytes:
    """A file of these parts, made without the verifier."""
    body = cbor2.dumps(list(parts))
    return MAGIC + sha256(body).hexdigest().encode() + b"\n" + body


def refused(data: bytes) -> str:
    with pytest.raises(FormatError) as error:
        kept.load(data)
    assert error.value.code == "STATE_INVALID"
    return error.value.message


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        1 << 70,
        "text",
        b"bytes",
        [],
        [1, [2, ["three"]]],
        (1, (2,)),
        {1, 2},
        frozenset({"a"}),
        {"a": {1: (2, 3)}, (1, 2): None},
        Counter({"a": 2, "b": 0}),
        bytearray(b"\x00\x01"),
        array("I", [1, 2, 3]),
        array("Q", [1 << 60]),
    ],
)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    found = back(one=value, other=[value])
    for each in (found["one"], found["other"][0]):
        assert each == value
        assert type(each) is type(value)


def test_arrays_and_keys_come_back_whole() -> None:
    found = back(short=array("H", [1]), key=PublicKey(Pen("x").jwk, "ed25519"))
    assert found["short"].typecode == "H"
    assert found["key"] == PublicKey(Pen("x").jwk, "ed25519")


def test_objects_that_name_each_other_stay_the_same_objects() -> None:
    one, other = Thing("learner/one"), Thing("learner/other")
    one.state, other.state = other, one  # type: ignore[assignment]
    found = back(things=[one, other], again=one)
    first, second = found["things"]
    assert (first.stream, second.stream) == ("learner/one", "learner/other")
    assert first.state is second
    assert second.state is first
    assert found["again"] is first


def test_records_come_back_equal() -> None:
    asked = Request("a.b", "learner/x", "me", "me", 5, "c", {"x": [1]})
    found = back(compromise=Compromise(1, 2), asked=asked, account=Account("x"))
    assert found["compromise"] == Compromise(1, 2)
    assert found["asked"] == asked
    assert type(found["account"]) is Account


def test_what_has_no_place_in_it_is_not_kept() -> None:
    class Other:
        pass

    class Thing:
        __slots__ = ()

    for value in (1.5, Other(), Thing()):
        with pytest.raises(TypeError, match=f"{type(value).__name__} cannot be kept"):
            kept.dump(b"", {"x": value})


def test_the_file_is_as_described() -> None:
    compromise = [8, 0]
    data = kept.dump(b"cp", {"a": Compromise(1, 2), "b": (1,), "c": Counter(x=1), "d": bytearray(b"y")})
    roots = [4, "a", compromise, "b", [1, 1], "c", [7, "x", 1], "d", [5, b"y"]]
    assert data == file(b"cp", [["Compromise", 1, 2]], roots)
    more = {"e": [1], "f": {1}, "g": frozenset({2}), "h": {"k": 3}, "i": array("B", [9])}
    assert kept.dump(b"", more) == file(
        b"", [], [4, "e", [0, 1], "f", [2, 1], "g", [3, 2], "h", [4, "k", 3], "i", [6, "B", b"\x09"]]
    )


def test_damage_is_found() -> None:
    good = kept.dump(b"cp", {"a": 1})
    assert kept.load(good) == (b"cp", {"a": 1})
    for data in (
        b"",
        good[1:],
        good[:-1],
        good + b"x",
        good.replace(b"v2", b"v1"),
        good.replace(b"cp", b"cq"),
    ):
        assert "damaged" in refused(data)
    at = len(MAGIC)
    assert "damaged" in refused(good[:at] + good[at : at + 64].upper() + good[at + 64 :])


ODD: list[tuple[Any, ...]] = [
    (),
    (b"cp", []),
    (b"cp", [], [4], 1),
    (b"cp", [["Path", 1]], [4]),
    (b"cp", [["Compromise", 1]], [4]),
    (b"cp", [["Compromise", 1, 2, 3]], [4]),
    (b"cp", [[]], [4]),
    (b"cp", 5, [4]),
    (b"cp", [], [4, "a"]),
    (b"cp", [], [4, "a", [8, 0]]),
    (b"cp", [], [4, "a", [8]]),
    (b"cp", [], [4, "a", []]),
    (b"cp", [], [4, "a", [10, 0]]),
    (b"cp", [], [4, "a", [6, "?", b""]]),
    (b"cp", [], [4, "a", [6, "Q", b"\x00"]]),
    (b"cp", [], [4, [0], 1]),
    (b"cp", [], [4, "a", [2, [0]]]),
    (b"cp", [], [4, "a", [7, "x", 1, "y"]]),
    (b"cp", [], [4, "a", [9, {}]]),
]


@pytest.mark.parametrize("parts", ODD)
def test_another_form_is_of_another_version(parts: tuple[Any, ...]) -> None:
    assert "another version" in refused(file(*parts))


def test_what_is_no_cbor_is_of_another_version() -> None:
    for body in (b"", b"\xff", b"\x9f", b"\x5f\x00"):
        assert "another version" in refused(MAGIC + sha256(body).hexdigest().encode() + b"\n" + body)
