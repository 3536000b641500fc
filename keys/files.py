"""Small secret files: read only when nobody else can, written whole or not at all.

Writing: a temporary file in the same folder (mode 0600), fsync, rename or link, fsync of the folder. After
a crash the file has its old content or its new one. Reading: a regular file, no symbolic link, no rights
for group and others, at most a stated size.

Not done here: wiping what an overwritten file leaves on the disk. Only an encrypted disk answers for that.
"""

import os
import secrets
import stat
from pathlib import Path

from keys.errors import Error

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_folder(path: Path) -> None:
    """Create the folder with mode 0700, or check that an existing one is closed to others.

    Raises Error FILE_OPEN_TO_OTHERS.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode
    except OSError as error:
        raise Error("FILE_UNREADABLE", f"{path} cannot be used as a folder: {error.strerror}") from None
    if mode & _OTHERS:
        raise Error("FILE_OPEN_TO_OTHERS", f"{path} is open to other users", f"Run: chmod 700 {path}")


def read_secret(path: Path, limit: int) -> bytes:
    """Return the file's bytes.

    Raises FileNotFoundError, or Error FILE_OPEN_TO_OTHERS, FILE_TOO_LARGE or FILE_UNREADABLE.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Error("FILE_UNREADABLE", f"{path} cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Error("FILE_UNREADABLE", f"{path} is not a regular file")
        if status.st_mode & _OTHERS:
            raise Error("FILE_OPEN_TO_OTHERS", f"{path} is open to other users", f"Run: chmod 600 {path}")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Error("FILE_TOO_LARGE", f"{path} is larger than {limit} bytes")
    return data


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`, whether or not there was a file.

    Raises OSError; then the old file stands.
    """
    temporary = _write_temporary(path, data)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def create(path: Path, data: bytes) -> None:
    """Make a new file with `data`. Raises FileExistsError, and leaves the file that is there; or OSError."""
    temporary = _write_temporary(path, data)
    try:
        os.link(temporary, path)  # unlike a rename, it never replaces
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _write_temporary(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
