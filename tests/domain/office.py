"""The desk with what the acts around a training need: more people, documents, private names, reason codes."""

from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast

from ledger.commands.agreements import DraftAgreement, SignAgreement
from ledger.commands.cohorts import PlanCohort
from ledger.commands.command import Command
from ledger.commands.facilities import AssessItems, ConcludeFacilityReview, ItemArgument, StartFacilityReview
from ledger.commands.programmes import AdoptScheme, OfferInstructors, ProposeProgramme, RecordNeed
from ledger.commands.schemes import ApproveScheme, DraftScheme, UnitArgument
from ledger.commands.work import Work
from ledger.domain.staff import Staff
from tests.domain.desk import Desk, new_id
from tests.domain.history import hashed

PRIVATE_NAME = "Balai Rahasia Fiktif"


def units(*hours: int) -> tuple[UnitArgument, ...]:
    return tuple(
        UnitArgument(
            decree="98/2018", code=f"U.{number}", title_id="Judul", title_en="Title", jp=jp, type="core"
        )
        for number, jp in enumerate(hours, start=1)
    )


class Office(Desk):
    """Shorthand for what comes before the act that a test is about; each is a command of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, str] = {}
        cast("Any", self.memory).private_names = lambda _personal: (PRIVATE_NAME,)
        codes = self.rules.reason_codes.model_copy(
            update={
                "cohort_cancel": frozenset({"BUDGET", "FELONY"}),
                "print_copy": frozenset({"ORIGINAL", "LOST"}),
            }
        )
        self.rules = self.rules.model_copy(update={"reason_codes": codes})
        self.other = new_id("elsewhere")
        for name, role, org in (
            ("second admin", "training_admin", self.blk),
            ("admin elsewhere", "training_admin", self.other),
            ("issuer elsewhere", "training_issuer", self.other),
            ("printer", "print_operator", self.other),
            ("supervisor", "assessment_supervisor", self.other),
            ("decider", "certification_decider", self.other),
        ):
            self.hire(name, role, org)
        self.hire("admin as issuer", "training_issuer", self.blk, same_person_as="admin")
        self.hire("admin as liaison", "correctional_liaison", self.site, same_person_as="admin")
        self.hire("issuer as approver", "correctional_approver", self.site, same_person_as="issuer")

    def hire(self, name: str, role: str, org: str | None, same_person_as: str | None = None) -> None:
        super().hire(name, role, org, same_person_as)
        staff = self.memory.find(Staff, new_id(name))
        assert staff is not None
        staff.record(self.act(name), "role_granted", role=role, org=org)
        self.memory.append(map(hashed, staff.collect_events()))

    def work(self, name: str) -> Work:
        work = super().work(name)
        work.documents = cast("Any", SimpleNamespace(put=self.put, get=self.documents.__getitem__))
        return work

    def put(self, text: str) -> str:
        name = sha256(text.encode()).hexdigest()
        self.documents[name] = text
        return name

    def give_all(self, name: str, *commands: Command) -> None:
        for command in commands:
            self.give(name, command)

    # -- what comes before -------------------------------------------------------------------------------

    def agreement(self, start: str = "2026-03-01", until: str = "2026-12-31", *, signed: bool = True) -> str:
        arguments = {"number": "PKS/1", "parties": [self.blk, self.site], "start": start, "until": until}
        found = str(self.give("admin", DraftAgreement.model_validate(arguments))["agreement"])
        if signed:
            self.give("issuer", SignAgreement(agreement=found))
            self.give("approver", SignAgreement(agreement=found))
        return found

    def drafted_scheme(self, **changes: Any) -> str:
        arguments: dict[str, Any] = {
            "code": "SKM/1",
            "trade": "LAS",
            "title_id": "Juru Las",
            "title_en": "Welder",
            "level": 2,
            "total_jp": 30,
            "body": self.other,
            "units": units(10, 20),
        }
        return str(self.give("admin", DraftScheme(**arguments | changes))["scheme"])

    def approval(self, scheme: str, **changes: Any) -> ApproveScheme:
        arguments: dict[str, Any] = {
            "scheme": scheme,
            "version": 1,
            "award_rule": "ALL_UNITS",
            "validity_months": 36,
            "unit_statement": True,
            "total_jp": 30,
        }
        return ApproveScheme(**arguments | changes)

    def approved_scheme(self) -> str:
        scheme = self.drafted_scheme()
        self.give("issuer", self.approval(scheme))
        return scheme

    def proposed(self) -> str:
        command = ProposeProgramme(facility=self.site, code="LAS-II", trade="LAS", min_attendance_pct=80)
        return str(self.give("liaison", command)["programme"])

    def ready_programme(self) -> str:
        programme = self.proposed()
        self.give_all(
            "admin",
            RecordNeed(programme=programme, source="A survey", occupation="A welder", demand=5),
            OfferInstructors(programme=programme, instructors=[new_id("teacher")]),
            AdoptScheme(programme=programme, scheme=self.approved_scheme(), version=1),
        )
        return programme

    def plan(self, **changes: Any) -> PlanCohort:
        arguments: dict[str, Any] = {
            "site": self.site,
            "capacity": 2,
            "start": "2026-03-02",
            "end": "2026-03-31",
            "jp_per_day": 8,
        }
        return PlanCohort.model_validate(arguments | changes)

    def planned(self) -> str:
        command = self.plan(programme=self.ready_programme(), agreement=self.agreement())
        return str(self.give("admin", command)["cohort"])

    def review(self, *, passed: bool = True, until: str | None = "2026-09-01") -> str:
        review = str(self.give("liaison", StartFacilityReview(site=self.site, provider=self.blk))["review"])
        self.give(
            "liaison",
            AssessItems(review=review, items=[ItemArgument(item="FAC-1", passed=passed, critical=True)]),
        )
        arguments = {"review": review, "outcome": "READY" if passed else "NOT_READY", "valid_until": until}
        for name in ("liaison", "admin"):
            self.give(name, ConcludeFacilityReview.model_validate(arguments))
        return review
