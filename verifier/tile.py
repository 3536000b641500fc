"""Tiles (C2SP tlog-tiles): a log as immutable files.

    tile/<L>/<N>[.p/<W>]          hashes of level L: 256, or W of them, 32 bytes each
    tile/entries/<N>[.p/<W>]      the entries themselves: u16be length || entry, each

The n-th tile of level l holds the roots of the full subtrees of 256^l leaves numbered 256·n … 256·n + 255;
level 0 holds leaf hashes. N is written in groups of three digits, all but the last after an `x` (1234067 is
`x001/x234/067`). The last tile of a level may be partial, with a width W from 1 to 255; an empty tile does
not exist, and a partial one is not hashed into the level above.

Not done here: fetching. A reader of tiles is a function from a tile to its bytes, and what it gives is not
believed before it leads to a signed root.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from verifier import checkpoint, merkle
from verifier.errors import FormatError, ProofError

WIDTH = 256
ENTRIES = -1  # stands for the level of entry bundles
LEVEL_LIMIT = 63
ENTRY_LIMIT = 65535

_HEIGHT = 8
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's place.

    `level` is 0 … 63 or ENTRIES, `index` counts within the level, `width` is 1 … 256 hashes or entries.
    """

    level: int
    index: int
    width: int = WIDTH

    def path(self) -> str:
        """Return the path below the log's prefix, without a leading slash."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else self.level
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def parse_path(path: str) -> Tile:
    """Read a path as `Tile.path` gives it. Raises FormatError TILE_PATH_INVALID."""
    match = _PATH.fullmatch(path)
    if match:
        index = int(match[2].replace("x", "").replace("/", "") + match[3])
        level = ENTRIES if match[1] == "entries" else int(match[1])
        tile = Tile(level, index, int(match[4] or WIDTH))
        # Needless leading groups, a width of 256 spelt out and the like come out otherwise.
        if level <= LEVEL_LIMIT and index <= checkpoint.SIZE_LIMIT and tile.path() == path:
            return tile
    raise FormatError("TILE_PATH_INVALID", "not the path of a tile")


def tiles(size: int, old: int = 0) -> Iterator[Tile]:
    """Yield the hash tiles of a tree of `size` leaves that a tree of `old` leaves did not have."""
    level = 0
    while size:
        for index in range(old // WIDTH, -(-size // WIDTH)):
            tile = Tile(level, index, min(WIDTH, size - index * WIDTH))
            if tile.index * WIDTH + tile.width > old:
                yield tile
        level, size, old = level + 1, size // WIDTH, old // WIDTH


def bundles(size: int, old: int = 0) -> Iterator[Tile]:
    """Yield the entry bundles of a log of `size` entries that a log of `old` entries did not have."""
    for tile in tiles(size, old):
        if tile.level:
            return
        yield Tile(ENTRIES, tile.index, tile.width)


def parse_hashes(tile: Tile, data: bytes) -> list[bytes]:
    """Return a hash tile's hashes. Raises FormatError TILE_SIZE."""
    if len(data) != tile.width * merkle.HASH_SIZE:
        raise FormatError("TILE_SIZE", f"{tile.path()} has {len(data)} bytes")
    return [data[i : i + merkle.HASH_SIZE] for i in range(0, len(data), merkle.HASH_SIZE)]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle's bytes. Raises FormatError ENTRY_TOO_LARGE."""
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_LIMIT:
            raise FormatError("ENTRY_TOO_LARGE", f"an entry has at most {ENTRY_LIMIT} bytes")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def parse_bundle(tile: Tile, data: bytes) -> list[bytes]:
    """Return the entries of a bundle, as many as it is wide. Raises FormatError BUNDLE_INVALID."""
    entries: list[bytes] = []
    position = 0
    for _ in range(tile.width):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    # Past the end, a length or an entry was cut short, or is not there.
    if position != len(data):
        raise FormatError("BUNDLE_INVALID", f"{tile.path()} is not a bundle of {tile.width} entries")
    return entries


