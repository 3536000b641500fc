"""``certledger fsck``: read the whole store and name the first entry that is wrong, and how.

Every entry in log order: canonical bytes, the row where its payload says, contiguous leaf indexes; every
command whole, signed by a key that was enrolled before, about a tree head that was real; the chain of each
stream; what the tables beside the log say of it. At the end the tree's size, root and tiles as stored.

The entry that is named is the first that cannot stand. A whole command that was taken out, put in or moved
leaves sound signatures behind: then the table of commands tells the place, and if that was changed too, the
first signer after it who saw another tree. The rules of the domain are the verifier's to judge, not repeated
here; projections are ``rebuild``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.log import tiles
from verifier import merkle
from verifier.entry import Entry, parse_entry, payload_hash, verify_command, verify_entry
from verifier.errors import Error as VerifierError
from verifier.publickey import PublicKey
from verifier.tile import WIDTH

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.projections.queries import Head, Queries
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
    seen: int = 0
    """The largest tree that a signer saw and that is this log's: the entries in it are as they were."""


class _WrongError(Exception):
    """``at`` is (leaf index, place) when it is another entry than the one that was read last."""

    def __init__(self, code: str, message: str, at: tuple[int, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at


def fsck(
    application: LedgerApplication,
    queries: Queries,
    root: RootFile,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[int, Finding | None]:
    """Check the store; returns how many entries were read, and the first finding or None."""
    try:
        head = queries.head()
    except LookupError:
        return 0, Finding(0, "log_head", "HEAD_MISSING", "the store has entries and no tree head")
    walk = _Walk(root.origin, root)
    for founder in root.keys:
        walk.keys[founder.staff, founder.key.thumbprint] = founder.key
    expected = 0
    pending: list[Entry] = []
    for index, stream, version, topic, state in _rows(application):
        try:
            _contiguous(index, expected)
            entry = _entry(stream, version, topic, state)
            _fits(walk, pending, entry, index - len(pending))
            pending.append(entry)
            walk.tree.append(merkle.leaf_hash(state))
            walk.roots[walk.tree.size] = walk.tree.root()
            if len(pending) == entry.signature.size:
                _command(application, walk, pending, index + 1 - len(pending))
                pending = []
        except _WrongError as error:
            return expected, Finding(*(error.at or (index, f"{stream}@{version}")), error.code, error.message)
        except VerifierError as error:
            return expected, Finding(index, f"{stream}@{version}", error.code, error.message)
        expected = index + 1
        if index % BATCH == 0:
            progress(index, head.size)
    progress(expected, head.size)
    return expected, _at_the_end(application, walk, head, pending)


def _at_the_end(
    application: LedgerApplication, walk: _Walk, head: Head, pending: list[Entry]
) -> Finding | None:
    """What is wrong once every entry was read."""
    size = walk.tree.size
    if not size and not head.size:
        message = "the log has no entries: its ledger was never founded, or its database is gone"
        return Finding(0, "log_head", "LOG_EMPTY", message)
    if pending:
        message = "the log ends in the middle of a command"
        return Finding(size, _place(pending[-1]), "PARTIAL_COMMAND", message)
    if (head.size, head.root) != (size, walk.tree.root()):
        shorter = f"the stored tree head says {head.size} entries, there are {size}"
        message = (
            shorter if head.size != size else f"the {size} entries make another root than the stored one"
        )
        return Finding(min(head.size, size), "log_head", "ROOT_WRONG", message)
    with application.reading() as sql:
        sql.execute("SELECT COUNT(*) FROM command")
        counted = sql.fetchone()
        if counted != (len(walk.commands),):
            message = "the table of commands has commands that are not in the log"
            return Finding(size, "command", "COMMAND_MISSING", message)
        sql.execute("SELECT actor, last_index FROM actor_head")
        heads = {f"staff/{actor}": int(index) for actor, index in sql.fetchall()}
        if heads != walk.last_of:
            message = "the table of what each person signed last is not what the log says"
            return Finding(size, "actor_head", "ACTOR_HEAD_WRONG", message)
        for tile in tiles.differing(sql, size):
            message = f"the stored hash tile {tile.path()} is not what the entries make it"
            return Finding(tile.index * WIDTH ** (tile.level + 1), "tile", "TILE_WRONG", message)
    return None


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
        message = f"leaf index {expected} is missing; the next one is {index}"
        raise _WrongError("INDEX_GAP", message, (expected, "stored_events"))


def _place(entry: Entry) -> str:
    return f"{entry.payload.stream}@{entry.payload.version}"


def _fits(walk: _Walk, pending: list[Entry], entry: Entry, first: int) -> None:
    """The entry is the next one of the command that has begun, or the first of another."""
    signature, begun = entry.signature, pending[0] if pending else entry
    if entry.payload.command != begun.payload.command:
        _each(walk, pending, first)
        message = "the command before this entry is not whole: other entries of it are missing"
        raise _WrongError("PARTIAL_COMMAND", message)
    if (signature.index, signature.size) != (len(pending), begun.signature.size):
        _each(walk, pending, first)
        raise _WrongError("PARTIAL_COMMAND", "this is not the next entry of its command")


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


def _command(application: LedgerApplication, walk: _Walk, pending: list[Entry], first: int) -> None:
    """One whole command: signatures, chain, what its signer had seen, and its row."""
    _signatures(walk, pending, first)
    for place, entry in enumerate(pending):
        try:
            _chain(walk, entry)
        except _WrongError as error:
            raise _WrongError(error.code, error.message, (first + place, _place(entry))) from None
    payload = pending[0].payload
    at = (first, _place(pending[0]))
    if payload.command in walk.commands:
        raise _WrongError("COMMAND_REPEATED", f"the command {payload.command} stands in the log twice", at)
    walk.commands.add(payload.command)
    if payload.seen_size > first or walk.roots.get(payload.seen_size) != payload.seen_root:
        message = (
            f"its signer saw a tree of {payload.seen_size} entries that never was this log's: this command, or"
            f" one of entries {walk.seen} to {max(payload.seen_size - 1, walk.seen)}, is not as it was"
        )
        raise _WrongError("SEEN_WRONG", message, at)
    walk.seen = max(walk.seen, payload.seen_size)
    if payload.seen_size <= walk.last_of.get(payload.actor, -1):
        raise _WrongError("SEEN_WRONG", "the signer had not seen their own previous command", at)
    walk.last_of[payload.actor] = first + len(pending) - 1
    with application.reading() as sql:
        sql.execute("SELECT actor, first_index, events FROM command WHERE command = ?", (payload.command,))
        row = sql.fetchone()
    if row is None or (f"staff/{row[0]}", *row[1:]) != (payload.actor, first, len(pending)):
        message = (
            "the table of commands has it elsewhere" if row else "the table of commands does not have it"
        )
        raise _WrongError("COMMAND_MISPLACED", message, at)
    for entry in pending:
        _enrolled(walk, entry)


def _signatures(walk: _Walk, pending: list[Entry], first: int) -> None:
    """One signature over the whole command, by a key that was enrolled before."""
    key = walk.keys.get((pending[0].payload.actor, pending[0].signature.key))
    try:
        if key is not None:
            return verify_command(pending, walk.origin, key, walk.root.webauthn)
    except VerifierError as error:
        _each(walk, pending, first)
        raise _WrongError(error.code, error.message, (first, _place(pending[0]))) from None
    return _each(walk, pending, first)


def _each(walk: _Walk, pending: list[Entry], first: int) -> None:
    """Name the first of these entries that no signature covers."""
    for index, entry in enumerate(pending, first):
        at = (index, _place(entry))
        key = walk.keys.get((entry.payload.actor, entry.signature.key))
        if key is None:
            message = "the signing key was not enrolled for this person before"
            raise _WrongError("SIGNER_NOT_AUTHORISED", message, at)
        try:
            verify_entry(entry, walk.origin, key, walk.root.webauthn)
        except VerifierError as error:
            raise _WrongError(error.code, error.message, at) from None


def _enrolled(walk: _Walk, entry: Entry) -> None:
    payload = entry.payload
    actor = payload.stream
    try:
        if payload.type in {"staff.key_enrolled.v1", "staff.key_rotated.v1"}:
            key = PublicKey(payload.data["jwk"], payload.data["alg"])
            walk.keys[actor, key.thumbprint] = key
            walk.keys.pop((actor, payload.data.get("retires", "")), None)
        elif payload.type in {"staff.key_retired.v1", "staff.key_compromised.v1"}:
            walk.keys.pop((actor, payload.data["key"]), None)
    except (KeyError, TypeError):
        raise _WrongError("EVENT_UNREADABLE", f"a {payload.type} without the key that it is about") from None
