"""An office whose newest entries are lost for good: an older database in the place of the one that witnesses know."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from api.composition import House
from api.issuer_keys import Custodian, enrol_all, sign_key_file
from ledger.commands.command import Command
from ledger.commands.lifecycle import SupersedeCertificate, SuspendCertificate
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from tests.cli.signing_office import PEOPLE, SigningOffice
from tests.cli.signing_office import build as build_office

NEXT = "ledger.example/log2"


@dataclass(frozen=True, slots=True)
class LostOffice:
    """The office's folder after the loss, and codes of its certificates.

    By the entries that are left ``valid`` stands, ``replaced`` was replaced by ``suspended``, and nothing is known
    of ``unknown``. In what was lost, ``valid`` was suspended and ``unknown`` issued. ``size`` entries were witnessed,
    ``left`` of them are there.
    """

    office: SigningOffice
    valid: str
    replaced: str
    suspended: str
    unknown: str
    left: int
    size: int

    @property
    def data(self) -> Path:
        return self.office.data

    def copy(self, to: Path) -> LostOffice:
        shutil.copytree(self.data, to)
        moved = SigningOffice(to, self.office.provider, self.office.body, self.office.enrolments)
        return LostOffice(
            moved, self.valid, self.replaced, self.suspended, self.unknown, self.left, self.size
        )


def build(folder: Path) -> LostOffice:
    """Grow, copy the database, grow, and put the copy back.

    What was published is gone but for its checkpoint; its tiles lie beside the folder.
    """
    office = build_office(folder)
    with office.open() as house:
        one, two = (_custodian(house, name) for name in ("one", "two"))
        enrol_all(house, (one, two))
        sign_key_file(house, (one, two))
    certificates = [office.issue(nth) for nth in (0, 1)]
    with office.open() as house:
        replace = SupersedeCertificate(certificate=certificates[1], reason="NAME_CORRECTION")
        newer = _issuer(house, office.provider, replace)["certificate"]
        _issuer(house, office.provider, SuspendCertificate(certificate=newer, reason="COMPLAINT_OPEN"))
        house.room.round()
        house.room.ask_witnesses()
        left = house.queries.head().size
    kept = folder.with_name("kept.db")
    shutil.copy(folder / "events.db", kept)
    certificates.append(office.issue(2))
    with office.open() as house:
        _issuer(
            house, office.provider, SuspendCertificate(certificate=certificates[0], reason="COMPLAINT_OPEN")
        )
        house.room.round()
        house.room.ask_witnesses()
        size = house.queries.head().size
        valid, replaced, suspended, unknown = (
            house.press.url(each).partition("#")[0].rpartition("/")[2]
            for each in (certificates[0], certificates[1], newer, certificates[2])
        )
    put_back(folder, kept)
    shutil.move(folder / "log" / "tile", folder.with_name("tile"))
    return LostOffice(office, valid, replaced, suspended, unknown, left, size)


def put_back(folder: Path, kept: Path) -> None:
    """Put an older database in the place of the newer one."""
    for path in folder.glob("events.db*"):
        path.unlink()
    shutil.copy(kept, folder / "events.db")


def _custodian(house: House, name: str) -> Custodian:
    account = house.accounts.get(name)
    return Custodian(account.staff, house.keystore.unlock(account.key, PEOPLE[name]))


def _issuer(house: House, provider: str, command: Command) -> dict[str, str]:
    account = house.accounts.get("issuer")
    signer = house.keystore.unlock(account.key, PEOPLE["issuer"])
    signatory = Signatory(account.staff, Role.TRAINING_ISSUER, provider)
    return dict(house.ledger.give(signatory, signer, command, idempotency_key=os.urandom(8).hex()).result)
