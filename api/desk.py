"""The desk: accounts with their keys, opened by passphrase, for files of commands and the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keys.signer import Signer, possession

if TYPE_CHECKING:
    from api.composition import House
    from keys.keystore import KeyInfo
    from keys.passphrase import Kdf


@dataclass(slots=True)
class AccountDesk:
    """``passphrase_of`` gives an account's passphrase when its key is needed first."""

    house: House
    passphrase_of: Callable[[str], str]
    _open: dict[str, Signer] = field(default_factory=dict)

    def staff_of(self, username: str) -> str:
        """The staff id of an account; UNKNOWN_ID when there is none."""
        return self.house.accounts.get(username).staff

    def signer_of(self, username: str) -> Signer:
        """The account's key, unlocked once and kept for this run; PASSPHRASE_WRONG."""
        if username not in self._open:
            account = self.house.accounts.get(username)
            self._open[username] = self.house.keystore.unlock(account.key, self.passphrase_of(username))
        return self._open[username]

    def make_key(self, username: str, staff: str, kdf: Kdf | None = None) -> tuple[KeyInfo, dict[str, str]]:
        """Make a key for a person and prove its possession, for a custodian to propose."""
        passphrase = self.passphrase_of(username)
        info = self.house.keystore.create(staff, passphrase, kdf=kdf)
        signer = self.house.keystore.unlock(info.thumbprint, passphrase)
        self._open[username] = signer
        return info, possession(signer, self.house.folder.root.origin, staff)
