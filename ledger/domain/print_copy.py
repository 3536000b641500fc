"""Print copy: one printed copy of a certificate on one blank form. Printing is not issuing.

Copy 1 is the original; a further copy says why and that the one before it was accounted for (found, handed
in or reported lost). To whom it was handed is not recorded here.
"""

from __future__ import annotations

from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


class PrintCopy(Aggregate):
    """``copy`` counts the copies of ``certificate`` from 1."""

    NAME = "print_copy"
    RELATIONS: ClassVar = {"copy_printed": (("certificate.copies", "certificate", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.certificate = ""
        self.copy = 0
        self.serial = ""

    def print(
        self,
        act: Act,
        *,
        certificate: str,
        copy: int,
        last: int,
        reason: str,
        stock: str,
        serial: str,
        previous_accounted: bool,
    ) -> None:
        """Begin; ``last`` is the highest copy printed so far.

        COPY_NOT_ACCOUNTED when a further copy leaves the one before unexplained, VALUE_INVALID for a copy
        that is not the next one.
        """
        self.require_state("")
        if copy > 1 and not previous_accounted:
            raise DomainError(
                "COPY_NOT_ACCOUNTED",
                f"copy {copy - 1} is not accounted for",
                "Record that it was handed in, found or reported lost before another copy is printed.",
            )
        if copy != last + 1:
            raise DomainError("VALUE_INVALID", f"the next copy of this certificate is {last + 1}, not {copy}")
        self.record(
            act,
            "copy_printed",
            certificate=certificate,
            copy=copy,
            reason=reason,
            stock=stock,
            serial=serial,
            previous_accounted=previous_accounted,
        )

    def hand_over(self, act: Act) -> None:
        """The holder, or who acts for the holder, has it."""
        self.require_state("printed")
        self.record(act, "handed_over")

    def on_copy_printed(self, event: Event) -> None:
        """Printed."""
        self.state = "printed"
        self.certificate = event.data["certificate"]
        self.copy = event.data["copy"]
        self.serial = event.data["serial"]

    def on_handed_over(self, _event: Event) -> None:
        """Handed over."""
        self.state = "handed_over"
