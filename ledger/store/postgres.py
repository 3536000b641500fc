"""The store on PostgreSQL: the library's recorder with our admission.

The library's table lock serialises appends, so leaf indexes are contiguous and are given by the admission,
never by a sequence; the notification id is the leaf index plus one. Its database functions stay off: with
them events become visible out of order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
from psycopg import Cursor, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from ledger.errors import StoreError
from ledger.store.admission import Admission, admit, create_tables

_APPEND_ONLY = (
    """CREATE OR REPLACE FUNCTION certledger_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER stored_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
       FOR EACH STATEMENT EXECUTE FUNCTION certledger_append_only()""",
)


def environment(url: str) -> dict[str, str]:
    """The library's settings for a libpq URL ``postgresql://user:password@host:port/database``."""
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise StoreError(
            "DATABASE_URL_INVALID",
            f"the database URL is not one that PostgreSQL understands: {str(error).strip()}",
            "Correct it to postgresql://user:password@host:port/database.",
        ) from None
    return {
        "POSTGRES_DBNAME": str(parts.get("dbname") or ""),
        "POSTGRES_HOST": str(parts.get("host") or "localhost"),
        "POSTGRES_PORT": str(parts.get("port") or 5432),
        "POSTGRES_USER": str(parts.get("user") or ""),
        "POSTGRES_PASSWORD": str(parts.get("password") or ""),
        "POSTGRES_ENABLE_DB_FUNCTIONS": "n",
        "POSTGRES_POOL_SIZE": "10",
        "POSTGRES_MAX_OVERFLOW": "40",
    }


class PostgresSql:
    """A cursor for the admission and the projections."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement."""
        self._cursor.execute(_translated(statement), parameters or None)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        self._cursor.executemany(_translated(statement), rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows."""
        return list(self._cursor.fetchall())


def _translated(statement: str) -> bytes:
    return statement.replace("{id}", "notification_id").replace("?", "%s").encode()


class PostgresRecorder(PostgresApplicationRecorder):
    """The library's application recorder; ``insert_events`` takes an ``admission``."""

    @property
    def _notify(self) -> Composed:
        """Tells the library's subscribers, once the append is committed."""
        return SQL("NOTIFY {0}").format(Identifier(self.channel_name))

    def create_table(self) -> None:
        """Make or check all tables."""
        super().create_table()
        with self._cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7206321)")
            create_tables(PostgresSql(cursor), blob="bytea", clustered="")
            for statement in _APPEND_ONLY:
                cursor.execute(statement.encode())

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Append one command by its ``admission``. What needs no answer is sent without waiting for one."""
        admission: Admission = kwargs["admission"]
        with (
            self.datastore.get_connection() as connection,
            connection.pipeline(),
            connection.transaction(),
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            for statement in (*self.lock_table_statements, self._notify):
                cursor.execute(statement)
            return admit(PostgresSql(cursor), stored_events, admission)

    @contextmanager
    def _cursor(self) -> Iterator[Cursor[Any]]:
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            yield cursor

    @contextmanager
    def reading(self) -> Iterator[PostgresSql]:
        """A cursor for queries; each statement sees what was committed when it began."""
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            yield PostgresSql(cursor)

    @contextmanager
    def writing(self) -> Iterator[PostgresSql]:
        """A cursor that holds the append lock (rebuilding projections)."""
        with self._cursor() as cursor:
            for statement in self.lock_table_statements:
                cursor.execute(statement)
            yield PostgresSql(cursor)


class Factory(PostgresFactory):
    """The library's factory with our recorder; the table is named, since its name follows the class otherwise."""

    application_recorder_class = PostgresRecorder

    def application_recorder(self) -> PostgresRecorder:
        """The recorder over ``stored_events``."""
        recorder = PostgresRecorder(self.datastore, events_table_name="stored_events")
        recorder.create_table()
        return recorder
