"""Reads entries for an audit: the same answers as `verifier.entry.parse_entry`, four times as fast.

RFC 8785 fixes the order and the spelling of an entry's members, so that all of it but `data` is one regular
language. An entry that matches these patterns is canonical where they reach, and `data` is parsed and
compared as everywhere. Whatever does not match goes to the parsers, which decide alone what is an error: a
pattern never refuses, and admits nothing that they would not (`tests/audit/test_reader.py`).
"""

import json
import re
from binascii import a2b_base64
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any

from verifier import jcs, merkle
from verifier.entry import ENTRY_LIMIT, parse_entry
from verifier.errors import FormatError
from verifier.event import Event
from verifier.grammar import ID
from verifier.times import is_day

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_HASH = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="  # canonical base64 of 32 bytes
_NUMBER = r"[1-9][0-9]{0,14}"

_HEAD = re.compile(
    r'\{"actor":"(staff/' + ID + r')"'
    r',"command":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"'
    r',"data":(?=\{)'
)
_MARK = ',"occurred_at":"'
_TAIL = re.compile(
    r',"occurred_at":"(' + _TIME + r')"'
    r',"org":(?:null|"((?:organisation/)?' + ID + r')")'
    r',"prev":(?:null|"([0-9a-f]{64})")'
    r',"recorded_at":"(' + _TIME + r')"'
    r',"role":"([a-z_]{1,64})"'
    r',"seen":\{"root":"(' + _HASH + r')","size":(' + _NUMBER + r")\}"
    r',"stream":"([a-z][a-z_]{0,63}/' + ID + r')"'
    r',"type":"([a-z_]+\.[a-z_]+\.v[1-9][0-9]{0,3})"'
    r',"version":(' + _NUMBER + r")\}\n"
    r'\{"alg":"(ed25519|es256)"'
    r',"index":(0|' + _NUMBER + r")"
    r',"key":"([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])"'
    r',"path":\[((?:"' + _HASH + r'"(?:,"' + _HASH + r'")*)?)\]'
    r',"sig":"([A-Za-z0-9+/]{85}[AQgw]==)"'
    r',"size":(' + _NUMBER + r")\}",
    re.ASCII,
)
# An object of plain members: names, numbers, texts that need no escape, commitments.
_COMMITMENT = ':{"commitment":'
_MEMBER = (
    r'"[a-z_]{1,40}"(?::(?:0|-?[1-9][0-9]{0,14}|true|false|null|"[ !#-\[\]-~]*")|'
    + re.escape(_COMMITMENT)
    + r'"[0-9a-f]{64}"\})'
)
_FLAT = re.compile(r"\{(?:" + _MEMBER + r"(?:," + _MEMBER + r")*)?\}")
_SHORT = 48
_BRACKETS = 24  # with fewer, data cannot be nested too deeply
_NODES = re.compile(_HASH)


def read(data: bytes) -> Event:
    """Read an entry. Raises FormatError as `parse_entry`."""
    return _read(data) or Event.of_entry(parse_entry(data))


# Of these there are few, again and again.
_is_day = lru_cache(maxsize=4096)(is_day)
_is_role = lru_cache(maxsize=64)(re.compile(r"[a-z]+(?:_[a-z]+)*").fullmatch)


def _read(data: bytes) -> Event | None:
    """Return the entry if it has the common form, else None."""
    if len(data) > ENTRY_LIMIT:
        return None
    try:
        text = data.decode()
        # Within data's strings quotes are escaped; where an object in them has such a member, nothing matches.
        mark = text.index(_MARK)
    except ValueError:  # no UTF-8, or no such member
        return None
    head, tail = _HEAD.match(text), _TAIL.fullmatch(text, mark)
    if head is None or tail is None:
        return None
    start = head.end()
    value = _data(text, start, mark) if mark - start > _SHORT else _short(text[start:mark])
    (
        occurred_at,
        org,
        prev,
        recorded_at,
        role,
        seen_root,
        seen_size,
        stream,
        type_,
        version,
        alg,
        index,
        key,
        path,
        sig,
        size,
    ) = tail.groups()
    place, of, number = int(index), int(size), int(version)
    nodes = tuple(map(a2b_base64, _NODES.findall(path)))
    root = a2b_base64(seen_root)
    if (
        value is None
        or not _is_day(occurred_at[:10])
        or not _is_day(recorded_at[:10])
        or not _is_role(role)
        or place >= of
        or len(nodes) != merkle.inclusion_length(place, of)
        or (number == 1) != (prev is None)
        or root == merkle.EMPTY_ROOT
    ):
        return None
    actor, command = head.groups()
    end = data.index(b"\n")
    payload_bytes = data[:end]
    # The leaf is hashed over both lines and the payload over the first: the same beginning.
    hashed = sha256(b"\x00" + payload_bytes)
    digest = hashed.digest()
    hashed.update(data[end:])
    return Event(
        type_,
        stream,
        number,
        prev,
        occurred_at,
        recorded_at,
        actor,
        role,
        org,
        command,
        int(seen_size),
        root,
        value,
        payload_bytes,
        digest,
        hashed.digest(),
        key,
        alg,
        a2b_base64(sig),
        place,
        of,
        nodes,
    )


@lru_cache(maxsize=4096)
def _short(text: str) -> dict[str, Any] | None:
    """As `_data`; what is short comes again and again. Nobody changes an event's data."""
    return _data(text, 0, len(text))


def _data(text: str, start: int, end: int) -> dict[str, Any] | None:
    """Return the value of an event's data if they are canonical and not nested deeply, else None."""
    if _FLAT.fullmatch(text, start, end):
        value: dict[str, Any] = _scan(text, start)[0]
        names = list(value)
        # A name that stands twice is counted twice in the text; strings have no quotes here.
        count = text.count('":', start, end) - text.count(_COMMITMENT, start, end)
        return value if names == sorted(names) and len(names) == count else None
    if text.count("[", start, end) + text.count("{", start, end) > _BRACKETS:
        return None
    try:
        found = jcs.decode(text[start:end].encode())
    except FormatError:
        return None
    return found if type(found) is dict else None


_scan: Callable[[str, int], tuple[Any, int]] = vars(json.JSONDecoder())["scan_once"]
