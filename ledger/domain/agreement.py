"""Agreement (PKS/MoU) between two different organisations: it says between which days they train together.

Each party signs once; the terms hold from the second signature on. An amendment needs both signatures again
and the old terms hold until then. Who may sign, and that two different people did, is the command's to check.
"""

from __future__ import annotations

from datetime import date

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


class Agreement(Aggregate):
    """``start`` and ``until`` are its first and last day; ``signatures`` maps a party to who signed."""

    NAME = "agreement"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.number = ""
        self.parties: tuple[str, ...] = ()
        self.start = date.min
        self.until = date.min
        self.amended_until: date | None = None
        self.signatures: dict[str, str] = {}
        self.signed = False
        self.terminated_on: date | None = None

    # -- questions -------------------------------------------------------------------------------------

    def covers(self, start: date, end: date) -> bool:
        """Whether these days lie inside its dates; planning may rely on a draft."""
        return self.state != "ended" and self.start <= start and end <= self.until

    def in_force(self, day: date) -> bool:
        """Whether both parties had signed and the day lies inside its dates, before any termination."""
        terminated = self.terminated_on is not None and day >= self.terminated_on
        return self.signed and self.start <= day <= self.until and not terminated

    def is_between(self, one: str, other: str) -> bool:
        """Whether exactly these two organisations are its parties."""
        return {one, other} == set(self.parties)

    def require_unsigned(self, party: str) -> None:
        """AGREEMENT_STATE_INVALID when it has ended or this party has signed its newest terms."""
        self.require_state("draft", "in_force")
        if party in self.signatures:
            raise DomainError(
                "AGREEMENT_STATE_INVALID",
                "this party has signed these terms already",
                "The other party signs next; new terms begin with an amendment.",
            )

    # -- acts ------------------------------------------------------------------------------------------

    def draft(self, act: Act, *, number: str, parties: tuple[str, str], start: date, until: date) -> None:
        """Begin; AGREEMENT_PARTIES_EQUAL, or VALUE_INVALID when it would end before it starts."""
        self.require_state("")
        if parties[0] == parties[1]:
            raise DomainError(
                "AGREEMENT_PARTIES_EQUAL", "an agreement is between two different organisations"
            )
        _require_order(start, until)
        dates = {"from": start.isoformat(), "until": until.isoformat()}
        self.record(act, "drafted", number=number, parties=list(parties), **dates)

    def sign(self, act: Act, party: str) -> None:
        """One party's signature; with the second the terms hold."""
        self.require_unsigned(party)
        self.record(act, "signed", party=party)

    def amend(self, act: Act, *, until: date) -> None:
        """Draft another last day; both parties must sign again for it to hold."""
        self.require_state("draft", "in_force")
        _require_order(self.start, until)
        self.record(act, "amended", until=until.isoformat())

    def terminate(self, act: Act, *, on: date) -> None:
        """End it early: it no longer holds from the day ``on``."""
        self.require_state("draft", "in_force")
        self.record(act, "terminated", on=on.isoformat())

    # -- folding ---------------------------------------------------------------------------------------

    def on_drafted(self, event: Event) -> None:
        """Drafted."""
        self.state = "draft"
        self.number = event.data["number"]
        self.parties = tuple(event.data["parties"])
        self.start = date.fromisoformat(event.data["from"])
        self.until = date.fromisoformat(event.data["until"])

    def on_signed(self, event: Event) -> None:
        """With the second signature the newest terms hold."""
        self.signatures[event.data["party"]] = event.actor
        if len(self.signatures) == len(self.parties):
            self.state = "in_force"
            self.signed = True
            self.until = self.amended_until or self.until
            self.amended_until = None

    def on_amended(self, event: Event) -> None:
        """New terms wait for both signatures; a draft's terms simply change."""
        self.signatures = {}
        if self.signed:
            self.amended_until = date.fromisoformat(event.data["until"])
        else:
            self.until = date.fromisoformat(event.data["until"])

    def on_terminated(self, event: Event) -> None:
        """Ended."""
        self.state = "ended"
        self.terminated_on = date.fromisoformat(event.data["on"])


def _require_order(start: date, until: date) -> None:
    if until < start:
        raise DomainError("VALUE_INVALID", f"it would end on {until}, before it starts on {start}")
