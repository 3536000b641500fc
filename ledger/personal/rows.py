"""The sealed rows: all facts of one subject and class, each with the command that brought it.

Row and data key lie in two files, so a destruction has three steps, each durable: the row is marked as
dying, its key is destroyed, the row goes with its mark. A dying row is not there for anybody; whoever finds
one finishes it before making a new key. A row that has no key and is not dying says that the key file is
not this store's.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from keys.datakeys import DataKeys
from ledger.errors import StoreError
from ledger.personal.database import seal, unseal
from ledger.personal.fact import Fact
from verifier import jcs

ROW_LIMIT = 4 * 1024 * 1024
"""Largest row in bytes: some ten thousand facts of one subject and class."""

Place = tuple[str, str]
"""Subject and class."""

_SEALED = "SELECT sealed FROM fact_row WHERE subject = ? AND class = ?"
IS_ALIVE = """NOT EXISTS (SELECT 1 FROM dying
    WHERE dying.subject = fact_row.subject AND dying.class = fact_row.class)"""
"""A condition on a row of fact_row."""
_LIVING = f"{_SEALED} AND {IS_ALIVE}"
_DYING = "SELECT 1 FROM dying WHERE subject = ? AND class = ?"
_REMOVE = "DELETE FROM fact_row WHERE subject = ? AND class = ?"
_UNMARK = "DELETE FROM dying WHERE subject = ? AND class = ?"


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact and the command that put it."""

    fact: Fact
    command: str


class Rows:
    """The tables fact_row and dying. All methods work inside a transaction of the caller's."""

    def __init__(self, datakeys: DataKeys) -> None:
        self._datakeys = datakeys

    def load(self, connection: sqlite3.Connection, place: Place) -> list[Kept]:
        """Return the facts in the order in which they were put; none when there is no row, or a dying one.

        Raises StoreError PERSONAL_KEY_MISSING or PERSONAL_DAMAGED.
        """
        row = connection.execute(_LIVING, place).fetchone()
        return [] if row is None else self.opened(place, row[0])

    def opened(self, place: Place, sealed: bytes) -> list[Kept]:
        """Return the facts in a row that the caller's transaction has read.

        The key is read inside the transaction: nobody can destroy it and put a new row and key meanwhile.
        """
        key = self._datakeys.get(*place)
        if key is None:
            hint = (
                "Restore the key file that belongs to this personal store, then apply the log's destructions."
            )
            raise StoreError("PERSONAL_KEY_MISSING", f"a row of class {place[1]} has no data key", hint)
        items = json.loads(
            unseal(key, sealed, "fact_row", *place)
        )  # as `save` wrote it, or it would not open
        return [Kept(Fact.from_json(item), item["command"]) for item in items]

    def ensure_keys(self, places: Iterable[Place]) -> None:
        """Make all data keys that are missing, in one transaction of their own. No place may be dying."""
        self._datakeys.ensure(places)

    def save(self, connection: sqlite3.Connection, place: Place, kept: Iterable[Kept]) -> None:
        """Write the row under its data key. Raises StoreError FACTS_TOO_LARGE."""
        content = jcs.encode([{**each.fact.to_json(), "command": each.command} for each in kept])
        if len(content) > ROW_LIMIT:
            raise StoreError(
                "FACTS_TOO_LARGE", f"facts of class {place[1]} of one subject exceed {ROW_LIMIT} bytes"
            )
        sealed = seal(self._datakeys.get_or_create(*place), content, "fact_row", *place)
        query = "INSERT INTO fact_row VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed"
        connection.execute(query, (*place, sealed))

    def remove(self, connection: sqlite3.Connection, place: Place) -> None:
        """Delete the row and leave its key."""
        connection.execute(_REMOVE, place)

    def drop_unused_key(self, connection: sqlite3.Connection, place: Place) -> None:
        """Destroy the key if there is no row; the write lock keeps others from making one."""
        if self.sealed(connection, place) is None:
            self._datakeys.destroy(*place)

    def mark_dying(self, connection: sqlite3.Connection, place: Place) -> bytes | None:
        """Mark the row, if there is one, and return what it holds, sealed.

        From the commit on it is not there.
        """
        sealed = self.sealed(connection, place)
        if sealed is not None:
            connection.execute("INSERT OR IGNORE INTO dying VALUES (?, ?)", place)
        return sealed

    def finish_dying(self, connection: sqlite3.Connection, place: Place) -> None:
        """Destroy key and row of a place that was marked; nothing otherwise."""
        if self._is_dying(connection, place):
            self.destroy(connection, place)

    def destroy(self, connection: sqlite3.Connection, place: Place) -> None:
        """Destroy the key, then row and mark. A row was marked in a transaction before this one."""
        self._datakeys.destroy(*place)
        self.remove(connection, place)
        connection.execute(_UNMARK, place)

    @staticmethod
    def sealed(connection: sqlite3.Connection, place: Place) -> bytes | None:
        """Return what the row holds, sealed, or None."""
        row = connection.execute(_SEALED, place).fetchone()
        return row[0] if row else None

    @staticmethod
    def _is_dying(connection: sqlite3.Connection, place: Place) -> bool:
        return connection.execute(_DYING, place).fetchone() is not None
