"""The auditor's folder: everything that an outsider needs to replay the log, and nothing that names anybody.

    checkpoint         the newest checkpoint that satisfies the policy, else the newest
    tile/…             hash tiles and entry bundles of exactly that tree
    links.jsonl        provenance: which certificate came from which decision; one fact a line, no names
    personal.jsonl     named facts, only when asked for: encrypted, with a day of destruction
    policy, root       copies for convenience, never what the bundle is checked against
    …                  what the caller adds: status lists, key file

A line of links.jsonl is RFC 8785 JSON {class, field, salt, stream, subject, value, version} and opens a
commitment in the log (`verifier.fact`); lines are in the order of the certificates' random ids, which tells
nothing. Facts that are newer than the checkpoint are left out.

The folder is built beside its final place and moved there whole. A run that was interrupted leaves the build
behind, and the next one goes on with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ledger.errors import StoreError
from ledger.log import checkpoints
from verifier import jcs, merkle, personal_file
from verifier.errors import FormatError
from verifier.tile import ENTRIES, Tile, bundles, parse_bundle
from verifier.tile import tiles as hash_tiles

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.log.checkpoints import Signed
    from ledger.log.room import LogRoom
    from ledger.log.tiles import StoredTiles
    from ledger.personal.fact import Fact
    from ledger.personal.store import PersonalStore

LINKS = "links.jsonl"
PERSONAL = "personal.jsonl"
PROVENANCE = "provenance"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Named:
    """That named facts of these classes go along, under this passphrase, until this day."""

    passphrase: str
    destroy_by: date
    classes: frozenset[str] = frozenset({"identity"})


@dataclass(frozen=True, slots=True)
class Exported:
    """What the folder holds: entries, how many newer ones are not yet in it, cosignatures, links, named facts.

    ``witnessed`` says whether the cosignatures satisfy the policy; without a policy nothing does.
    """

    size: int
    newer: int
    cosignatures: int
    witnessed: bool
    links: int
    facts: int


def export(
    room: LogRoom,
    application: LedgerApplication,
    personal: PersonalStore,
    folder: Path,
    *,
    files: Mapping[str, Callable[[], bytes]],
    named: Named | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Exported:
    """Write the folder. ``files`` are what else goes in, by path: root, policy, status lists, key file.

    Raises StoreError FOLDER_NOT_EMPTY, LOG_EMPTY or STORE_DAMAGED, or OSError; then there is no folder.
    """
    folder = folder.resolve()
    _require_empty(folder)
    with application.reading() as sql:
        signed = checkpoints.best(sql, room.origin, room.policy)
        newest = checkpoints.newest(sql, room.origin)
    if signed is None or newest is None:
        raise StoreError("LOG_EMPTY", "this log has no checkpoint yet", "Found the ledger first.")
    building = folder.with_name(f".{folder.name}.exporting")
    building.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_tiles(room.tiles, building, signed.head.size, progress)
    committed = _Committed(application, signed.head.size)
    links = committed.facts(personal, frozenset({PROVENANCE}))
    count = _write_lines(building / LINKS, map(_line, links))
    facts = 0
    if named is not None:
        facts = _write_personal(
            building / PERSONAL, named, committed.facts(personal, named.classes), room.origin
        )
    else:
        (building / PERSONAL).unlink(missing_ok=True)
    for path, content in files.items():
        _write(building / _plain(path), content())
    _write(building / "checkpoint", signed.to_bytes())
    os.sync()
    if folder.exists():
        folder.rmdir()
    building.rename(folder)
    return Exported(
        size=signed.head.size,
        newer=newest.head.size - signed.head.size,
        cosignatures=len(signed.cosignatures),
        witnessed=_is_witnessed(room, signed),
        links=count,
        facts=facts,
    )


def _is_witnessed(room: LogRoom, signed: Signed) -> bool:
    policy = room.policy
    return policy is not None and policy.quorum is not None and checkpoints.is_quorum(policy, signed)


def _require_empty(folder: Path) -> None:
    try:
        found = next(folder.iterdir(), None)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        found = folder
    if found is not None:
        raise StoreError(
            "FOLDER_NOT_EMPTY", f"{folder} is not an empty folder", "Name a new or an empty folder."
        )


def _write_tiles(tiles: StoredTiles, building: Path, size: int, progress: Progress) -> None:
    # Partial tiles of a smaller tree, from a run that was interrupted, belong to no tree of this size.
    for partial in sorted((building / "tile").rglob("*.p")):
        shutil.rmtree(partial)
    done = 0
    for tile in chain(hash_tiles(size), bundles(size)):
        path = building / tile.path()
        if not _is_whole(tiles, tile, path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, tiles.data(tile))
        if tile.level == ENTRIES:
            done += tile.width
            progress(done, size)


def _is_whole(tiles: StoredTiles, tile: Tile, path: Path) -> bool:
    """Whether the file is there already, with the bytes that it must have."""
    try:
        data = path.read_bytes()
        if tile.level != ENTRIES:
            return data == tiles.read(tile)
        hashed = b"".join(map(merkle.leaf_hash, parse_bundle(tile, data)))
    except (FileNotFoundError, FormatError):
        return False
    return hashed == tiles.read(Tile(0, tile.index, tile.width))


class _Committed:
    """Facts of the personal store whose events are among the first ``size`` entries."""

    def __init__(self, application: LedgerApplication, size: int) -> None:
        self._application = application
        self._size = size

    def facts(self, personal: PersonalStore, classes: frozenset[str]) -> Iterator[Fact]:
        """Those of these classes, by subject."""
        for subject, class_ in sorted(place for place in personal.places() if place[1] in classes):
            for fact in personal.get(subject, class_):
                if self._has(fact):
                    yield fact

    def _has(self, fact: Fact) -> bool:
        with self._application.reading() as sql:
            sql.execute(
                "SELECT {id} FROM stored_events WHERE originator_id = ? AND originator_version = ?",
                (fact.stream, fact.version),
            )
            row = sql.fetchone()
        return row is not None and int(row[0]) <= self._size


def _line(fact: Fact) -> bytes:
    return jcs.encode(fact.to_json())


def _write_lines(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line + b"\n")
            count += 1
    return count


def _write_personal(path: Path, named: Named, facts: Iterator[Fact], origin: str) -> int:
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for fact in facts:
            count += 1
            yield _line(fact)

    header = personal_file.Header(named.destroy_by, origin)
    with path.open("wb") as file:
        personal_file.write(counted(), file.write, named.passphrase, header)
    return count


def _plain(path: str) -> PurePosixPath:
    """A path that stays below the folder."""
    found = PurePosixPath(path)
    if found.is_absolute() or ".." in found.parts or not found.parts:
        raise ValueError(path)
    return found


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)
