"""What remains of the tokens of erased certificates: eight bytes each, so that the list for offline use has them.

A token holds the holder's name. Before the name is destroyed, the digest by which lists of withdrawn
certificates name the token is kept; afterwards nobody could compute it. It is cut from a SHA-256 over a
signature as well, so without the paper nothing can be tried against it.

The rows are no projection: they cannot be derived from the log. They are made before anything is destroyed,
also at start-up before destructions that a restored personal store missed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keys.erasable import ErasableDatabase
from ledger.errors import DomainError, StoreError

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.issuing.issued import IssuedCertificates
    from ledger.issuing.token import QrTexts

_SCHEMA = ("CREATE TABLE erased_token (certificate TEXT NOT NULL PRIMARY KEY, digest BLOB) WITHOUT ROWID",)
_VERSION = 1


class ErasedTokens:
    """The file at ``path``."""

    def __init__(self, path: Path, issued: IssuedCertificates, qr_texts: QrTexts) -> None:
        self._database = ErasableDatabase(path, _SCHEMA, _VERSION, StoreError)
        self._issued = issued
        self._qr_texts = qr_texts

    def follow(self, event: Event, _index: int) -> None:
        """After a commit, before what it says is done: keep the digest of a token that is about to go."""
        if event.type == "certificate.marked_erased.v1":
            self.keep(event.originator_id, "identity")
        elif event.type == "subject_request.data_destroyed.v1":
            self.keep(event.data["subject"], event.data["class"])

    def keep(self, subject: str, class_: str) -> None:
        """Keep the digest if this subject and class are what a token is made from, and it still can be made."""
        aggregate, _, certificate = subject.partition("/")
        if (aggregate, class_) != ("certificate", "identity"):
            return
        try:
            qr = self._qr_texts.of(self._issued.get(certificate))
        except DomainError:
            return
        if qr.token is not None:
            with self._database.writing() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO erased_token VALUES (?, ?)", (certificate, qr.token.digest())
                )

    def digest(self, certificate: str) -> bytes | None:
        """The digest of an erased certificate's token, None where it had none or it is not known any more."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT digest FROM erased_token WHERE certificate = ?", (certificate,)
            ).fetchone()
        return bytes(row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        self._database.close()
