"""Whether anything was committed to SQLite files since, told without a lock and without a query.

Rules. Every commit with a rollback journal changes the counter at byte 24 of the file, and counts only when its
journal is gone, which is after that; every commit to a write-ahead log changes the header of the log's index
(`-shm`). So what was read between two equal marks still is what is there as long as a third one equals them.
The marks of a commit that never counted are seen at most on one side of a read.

A descriptor is kept open for as long as this is: closing one gives up the process's locks on the file.

Specification: SQLite's file format, 1.3.7 "File change counter" and 4.1 "Write-ahead log"; walformat, 2.2. It sees
only what is committed by SQLite: a file that is put in the place of another is for whoever starts the server.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEADER = 28
_WRITE_VERSION, _WAL = 18, 2
_INDEX_HEADER = 96


class Unchanged:
    """The marks of some files that SQLite has made already. For one thread."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._files = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in paths]
        self._indexes: list[int | None] = [None] * len(paths)

    def marks(self) -> bytes | None:
        """What changes with each commit to any of the files; None when that cannot be told."""
        found = b""
        for number, file in enumerate(self._files):
            header = os.pread(file, _HEADER, 0)
            if len(header) < _HEADER:
                return None
            found += header
            if header[_WRITE_VERSION] == _WAL:
                index = self._index(number)
                if index is None:
                    return None
                found += os.pread(index, _INDEX_HEADER, 0)
        return found

    def _index(self, number: int) -> int | None:
        """The index of a write-ahead log, which is there once the file was read."""
        if self._indexes[number] is None:
            path = self._paths[number]
            try:
                self._indexes[number] = os.open(f"{path}-shm", os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                return None
        return self._indexes[number]

    def close(self) -> None:
        """Close the files."""
        for file in (*self._files, *self._indexes):
            if file is not None:
                os.close(file)
        self._files, self._indexes = [], []
