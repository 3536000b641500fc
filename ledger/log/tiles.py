"""Hash tiles in the database, written by the very transaction that appends their entries.

A tile of level 0 is stored once its 256 leaves are there; until then it is derived from the entries
themselves, so that most appends write nothing here. A tile of a higher level grows with each full tile below
it, once in 256 entries. Rows are read as C2SP tlog-tiles (`verifier.tile`) at any width up to theirs: a
partial tile of an earlier tree is the beginning of a later one.

Not done here: believing what is read. The signer and the publisher compare roots before anything leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from ledger.errors import StoreError
from verifier import merkle
from verifier.tile import ENTRIES, WIDTH, Tile, TileTree, encode_bundle, tiles

if TYPE_CHECKING:
    from ledger.store.admission import Sql

TABLES = (
    """CREATE TABLE IF NOT EXISTS tile (
        level INTEGER NOT NULL, number BIGINT NOT NULL, hashes {blob} NOT NULL, PRIMARY KEY (level, number))""",
)
CACHED_TILES = 4096
"""Tiles kept in memory with their inner nodes, 16 KB each when full."""

Reading = Callable[[], AbstractContextManager["Sql"]]


def grow(sql: Sql, size: int, leaves: Sequence[bytes]) -> None:
    """Store the tiles that these leaf hashes complete in a tree of ``size`` leaves.

    Called in the append's transaction, after the entries were inserted.
    """
    if (size + len(leaves)) // WIDTH == size // WIDTH:
        return
    begun = size // WIDTH * WIDTH
    hashes = [*map(merkle.leaf_hash, entries(sql, begun, size)), *leaves]
    level, number = 0, size // WIDTH
    while True:
        full = len(hashes) // WIDTH
        for each in range(full):
            _write(sql, level, number + each, hashes[each * WIDTH : (each + 1) * WIDTH])
        if level and len(hashes) % WIDTH:
            _write(sql, level, number + full, hashes[full * WIDTH :])
        if not full:
            return
        nodes = [merkle.root(hashes[each * WIDTH : (each + 1) * WIDTH]) for each in range(full)]
        level, (number, width) = level + 1, divmod(number, WIDTH)
        hashes = [*_split(_row(sql, level, number)[: width * merkle.HASH_SIZE]), *nodes]


def entries(sql: Sql, start: int, end: int) -> list[bytes]:
    """The entries at leaf indexes ``start`` to ``end`` (excluded)."""
    sql.execute("SELECT state FROM stored_events WHERE {id} > ? AND {id} <= ? ORDER BY {id}", (start, end))
    return [bytes(state) for (state,) in sql.fetchall()]


def read(sql: Sql, tile: Tile) -> bytes:
    """A hash tile's bytes. Raises LookupError for one that the log does not have."""
    data = _row(sql, tile.level, tile.index)
    if not data and tile.level == 0:
        start = tile.index * WIDTH
        data = b"".join(map(merkle.leaf_hash, entries(sql, start, start + tile.width)))
    if len(data) < tile.width * merkle.HASH_SIZE:
        raise LookupError(tile.path())
    return data[: tile.width * merkle.HASH_SIZE]


def differing(sql: Sql, size: int) -> Iterator[Tile]:
    """The tiles of a tree of ``size`` leaves that are not what the entries, or the tiles below, make them."""
    for tile in tiles(size):
        if tile.level == 0:
            start = tile.index * WIDTH
            made = [merkle.leaf_hash(entry) for entry in entries(sql, start, start + tile.width)]
        else:
            first = tile.index * WIDTH
            below = (Tile(tile.level - 1, first + each) for each in range(tile.width))
            made = [merkle.root(_split(_row(sql, each.level, each.index))) for each in below]
        try:
            if read(sql, tile) != b"".join(made):
                yield tile
        except LookupError:
            yield tile


