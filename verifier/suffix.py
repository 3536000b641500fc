"""The part of a log that was verified before, where the rest still needs to look at it: from a bundle's tiles.

A tree of any earlier size can be read from the tiles of a later one: full tiles are the same, and a partial
tile is the beginning of a fuller one. What is read so is as true as the tiles, whose root is compared.
"""

from collections.abc import Iterable
from typing import Any

from verifier import merkle, reader, tile, times
from verifier.bundle import Bundle, BundleError
from verifier.errors import Error, FormatError
from verifier.rules.rulebook import Rulebook
from verifier.tile import Tile

# What an audit does not keep: who it reports to, what it was asked for, its other parts.
_NOT_KEPT = frozenset(
    (
        "acts",
        "assessments",
        "attendance",
        "authority",
        "certificates",
        "cohorts",
        "exceptions",
        "holder_of",
        "human",
        "learners",
        "links",
        "organisations",
        "partners",
        "report",
        "schemes",
        "settings",
        "world",
    )
)


class Before:
    """A log's first `size` entries, read from a bundle of at least `size` entries, `head` in all."""

    def __init__(self, bundle: Bundle, size: int, head: int) -> None:
        self.size = size
        self._bundle = bundle
        self._head = head

    def hashes(self, wanted: Tile) -> bytes:
        """Return a hash tile of an earlier tree. Raises BundleError."""
        at_level = self._head >> 8 * wanted.level
        width = min(tile.WIDTH, at_level - wanted.index * tile.WIDTH)
        try:
            whole = self._bundle.tile(Tile(wanted.level, wanted.index, width))
        except FormatError as error:
            raise BundleError(error.code, error.message) from None
        return whole[: wanted.width * merkle.HASH_SIZE]

    def root(self, size: int) -> bytes:
        """Return the root of an earlier tree. Raises BundleError."""
        return tile.TileTree(size, self.hashes).root() if size else merkle.EMPTY_ROOT

    def recorded(self, index: int) -> int:
        """Return when an earlier entry was recorded, POSIX seconds. Raises BundleError."""
        number, place = divmod(index, tile.WIDTH)
        width = min(tile.WIDTH, self._head - number * tile.WIDTH)
        wanted = Tile(tile.ENTRIES, number, width)
        try:
            entry = tile.parse_bundle(wanted, self._bundle.tile(wanted))[place]
            return times.posix(reader.read(entry).recorded_at)
        except BundleError:
            raise
        except Error:
            return 0  # it was told when it was verified

    def builder(self) -> tile.TileBuilder:
        """Return a builder of tiles that goes on from here."""
        return tile.TileBuilder.resume(self.size, self.hashes)


def parts(rulebook: Rulebook, others: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of an audit whose fields are its state, by name."""
    areas = (
        rulebook.ledger,
        rulebook.organisations,
        rulebook.custody,
        rulebook.partners,
        rulebook.schemes,
        rulebook.cohorts,
        rulebook.learners,
        rulebook.attendance,
        rulebook.enrolments,
        rulebook.exceptions,
        rulebook.assessments,
        rulebook.decisions,
        rulebook.appeals,
        rulebook.certificates,
        rulebook.printing,
        rulebook.basis,
    )
    return {"world": rulebook.world, **{type(area).__name__: area for area in areas}, **others}


def state_of(everything: dict[str, Any]) -> dict[str, Any]:
    """Return each part's fields as `<part>.<field>`."""
    return {
        f"{name}.{field}": getattr(part, field)
        for name, part in everything.items()
        for field in _fields(part)
    }


def restore(everything: dict[str, Any], state: dict[str, Any]) -> bool:
    """Give each part its fields back; tell whether they were all there, and no others."""
    wanted = {f"{name}.{field}" for name, part in everything.items() for field in _fields(part)}
    if wanted != state.keys():
        return False
    for place, value in state.items():
        name, field = place.split(".")
        setattr(everything[name], field, value)
    return True


def _fields(part: Any) -> Iterable[str]:
    names = vars(part) if hasattr(part, "__dict__") else dict.fromkeys(type(part).__slots__)
    fields: Iterable[str] = getattr(type(part), "STATE", names.keys() - _NOT_KEPT)
    return fields
