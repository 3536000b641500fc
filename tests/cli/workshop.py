"""A ledger whose certificates wait for the printer."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from api import demo_witnesses, issuer_keys
from api.composition import AUTHORITY, House, open_house
from api.issuer_keys import Custodian
from keys.demo_authority import DemoAuthority
from ledger.clock import SimulatedClock
from ledger.domain.event import from_time
from tests.api.bureau import bureau

PEOPLE = ("admin", "issuer", "teacher", "approver", "liaison", "printer", "privacy")
HOLDERS = ("Ani Contohwati", "Beni Fiktifanto", "Cici Rekasari", "Dodi Contohman", "Evi Fiktifa")
FIRST_FORM, FORMS = "0004711", 20


@dataclass(frozen=True, slots=True)
class Workshop:
    """A data folder with certificates (numbers and ids in the order of HOLDERS) and forms from FIRST_FORM on."""

    data: Path
    numbers: tuple[str, ...]
    ids: tuple[str, ...]

    def copy(self, to: Path) -> Workshop:
        shutil.copytree(self.data, to)
        return Workshop(to, self.numbers, self.ids)

    def copies(self) -> list[list[tuple[int, str]]]:
        """(copy, form) of every certificate's copies, by the log."""
        with open_house(self.data) as house:
            return [_copies(house, certificate) for certificate in self.ids]

    def printed_at(self, certificate: str) -> datetime:
        """When the certificate's first copy was recorded."""
        with open_house(self.data) as house:
            first = house.queries.related("certificate.copies", certificate)[0]
            ((_, printed), *_) = house.queries.history(f"print_copy/{first}")
            return from_time(printed.recorded_at)

    def size(self) -> int:
        with open_house(self.data) as house:
            return house.queries.head().size


def _copies(house: House, certificate: str) -> list[tuple[int, str]]:
    found = []
    for each in house.queries.related("certificate.copies", certificate):
        ((_, printed), *_) = house.queries.history(f"print_copy/{each}")
        found.append((printed.data["copy"], printed.data["serial"]))
    return found


def build(folder: Path) -> Workshop:
    """Everything by the ordinary commands."""
    with bureau(folder, *PEOPLE) as place:
        place.templates()
        keys = [Custodian(staff, place.office.signers[staff]) for staff in place.office.custodians]
        issuer_keys.enrol_all(place.house, (keys[0], keys[1]))
        programme, agreement = place.programme(place.scheme(), place.orgs["site"]), place.ready_site()
        cohort = place.cohort(programme, agreement, capacity=len(HOLDERS))
        enrolments = [place.enrolled(place.learner(name), cohort) for name in HOLDERS]
        place.give("admin", "StartCohort", cohort=cohort)
        place.at(date(2031, 3, 10))
        place.attend(cohort, dict.fromkeys(enrolments, 8))
        place.give("admin", "CompleteEnrolment", enrolments=enrolments)
        issued = [place.give("issuer", "IssueTrainingCertificate", enrolment=each) for each in enrolments]
        serials = [f"{int(FIRST_FORM) + more:07}" for more in range(FORMS)]
        place.give("printer", "ReceiveBlanks", serials=serials)
        clock, settings = place.house.clock, place.house.folder.settings
        assert isinstance(clock, SimulatedClock)
        DemoAuthority.make(folder / AUTHORITY, clock.now())
        demo_witnesses.set_up(folder, place.house.folder.root.origin)
        place.house.folder.save_settings(settings.model_copy(update={"now": clock.now().isoformat()}))
    return Workshop(
        folder, tuple(each["number"] for each in issued), tuple(each["certificate"] for each in issued)
    )
