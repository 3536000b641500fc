"""A ledger whose database is altered behind its back, on SQLite and on PostgreSQL, for tests of fsck and rebuild."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ledger.commands.custody import RenameOrganisation
from ledger.commands.facilities import AssessItems, ItemArgument, StartFacilityReview
from ledger.domain.roles import Role
from ledger.fsck import Finding, fsck
from ledger.store.admission import Sql
from tests.houses import Office
from verifier.merkle import CompactRange, leaf_hash

Row = tuple[str, int, str, bytes]
"""Stream, version, topic, entry."""

MANY = 270
"""So many entries that one hash tile is full."""

_UNLOCK = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS stored_events_no_update",
        "DROP TRIGGER IF EXISTS stored_events_no_delete",
    ),
    "postgres": ("DROP TRIGGER IF EXISTS stored_events_append_only ON stored_events",),
}


class Tampered:
    """A small history, open to changes: a person with SQL rights and without any key."""

    def __init__(self, place: Office) -> None:
        self.place = place
        self.org = place.organisation()
        self.admin = place.person((Role.TRAINING_ADMIN, self.org))
        self.renamed = [self._rename(name, second=number % 2) for number, name in enumerate("ABCD")]
        self.other = place.house.queries.head().size
        place.organisation(public_name="LPK Contoh")
        self.many = self._assess(MANY)
        self.five = self._assess(5)
        """Leaf index of the first of five entries of one command."""
        place.organisation(public_name="BLK Fiktif")
        self.last = self._assess(3)
        self._unlock = _UNLOCK["postgres" if place.house.folder.settings.database else "sqlite"]

    def _rename(self, name: str, *, second: int) -> int:
        command = RenameOrganisation(organisation=self.org, name=name, public_name=name)
        return self.place.custody(command, second=bool(second)).first_index

    def _assess(self, count: int) -> int:
        start = StartFacilityReview(site=self.org, provider=self.org)
        review = self.place.give(self.admin, Role.TRAINING_ADMIN, self.org, start).result["review"]
        items = [ItemArgument(item=f"I-{number}", passed=True, critical=False) for number in range(count)]
        command = AssessItems(review=review, items=items)
        return self.place.give(self.admin, Role.TRAINING_ADMIN, self.org, command).first_index

    @contextmanager
    def sql(self) -> Iterator[Sql]:
        """One transaction, in which history can be changed."""
        with self.place.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
            for statement in self._unlock:
                sql.execute(statement)
            yield sql

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.rows())

    def rows(self) -> list[Row]:
        """All rows by leaf index."""
        with self.sql() as sql:
            sql.execute(
                "SELECT originator_id, originator_version, topic, state FROM stored_events ORDER BY {id}"
            )
            return [(str(a), int(b), str(c), bytes(d)) for a, b, c, d in sql.fetchall()]

    def write(self, rows: Sequence[Row | None], *, head: bool = False) -> None:
        """Put these rows in the place of all, None leaving a gap; with ``head``, a tree head that fits them."""
        with self.sql() as sql:
            sql.execute("DELETE FROM stored_events")
            for number, row in enumerate(rows, 1):
                if row is not None:
                    sql.execute(
                        "INSERT INTO stored_events (originator_id, originator_version, topic, state, {id})"
                        " VALUES (?, ?, ?, ?, ?)",
                        (*row, number),
                    )
            if head:
                tree = CompactRange()
                tree.extend([leaf_hash(row[3]) for row in rows if row is not None])
                change = "UPDATE log_head SET size = ?, nodes = ?, root = ? WHERE id = 1"
                sql.execute(change, (tree.size, tree.to_bytes(), tree.root()))

    def change(self, index: int, old: bytes, new: bytes) -> None:
        """Other bytes in one entry."""
        rows: list[Any] = self.rows()
        stream, version, topic, state = rows[index]
        assert old in state
        rows[index] = (stream, version, topic, state.replace(old, new, 1))
        self.write(rows)

    def finding(self) -> Finding | None:
        """What fsck says."""
        house = self.place.house
        return fsck(house.application, house.queries, house.folder.root)[1]

    def found(self) -> tuple[int, str]:
        """Leaf index and code of what fsck says."""
        finding = self.finding()
        assert finding is not None
        return finding.index, finding.code
