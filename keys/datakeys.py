"""Keys for data at rest, one for each subject and class: destroying a key destroys what it sealed.

Rules. Each data key is 32 random bytes for AES-256-GCM. The keys stand in an SQLite file of their own,
wrapped (AES-256-GCM, the subject and class as associated data) with a master key that lies in another file,
so that the stolen database alone opens nothing. A destroyed key is proved gone: the file is searched for
its wrapped bytes, written anew if they linger, and searched again.

Service keys have a name instead of a subject; they key the indexes and seal what expires by itself. All are
derived (HKDF-Expand, RFC 5869) from one random key that is never destroyed.

Backups of the key file must be few and short-lived (30 days at most): as long as one exists, so do the keys
destroyed since.

Not done here: rotating the master key, and keeping it in hardware.
"""

import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from keys import files
from keys.erasable import ErasableDatabase
from keys.errors import DataKeyError

KEY_SIZE = 32

_NONCE_SIZE = 12
_VERSION = 1
_SCHEMA = (
    """CREATE TABLE data_key (subject TEXT NOT NULL, class TEXT NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (subject, class)) WITHOUT ROWID""",
    "CREATE TABLE service_root (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL)",
)
_SELECT = "SELECT wrapped FROM data_key WHERE subject = ? AND class = ?"
_NAME = re.compile(r"[A-Za-z0-9._/-]{1,200}")


class DataKeys:
    """The data-key file at `path` and its master key at `master_path`; both are made when neither exists.

    Raises DataKeyError DATAKEYS_MASTER_MISSING or DATAKEYS_MASTER_WRONG when the two files do not belong
    together, STORE_BUSY or STORE_FAILED when the database cannot be used, or Error FILE_….
    """

    def __init__(self, path: Path, master_path: Path) -> None:
        self._master = AESGCM(_load_master(path, master_path))
        self._database = ErasableDatabase(path, _SCHEMA, _VERSION, DataKeyError)
        try:
            self._root = self._service_root()
        except DataKeyError as error:
            self._database.close()
            if error.code == "DATAKEYS_DAMAGED":
                hint = "Bring the master key that was backed up together with it."
                raise DataKeyError(
                    "DATAKEYS_MASTER_WRONG", f"{master_path} does not open {path}", hint
                ) from None
            raise

    def never_wait(self) -> None:
        """From now on let STORE_BUSY come at once: for who reads where nobody may wait."""
        self._database.never_wait()

    def get(self, subject: str, class_: str) -> bytes | None:
        """Return the key, 32 bytes, or None when there is none (any more).

        Raises DataKeyError DATAKEYS_DAMAGED.
        """
        row = self._database.row(_SELECT, (_checked(subject), _checked(class_)))
        return self._unwrap(row[0], _place(subject, class_)) if row else None

    def get_or_create(self, subject: str, class_: str) -> bytes:
        """Return the key, a fresh one that is already safe on disk when there was none."""
        key = self.get(subject, class_)
        while key is None:
            self.ensure([(subject, class_)])
            key = self.get(subject, class_)
        return key

    def ensure(self, places: Iterable[tuple[str, str]]) -> None:
        """Make the keys of all these subjects and classes that have none, in one transaction."""
        rows = [
            (
                _checked(subject),
                _checked(class_),
                self._wrap(secrets.token_bytes(KEY_SIZE), _place(subject, class_)),
            )
            for subject, class_ in places
            if self.get(subject, class_) is None
        ]
        if rows:
            with self._database.writing() as connection:
                connection.executemany("INSERT OR IGNORE INTO data_key VALUES (?, ?, ?)", rows)

    def destroy(self, subject: str, class_: str) -> bool:
        """Destroy the key and say whether there was one.

        Afterwards its bytes stand nowhere in the file or its journal.

        Raises DataKeyError DATAKEYS_NOT_ERASED when they do; the key is out of use then, and `destroy` may
        be called again only to no effect, so the file itself must be looked at.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                "DELETE FROM data_key WHERE subject = ? AND class = ? RETURNING wrapped",
                (_checked(subject), _checked(class_)),
            ).fetchone()
        if row is None:
            return False
        if not self._database.purge(row[0]):
            hint = f"Stop the servers and run VACUUM on {self._database.path.name}."
            raise DataKeyError("DATAKEYS_NOT_ERASED", "a destroyed key is still in the file", hint)
        return True

    def compact(self) -> None:
        """Write the file anew, so that nothing lingers from a destruction that a crash cut short."""
        self._database.compact()

    def service(self, name: str) -> bytes:
        """Return the 32-byte service key of this name."""
        info = b"certledger/service-key/v1\n" + _checked(name).encode()
        return HKDFExpand(SHA256(), KEY_SIZE, info).derive(self._root)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _service_root(self) -> bytes:
        place = _place("service-root")
        with self._database.reading() as connection:
            row = connection.execute("SELECT wrapped FROM service_root").fetchone()
        if row is None:
            wrapped = self._wrap(secrets.token_bytes(KEY_SIZE), place)
            with self._database.writing() as connection:
                connection.execute("INSERT OR IGNORE INTO service_root VALUES (1, ?)", (wrapped,))
                row = connection.execute("SELECT wrapped FROM service_root").fetchone()
        return self._unwrap(row[0], place)

    def _wrap(self, key: bytes, place: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return nonce + self._master.encrypt(nonce, key, place)

    def _unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        try:
            return self._master.decrypt(wrapped[:_NONCE_SIZE], wrapped[_NONCE_SIZE:], place)
        except (InvalidTag, ValueError):
            hint = "Restore the key file from its newest backup."
            raise DataKeyError(
                "DATAKEYS_DAMAGED", f"a key in {self._database.path.name} was altered", hint
            ) from None


def _load_master(path: Path, master_path: Path) -> bytes:
    try:
        return _read_master(master_path)
    except FileNotFoundError:
        pass
    if path.exists() and path.stat().st_size:
        # Another process may just have made both: the master key comes first.
        try:
            return _read_master(master_path)
        except FileNotFoundError:
            hint = "Restore the master key; a new one would open nothing."
            raise DataKeyError(
                "DATAKEYS_MASTER_MISSING", f"{path} is there but {master_path} is not", hint
            ) from None
    try:
        files.create(master_path, secrets.token_bytes(KEY_SIZE))
    except FileExistsError:
        pass
    except OSError as error:
        raise DataKeyError(
            "DATAKEYS_MASTER_MISSING", f"{master_path} cannot be made: {error.strerror}"
        ) from None
    return _read_master(master_path)


def _read_master(path: Path) -> bytes:
    key = files.read_secret(path, KEY_SIZE)
    if len(key) != KEY_SIZE:
        raise DataKeyError("DATAKEYS_MASTER_WRONG", f"{path} does not hold a key of {KEY_SIZE} bytes")
    return key


def _place(*names: str) -> bytes:
    """Bind a wrapped key to its row. Names have no line feed, so that two rows never have the same bytes."""
    return "\n".join(("certledger/data-key/v1", *names)).encode("ascii")


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise DataKeyError(
            "DATAKEYS_NAME", "a subject, class or service has 1 to 200 letters, digits and . _ / -"
        )
    return name
