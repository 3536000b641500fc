"""Outcome: what became of a learner after training. Opt-in, never public, one stream a record."""

from __future__ import annotations

from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


class Outcome(Aggregate):
    """One record; what it says is a fact of class ``outcome`` outside the log."""

    NAME = "outcome"
    RELATIONS: ClassVar = {"recorded": (("learner.outcomes", "learner", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.learner = ""

    def record_outcome(self, act: Act, *, learner: str, outcome: dict[str, str], consent: bool) -> None:
        """Record it once; CONSENT_MISSING when the person did not agree."""
        self.require_state("")
        if not consent:
            raise DomainError(
                "CONSENT_MISSING",
                "the person did not agree that this is recorded",
                "Ask first; without consent nothing is recorded.",
            )
        self.record(act, "recorded", learner=learner, outcome=outcome, consent=True)

    def on_recorded(self, event: Event) -> None:
        """Recorded."""
        self.state = "recorded"
        self.learner = event.data["learner"]
