"""``certledger fsck``: read the whole store and name the first entry that is wrong, and how.

Every entry in log order: canonical bytes, the row where its payload says, contiguous leaf indexes, the chain
of its stream, commands complete and signed by a key that was enrolled before, the signed tree head real, and
at the end the tree's size and root as stored. The rules of the domain are the verifier's to judge, not
repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier import merkle
from verifier.entry import Entry, parse_entry, payload_hash, verify_command
from verifier.errors import Error as VerifierError
from verifier.publickey import PublicKey

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.projections.queries import Queries
    from verifier.rootfile import RootFile

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong: at which leaf index, in which stream and version, which rule, in words."""

    index: int
    place: str
    code: str
    message: str


@dataclass(slots=True)
class _Walk:
    origin: str
    root: RootFile
    tree: merkle.CompactRange = field(default_factory=merkle.CompactRange)
    roots: dict[int, bytes] = field(default_factory=lambda: {0: merkle.EMPTY_ROOT})
    tips: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    keys: dict[tuple[str, str], PublicKey] = field(default_factory=dict)
    last_of: dict[str, int] = field(default_factory=dict)
    commands: set[str] = field(default_factory=set)


class _WrongError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def fsck(
    application: LedgerApplication,
    queries: Queries,
    root: RootFile,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[int, Finding | None]:
    """Check the store; returns how many entries were read, and the first finding or None."""
    head = queries.head()
    walk = _Walk(root.origin, root)
    for founder in root.keys:
        walk.keys[founder.staff, founder.key.thumbprint] = founder.key
    expected = 0
    pending: list[Entry] = []
    for index, stream, version, topic, state in _rows(application):
        try:
            _contiguous(index, expected)
            entry = _entry(stream, version, topic, state)
            _chain(walk, entry)
            pending.append(entry)
            walk.tree.append(merkle.leaf_hash(state))
            walk.roots[walk.tree.size] = walk.tree.root()
            if len(pending) == entry.signature.size:
                _command(walk, pending, index + 1 - len(pending))
                pending = []
        except (_WrongError, VerifierError) as error:
            return index, Finding(index, f"{stream}@{version}", error.code, error.message)
        expected = index + 1
        if index % BATCH == 0:
            progress(index, head.size)
    progress(expected, head.size)
    if pending:
        message = "the log ends in the middle of a command"
        return expected, Finding(expected, pending[-1].payload.stream, "PARTIAL_COMMAND", message)
    if (head.size, head.root) != (walk.tree.size, walk.tree.root()):
        message = f"the stored tree head says {head.size} entries, the entries make {walk.tree.size} with another root"
        return expected, Finding(expected, "log_head", "ROOT_WRONG", message)
    return expected, None


def _rows(application: LedgerApplication) -> Iterator[tuple[int, str, int, str, bytes]]:
    start = 0
    while True:
        with application.reading() as sql:
            sql.execute(
                "SELECT {id}, originator_id, originator_version, topic, state FROM stored_events"
                " WHERE {id} > ? ORDER BY {id} LIMIT ?",
                (start, BATCH),
            )
            rows = sql.fetchall()
        if not rows:
            return
        for number, stream, version, topic, state in rows:
            yield int(number) - 1, str(stream), int(version), str(topic), bytes(state)
        start = int(rows[-1][0])


def _contiguous(index: int, expected: int) -> None:
    if index != expected:
        raise _WrongError("INDEX_GAP", f"leaf index {expected} is missing; the next one is {index}")


def _entry(stream: str, version: int, topic: str, state: bytes) -> Entry:
    entry = parse_entry(state)
    payload = entry.payload
    if (payload.stream, payload.version, payload.type) != (stream, version, topic):
        raise _WrongError(
            "ENTRY_MISPLACED",
            f"the row holds {payload.type} of {payload.stream}@{payload.version}, another entry's",
        )
    return entry


def _chain(walk: _Walk, entry: Entry) -> None:
    payload = entry.payload
    version, tip = walk.tips.get(payload.stream, (0, b""))
    if payload.version != version + 1:
        raise _WrongError(
            "VERSION_WRONG", f"version {payload.version} follows version {version} of its stream"
        )
    if payload.prev != (tip.hex() if version else None):
        raise _WrongError("PREV_WRONG", "prev is not the hash of its stream's previous payload")
    walk.tips[payload.stream] = (payload.version, payload_hash(entry.payload_bytes))


def _command(walk: _Walk, pending: list[Entry], first: int) -> None:
    payload = pending[0].payload
    if payload.command in walk.commands:
        raise _WrongError("COMMAND_REPEATED", f"the command {payload.command} stands in the log twice")
    walk.commands.add(payload.command)
    if walk.roots.get(payload.seen_size) != payload.seen_root or payload.seen_size > first:
        raise _WrongError(
            "SEEN_WRONG", f"the signed tree head of size {payload.seen_size} never was this log's"
        )
    if payload.seen_size <= walk.last_of.get(payload.actor, -1):
        raise _WrongError("SEEN_WRONG", "the signer had not seen their own previous command")
    walk.last_of[payload.actor] = first + len(pending) - 1
    key = walk.keys.get((payload.actor, pending[0].signature.key))
    if key is None:
        raise _WrongError("SIGNER_NOT_AUTHORISED", "the signing key was not enrolled for this person before")
    verify_command(pending, walk.origin, key, walk.root.webauthn)
    for entry in pending:
        _enrolled(walk, entry)


def _enrolled(walk: _Walk, entry: Entry) -> None:
    payload = entry.payload
    actor = payload.stream
    if payload.type in {"staff.key_enrolled.v1", "staff.key_rotated.v1"}:
        key = PublicKey(payload.data["jwk"], payload.data["alg"])
        walk.keys[actor, key.thumbprint] = key
        walk.keys.pop((actor, payload.data.get("retires", "")), None)
    elif payload.type in {"staff.key_retired.v1", "staff.key_compromised.v1"}:
        walk.keys.pop((actor, payload.data["key"]), None)
