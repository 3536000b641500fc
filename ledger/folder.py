"""The data folder: where one ledger keeps everything, and how it is opened, made and locked.

    certledger.json   format, ledger id, origin, base URL, clock, database
    rulebook.json     reason codes, number formats, holidays, limits (ledger.rulebook)
    root, policy      what verifiers are given; copies for convenience
    events.db         the log (or a PostgreSQL named in certledger.json)
    personal.db       personal facts; datakeys.db and master.key open them
    keystore/         signing keys, each under its owner's passphrase
    documents/        template sources, by hash
    papers/           rendered certificates

Opening takes a shared lock, so that several processes may work on one folder; building, restoring and
rebuilding take it alone. Who finds nobody else there begins alone and shares once what a crash left is
cleared up (``share``): whatever was under way then can never be finished.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from keys import files
from ledger.errors import StoreError
from ledger.rulebook import Rulebook
from verifier import rootfile
from verifier.errors import Error as VerifierError

T = TypeVar("T")

FORMAT = 1
SETTINGS = "certledger.json"
LOCK = ".lock"
EVENTS = "events.db"
KEPT = ("personal.db", "datakeys.db", "master.key")
WAIT_S = 5.0
"""How long an opening waits for another that is clearing up."""
POLL_S = 0.05


def _printable(text: str) -> str:
    """Refuse what people cannot see, marks that turn the direction of a line included."""
    if not text.isprintable():
        raise PydanticCustomError("unprintable", "it has characters that nobody can see")
    return text


class FolderSettings(BaseModel):
    """What ``certledger.json`` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    ledger: str
    origin: str
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.:\[\]-]+$")]
    clock: Literal["system", "simulated"]
    database: str | None = None
    """A PostgreSQL URL; SQLite in the folder when absent."""
    now: str | None = None
    """Where a simulated clock was left."""
    contact: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=3, max_length=120),
            AfterValidator(_printable),
        ]
        | None
    ) = None
    """Where people report a forgery, as they read it: a telephone number, an address. The issuer when absent."""
    anchor: str | None = None
    """A file outside the folder where the operator keeps the newest checkpoint; start-up compares with it."""


@dataclass(slots=True)
class DataFolder:
    """An opened data folder. Close it to give the lock back."""

    path: Path
    settings: FolderSettings
    rulebook: Rulebook
    root: rootfile.RootFile
    alone: bool
    """Whether no other process has the folder open, nor can open it before ``share``."""
    _lock: IO[bytes] = field(repr=False)

    @property
    def keystore(self) -> Path:
        """The folder of signing keys."""
        return self.path / "keystore"

    @property
    def papers(self) -> Path:
        """The folder of rendered certificates."""
        return self.path / "papers"

    def save_settings(self, settings: FolderSettings) -> None:
        """Write ``certledger.json`` anew."""
        _write_json(self.path / SETTINGS, settings.model_dump())
        self.settings = settings

    def share(self) -> None:
        """Let other processes open the folder too."""
        # The system takes one lock away before it gives the other, so somebody may be alone in between.
        if not _lock(self._lock, alone=False, wait=WAIT_S):
            raise _in_use(self.path)
        self.alone = False

    def close(self) -> None:
        """Give the lock back."""
        self._lock.close()


def create(path: Path, settings: FolderSettings, rulebook: Rulebook, root: rootfile.RootFile) -> DataFolder:
    """Write the settings of a new ledger into a folder that ``claim_empty`` found fit."""
    lock = _locked(path, alone=False)
    try:
        (path / "root").write_bytes(root.to_bytes())
        _write_json(path / "rulebook.json", json.loads(rulebook.model_dump_json()))
        _write_json(path / SETTINGS, settings.model_dump())
    except OSError as error:
        lock.close()
        raise _unwritable(path, error) from None
    return DataFolder(path, settings, rulebook, root, alone=False, _lock=lock)


def claim_empty(path: Path) -> None:
    """Make the folder, or find it empty. Raises StoreError FOLDER_NOT_EMPTY, FOLDER_UNWRITABLE or FOLDER_IN_USE."""
    with holding_empty(path):
        pass


