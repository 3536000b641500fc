"""Tiles beside the entries that make them: each entry that the tree has otherwise is told, a tile above as a whole."""

from typing import cast

from tests.audit.test_head_of_log import Said, said
from tests.verifier.test_earlier_part import Tiles
from verifier import merkle
from verifier.bundle import Bundle
from verifier.finding import Findings, Kind
from verifier.tile import Tile
from verifier.tile_check import check_tiles

ROOT = b"\x05" * 32


def compared(stored: dict[Tile, bytes], made: dict[Tile, bytes]) -> list[Said]:
    findings = Findings()
    check_tiles(made.items(), cast("Bundle", Tiles(stored)), findings)
    return said(findings)


LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(300)]
MADE = {Tile(0, 0): b"".join(LEAVES[:256]), Tile(0, 1, 44): b"".join(LEAVES[256:]), Tile(1, 0, 1): ROOT}


def other(data: bytes, *places: int) -> bytes:
    """These hashes, each of those at these places otherwise in its last bit."""
    changed = bytearray(data)
    for place in places:
        changed[32 * place + 31] ^= 1
    return bytes(changed)


def test_tiles_that_are_what_the_entries_make() -> None:
    assert compared(MADE, MADE) == []


def test_each_entry_that_the_tree_has_otherwise_is_told() -> None:
    first, second = Tile(0, 0), Tile(0, 1, 44)
    stored = MADE | {first: other(MADE[first], 0, 7, 255), second: other(MADE[second], 0, 43)}
    assert compared(stored, MADE) == [
        (Kind.WRONG, "ENTRY_NOT_IN_LOG", f"{path} has another hash", index, path)
        for path, index in [
            *(("tile/0/000", index) for index in (0, 7, 255)),
            *(("tile/0/001.p/44", index) for index in (256, 299)),
        ]
    ]


def test_a_tile_above_is_told_as_a_whole() -> None:
    stored = MADE | {Tile(1, 0, 1): bytes(32)}
    message = "its hashes are not those of the entries"
    assert compared(stored, MADE) == [(Kind.WRONG, "TILE_WRONG", message, None, "tile/1/000.p/1")]


def test_a_tile_that_is_missing_is_told_and_the_next_are_compared() -> None:
    stored = {Tile(0, 1, 44): MADE[Tile(0, 1, 44)], Tile(1, 0, 1): bytes(32)}
    assert [(kind, code, place) for kind, code, _, _, place in compared(stored, MADE)] == [
        (Kind.UNKNOWN, "BUNDLE_FILE_MISSING", "tile/0/000"),
        (Kind.WRONG, "TILE_WRONG", "tile/1/000.p/1"),
    ]
    assert compared({}, {Tile(0, 0): b""})[0][2] == "tile/0/000 is missing"
