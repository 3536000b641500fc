"""What the tests of the personal store share: facts, a moment, and the raw bytes of a store's files."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keys.datakeys import DataKeys
from ledger.personal.fact import Fact
from ledger.personal.store import PersonalStore

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def fact(
    value: Any,
    *,
    subject: str = "learner/l1",
    class_: str = "identity",
    field: str = "name",
    version: int = 1,
    stream: str = "",
) -> Fact:
    salt = hashlib.sha256(repr((value, subject, class_, field, version)).encode()).digest()
    return Fact(class_, field, stream or subject, subject, value, version, salt)


def open_store(folder: Path) -> PersonalStore:
    return PersonalStore(folder / "personal.db", DataKeys(folder / "data-keys.db", folder / "master.key"))


def raw_bytes(folder: Path) -> bytes:
    """All bytes of all files: database, journal, free pages, key file."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
