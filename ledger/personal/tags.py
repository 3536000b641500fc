"""Keyed tags for rows that lie beside the log: they can be compared, and say nothing to who has only the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.personal.database import seal, tag, unseal

if TYPE_CHECKING:
    from keys.datakeys import DataKeys


class Tags:
    """Tags and sealed replies under service keys of the personal store's key file."""

    def __init__(self, datakeys: DataKeys) -> None:
        self._provenance = datakeys.service("provenance-row")
        self._idempotency = datakeys.service("idempotency")
        self._reply = datakeys.service("reply")

    def provenance(self, kind: str, origin: str, replaces: str | None) -> str:
        """The unique row of what a certificate is issued for, and of the certificate it replaces."""
        return tag(self._provenance, kind, origin, replaces or "").hex()

    def idempotency(self, actor: str, key: str) -> bytes:
        """The unique row of one person's idempotency key."""
        return tag(self._idempotency, "key", actor, key)

    def body(self, actor: str, role: str, org: str | None, name: str, arguments: str) -> bytes:
        """What the key came with, to tell a repetition from another command."""
        return tag(self._idempotency, "body", actor, role, org or "", name, arguments)

    def seal_reply(self, command: str, reply: bytes) -> bytes:
        """The reply as it is stored, bound to its command."""
        return seal(self._reply, reply, "reply", command)

    def open_reply(self, command: str, sealed: bytes) -> bytes:
        """The reply again. Raises StoreError PERSONAL_DAMAGED."""
        return unseal(self._reply, sealed, "reply", command)
