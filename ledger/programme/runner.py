"""Gives the steps of a file to the ledger, as the people named in it: the demo's and ``certledger run``'s engine.

Each step is one command of one account, signed with that account's key. The role is the one that the command
allows and the account holds, unless the step names it. Results are remembered under a step's label, and
``$label.member`` in later arguments stands for them. A step that expects a refusal passes when it is refused
with that code, and with no other outcome.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from keys.signer import Signer
from ledger.commands.command import COMMANDS, QUERIES, Command, Query
from ledger.deciding import Signatory
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.domain.staff import Staff
from ledger.errors import DomainError, Error

if TYPE_CHECKING:
    from ledger.programme.step import Step
    from ledger.service import CertificationLedger


C = TypeVar("C", bound=BaseModel)


class Desk(Protocol):
    """Where the accounts of a ledger sit: who an account is, and its unlocked key."""

    def staff_of(self, username: str) -> str:
        """The staff id of an account."""
        ...

    def signer_of(self, username: str) -> Signer:
        """The account's unlocked key."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to: its result, or the code with which it was refused."""

    step: Step
    result: Mapping[str, Any] | None
    refused: str | None


class StepFailedError(Error):
    """A step was refused, or was not refused as it expected; names the step, the rule and the place."""


@dataclass(slots=True)
class Runner:
    """Runs steps one after another. ``run_id`` makes the idempotency keys of one file its own."""

    ledger: CertificationLedger
    desk: Desk
    run_id: str
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    count: int = 0

    def run(self, step: Step) -> Outcome:
        """Give one step. Raises StepFailedError when it does not come out as it must."""
        self.count += 1
        where = step.id or f"step {self.count}"
        try:
            result = self._give(step)
        except Error as error:
            if step.expect == error.code:
                return Outcome(step, None, error.code)
            expected = f"; it was to be refused with {step.expect}" if step.expect else ""
            raise StepFailedError(
                error.code, f"{where}, {step.command} by {step.by}: {error.message}{expected}", error.hint
            ) from error
        if step.expect:
            raise StepFailedError(
                "NOT_REFUSED",
                f"{where}, {step.command} by {step.by}: it was recorded, not refused with {step.expect}",
            )
        if step.as_:
            self.results[step.as_] = result
        return Outcome(step, result, None)

    def attempt(self, step: Step) -> str | None:
        """The code with which a step is refused, or None when it was recorded: for tests of what is forbidden."""
        self.count += 1
        try:
            result = self._give(step)
        except Error as error:
            return error.code
        if step.as_:
            self.results[step.as_] = result
        return None

    def _give(self, step: Step) -> dict[str, Any]:
        kind: type[Command | Query] | None = COMMANDS.get(step.command) or QUERIES.get(step.command)
        if kind is None:
            raise DomainError("UNKNOWN_COMMAND", f"there is no command named {step.command}")
        signatory = self.signatory(step, kind)
        arguments = self.resolved(step.args)
        parsed = parse(kind, arguments)
        if isinstance(parsed, Query):
            return self.ledger.ask(signatory, parsed)
        if step.production:
            return self._try_in_production(step, signatory, parsed)
        receipt = self.ledger.give(
            signatory,
            self.desk.signer_of(step.by),
            parsed,
            idempotency_key=f"{self.run_id}-{self.count}",
        )
        return dict(receipt.result)

    def _try_in_production(self, step: Step, signatory: Signatory, command: Command) -> dict[str, Any]:
        """Decide as a production ledger would; nothing is signed or recorded."""
        decider = self.ledger.decider
        strict = replace(decider, rulebook=decider.rulebook.model_copy(update={"production": True}))
        strict.decide(
            signatory,
            self.desk.signer_of(step.by).thumbprint,
            command,
            command_id=str(uuid.UUID(int=0, version=4)),
            now=self.ledger.clock.now(),
            seed=bytes(32),
            seen=decider.queries.head(),
        )
        return {}

    def signatory(self, step: Step, kind: type[Command | Query]) -> Signatory:
        """In which role, at which organisation, the account gives this command."""
        staff_id = self.desk.staff_of(step.by)
        staff = self.ledger.decider.application.find(Staff, staff_id)
        held = sorted(staff.roles, key=str) if staff else []
        if step.role is not None:
            held = [(role, org) for role, org in held if role == step.role] or [(step.role, None)]
        allowed = [(role, org) for role, org in held if role in kind.roles] or held
        if step.org is not None:
            org = self.resolved({"org": step.org})["org"]
            allowed = [pair for pair in allowed if pair[1] == org or pair[0] in LEDGER_WIDE] or allowed
        role, org = allowed[0] if allowed else (Role.AUDITOR, None)
        return Signatory(staff_id, Role(role), org)

    def resolved(self, value: Any) -> Any:
        """The value with every ``$label.member`` replaced by what that step gave."""
        if isinstance(value, Mapping):
            return {name: self.resolved(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolved(item) for item in value]
        if isinstance(value, str) and value.startswith("$$"):
            return value[1:]
        if isinstance(value, str) and value.startswith("$"):
            label, _, member = value[1:].rpartition(".")
            try:
                return self.results[label][member]
            except KeyError:
                raise DomainError(
                    "REFERENCE_UNKNOWN",
                    f"{value}: no earlier step gave that",
                    "Check the label and the member.",
                ) from None
        return value


def parse(kind: type[C], arguments: Any) -> C:
    """The command with these JSON arguments; VALUE_INVALID names the argument and the rule."""
    try:
        return kind.model_validate_json(json.dumps(arguments), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise DomainError(
            "VALUE_INVALID", f"{where}: {first['msg']}", "Correct it and give the command again."
        ) from None
