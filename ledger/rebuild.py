"""``certledger rebuild``: derive every projection again from the log and prove that it comes out equal.

The log is projected into a fresh database in memory by the same functions; each table is then compared with
the stored one. Where they differ the stored table is replaced, in one transaction, and the difference told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.errors import StoreError
from ledger.projections import project as projections
from ledger.store.mapper import event_of

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.store.admission import Sql

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many events were projected, and for each table how many rows differed from the stored ones."""

    events: int
    differing: dict[str, int]


class _Memory:
    """A projection database in memory."""

    def __init__(self) -> None:
        self._cursor = sqlite3.connect(":memory:", isolation_level=None).cursor()
        for statement in projections.TABLES:
            self._cursor.execute(statement.format(blob="BLOB", clustered=" WITHOUT ROWID"))
        self._cursor.execute("BEGIN")

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        self._cursor.execute(statement, parameters)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(statement, rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._cursor.fetchall()


def rebuild(
    application: LedgerApplication, *, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Rebuilt:
    """Derive all projections again, compare, and put right what differs. Appending waits meanwhile.

    Raises StoreError STORE_DAMAGED when the log is not all there; nothing is changed then.
    """
    memory = _Memory()
    with application.recorder.writing() as sql:  # type: ignore[attr-defined]
        total, done = _size(sql), 0
        if not total:
            raise _damaged("it has no entries")
        while done < total:
            sql.execute(
                "SELECT {id}, state FROM stored_events WHERE {id} > ? ORDER BY {id} LIMIT ?", (done, BATCH)
            )
            rows = sql.fetchall()
            if not rows:
                raise _damaged(f"entries {done} to {total - 1} are missing")
            for number, state in rows:
                if number != done + 1:
                    raise _damaged(f"entry {done} is missing")
                try:
                    projections.project(memory, event_of(bytes(state)), done)
                except (ValueError, KeyError, TypeError, AttributeError):
                    raise _damaged(f"entry {done} cannot be read") from None
                done += 1
            progress(done, total)
        differing = {table: _compare(sql, memory, table) for table in projections.NAMES}
    return Rebuilt(total, differing)


def _damaged(what: str) -> StoreError:
    return StoreError(
        "STORE_DAMAGED", f"nothing can be derived from this log: {what}", "Run `certledger fsck`."
    )


def _size(sql: Sql) -> int:
    sql.execute("SELECT size FROM log_head WHERE id = 1")
    row = sql.fetchone()
    return int(row[0]) if row else 0


def _compare(sql: Sql, memory: _Memory, table: str) -> int:
    """The number of differing rows; the stored table is replaced when there are any."""
    sql.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own table names
    stored = set(sql.fetchall())
    memory.execute(f"SELECT * FROM {table}")  # noqa: S608
    derived = set(memory.fetchall())
    if stored == derived:
        return 0
    sql.execute(f"DELETE FROM {table}")  # noqa: S608
    if derived:
        marks = ", ".join("?" * len(next(iter(derived))))
        sql.executemany(f"INSERT INTO {table} VALUES ({marks})", sorted(derived, key=repr))  # noqa: S608
    return len(stored ^ derived)
