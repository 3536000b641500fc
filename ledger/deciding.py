"""From a command to the bytes that its giver signs.

Deciding reads the history through one unit of work and is repeatable: the same history, clock, seed and
command id come to the same payload bytes. Checked here, before the command's own rules and in this order:
the ledger is open, the key may sign for this person, the role is held and may give the command.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ledger.commands.founding import CoFoundLedger, FoundLedger
from ledger.commands.work import Decision, LedgerFacts, Repository, Work
from ledger.domain.event import Act
from ledger.domain.ledger import Ledger
from ledger.domain.staff import Staff
from ledger.errors import DomainError
from verifier.entry import Payload, payload_hash
from verifier.publickey import PublicKey

if TYPE_CHECKING:
    from ledger.application import KeptHistories, LedgerApplication
    from ledger.commands.command import Command, Query
    from ledger.documents import Documents
    from ledger.domain.roles import Role
    from ledger.personal.store import PersonalStore
    from ledger.personal.tags import Tags
    from ledger.projections.queries import Head, Queries
    from ledger.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who gives a command: the account, the role they act in and the organisation they hold it at."""

    staff: str
    role: Role
    org: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A decided command: payload bytes to sign, and all that its append must check and store."""

    act: Act
    decision: Decision
    payloads: tuple[bytes, ...]
    hashes: tuple[str, ...]
    seen: Head
    key: PublicKey


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides commands and answers queries on one ledger."""

    application: LedgerApplication
    queries: Queries
    personal: PersonalStore
    tags: Tags
    documents: Documents
    rulebook: Rulebook
    facts: LedgerFacts
    kept: KeptHistories

    def decide(
        self,
        signatory: Signatory,
        thumbprint: str,
        command: Command,
        *,
        command_id: str,
        now: datetime,
        seed: bytes,
        seen: Head,
    ) -> Draft:
        """Decide one command. Raises DomainError with the first rule that is broken."""
        work = self._work(self.kept, signatory, command_id, now, seed)
        key = self._authorise(work, signatory, thumbprint, command)
        work.signing_key = thumbprint
        work.act = replace(work.act, human=work.human(signatory.staff))
        if command.occurred_at is not None:
            work.occurred_at(command.occurred_at)
        command.decide(work)
        decision = work.finish()
        if not decision.events:
            raise DomainError("VALUE_INVALID", "the command would record nothing", "Give at least one item.")
        payloads, hashes = _payloads(decision, seen)
        return Draft(work.act, decision, payloads, hashes, seen, key)

    def answer(self, signatory: Signatory, query: Query, now: datetime) -> dict[str, object]:
        """Answer a query. Raises DomainError ROLE_FORBIDDEN, UNKNOWN_ID or what the query says."""
        work = self._work(self.application, signatory, "", now, b"")
        self._require_role(work.load(Staff, signatory.staff), signatory, query.roles, type(query).__name__)
        work.act = replace(work.act, human=work.human(signatory.staff))
        return query.answer(work)

    def _work(
        self, repository: Repository, signatory: Signatory, command_id: str, now: datetime, seed: bytes
    ) -> Work:
        act = Act(
            actor=signatory.staff,
            human=signatory.staff,
            role=str(signatory.role),
            org=signatory.org,
            command=command_id,
            now=now,
            occurred_at=now,
            zone=self.rulebook.zone,
        )
        return Work(
            act=act,
            seed=seed,
            rulebook=self.rulebook,
            repository=repository,
            queries=self.queries,
            personal=self.personal,
            tags=self.tags,
            documents=self.documents,
            ledger=self.facts,
        )

    def _authorise(self, work: Work, signatory: Signatory, thumbprint: str, command: Command) -> PublicKey:
        """The key that will sign, once it may."""
        if isinstance(command, FoundLedger | CoFoundLedger):
            founder = self.facts.root.keys[isinstance(command, CoFoundLedger)]
            if (founder.staff, founder.key.thumbprint) != (f"staff/{signatory.staff}", thumbprint):
                raise DomainError(
                    "SIGNER_NOT_AUTHORISED",
                    "only the root file's two keys, in its order, found the ledger",
                    "Sign with the key that the root file names.",
                )
            return founder.key
        ledger = work.find(Ledger, self.facts.ledger_id)
        if ledger is not None and ledger.successor is not None:
            raise DomainError(
                "LEDGER_NOT_OPEN",
                f"this ledger has lost entries and has ended; {ledger.successor} continues it",
                "Record it there.",
            )
        if ledger is None or ledger.state != "open":
            raise DomainError(
                "LEDGER_NOT_OPEN",
                f"this ledger is {ledger.state if ledger else 'not founded'}",
                "Both root keys must have signed entries 0 and 1.",
            )
        staff = work.find(Staff, signatory.staff)
        if staff is None:
            raise DomainError("SIGNER_NOT_AUTHORISED", "this person is not registered on this ledger")
        key = staff.require_key(thumbprint)
        self._require_role(staff, signatory, command.roles, type(command).__name__)
        return _public_key(key.alg, **key.jwk)

    @staticmethod
    def _require_role(staff: Staff, signatory: Signatory, allowed: frozenset[Role], name: str) -> None:
        if signatory.role not in allowed or not staff.holds(signatory.role, signatory.org):
            held = "does not give this command" if signatory.role not in allowed else "is not held there"
            raise DomainError(
                "ROLE_FORBIDDEN",
                f"{name}: the role {signatory.role} {held}",
                f"It is given by: {', '.join(sorted(allowed))}.",
            )


@lru_cache(maxsize=1024)
def _public_key(alg: str, **jwk: str) -> PublicKey:
    """An enrolled key, checked once."""
    return PublicKey(jwk, alg)


def _payloads(decision: Decision, seen: Head) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """The payload bytes of a decision's events and their hashes; events of one stream follow each other."""
    tips = dict(decision.tips)
    payloads: list[bytes] = []
    hashes: list[str] = []
    for event in decision.events:
        payload = Payload(
            type=event.type,
            stream=event.originator_id,
            version=event.originator_version,
            prev=tips[event.originator_id] if event.originator_version > 1 else None,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor=f"staff/{event.actor}",
            role=event.role,
            org=event.org,
            command=event.command,
            seen_size=seen.size,
            seen_root=seen.root,
            data=dict(event.data),
        ).to_bytes()
        payloads.append(payload)
        hashes.append(payload_hash(payload).hex())
        tips[event.originator_id] = hashes[-1]
    return tuple(payloads), tuple(hashes)
