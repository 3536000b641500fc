"""The store on SQLite: the library's recorder with our admission, append-only, durable at every commit.

Before SQLite 3.51.3 (and the backports 3.44.6 and 3.50.7) two connections in WAL mode can lose a commit, so
the journal mode is chosen by version. ``synchronous=FULL`` always. Leaf indexes are given by the admission:
``rowid`` is declared, since implicit ones are used again after a deletion, and is the leaf index plus one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
    SQLiteTransaction,
)

from ledger.store.admission import Admission, admit, create_tables

_EVENTS = """CREATE TABLE IF NOT EXISTS stored_events (
    rowid INTEGER PRIMARY KEY, originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL, state BLOB NOT NULL, UNIQUE (originator_id, originator_version))"""
_APPEND_ONLY = tuple(
    f"CREATE TRIGGER IF NOT EXISTS stored_events_no_{verb} BEFORE {verb.upper()} ON stored_events"
    " BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    for verb in ("update", "delete")
)


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite keeps every commit with two connections in WAL mode."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


class SqliteSql:
    """A cursor for the admission and the projections."""

    def __init__(self, cursor: SQLiteCursor | sqlite3.Cursor) -> None:
        self._cursor = cursor

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement."""
        self._cursor.execute(statement.replace("{id}", "rowid"), parameters)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        self._cursor.executemany(statement.replace("{id}", "rowid"), rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        row = self._cursor.fetchone()
        return None if row is None else tuple(row)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows."""
        return [tuple(row) for row in self._cursor.fetchall()]


class _Transaction(SQLiteTransaction):
    """A writer takes the lock at once: a read lock raised later could never be given."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        return cursor


class _Connection(SQLiteConnection):
    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with _Transaction(self, commit=commit) as cursor, cursor:
            yield cursor


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = sqlite3.connect(
            self.db_name,
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=self.lock_timeout or 10,
        )
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal_is_safe() else 'TRUNCATE'}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-16000")
        connection.row_factory = sqlite3.Row
        return _Connection(connection, max_age=self.max_age)


class SqliteRecorder(SQLiteApplicationRecorder):
    """The library's application recorder; ``insert_events`` takes an ``admission``."""

    def construct_create_table_statements(self) -> list[str]:
        """Events, never updated or deleted."""
        return [_EVENTS, *_APPEND_ONLY]

    def create_table(self) -> None:
        """Make or check all tables."""
        with self.datastore.transaction(commit=True) as cursor:
            self._create_table(cursor)
            sql = SqliteSql(cursor)
            create_tables(sql, blob="BLOB", clustered=" WITHOUT ROWID")

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int]:
        admission: Admission = kwargs["admission"]
        return admit(SqliteSql(c), stored_events, admission)

    @contextmanager
    def reading(self) -> Iterator[SqliteSql]:
        """A cursor for queries."""
        with self.datastore.transaction(commit=False) as cursor:
            yield SqliteSql(cursor)

    @contextmanager
    def writing(self) -> Iterator[SqliteSql]:
        """A cursor that holds the write lock (rebuilding projections)."""
        with self.datastore.transaction(commit=True) as cursor:
            yield SqliteSql(cursor)


class ReadingAtOnce:
    """A cursor for queries where nobody may wait: sqlite3.OperationalError when another process has the file.

    One connection, which changes nothing, for one thread.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro",
            uri=True,
            isolation_level=None,
            timeout=0,
            check_same_thread=False,
        )

    @contextmanager
    def __call__(self) -> Iterator[SqliteSql]:
        """Each statement by itself sees the store at one moment."""
        cursor = self._connection.cursor()
        try:
            yield SqliteSql(cursor)
        finally:
            cursor.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Factory(SQLiteFactory):
    """The library's factory with our pool and recorder."""

    application_recorder_class = SqliteRecorder

    def __init__(self, env: Any) -> None:
        path = unquote(str(env.get("SQLITE_DBNAME", "")).removeprefix("file:"))
        if path and path != ":memory:":
            # Entries are for auditors; SQLite gives its journals the mode of the file that it finds.
            # One that is there is left alone: closing it would give up this process's locks on it.
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        super().__init__(env)
        plain: SQLiteDatastore = self.datastore
        plain.pool.close()
        # The pool must be larger than the number of threads: a caller who gives up waiting for a connection
        # while it holds the writer's turn would keep it for ever.
        plain.pool = _Pool(
            db_name=plain.pool.db_name, lock_timeout=20, pool_size=10, max_overflow=90, pool_timeout=30
        )
