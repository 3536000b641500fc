"""Canonical JSON: RFC 8785 for values without fractions.

Values are dict (with str keys), list, str, bool, None, and int with |n| <= 2^53 - 1. There is exactly one
spelling for each value: members sorted by the UTF-16 code units of their names, no white space, the shortest
escapes, UTF-8.

`decode` takes that one spelling only: it parses, encodes again and compares. Duplicate members, floats and
exponents, NaN, a byte order mark, lone surrogates, `-0`, needless escapes and white space all fail that
comparison or an earlier check.

Not done here: floats (RFC 8785 section 3.2.2.3), which no format of the ledger has.
"""

import json
from typing import Any, NoReturn

from verifier.errors import FormatError

INT_LIMIT = 2**53 - 1
DEPTH_LIMIT = 32
SIZE_LIMIT = 65535

_INT_DIGITS = len(str(-INT_LIMIT))

# These two differ in the order of members only. Python sorts by code point, which is the order of UTF-16 code
# units unless a name has a character above U+FFFF.
_sorting = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_keeping = json.JSONEncoder(ensure_ascii=False, sort_keys=False, separators=(",", ":"))


def encode(value: Any) -> bytes:
    """Return the RFC 8785 bytes of `value`.

    Raises FormatError JSON_TYPE for a value that has no place here (a float, a tuple, a name that is not str,
    …), JSON_RANGE for a too large integer, JSON_DEPTH for nesting deeper than 32, JSON_SURROGATE for a lone
    surrogate.
    """
    _check(value, DEPTH_LIMIT)
    return encode_checked(value)


def check(value: Any) -> None:
    """Refuse what `encode` would refuse for its types, range or depth. Raises FormatError."""
    _check(value, DEPTH_LIMIT)


def decode(data: bytes, *, limit: int = SIZE_LIMIT) -> Any:
    """Return the value whose RFC 8785 bytes are `data`, at most `limit` bytes long.

    Raises FormatError JSON_TOO_LARGE, JSON_INVALID, JSON_RANGE, JSON_DEPTH or JSON_NOT_CANONICAL.
    """
    if len(data) > limit:
        raise FormatError("JSON_TOO_LARGE", f"JSON of {len(data)} bytes, at most {limit} are allowed")
    try:
        value = _decoder.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise FormatError("JSON_INVALID", "not valid JSON in UTF-8 with integers only") from None
    # Few documents have so many brackets that their nesting must be looked at.
    if data.count(b"[") + data.count(b"{") > DEPTH_LIMIT:
        _check(value, DEPTH_LIMIT)
    try:
        is_canonical = encode_checked(value) == data
    except FormatError:
        is_canonical = False
    if not is_canonical:
        raise FormatError("JSON_NOT_CANONICAL", "JSON is not in its one canonical form (RFC 8785)")
    return value


def encode_checked(value: Any) -> bytes:
    """Encode a value whose types are known to be allowed. Raises FormatError JSON_SURROGATE."""
    text = _sorting.encode(value)
    if not text.isascii() and max(text) > "\uffff":
        text = _keeping.encode(_sort_utf16(value))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError("JSON_SURROGATE", "a lone surrogate is not a character") from None


def _sort_utf16(value: Any) -> Any:
    if type(value) is dict:
        # surrogatepass: a lone surrogate gets its own error when the text becomes UTF-8.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _sort_utf16(value[name]) for name in names}
    if type(value) is list:
        return [_sort_utf16(item) for item in value]
    return value


def _check(value: Any, depth: int) -> None:
    """Refuse what is not in the subset.

    Types are compared exactly: a subclass may write itself in a way of its own.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if not -INT_LIMIT <= value <= INT_LIMIT:
            raise FormatError("JSON_RANGE", "an integer is beyond 2^53 - 1")
        return
    if kind is not dict and kind is not list:
        raise FormatError("JSON_TYPE", f"a value of type {kind.__name__} has no canonical form here")
    if depth == 0:
        raise FormatError("JSON_DEPTH", f"JSON is nested deeper than {DEPTH_LIMIT}")
    if kind is list:
        for item in value:
            _check(item, depth - 1)
        return
    for name, item in value.items():
        if type(name) is not str:
            raise FormatError("JSON_TYPE", "a member's name is not a string")
        _check(item, depth - 1)


def _parse_int(digits: str) -> int:
    # The length comes first: int() of a very long literal is slow or raises an error of its own.
    if len(digits) <= _INT_DIGITS:
        number = int(digits)
        if -INT_LIMIT <= number <= INT_LIMIT:
            return number
    raise FormatError("JSON_RANGE", "an integer is beyond 2^53 - 1")


def _refuse(literal: str) -> NoReturn:
    raise FormatError("JSON_INVALID", f"{literal[:24]} is not an integer")


_decoder = json.JSONDecoder(parse_int=_parse_int, parse_float=_refuse, parse_constant=_refuse)
