"""``certledger print``: copies of many certificates, each recorded, in one file for the printer and a zip.

Rules. The certificates go on blank forms in their order: the first on ``first_form``, each further one on the form
with the next serial. All are looked at before the first is recorded, and what the ledger would refuse is told at
once. Then each copy is recorded by the command that every print operator gives, PrintCopy, one signature a copy, when
its page is set and before it is written (``ledger.issuing.batch``).

Of a batch that was cut off there are records without files, never files without records. The same command, given
again, makes the same files: a form holds one copy for ever, so a copy that the log has on the very form that it is to
go on is made and not recorded again.

It finds no certificates by learner, cohort or decision, since who prints must not learn of these. What it made holds
names, and is its giver's to destroy.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.commands.printing import ORIGINAL, PrintCopy
from ledger.deciding import Signatory
from ledger.domain.certificate import Certificate
from ledger.domain.event import from_time
from ledger.domain.print_copy import PrintCopy as Copy
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from ledger.errors import DomainError, Error
from ledger.issuing.batch import Batch, Order, make_batch
from ledger.programme.runner import parse
from verifier.code import normalise
from verifier.errors import CodeError

if TYPE_CHECKING:
    from api.composition import House
    from api.desk import AccountDesk
    from keys.signer import Signer

TOLD = 10
"""How many refusals are told in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be printed, by whose account, on the forms from ``first_form`` on.

    ``certificates`` are numbers, codes or ids. ``reason`` and ``previous_accounted`` are PrintCopy's, for all alike.
    """

    by: str
    certificates: Sequence[str]
    first_form: str
    reason: str = ORIGINAL
    previous_accounted: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """What was printed of how many that were asked for; ``recorded`` of them now, the others by an earlier run.

    ``unproven`` carry a proof that too few witnesses have seen, or none.
    """

    batch: Batch
    asked: int
    recorded: int
    unproven: int
    last_form: str


@dataclass(frozen=True, slots=True)
class _Planned:
    """A copy on its form; ``record`` is the command that records it, or when it was recorded."""

    certificate: str
    copy: int
    form: str
    record: PrintCopy | datetime


def print_batch(
    house: House,
    desk: AccountDesk,
    request: Request,
    folder: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Printed:
    """Print into the new or empty ``folder``.

    Raises DomainError when one of the certificates would be refused, with nothing recorded or written, and what
    ``make_batch`` and the desk raise.
    """
    operator = _Operator(house, _signatory(house, desk, request.by), desk.signer_of(request.by))
    plan = operator.plan(request)
    house.room.round()  # so that proofs are there, and seen by witnesses where they can be reached
    house.room.ask_witnesses()
    with house.press.left_to_batch():
        batch = make_batch(
            (replace(house.press.order(each.certificate, each.copy), form=each.form) for each in plan),
            folder,
            record=operator.record,
            progress=lambda done: progress(done, len(plan)),
        )
    return Printed(batch, len(plan), operator.recorded, operator.unproven, plan[batch.count - 1].form)


def told(printed: Printed) -> str:
    """What the print operator is told."""
    batch = printed.batch
    lines = [
        f"{batch.folder}: {batch.count} of {printed.asked} certificates, up to the form {printed.last_form}."
    ]
    if again := batch.count - printed.recorded:
        lines.append(f"{again} of them were recorded by an earlier run and only made again.")
    if printed.unproven:
        lines.append(f"{printed.unproven} carry no proof yet that enough witnesses have seen.")
    if batch.stopped is not None:
        lines += [f"It ended there. {batch.stopped.code}: {batch.stopped.message}", batch.stopped.hint or ""]
    return "\n".join(filter(None, lines))


def told_json(printed: Printed) -> dict[str, Any]:
    """The same for programs."""
    stopped = printed.batch.stopped
    return {
        "folder": str(printed.batch.folder),
        "count": printed.batch.count,
        "asked": printed.asked,
        "recorded": printed.recorded,
        "unproven": printed.unproven,
        "last_form": printed.last_form,
        "stopped": stopped and {"code": stopped.code, "message": stopped.message, "hint": stopped.hint},
    }


def names_in(file: Path) -> list[str]:
    """The certificates that a file names, one a line; VALUE_INVALID for what is no text."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DomainError("VALUE_INVALID", f"{file} is no text file", "Write one number a line.") from None
    return [line.strip() for line in lines if line.strip()]