class TileBuilder:
    """Makes a log's hash tiles, leaf by leaf. `size` is the number of leaves so far."""

    __slots__ = ("_levels", "size")

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = []

    @classmethod
    def resume(cls, size: int, read: Callable[[Tile], bytes]) -> "TileBuilder":
        """Return a builder at `size` leaves; `read` gives the partial tiles of that size.

        Raises FormatError TILE_SIZE.
        """
        builder = cls()
        builder.size = size
        level = 0
        while size:
            index, width = divmod(size, WIDTH)
            tile = Tile(level, index, width)
            builder._levels.append(parse_hashes(tile, read(tile)) if width else [])
            level, size = level + 1, index
        return builder

    def append(self, leaf: bytes) -> list[tuple[Tile, bytes]]:
        """Add a leaf by its hash and return the full tiles that it completes, mostly none."""
        return self.extend([leaf])

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Add leaves by their hashes and return the full tiles that they complete."""
        full: list[tuple[Tile, bytes]] = []
        nodes, before, level = leaves, self.size, 0
        self.size += len(leaves)
        while nodes:
            if level == len(self._levels):
                self._levels.append([])
            hashes = [*self._levels[level], *nodes]
            whole = len(hashes) // WIDTH
            rows = [hashes[n * WIDTH : (n + 1) * WIDTH] for n in range(whole)]
            self._levels[level] = hashes[whole * WIDTH :]
            before //= WIDTH
            full += [(Tile(level, before + n), b"".join(row)) for n, row in enumerate(rows)]
            nodes, level = [merkle.root(row) for row in rows], level + 1
        return full

    def partial_tiles(self) -> list[tuple[Tile, bytes]]:
        """Return the partial tiles at the present size."""
        found = []
        index = self.size
        for level, hashes in enumerate(self._levels):
            index //= WIDTH
            if hashes:
                found.append((Tile(level, index, len(hashes)), b"".join(hashes)))
        return found


class TileTree:
    """The tree of `size` leaves read from hash tiles.

    `read` gives a tile's bytes and may raise what it likes. Each tile is read once. What comes out is only as
    true as the tiles: compare `root` with a signed checkpoint, or verify the proofs.
    """

    __slots__ = ("_cache", "_read", "size")

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read = read
        self._cache: dict[Tile, list[bytes]] = {}

    def root(self) -> bytes:
        """Return the root that the tiles give."""
        return self._tail(0)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Return the inclusion proof of a leaf. Raises ProofError PROOF_RANGE or FormatError TILE_SIZE."""
        if not 0 <= index < self.size:
            raise ProofError("PROOF_RANGE", f"there is no leaf {index} in a tree of {self.size}")
        return self._path(0, index)

    def consistency_proof(self, old: int) -> list[bytes]:
        """Return the proof that the tree of `old` leaves is a prefix. Raises as `inclusion_proof`."""
        if not 0 < old <= self.size:
            raise ProofError("PROOF_RANGE", f"there is no consistency proof from size {old} to {self.size}")
        if old == self.size:
            return []
        # As in `merkle.consistency_proof`: the largest full subtree that ends at `old`, then its path.
        height = (old & -old).bit_length() - 1
        index = (old - 1) >> height
        return ([self._node(height, index)] if index else []) + self._path(height, index)

    def _path(self, height: int, index: int) -> list[bytes]:
        """Return the siblings on the way from a full subtree of 2^height leaves up to the root."""
        path = []
        while self.size > 1 << height:
            sibling = index ^ 1
            if (sibling + 1) << height <= self.size:
                path.append(self._node(height, sibling))
            elif sibling << height < self.size:
                path.append(self._tail(sibling << height))
            height, index = height + 1, index >> 1
        return path

    def _tail(self, start: int) -> bytes:
        """Return the root over the leaves from `start`, where a subtree begins that the tree cuts off."""
        size = self.size - start
        nodes = b""
        while start < self.size:
            height = (self.size - start).bit_length() - 1
            nodes += self._node(height, start >> height)
            start += 1 << height
        return merkle.CompactRange.from_bytes(size, nodes).root()

    def _node(self, height: int, index: int) -> bytes:
        """Return the root of the full subtree over the leaves from index·2^height to (index + 1)·2^height."""
        level, inner = divmod(height, _HEIGHT)
        number, offset = divmod(index << inner, WIDTH)
        width = min(WIDTH, (self.size >> _HEIGHT * level) - number * WIDTH)
        return merkle.root(self._hashes(Tile(level, number, width))[offset : offset + (1 << inner)])

    def _hashes(self, tile: Tile) -> list[bytes]:
        if tile not in self._cache:
            self._cache[tile] = parse_hashes(tile, self._read(tile))
        return self._cache[tile]
