"""The sealed rows: all facts of one subject and class, each with the command that brought it."""

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


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact and the command that put it."""

    fact: Fact
    command: str


class Rows:
    """The table fact_row. All methods work inside a transaction of the caller's."""

    def __init__(self, datakeys: DataKeys) -> None:
        self._datakeys = datakeys

    def load(self, connection: sqlite3.Connection, place: Place) -> list[Kept]:
        """Return the facts in the order in which they were put; none when row or key is gone."""
        sealed = self._sealed(connection, place)
        # The key is read inside the transaction: nobody can destroy it and put a new row and key meanwhile.
        key = self._datakeys.get(*place) if sealed is not None else None
        if sealed is None or key is None:
            return []
        items = jcs.decode(unseal(key, sealed, "fact_row", *place), limit=ROW_LIMIT)
        return [Kept(Fact.from_json(item), item["command"]) for item in items]

    def save(self, connection: sqlite3.Connection, place: Place, kept: Iterable[Kept]) -> None:
        """Write the row, under a data key that is made when there is none.

        Raises StoreError FACTS_TOO_LARGE.
        """
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
        connection.execute("DELETE FROM fact_row WHERE subject = ? AND class = ?", place)

    def drop_unused_key(self, connection: sqlite3.Connection, place: Place) -> None:
        """Destroy the key if there is no row; the write lock keeps others from making one."""
        if self._sealed(connection, place) is None:
            self._datakeys.destroy(*place)

    def destroy(self, connection: sqlite3.Connection, place: Place) -> None:
        """Destroy the key, then the row.

        From then on a copy of the row opens no more, whatever becomes of the transaction.
        """
        self._datakeys.destroy(*place)
        self.remove(connection, place)

    @staticmethod
    def _sealed(connection: sqlite3.Connection, place: Place) -> bytes | None:
        query = "SELECT sealed FROM fact_row WHERE subject = ? AND class = ?"
        row = connection.execute(query, place).fetchone()
        return row[0] if row else None
