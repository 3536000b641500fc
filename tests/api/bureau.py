"""A whole ledger with people who can sign in: a provider, a certification body, a facility, and their staff.

Everything is recorded by the ordinary commands, each signed by the person who gives it with a key of the
keystore. Names are invented.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from api.accounts import Account
from keys.signer import possession
from ledger.clock import SimulatedClock
from ledger.commands.command import COMMANDS, QUERIES
from ledger.deciding import Signatory
from ledger.domain.roles import LEDGER_WIDE, Role
from tests.houses import FAST, RULES, START, Office, office

SITE_NAME = "Lapas Contoh Fiktif"
STAFF_NAME = "Pegawai Rekaan"
PEOPLE: dict[str, tuple[Role, str | None]] = {
    "admin": (Role.TRAINING_ADMIN, "blk"),
    "issuer": (Role.TRAINING_ISSUER, "blk"),
    "teacher": (Role.INSTRUCTOR, "blk"),
    "liaison": (Role.CORRECTIONAL_LIAISON, "site"),
    "approver": (Role.CORRECTIONAL_APPROVER, "site"),
    "assessor": (Role.ASSESSOR, "lsp"),
    "supervisor": (Role.ASSESSMENT_SUPERVISOR, "lsp"),
    "decider": (Role.CERTIFICATION_DECIDER, "lsp"),
    "certifier": (Role.COMPETENCE_ISSUER, "lsp"),
    "printer": (Role.PRINT_OPERATOR, "lsp"),
    "panel": (Role.APPEAL_PANEL, "lsp"),
    "privacy": (Role.PRIVACY_OFFICER, "blk"),
    "auditor": (Role.AUDITOR, None),
    "far liaison": (Role.CORRECTIONAL_LIAISON, "far"),
    "far admin": (Role.TRAINING_ADMIN, "other"),
    "far supervisor": (Role.ASSESSMENT_SUPERVISOR, "other"),
    "colleague": (Role.INSTRUCTOR, "blk"),
}
SESSIONS = [date(2031, 3, day) for day in range(3, 8)]
UNIT = {"decree": "Kepmenaker 98/2018", "title_id": "Judul", "title_en": "Title", "jp": 16, "type": "core"}


def passphrase_of(name: str) -> str:
    return f"a long passphrase of {name}"


class Bureau:
    """``staff`` and ``orgs`` are ids by name; ``give`` and ``ask`` act as a person of PEOPLE or custodian one or two."""

    def __init__(self, found: Office) -> None:
        self.office = found
        self.house = found.house
        self.staff = dict(zip(("one", "two"), found.custodians, strict=True))
        self.roles: dict[str, tuple[Role, str | None]] = dict.fromkeys(
            ("one", "two"), (Role.KEY_CUSTODIAN, None)
        )
        self.orgs = {
            "blk": found.organisation(),
            "lsp": found.organisation("certification_body", "LSP Contoh"),
            "other": found.organisation("training_provider", "BLK Lain"),
        }
        for name, title in (("site", SITE_NAME), ("far", "Lapas Jauh Fiktif")):
            self.orgs[name] = self.give(
                "one",
                "RegisterOrganisation",
                kind="correctional_facility",
                name=title,
                public_name=None,
                zone="Asia/Jayapura",
            )["organisation"]

    # -- people ------------------------------------------------------------------------------------------

    def hire(self, name: str, *held: tuple[Role, str | None]) -> str:
        """A person with these roles, an account of this name, and a key in the keystore."""
        staff = self._registered(f"{STAFF_NAME} {name}")
        for role, org in held:
            self.grant(staff, role, org)
        info = self.house.keystore.create(staff, passphrase_of(name), kdf=FAST)
        signer = self.house.keystore.unlock(info.thumbprint, passphrase_of(name))
        self.enrol(staff, signer)
        self.house.accounts.add(Account(name, staff, info.thumbprint))
        self.office.signers[staff] = signer
        self.staff[name] = staff
        self.roles[name] = held[0]
        return staff

    def hire_all(self, *names: str) -> None:
        for name in names or PEOPLE:
            role, org = PEOPLE[name]
            self.hire(name, (role, org))

    def _registered(self, name: str) -> str:
        asked = self.give("one", "RequestStaffRegistration", name=name)
        self.give("two", "RegisterStaff", staff=asked["staff"], request=asked["request"])
        return str(asked["staff"])

    def grant(self, staff: str, role: Role, org: str | None) -> None:
        where = None if role in LEDGER_WIDE or org is None else self.orgs[org]
        request = self.give("one", "RequestRoleGrant", staff=staff, role=role, org=where)["request"]
        self.give("two", "GrantRole", staff=staff, request=request)

    def enrol(self, staff: str, signer: Any, custody: str = "server-held") -> None:
        proof = possession(signer, self.house.folder.root.origin, staff)
        request = self.give(
            "one",
            "RequestKeyEnrolment",
            staff=staff,
            jwk=signer.jwk,
            alg="ed25519",
            custody=custody,
            possession=proof,
        )["request"]
        self.give("two", "EnrolKey", staff=staff, request=request)

    # -- acting ------------------------------------------------------------------------------------------

    def signatory(self, name: str) -> Signatory:
        role, org = self.roles[name]
        return Signatory(self.staff[name], role, self.orgs[org] if org else None)

    def give(self, person: str, command: str, /, **arguments: Any) -> dict[str, Any]:
        who = self.signatory(person)
        given = COMMANDS[command].model_validate(arguments)
        return dict(self.office.give(who.staff, who.role, who.org, given).result)

    def ask(self, person: str, query: str, /, **arguments: Any) -> dict[str, Any]:
        return self.house.ledger.ask(self.signatory(person), QUERIES[query].model_validate(arguments))

    def at(self, day: date, hour: int = 10) -> None:
        """It is this hour of this day in the ledger's zone."""
        clock = self.house.clock
        assert isinstance(clock, SimulatedClock)
        clock.set(datetime.combine(day, datetime.min.time(), RULES.zone) + timedelta(hours=hour))

    # -- the scene ---------------------------------------------------------------------------------------

    def scheme(self) -> str:
        """An approved scheme of two units: 32 JP, and 8 outside them."""
        scheme = self.give(
            "admin",
            "DraftScheme",
            code="SKM/1",
            trade="LAS",
            title_id="Juru Las",
            title_en="Welder",
            level=2,
            total_jp=40,
            body=self.orgs["lsp"],
            units=[{**UNIT, "code": "U.1"}, {**UNIT, "code": "U.2"}],
            non_unit=[{"title_id": "Umum", "title_en": "General", "jp": 8}],
        )["scheme"]
        self.give(
            "issuer",
            "ApproveScheme",
            scheme=scheme,
            version=1,
            award_rule="ALL_UNITS",
            validity_months=36,
            unit_statement=True,
            total_jp=40,
        )
        return str(scheme)

    def templates(self) -> None:
        from ledger.issuing.paper import default_template

        for kind in ("TRAINING", "COMPETENCE", "UNIT_STATEMENT"):
            text = default_template(kind)
            template = self.give("admin", "DraftTemplate", kind=kind, text=text)["template"]
            self.give("issuer", "ApproveTemplate", template=template, version=1, text=text)

    def programme(self, scheme: str, facility: str | None = None) -> str:
        programme = self.give(
            "admin", "ProposeProgramme", facility=facility, code="LAS-II", trade="LAS", min_attendance_pct=80
        )["programme"]
        self.give("admin", "RecordNeed", programme=programme, source="Survei", occupation="Las", demand=5)
        self.give("admin", "OfferInstructors", programme=programme, instructors=[self.staff["teacher"]])
        self.give("admin", "AdoptScheme", programme=programme, scheme=scheme, version=1)
        return str(programme)

    def ready_site(self) -> str:
        """An agreement in force with the facility, and a review that says it is ready; the agreement."""
        agreement = self.give(
            "admin",
            "DraftAgreement",
            number="PKS/1",
            parties=[self.orgs["blk"], self.orgs["site"]],
            start="2031-01-01",
            until="2031-12-31",
        )["agreement"]
        for name in ("issuer", "approver"):
            self.give(name, "SignAgreement", agreement=agreement)
        review = self.give("admin", "StartFacilityReview", site=self.orgs["site"], provider=self.orgs["blk"])[
            "review"
        ]
        item = {"item": "FAC-1", "passed": True, "critical": True}
        self.give("liaison", "AssessItems", review=review, items=[item])
        for name in ("admin", "liaison"):
            self.give(
                name, "ConcludeFacilityReview", review=review, outcome="READY", valid_until="2031-12-31"
            )
        return str(agreement)

    def cohort(self, programme: str, agreement: str, capacity: int = 4) -> str:
        """A cohort of five sessions of 8 JP at the facility, enrolment open."""
        cohort = self.give(
            "admin",
            "PlanCohort",
            programme=programme,
            agreement=agreement,
            site=self.orgs["site"],
            capacity=capacity,
            start=SESSIONS[0],
            end=SESSIONS[-1],
            jp_per_day=8,
        )["cohort"]
        self.give("admin", "AssignInstructor", cohort=cohort, instructor=self.staff["teacher"])
        self.give("admin", "ScheduleSessions", cohort=cohort, sessions=[{"date": day} for day in SESSIONS])
        self.give("admin", "OpenEnrolment", cohort=cohort)
        return str(cohort)

    def learner(self, name: str, **more: Any) -> str:
        return str(self.give("admin", "RegisterLearner", full_name=name, **more)["learner"])

    def enrolled(self, learner: str, cohort: str) -> str:
        """An enrolment with a seat."""
        enrolment = self.give("admin", "ApplyForEnrolment", learner=learner, cohort=cohort)["enrolment"]
        self.give("approver", "SelectEnrolment", enrolments=[enrolment])
        self.give("admin", "AcknowledgeNotice", enrolments=[enrolment], version="1")
        self.give("admin", "ConfirmEnrolment", learner=learner, cohort=cohort)
        return str(enrolment)

    def attend(self, cohort: str, hours: dict[str, int]) -> None:
        """Every session, with these JP each."""
        entries = [{"enrolment": enrolment, "jp": jp} for enrolment, jp in hours.items()]
        for day in SESSIONS:
            self.give("teacher", "RecordAttendance", cohort=cohort, on=day, entries=entries)

    def recommended(self, enrolment: str, first: str = "K", second: str = "K") -> str:
        """An assessment that waits for the decision."""
        assessment = self.give("supervisor", "AdmitToAssessment", enrolment=enrolment)["assessment"]
        self.give("supervisor", "AssignAssessor", assessment=assessment, assessor=self.staff["assessor"])
        evidence = [{"kind": "FORM", "sha256": "ab" * 32}]
        results = [
            {"unit": unit, "result": result, "evidence": evidence}
            for unit, result in (("U.1", first), ("U.2", second))
        ]
        self.give("assessor", "RecordUnitResult", assessment=assessment, results=results)
        self.give("assessor", "Recommend", assessment=assessment)
        return str(assessment)


@contextlib.contextmanager
def bureau(folder: Path, *names: str, kind: str = "sqlite") -> Iterator[Bureau]:
    """A bureau with these people of PEOPLE, or with all."""
    with office(folder, kind) as found:
        place = Bureau(found)
        place.hire_all(*names)
        if "assessor" in place.staff:
            place.give(
                "one",
                "RecordLicence",
                staff=place.staff["assessor"],
                number="MET.1",
                scope=["LAS"],
                until="2032-01-01",
            )
        yield place


__all__ = ["START", "Bureau", "bureau"]
