"""Every row of a ledger's database, to put an older database in the place of a newer one and to compare."""

from __future__ import annotations

from typing import Any

from ledger.application import LedgerApplication
from ledger.projections.project import NAMES
from ledger.store import sqlite

TABLES = (
    "stored_events",
    "log_head",
    "command",
    "actor_head",
    "unique_row",
    "tile",
    "checkpoint",
    "cosignature",
    "witness",
    *NAMES,
)
_TRIGGERS = {
    "sqlite": ("DROP TRIGGER stored_events_no_delete", sqlite._APPEND_ONLY[1]),
    "postgres": (
        "ALTER TABLE stored_events DISABLE TRIGGER USER",
        "ALTER TABLE stored_events ENABLE TRIGGER USER",
    ),
}

Rows = dict[str, list[tuple[Any, ...]]]


def take(application: LedgerApplication) -> Rows:
    """All rows, in an order of their own."""
    rows: Rows = {}
    with application.reading() as sql:
        for table in TABLES:
            sql.execute(f"SELECT * FROM {table}")
            rows[table] = sorted((tuple(map(_plain, row)) for row in sql.fetchall()), key=repr)
    return rows


def put(application: LedgerApplication, rows: Rows) -> None:
    """Make the database what it was."""
    before, after = _TRIGGERS["sqlite" if "Sqlite" in type(application.recorder).__name__ else "postgres"]
    with application.recorder.writing() as sql:  # type: ignore[attr-defined]
        sql.execute(before)
        for table in TABLES:
            sql.execute(f"DELETE FROM {table}")
            if rows[table]:
                marks = ", ".join("?" * len(rows[table][0]))
                sql.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
        sql.execute(after)


def recoverable(rows: Rows) -> Rows:
    """The rows without what no entry holds, the clients' idempotency keys, and without older checkpoints."""
    return rows | {"command": [row[:4] for row in rows["command"]], "checkpoint": rows["checkpoint"][-1:]}


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value
