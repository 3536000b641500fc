"""Sessions: a bearer token bound to one person in one role, got with the passphrase that unlocks the key.

Tokens are 256 random bits; only their hash is kept, in memory: a restart signs everybody out and locks every
key. A session ends after the idle time in which its key is locked again, or after twelve hours.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from keys.errors import UnlockError
from ledger.deciding import Signatory
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.domain.staff import Staff
from ledger.errors import DomainError

if TYPE_CHECKING:
    from api.composition import House

LIFE = timedelta(hours=12)
ATTEMPTS = 5
ATTEMPT_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, acting as what, with which key, until when (the machine's clock)."""

    username: str
    signatory: Signatory
    key: str
    ends_at: datetime


class Sessions:
    """The sessions of one server process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sessions: dict[bytes, Session] = {}
        self._failures: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def open(
        self, username: str, passphrase: str, role: Role | None, org: str | None, *, now: datetime
    ) -> tuple[str, Session]:
        """Sign in. Raises DomainError PASSPHRASE_WRONG, TOO_MANY_ATTEMPTS, ROLE_FORBIDDEN or VALUE_INVALID.

        An unknown name and a wrong passphrase are answered alike.
        """
        self._slow_down(username, now)
        try:
            account = self._house.accounts.get(username)
            self._house.unlocked.unlock(account.key, passphrase, owner=account.staff, now=now)
        except (DomainError, UnlockError):
            with self._lock:
                self._failures.setdefault(username, []).append(now)
            raise DomainError(
                "PASSPHRASE_WRONG", "the user name or the passphrase is wrong", "Check both and try again."
            ) from None
        signatory = self._signatory(account.staff, role, org)
        session = Session(username, signatory, account.key, now + LIFE)
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions = {key: each for key, each in self._sessions.items() if each.ends_at > now}
            self._sessions[_hash(token)] = session
        return token, session

    def of(self, token: str, *, now: datetime) -> Session:
        """The session of a token. Raises DomainError NOT_SIGNED_IN."""
        with self._lock:
            session = self._sessions.get(_hash(token))
        if session is None or session.ends_at <= now:
            raise DomainError("NOT_SIGNED_IN", "this token is unknown or has expired", "Sign in again.")
        return session

    def close(self, token: str) -> None:
        """Sign out, and lock the key if no other session of this person needs it."""
        with self._lock:
            session = self._sessions.pop(_hash(token), None)
            needed = {each.key for each in self._sessions.values()}
        if session is not None and session.key not in needed:
            self._house.unlocked.lock(session.key)

    def _signatory(self, staff_id: str, role: Role | None, org: str | None) -> Signatory:
        staff = self._house.application.find(Staff, staff_id)
        held = sorted(staff.roles, key=str) if staff else []
        fitting = [
            (name, where)
            for name, where in held
            if role in {None, Role(name)} and (org in {None, where} or Role(name) in LEDGER_WIDE)
        ]
        if not fitting:
            raise DomainError(
                "ROLE_FORBIDDEN",
                "this person does not hold that role there",
                "Ask a key custodian which roles you hold.",
            )
        if len(fitting) > 1:
            raise DomainError(
                "VALUE_INVALID",
                f"say in which role: {', '.join(sorted({name for name, _ in fitting}))}",
                "Name role, and org where the role is held at several organisations.",
            )
        name, where = fitting[0]
        return Signatory(staff_id, Role(name), where)

    def _slow_down(self, username: str, now: datetime) -> None:
        with self._lock:
            recent = [moment for moment in self._failures.get(username, []) if now - moment < ATTEMPT_WINDOW]
            self._failures[username] = recent
        if len(recent) >= ATTEMPTS:
            raise DomainError(
                "TOO_MANY_ATTEMPTS",
                "too many wrong passphrases for this name",
                "Wait a minute, then try again.",
            )


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
