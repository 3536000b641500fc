"""Rules about blank forms and printed copies. Printing is not issuing.

- A form's serial is received once and used once: allocated to a copy, spoiled or given back.
- Copies of a certificate count from 1 without a gap; each further one says why, and that the one before it was
  accounted for. Each copy takes its form in the same act. Copies are printed of active certificates only.
"""

from typing import ClassVar

from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.certificate import Certificate
from verifier.rules.world import Thing, World

ORIGINAL = "ORIGINAL"

BLANKO_NOT_AVAILABLE = wrong(
    "BLANKO_NOT_AVAILABLE",
    "A blank form was used that was not received, or had been used, spoiled or given back.",
)
BLANKO_RECEIVED_TWICE = wrong("BLANKO_RECEIVED_TWICE", "A blank form's serial was received twice.")
COPY_NOT_ACCOUNTED = wrong(
    "COPY_NOT_ACCOUNTED",
    "A further copy of a certificate was printed while the one before it was unaccounted for.",
)
COPY_INVALID = wrong(
    "COPY_INVALID",
    "A copy's number or reason does not follow from the copies before it, or its certificate did not stand.",
)


class Stock(Thing):
    """A delivery of blank forms; `free` are the serials that lie unused."""

    __slots__ = ("free",)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.free: set[str] = set()


class Printing(Area):
    """See the module. `copies` has the streams of each certificate's copies, by the certificate's stream."""

    THINGS: ClassVar = {"blank_stock": Stock, "print_copy": Thing}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._received: set[str] = set()
        self.copies: dict[str, tuple[str, ...]] = {}

    @on("blank_stock.stock_received")
    def received(self, event: Event, stock: Stock) -> None:
        """Serials that nobody received before."""
        serials = event.data["serials"]
        fresh = set(serials) - self._received
        self.require(len(fresh) == len(serials) > 0, BLANKO_RECEIVED_TWICE, "a serial was received before")
        stock.free = fresh
        self._received |= fresh

    @on("blank_stock.allocated", "blank_stock.spoiled", "blank_stock.returned")
    def used(self, event: Event, stock: Stock) -> None:
        """A form that lies free."""
        serial = event.data["serial"]
        self.require(serial in stock.free, BLANKO_NOT_AVAILABLE, f"the form {serial}")
        stock.free.discard(serial)

    @on("print_copy.copy_printed")
    def printed(self, event: Event, copy: Thing) -> None:
        """The next copy of a certificate that is active, for a reason."""
        data, number = event.data, event.data["copy"]
        certificate = self.world.need(Certificate, "certificate", data["certificate"])
        if certificate is None:
            return
        self.copies[certificate.stream] = (*self.copies.get(certificate.stream, ()), copy.stream)
        active = certificate.state == "active" and not certificate.erased
        self.require(
            active,
            COPY_INVALID,
            f"the certificate is {'erased' if certificate.erased else certificate.state}",
        )
        self.require(
            number == certificate.copies + 1, COPY_INVALID, f"copy {number} after {certificate.copies}"
        )
        self.require(
            (number == 1) == (data["reason"] == ORIGINAL), COPY_INVALID, f"copy {number} for {data['reason']}"
        )
        accounted = number == 1 or data["previous_accounted"]
        self.require(accounted, COPY_NOT_ACCOUNTED, f"copy {number - 1} of {certificate.stream}")
        certificate.copies = max(certificate.copies, number)

    def after(self, events: list[Event]) -> None:
        """Check what a whole act must hold: each copy with its form."""
        copies = {
            (event.id, event.data["serial"], event.data["stock"])
            for event in events
            if event.type == "print_copy.copy_printed"
        }
        forms = {
            (event.data["copy"], event.data["serial"], event.id)
            for event in events
            if event.type == "blank_stock.allocated"
        }
        self.require(
            copies == forms,
            BLANKO_NOT_AVAILABLE,
            "a copy was printed without its form, or a form used without one",
        )
