"""The ledger as its users see it: give a command, or prepare it and bring a signature made elsewhere; ask.

The order of a command: idempotency key; decide; sign; personal facts stored durably; one transaction;
what follows from the events (data destroyed). A conflict with another act is decided and signed again.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import IntegrityError

from keys.errors import Error as KeysError
from ledger.commands.command import COMMANDS
from ledger.deciding import Decider, Draft, Signatory
from ledger.domain.event import Event
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from ledger.errors import ConflictError, DomainError, Error
from ledger.personal.index import name_tags
from ledger.projections.queries import Head
from ledger.store.admission import Admission, Reply
from verifier.entry import assemble, command_message
from verifier.publickey import SigParts

if TYPE_CHECKING:
    from keys.signer import Signer
    from ledger.clock import Clock
    from ledger.commands.command import Command, Query

_log = logging.getLogger(__name__)

ATTEMPTS = 25
LONGEST_PAUSE_S = 0.2
PREPARATION_LIFE = timedelta(minutes=10)
HARDWARE_PREPARATION_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the giver of a recorded command gets: its id, the leaf index of its first entry, how many, the result.

    ``result`` has the ids of what was made, and under ``request`` the payload hash of a request that a second
    person must name.
    """

    command: str
    first_index: int
    events: int
    result: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "command": self.command,
            "first_index": self.first_index,
            "events": self.events,
            "result": self.result,
        }


@dataclass(frozen=True, slots=True)
class Preparation:
    """A command ready to be signed elsewhere: sign ``message`` and bring the signature before ``expires_at``."""

    id: str
    message: bytes
    payloads: tuple[bytes, ...]
    expires_at: datetime


