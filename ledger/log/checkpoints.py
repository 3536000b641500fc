"""Signed checkpoints and witnesses' cosignatures as rows beside the log, and the notes made from them.

A checkpoint's size occurs once: whoever comes second with a size finds the first one's row. Kept are the two
newest, and from the newest that satisfies the policy on those that witnesses cosigned; nobody needs older ones.
What each witness has seen is kept by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.checkpoint import Checkpoint
from verifier.note import Note, VKey, parse_signature

if TYPE_CHECKING:
    from ledger.log.tiles import Reading
    from ledger.store.admission import Sql
    from verifier.policy import Policy

TABLES = (
    """CREATE TABLE IF NOT EXISTS checkpoint (
        size BIGINT PRIMARY KEY, root {blob} NOT NULL, signature TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS cosignature (
        size BIGINT NOT NULL, witness TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (size, witness))""",
    """CREATE TABLE IF NOT EXISTS witness (witness TEXT PRIMARY KEY, size BIGINT NOT NULL, time BIGINT NOT NULL)""",
)
"""``signature`` and ``line`` are lines of a signed note without their LF, ``witness`` is a vkey, ``time`` POSIX."""

_NEWEST = "SELECT size, root, signature FROM checkpoint ORDER BY size DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint of this log with its signature lines: the log's, then those of witnesses by vkey."""

    head: Checkpoint
    signature: str
    cosignatures: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        """The signed note."""
        lines = (self.signature, *(line for _, line in self.cosignatures))
        return Note(self.head.to_text(), tuple(map(parse_signature, lines))).to_bytes()


def newest(sql: Sql, origin: str) -> Signed | None:
    """The checkpoint that was signed last, with its cosignatures."""
    sql.execute(_NEWEST)
    row = sql.fetchone()
    return None if row is None else _signed(sql, origin, row)


def insert(sql: Sql, signed: Signed, last: int) -> None:
    """Store a checkpoint; the caller holds the write lock and has seen that the one before has size ``last``."""
    row = (signed.head.size, signed.head.root, signed.signature)
    sql.execute("INSERT INTO checkpoint (size, root, signature) VALUES (?, ?, ?)", row)
    sql.execute(
        "DELETE FROM checkpoint WHERE size < ? AND size NOT IN (SELECT size FROM cosignature)", (last,)
    )


def keep(sql: Sql, signed: Signed) -> None:
    """Store a checkpoint that was stored once before, and may be gone."""
    sql.execute(
        "INSERT INTO checkpoint (size, root, signature) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (signed.head.size, signed.head.root, signed.signature),
    )


def cosign(sql: Sql, signed: Signed, witness: VKey, line: str, time: int) -> None:
    """Store a witness's verified cosignature of a checkpoint, and what it has seen now."""
    size = signed.head.size
    keep(sql, signed)
    sql.execute(
        "INSERT INTO cosignature (size, witness, line) VALUES (?, ?, ?)"
        " ON CONFLICT (size, witness) DO UPDATE SET line = excluded.line",
        (size, str(witness), line),
    )
    sql.execute(
        "INSERT INTO witness (witness, size, time) VALUES (?, ?, ?) ON CONFLICT (witness) DO UPDATE"
        " SET size = excluded.size, time = excluded.time WHERE excluded.size >= witness.size",
        (str(witness), size, time),
    )


def prune(sql: Sql, size: int) -> None:
    """Remove what is older than the checkpoint of this size."""
    for table in ("cosignature", "checkpoint"):
        sql.execute(f"DELETE FROM {table} WHERE size < ?", (size,))  # noqa: S608 - our own table names


def best(sql: Sql, origin: str, policy: Policy | None) -> Signed | None:
    """The newest checkpoint that satisfies the policy, else the newest one."""
    found = newest(sql, origin)
    if found is None or policy is None or is_quorum(policy, found):
        return found
    sql.execute(
        "SELECT size, root, signature FROM checkpoint WHERE size IN (SELECT size FROM cosignature) ORDER BY size DESC"
    )
    for row in sql.fetchall():
        signed = _signed(sql, origin, row)
        if is_quorum(policy, signed):
            return signed
    return found


def is_quorum(policy: Policy, signed: Signed) -> bool:
    """Whether enough of the policy's witnesses have cosigned it."""
    keys = {key for key, _ in signed.cosignatures}
    return policy.is_quorum(name for name, party in policy.witnesses.items() if str(party.key) in keys)


def seen_by(sql: Sql) -> dict[str, int]:
    """For each witness, by vkey, the largest size it has cosigned."""
    sql.execute("SELECT witness, size FROM witness")
    return {str(key): int(size) for key, size in sql.fetchall()}


class Witnessed:
    """How many of the policy's witnesses, all of them outsiders, have seen an entry."""

    def __init__(self, reading: Reading, policy: Policy | None) -> None:
        self._reading = reading
        self.keys = [] if policy is None else [str(party.key) for party in policy.witnesses.values()]
        """Those that count, by vkey."""

    def __call__(self, size: int) -> int:
        """The number of witnesses that have cosigned a tree of at least ``size`` entries.

        The entry at leaf index i is in every tree of at least i + 1.
        """
        if not self.keys:
            return 0
        with self._reading() as sql:
            seen = seen_by(sql)
        return sum(seen.get(key, 0) >= size for key in self.keys)


def _signed(sql: Sql, origin: str, row: Sequence[object]) -> Signed:
    size, root, signature = row
    head = Checkpoint(origin, int(str(size)), bytes(root))  # type: ignore[call-overload]
    sql.execute("SELECT witness, line FROM cosignature WHERE size = ? ORDER BY witness", (head.size,))
    lines = tuple((str(key), str(line)) for key, line in sql.fetchall())
    return Signed(head, str(signature), lines)
