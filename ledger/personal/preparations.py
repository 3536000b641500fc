"""Preparations: commands that were decided and wait for their signature.

Each is sealed under a service key, belongs to one actor, is taken once and expires. The content goes with
the first taking; that it was taken is known until it expires.
"""

import re
import uuid
from datetime import datetime

from keys.datakeys import DataKeys
from keys.erasable import ErasableDatabase
from ledger.errors import DomainError
from ledger.personal.database import seal, seconds, unseal
from verifier import grammar

_ACTOR = re.compile("(?:staff/)?" + grammar.ID)
_HINT = "Prepare the command again."


class Preparations:
    """The preparations of a personal store."""

    def __init__(self, database: ErasableDatabase, datakeys: DataKeys) -> None:
        self._database = database
        self._key = datakeys.service("preparation")

    def store(self, actor: str, content: bytes, *, expires_at: datetime) -> str:
        """Keep a preparation of `actor` and return its random id.

        Raises DomainError VALUE_INVALID for no actor.
        """
        if not _ACTOR.fullmatch(actor):
            raise DomainError("VALUE_INVALID", "the actor is not a staff id")
        name = str(uuid.uuid4())
        sealed = seal(self._key, content, "preparation", name, actor)
        with self._database.writing() as connection:
            row = (name, actor, sealed, seconds(expires_at))
            connection.execute("INSERT INTO preparation VALUES (?, ?, ?, ?)", row)
        return name

    def take_once(self, preparation: str, actor: str, *, now: datetime) -> bytes:
        """Return the content, for the first time and the last.

        Raises DomainError PREPARATION_UNKNOWN (also for another's), PREPARATION_USED or PREPARATION_EXPIRED
        (at `expires_at`).
        """
        with self._database.writing() as connection:
            query = "SELECT sealed, expires_at FROM preparation WHERE id = ? AND actor = ?"
            row = connection.execute(query, (preparation, actor)).fetchone()
            if row is None:
                raise DomainError("PREPARATION_UNKNOWN", "there is no such preparation of this person", _HINT)
            sealed, expires_at = row
            if sealed is None:
                raise DomainError("PREPARATION_USED", "this preparation was signed before", _HINT)
            if seconds(now) >= expires_at:
                raise DomainError("PREPARATION_EXPIRED", "this preparation has expired", _HINT)
            content = unseal(self._key, sealed, "preparation", preparation, actor)
            connection.execute("UPDATE preparation SET sealed = NULL WHERE id = ?", (preparation,))
        return content

    def delete_expired(self, now: datetime) -> int:
        """Delete what has expired, and return how many."""
        with self._database.writing() as connection:
            query = "DELETE FROM preparation WHERE expires_at <= ?"
            return connection.execute(query, (seconds(now),)).rowcount
