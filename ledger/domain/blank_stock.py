"""Blank stock: one delivery of numbered certificate forms, accounted for one by one.

A serial is received once in the whole ledger (a unique row); from then on it is free until it is allocated
to a copy, spoiled or given back. None of these is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


def require_blank(available: object, serial: str) -> None:
    """BLANKO_NOT_AVAILABLE unless ``available``."""
    if not available:
        raise DomainError(
            "BLANKO_NOT_AVAILABLE",
            f"the blank form {serial} was not received, or is used, spoiled or given back",
            "Take another form of a delivery that has been received.",
        )


class BlankStock(Aggregate):
    """``forms`` maps each serial (7 digits) to received, allocated, spoiled or returned."""

    NAME = "blank_stock"
    RELATIONS: ClassVar = {"stock_received": (("serial.stock", "serials", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.forms: dict[str, str] = {}

    def require_free(self, serial: str) -> None:
        """BLANKO_NOT_AVAILABLE unless the form lies unused in this stock."""
        require_blank(self.forms.get(serial) == "received", serial)

    # -- acts ------------------------------------------------------------------------------------------

    def receive(self, act: Act, serials: Sequence[str]) -> None:
        """Begin: a delivery; VALUE_INVALID when it names a serial twice."""
        self.require_state("")
        if len(set(serials)) != len(serials):
            raise DomainError("VALUE_INVALID", "a serial occurs twice in this delivery")
        self.record(act, "stock_received", serials=list(serials))

    def allocate(self, act: Act, serial: str, copy: str) -> None:
        """Use a form for the print_copy with this id."""
        self.require_free(serial)
        self.record(act, "allocated", serial=serial, copy=copy)

    def spoil(self, act: Act, serial: str) -> None:
        """A form was spoiled before it was used."""
        self.require_free(serial)
        self.record(act, "spoiled", serial=serial)

    def give_back(self, act: Act, serial: str) -> None:
        """A form was given back unused to where it came from."""
        self.require_free(serial)
        self.record(act, "returned", serial=serial)

    # -- folding ---------------------------------------------------------------------------------------

    def on_stock_received(self, event: Event) -> None:
        """Received."""
        self.state = "received"
        self.forms = dict.fromkeys(event.data["serials"], "received")

    def on_allocated(self, event: Event) -> None:
        """Allocated."""
        self.forms[event.data["serial"]] = "allocated"

    def on_spoiled(self, event: Event) -> None:
        """Spoiled."""
        self.forms[event.data["serial"]] = "spoiled"

    def on_returned(self, event: Event) -> None:
        """Given back."""
        self.forms[event.data["serial"]] = "returned"
