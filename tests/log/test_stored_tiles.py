"""Tiles in the database are those of an independent builder, at every size, and nothing else is read."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from ledger.errors import StoreError
from ledger.fsck import fsck
from ledger.log import tiles
from ledger.log.tiles import StoredTiles
from ledger.store import admission
from tests.houses import Office
from tests.log.long import lengthen
from verifier import merkle
from verifier.tile import ENTRIES, Tile, TileBuilder, bundles, parse_bundle
from verifier.tile import tiles as all_tiles


class Memory:
    """A database in memory with nothing but entries and tiles."""

    def __init__(self) -> None:
        self.cursor = sqlite3.connect(":memory:", check_same_thread=False).cursor()
        self.execute("CREATE TABLE stored_events ({id} INTEGER PRIMARY KEY, state BLOB)")
        self.execute(tiles.TABLES[0].format(blob="BLOB"))
        self.statements = 0

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        self.cursor.execute(statement.replace("{id}", "rowid_"), parameters)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self.cursor.executemany(statement.replace("{id}", "rowid_"), rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self.cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.cursor.fetchall()

    @contextmanager
    def reading(self) -> Iterator[Memory]:
        self.statements += 1
        yield self

    def add(self, size: int, new: Sequence[bytes]) -> None:
        rows = [(index + 1, entry) for index, entry in enumerate(new, size)]
        self.executemany("INSERT INTO stored_events VALUES (?, ?)", rows)
        tiles.grow(self, size, [merkle.leaf_hash(entry) for entry in new])


def entry(index: int) -> bytes:
    return b"entry %d" % index


def test_tiles_are_those_of_the_builder_whatever_the_size_of_commands() -> None:
    draw, memory, builder, edge = random.Random(7), Memory(), TileBuilder(), merkle.CompactRange()
    full: dict[Tile, bytes] = {}
    size = 0
    while size < 256 * 257 + 300:  # so that level 1 is complete and level 2 has begun
        new = [entry(index) for index in range(size, size + draw.choice([1, 2, 255, 256, 257, 700]))]
        memory.add(size, new)
        for each in new:
            leaf = merkle.leaf_hash(each)
            full.update(builder.append(leaf))
            edge.append(leaf)
        size += len(new)
        partial = dict(builder.partial_tiles())
        for tile, data in partial.items():
            assert tiles.read(memory, tile) == data
        if draw.random() < 0.05:
            assert StoredTiles(memory.reading).tree(size).root() == edge.root()
    assert full
    for tile, data in full.items():
        assert tiles.read(memory, tile) == data
    assert list(tiles.differing(memory, size)) == []


def test_a_partial_tile_of_an_earlier_tree_is_still_read() -> None:
    memory = Memory()
    memory.add(0, [entry(index) for index in range(600)])
    leaves = [merkle.leaf_hash(entry(index)) for index in range(600)]
    assert tiles.read(memory, Tile(0, 1, 3)) == b"".join(leaves[256:259])
    assert tiles.read(memory, Tile(1, 0, 1)) == merkle.root(leaves[:256])


@pytest.mark.parametrize(
    "tile", [Tile(0, 2, 89), Tile(0, 3, 1), Tile(0, 2), Tile(1, 0, 3), Tile(2, 0, 1), Tile(1, 1, 1)]
)
def test_a_tile_beyond_the_log_is_not_there(tile: Tile) -> None:
    memory = Memory()
    memory.add(0, [entry(index) for index in range(600)])
    with pytest.raises(LookupError):
        StoredTiles(memory.reading).read(tile)


def test_proofs_from_stored_tiles_are_those_of_the_whole_tree() -> None:
    memory, draw = Memory(), random.Random(3)
    memory.add(0, [entry(index) for index in range(1500)])
    leaves = [merkle.leaf_hash(entry(index)) for index in range(1500)]
    stored = StoredTiles(memory.reading)
    for size in [1, 2, 255, 256, 257, 511, 512, 1024, 1279, 1500]:
        assert stored.tree(size).root() == merkle.root(leaves[:size])
        for _ in range(20):
            index = draw.randrange(size)
            proof = stored.tree(size).inclusion_proof(index)
            assert proof == merkle.inclusion_proof(leaves[:size], index)
            old = draw.randrange(1, size + 1)
            assert stored.tree(size).consistency_proof(old) == merkle.consistency_proof(leaves[:size], old)


def test_tiles_once_read_are_not_read_again() -> None:
    memory = Memory()
    memory.add(0, [entry(index) for index in range(1000)])
    stored = StoredTiles(memory.reading)
    stored.tree(1000).inclusion_proof(300)
    before = memory.statements
    stored.tree(1000).inclusion_proof(301)
    assert memory.statements == before


def test_an_altered_entry_is_not_given_out_as_a_bundle() -> None:
    memory = Memory()
    memory.add(0, [entry(index) for index in range(300)])
    memory.execute("UPDATE stored_events SET state = ? WHERE {id} = 18", (b"another",))
    with pytest.raises(StoreError, match="entry 17"):
        StoredTiles(memory.reading).bundle(Tile(ENTRIES, 0))


def test_an_altered_tile_is_found() -> None:
    memory = Memory()
    memory.add(0, [entry(index) for index in range(600)])
    memory.execute("UPDATE tile SET hashes = ? WHERE level = 0 AND number = 1", (b"\0" * 8192,))
    assert list(tiles.differing(memory, 600)) == [Tile(0, 1), Tile(1, 0, 2)]
    memory.execute("DELETE FROM tile WHERE level = 0")
    assert Tile(0, 0) not in list(tiles.differing(memory, 600))  # derived from the entries again


@pytest.mark.parametrize("events", [1, 7])
def test_the_append_writes_the_tiles_of_its_entries(place: Office, events: int) -> None:
    lengthen(place, 270 // events, events)
    place.organisation()
    lengthen(place, 300 // events, events)
    house = place.house
    head, stored = house.queries.head(), StoredTiles(house.application.reading)
    assert head.size > 550
    assert fsck(house.application, house.queries, house.folder.root) == (head.size, None)
    with house.application.reading() as sql:
        sql.execute(
            "SELECT level, number, {id} FROM tile, stored_events WHERE {id} = 1 ORDER BY level, number"
        )
        assert [(int(level), int(number)) for level, number, _ in sql.fetchall()] == [(0, 0), (0, 1), (1, 0)]
        assert list(tiles.differing(sql, head.size)) == []
    assert stored.tree(head.size).root() == head.root
    found = [entry for tile in bundles(head.size) for entry in parse_bundle(tile, stored.bundle(tile))]
    assert merkle.root(map(merkle.leaf_hash, found)) == head.root
    for tile in all_tiles(head.size):
        assert len(stored.read(tile)) == 32 * tile.width


def test_an_append_that_fails_leaves_no_tile(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lengthen(place, 250)
    before = place.house.queries.head()
    monkeypatch.setattr(admission, "project", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lengthen(place, 1, 20)
    with place.house.application.reading() as sql:
        sql.execute("SELECT COUNT(*) FROM tile")
        assert sql.fetchone() == (0,)
    assert place.house.queries.head() == before