@contextmanager
def holding_empty(path: Path) -> Iterator[None]:
    """As ``claim_empty``, and nobody else may have the folder inside the block."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unwritable(path, error) from None
    with _locked(path, alone=True):
        # Looked at under the lock: whoever had it may have filled the folder.
        try:
            found = sorted(each.name for each in path.iterdir() if each.name != LOCK)
        except OSError as error:
            raise _unwritable(path, error) from None
        if found:
            raise StoreError(
                "FOLDER_NOT_EMPTY",
                f"{path} is not empty: it holds {found[0]}{' and more' if found[1:] else ''}",
                "Name an empty or a new folder with --data.",
            )
        yield


def open_folder(path: Path, *, alone: bool = False) -> DataFolder:
    """Open a data folder; ``alone`` for who brings back or checks what is not there.

    Raises StoreError FOLDER_UNKNOWN, FOLDER_NEWER, FOLDER_DAMAGED, FOLDER_UNWRITABLE or FOLDER_IN_USE.
    """
    if not (path / SETTINGS).is_file():
        raise StoreError(
            "FOLDER_UNKNOWN",
            f"{path} holds no ledger",
            "Make one with `certledger init --data DIR`, or try `certledger demo --data DIR`.",
        )
    raw = _read(path / SETTINGS, json.loads)
    if isinstance(raw, dict) and isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise StoreError(
            "FOLDER_NEWER",
            f"{path} was written by a newer version of certledger (format {raw['format']}, this one knows {FORMAT})",
            "Use the newer version; this one would not understand all of it.",
        )
    settings = _read(path / SETTINGS, FolderSettings.model_validate_json)
    rulebook = _read(path / "rulebook.json", Rulebook.model_validate_json)
    root = _read(path / "root", rootfile.parse)
    for name in KEPT if settings.database or alone else (*KEPT, EVENTS):
        if not (path / name).exists():  # it would be made anew and empty
            hint = f"Restore it{'' if name == EVENTS else ' and what belongs to it'} from a backup."
            raise StoreError("FOLDER_DAMAGED", f"{path / name} is not there", hint)
    lock = _opened(path)
    first = _lock(lock, alone=True)
    if not first and (alone or not _lock(lock, alone=False, wait=WAIT_S)):
        lock.close()
        raise _in_use(path)
    return DataFolder(path, settings, rulebook, root, alone=first, _lock=lock)


def _read(path: Path, parse: Callable[[bytes], T]) -> T:
    """A settings file; FOLDER_DAMAGED in one line when it is not what was written."""
    try:
        return parse(path.read_bytes())
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        member = ".".join(str(part) for part in first["loc"])
        what = f"{path} is not as it was written: {f'{member}: ' if member else ''}{first['msg']}"
    except (ValueError, VerifierError) as error:
        what = f"{path} is not as it was written: {str(error).splitlines()[0]}"
    raise StoreError("FOLDER_DAMAGED", what, "Restore it from a backup.")


def _locked(path: Path, *, alone: bool) -> IO[bytes]:
    lock = _opened(path)
    if not _lock(lock, alone=alone):
        lock.close()
        raise _in_use(path)
    return lock


def _opened(path: Path) -> IO[bytes]:
    try:
        return (path / LOCK).open("ab")
    except OSError as error:
        raise _unwritable(path, error) from None


def _lock(lock: IO[bytes], *, alone: bool, wait: float = 0.0) -> bool:
    """Take the lock, or change to it; False when another process kept it for ``wait`` seconds."""
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_S)
        else:
            return True


def _in_use(path: Path) -> StoreError:
    return StoreError(
        "FOLDER_IN_USE",
        f"another certledger process is using {path}",
        "Stop it first, or name another folder with --data.",
    )


def _write_json(path: Path, value: object) -> None:
    files.replace(path, json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n")


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        "FOLDER_UNWRITABLE",
        f"{path} cannot be written: {os.strerror(error.errno or 0)}",
        "Name a folder that you may write, with free space, with --data.",
    )
