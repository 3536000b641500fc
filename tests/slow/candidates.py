"""Many candidates at once, by the ordinary commands: a school with its people, cohorts, decisions.

For races and kills, which need hundreds of decisions to issue for. All of it happens on one day: a scheme of
one unit, one session, ordinary trainees at the provider's own site.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from ledger.commands.admissions import AdmitToAssessment, AssignAssessor
from ledger.commands.assessments import (
    Evidence,
    Recommend,
    RecordCertificationDecision,
    RecordUnitResult,
    UnitResult,
)
from ledger.commands.attendance import Attended, RecordAttendance
from ledger.commands.cohorts import (
    AssignInstructor,
    OpenEnrolment,
    PlanCohort,
    ScheduleSessions,
    SessionArgument,
    StartCohort,
)
from ledger.commands.command import Command
from ledger.commands.enrolments import (
    AcknowledgeNotice,
    ApplyForEnrolment,
    CompleteEnrolment,
    ConfirmEnrolment,
    SelectEnrolment,
)
from ledger.commands.facilities import AssessItems, ConcludeFacilityReview, ItemArgument, StartFacilityReview
from ledger.commands.learners import RegisterLearner
from ledger.commands.programmes import AdoptScheme, OfferInstructors, ProposeProgramme, RecordNeed
from ledger.commands.schemes import (
    ApproveScheme,
    ApproveTemplate,
    DraftScheme,
    DraftTemplate,
    NonUnitArgument,
    UnitArgument,
)
from ledger.commands.staff import RecordLicence
from ledger.domain.roles import Role
from tests.houses import START, Office

HOURS = 24
UNIT = "U.1"
TEMPLATE = "#text[Sertifikat]"
LARGEST = 100
"""Candidates in one cohort."""

TODAY = START.date()


class School:
    """A provider and a body whose people give commands on the ledger of ``place``."""

    def __init__(self, place: Office) -> None:
        self.place = place
        self.titles: dict[str, tuple[Role, str]] = {}
        self.blk = place.organisation("training_provider", "BLK Contoh")
        self.lsp = place.organisation("certification_body", "LSP Contoh")
        self.admin = self.hire(Role.TRAINING_ADMIN, self.blk)
        self.issuer = self.hire(Role.TRAINING_ISSUER, self.blk)
        self.instructor = self.hire(Role.INSTRUCTOR, self.blk)
        self.supervisor = self.hire(Role.ASSESSMENT_SUPERVISOR, self.lsp)
        self.assessor = self.hire(Role.ASSESSOR, self.lsp)
        self.decider = self.hire(Role.CERTIFICATION_DECIDER, self.lsp)
        until = TODAY + timedelta(days=700)
        place.custody(RecordLicence(staff=self.assessor, number="MET.1", scope=["LAS"], until=until))
        self.scheme = self._scheme()
        self.programme = self._programme()
        for kind in ("TRAINING", "COMPETENCE"):
            self._template(kind)
        self._review()

    def hire(self, role: Role, org: str) -> str:
        """One more person in this role."""
        staff = self.place.person((role, org))
        self.titles[staff] = (role, org)
        return staff

    def give(self, staff: str, command: Command, key: str | None = None) -> dict[str, str]:
        """A command of one of the school's people; its result."""
        role, org = self.titles[staff]
        return dict(self.place.give(staff, role, org, command, key).result)

    def _scheme(self) -> str:
        unit = UnitArgument(
            decree="D 1/2020", code=UNIT, title_id="Las", title_en="Welding", jp=HOURS - 4, type="core"
        )
        draft = DraftScheme(
            code="SKM/1",
            trade="LAS",
            title_id="Juru Las",
            title_en="Welder",
            level=2,
            total_jp=HOURS,
            non_unit=(NonUnitArgument(title_id="Keselamatan", title_en="Safety", jp=4),),
            body=self.lsp,
            units=(unit,),
        )
        scheme = self.give(self.admin, draft)["scheme"]
        approval = ApproveScheme(
            scheme=scheme,
            version=1,
            award_rule="ALL_UNITS",
            validity_months=36,
            unit_statement=True,
            total_jp=HOURS,
        )
        self.give(self.issuer, approval)
        return scheme

    def _programme(self) -> str:
        proposal = ProposeProgramme(code="LAS-1", trade="LAS", min_attendance_pct=80)
        programme = self.give(self.admin, proposal)["programme"]
        for command in (
            RecordNeed(programme=programme, source="A survey", occupation="A welder", demand=1),
            OfferInstructors(programme=programme, instructors=[self.instructor]),
            AdoptScheme(programme=programme, scheme=self.scheme, version=1),
        ):
            self.give(self.admin, command)
        return programme

    def _template(self, kind: str) -> None:
        draft = DraftTemplate.model_validate({"kind": kind, "text": TEMPLATE})
        template = self.give(self.admin, draft)["template"]
        self.give(self.issuer, ApproveTemplate(template=template, version=1, text=TEMPLATE))

    def _review(self) -> None:
        started = StartFacilityReview(site=self.blk, provider=self.blk)
        review = self.give(self.admin, started)["review"]
        items = [ItemArgument(item="I-1", passed=True, critical=True)]
        self.give(self.admin, AssessItems(review=review, items=items))
        until = TODAY + timedelta(days=200)
        for staff in (self.admin, self.issuer):
            self.give(staff, ConcludeFacilityReview(review=review, outcome="READY", valid_until=until))

    # -- candidates ----------------------------------------------------------------------------------------

    def cohort(self, capacity: int) -> str:
        """A cohort that takes applications."""
        planned = PlanCohort(
            programme=self.programme,
            site=self.blk,
            capacity=capacity,
            start=TODAY,
            end=TODAY + timedelta(days=1),
            jp_per_day=HOURS,
        )
        cohort = self.give(self.admin, planned)["cohort"]
        for command in (
            AssignInstructor(cohort=cohort, instructor=self.instructor),
            ScheduleSessions(cohort=cohort, sessions=(SessionArgument(date=TODAY),)),
            OpenEnrolment(cohort=cohort),
        ):
            self.give(self.admin, command)
        return cohort

    def selected(self, cohort: str, count: int, name: str = "Peserta Contoh") -> tuple[list[str], list[str]]:
        """(learners, enrolments) of people who were selected for the cohort and have read the notice."""
        learners, enrolments = [], []
        for number in range(count):
            learner = self.give(self.admin, RegisterLearner(full_name=f"{name} {number}"))["learner"]
            applied = self.give(self.admin, ApplyForEnrolment(learner=learner, cohort=cohort))
            learners.append(learner)
            enrolments.append(applied["enrolment"])
        self.give(self.admin, SelectEnrolment(enrolments=enrolments))
        self.give(self.admin, AcknowledgeNotice(enrolments=enrolments, version="1"))
        return learners, enrolments

    def completed(self, count: int, told: Callable[[int], None] = lambda _done: None) -> list[str]:
        """Enrolments of people who completed their training."""
        found: list[str] = []
        while len(found) < count:
            size = min(LARGEST, count - len(found))
            cohort = self.cohort(size)
            learners, enrolments = self.selected(cohort, size)
            for learner in learners:
                self.give(self.admin, ConfirmEnrolment(learner=learner, cohort=cohort))
            self.give(self.admin, StartCohort(cohort=cohort))
            entries = [Attended(enrolment=enrolment, jp=HOURS) for enrolment in enrolments]
            self.give(self.instructor, RecordAttendance(cohort=cohort, on=TODAY, entries=entries))
            self.give(self.admin, CompleteEnrolment(enrolments=enrolments))
            found += enrolments
            told(len(found))
        return found

    def decided(self, count: int, told: Callable[[int], None] = lambda _done: None) -> list[str]:
        """Assessments with a decision that earns the award and no certificate yet."""
        found = []
        results = [
            UnitResult(unit=UNIT, result="K", evidence=[Evidence(kind="FORM", sha256="cd" * 32)]),
        ]
        for enrolment in self.completed(count):
            supervise, assess = partial(self.give, self.supervisor), partial(self.give, self.assessor)
            assessment = supervise(AdmitToAssessment(enrolment=enrolment))["assessment"]
            supervise(AssignAssessor(assessment=assessment, assessor=self.assessor))
            assess(RecordUnitResult(assessment=assessment, results=results))
            assess(Recommend(assessment=assessment))
            self.give(self.decider, RecordCertificationDecision(assessment=assessment))
            found.append(assessment)
            told(len(found))
        return found
