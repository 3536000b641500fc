"""A desk with a certification body beside the provider: its people, and a scheme of three units.

What is shared with training comes from ``Desk``; learners, attendance and results go through the commands.
"""

from datetime import UTC, date, datetime, time
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.commands.admissions import AdmitToAssessment, AssignAssessor
from ledger.commands.assessments import (
    Evidence,
    Recommend,
    RecordCertificationDecision,
    RecordUnitResult,
    UnitResult,
)
from ledger.commands.attendance import Attended, RecordAttendance
from ledger.commands.command import Command
from ledger.commands.enrolments import (
    AcknowledgeNotice,
    ApplyForEnrolment,
    CompleteEnrolment,
    ConfirmEnrolment,
    SelectEnrolment,
)
from ledger.commands.learners import ApproveMerge, ProposeMerge, RegisterLearner
from ledger.commands.work import Decision, Work
from ledger.domain.assessment import Assessment
from ledger.domain.certificate import Certificate
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.organisation import Organisation
from ledger.domain.programme import Programme
from ledger.domain.scheme import Scheme
from ledger.domain.staff import Staff
from ledger.domain.template import Template
from tests.domain.desk import ZONE, Desk, new_id
from tests.domain.history import hashed

UNITS = ("U.1", "U.2", "U.3")
DOCUMENT = "cd" * 32
KINDS = ("TRAINING", "COMPETENCE", "UNIT_STATEMENT")


class _Lookups:
    """The desk's memory with what certificates need of the projections, the personal store and its index."""

    def __init__(self, centre: "Centre") -> None:
        self._centre = centre
        self.index = SimpleNamespace(
            learner_of=centre.memory.niks.get,
            certificates_of=centre.linked,
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._centre.memory, name)

    def tracking(self, _related: object) -> "_Lookups":
        return self

    def last_seq(self, series: str) -> int:
        return max(
            (
                event.data["seq"]
                for stream in self._centre.memory.streams.values()
                for event in stream
                if event.name == "issued" and event.data["series"] == series
            ),
            default=0,
        )

    def certificate(self, certificate: str) -> Any:
        return SimpleNamespace(under_review=certificate in self._centre.under_review)

    def private_names(self, _personal: object) -> tuple[str, ...]:
        return ("Lapas Contoh",)


