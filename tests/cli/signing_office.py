"""A ledger that trained people and has no keys yet, as an office stands before its first certificate."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import demo_witnesses
from api.composition import House, open_house
from api.credentials import credential_routes
from ledger.clock import SimulatedClock
from ledger.commands.certificates import IssueTrainingCertificate
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from tests.api.bureau import bureau, passphrase_of
from tests.houses import PASSPHRASES

HOLDERS = ("Ani Contohwati", "Beni Fiktifanto", "Cici Rekasari")
FORM = "0004711"
PEOPLE = {
    "one": PASSPHRASES[0],
    "two": PASSPHRASES[1],
    **{name: passphrase_of(name) for name in ("admin", "issuer", "printer")},
}


@dataclass(frozen=True, slots=True)
class SigningOffice:
    """A data folder, its provider and certification body, and enrolments that wait for a certificate."""

    data: Path
    provider: str
    body: str
    enrolments: tuple[str, ...]

    def copy(self, to: Path) -> SigningOffice:
        shutil.copytree(self.data, to)
        return SigningOffice(to, self.provider, self.body, self.enrolments)

    def open(self) -> House:
        return open_house(self.data)

    def issue(self, nth: int) -> str:
        """Issue a certificate and let the witnesses see it; its id."""
        with self.open() as house:
            account = house.accounts.get("issuer")
            signer = house.keystore.unlock(account.key, passphrase_of("issuer"))
            given = house.ledger.give(
                Signatory(account.staff, Role.TRAINING_ISSUER, self.provider),
                signer,
                IssueTrainingCertificate(enrolment=self.enrolments[nth]),
                idempotency_key=str(uuid.uuid4()),
            )
            house.room.round()
            house.room.ask_witnesses()
            return str(given.result["certificate"])

    def papers(self, certificate: str, to: Path) -> dict[str, Any]:
        """What the holder gets: the QR's text, the credential and the sealed PDF; and where they lie."""
        to.mkdir(exist_ok=True)
        with self.open() as house:
            paths = {"credential": to / "credential.json", "pdf": to / "certificate.pdf"}
            paths["credential"].write_bytes(house.credentials.of(certificate))
            paths["pdf"].write_bytes(house.press.paper(certificate, 1, at=house.clock.now()))
            return {"certificate": certificate, "qr": house.press.url(certificate), **paths}

    def published(self, to: Path) -> list[str]:
        """What a verifier fetches, as arguments of ``certverify``, and the moment of fetching."""
        to.mkdir(exist_ok=True)
        with self.open() as house:
            client = TestClient(Starlette(routes=list(credential_routes(house))))
            for name in ("keys", "withdrawn", "status/1"):
                answer = client.get(f"/{name}")
                assert answer.status_code == 200, name
                (to / name.partition("/")[0]).write_bytes(answer.content)
            now = house.clock.now().isoformat()
        return ["--root", str(self.data / "root"), "--keys", str(to / "keys"), "--now", now]


def build(folder: Path) -> SigningOffice:
    """Everything by the ordinary commands."""
    with bureau(folder, "admin", "issuer", "teacher", "approver", "liaison", "printer") as place:
        place.templates()
        programme, agreement = place.programme(place.scheme(), place.orgs["site"]), place.ready_site()
        cohort = place.cohort(programme, agreement, capacity=len(HOLDERS))
        enrolments = [place.enrolled(place.learner(name), cohort) for name in HOLDERS]
        place.give("admin", "StartCohort", cohort=cohort)
        place.at(date(2031, 3, 10))
        place.attend(cohort, dict.fromkeys(enrolments, 8))
        place.give("admin", "CompleteEnrolment", enrolments=enrolments)
        place.give("printer", "ReceiveBlanks", serials=[FORM])
        clock, settings = place.house.clock, place.house.folder.settings
        assert isinstance(clock, SimulatedClock)
        now: datetime = clock.now()
        place.house.folder.save_settings(settings.model_copy(update={"now": now.isoformat()}))
        made = SigningOffice(folder, place.orgs["blk"], place.orgs["lsp"], tuple(enrolments))
        demo_witnesses.set_up(folder, settings.origin)
    return made
