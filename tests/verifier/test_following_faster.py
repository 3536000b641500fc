"""What an audit does in one go is what it would do step by step: tiles of many leaves, and a leaf read with its entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.auditing import LOG_KEY
from tests.audit.village import ordinary
from verifier import ed25519, jcs, merkle, reader, tile
from verifier.errors import SignatureError
from verifier.tile import Tile

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(3 * tile.WIDTH + 7)]


@given(st.lists(st.integers(0, 300), max_size=8))
def test_full_tiles_come_when_they_are_full_however_the_leaves_come(steps: list[int]) -> None:
    builder, size = tile.TileBuilder(), 0
    for step in steps:
        before, size = size, min(size + step, len(LEAVES))
        made = builder.extend(LEAVES[before:size])
        full = range(before // tile.WIDTH, size // tile.WIDTH)
        assert [wanted for wanted, _ in made] == [Tile(0, index) for index in full]
        for wanted, data in made:
            row = LEAVES[wanted.index * tile.WIDTH : (wanted.index + 1) * tile.WIDTH]
            assert data == b"".join(row)
    partial = {wanted.level: data for wanted, data in builder.partial_tiles()}
    whole = size // tile.WIDTH
    rows = [LEAVES[n * tile.WIDTH : (n + 1) * tile.WIDTH] for n in range(whole)]
    assert partial.get(0, b"") == b"".join(LEAVES[whole * tile.WIDTH : size])
    assert partial.get(1, b"") == b"".join(merkle.root(row) for row in rows)
    assert builder.size == size


def test_a_tile_of_a_higher_level_is_full_in_the_same_step() -> None:
    builder = tile.TileBuilder()
    row = LEAVES[: tile.WIDTH]
    made = builder.extend(row * tile.WIDTH)
    assert [wanted for wanted, _ in made] == [*(Tile(0, index) for index in range(tile.WIDTH)), Tile(1, 0)]
    assert made[-1][1] == merkle.root(row) * tile.WIDTH
    assert [wanted for wanted, _ in builder.partial_tiles()] == [Tile(2, 0, 1)]


def test_the_leaf_read_with_an_entry_is_the_entry_s_whichever_reader_took_it() -> None:
    quick = slow = 0
    for entry in ordinary(LOG_KEY).entries:
        event = reader._read(entry)
        quick, slow = quick + (event is not None), slow + (event is None)
        assert reader.read(entry).leaf == merkle.leaf_hash(entry)
    assert quick > slow > 0


@pytest.mark.parametrize(
    "role", ["_", "a_", "_a", "a__b", "a" * 65, "A", "a1", ""], ids=lambda role: role[:4] or "none"
)
def test_a_role_of_another_spelling_is_left_to_the_parsers(role: str) -> None:
    entry = ordinary(LOG_KEY).entries[5]
    payload, _, signature = entry.partition(b"\n")
    value = jcs.decode(payload)
    changed = jcs.encode({**value, "role": role}) + b"\n" + signature
    assert reader._read(entry) is not None
    assert reader._read(changed) is None


def test_every_spelling_of_a_point_of_small_order_is_refused_before_a_library_is_asked() -> None:
    p = 2**255 - 19
    spellings = {
        (y | sign << 255).to_bytes(32, "little")
        for y in range(p, 2**255)
        for sign in (0, 1)
        if y % p in ed25519._SMALL_ORDER_Y
    } | {(y | sign << 255).to_bytes(32, "little") for y in ed25519._SMALL_ORDER_Y for sign in (0, 1)}
    assert len(spellings) == 14
    # A point of prime order, RFC 8032 section 7.1, test 1.
    key = ed25519.VerifyKey(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    key._holds = lambda _signature, _message: True
    key.verify(b"", key.data + bytes(32))
    for spelling in spellings:
        with pytest.raises(SignatureError):
            key.verify(b"", spelling + bytes(32))
