"""The tables of the personal store, and the two ways in which its content is hidden.

Sealed: AES-256-GCM with a fresh nonce, the row's place as associated data. Tagged: HMAC-SHA-256 under a
service key, so that a value can be found again and the file alone does not tell it. Tables are ordered by
tag or by random id (WITHOUT ROWID), never by time.

Names: subjects are streams (`learner/<id>`), index tables hold the id alone. `command` is the command that is
not settled, or empty; two commands in flight may each say the same, and each takes back only its own.
"""

import hmac
import secrets
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.erasable import ErasableDatabase
from ledger.errors import StoreError

VERSION = 1

_NONCE_SIZE = 12
_SCHEMA = (
    """CREATE TABLE fact_row (subject TEXT NOT NULL, class TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (subject, class)) WITHOUT ROWID""",
    """CREATE TABLE dying (subject TEXT NOT NULL, class TEXT NOT NULL,
    PRIMARY KEY (subject, class)) WITHOUT ROWID""",
    """CREATE TABLE pending_command (command TEXT NOT NULL PRIMARY KEY, digest BLOB NOT NULL,
    put_at INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE pending_row (subject TEXT NOT NULL, class TEXT NOT NULL, command TEXT NOT NULL,
    PRIMARY KEY (subject, class, command)) WITHOUT ROWID""",
    "CREATE INDEX pending_row_command ON pending_row (command)",
    """CREATE TABLE nik_tag (tag BLOB NOT NULL, subject TEXT NOT NULL, command TEXT NOT NULL,
    PRIMARY KEY (tag, subject, command)) WITHOUT ROWID""",
    "CREATE INDEX nik_tag_subject ON nik_tag (subject)",
    "CREATE INDEX nik_tag_command ON nik_tag (command) WHERE command != ''",
    """CREATE TABLE subject_tag (tag BLOB NOT NULL, subject TEXT NOT NULL, command TEXT NOT NULL,
    PRIMARY KEY (tag, subject, command)) WITHOUT ROWID""",
    "CREATE INDEX subject_tag_subject ON subject_tag (subject)",
    "CREATE INDEX subject_tag_command ON subject_tag (command) WHERE command != ''",
    """CREATE TABLE certificate_code (tag BLOB NOT NULL, certificate TEXT NOT NULL, command TEXT NOT NULL,
    PRIMARY KEY (tag, certificate, command)) WITHOUT ROWID""",
    "CREATE INDEX certificate_code_command ON certificate_code (command) WHERE command != ''",
    """CREATE TABLE provenance_index (tag BLOB NOT NULL, certificate TEXT NOT NULL, command TEXT NOT NULL,
    PRIMARY KEY (tag, certificate, command)) WITHOUT ROWID""",
    "CREATE INDEX provenance_index_certificate ON provenance_index (certificate)",
    "CREATE INDEX provenance_index_command ON provenance_index (command) WHERE command != ''",
    """CREATE TABLE destruction (subject TEXT NOT NULL, class TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (subject, class)) WITHOUT ROWID""",
    """CREATE TABLE preparation (id TEXT NOT NULL PRIMARY KEY, actor TEXT NOT NULL, sealed BLOB,
    expires_at INTEGER NOT NULL) WITHOUT ROWID""",
)


def open_database(path: Path) -> ErasableDatabase:
    """Open the file, or make it.

    Raises StoreError STORE_BUSY, STORE_FAILED or STORE_VERSION; the first two may come from each use of it.
    """
    return ErasableDatabase(path, _SCHEMA, VERSION, StoreError)


def seal(key: bytes, plaintext: bytes, *place: str) -> bytes:
    """Return nonce and ciphertext of `plaintext`, bound to its place. Parts of a place have no line feed."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, _joined(place))


def unseal(key: bytes, sealed: bytes, *place: str) -> bytes:
    """Return what was sealed for this place. Raises StoreError PERSONAL_DAMAGED."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], _joined(place))
    except (InvalidTag, ValueError):
        hint = "Restore the personal store and its key file from backups of the same day."
        raise StoreError(
            "PERSONAL_DAMAGED", f"a row of {place[0]} does not open with its key", hint
        ) from None


def tag(key: bytes, *parts: str) -> bytes:
    """Return the 32-byte tag of a value. All parts but the last have no line feed."""
    return hmac.digest(key, _joined(parts), "sha256")


def bare(name: str) -> str:
    """Return the id in a stream's name, or the id itself."""
    return name.rpartition("/")[2]


def seconds(moment: datetime) -> int:
    """Return an aware moment in whole seconds since 1970."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return int(moment.timestamp())


def _joined(parts: tuple[str, ...]) -> bytes:
    return "\n".join(parts).encode("utf-8", "surrogatepass")
