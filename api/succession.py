"""The end of a ledger that has lost entries for good (``certledger succeed``), and what its successor says of it.

Rules. Two custodians end it and name the log that continues it. The ledger is opened alone and as it is, so nothing is
signed with the log's key, published, or settled. What it has lost is found from the copies that the start-up check
compares. A copy that still has the entries goes first: ``certledger restore``. Ending cannot be taken back, so it is
asked about. The log that is founded instead says the same of it as its own last act.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.composition import open_house
from api.desk import AccountDesk
from api.options import DEFAULT_DATA, AsJson, Data
from api.passphrases import passphrase_of
from api.terminal import err, say, say_json
from ledger.commands.custody import RequestSuccession, SucceedLedger
from ledger.commands.founding import Predecessor
from ledger.deciding import Signatory
from ledger.domain.ledger import Ledger
from ledger.domain.roles import Role
from ledger.errors import DomainError
from ledger.log.recover import recoverable
from ledger.log.room import FOLDER
from ledger.log.succession import Loss, find_loss

if TYPE_CHECKING:
    from api.composition import House
    from keys.signer import Signer
    from ledger.commands.command import Command

PAIR = 2


@dataclass(frozen=True, slots=True)
class _Custodian:
    signatory: Signatory
    signer: Signer

    def may(self, house: House, command: Command) -> None:
        """Raise DomainError as ``give`` would, and record nothing."""
        house.ledger.check(self.signatory, self.signer.thumbprint, command)

    def give(self, house: House, command: Command, key: str) -> str:
        """Give a command; returns the hash of what it requests, "" if it requests nothing."""
        receipt = house.ledger.give(self.signatory, self.signer, command, idempotency_key=key)
        return str(receipt.result.get("request", ""))


def succeed(
    *,
    origin: Annotated[str, typer.Option(help="The name of the log that will continue this one.")],
    by: Annotated[list[str], typer.Option(help="The accounts of two key custodians; given twice.")],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A checkpoint of this log from elsewhere: a witness, an auditor, a proof. May be given again.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether every copy was looked for.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """End a ledger whose newest entries are lost for good, in favour of a new log. This cannot be taken back."""
    if len(by) != PAIR or len(set(by)) != PAIR:
        raise DomainError("VALUE_INVALID", "name two different custodians", "Give --by twice.")
    with open_house(data, alone=True, as_it_is=True) as house:
        _require_open(house)
        desk = AccountDesk(house, passphrase_of)
        staff = [desk.staff_of(name) for name in by]  # a wrong name is told before anything is asked
        loss = find_loss(house.room, house.application, checkpoint or ())
        if not yes:
            _ask(house, loss)
        one, two = (
            _Custodian(Signatory(each, Role.KEY_CUSTODIAN, None), desk.signer_of(name))
            for each, name in zip(staff, by, strict=True)
        )
        request = _end(house, loss, origin, one, two)
    if as_json:
        say_json({"origin": house.room.origin, "successor": origin} | request.model_dump(include=_SHOWN))
        return
    say(
        f"{house.room.origin} has ended with {request.restored} of the {request.size} entries that it had by"
        f" {loss.source}.\nNothing more is recorded, signed or published in it. Next:\n"
        f"  certledger init --origin {origin} --succeeds {data} …   founds the log that continues it\n"
        f"  certledger serve --data {data}   goes on answering for old papers, and says that it cannot check them"
    )


_SHOWN = {"size", "root", "restored"}


def predecessor_in(folder: Path, origin: str) -> Predecessor:
    """What a ledger of this origin says of the one in the folder. Raises DomainError SUCCESSION_DIFFERS."""
    with open_house(folder, as_it_is=True) as house:
        ended, own = house.room.ended(), house.room.origin
    if ended is None or ended.origin != origin:
        raise DomainError(
            "SUCCESSION_DIFFERS",
            f"{own} ended in favour of {ended.origin}, not {origin}" if ended else f"{own} has not ended",
            f"Give --origin {ended.origin}."
            if ended
            else f"Let two of its custodians end it first: certledger succeed --origin {origin} --data {folder}",
        )
    return Predecessor(origin=own, size=ended.size, root=ended.root, restored=ended.restored)


def _require_open(house: House) -> None:
    ledger = house.application.find(Ledger, house.folder.settings.ledger)
    if ledger is None:
        raise DomainError(
            "LEDGER_NOT_OPEN",
            "not one entry is left, so nobody can act here",
            "Found another ledger with `certledger init`, and say publicly which log it continues.",
        )
    if ledger.successor is not None:
        raise DomainError(
            "LEDGER_NOT_OPEN",
            f"this ledger has ended already; {ledger.successor} continues it",
            f"Found that one: certledger init --origin {ledger.successor} --succeeds {house.folder.path}",
        )


def _ask(house: House, loss: Loss) -> None:
    """Remind of what may still bring the entries back. Raises DomainError VALUE_INVALID, or typer's Abort for a no."""
    log = house.folder.path / FOLDER
    there = recoverable(house.room, house.application, log)
    if there:
        err.print(
            f"{log} still has {there} of them. Bring them back first: certledger restore {log}", markup=False
        )
    if loss.silent:
        err.print(
            f"Out of reach, so that it is not known what they have seen: {', '.join(loss.silent)}.",
            markup=False,
        )
    err.print(
        f"{loss.source} knows {loss.last.size} entries, and {loss.restored} of them are here. Whoever has a copy"
        f" (log/ of this or another server, a replica, a backup, an auditor's export) can still save the others with"
        " `certledger restore`.",
        markup=False,
    )
    if not sys.stdin.isatty():
        raise DomainError(
            "VALUE_INVALID", "nobody is there to be asked", "Give --yes once every copy was looked for."
        )
    typer.confirm("Are they lost everywhere, and shall this ledger end for ever?", abort=True, err=True)


def _end(house: House, loss: Loss, origin: str, one: _Custodian, two: _Custodian) -> RequestSuccession:
    """Record the request of the first and the act of the second; returns the request."""
    ledger = house.application.find(Ledger, house.folder.settings.ledger)
    asked = ledger.requests.values() if ledger else ()
    # What was cut off between the two acts is itself no entry of the log that was lost.
    before = [event.data["restored"] for event in asked if event.name == "succession_requested"]
    request = RequestSuccession(
        origin=origin,
        size=loss.last.size,
        root=loss.last.root.hex(),
        restored=min([loss.restored, *before]),
    )
    for custodian in (one, two):
        custodian.may(house, request)
    name = request.model_dump_json()
    asked_for = one.give(house, request, f"request {name}")
    two.give(house, SucceedLedger(request=asked_for), f"succeed {name}")
    return request
