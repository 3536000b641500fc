"""Compares a bundle's tiles of hashes with those that its entries make."""

from collections.abc import Iterable

from verifier import merkle, tile
from verifier.bundle import Bundle
from verifier.errors import Error
from verifier.finding import Findings, parser_rule, wrong

ENTRY_NOT_IN_LOG = wrong(
    "ENTRY_NOT_IN_LOG", "This entry is not the one that the log's own tree has at its place."
)
TILE_WRONG = wrong("TILE_WRONG", "A published tile of the log's tree is not what the entries make.")


def check_tiles(made: Iterable[tuple[tile.Tile, bytes]], bundle: Bundle, findings: Findings) -> None:
    """Report every tile that is not what the entries make, and every entry that the tree has otherwise."""
    for wanted, data in made:
        try:
            found = bundle.tile(wanted)
        except Error as error:
            findings.add(parser_rule(error.code), error.message, None, wanted.path())
            continue
        if found == data:
            continue
        if wanted.level:
            findings.add(TILE_WRONG, "its hashes are not those of the entries", None, wanted.path())
            continue
        for place in range(wanted.width):
            span = slice(place * merkle.HASH_SIZE, (place + 1) * merkle.HASH_SIZE)
            if found[span] != data[span]:
                index = wanted.index * tile.WIDTH + place
                findings.add(ENTRY_NOT_IN_LOG, f"{wanted.path()} has another hash", index, wanted.path())
