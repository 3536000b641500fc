"""Commands over outcomes: what became of a learner, with their consent only."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.commands.command import Command, Id
from ledger.commands.learners import ADMIN, usable_learner
from ledger.commands.work import Work
from ledger.domain.outcome import Outcome


class RecordOutcome(Command):
    """Record an outcome; ``consent`` says that the person agreed to it being recorded."""

    roles: ClassVar = ADMIN
    learner: Id
    outcome: Literal["EMPLOYED", "OWN_BUSINESS", "STUDY", "UNKNOWN"]
    consent: bool

    def decide(self, work: Work) -> None:
        """The log has a commitment; what it says is erased with the class ``outcome``."""
        learner = usable_learner(work, self.learner)
        record = work.new(Outcome)
        outcome = work.fact(record, "outcome", "outcome", self.outcome, subject=learner.stream)
        record.record_outcome(work.act, learner=self.learner, outcome=outcome, consent=self.consent)
        work.decision.result["outcome"] = record.aggregate_id
