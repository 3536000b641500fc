"""Proofs that an entry is in the log, under the best checkpoint there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.log import checkpoints
from verifier.proof import Proof

if TYPE_CHECKING:
    from ledger.log.tiles import Reading, StoredTiles
    from verifier.policy import Policy


class Proofs:
    """Makes C2SP tlog-proofs of one log. Safe for threads."""

    def __init__(self, reading: Reading, tiles: StoredTiles, origin: str, policy: Policy | None) -> None:
        self._reading = reading
        self._tiles = tiles
        self._origin = origin
        self._policy = policy

    def proof(self, index: int) -> Proof | None:
        """The proof of the entry at this leaf index.

        Under the newest checkpoint that satisfies the policy, or the newest when the entry is newer than that
        one; None while no checkpoint covers the entry.
        """
        with self._reading() as sql:
            signed = checkpoints.best(sql, self._origin, self._policy)
            if signed is None or signed.head.size <= index:
                signed = checkpoints.newest(sql, self._origin)
        if signed is None or signed.head.size <= index:
            return None
        path = self._tiles.tree(signed.head.size).inclusion_proof(index)
        return Proof(index, tuple(path), signed.to_bytes())

    def entry(self, index: int) -> bytes:
        """The entry at this leaf index. Raises LookupError."""
        return self._tiles.entries(index, index + 1)[0]
