"""What must hold in the transaction that appends a command, and what it writes beside the entries.

All or nothing, in this order: the command is not recorded yet; every stream and relation that the decision
read is as it was; the person has signed nothing that this signature had not seen; unique rows are free;
entries get contiguous leaf indexes; tiles, tree size and root move on; projections follow. The same statements run
on SQLite and PostgreSQL; whoever calls holds the database's write lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from eventsourcing.persistence import StoredEvent

from ledger.domain.event import Event, from_time
from ledger.errors import ConflictError, StoreError
from ledger.log import checkpoints, tiles
from ledger.projections.project import TABLES as PROJECTION_TABLES
from ledger.projections.project import project
from verifier.merkle import CompactRange, leaf_hash

if TYPE_CHECKING:
    from ledger.commands.work import UniqueRow

SCHEMA_VERSION = 2
PREPARATION_LIFE = timedelta(hours=24)

TABLES = (
    """CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS log_head (
        id INTEGER PRIMARY KEY CHECK (id = 1), size BIGINT NOT NULL, nodes {blob} NOT NULL, root {blob} NOT NULL,
        recorded_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS command (
        command TEXT PRIMARY KEY, actor TEXT NOT NULL, first_index BIGINT NOT NULL, events INTEGER NOT NULL,
        idempotency_tag {blob} UNIQUE, body_tag {blob}, reply {blob})""",
    """CREATE TABLE IF NOT EXISTS actor_head (actor TEXT PRIMARY KEY, last_index BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS unique_row (
        kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, key)){clustered}""",
)
"""Beside ``stored_events``. ``unique_row`` has no row ids on SQLite: its order must not tell who came after whom."""


class Sql(Protocol):
    """A cursor in a transaction; placeholders are ``?``, ``{id}`` is the notification id's column."""

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement."""

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a repeated idempotency key is answered with: tags are keyed hashes, the reply is encrypted."""

    idempotency_tag: bytes
    body_tag: bytes
    reply: bytes


@dataclass(frozen=True, slots=True)
class Admission:
    """What the decision stands on and asks for, beside its entries. ``seen`` is the signed log size."""

    command: str
    actor: str
    seen: int
    events: Sequence[Event]
    read: Mapping[str, int]
    related: Mapping[tuple[str, str], int]
    claims: Sequence[UniqueRow]
    releases: Sequence[tuple[str, str]]
    reply: Reply | None = None


def create_tables(sql: Sql, *, blob: str, clustered: str) -> None:
    """Make our tables beside the library's, or find them; SCHEMA_NEWER when a newer version made them."""
    for statement in (*TABLES, *tiles.TABLES, *checkpoints.TABLES, *PROJECTION_TABLES):
        sql.execute(statement.format(blob=blob, clustered=clustered))
    sql.execute("SELECT value FROM meta WHERE name = 'schema'")
    row = sql.fetchone()
    if row is None:
        sql.execute("INSERT INTO meta (name, value) VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
        tree = CompactRange()
        sql.execute(
            "INSERT INTO log_head (id, size, nodes, root, recorded_at) VALUES (1, 0, ?, ?, ?)",
            (tree.to_bytes(), tree.root(), "1970-01-01T00:00:00Z"),
        )
    elif int(row[0]) != SCHEMA_VERSION:
        raise StoreError(
            "SCHEMA_NEWER" if int(row[0]) > SCHEMA_VERSION else "SCHEMA_OLDER",
            f"the data folder has schema {row[0]}, this program knows {SCHEMA_VERSION}",
            "Use the version of certledger that wrote it, or a newer one.",
        )


def admit(sql: Sql, stored: Sequence[StoredEvent], admission: Admission) -> list[int]:
    """Append one command's entries and return their notification ids (leaf index + 1).

    Raises ConflictError when the history is no longer the one that was decided on.
    """
    head = _head(sql, admission.command, admission.actor)
    if head.recorded is not None:
        return _recorded_before(sql, stored, head.recorded)
    _check_unchanged(sql, admission)
    if head.last_act is not None and admission.seen <= head.last_act:
        raise ConflictError("the same person has signed another act that this signature had not seen")
    _check_time(head.recorded_at, admission.events[0].recorded_at)
    _claim(sql, admission)
    first = append(
        sql,
        stored,
        admission.events,
        command=admission.command,
        actor=admission.actor,
        reply=admission.reply,
        head=head,
    )
    return list(range(first + 1, first + 1 + len(stored)))


def append(
    sql: Sql,
    stored: Sequence[StoredEvent],
    events: Sequence[Event],
    *,
    command: str,
    actor: str,
    reply: Reply | None = None,
    head: _Head | None = None,
) -> int:
    """Write one command's entries, whatever they say, and all that follows from them; the first leaf index."""
    head = head or _head(sql, command, actor)
    size = head.size
    leaves = [leaf_hash(row.state) for row in stored]
    tree = CompactRange.from_bytes(size, head.nodes)
    tree.extend(leaves)
    sql.executemany(
        "INSERT INTO stored_events (originator_id, originator_version, topic, state, {id}) VALUES (?, ?, ?, ?, ?)",
        [
            (row.originator_id, row.originator_version, row.topic, row.state, number)
            for number, row in enumerate(stored, start=size + 1)
        ],
    )
    tiles.grow(sql, size, leaves)
    sql.execute(
        "UPDATE log_head SET size = ?, nodes = ?, root = ?, recorded_at = ? WHERE id = 1",
        (tree.size, tree.to_bytes(), tree.root(), max(head.recorded_at, events[0].recorded_at)),
    )
    sql.execute(
        "INSERT INTO command (command, actor, first_index, events, idempotency_tag, body_tag, reply)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            command,
            actor,
            size,
            len(stored),
            reply and reply.idempotency_tag,
            reply and reply.body_tag,
            reply and reply.reply,
        ),
    )
    sql.execute(
        "INSERT INTO actor_head (actor, last_index) VALUES (?, ?)"
        " ON CONFLICT (actor) DO UPDATE SET last_index = excluded.last_index",
        (actor, tree.size - 1),
    )
    for index, event in enumerate(events, start=size):
        project(sql, event, index)
    return size


@dataclass(frozen=True, slots=True)
class _Head:
    """The log before this command.

    Its size, the right edge of its tree, its newest time of recording; (first index, events) of this very
    command if it was recorded before, and the leaf index of this person's last act.
    """

    size: int
    nodes: bytes
    recorded_at: str
    recorded: tuple[int, int] | None
    last_act: int | None


def _head(sql: Sql, command: str, actor: str) -> _Head:
    sql.execute(
        "SELECT h.size, h.nodes, h.recorded_at, c.first_index, c.events, a.last_index FROM log_head h"
        " LEFT JOIN command c ON c.command = ? LEFT JOIN actor_head a ON a.actor = ? WHERE h.id = 1",
        (command, actor),
    )
    row = sql.fetchone()
    if row is None:
        raise StoreError("STORE_DAMAGED", "the log's head is missing", "Run `certledger fsck`.")
    size, nodes, recorded_at, first, events, last_act = row
    return _Head(size, bytes(nodes), recorded_at, None if first is None else (first, events), last_act)


def _recorded_before(sql: Sql, stored: Sequence[StoredEvent], place: tuple[int, int]) -> list[int]:
    """The ids of this very command if an acknowledgement was lost; a lost answer must not look like a conflict."""
    first, count = place
    sql.execute(
        "SELECT state FROM stored_events WHERE {id} > ? AND {id} <= ? ORDER BY {id}", (first, first + count)
    )
    if [bytes(state) for (state,) in sql.fetchall()] != [event.state for event in stored]:
        raise ConflictError("a command with this id was recorded with other content")
    return list(range(first + 1, first + count + 1))


def _check_unchanged(sql: Sql, admission: Admission) -> None:
    sql.execute(
        "SELECT originator_id, MAX(originator_version) FROM stored_events"  # noqa: S608 - placeholders only
        f" WHERE originator_id IN ({', '.join('?' * len(admission.read))}) GROUP BY originator_id",
        list(admission.read),
    )
    versions = dict(sql.fetchall())
    for stream, version in admission.read.items():
        if versions.get(stream, 0) != version:
            raise ConflictError(f"{stream} has moved on since it was read")
    for (kind, source), count in admission.related.items():
        sql.execute("SELECT COUNT(*) FROM relation WHERE kind = ? AND source = ?", (kind, source))
        row = sql.fetchone()
        if (row and row[0]) != count:
            raise ConflictError(f"{kind} of {source} has changed since it was read")


def _check_time(head: str, recorded_at: str) -> None:
    """``recorded_at`` never goes back along the log by more than a preparation may live."""
    if from_time(head) - from_time(recorded_at) > PREPARATION_LIFE:
        raise StoreError(
            "CLOCK_WENT_BACK",
            f"the clock says {recorded_at}, but the log already holds {head}",
            "Set the server's clock right and try again.",
        )


def _claim(sql: Sql, admission: Admission) -> None:
    for kind, key in admission.releases:
        sql.execute("DELETE FROM unique_row WHERE kind = ? AND key = ?", (kind, key))
    if not admission.claims:
        return
    rows = [(row.kind, row.key) for row in admission.claims]
    sql.execute(
        "SELECT kind FROM unique_row"  # noqa: S608 - placeholders only
        f" WHERE (kind, key) IN (VALUES {', '.join(['(?, ?)'] * len(rows))})",
        [part for row in rows for part in row],
    )
    taken = sql.fetchone()
    if taken is not None:
        raise ConflictError(f"{taken[0]} was taken by another act at the same moment")
    sql.executemany("INSERT INTO unique_row (kind, key) VALUES (?, ?)", rows)
