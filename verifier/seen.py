"""A set of ids that stays small: millions of them in 11 to 22 bytes each.

Open addressing with linear probing in one array, at most three quarters full. What is kept of an id is 64 bits
of its hash with a random key, so that nobody can choose ids that are taken for one another or fall on one
another.
"""

import secrets
from array import array
from hashlib import sha256

_START = 1 << 10
_SIZE = 8


class SeenSet:
    """Ids that were added; equal ids are found again, others are taken for new ones but with chance 2^-64 a pair."""

    __slots__ = ("_count", "_key", "_mask", "_table")

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._mask = _START - 1
        self._table = array("Q", bytes(_START * _SIZE))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, item: bytes) -> bool:
        return self._table[self._find(self._mark(item))] != 0

    def add(self, item: bytes) -> bool:
        """Add an id of any length; tell whether it is new."""
        mark = self._mark(item)
        slot = self._find(mark)
        if self._table[slot]:
            return False
        self._table[slot] = mark
        self._count += 1
        if self._count * 4 > self._mask * 3:
            self._grow()
        return True

    def _mark(self, item: bytes) -> int:
        # Zero stands for an empty slot.
        return int.from_bytes(sha256(self._key + item).digest()[:_SIZE], "big") or 1

    def _find(self, mark: int) -> int:
        """Return the slot where it is, or would go."""
        table, mask = self._table, self._mask
        slot = mark & mask
        while (found := table[slot]) and found != mark:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        old = self._table
        self._mask = (self._mask + 1) * 2 - 1
        self._table = array("Q", bytes((self._mask + 1) * _SIZE))
        for mark in old:
            if mark:
                self._table[self._find(mark)] = mark
