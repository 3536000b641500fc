"""Commands over blank forms and printed copies, for certificates of any issuer. Printing is not issuing."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from ledger.commands.command import Command, Id, ReasonCode
from ledger.commands.reasons import require_reason
from ledger.commands.work import Work
from ledger.domain.blank_stock import BlankStock, require_blank
from ledger.domain.certificate import Certificate
from ledger.domain.print_copy import PrintCopy as Copy
from ledger.domain.roles import Role

OPERATOR = frozenset({Role.PRINT_OPERATOR})
ORIGINAL = "ORIGINAL"

Serial = Annotated[str, StringConstraints(pattern=r"^[0-9]{7}$")]
"""A blank form's serial: seven digits, given by whoever printed the form."""


class ReceiveBlanks(Command):
    """Take a delivery of blank forms into stock."""

    roles: ClassVar = OPERATOR
    serials: Annotated[list[Serial], Field(min_length=1, max_length=1000)]

    def decide(self, work: Work) -> None:
        """A serial is received once: VALUE_INVALID."""
        stock = work.new(BlankStock)
        stock.receive(work.act, self.serials)
        for serial in self.serials:
            work.claim("blank", serial, "VALUE_INVALID", f"the blank form {serial} was received before")
        work.decision.result["stock"] = stock.aggregate_id


class SpoilBlank(Command):
    """A form was spoiled before it was used."""

    roles: ClassVar = OPERATOR
    serial: Serial

    def decide(self, work: Work) -> None:
        """BLANKO_NOT_AVAILABLE unless it is free."""
        _stock_of(work, self.serial).spoil(work.act, self.serial)


class ReturnBlank(Command):
    """A form is given back unused to where it came from."""

    roles: ClassVar = OPERATOR
    serial: Serial

    def decide(self, work: Work) -> None:
        """BLANKO_NOT_AVAILABLE unless it is free."""
        _stock_of(work, self.serial).give_back(work.act, self.serial)


class PrintCopy(Command):
    """Print a copy on a blank form; from copy 2 on, ``previous_accounted`` says that the one before is."""

    roles: ClassVar = OPERATOR
    certificate: Id
    copy_number: Annotated[int, Field(ge=1, le=1000)]
    reason: ReasonCode
    blanko_serial: Serial
    previous_accounted: bool = False

    def decide(self, work: Work) -> None:
        """CERT_STATE_INVALID, REASON_CODE_INVALID, BLANKO_NOT_AVAILABLE, COPY_NOT_ACCOUNTED."""
        certificate = work.load(Certificate, self.certificate)
        work.require(
            not (certificate.erased or work.queries.destroyed(certificate.stream, "identity")),
            "PERSON_ERASED",
            "the name on this certificate was erased, so no copy can be printed",
        )
        certificate.require_state("active")
        require_reason(work, work.rulebook.reason_codes.print_copy, self.reason)
        work.require(
            (self.reason == ORIGINAL) == (self.copy_number == 1),
            "REASON_CODE_INVALID",
            f"{self.reason} is no reason for printing copy {self.copy_number}",
            f"Copy 1 is the {ORIGINAL}; a further copy says why there is one.",
        )
        stock = _stock_of(work, self.blanko_serial)
        stock.require_free(self.blanko_serial)
        printed = [
            work.load(Copy, found).copy
            for found in work.queries.related("certificate.copies", self.certificate)
        ]
        copy = work.new(Copy)
        copy.print(
            work.act,
            certificate=self.certificate,
            copy=self.copy_number,
            last=max(printed, default=0),
            reason=self.reason,
            stock=stock.aggregate_id,
            serial=self.blanko_serial,
            previous_accounted=self.previous_accounted,
        )
        work.claim(
            "copy", f"{self.certificate}/{self.copy_number}", "VALUE_INVALID", "this copy was just printed"
        )
        stock.allocate(work.act, self.blanko_serial, copy.aggregate_id)
        work.decision.result["print_copy"] = copy.aggregate_id


class HandOver(Command):
    """A printed copy was handed to its holder."""

    roles: ClassVar = OPERATOR
    print_copy: Id

    def decide(self, work: Work) -> None:
        """Once."""
        work.load(Copy, self.print_copy).hand_over(work.act)


def _stock_of(work: Work, serial: str) -> BlankStock:
    stocks = work.queries.related("serial.stock", serial)
    require_blank(stocks, serial)
    return work.load(BlankStock, stocks[0])
