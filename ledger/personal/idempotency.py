"""Idempotency: the same act sent twice is one act, and gets the same reply.

A client's key names the act for its actor. The key, and the body it came with, are kept as tags; the reply
is sealed under a service key. A reply should carry ids, not facts: an erasure does not reach it, only its
expiry does.

An act that was begun and has no reply yet is recalled with its command id alone: whether it happened is for
the log to say.
"""

import hmac
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keys.datakeys import DataKeys
from keys.erasable import ErasableDatabase
from ledger.errors import DomainError
from ledger.personal.database import seal, seconds, tag, unseal
from verifier import grammar, jcs

REPLY_LIMIT = 1024 * 1024

_ACTOR = re.compile("(?:staff/)?" + grammar.ID)
_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Remembered:
    """An act that was begun: its command id, and its reply (a JSON object) once there is one."""

    command: str
    reply: dict[str, Any] | None


class Idempotency:
    """The idempotency keys of a personal store."""

    def __init__(self, database: ErasableDatabase, datakeys: DataKeys) -> None:
        self._database = database
        self._tag_key = datakeys.service("idempotency")
        self._reply_key = datakeys.service("idempotency-reply")

    def recall(self, actor: str, key: str, body: bytes) -> Remembered | None:
        """Return what is known of the act, or None.

        Raises DomainError IDEMPOTENCY_KEY_REUSED when the key came with another body, VALUE_INVALID for a
        malformed key.
        """
        with self._database.reading() as connection:
            return self._find(connection, actor, key, body)

    def remember(self, actor: str, key: str, body: bytes, *, command: str, now: datetime) -> Remembered:
        """Note that the act begins as `command`, or return what is known of it.

        Of two racing callers one wins: the caller goes on only when the returned command is its own, or when
        the log does not have the returned one. Raises as `recall` does.
        """
        with self._database.writing() as connection:
            found = self._find(connection, actor, key, body)
            if found is not None:
                return found
            row = (actor, self._key_tag(actor, key), self._body_tag(actor, body), command, None, seconds(now))
            connection.execute("INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)", row)
        return Remembered(command, None)

    def answer(self, actor: str, key: str, reply: dict[str, Any]) -> None:
        """Keep the reply of an act that was remembered.

        Raises DomainError VALUE_INVALID, FormatError for no JSON.
        """
        key_tag = self._key_tag(actor, key)
        sealed = seal(self._reply_key, jcs.encode(reply), "idempotency", actor, key_tag.hex())
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE idempotency SET reply = ? WHERE actor = ? AND key_tag = ?", (sealed, actor, key_tag)
            )

    def forget(self, actor: str, key: str) -> None:
        """Let the key be used again: the act was refused and left nothing."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM idempotency WHERE actor = ? AND key_tag = ?", (actor, self._key_tag(actor, key))
            )

    def expire(self, before: datetime) -> int:
        """Forget all acts begun before this moment, and return how many."""
        with self._database.writing() as connection:
            query = "DELETE FROM idempotency WHERE created < ?"
            return connection.execute(query, (seconds(before),)).rowcount

    def _find(self, connection: sqlite3.Connection, actor: str, key: str, body: bytes) -> Remembered | None:
        key_tag = self._key_tag(actor, key)
        query = "SELECT body_tag, command, reply FROM idempotency WHERE actor = ? AND key_tag = ?"
        row = connection.execute(query, (actor, key_tag)).fetchone()
        if row is None:
            return None
        body_tag, command, sealed = row
        if not hmac.compare_digest(body_tag, self._body_tag(actor, body)):
            raise DomainError(
                "IDEMPOTENCY_KEY_REUSED",
                "this idempotency key came before with another body",
                "Take a fresh key for each act, and the same key only to repeat one.",
            )
        if sealed is None:
            return Remembered(command, None)
        reply = unseal(self._reply_key, sealed, "idempotency", actor, key_tag.hex())
        return Remembered(command, jcs.decode(reply, limit=REPLY_LIMIT))

    def _key_tag(self, actor: str, key: str) -> bytes:
        if not _ACTOR.fullmatch(actor) or not _KEY.fullmatch(key):
            raise DomainError("VALUE_INVALID", "an idempotency key has 1 to 200 visible ASCII characters")
        return tag(self._tag_key, "key", actor, key)

    def _body_tag(self, actor: str, body: bytes) -> bytes:
        return tag(self._tag_key, "body", actor, body.hex())
