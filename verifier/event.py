"""An event of the log: everything that its entry says, and its place.

It is one flat object instead of payload and signature apart, since an audit makes millions of them. Ids are
without their prefixes. What the place adds (leaf index, first index of its command, the human behind the
account) is set when the command is whole.
"""

from sys import intern
from typing import Any, Self

from verifier.entry import Entry, Payload, Signature, payload_hash
from verifier.merkle import leaf_hash

_STAFF = "staff/"
_V1 = ".v1"


class Event:
    """An event.

    `type` is without its version if that is 1 (`certificate.issued`), `actor` a staff id, `human` the id of
    the person's first account. `digest` is the payload's hash, by which later events name this one, `leaf` the
    whole entry's. `index` and `first` are leaf indexes; the event stands at place `at` of its command of `of`
    events.
    """

    __slots__ = (
        "actor",
        "alg",
        "at",
        "authenticator_data",
        "client_data_json",
        "command",
        "data",
        "digest",
        "first",
        "human",
        "index",
        "key",
        "leaf",
        "occurred_at",
        "of",
        "org",
        "path",
        "payload_bytes",
        "prev",
        "recorded_at",
        "role",
        "seen_root",
        "seen_size",
        "sig",
        "stream",
        "type",
        "version",
    )

    def __init__(
        self,
        event_type: str,
        stream: str,
        version: int,
        prev: str | None,
        occurred_at: str,
        recorded_at: str,
        actor: str,
        role: str,
        org: str | None,
        command: str,
        seen_size: int,
        seen_root: bytes,
        data: dict[str, Any],
        payload_bytes: bytes,
        digest: bytes,
        leaf: bytes,
        key: str,
        alg: str,
        sig: bytes,
        at: int,
        of: int,
        path: tuple[bytes, ...],
        authenticator_data: bytes | None = None,
        client_data_json: bytes | None = None,
    ) -> None:
        """Take an entry's members; `event_type` has its version, `actor` its prefix."""
        # Of these there are few, and rules keep them: one object for all equal ones.
        self.type = intern(event_type.removesuffix(_V1))
        self.stream = stream
        self.version = version
        self.prev = prev
        self.occurred_at = occurred_at
        self.recorded_at = recorded_at
        self.actor = self.human = intern(actor[len(_STAFF) :])
        self.role = intern(role)
        self.org = None if org is None else intern(org)
        self.command = command
        self.seen_size = seen_size
        self.seen_root = seen_root
        self.data = data
        self.payload_bytes = payload_bytes
        self.digest = digest
        self.leaf = leaf
        self.key = intern(key)
        self.alg = alg
        self.sig = sig
        self.at = at
        self.of = of
        self.path = path
        self.authenticator_data = authenticator_data
        self.client_data_json = client_data_json
        self.index = self.first = -1

    @classmethod
    def of_entry(cls, entry: Entry) -> Self:
        """Return the event of an entry that the parsers read."""
        payload, signature = entry.payload, entry.signature
        return cls(
            payload.type,
            payload.stream,
            payload.version,
            payload.prev,
            payload.occurred_at,
            payload.recorded_at,
            payload.actor,
            payload.role,
            payload.org,
            payload.command,
            payload.seen_size,
            payload.seen_root,
            payload.data,
            entry.payload_bytes,
            payload_hash(entry.payload_bytes),
            leaf_hash(entry.payload_bytes + b"\n" + signature.to_bytes()),
            signature.key,
            signature.alg,
            signature.sig,
            signature.index,
            signature.size,
            signature.path,
            signature.authenticator_data,
            signature.client_data_json,
        )

    @property
    def entry(self) -> Entry:
        """The entry as the parsers give it."""
        versioned = self.type if self.type.count(".") > 1 else self.type + _V1
        payload = Payload(
            versioned,
            self.stream,
            self.version,
            self.prev,
            self.occurred_at,
            self.recorded_at,
            _STAFF + self.actor,
            self.role,
            self.org,
            self.command,
            self.seen_size,
            self.seen_root,
            self.data,
        )
        signature = Signature(
            self.key,
            self.alg,
            self.sig,
            self.at,
            self.of,
            self.path,
            self.authenticator_data,
            self.client_data_json,
        )
        return Entry(payload, signature, self.payload_bytes)

    @property
    def hash(self) -> str:
        """The payload's hash in hex."""
        return self.digest.hex()

    @property
    def id(self) -> str:
        """The aggregate's id: the stream's name after the slash."""
        return self.stream.partition("/")[2]

    @property
    def place(self) -> str:
        """Stream and version, for people."""
        return f"{self.stream}@{self.version}"
