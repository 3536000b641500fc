"""Exact shapes of JSON documents: which members, of which kind, and no others.

A shape is

- a dict: an object with exactly these members, of which those in an `Optional` may be absent;
- a `ListOf`: a list of so many items of one shape;
- a `Pattern` (`re.compile`): a text that matches it as a whole;
- a `Text`: a text of 1 to `limit` characters;
- anything else: that very value.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from verifier.errors import FormatError


@dataclass(frozen=True, slots=True)
class Optional:
    """A member that may be absent."""

    shape: Any


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of 1 to `most` items."""

    shape: Any
    most: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text of 1 to `limit` characters."""

    limit: int


def parse_object(data: bytes, limit: int) -> dict[str, Any]:
    """Read a JSON object in any spelling: no member twice, no numbers, at most `limit` bytes.

    Raises FormatError JSON_TOO_LARGE or JSON_INVALID.
    """
    if len(data) > limit:
        raise FormatError("JSON_TOO_LARGE", f"JSON of {len(data)} bytes, at most {limit} are allowed")
    try:
        value = _decoder.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise FormatError("JSON_INVALID", "not valid JSON in UTF-8, or a member stands twice") from None
    if type(value) is not dict:
        raise FormatError("JSON_INVALID", "a JSON object is due")
    return value


def check(value: Any, shape: Any, place: str = "the document") -> None:
    """Return if the value has the shape. Raises FormatError SHAPE_WRONG with the place that has not."""
    match shape:
        case dict():
            _check_members(value, shape, place)
        case ListOf():
            if type(value) is not list or not 1 <= len(value) <= shape.most:
                raise _wrong(place, f"a list of 1 to {shape.most} items")
            for number, item in enumerate(value):
                check(item, shape.shape, f"{place}[{number}]")
        case Text():
            if type(value) is not str or not 1 <= len(value) <= shape.limit:
                raise _wrong(place, f"a text of 1 to {shape.limit} characters")
        case re.Pattern():
            if type(value) is not str or not shape.fullmatch(value):
                raise _wrong(place, "a text of another form")
        case _:
            if type(value) is not type(shape) or value != shape:
                raise _wrong(place, f"{shape!r}")


def _check_members(value: Any, shape: Mapping[str, Any], place: str) -> None:
    if type(value) is not dict:
        raise _wrong(place, "an object")
    unknown = value.keys() - shape.keys()
    if unknown:
        raise FormatError(
            "SHAPE_WRONG", f"{place} has a member that has no place there: {min(unknown)[:80]!r}"
        )
    for name, member in shape.items():
        if name in value:
            inner = member.shape if isinstance(member, Optional) else member
            check(value[name], inner, f"{place}.{name}")
        elif not isinstance(member, Optional):
            raise FormatError("SHAPE_WRONG", f"{place} lacks {name}")


def _wrong(place: str, due: str) -> FormatError:
    return FormatError("SHAPE_WRONG", f"{place} is not as it must be; due is {due}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(literal: str) -> NoReturn:
    raise ValueError(f"{literal[:24]} has no place here")


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_refuse, parse_float=_refuse, parse_constant=_refuse
)
