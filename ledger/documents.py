"""Documents that events name by hash: template sources. Content-addressed, written durably before the event."""

from __future__ import annotations

import hashlib
from pathlib import Path

from keys import files
from ledger.errors import DomainError

DOCUMENT_LIMIT = 1_000_000


class Documents:
    """A folder of documents named by the SHA-256 of their UTF-8 bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, text: str) -> str:
        """Keep ``text`` and return its SHA-256 in hex; VALUE_INVALID above one million bytes."""
        data = text.encode()
        if len(data) > DOCUMENT_LIMIT:
            raise DomainError(
                "VALUE_INVALID", f"the document has {len(data)} bytes, more than {DOCUMENT_LIMIT}"
            )
        name = hashlib.sha256(data).hexdigest()
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            files.replace(path, data)
        return name

    def get(self, name: str) -> str:
        """The document with this hash; UNKNOWN_ID when it is missing or was altered."""
        path = self._folder / name
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != name:
            raise DomainError(
                "UNKNOWN_ID", f"the document {name[:16]}… is missing or altered", "Restore the folder."
            )
        return data.decode()
