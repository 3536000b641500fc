"""Commands over agreements: the provider drafts, then each party signs once, by two different people."""

from __future__ import annotations

from typing import ClassVar

from ledger.commands.command import Code, Command, Day, Id
from ledger.commands.work import Work
from ledger.domain.agreement import Agreement
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role

SIGNERS = frozenset({Role.TRAINING_ISSUER, Role.CORRECTIONAL_APPROVER})


class DraftAgreement(Command):
    """Draft an agreement of one's own organisation with another, from the day ``start`` through ``until``."""

    roles: ClassVar = frozenset({Role.TRAINING_ADMIN})
    number: Code
    parties: tuple[Id, Id]
    start: Day
    until: Day

    def decide(self, work: Work) -> None:
        """AGREEMENT_PARTIES_EQUAL, VALUE_INVALID for days in the wrong order."""
        for party in self.parties:
            work.load(Organisation, party)
        work.require_org(*self.parties)
        agreement = work.new(Agreement)
        agreement.draft(
            work.act, number=self.number, parties=self.parties, start=self.start, until=self.until
        )
        work.decision.result["agreement"] = agreement.aggregate_id


class SignAgreement(Command):
    """Sign the newest terms for one's organisation; with the second party's signature they hold."""

    roles: ClassVar = SIGNERS
    agreement: Id

    def decide(self, work: Work) -> None:
        """Once for each party, by two people."""
        agreement = work.load(Agreement, self.agreement)
        work.require_org(*agreement.parties)
        party = str(work.act.org)
        agreement.require_unsigned(party)
        for signer in agreement.signatures.values():
            work.second_person(signer)
        agreement.sign(work.act, party)


class AmendAgreement(Command):
    """Draft another last day; the old one holds until both parties have signed again."""

    roles: ClassVar = frozenset({Role.TRAINING_ADMIN})
    agreement: Id
    until: Day

    def decide(self, work: Work) -> None:
        """By a party, while it has not ended."""
        agreement = work.load(Agreement, self.agreement)
        work.require_org(*agreement.parties)
        agreement.amend(work.act, until=self.until)


class TerminateAgreement(Command):
    """End an agreement early, from the day ``on`` (today by default)."""

    roles: ClassVar = SIGNERS
    agreement: Id
    on: Day | None = None

    def decide(self, work: Work) -> None:
        """By either party; never for a day to come."""
        agreement = work.load(Agreement, self.agreement)
        work.require_org(*agreement.parties)
        agreement.require_state("draft", "in_force")
        day = self.on or work.today
        work.occurred_on(day)
        agreement.terminate(work.act, on=day)
