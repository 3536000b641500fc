"""The signers that are unlocked now, in the memory of one server process.

A key is unlocked by its owner's passphrase for its owner alone, each use puts its end off, and after some
idle time it is locked again. The clock is an argument. Nothing is logged or written; a restart locks
everything. Safe for threads.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys.errors import UnlockError
from keys.keystore import Keystore
from keys.signer import Signer


@dataclass(slots=True)
class _Open:
    signer: Signer
    owner: str
    used: datetime


class Unlocked:
    """The unlocked keys of `keystore`.

    A key that was not used for `idle` is locked; exactly `idle` is still in time.
    """

    def __init__(self, keystore: Keystore, idle: timedelta = timedelta(minutes=15)) -> None:
        self._keystore = keystore
        self._idle = idle
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}

    def unlock(self, thumbprint: str, passphrase: str, *, owner: str, now: datetime) -> Signer:
        """Unlock a key of `owner`.

        Raises UnlockError KEY_UNKNOWN (also for another's key) or PASSPHRASE_WRONG, KeystoreError.
        """
        if self._keystore.info(thumbprint).owner != owner:
            raise UnlockError("KEY_UNKNOWN", f"{owner} has no key {thumbprint} in the keystore")
        signer = self._keystore.unlock(thumbprint, passphrase)
        with self._lock:
            self._open[thumbprint] = _Open(signer, owner, now)
        return signer

    def signer(self, thumbprint: str, *, owner: str, now: datetime) -> Signer:
        """Return an unlocked key of `owner` and put its end off. Raises UnlockError KEY_LOCKED."""
        with self._lock:
            self._expire(now)
            found = self._open.get(thumbprint)
            if found is None or found.owner != owner:
                raise UnlockError(
                    "KEY_LOCKED",
                    "the key is locked",
                    "Unlock it with its passphrase, then give the command again.",
                )
            found.used = max(found.used, now)
            return found.signer

    def is_unlocked(self, thumbprint: str, *, owner: str, now: datetime) -> bool:
        """Say whether `signer` would find the key, without putting its end off."""
        with self._lock:
            self._expire(now)
            found = self._open.get(thumbprint)
            return found is not None and found.owner == owner

    def lock(self, thumbprint: str) -> None:
        """Lock a key, locked or not."""
        with self._lock:
            self._open.pop(thumbprint, None)

    def lock_owner(self, owner: str) -> None:
        """Lock all keys of one person, who signs out."""
        with self._lock:
            self._open = {name: found for name, found in self._open.items() if found.owner != owner}

    def _expire(self, now: datetime) -> None:
        self._open = {name: found for name, found in self._open.items() if now - found.used <= self._idle}
