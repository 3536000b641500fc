"""Tiles: paths as C2SP writes them, sizes, bundles, and proofs that equal those of the plain tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import merkle, tile
from verifier.errors import Error, FormatError
from verifier.tile import ENTRIES, Tile, TileBuilder, TileTree

LEAVES = [merkle.leaf_hash(i.to_bytes(4, "big")) for i in range(70_000)]


def build(size: int, store: dict[Tile, bytes] | None = None) -> dict[Tile, bytes]:
    """All tiles of a tree, partial ones of the final size only."""
    builder, found = TileBuilder(), {} if store is None else store
    for leaf in LEAVES[:size]:
        found.update(builder.append(leaf))
    found.update(builder.partial_tiles())
    return found


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 999, 1), "tile/1/999.p/1"),
        (Tile(63, 1000, 255), "tile/63/x001/000.p/255"),
        (Tile(ENTRIES, 1234067), "tile/entries/x001/x234/067"),
        (Tile(ENTRIES, 5, 17), "tile/entries/005.p/17"),
    ],
)
def test_paths(place: Tile, path: str) -> None:
    assert place.path() == path
    assert tile.parse_path(path) == place


@given(st.integers(-1, 63), st.integers(0, 2**53 - 1), st.integers(1, 256))
def test_path_round_trip(level: int, index: int, width: int) -> None:
    place = Tile(level, index, width)
    assert tile.parse_path(place.path()) == place


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/Entries/000",
        "tile/0/../000",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/x900/x719/x925/x474/x099/x200/000",
        "tile/0/" + "x001/" * 50 + "000",
    ],
)
def test_bad_paths(path: str) -> None:
    with pytest.raises(FormatError, match="TILE_PATH_INVALID"):
        tile.parse_path(path)


def test_the_specifications_example() -> None:
    # C2SP tlog-tiles: "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial
    # level 0 tile of width 112, one full level 1 tile, one partial level 1 tile of width 17, and one partial
    # level 2 tile of width 1."
    places = list(tile.tiles(70_000))
    assert len([p for p in places if (p.level, p.width) == (0, 256)]) == 273
    assert [p for p in places if p.level == 0 and p.width < 256] == [Tile(0, 273, 112)]
    assert [p for p in places if p.level == 1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert [p for p in places if p.level == 2] == [Tile(2, 0, 1)]
    assert len(places) == 277
    assert list(tile.tiles(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tile.tiles(0)) == []
    assert list(tile.bundles(300)) == [Tile(ENTRIES, 0), Tile(ENTRIES, 1, 44)]
    assert list(tile.bundles(300, 300)) == []
    assert list(tile.bundles(300, 256)) == [Tile(ENTRIES, 1, 44)]
    assert list(tile.bundles(300, 255)) == [Tile(ENTRIES, 0), Tile(ENTRIES, 1, 44)]


def test_large_tree_content() -> None:
    found = build(70_000)
    assert sorted(found) == sorted(tile.tiles(70_000))
    assert found[Tile(0, 273, 112)] == b"".join(LEAVES[273 * 256 :])
    assert found[Tile(2, 0, 1)] == merkle.root(LEAVES[:65536])
    assert found[Tile(1, 1, 17)][:32] == merkle.root(LEAVES[65536 : 65536 + 256])
    tree = TileTree(70_000, found.__getitem__)
    root = merkle.root(LEAVES)
    assert tree.root() == root
    for index in (0, 255, 256, 65535, 65536, 69_887, 69_888, 69_999):
        merkle.verify_inclusion(index, 70_000, LEAVES[index], tree.inclusion_proof(index), root)
    for old in (1, 255, 256, 257, 65536, 65537, 69_888, 69_999, 70_000):
        old_root = merkle.root(LEAVES[:old])
        merkle.verify_consistency(old, 70_000, old_root, root, tree.consistency_proof(old))


@given(st.integers(1, 1200), st.data())
@settings(max_examples=40, deadline=None)
def test_proofs_equal_those_of_the_plain_tree(size: int, data: st.DataObject) -> None:
    tree = TileTree(size, build(size).__getitem__)
    assert tree.root() == merkle.root(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    assert tree.inclusion_proof(index) == merkle.inclusion_proof(LEAVES[:size], index)
    assert tree.consistency_proof(index + 1) == merkle.consistency_proof(LEAVES[:size], index + 1)


@given(st.integers(0, 700), st.integers(0, 700))
@settings(max_examples=40, deadline=None)
def test_building_resumes_anywhere(cut: int, more: int) -> None:
    store = build(cut)
    builder = TileBuilder.resume(cut, store.__getitem__)
    made: dict[Tile, bytes] = {}
    for leaf in LEAVES[cut : cut + more]:
        made.update(builder.append(leaf))
    made.update(builder.partial_tiles())
    assert builder.size == cut + more
    whole = build(cut + more)
    new = set(tile.tiles(cut + more, cut))
    assert new <= made.keys()
    assert {place: made[place] for place in new} == {place: whole[place] for place in new}


def test_empty_tree_and_ranges() -> None:
    empty = TileTree(0, build(0).__getitem__)
    assert empty.root() == merkle.EMPTY_ROOT
    for index in (-1, 0):
        with pytest.raises(Error, match="PROOF_RANGE"):
            empty.inclusion_proof(index)
    tree = TileTree(2, build(2).__getitem__)
    for old in (0, 3):
        with pytest.raises(Error, match="PROOF_RANGE"):
            tree.consistency_proof(old)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_tile_of_a_wrong_length(length: int) -> None:
    with pytest.raises(FormatError, match="TILE_SIZE"):
        TileTree(1, lambda _: bytes(length)).root()


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundle_round_trip(entries: list[bytes]) -> None:
    data = tile.encode_bundle(entries)
    place = Tile(ENTRIES, 0, len(entries))
    assert tile.parse_bundle(place, data) == entries
    for wrong in (data + b"\x00", data + b"\x00\x00", data[:-1]):
        with pytest.raises(FormatError, match="BUNDLE_INVALID"):
            tile.parse_bundle(place, wrong)


def test_bundle_bytes_and_limits() -> None:
    assert tile.encode_bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    assert len(tile.encode_bundle([bytes(65535)])) == 65537
    with pytest.raises(FormatError, match="ENTRY_TOO_LARGE"):
        tile.encode_bundle([bytes(65536)])
    for width, data in [
        (2, b"\x00\x00"),
        (1, b"\x00\x00\x00\x00"),
        (1, b""),
        (1, b"\x00"),
        (1, b"\x00\x02a"),
    ]:
        with pytest.raises(FormatError, match="BUNDLE_INVALID"):
            tile.parse_bundle(Tile(ENTRIES, 0, width), data)
