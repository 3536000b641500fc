"""A set of ids that stays small: millions of them in 16 to 32 bytes each.

Open addressing with linear probing in one bytearray, at most three quarters full. Ids are mixed with a
random key first, so that nobody can choose ids that fall on one another.
"""

import secrets
from hashlib import blake2b

ID_SIZE = 12

_START = 1 << 10
_EMPTY = bytes(ID_SIZE)


class SeenSet:
    """Ids that were added; equal ids are found again, others are taken for new ones but with chance 2^-96 a pair."""

    __slots__ = ("_count", "_key", "_mask", "_table")

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._mask = _START - 1
        self._table = bytearray(_START * ID_SIZE)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, item: bytes) -> bool:
        mixed = blake2b(item, digest_size=ID_SIZE, key=self._key).digest()
        place = self._find(mixed)
        return self._table[place : place + ID_SIZE] == mixed

    def add(self, item: bytes) -> bool:
        """Add an id of any length; tell whether it is new."""
        mixed = blake2b(item, digest_size=ID_SIZE, key=self._key).digest()
        table, mask = self._table, self._mask
        slot = int.from_bytes(mixed[:8], "big") & mask
        while True:
            place = slot * ID_SIZE
            present = table[place : place + ID_SIZE]
            if present == _EMPTY:
                break
            if present == mixed:
                return False
            slot = (slot + 1) & mask
        table[place : place + ID_SIZE] = mixed
        self._count += 1
        if self._count * 4 > mask * 3:
            self._grow()
        return True

    def _find(self, mixed: bytes) -> int:
        """Return where in the table it is, or would go."""
        table, mask = self._table, self._mask
        slot = int.from_bytes(mixed[:8], "big") & mask
        while True:
            place = slot * ID_SIZE
            if bytes(table[place : place + ID_SIZE]) in (mixed, _EMPTY):
                return place
            slot = (slot + 1) & mask

    def _grow(self) -> None:
        old = self._table
        self._mask = (self._mask + 1) * 2 - 1
        self._table = bytearray((self._mask + 1) * ID_SIZE)
        for place in range(0, len(old), ID_SIZE):
            item = bytes(old[place : place + ID_SIZE])
            if item != _EMPTY:
                where = self._find(item)
                self._table[where : where + ID_SIZE] = item