class Centre(Desk):
    """It is 2 March 2026 until ``at`` moves it; ``lsp`` is the body, in another zone than the ledger."""

    def __init__(
        self, *, award_rule: str = "ALL_UNITS", min_units: int | None = None, statement: bool = True
    ) -> None:
        super().__init__()
        self.rules = self.rules.model_copy(
            update={
                "reason_codes": self.rules.reason_codes.model_copy(
                    update={
                        "certificate_revoke": frozenset({"ISSUED_IN_ERROR", "FELONY", "PRISON_TERM"}),
                        "certificate_suspend": frozenset({"COMPLAINT_OPEN"}),
                        "certificate_supersede": frozenset({"NAME_CORRECTION", "UNIT_LIST_CORRECTION"}),
                        "appeal_ground": frozenset({"OTHER"}),
                    }
                ),
                "holidays": frozenset({date(2026, 3, 11)}),
            }
        )
        self.links: list[tuple[str, str, str]] = []
        self.codes: dict[str, str] = {}
        self.under_review: set[str] = set()
        self.lsp = new_id("lsp")
        self.begin(Organisation, "lsp").register(
            self.act("lsp"),
            kind="certification_body",
            public_name="LSP",
            zone="Asia/Jakarta",
            name={},
            licence=None,
        )
        for name, role, licence, twin in (
            ("supervisor", "assessment_supervisor", None, None),
            ("assessor", "assessor", ("LAS", "2026-12-31"), None),
            ("other assessor", "assessor", ("LAS", "2026-12-31"), None),
            ("expired assessor", "assessor", ("LAS", "2026-03-01"), None),
            ("foreign assessor", "assessor", ("SAYUR", "2026-12-31"), None),
            ("unlicensed", "assessor", None, None),
            ("teaching assessor", "assessor", ("LAS", "2026-12-31"), "teacher"),
            ("decider", "certification_decider", None, None),
            ("second decider", "certification_decider", None, None),
            ("assessor decides", "certification_decider", None, "assessor"),
            ("teacher decides", "certification_decider", None, "colleague"),
            ("certifier", "competence_issuer", None, None),
            ("second certifier", "competence_issuer", None, None),
            ("assessor certifies", "competence_issuer", None, "assessor"),
            ("panel", "appeal_panel", None, None),
            ("second panel", "appeal_panel", None, None),
            ("assessor hears", "appeal_panel", None, "assessor"),
            ("teacher hears", "appeal_panel", None, "teacher"),
            ("decider hears", "appeal_panel", None, "decider"),
            ("supervisor hears", "appeal_panel", None, "supervisor"),
            ("filer hears", "appeal_panel", None, "admin"),
        ):
            self.employ(name, role, self.lsp, licence=licence, twin=twin)
        self.trade = self.approved_scheme(
            "trade", "SKM/1", award_rule=award_rule, min_units=min_units, statement=statement
        )
        self.begin(Programme, "programme").propose(
            self.act("admin"),
            facility=None,
            code="PRG-LAS",
            trade="LAS",
            min_attendance_pct=80,
            minutes=None,
            sector=None,
        )
        self.templates = {kind: self._template(kind) for kind in KINDS}
        self.save()
        self._runs = 0

    # -- the scene ---------------------------------------------------------------------------------------

    def employ(
        self,
        name: str,
        role: str,
        org: str,
        *,
        licence: tuple[str, str] | None = None,
        twin: str | None = None,
    ) -> None:
        """A person, perhaps with a licence (trade, last day); ``twin`` is another account of theirs."""
        self.hire(name, role, org, twin)
        staff = self.memory.find(Staff, new_id(name))
        assert staff is not None
        act = self.act("custodian")
        staff.record(act, "role_granted", role=role, org=org)
        if licence:
            staff.record_licence(act, number={}, scope=[licence[0]], until=date.fromisoformat(licence[1]))
        self.memory.append(map(hashed, staff.collect_events()))

    def sit_at(self, name: str, org: str) -> None:
        """This person acts for another organisation from here on."""
        role, _ = self._people[name]
        self._people[name] = (role, org)

    def approved_scheme(
        self,
        name: str,
        code: str,
        *,
        award_rule: str = "ALL_UNITS",
        min_units: int | None = None,
        statement: bool = True,
    ) -> str:
        """An approved scheme of the body with this code."""
        scheme = self.begin(Scheme, name)
        units = [
            {
                "decree": "Kepmenaker 98/2018",
                "code": unit,
                "title_id": f"Judul {unit}",
                "title_en": f"Title {unit}",
                "jp": 10,
                "type": "core",
            }
            for unit in UNITS
        ]
        scheme.draft(
            self.act("admin"),
            code=code,
            trade="LAS",
            title_id="Juru Las",
            title_en="Welder",
            level=2,
            total_jp=40,
            jp_minutes=45,
            non_unit=[{"title_id": "a", "title_en": "b", "jp": 10}],
            provider=self.blk,
            body=self.lsp,
            units=units,
        )
        scheme.approve(
            self.act("issuer"),
            version=1,
            award_rule=award_rule,
            min_units=min_units,
            validity_months=36,
            unit_statement=statement,
            total_jp=40,
        )
        self.save()
        return scheme.aggregate_id

    def _template(self, kind: str) -> str:
        template = self.begin(Template, f"template {kind}")
        template.draft(self.act("admin"), kind=kind, text_hash="ee" * 32)
        template.approve(self.act("issuer"), version=1, text_hash="ee" * 32)
        return template.aggregate_id

    def at(self, day: str, clock: str = "09:00") -> None:
        """It is this time of this day in the ledger's zone."""
        self.now = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), ZONE).astimezone(UTC)

    def lift(self, rule: str, *scope: str) -> None:
        """An approved exception lifts this rule for these ids."""
        exception = self.begin(ImpartialityException, f"exception {rule} {scope}")
        exception.ask(
            self.act("supervisor"),
            rule=rule,
            scope=scope,
            risk="SMALL",
            until=datetime(2027, 1, 1, tzinfo=UTC),
        )
        exception.approve(self.act("decider"))
        self.save()

    # -- the desk's parts ----------------------------------------------------------------------------------

    def work(self, name: str) -> Work:
        work = super().work(name)
        lookups = cast("Any", _Lookups(self))
        work.queries, work.personal = lookups, lookups
        work._tags = cast(
            "Any",
            SimpleNamespace(
                provenance=lambda *parts: sha256(" ".join(str(part) for part in parts).encode()).hexdigest()
            ),
        )
        return work

    def linked(self, kind: str, target: str) -> list[str]:
        return [link[0] for link in self.links if link[1:] == (kind, target)]

    def _keep(self, decision: Decision) -> None:
        super()._keep(decision)
        self.links += [(link.certificate, link.kind, link.target) for link in decision.links]
        assert not set(decision.codes) & set(self.codes)
        self.codes.update(decision.codes)
        for event in self.last:
            assert UUID(event.originator_id.partition("/")[2]).version == 4

    def forget(self, subject: str, class_: str, *, in_log: bool = True) -> None:
        """Destroy a class of a subject's data, as the application does after ``data_destroyed``."""
        memory = self.memory
        memory.facts = [fact for fact in memory.facts if (fact.subject, fact.class_) != (subject, class_)]
        if in_log:
            memory.gone.add((subject, class_))
        if class_ == "provenance":
            self.links = [link for link in self.links if link[0] != subject.partition("/")[2]]

    # -- the way of a candidate ----------------------------------------------------------------------------

    def trained(self, name: str = "Siti Contoh", jp: int = 40, *, complete: bool = True) -> tuple[str, str]:
        """(learner, enrolment) after ``jp`` hours in five sessions of 8, taught by teacher and colleague."""
        self._runs += 1
        run = self.cohort(f"run {self._runs}", scheme=self.trade)
        learner = str(self.give("admin", RegisterLearner(full_name=name, nik=None))["learner"])
        enrolment = str(self.give("admin", ApplyForEnrolment(learner=learner, cohort=run))["enrolment"])
        self.give("approver", SelectEnrolment(enrolments=[enrolment]))
        self.give("admin", AcknowledgeNotice(enrolments=[enrolment], version="1"))
        self.give("admin", ConfirmEnrolment(learner=learner, cohort=run))
        self.start(run)
        now = self.now
        self.at("2026-03-07")
        for day in range(2, 7):
            entry = Attended(enrolment=enrolment, jp=max(0, min(8, jp - 8 * (day - 2))))
            self.give("teacher", RecordAttendance(cohort=run, on=date(2026, 3, day), entries=[entry]))
        if complete:
            self.give("admin", CompleteEnrolment(enrolments=[enrolment]))
        self.now = max(now, self.now)
        return learner, enrolment

    def admitted(self, name: str = "Siti Contoh", assessor: str | None = "assessor") -> str:
        """An assessment of a candidate, with its assessor unless None."""
        _, enrolment = self.trained(name)
        assessment = str(self.give("supervisor", AdmitToAssessment(enrolment=enrolment))["assessment"])
        if assessor:
            self.assign(assessment, assessor)
        return assessment

    def assign(self, assessment: str, assessor: str) -> None:
        self.give("supervisor", AssignAssessor(assessment=assessment, assessor=new_id(assessor)))

    def record(self, assessment: str, results: dict[str, str], by: str = "assessor") -> None:
        self.give(by, results_of(assessment, results))

    def recommended(self, results: str = "K K K", name: str = "Siti Contoh") -> str:
        """A recommended assessment with these results of U.1, U.2 and U.3."""
        assessment = self.admitted(name)
        self.record(assessment, dict(zip(UNITS, results.split(), strict=True)))
        self.give("assessor", Recommend(assessment=assessment))
        return assessment

    def decided(self, results: str = "K K K", name: str = "Siti Contoh") -> str:
        """A decided assessment."""
        assessment = self.recommended(results, name)
        self.give("decider", RecordCertificationDecision(assessment=assessment))
        return assessment

    def merge(self, duplicate: str, into: str) -> None:
        request = self.give("admin", ProposeMerge(learner=duplicate, into=into))["request"]
        self.give("privacy", ApproveMerge(learner=duplicate, request=request))

    def assessment(self, assessment: str) -> Assessment:
        found = self.memory.find(Assessment, assessment)
        assert found is not None
        return found

    def certificate(self, certificate: str) -> Certificate:
        found = self.memory.find(Certificate, certificate)
        assert found is not None
        return found

    def issue(self, by: str, command: Command) -> str:
        """Give an issuing command; the certificate's id."""
        return str(self.give(by, command)["certificate"])


def results_of(assessment: str, results: dict[str, str]) -> RecordUnitResult:
    """Results, each on a new document."""
    evidence = [Evidence(kind="FORM", sha256=DOCUMENT)]
    return RecordUnitResult(
        assessment=assessment,
        results=[
            UnitResult.model_validate({"unit": unit, "result": result, "evidence": evidence})
            for unit, result in results.items()
        ],
    )


LSP_ZONE = ZoneInfo("Asia/Jakarta")
