"""Digests of the tokens of certificates that no longer stand: eight bytes each, for the list for offline use.

A token holds the holder's name. Its digest is kept when the certificate stops standing, at the latest before
the name is destroyed; afterwards nobody could compute it. It is cut from a SHA-256 over a signature as well,
so without the paper nothing can be tried against it.

The rows are no projection: they cannot be derived from the log alone. They are made before anything is
destroyed, also at start-up before destructions that a restored personal store missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from keys.erasable import ErasableDatabase
from keys.errors import Error as KeysError
from ledger.errors import Error, StoreError

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.issuing.issued import IssuedCertificates
    from ledger.issuing.token import QrTexts

_SCHEMA = (
    "CREATE TABLE token_digest (certificate TEXT NOT NULL PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID",
)
_VERSION = 1
_WITHDRAWING = frozenset({"suspended", "revoked", "superseded", "marked_erased"})


class TokenDigests:
    """The file at ``path``."""

    def __init__(self, path: Path, issued: IssuedCertificates, qr_texts: QrTexts) -> None:
        self._database = ErasableDatabase(path, _SCHEMA, _VERSION, StoreError)
        self._issued = issued
        self._qr_texts = qr_texts

    def follow(self, event: Event, _index: int) -> None:
        """After a commit, before what it says is done: keep the digest of a token that stops standing."""
        if event.type == "subject_request.data_destroyed.v1":
            self.keep_before_destroying(event.data["subject"], event.data["class"])
        elif event.originator_id.startswith("certificate/") and event.name in _WITHDRAWING:
            self.keep_before_destroying(event.originator_id, "identity")

    def keep_before_destroying(self, subject: str, class_: str) -> None:
        """Keep the digest if this subject and class are what a token is made from, and it still can be made."""
        aggregate, _, certificate = subject.partition("/")
        if (aggregate, class_) == ("certificate", "identity"):
            self.of([certificate])

    def of(self, certificates: Iterable[str]) -> list[bytes]:
        """The digests of these certificates' tokens; those that are not known yet are made and kept.

        A certificate whose QR holds no token, or whose name was destroyed before there was a digest, has none.
        """
        with self._database.reading() as connection:
            known = {name: bytes(digest) for name, digest in connection.execute("SELECT * FROM token_digest")}
        wanted = list(certificates)
        made = {each: digest for each in wanted if each not in known and (digest := self._make(each))}
        if made:
            with self._database.writing() as connection:
                connection.executemany("INSERT OR IGNORE INTO token_digest VALUES (?, ?)", list(made.items()))
        known |= made
        return [known[each] for each in wanted if each in known]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _make(self, certificate: str) -> bytes | None:
        try:
            token = self._qr_texts.of(self._issued.get(certificate)).token
        except (Error, KeysError):  # whatever is wrong with it, destruction must not wait for it
            return None
        return token.digest() if token else None
