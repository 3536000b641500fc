"""The process that ``kill_commands`` kills: gives commands one after another and tells each receipt.

    python -m tests.slow.kill_worker < start.json

``start.json`` says on which folder, who the people are, and from which step of which learner's life on. A line on
standard output is an acknowledgement.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from api.composition import House, open_house
from keys.signer import Ed25519Signer
from ledger.clock import SimulatedClock
from ledger.commands.command import COMMANDS, Command
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from tests.houses import START

ERASED = 3
"""One learner in so many is erased."""


@dataclass(slots=True)
class Start:
    """Where a process begins; ``people`` maps a name here to (staff id, role, organisation, seed in hex)."""

    folder: str
    people: dict[str, list[str]]
    enrolments: list[str]
    life: int = 0
    step: int = 0
    known: dict[str, Any] = field(default_factory=dict)
    """What the earlier steps of this life gave."""
    last: int = 1_000_000
    """The life with which the process ends by itself."""

    def to_json(self) -> str:
        """For the process's standard input."""
        return json.dumps(asdict(self))


def nik(life: int) -> str:
    """A NIK that cannot be a real one: province 99 does not exist."""
    return f"990101140390{life + 1:04d}"


def name(life: int) -> str:
    """A learner's name."""
    return f"Orang Fiktif {life}"


def steps_of(
    life: int, enrolments: list[str], known: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(who, command, arguments) of one learner's life."""
    yield "admin", "RegisterLearner", {"full_name": name(life), "nik": nik(life)}
    evidence = {"kind": "BIRTH_CERTIFICATE", "document_hash": f"{life:064x}"}
    yield "admin", "RecordIdentityEvidence", {"learner": known.get("learner"), **evidence}
    if life < len(enrolments):
        yield "issuer", "IssueTrainingCertificate", {"enrolment": enrolments[life]}
    if life % ERASED == 0:
        received = {"subject_kind": "learner", "id": known.get("learner"), "kind": "ERASURE"}
        yield "privacy", "ReceiveSubjectRequest", received
        here = {"subject_request": known.get("subject_request")}
        yield "privacy", "VerifySubjectRequest", here
        yield "privacy", "RequestDestruction", {**here, "classes": ["identity", "evidence"]}
        yield "issuer", "DestroyData", {**here, "request": known.get("request")}


def give(house: House, start: Start, life: int, step: int, known: dict[str, Any]) -> dict[str, Any] | None:
    """The receipt of one step, or None when the life has no such step. Its idempotency key is its place."""
    steps = list(steps_of(life, start.enrolments, known))
    if step >= len(steps):
        return None
    who, command_name, arguments = steps[step]
    staff, role, org, seed = start.people[who]
    command: Command = COMMANDS[command_name].model_validate(arguments)
    signer = Ed25519Signer(bytes.fromhex(seed))
    key = f"life-{life}-{step}"
    return house.ledger.give(
        Signatory(staff, Role(role), org), signer, command, idempotency_key=key
    ).to_json()


def tell(what: Any) -> None:
    """One line to whoever reads."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Give commands until killed, or until the last life is whole."""
    start = Start(**json.load(sys.stdin))
    with open_house(Path(start.folder), clock=SimulatedClock(START)) as house:
        tell("ready")
        life, step, known = start.life, start.step, start.known
        while life <= start.last:
            receipt = give(house, start, life, step, known)
            if receipt is None:
                life, step, known = life + 1, 0, {}
                continue
            tell([life, step, receipt])
            known.update(receipt["result"])
            step += 1


if __name__ == "__main__":
    main()
