"""What a ledger's pages say of the ledger itself: that it has lost records and has ended, or which one it continues."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.public.view import Continues, Ended
from ledger.domain.event import from_time
from ledger.domain.ledger import Ledger
from verifier.entry import parse_entry

if TYPE_CHECKING:
    from datetime import datetime

    from api.composition import House


class Register:
    """Over an opened house; asked with every page, so that what is known once is kept."""

    def __init__(self, house: House) -> None:
        self._house = house
        house.room.ended()  # the log's keeper looks again with every round

    @property
    def ended(self) -> Ended | None:
        """Set once the ledger has ended."""
        return self._ended if self._house.room.succession is not None else None

    @cached_property
    def continues(self) -> Continues | None:
        """The ledger that this one continues."""
        ledger = self._house.application.find(Ledger, self._house.folder.settings.ledger)
        if ledger is None or ledger.predecessor is None:
            return None
        return Continues(ledger.predecessor["origin"], self._recorded_at(0))

    @cached_property
    def _ended(self) -> Ended | None:
        succession = self._house.room.succession
        if succession is None:
            return None
        left = self._recorded_at(succession.restored - 1) if succession.restored else None
        return Ended(succession.origin, left)

    def _recorded_at(self, index: int) -> datetime:
        return from_time(parse_entry(self._house.room.proofs.entry(index)).payload.recorded_at)
