"""Exact shapes of JSON documents, and statements in two lines: what fits, what does not, and what is said of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from verifier import shape, twoline
from verifier.errors import FormatError
from verifier.shape import ListOf, Optional, Text


def refused(value: Any, form: Any) -> str:
    with pytest.raises(FormatError) as caught:
        shape.check(value, form)
    assert caught.value.code == "SHAPE_WRONG"
    return caught.value.message


FIXED: list[tuple[Any, list[Any]]] = [
    ("x", ["X", "", None, 1, ["x"], {"x": 1}]),
    (False, [0, True, None, "False", []]),
    (None, [False, 0, "", []]),
    (["a", "b"], [["b", "a"], ["a"], ["a", "b", "c"], ("a", "b"), "ab", None, []]),
]


@pytest.mark.parametrize(("value", "others"), FIXED, ids=range(len(FIXED)))
def test_a_value_is_that_very_value(value: Any, others: list[Any]) -> None:
    shape.check(value, value)
    for other in others:
        assert refused(other, value) == f"the document is not as it must be; due is {value!r}"


def test_a_text_has_its_length() -> None:
    for text in ("x", "x" * 5, "ä" * 5):
        shape.check(text, Text(5))
    for odd in ("", "x" * 6, None, 1, ["x"], {"x": 1}, b"x"):
        assert (
            refused(odd, Text(5)) == "the document is not as it must be; due is a text of 1 to 5 characters"
        )


def test_a_text_matches_as_a_whole() -> None:
    form = re.compile("a+")
    for text in ("a", "aaa"):
        shape.check(text, form)
    for odd in ("", "b", "ab", "ba", "a\n", None, 1, ["a"]):
        assert refused(odd, form) == "the document is not as it must be; due is a text of another form"


def test_a_list_has_one_to_so_many_items() -> None:
    form = ListOf(Text(1), 2)
    for items in (["x"], ["x", "y"]):
        shape.check(items, form)
    for odd in ([], ["x", "y", "z"], None, "x", {"x": 1}, ("x",)):
        assert refused(odd, form) == "the document is not as it must be; due is a list of 1 to 2 items"
    assert (
        refused(["x", 1], form) == "the document[1] is not as it must be; due is a text of 1 to 1 characters"
    )


def test_an_object_has_its_members_and_no_others() -> None:
    form = {"a": "x", "b": Optional(Text(1)), "c": {"d": [1]}}
    shape.check({"a": "x", "b": "y", "c": {"d": [1]}}, form)
    shape.check({"c": {"d": [1]}, "a": "x"}, form)
    good = {"a": "x", "c": {"d": [1]}}
    for odd in (None, [], "x", [good]):
        assert refused(odd, form) == "the document is not as it must be; due is an object"
    assert refused({"c": {"d": [1]}}, form) == "the document lacks a"
    assert refused({"a": "x"}, form) == "the document lacks c"
    assert refused({**good, "c": {}}, form) == "the document.c lacks d"
    assert refused({**good, "b": None}, form).startswith("the document.b is not")
    assert refused({**good, "c": {"d": [2]}}, form).startswith("the document.c.d is not")
    assert refused({**good, "z": 1, "e" * 99: 1}, form) == (
        f"the document has a member that has no place there: {'e' * 80!r}"
    )
    with pytest.raises(FormatError, match=r"^SHAPE_WRONG: it\.a is not"):
        shape.check({**good, "a": 1}, form, "it")


def test_an_object_is_read_in_any_spelling() -> None:
    for data in (b'{"a":"x"}', b' {\n"a" : "\\u0078" } '):
        assert shape.parse_object(data, 99) == {"a": "x"}
    assert shape.parse_object(b'{"a":[true,null,{"b":"\xc3\xa4"}]}', 99) == {"a": [True, None, {"b": "ä"}]}
    assert shape.parse_object(b"{}", 2) == {}
    with pytest.raises(FormatError, match="JSON_TOO_LARGE: JSON of 3 bytes, at most 2 are allowed"):
        shape.parse_object(b"{ }", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"{}x", b"\xff", b'{"a":1}', b'{"a":1.5}', b'{"a":1e9}', b'{"a":-0}', b'{"a":NaN}', b'{"a":Infinity}',
        b'{"a":-Infinity}', b'{"a":"x","a":"x"}', b'{"b":{"a":"x","a":"y"}}', b"[" * 100_000, b"\xef\xbb\xbf{}",
    ],
    ids=range(15),
)  # fmt: skip
def test_what_is_no_json_here(data: bytes) -> None:
    with pytest.raises(FormatError, match="JSON_INVALID: not valid JSON in UTF-8, or a member stands twice"):
        shape.parse_object(data, 1 << 20)


@pytest.mark.parametrize("data", [b"[]", b'"x"', b"null", b"true"])
def test_what_is_no_object(data: bytes) -> None:
    with pytest.raises(FormatError, match="JSON_INVALID: a JSON object is due"):
        shape.parse_object(data, 99)


# -- statements in two lines -------------------------------------------------------------------------------------------

FORM, MEMBERS = "certledger/x/v1", frozenset({"a", "b"})
PAYLOAD = b'{"a":1,"b":2,"format":"certledger/x/v1"}'


def told(data: bytes, limit: int = 99) -> str:
    with pytest.raises(FormatError) as caught:
        twoline.split(data, FORM, MEMBERS, limit)
    return f"{caught.value.code}: {caught.value.message}"


def test_a_statement_is_its_payload_and_its_signatures() -> None:
    assert twoline.message(PAYLOAD, FORM) == b"certledger/x/v1\n" + PAYLOAD
    whole = twoline.join(PAYLOAD, [{"sig": "x"}])
    assert whole == PAYLOAD + b'\n[{"sig":"x"}]'
    value = {"a": 1, "b": 2, "format": FORM}
    assert twoline.split(whole, FORM, MEMBERS, 99) == (PAYLOAD, value, [{"sig": "x"}])
    assert twoline.split(whole, FORM, MEMBERS, len(PAYLOAD))[1] == value
    assert told(whole, len(PAYLOAD) - 1).startswith("JSON_TOO_LARGE")


def test_what_is_no_statement() -> None:
    assert told(PAYLOAD) == "STATEMENT_INVALID: a statement has two lines: what is said, and who signed it"
    for payload in (
        b"[]", b"null", b"{}", b'{"a":1,"b":2}', b'{"a":1,"b":2,"format":"certledger/y/v1"}', b'{"a":1,"b":2,"format":1}',
        b'{"a":1,"format":"certledger/x/v1"}', b'{"a":1,"b":2,"c":3,"format":"certledger/x/v1"}',
    ):  # fmt: skip
        assert told(payload + b"\n[]") == "STATEMENT_INVALID: not a statement of the format certledger/x/v1"
    for data in (b" " + PAYLOAD + b"\n[]", PAYLOAD + b"\n[ ]", PAYLOAD + b"\n", PAYLOAD + b"\n[]\n", b"\n[]"):
        assert told(data).startswith("JSON_")