class StoredTiles:
    """The tiles and entries of one log, read from its database. Safe for threads."""

    def __init__(self, reading: Reading, cached: int = CACHED_TILES) -> None:
        self._reading = reading
        self._hashed = lru_cache(cached)(self._load)

    def read(self, tile: Tile) -> bytes:
        """A hash tile's bytes. Raises LookupError for one that the log does not have."""
        return self._hashed(tile)[0]

    def entries(self, start: int, end: int) -> list[bytes]:
        """The entries at these leaf indexes, ``end`` excluded. Raises LookupError when some are missing."""
        with self._reading() as sql:
            found = entries(sql, start, end)
        if len(found) != end - start:
            raise LookupError(f"entries {start} to {end}")
        return found

    def bundle(self, tile: Tile) -> bytes:
        """An entry bundle's bytes.

        Raises LookupError for one that the log does not have, StoreError STORE_DAMAGED when an entry is not
        the one that was hashed into the tree.
        """
        start = tile.index * WIDTH
        found = self.entries(start, start + tile.width)
        hashed = _split(self.read(Tile(0, tile.index, tile.width)))
        for index, (entry, leaf) in enumerate(zip(found, hashed, strict=True), start):
            if merkle.leaf_hash(entry) != leaf:
                raise StoreError(
                    "STORE_DAMAGED",
                    f"entry {index} in the database is not the one that was recorded",
                    "Run `certledger fsck`; bring the entry back with `certledger restore`.",
                )
        return encode_bundle(found)

    def data(self, tile: Tile) -> bytes:
        """A hash tile's or an entry bundle's bytes; raises as ``read`` and ``bundle``."""
        return self.bundle(tile) if tile.level == ENTRIES else self.read(tile)

    def tree(self, size: int) -> TileTree:
        """The tree of the first ``size`` entries, for roots and proofs."""
        return _StoredTree(size, self)

    def node(self, tile: Tile, height: int, number: int) -> bytes:
        """The root of the full subtree number ``number`` over 2^height of a tile's hashes."""
        start = number * merkle.HASH_SIZE
        return self._hashed(tile)[height][start : start + merkle.HASH_SIZE]

    def _load(self, tile: Tile) -> tuple[bytes, ...]:
        """A tile's hashes and the full nodes above them, by height."""
        with self._reading() as sql:
            level = read(sql, tile)
        levels = [level]
        pair = 2 * merkle.HASH_SIZE
        while len(level) >= pair:
            # As `merkle.node_hash`, without cutting each pair in two first: a proof from a cold cache is mostly this.
            ends = range(pair, len(level) + 1, pair)
            level = b"".join([sha256(b"\x01" + level[end - pair : end]).digest() for end in ends])
            levels.append(level)
        return tuple(levels)


class _StoredTree(TileTree):
    """A tree whose inner nodes are remembered beyond its own size: proofs at one size help at the next."""

    __slots__ = ("_tiles",)

    def __init__(self, size: int, stored: StoredTiles) -> None:
        super().__init__(size, stored.read)
        self._tiles = stored

    def _node(self, height: int, index: int) -> bytes:
        level, inner = divmod(height, WIDTH.bit_length() - 1)
        number, offset = divmod(index << inner, WIDTH)
        width = min(WIDTH, (self.size >> (WIDTH.bit_length() - 1) * level) - number * WIDTH)
        return self._tiles.node(Tile(level, number, width), inner, offset >> inner)


def _row(sql: Sql, level: int, number: int) -> bytes:
    sql.execute("SELECT hashes FROM tile WHERE level = ? AND number = ?", (level, number))
    row = sql.fetchone()
    return bytes(row[0]) if row else b""


def _write(sql: Sql, level: int, number: int, hashes: Sequence[bytes]) -> None:
    sql.execute(
        "INSERT INTO tile (level, number, hashes) VALUES (?, ?, ?)"
        " ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
        (level, number, b"".join(hashes)),
    )


def _split(data: bytes) -> list[bytes]:
    return [data[each : each + merkle.HASH_SIZE] for each in range(0, len(data), merkle.HASH_SIZE)]
