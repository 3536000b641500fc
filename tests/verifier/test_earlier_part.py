"""The part of a log that was verified before, read from the tiles of a later one; and a state given back."""

from functools import cache
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.scribe import Scribe
from tests.verifier.test_structure_alone import thing
from verifier import merkle, suffix, tile, times
from verifier.bundle import Bundle, BundleError
from verifier.suffix import Before
from verifier.tile import ENTRIES, Tile

MANY = 66_000  # 257 full tiles of leaves, a full one of their roots, and partial ones on three levels
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(MANY)]


class Tiles:
    """A bundle's tiles from memory, each under its own name only."""

    def __init__(self, stored: dict[Tile, bytes]) -> None:
        self.stored = stored

    def tile(self, wanted: Tile) -> bytes:
        if wanted not in self.stored:
            raise BundleError("BUNDLE_FILE_MISSING", f"{wanted.path()} is missing")
        data = self.stored[wanted]
        if wanted.level != ENTRIES:
            tile.parse_hashes(wanted, data)
        return data


def before(stored: dict[Tile, bytes], size: int, head: int) -> Before:
    return Before(cast("Bundle", Tiles(stored)), size, head)


def hashes(head: int) -> dict[Tile, bytes]:
    """The hash tiles of the first `head` leaves."""
    builder = tile.TileBuilder()
    return dict(builder.extend(LEAVES[:head]) + builder.partial_tiles())


@cache
def many() -> dict[Tile, bytes]:
    return hashes(MANY)


EARLIER = [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 65_999, 66_000]


@pytest.mark.parametrize("size", EARLIER)
def test_the_root_of_every_earlier_tree_is_read_from_a_later_one(size: int) -> None:
    assert before(many(), size, MANY).root(size) == merkle.root(LEAVES[:size])


@pytest.mark.parametrize(("head", "size"), [(1, 1), (3, 2), (256, 255), (256, 256), (300, 299), (600, 257)])
def test_the_root_of_a_small_tree_is_read_too(head: int, size: int) -> None:
    assert before(hashes(head), size, head).root(size) == merkle.root(LEAVES[:size])


@pytest.mark.parametrize("size", EARLIER)
def test_tiles_go_on_from_an_earlier_tree(size: int) -> None:
    builder = before(many(), size, MANY).builder()
    assert builder.size == size
    made = dict(builder.extend(LEAVES[size:]) + builder.partial_tiles())
    new = set(tile.tiles(MANY, size))
    assert made == {place: data for place, data in many().items() if place in new or place.width < tile.WIDTH}


def test_a_tile_of_another_length_is_an_unreadable_bundle() -> None:
    stored = hashes(300) | {Tile(0, 1, 44): bytes(31)}
    with pytest.raises(BundleError) as refused:
        before(stored, 257, 300).root(257)
    assert (refused.value.code, refused.value.message) == ("TILE_SIZE", "tile/0/001.p/44 has 31 bytes")


def entries(head: int) -> tuple[list[bytes], dict[Tile, bytes]]:
    """Entries a minute apart, and their bundles."""
    scribe = Scribe()
    for number in range(head):
        scribe.now += 60
        scribe.act("one", "key_custodian", None, thing(str(number)))
    stored = {
        wanted: tile.encode_bundle(scribe.entries[256 * wanted.index : 256 * wanted.index + wanted.width])
        for wanted in tile.bundles(head)
    }
    return scribe.entries, stored


@cache
def three_hundred() -> tuple[list[bytes], dict[Tile, bytes]]:
    return entries(300)


BEGIN = times.parse_moment("2031-03-03T01:01:00Z")


@pytest.mark.parametrize("index", [0, 1, 254, 255, 256, 257, 298])
def test_when_an_earlier_entry_was_recorded(index: int) -> None:
    _, stored = three_hundred()
    assert before(stored, 299, 300).recorded(index) == BEGIN + 60 * index


def test_when_an_entry_was_recorded_that_cannot_be_read() -> None:
    """That was told when it was verified."""
    written, _ = three_hundred()
    spoilt = tile.encode_bundle([written[0], b"nothing", written[2]])
    found = before({Tile(ENTRIES, 0, 3): spoilt}, 2, 3)
    assert [found.recorded(index) for index in range(3)] == [BEGIN, 0, BEGIN + 120]
    assert before({Tile(ENTRIES, 0, 3): spoilt + b"x"}, 2, 3).recorded(0) == 0


def test_a_missing_bundle_of_earlier_entries_is_told() -> None:
    with pytest.raises(BundleError, match=r"^BUNDLE_FILE_MISSING: tile/entries/001\.p/44 is missing$"):
        before({}, 300, 300).recorded(256)


def by_definition(size: int) -> set[Tile]:
    """The hash tiles of a tree, level by level: what is full, and the rest."""
    found: set[Tile] = set()
    level = 0
    while count := size // 256**level:
        found |= {Tile(level, index) for index in range(count // 256)}
        if count % 256:
            found.add(Tile(level, count // 256, count % 256))
        level += 1
    return found


SIZES = st.one_of(st.integers(0, 1200), st.integers(65_000, 140_000))


@given(SIZES, SIZES)
def test_the_tiles_that_an_earlier_tree_did_not_have(one: int, other: int) -> None:
    old, size = sorted((one, other))
    new = list(tile.tiles(size, old))
    assert set(new) == by_definition(size) - by_definition(old)
    assert len(set(new)) == len(new)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 65_536])
def test_the_tiles_of_a_whole_tree(size: int) -> None:
    assert set(tile.tiles(size)) == by_definition(size)
    assert list(tile.bundles(size)) == [
        Tile(ENTRIES, each.index, each.width) for each in sorted(by_definition(size)) if not each.level
    ]


class Part:
    """A part of an audit: two fields are kept, the world and the settings are not."""

    def __init__(self, a: int = 0, b: int = 0) -> None:
        self.a, self.b = a, b
        self.world, self.settings = object(), object()


class Chosen:
    STATE = ("kept",)

    def __init__(self, kept: int = 0) -> None:
        self.kept, self.a = kept, kept


class Slotted:
    __slots__ = ("human", "x")

    def __init__(self, x: int = 0) -> None:
        self.x = x


def test_a_state_is_given_back_whole() -> None:
    state = suffix.state_of({"part": Part(1, 2), "chosen": Chosen(3), "slotted": Slotted(4)})
    assert state == {"part.a": 1, "part.b": 2, "chosen.kept": 3, "slotted.x": 4}
    part, chosen, slotted = Part(), Chosen(), Slotted()
    assert suffix.restore({"part": part, "chosen": chosen, "slotted": slotted}, state)
    assert (part.a, part.b, chosen.kept, chosen.a, slotted.x) == (1, 2, 3, 0, 4)


@pytest.mark.parametrize(
    "state", [{}, {"part.a": 1}, {"part.a": 1, "part.b": 2, "part.c": 3}, {"part.a": 1, "other.b": 2}]
)
def test_a_state_with_a_field_less_or_more_gives_nothing_back(state: dict[str, int]) -> None:
    part = Part(7, 8)
    assert not suffix.restore({"part": part}, state)
    assert (part.a, part.b) == (7, 8)
