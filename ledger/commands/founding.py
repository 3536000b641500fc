"""The first two entries: each root key founds the ledger and registers its signer as key custodian."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.commands.command import Command, Hash
from ledger.commands.custody import Origin, VerifierKeyLine
from ledger.commands.staff import CUSTODIAN
from ledger.commands.work import Work
from ledger.domain.ledger import Ledger


class Predecessor(BaseModel):
    """A log that lost entries for good: its last known size and root, and how many of its entries are left."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Origin
    size: Annotated[int, Field(ge=1)]
    root: Hash
    restored: Annotated[int, Field(ge=0)]


class FoundLedger(Command):
    """Entry 0, by the first root key."""

    roles: ClassVar = CUSTODIAN
    clock: Literal["system", "simulated"]
    log_key: VerifierKeyLine
    predecessor: Predecessor | None = None

    def decide(self, work: Work) -> None:
        """Once; a simulated clock is refused in production."""
        if self.clock == "simulated" and work.rulebook.production:
            work.refuse(
                "VALUE_INVALID",
                "a production ledger takes the system's clock only",
                "Found it without --simulated-clock.",
            )
        ledger = work.find(Ledger, work.ledger_id) or work.new(Ledger, work.ledger_id)
        ledger.found(
            work.act,
            origin=work.origin,
            root_file=work.root.digest(),
            clock=self.clock,
            log_key=self.log_key,
            custodian=_custodian(work, 0),
            predecessor=None if self.predecessor is None else self.predecessor.model_dump(),
        )


class CoFoundLedger(Command):
    """Entry 1, by the second root key; the ledger is open from here on."""

    roles: ClassVar = CUSTODIAN

    def decide(self, work: Work) -> None:
        """Once, after entry 0."""
        work.load(Ledger, work.ledger_id).co_found(work.act, custodian=_custodian(work, 1))


def _custodian(work: Work, place: int) -> dict[str, Any]:
    founder = work.root.keys[place]
    return {
        "alg": founder.key.alg,
        "custody": founder.custody,
        "jwk": dict(founder.key.jwk),
        "staff": founder.staff,
    }
