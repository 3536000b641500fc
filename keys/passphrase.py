"""From a passphrase to a key: argon2id (RFC 9106), with its parameters beside what it locks.

The defaults cost 64 MiB and three passes (RFC 9106 section 4, second choice, with one lane instead of four:
a server unlocks many keys at once), about 0.15 s. A demo may take less. Parameters read from a file are
capped, so that a planted file cannot exhaust the memory.

A passphrase is Unicode in normal form C, as UTF-8: the same one typed on another keyboard gives the same
bytes. A new one has at least 12 characters and may be any text; words that only a person could object to
are not looked for.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from keys.errors import KeystoreError, UnlockError
from verifier import b64
from verifier.errors import FormatError

KEY_SIZE: Final = 32
SALT_SIZE: Final = 16
MINIMUM_LENGTH: Final = 12

_LENGTH_LIMIT = 1024
_ITERATIONS_LIMIT = 16
_LANES_LIMIT = 16
_MEMORY_LIMIT = 1 << 20  # 1 GiB
_MEMORY_PER_LANE = 8  # RFC 9106 section 3.1


@dataclass(frozen=True, slots=True)
class Kdf:
    """Parameters of argon2id: memory in KiB, passes, lanes.

    Raises KeystoreError KEYSTORE_KDF outside the caps.
    """

    memory: int = 64 * 1024
    iterations: int = 3
    lanes: int = 1

    def __post_init__(self) -> None:
        """Refuse absurd parameters."""
        numbers = (self.memory, self.iterations, self.lanes)
        if (
            any(type(number) is not int for number in numbers)
            or not 1 <= self.lanes <= _LANES_LIMIT
            or not 1 <= self.iterations <= _ITERATIONS_LIMIT
            or not _MEMORY_PER_LANE * self.lanes <= self.memory <= _MEMORY_LIMIT
        ):
            raise KeystoreError(
                "KEYSTORE_KDF",
                "the argon2id parameters are absurd",
                f"At most {_MEMORY_LIMIT} KiB, {_ITERATIONS_LIMIT} iterations, {_LANES_LIMIT} lanes.",
            )

    def derive(self, passphrase: str, salt: bytes) -> bytes:
        """Return 32 key bytes. Raises UnlockError PASSPHRASE_WRONG for a text that cannot be a passphrase."""
        if len(passphrase) > _LENGTH_LIMIT:
            raise wrong_passphrase()
        try:
            data = unicodedata.normalize("NFC", passphrase).encode()
        except UnicodeEncodeError:
            raise wrong_passphrase() from None
        kdf = Argon2id(
            salt=salt, length=KEY_SIZE, iterations=self.iterations, lanes=self.lanes, memory_cost=self.memory
        )
        return kdf.derive(data)

    def to_json(self, salt: bytes) -> dict[str, Any]:
        """Return the parameters as they stand in a key's file."""
        return {
            "iterations": self.iterations,
            "lanes": self.lanes,
            "memory": self.memory,
            "name": "argon2id",
            "salt": b64.encode(salt),
        }

    @classmethod
    def from_json(cls, value: Any) -> "tuple[Kdf, bytes]":
        """Return parameters and salt from a key's file. Raises KeystoreError KEYSTORE_KDF."""
        match value:
            case {
                "name": "argon2id",
                "salt": str(salt),
                "memory": memory,
                "iterations": iterations,
                "lanes": lanes,
                **others,
            } if not others:
                try:
                    return cls(memory, iterations, lanes), b64.decode(salt, SALT_SIZE)
                except FormatError:
                    pass
        raise KeystoreError("KEYSTORE_KDF", "the key derivation is not argon2id with a salt of 16 bytes")


def check_new(passphrase: str) -> None:
    """Accept a new passphrase.

    Raises UnlockError PASSPHRASE_WEAK when it is too short, or cannot be typed again.
    """
    text = unicodedata.normalize("NFC", passphrase)
    if len(passphrase) > _LENGTH_LIMIT or len(text) < MINIMUM_LENGTH or not text.isprintable():
        raise UnlockError(
            "PASSPHRASE_WEAK",
            f"a passphrase has {MINIMUM_LENGTH} to {_LENGTH_LIMIT} printable characters",
            "Four or more unrelated words are easy to remember.",
        )


def wrong_passphrase() -> UnlockError:
    """Return the one error for whatever keeps a passphrase from opening a key."""
    return UnlockError(
        "PASSPHRASE_WRONG",
        "the passphrase does not open this key",
        "Type it again. If it is right for certain, the key's file was altered: restore it.",
    )
