"""RFC 8785: the subset's one spelling, and that every other is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import jcs
from verifier.errors import FormatError

LIMIT = 2**53 - 1
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LIMIT, LIMIT)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_round_trip(value: Any) -> None:
    data = jcs.encode(value)
    assert jcs.decode(data, limit=len(data)) == value
    assert json.loads(data) == value


@given(values)
def test_white_space_is_refused(value: Any) -> None:
    for data in (jcs.encode(value) + b"\n", b" " + jcs.encode(value)):
        with pytest.raises(FormatError, match="JSON_NOT_CANONICAL"):
            jcs.decode(data)


def test_rfc8785_members_sort_by_utf16() -> None:
    # RFC 8785 section 3.2.3, whose example has a name above U+FFFF that sorts before U+FB33.
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    data = jcs.encode({"outer": [dict.fromkeys(names, 0)]})
    assert list(json.loads(data)["outer"][0]) == expected
    assert jcs.decode(data) == {"outer": [dict.fromkeys(names, 0)]}
    by_code_point = json.dumps(
        dict.fromkeys(names, 0), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    with pytest.raises(FormatError, match="JSON_NOT_CANONICAL"):
        jcs.decode(by_code_point.encode())


def test_rfc8785_strings() -> None:
    # RFC 8785 section 3.2.2.2.
    text = '\u20ac$\u000f\nA\'B"\\\\"/\x7f\u2028\b\t\f\r'
    expected = r'"€$\u000f\nA' + "'" + r"B\"\\\\\"/" + "\x7f\u2028" + r'\b\t\f\r"'
    assert jcs.encode(text) == expected.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "JSON_INVALID"),
        (b"\xef\xbb\xbf{}", "JSON_INVALID"),
        (b"\xff", "JSON_INVALID"),
        (b"\xed\xa0\x80", "JSON_INVALID"),
        (b"{}{}", "JSON_INVALID"),
        (b"{'a':1}", "JSON_INVALID"),
        (b"1.0", "JSON_INVALID"),
        (b"1e2", "JSON_INVALID"),
        (b"1e400", "JSON_INVALID"),
        (b"NaN", "JSON_INVALID"),
        (b"-Infinity", "JSON_INVALID"),
        (b"01", "JSON_INVALID"),
        (b"1_0", "JSON_INVALID"),
        ("\u0661".encode(), "JSON_INVALID"),
        (b'"\x00"', "JSON_INVALID"),
        (b"[" * 2000, "JSON_INVALID"),
        (b"[" * 30000 + b"]" * 30000, "JSON_INVALID"),
        (b"-0", "JSON_NOT_CANONICAL"),
        (b'{"a":1,"a":1}', "JSON_NOT_CANONICAL"),
        (b'{"a":1,"a":2}', "JSON_NOT_CANONICAL"),
        (b'{"b":1,"a":2}', "JSON_NOT_CANONICAL"),
        (b'{"a": 1}', "JSON_NOT_CANONICAL"),
        (b'"\\u0061"', "JSON_NOT_CANONICAL"),
        (b'"\\/"', "JSON_NOT_CANONICAL"),
        (b'"\\u000A"', "JSON_NOT_CANONICAL"),
        (b'"\\u001F"', "JSON_NOT_CANONICAL"),
        (b'"\\ud83d\\ude00"', "JSON_NOT_CANONICAL"),
        (b'"\\ud800"', "JSON_NOT_CANONICAL"),
        (b'{"\\ud800":"\xf0\x9f\x98\x80"}', "JSON_NOT_CANONICAL"),
        (b"9007199254740992", "JSON_RANGE"),
        (b"-9007199254740992", "JSON_RANGE"),
        (b"9" * 5000, "JSON_RANGE"),
        (b"[" * 33 + b"]" * 33, "JSON_DEPTH"),
    ],
)
def test_other_spellings_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(FormatError, match=code):
        jcs.decode(data)


def test_limits_themselves_are_allowed() -> None:
    assert jcs.decode(b"9007199254740991") == LIMIT
    deep = b"[" * 32 + b"]" * 32
    assert jcs.encode(jcs.decode(deep)) == deep
    wide = jcs.encode([[] for _ in range(100)])
    assert jcs.decode(wide) == [[]] * 100
    with pytest.raises(FormatError, match="JSON_TOO_LARGE"):
        jcs.decode(b"[]", limit=1)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "JSON_TYPE"),
        (float("nan"), "JSON_TYPE"),
        ((1,), "JSON_TYPE"),
        (b"", "JSON_TYPE"),
        ({1: 2}, "JSON_TYPE"),
        ([{None: 2}], "JSON_TYPE"),
        (LIMIT + 1, "JSON_RANGE"),
        (-LIMIT - 1, "JSON_RANGE"),
        ("\ud800", "JSON_SURROGATE"),
        ({"\udfff": "\U0001f600"}, "JSON_SURROGATE"),
    ],
)
def test_values_without_a_spelling(value: Any, code: str) -> None:
    with pytest.raises(FormatError, match=code):
        jcs.encode(value)


def test_a_cycle_is_refused() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(FormatError, match="JSON_DEPTH"):
        jcs.encode(cycle)
