"""Accounts: by which name a person signs in, and which key their passphrase opens.

One JSON file beside the keystore. A name leads to a staff id and a key; no personal data, no secret.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from keys import files
from ledger.errors import DomainError, StoreError


@dataclass(frozen=True, slots=True)
class Account:
    """``staff`` is the staff id, ``key`` the thumbprint in the keystore."""

    username: str
    staff: str
    key: str


class Accounts:
    """The accounts of one data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            found = json.loads(path.read_bytes()) if path.exists() else []
            self._accounts = {each["username"]: Account(**each) for each in found}
        except (ValueError, TypeError, KeyError):
            raise StoreError(
                "STORE_DAMAGED",
                f"{path} is not the list of accounts that was written there",
                "Put it back from a backup, or take it away and make the accounts anew with `certledger account`; "
                "the keys are in keystore/ and untouched.",
            ) from None

    def add(self, account: Account) -> None:
        """Add or replace one."""
        self._accounts[account.username] = account
        files.replace(
            self._path, json.dumps([asdict(each) for each in self._accounts.values()], indent=1).encode()
        )

    def get(self, username: str) -> Account:
        """The account; UNKNOWN_ID when there is none of this name."""
        found = self._accounts.get(username)
        if found is None:
            raise DomainError("UNKNOWN_ID", f"there is no account named {username!r}", "Check the user name.")
        return found

    def all(self) -> list[Account]:
        """All accounts."""
        return list(self._accounts.values())
