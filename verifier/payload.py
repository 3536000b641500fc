"""The first line of an entry: the event itself.

    {"type":"certificate.issued.v1","stream":"certificate/<id>","version":2,"prev":"<hex>","occurred_at":…,"recorded_at":…,
     "actor":"staff/<id>","role":…,"org":…,"command":"<UUID>","seen":{"size":N,"root":"<base64>"},"data":{…}}

in RFC 8785 bytes (`verifier.jcs`), exactly these members. `prev` is the hex SHA-256(0x00 || payload) of the
stream's previous payload, null for version 1 and only there. `seen` is a tree head that the signer had
verified. `org` is an id or null. Types and streams are names, never paths of code.

Not done here: whether the members fit the log around them (`verifier.replay`), and what `data` holds
(`verifier.rules`).
"""

import re
from dataclasses import dataclass
from typing import Any

from verifier import b64, jcs, merkle
from verifier.errors import FormatError
from verifier.grammar import ID, check_staff, check_time

_MEMBERS = frozenset(
    (
        "type",
        "stream",
        "version",
        "prev",
        "occurred_at",
        "recorded_at",
        "actor",
        "role",
        "org",
        "command",
        "seen",
        "data",
    )
)
_TYPE = re.compile(r"[a-z_]+\.[a-z_]+\.v[1-9][0-9]{0,3}")
_STREAM = re.compile("[a-z][a-z_]{0,63}/" + ID)
_HASH = re.compile(r"[0-9a-f]{64}")
_ROLE = re.compile(r"(?!.{65})[a-z]+(?:_[a-z]+)*")
_ORG = re.compile("(?:organisation/)?" + ID)
_COMMAND = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Payload:
    """An event's members.

    `version` starts at 1; times are UTC texts; `seen_root` is 32 bytes; `data` must not be changed.
    """

    type: str
    stream: str
    version: int
    prev: str | None
    occurred_at: str
    recorded_at: str
    actor: str
    role: str
    org: str | None
    command: str
    seen_size: int
    seen_root: bytes
    data: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return the payload's bytes after the checks of `parse_payload`."""
        _check(self)
        jcs.check(self.data)
        return jcs.encode_checked(
            {
                "type": self.type,
                "stream": self.stream,
                "version": self.version,
                "prev": self.prev,
                "occurred_at": self.occurred_at,
                "recorded_at": self.recorded_at,
                "actor": self.actor,
                "role": self.role,
                "org": self.org,
                "command": self.command,
                "seen": {"size": self.seen_size, "root": b64.encode(self.seen_root)},
                "data": self.data,
            }
        )

    def act(self) -> tuple[object, ...]:
        """Return the members that are the same in all events of a command."""
        return (
            self.command,
            self.actor,
            self.role,
            self.org,
            self.recorded_at,
            self.seen_size,
            self.seen_root,
        )


def parse_payload(data: bytes) -> Payload:
    """Read a payload.

    Raises FormatError: JSON_… for the bytes, PAYLOAD_MEMBERS for missing or unknown members, PAYLOAD_TYPE,
    _STREAM, _VERSION, _PREV, _ROLE, _ORG, _COMMAND, _SEEN, _DATA, TIME_INVALID or STAFF_INVALID for a member,
    BASE64_INVALID for the seen root.
    """
    value = jcs.decode(data)
    if type(value) is not dict or value.keys() != _MEMBERS:
        raise FormatError(
            "PAYLOAD_MEMBERS", f"a payload has exactly the members {', '.join(sorted(_MEMBERS))}"
        )
    seen = value.pop("seen")
    if type(seen) is not dict or seen.keys() != {"size", "root"} or type(seen["root"]) is not str:
        raise FormatError("PAYLOAD_SEEN", "seen has exactly a size and a root")
    payload = Payload(seen_size=seen["size"], seen_root=b64.decode(seen["root"]), **value)
    _check(payload)
    return payload


def payload_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || payload): the `prev` of the stream's next payload, and a leaf of the command."""
    return merkle.leaf_hash(data)


def _check(payload: Payload) -> None:
    """Check each member. The types in the class are a promise that bytes from outside have not made."""
    _match(_TYPE, payload.type, "PAYLOAD_TYPE", "type is not <aggregate>.<event>.v<number>")
    _match(_STREAM, payload.stream, "PAYLOAD_STREAM", "stream is not <aggregate>/<id>")
    _integer(payload.version, 1, "PAYLOAD_VERSION", "version is not an integer from 1")
    if payload.version == 1:
        if payload.prev is not None:
            raise FormatError("PAYLOAD_PREV", "prev of a stream's first event is null")
    else:
        _match(_HASH, payload.prev, "PAYLOAD_PREV", "prev is not 64 lower-case hex digits")
    check_time(payload.occurred_at, "occurred_at")
    check_time(payload.recorded_at, "recorded_at")
    check_staff(payload.actor)
    _match(_ROLE, payload.role, "PAYLOAD_ROLE", "role is not a name in snake case")
    if payload.org is not None:
        _match(_ORG, payload.org, "PAYLOAD_ORG", "org is not an organisation's id or null")
    _match(_COMMAND, payload.command, "PAYLOAD_COMMAND", "command is not a UUID in lower case")
    _integer(payload.seen_size, 0, "PAYLOAD_SEEN", "the seen size is not an integer from 0")
    if len(payload.seen_root) != merkle.HASH_SIZE:
        raise FormatError("PAYLOAD_SEEN", "the seen root is not a hash")
    if (payload.seen_size == 0) != (payload.seen_root == merkle.EMPTY_ROOT):
        raise FormatError("PAYLOAD_SEEN", "the seen size and the empty tree's root belong together")
    if type(payload.data) is not dict:
        raise FormatError("PAYLOAD_DATA", "data is not an object")


def _match(pattern: re.Pattern[str], value: object, code: str, message: str) -> None:
    if type(value) is not str or not pattern.fullmatch(value):
        raise FormatError(code, message)


def _integer(value: object, least: int, code: str, message: str) -> None:
    if type(value) is not int or value < least:
        raise FormatError(code, message)
