"""A bundle: the folder that an auditor carries, read so that nothing in it can lead elsewhere.

    checkpoint                  the log's signed tree head
    tile/<L>/<N>[.p/<W>]        its hashes (`verifier.tile`)
    tile/entries/<N>[.p/<W>]    its entries
    links.jsonl                 provenance of certificates, no names (optional)
    succession                  the two acts that ended the log, if it has lost entries (optional)
    keys, status/<n>            the key file and status lists, as they are published (optional)
    policy, root                copies for convenience, never what the bundle is checked against

Rules: every path that is opened is made here, never taken from a file; no symbolic link and no special file is
followed or opened below the folder; every file has its cap, and a tile of hashes its exact size; a missing
file is told apart from a damaged one, since a copy may have been cut short.

Not done here: believing anything (`verifier.replay`).
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from verifier import merkle, note, tile
from verifier.errors import Error
from verifier.tile import Tile

BUNDLE_TILE_LIMIT = tile.WIDTH * (2 + tile.ENTRY_LIMIT)
LINE_LIMIT = 65535

_LISTED = 1024
_PARTS = frozenset(
    {
        "checkpoint",
        "tile",
        "links.jsonl",
        "policy",
        "root",
        "keys",
        "status",
        "withdrawn",
        "personal.jsonl",
        "succession",
    }
)


class BundleError(Error):
    """A file of the bundle is missing, unreadable or cannot be what it should be.

    BUNDLE_FILE_MISSING is the code of what may be a copy that was cut short.
    """


class Bundle:
    """The folder of a bundle. `path` names it for people."""

    def __init__(self, folder: Path) -> None:
        """Look whether this can be a bundle at all.

        Raises BundleError BUNDLE_MISSING, BUNDLE_NOT_FOLDER, BUNDLE_EMPTY or BUNDLE_FILE_MISSING.
        """
        self.path = folder
        self._file: tuple[str, BinaryIO] | None = None
        try:
            if not folder.is_dir():
                kind = (
                    ("BUNDLE_NOT_FOLDER", "is not a folder")
                    if folder.exists()
                    else ("BUNDLE_MISSING", "is not there")
                )
                raise BundleError(kind[0], f"{folder} {kind[1]}", "Name the folder that was exported.")
            with os.scandir(folder) as found:
                names = {item.name for _, item in zip(range(_LISTED), found, strict=False)}
        except (OSError, ValueError) as error:
            raise BundleError("BUNDLE_UNREADABLE", f"{folder} cannot be read: {_why(error)}") from None
        if not names:
            raise BundleError("BUNDLE_EMPTY", f"{folder} is empty")
        if "checkpoint" not in names:
            raise BundleError(
                "BUNDLE_FILE_MISSING",
                f"{folder} has no file named checkpoint, so it is no bundle or not all of one",
                "Copy the whole folder again.",
            )
        self.others = sorted(names - _PARTS)

    def has(self, name: str) -> bool:
        """Tell whether there is an entry of this name, of whatever kind."""
        return (self.path / name).is_symlink() or (self.path / name).exists()

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes.

        Raises BundleError BUNDLE_FILE_MISSING, BUNDLE_FILE_SPECIAL, BUNDLE_FILE_TOO_LARGE or
        BUNDLE_UNREADABLE.
        """
        path = self._safe(name)
        try:
            with path.open("rb") as file:
                # Asked first, since making room for the limit takes longer than reading a tile.
                if os.fstat(file.fileno()).st_size > limit:
                    raise BundleError(
                        "BUNDLE_FILE_TOO_LARGE", f"{name} is larger than the {limit} bytes that it may have"
                    )
                return file.read()
        except OSError as error:
            raise BundleError("BUNDLE_UNREADABLE", f"{name} cannot be read: {_why(error)}") from None

    def checkpoint(self) -> bytes:
        """Return the checkpoint's bytes. Raises BundleError."""
        return self.read("checkpoint", note.NOTE_LIMIT)

    def tile(self, wanted: Tile) -> bytes:
        """Return a tile's bytes. Raises BundleError, or FormatError TILE_SIZE for a hash tile."""
        if wanted.level == tile.ENTRIES:
            return self.read(wanted.path(), BUNDLE_TILE_LIMIT)
        data = self.read(wanted.path(), tile.WIDTH * merkle.HASH_SIZE)
        tile.parse_hashes(wanted, data)
        return data

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """Yield (offset, line without its LF) of a file of lines.

        Raises BundleError as `read`, BUNDLE_LINES.
        """
        path = self._safe(name)
        offset = 0
        try:
            with path.open("rb") as file:
                while line := file.readline(LINE_LIMIT + 1):
                    if not line.endswith(b"\n"):
                        raise BundleError("BUNDLE_LINES", f"{name} has a line that is too long or cut short")
                    yield offset, line[:-1]
                    offset += len(line)
        except OSError as error:
            raise BundleError("BUNDLE_UNREADABLE", f"{name} cannot be read: {_why(error)}") from None

    def line_at(self, name: str, offset: int) -> bytes:
        """Return the line, without its LF, that `lines` found at an offset. Raises BundleError."""
        try:
            if self._file is None or self._file[0] != name:
                self.close()
                self._file = (name, self._safe(name).open("rb"))
            file = self._file[1]
            file.seek(offset)
            return file.readline(LINE_LIMIT + 1).removesuffix(b"\n")
        except OSError as error:
            raise BundleError("BUNDLE_UNREADABLE", f"{name} cannot be read: {_why(error)}") from None

    def close(self) -> None:
        """Close the file that `line_at` reads."""
        if self._file is not None:
            self._file[1].close()
            self._file = None

    def _safe(self, name: str) -> Path:
        """Return the path of a file, once every step to it is known to be what it looks like."""
        path = self.path
        parts = name.split("/")
        for number, part in enumerate(parts, 1):
            path /= part
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                raise BundleError(
                    "BUNDLE_FILE_MISSING", f"{name} is missing", "Copy the whole folder again."
                ) from None
            except OSError as error:
                raise BundleError("BUNDLE_UNREADABLE", f"{name} cannot be read: {_why(error)}") from None
            if not (stat.S_ISREG(mode) if number == len(parts) else stat.S_ISDIR(mode)):
                raise BundleError(
                    "BUNDLE_FILE_SPECIAL",
                    f"{name} leads out of the bundle or is no ordinary file",
                    "A bundle holds plain folders and files only.",
                )
        return path


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "the name cannot be used"
