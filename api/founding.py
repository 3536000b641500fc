"""Founding a ledger: two custodians make keys, the root file is written, and entries 0 and 1 open the log."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from api.accounts import Account
from api.composition import House, compose
from keys import ceremony, files
from keys.keystore import Keystore
from keys.signer import Signer, possession
from ledger import folder as folders
from ledger.commands.founding import CoFoundLedger, FoundLedger, Predecessor
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import DomainError
from verifier.note import LOG_KEY, VKey

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from keys.passphrase import Kdf
    from ledger.clock import Clock
    from ledger.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Custodian:
    """A founder: by which name they sign in, and the passphrase that will open their key."""

    username: str
    passphrase: str


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new ledger is made from.

    ``simulated_from`` sets a simulated clock; None takes the system's. ``predecessor`` is the log that it continues.
    """

    origin: str
    base_url: str
    rulebook: Rulebook
    custodians: tuple[Custodian, Custodian]
    database: str | None = None
    contact: str | None = None
    simulated_from: datetime | None = None
    kdf: Kdf | None = None
    predecessor: Predecessor | None = None


def found(path: Path, founding: Founding, clock: Clock | None = None) -> House:
    """Make the data folder and found its ledger.

    Raises DomainError VALUE_INVALID for settings that cannot be, StoreError for a folder that cannot be used.
    """
    settings = _settings(founding)
    folders.claim_empty(path)
    keystore = Keystore(path / "keystore")
    staff = [str(uuid.uuid4()) for _ in founding.custodians]
    signers: list[Signer] = []
    brought: list[ceremony.Custodian] = []
    for staff_id, custodian in zip(staff, founding.custodians, strict=True):
        info = keystore.create(staff_id, custodian.passphrase, kdf=founding.kdf)
        signer: Signer = keystore.unlock(info.thumbprint, custodian.passphrase)
        signers.append(signer)
        proof = possession(signer, founding.origin, staff_id)
        brought.append(ceremony.Custodian(staff_id, info.jwk, info.alg, info.custody, proof))
    root = ceremony.found(founding.origin, brought)
    log_key = make_log_key(path, founding.origin)
    house = compose(folders.create(path, settings, founding.rulebook, root), clock)
    first = FoundLedger(clock=settings.clock, log_key=str(log_key), predecessor=founding.predecessor)
    commands = (first, CoFoundLedger())
    for staff_id, custodian, signer, command in zip(
        staff, founding.custodians, signers, commands, strict=True
    ):
        house.accounts.add(Account(custodian.username, staff_id, signer.thumbprint))
        signatory = Signatory(staff_id, Role.KEY_CUSTODIAN, None)
        house.ledger.give(signatory, signer, command, idempotency_key=type(command).__name__)
    return house


def _settings(founding: Founding) -> folders.FolderSettings:
    try:
        return folders.FolderSettings(
            format=folders.FORMAT,
            ledger=str(uuid.uuid4()),
            origin=founding.origin,
            base_url=founding.base_url,
            clock="simulated" if founding.simulated_from else "system",
            database=founding.database,
            now=founding.simulated_from.isoformat() if founding.simulated_from else None,
            contact=founding.contact,
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        raise DomainError("VALUE_INVALID", f"{option}: {first['msg']}", f"Give another {option}.") from None


def make_log_key(path: Path, origin: str) -> VKey:
    """Make the log's own signing key in ``log-key`` and return its public side."""
    key = Ed25519PrivateKey.generate()
    files.create(path / "log-key", key.private_bytes_raw())
    return VKey(origin, LOG_KEY, key.public_key().public_bytes_raw())
