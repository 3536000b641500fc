"""Errors of this package: one base, a stable code each, and a hint for the person who must act now.

Codes: KEY_LOCKED, KEY_UNKNOWN, PASSPHRASE_WRONG, PASSPHRASE_WEAK, KEY_ALGORITHM, FILE_…, KEYSTORE_…,
DATAKEYS_… and CEREMONY_…. No message holds a passphrase, a private key or a part of one.
"""


class Error(Exception):
    """Base of all errors of this package.

    `code` is an upper-case word that never changes its meaning, `message` says what is wrong, `hint` what
    to do (or None).
    """

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint


class UnlockError(Error):
    """A key cannot be used by this person now."""


class KeystoreError(Error):
    """A file of the keystore is not what the keystore wrote, or lies open to others."""


class DataKeyError(Error):
    """The data-key file or its master key cannot be used as they stand."""


class CeremonyError(Error):
    """What was brought to the founding of a ledger does not make a root."""