class _Operator:
    """A print operator at work."""

    def __init__(self, house: House, signatory: Signatory, signer: Signer) -> None:
        self._house = house
        self._signatory = signatory
        self._signer = signer
        self._named: set[str] = set()
        self._by_form: dict[str, _Planned] = {}
        self.recorded = 0
        self.unproven = 0

    def plan(self, request: Request) -> list[_Planned]:
        """Every copy on its form. DomainError with all that the ledger would refuse."""
        refused: list[tuple[str, DomainError]] = []
        forms = _forms(request.first_form, len(request.certificates))
        for name, form in zip(request.certificates, forms, strict=True):
            try:
                self._by_form[form] = self._planned(self._certificate(name), form, request)
            except DomainError as error:
                refused.append((name, error))
        if refused:
            raise _together(refused)
        return list(self._by_form.values())

    def record(self, order: Order) -> datetime:
        """Record the copy unless the log has it; gives when it was recorded."""
        record = self._by_form[order.form].record
        self.unproven += not order.is_proven
        if isinstance(record, datetime):
            return record
        try:
            receipt = self._house.ledger.give(
                self._signatory, self._signer, record, idempotency_key=str(uuid.uuid4())
            )
        except Error as error:
            raise Error(error.code, f"{order.paper.number}: {error.message}", error.hint) from error
        self.recorded += 1
        return self._recorded_at(receipt.result["print_copy"])

    def _certificate(self, name: str) -> str:
        queries = self._house.queries
        row = queries.certificate_by_number(name) or queries.certificate(name)
        if row is not None:
            return row.id
        with suppress(CodeError):
            found = self._house.personal.index.certificate_of(normalise(name))
            if found is not None:
                return found
        raise DomainError("UNKNOWN_ID", "no certificate has this number or code", "Copy it as printed.")

    def _planned(self, certificate: str, form: str, request: Request) -> _Planned:
        if certificate in self._named:
            raise DomainError("VALUE_INVALID", "it is named twice", "Name each certificate once.")
        self._named.add(certificate)
        house, last = self._house, 0
        for each in house.queries.related("certificate.copies", certificate):
            copy = house.application.find(Copy, each)
            if copy is None:
                continue
            if copy.serial == form:
                self._require_standing(certificate)
                return _Planned(certificate, copy.copy, form, self._recorded_at(each))
            last = max(last, copy.copy)
        command = parse(
            PrintCopy,
            {
                "certificate": certificate,
                "copy_number": last + 1,
                "reason": request.reason,
                "blanko_serial": form,
                "previous_accounted": request.previous_accounted,
            },
        )
        house.ledger.check(self._signatory, self._signer.thumbprint, command)
        return _Planned(certificate, last + 1, form, command)

    def _require_standing(self, certificate: str) -> None:
        """As for a copy that is still to be recorded: CERT_STATE_INVALID, PERSON_ERASED."""
        found = self._house.application.find(Certificate, certificate)
        if found is not None:
            found.require_state("active")
        self._house.issued.get(certificate)

    def _recorded_at(self, print_copy: str) -> datetime:
        ((_, printed), *_) = self._house.queries.history(f"print_copy/{print_copy}")
        return from_time(printed.recorded_at)


def _signatory(house: House, desk: AccountDesk, account: str) -> Signatory:
    """The account, as the print operator that it must be: ROLE_FORBIDDEN."""
    staff_id = desk.staff_of(account)
    staff = house.application.find(Staff, staff_id)
    for role, org in sorted(staff.roles, key=str) if staff else ():
        if role in PrintCopy.roles:
            return Signatory(staff_id, Role(role), org)
    raise DomainError(
        "ROLE_FORBIDDEN", f"{account} is no {Role.PRINT_OPERATOR}", "Printing is done by one who is."
    )


def _forms(first: str, count: int) -> list[str]:
    """The serials from ``first`` on, as Serial has them."""
    if not re.fullmatch(r"[0-9]{7}", first) or int(first) + count > 10**7:
        raise DomainError(
            "VALUE_INVALID",
            f"there are no {count} forms from the serial {first!r} on",
            "A blank form's serial has seven digits.",
        )
    return [f"{int(first) + place:07}" for place in range(count)]


def _together(refused: list[tuple[str, DomainError]]) -> DomainError:
    """All refusals as one, by the first one's code and hint."""
    lines = [f"{name}: {error.code}, {error.message}" for name, error in refused[:TOLD]]
    if len(refused) > TOLD:
        lines.append(f"and {len(refused) - TOLD} more")
    error = refused[0][1]
    return DomainError(error.code, "nothing was printed.\n" + "\n".join(lines), error.hint)