class CertificationLedger:
    """Records commands. Safe for threads; several processes may use one store."""

    def __init__(self, decider: Decider, clock: Clock) -> None:
        self.decider = decider
        self.clock = clock
        self.after_commit: list[Callable[[Event, int], None]] = []
        self._unfinished: list[deque[Callable[[], None]]] = []
        self._finishing = threading.Lock()

    # -- commands --------------------------------------------------------------------------------------

    def give(
        self, signatory: Signatory, signer: Signer, command: Command, *, idempotency_key: str
    ) -> Receipt:
        """Decide, sign and record a command. Raises DomainError, ConflictError after many attempts, StoreError."""
        self.finish()
        tags, arguments = self.decider.tags, command.model_dump_json()
        key_tag = tags.idempotency(signatory.staff, idempotency_key)
        body_tag = tags.body(
            signatory.staff, str(signatory.role), signatory.org, type(command).__name__, arguments
        )
        for attempt in range(ATTEMPTS):
            seen = self.decider.queries.head()
            repeated = self._repeated(key_tag, body_tag)
            if repeated is not None:
                return repeated
            last = attempt == ATTEMPTS - 1
            try:
                draft = self._decide_anew(signatory, signer.thumbprint, command, seen)
                message = self._message(draft)
                return self._append(draft, message, signer.sign(message), key_tag, body_tag)
            except DomainError:
                # What was read while others wrote may never have stood together (a seat taken and another
                # given back): a refusal holds if the history stood still.
                if last or self.decider.queries.head().size == seen.size:
                    raise
            except (ConflictError, IntegrityError):
                if last:
                    raise
            self.decider.kept.forget()
            # Whoever lost comes back at a moment of its own, later each time, so that many do not meet again.
            time.sleep(random.uniform(0, min(LONGEST_PAUSE_S, 0.001 * 2**attempt)))  # noqa: S311 - no secret
        raise AssertionError

    def check(self, signatory: Signatory, thumbprint: str, command: Command) -> None:
        """Decide a command and leave it at that: DomainError as when it was given now."""
        self._decide_anew(signatory, thumbprint, command, self.decider.queries.head())

    def prepare(
        self, signatory: Signatory, thumbprint: str, command: Command, *, idempotency_key: str
    ) -> Preparation:
        """Decide a command and keep it for a signature made elsewhere, by the enrolled key ``thumbprint``."""
        seed, command_id, now = secrets.token_bytes(32), str(uuid.uuid4()), self.clock.now()
        seen = self.decider.queries.head()
        self.decider.personal.preparations.delete_expired(now)
        self.decider.kept.forget()
        draft = self.decider.decide(
            signatory, thumbprint, command, command_id=command_id, now=now, seed=seed, seen=seen
        )
        staff = self.decider.application.find(Staff, signatory.staff)
        custody = staff.keys[thumbprint].custody if staff else ""
        expires_at = now + (HARDWARE_PREPARATION_LIFE if custody == "hsm" else PREPARATION_LIFE)
        content = {
            "role": str(signatory.role),
            "org": signatory.org,
            "key": thumbprint,
            "name": type(command).__name__,
            "arguments": command.model_dump_json(),
            "idempotency_key": idempotency_key,
            "command": command_id,
            "now": now.isoformat(),
            "seed": seed.hex(),
            "seen": [seen.size, seen.root.hex(), seen.recorded_at],
            "payloads": [payload.decode() for payload in draft.payloads],
        }
        name = self.decider.personal.preparations.store(
            signatory.staff, json.dumps(content).encode(), expires_at=expires_at
        )
        return Preparation(name, self._message(draft), draft.payloads, expires_at)

    def append(self, staff: str, preparation: str, signature: dict[str, Any]) -> Receipt:
        """Record a prepared command with its signature object (sig, and WebAuthn members).

        It is decided again and must come to the same bytes: CONCURRENCY_CONFLICT otherwise, and the command
        must be prepared anew.
        """
        now = self.clock.now()
        self.decider.kept.forget()
        kept = json.loads(self.decider.personal.preparations.take_once(preparation, staff, now=now))
        signatory = Signatory(staff, Role(kept["role"]), kept["org"])
        command = COMMANDS[kept["name"]].model_validate_json(kept["arguments"])
        tags = self.decider.tags
        key_tag = tags.idempotency(staff, kept["idempotency_key"])
        body_tag = tags.body(staff, kept["role"], kept["org"], kept["name"], kept["arguments"])
        repeated = self._repeated(key_tag, body_tag)
        if repeated is not None:
            return repeated
        size, root, recorded_at = kept["seen"]
        draft = self.decider.decide(
            signatory,
            kept["key"],
            command,
            command_id=kept["command"],
            now=datetime.fromisoformat(kept["now"]),
            seed=bytes.fromhex(kept["seed"]),
            seen=Head(size, bytes.fromhex(root), recorded_at),
        )
        if [payload.decode() for payload in draft.payloads] != kept["payloads"]:
            raise ConflictError("the history has moved on since this command was prepared")
        parts = SigParts.from_json(draft.key.thumbprint, draft.key.alg, signature)
        return self._append(draft, self._message(draft), parts, key_tag, body_tag)

    def ask(self, signatory: Signatory, query: Query) -> dict[str, Any]:
        """Answer a query, if this person in this role may know."""
        return dict(self.decider.answer(signatory, query, self.clock.now()))

    def finish(self) -> None:
        """Do what follows from committed commands; what fails is done with a later command, or at start.

        The steps of one command are done in order, so that nothing is destroyed before what needs it is made.
        A command is recorded whatever happens here, and its giver is told so.
        """
        with self._finishing:
            chains, self._unfinished = self._unfinished, []
            for chain in chains:
                try:
                    while chain:
                        chain[0]()
                        chain.popleft()
                except (Error, KeysError, OSError) as error:
                    _log.error("what follows from a recorded command is tried again later: %s", error)
                    self._unfinished.append(chain)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.decider.facts.root.origin

    # -- steps -----------------------------------------------------------------------------------------

    def _decide_anew(self, signatory: Signatory, thumbprint: str, command: Command, seen: Head) -> Draft:
        """Decide; a refusal that rests on kept histories is decided once more on what is there now."""
        try:
            return self._decide(signatory, thumbprint, command, seen)
        except DomainError:
            if not self.decider.kept.forget():
                raise
        return self._decide(signatory, thumbprint, command, seen)

    def _decide(self, signatory: Signatory, thumbprint: str, command: Command, seen: Head) -> Draft:
        return self.decider.decide(
            signatory,
            thumbprint,
            command,
            command_id=str(uuid.uuid4()),
            now=self.clock.now(),
            seed=secrets.token_bytes(32),
            seen=seen,
        )

    def _repeated(self, key_tag: bytes, body_tag: bytes) -> Receipt | None:
        """The receipt of an earlier command with this key; IDEMPOTENCY_KEY_REUSED when it was another one."""
        found = self.decider.queries.reply(key_tag)
        if found is None:
            return None
        command, earlier_body, reply = found
        if not secrets.compare_digest(earlier_body, body_tag):
            raise DomainError(
                "IDEMPOTENCY_KEY_REUSED",
                "this idempotency key came before with another command",
                "Use a fresh key for each command, and the same key only to repeat it.",
            )
        place = self.decider.queries.command(command)
        if place is None:
            return None
        result = json.loads(self.decider.tags.open_reply(command, reply))
        return Receipt(command, place[0], place[1], result)

    def _append(
        self, draft: Draft, message: bytes, parts: SigParts, key_tag: bytes, body_tag: bytes
    ) -> Receipt:
        """Verify the signature, store personal facts, append, and do what follows."""
        act, decision = draft.act, draft.decision
        events = self._sealed(draft, message, parts)
        result = dict(decision.result)
        asked = [
            event.hash for event in events if event.name.endswith("requested") or event.name == "drafted"
        ]
        if asked:
            result["request"] = asked[0]
        reply = self.decider.tags.seal_reply(act.command, json.dumps(result).encode())
        admission = Admission(
            command=act.command,
            actor=act.actor,
            seen=draft.seen.size,
            events=events,
            read=decision.read,
            related=decision.related,
            claims=decision.claims,
            releases=decision.releases,
            reply=Reply(key_tag, body_tag, reply),
        )
        personal = self.decider.personal
        has_facts = bool(decision.facts or decision.codes or decision.niks or decision.links)
        if has_facts:
            personal.put(
                decision.facts,
                pending=act.command,
                now=act.now,
                niks=decision.niks,
                codes=decision.codes,
                links=decision.links,
                tags=[
                    tag
                    for fact in decision.facts
                    if fact.field == "full_name" and isinstance(fact.value, str)
                    for tag in name_tags(fact.subject, fact.value)
                ],
            )
        try:
            indexes = self.decider.application.append(events, admission)
        except (ConflictError, IntegrityError):
            if has_facts:
                personal.discard(act.command)
            raise
        chain: deque[Callable[[], None]] = deque()
        self.decider.kept.grown(events)
        if has_facts:
            chain.append(partial(personal.settle, act.command))
        for event, index in zip(events, indexes, strict=True):
            chain.extend(partial(follow, event, index) for follow in self.after_commit)
        with self._finishing:
            self._unfinished.append(chain)
        self.finish()
        return Receipt(act.command, indexes[0], len(indexes), result)

    def _message(self, draft: Draft) -> bytes:
        """What the giver of a decided command signs."""
        return command_message(self.origin, draft.payloads)

    def _sealed(self, draft: Draft, message: bytes, parts: SigParts) -> list[Event]:
        """The events with their signed bytes; no signature goes into the log that was not verified."""
        draft.key.verify(message, parts, self.decider.facts.root.webauthn)
        entries = assemble(draft.payloads, parts)
        return [
            replace(event, entry=entry, hash=hash_)
            for event, entry, hash_ in zip(draft.decision.events, entries, draft.hashes, strict=True)
        ]
