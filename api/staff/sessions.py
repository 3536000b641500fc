"""Sessions: a bearer token bound to one person in one role, got with the passphrase that unlocks the key.

Tokens are 256 random bits; only their hash is kept, in memory: a restart signs everybody out and locks every
key. A token with which nothing was done for fifteen minutes is good for nothing more, as if its key were
locked; after twelve hours it has ended anyway.

Wrong passphrases are rationed by user name and client network, so that a stranger elsewhere cannot keep a
person out, and by network over all names. An unknown name costs and answers what a wrong passphrase does. Only
a few passphrases are tried at once, since each takes memory on purpose, and only a few more may wait for that:
whoever waits keeps a thread that the other routes need.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from api.public.limit import MissLimiter, network_of
from keys.errors import UnlockError
from ledger.deciding import Signatory
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.domain.staff import Staff
from ledger.errors import DomainError

if TYPE_CHECKING:
    from api.accounts import Account
    from api.composition import House

LIFE = timedelta(hours=12)
IDLE = timedelta(minutes=15)
ATTEMPTS = 5
ATTEMPT_WINDOW = timedelta(minutes=1)
NAMES_REMEMBERED = 10_000
AT_ONCE = 4
WAITING = 8
"""How many of one network may be tried or wait; twice as many of all."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, acting as what, with which key, until when (the machine's clock)."""

    username: str
    signatory: Signatory
    key: str
    ends_at: datetime


@dataclass(slots=True)
class _Kept:
    session: Session
    used: datetime


class Sessions:
    """The sessions of one server process. Safe for threads."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._kept: dict[bytes, _Kept] = {}
        self._attempts: OrderedDict[tuple[str, str], list[datetime]] = OrderedDict()
        self._networks = MissLimiter(burst=40, refill_s=3)
        self._lock = threading.Lock()
        self._trying = threading.BoundedSemaphore(AT_ONCE)
        self._under_way: Counter[str] = Counter()

    @staticmethod
    def now() -> datetime:
        """The machine's time: sessions do not run on a simulated clock."""
        return datetime.now(UTC)

    def open(
        self, username: str, passphrase: str, role: Role | None, org: str | None, *, client: str | None = None
    ) -> tuple[str, Session]:
        """Sign in. Raises DomainError PASSPHRASE_WRONG, TOO_MANY_ATTEMPTS, ROLE_FORBIDDEN or VALUE_INVALID.

        An unknown name and a wrong passphrase are answered alike.
        """
        network = network_of(client)
        attempt = self._attempt(username, network)
        try:
            with self._trying:
                account = self._unlocked(username, passphrase)
        except (DomainError, UnlockError):
            with self._lock:
                self._networks.miss(network)
            raise DomainError(
                "PASSPHRASE_WRONG", "the user name or the passphrase is wrong", "Check both and try again."
            ) from None
        finally:
            with self._lock:
                self._under_way -= Counter([network])
        self._forgive(username, network, attempt)
        try:
            self._require_sound(account.staff, account.key)
            signatory = self._signatory(account.staff, role, org)
        except DomainError:
            self._lock_unless_needed(account.key)
            raise
        now, token = self.now(), token_urlsafe(32)
        session = Session(username, signatory, account.key, now + LIFE)
        with self._lock:
            self._kept = {name: each for name, each in self._kept.items() if each.session.ends_at > now}
            self._kept[_hash(token)] = _Kept(session, now)
        return token, session

    def of(self, token: str) -> Session:
        """The session of a token.

        Raises DomainError NOT_SIGNED_IN, KEY_LOCKED after idle time, or SIGNER_NOT_AUTHORISED once its key was
        declared compromised.
        """
        now = self.now()
        with self._lock:
            kept = self._kept.get(_hash(token))
            if kept is None or kept.session.ends_at <= now:
                raise DomainError("NOT_SIGNED_IN", "this token is unknown or has expired", "Sign in again.")
            if now - kept.used > IDLE:
                raise DomainError(
                    "KEY_LOCKED",
                    f"nothing was done with this token for {IDLE.seconds // 60} minutes",
                    "Sign in again; a command that was sent before is repeated with the same idempotency key.",
                )
            kept.used = max(kept.used, now)
            session = kept.session
        try:
            self._require_sound(session.signatory.staff, session.key)
        except DomainError:
            self.close(token)
            raise
        return session

    def holds_now(self, token: str, role: Role) -> bool:
        """Whether this token's owner is signed in in this role, and still holds it."""
        who = self.of(token).signatory
        staff = self._house.application.find(Staff, who.staff)
        return who.role == role and staff is not None and staff.holds(role, who.org)

    def close(self, token: str) -> None:
        """Sign out, and lock the key if no other session of this person needs it."""
        with self._lock:
            kept = self._kept.pop(_hash(token), None)
        if kept is not None:
            self._lock_unless_needed(kept.session.key)

    def _lock_unless_needed(self, key: str) -> None:
        with self._lock:
            needed = {each.session.key for each in self._kept.values()}
        if key not in needed:
            self._house.unlocked.lock(key)

    def _unlocked(self, username: str, passphrase: str) -> Account:
        """The account, its key unlocked. Raises DomainError or UnlockError, after the same work either way."""
        try:
            account = self._house.accounts.get(username)
        except DomainError:
            for other in self._house.accounts.all()[:1]:
                self._house.keystore.unlock(other.key, passphrase)
            raise
        self._house.unlocked.unlock(account.key, passphrase, owner=account.staff, now=self.now())
        return account

    def _require_sound(self, staff_id: str, key: str) -> None:
        """SIGNER_NOT_AUTHORISED once the key was declared compromised: whoever has it may not even read."""
        staff = self._house.application.find(Staff, staff_id)
        found = staff.keys.get(key) if staff else None
        if found is not None and found.status == "compromised":
            raise DomainError(
                "SIGNER_NOT_AUTHORISED",
                "the key that this account signs in with was declared compromised",
                "Two key custodians enrol a new one.",
            )

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

    def _attempt(self, username: str, network: str) -> datetime:
        """Count an attempt before it is made, so that many at once are counted too."""
        now, place = self.now(), (username, network)
        with self._lock:
            recent = [each for each in self._attempts.get(place, []) if now - each < ATTEMPT_WINDOW]
            crowded = self._under_way[network] >= WAITING or self._under_way.total() >= 2 * WAITING
            if len(recent) >= ATTEMPTS or self._networks.wait(network) or crowded:
                raise DomainError(
                    "TOO_MANY_ATTEMPTS",
                    "too many passphrases are being tried, or were wrong",
                    "Wait a minute, then try again.",
                )
            self._under_way[network] += 1
            self._attempts[place] = [*recent, now]
            self._attempts.move_to_end(place)
            if len(self._attempts) > NAMES_REMEMBERED:
                self._attempts.popitem(last=False)
        return now

    def _forgive(self, username: str, network: str, attempt: datetime) -> None:
        with self._lock:
            recent = self._attempts.get((username, network), [])
            if attempt in recent:
                recent.remove(attempt)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
