"""An SQLite file from which deleted things are gone, safe for threads and for several processes at once.

Rules: `secure_delete` writes zeros over what is deleted; the journal is truncated at each commit and there
is no write-ahead log, so nothing lingers beside the file; `synchronous=FULL`, and truncating is synced too,
so a commit survives a power cut; temporary tables stay in memory. A writer takes the lock when it begins
(BEGIN IMMEDIATE) and waits 10 seconds for it. File mode 0600.

SQLite moves rows between pages as a table grows, and leaves parts of them in the unused space of pages even
with `secure_delete` (seen with 3.40): hence `purge` after a deletion that must be one.

Not done here: wiping disk blocks that the file system let go of (a truncated journal's), or what a
solid-state disk keeps. Only an encrypted disk answers for those.
"""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

BUSY_SECONDS = 10.0

_IDLE_LIMIT = 8
_PIECE_SIZE = 32
_PIECE_STEP = 256
_PIECES_LIMIT = 256
_FOUND, _NOT_FOUND = 11, 10
_SEARCH = f"""
import mmap, sys
found, pieces = False, [bytes.fromhex(line) for line in sys.stdin]
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found = found or any(content.find(piece) >= 0 for piece in pieces)
    except (FileNotFoundError, ValueError):  # an empty file cannot be mapped
        pass
sys.exit({_FOUND} if found else {_NOT_FOUND})
"""
_SETTINGS = (
    "PRAGMA journal_mode = TRUNCATE",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)


class ErasableDatabase:
    """One file and its idle connections.

    `failure(code, message, hint)` makes the errors: STORE_BUSY, STORE_FAILED, STORE_VERSION.
    """

    def __init__(
        self,
        path: Path,
        schema: Sequence[str],
        version: int,
        failure: Callable[[str, str, str | None], Exception],
    ) -> None:
        self.path = path
        self._failure = failure
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._busy_seconds = BUSY_SECONDS
        try:
            # The journal takes its mode from the file, so the file must be closed to others before SQLite
            # opens it. One that is there is left alone: closing it would give up this process's locks on it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise failure("STORE_FAILED", f"{path} cannot be opened: {error.strerror}", None) from None
        self._prepare(schema, version)

    def never_wait(self) -> None:
        """From now on let STORE_BUSY come at once, not after 10 seconds: for who reads where nobody may wait."""
        with self._lock:
            self._busy_seconds = 0.0
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Give a connection whose statements all see the file at one moment."""
        return self._transaction("BEGIN")

    def row(self, query: str, parameters: Sequence[Any]) -> Any | None:
        """Return the first row of one query, which sees the file at one moment by itself."""
        with self._connection() as connection:
            return connection.execute(query, parameters).fetchone()

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """Give a connection that holds the write lock.

        At the end of the block all is committed; when an error leaves it, all is taken back.
        """
        return self._transaction("BEGIN IMMEDIATE")

    def compact(self) -> None:
        """Write the whole file anew, without free pages and without what may linger inside pages.

        Locks it while it runs.
        """
        with self._connection() as connection:
            connection.execute("VACUUM")

    def purge(self, remains: bytes) -> bool:
        """Make sure that deleted bytes do not linger, and write the file anew if they do.

        Says whether they are gone. The caller has committed the deletion.
        """
        if self.contains(remains):
            self.compact()
            return not self.contains(remains)
        return True

    def contains(self, remains: bytes) -> bool:
        """Say whether pieces of these bytes stand anywhere in the file or its journal, in use or not.

        Long values are spread over pages, so pieces of 32 bytes are looked for, at most 256 of them.
        """
        step = max(_PIECE_STEP, len(remains) // _PIECES_LIMIT)
        starts = [*range(0, len(remains) - _PIECE_SIZE, step), max(0, len(remains) - _PIECE_SIZE)]
        pieces = [remains[start : start + _PIECE_SIZE] for start in starts]
        journal = self.path.with_name(self.path.name + "-journal")
        # In a process of its own: POSIX takes all locks on a file from a process that closes any descriptor of
        # it, so that other threads' transactions would go on without theirs (sqlite.org/howtocorrupt.html, 2.2).
        found = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-I", "-S", "-c", _SEARCH, self.path, journal],
            input="\n".join(piece.hex() for piece in pieces).encode(),
            check=False,
        ).returncode
        if found not in {_FOUND, _NOT_FOUND}:
            raise self._failure(
                "STORE_FAILED", f"{self.path} cannot be searched for what was destroyed", None
            )
        return found == _FOUND

    def close(self) -> None:
        """Close idle connections now and busy ones when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _prepare(self, schema: Sequence[str], version: int) -> None:
        with self.reading() as connection:
            found = _version(connection)
        if found == 0:
            with self.writing() as connection:
                found = _version(connection)  # another process may have been first
                if found == 0:
                    for statement in schema:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {version:d}")
                    found = version
        if found != version:
            hint = "Use the release of the program that wrote it."
            raise self._failure(
                "STORE_VERSION", f"{self.path} has format {found}, this program reads {version}", hint
            )

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise self._failure("STORE_FAILED", f"{self.path} was closed", None)
            if self._idle:
                return self._idle.pop()
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=64,
        )
        try:
            for setting in _SETTINGS:
                connection.execute(setting).fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            # A transaction that could not be rolled back would hold its lock: such a connection is closed.
            if not self._closed and not connection.in_transaction and len(self._idle) < _IDLE_LIMIT:
                self._idle.append(connection)
                return
        connection.close()

    def _explain(self, error: sqlite3.Error) -> Exception:
        # The low byte is the primary code; errors that Python raises by itself have none.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return self._failure(
                "STORE_BUSY", f"{self.path.name} is in use by another process", "Try again in a moment."
            )
        return self._failure(
            "STORE_FAILED", f"{self.path.name}: {error}", "Look at the disk: space, rights, health."
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
