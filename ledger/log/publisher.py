"""Publishing: the log as files below ``log/``, tiles first, the checkpoint last.

    checkpoint                the newest signed note, with the cosignatures it has by now
    tile/<L>/<N>[.p/<W>]      hash tiles
    tile/entries/<N>[.p/<W>]  entry bundles: for auditors, and to bring entries back after a loss

Rules:
- A checkpoint appears once all that it stands for is on the disk, and never gives way to a smaller one, from
  whichever process. Each file is written whole or not at all.
- The operator's anchor, a copy of the checkpoint outside the data folder, is written just before it.
- Old partial tiles go when the full one is there; of a partial bundle only the newest is kept.

Not done here: serving. Tiles and bundles are served from the database, which has them before any checkpoint;
the files are for mirrors, for start-up checks and for recovery.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from keys import files
from ledger.errors import StoreError
from verifier import checkpoint, note
from verifier.errors import Error as VerifierError
from verifier.errors import SignatureError
from verifier.merkle import HASH_SIZE
from verifier.tile import ENTRIES, WIDTH, Tile, bundles
from verifier.tile import tiles as hash_tiles

if TYPE_CHECKING:
    from ledger.log.checkpoints import Signed
    from ledger.log.tiles import StoredTiles
    from verifier.checkpoint import Checkpoint
    from verifier.note import VKey

_log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint"


class Publisher:
    """Writes into one folder. ``keys`` are the log's, old ones included."""

    def __init__(
        self, folder: Path, tiles: StoredTiles, keys: Sequence[VKey], *, anchor: Path | None = None
    ) -> None:
        self._folder = folder
        self._tiles = tiles
        self.keys = list(keys)
        self._anchor = anchor

    def published(self) -> bytes | None:
        """The published checkpoint as it stands, or None before the first."""
        try:
            return (self._folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def read(self, path: Path) -> Checkpoint | None:
        """The tree head in a file that this log has signed; None when there is no file.

        Raises StoreError CHECKPOINT_UNREADABLE: whatever it is, it is not what this log wrote.
        """
        try:
            with path.open("rb") as file:
                data = file.read(note.NOTE_LIMIT + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, str(error.strerror)) from None
        try:
            signed = note.parse(data)
            for key in self.keys:
                if signed.by(key):
                    return checkpoint.verify(signed, key)
            raise SignatureError("NOTE_UNSIGNED", "no key of this log signed it")
        except VerifierError as error:
            raise _unreadable(path, error.message) from None

    def publish(self, signed: Signed) -> None:
        """Publish a checkpoint that is stored, and what it stands for, unless a larger one is published.

        Raises StoreError LOG_FORKED, CHECKPOINT_UNREADABLE or STORE_DAMAGED, or OSError: then the old one stands.
        """
        head, data = signed.head, signed.to_bytes()
        with self._alone():
            old = self.read(self._folder / CHECKPOINT)
            size = old.size if old else 0
            if size > head.size or self.published() == data:
                return
            if old and size == head.size and old.root != head.root:
                raise StoreError(
                    "LOG_FORKED",
                    f"{self._folder / CHECKPOINT} has another root for the same {size} entries",
                    "Nothing was published. Keep both as evidence and restore the newest backup.",
                )
            self._write_tiles(chain(hash_tiles(head.size, size), bundles(head.size, size)))
            self._write_anchor(data)
            files.replace(self._folder / CHECKPOINT, data)
            self._tidy(head.size, size)

    def complete(self) -> None:
        """Write again what a published checkpoint stands for and a crash, or a hand, has taken away."""
        with self._alone():
            head = self.read(self._folder / CHECKPOINT)
            if head is None:
                return
            needed = chain(hash_tiles(head.size), bundles(head.size))
            self._write_tiles(tile for tile in needed if not self._is_there(tile))

    def _is_there(self, tile: Tile) -> bool:
        try:
            size = (self._folder / tile.path()).stat().st_size
        except OSError:
            return False
        return size > 0 if tile.level == ENTRIES else size == HASH_SIZE * tile.width

    def _write_tiles(self, needed: Iterator[Tile]) -> None:
        touched: set[Path] = set()
        for tile in needed:
            path = self._folder / tile.path()
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, self._tiles.data(tile))
            touched.update(parent for parent in path.parents if parent.is_relative_to(self._folder))
        for folder in sorted(touched, reverse=True):
            _sync(folder)

    def _write_anchor(self, data: bytes) -> None:
        if self._anchor is None:
            return
        try:
            files.replace(self._anchor, data)
        except OSError as error:
            # Recording goes on, but whoever relies on the anchor has to hear of it.
            _log.error("the anchor %s cannot be written: %s", self._anchor, error.strerror)

    def _tidy(self, size: int, old: int) -> None:
        """Remove partial tiles whose full tile is there, and all but the newest partial bundle."""
        for tile in chain(hash_tiles(size, old), bundles(size, old)):
            partial = (self._folder / Tile(tile.level, tile.index).path()).with_suffix(".p")
            if tile.width == WIDTH:
                shutil.rmtree(partial, ignore_errors=True)
            elif tile.level == ENTRIES:
                for other in partial.iterdir():
                    if other.name != str(tile.width):
                        other.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process and one thread at a time."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _write(path: Path, data: bytes) -> None:
    """Put a file in place with its bytes on the disk; the folder is synced by the caller, once for many."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unreadable(path: Path, why: str) -> StoreError:
    return StoreError(
        "CHECKPOINT_UNREADABLE",
        f"{path} is not a checkpoint of this log: {why}",
        "It was altered or is damaged. Compare the log with a witness's checkpoint; if they agree, remove the file.",
    )
