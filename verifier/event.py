"""An event at its place in the log: what the rules look at.

It repeats the payload's members that rules need, with ids cut from their prefixes, and adds what the place
says: leaf index, the command's first index, the payload's hash, the key that signed, and the human behind the
account.
"""

from dataclasses import dataclass
from typing import Any

from verifier.entry import Entry, payload_hash

_STAFF = len("staff/")


@dataclass(slots=True)
class Event:
    """`type` is without its version if that is 1 (`certificate.issued`); `actor` a staff id, `human` the person's first one.

    `hash` is the payload's hash in hex, by which later events name this one. `index` and `first` are leaf
    indexes: the event's and that of its command's first event.
    """

    index: int
    first: int
    type: str
    stream: str
    version: int
    data: dict[str, Any]
    actor: str
    human: str
    role: str
    org: str | None
    command: str
    occurred_at: str
    recorded_at: str
    hash: str
    key: str

    @property
    def id(self) -> str:
        """The aggregate's id: the stream's name after the slash."""
        return self.stream.partition("/")[2]

    @property
    def place(self) -> str:
        """Stream and version, for people."""
        return f"{self.stream}@{self.version}"


def make(entry: Entry, index: int, human: str) -> Event:
    """Return the event of an entry at a leaf index."""
    payload, signature = entry.payload, entry.signature
    org = payload.org
    return Event(
        index,
        index - signature.index,
        payload.type.removesuffix(".v1"),
        payload.stream,
        payload.version,
        payload.data,
        payload.actor[_STAFF:],
        human,
        payload.role,
        org.removeprefix("organisation/") if org else None,
        payload.command,
        payload.occurred_at,
        payload.recorded_at,
        payload_hash(entry.payload_bytes).hex(),
        signature.key,
    )
