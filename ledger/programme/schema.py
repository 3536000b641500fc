"""The shape of a programme file: one model for each kind of object in it, and nothing else is admitted.

The file's own ``_about`` says how it is read. What one object alone can show is checked here; what needs two is
in ``references``. Optional members are those that say something about some rows only.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from ledger.commands.custody import OrganisationKind
from ledger.issuing.number import check_format
from ledger.programme.values import (
    AgreementRef,
    Code,
    CohortRef,
    Day,
    Key,
    Moment,
    Name,
    Nik,
    Note,
    OrgRef,
    PersonRef,
    ProgrammeRef,
    ReasonCode,
    Ref,
    Role,
    StaffRef,
    Strict,
    Text,
    Zone,
)

Kind = Literal["TRAINING", "COMPETENCE", "UNIT_STATEMENT"]
NumberFormat = Annotated[Text, AfterValidator(check_format)]
Jp = Annotated[int, Field(ge=0, le=10_000)]
SessionJp = Annotated[int, Field(ge=1, le=24)]


class Organisation(Strict):
    """An organisation; without ``public_name`` its name is never public."""

    org_id: Key
    kind: OrganisationKind
    name: Text
    public_name: Text | None = None
    public: bool = False
    licence_no: Code | None = None
    note: Note | None = None


class StaffMember(Strict):
    """An account; ``same_person_as`` names another account of the same human. ``field`` may be a comma list."""

    staff_id: Key
    name: Name
    roles: Annotated[list[Role], Field(min_length=1, max_length=14)]
    org_id: OrgRef | None = None
    title: Text | None = None
    field: Text | None = None
    met_no: Annotated[Text | None, Field(max_length=40)] = None
    licence_valid_until: Day | None = None
    same_person_as: StaffRef | None = None
    note: Note | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The trades of this person."""
        return tuple(part.strip() for part in (self.field or "").split(",") if part.strip())


class Scheme(Strict):
    """A scheme's version and the body's award rule."""

    scheme_id: Key
    scheme_code: Code
    version: Annotated[int, Field(ge=1)]
    scheme_code_verified: bool = False
    award_rule: Literal["ALL_UNITS", "CLUSTER"]
    validity_months: Annotated[int, Field(ge=1, le=600)]
    approved_on: Day
    unit_statement: bool = False
    note: Note | None = None


class Unit(Strict):
    """A unit of competency."""

    unit_code: Code
    title_id: Text
    title_en: Text
    jp: Jp
    unit_type: Literal["core", "elective"]
    verified: bool = False
    source: Note | None = None
    source_count: int | None = None
    skkni_decree: Text
    note: Note | None = None


class NonUnit(Strict):
    """Training hours outside any unit."""

    title_id: Text
    title_en: Text
    jp: Jp


class Need(Strict):
    """The labour market's need."""

    recorded_on: Day
    source: Text
    occupation: Text
    demand: Annotated[int, Field(ge=1, le=10_000_000)]


class TrainingProgramme(Strict):
    """A programme with its scheme and curriculum."""

    programme_id: Key
    code: Code
    title_id: Text
    title_en: Text
    kkni_level: Annotated[int, Field(ge=1, le=9)]
    sector: Text | None = None
    scheme: Scheme
    min_units_for_award: Annotated[int, Field(ge=1, le=100)] | None = None
    units: Annotated[list[Unit], Field(min_length=1, max_length=60)]
    non_unit: Annotated[list[NonUnit], Field(max_length=50)] = []
    total_jp: Annotated[int, Field(ge=1, le=100_000)]
    jp_minutes: Annotated[int, Field(ge=1, le=120)] = 45
    training_days: int | None = None
    min_attendance_pct: Annotated[int, Field(ge=0, le=100)]
    min_attendance_pct_source: Note | None = None
    need: Need
    instructors_offered: Annotated[list[str], Ref("staff"), Field(min_length=1, max_length=100)]
    tags: Annotated[list[ReasonCode], Field(max_length=50)] = []
    caution: Note | None = None
    note: Note | None = None

    @property
    def unit_codes(self) -> tuple[str, ...]:
        """The units' codes in order."""
        return tuple(unit.unit_code for unit in self.units)


class Agreement(Strict):
    """The agreement of two organisations; its first day is the day it is signed."""

    agreement_id: Key
    number: Code
    parties: Annotated[list[str], Ref("organisation"), Field(min_length=2, max_length=2)]
    signed_on: Day
    valid_until: Day
    note: Note | None = None


class CohortDates(Strict):
    """The days of a cohort's way, but for its sessions."""

    planned: Day
    enrolment_opened: Day
    selected: Day
    confirmed: Day
    pre_assessment: Day
    assessed: Annotated[list[Day], Field(min_length=1, max_length=60)]
    decided: Day
    appeal_until: Day | None = None
    issued: Day


class Cohort(Strict):
    """A cohort. A cancelled one may lack what it takes from the cohort that its displaced persons move to."""

    cohort_id: Key
    programme_id: ProgrammeRef
    agreement_id: AgreementRef | None = None
    delivery_site_org_id: OrgRef | None = None
    public_provider_org_id: OrgRef | None = None
    capacity: Annotated[int, Field(ge=1, le=1000)]
    start: Day | None = None
    end: Day | None = None
    session_dates: Annotated[list[Day], Field(min_length=1, max_length=400)] | None = None
    jp_per_day: SessionJp | None = None
    instructors: Annotated[list[str] | None, Ref("staff")] = None
    assessors: Annotated[list[str] | None, Ref("staff")] = None
    assessment_supervisor: StaffRef | None = None
    assessment_site_org_id: OrgRef | None = None
    deciders: Annotated[list[str] | None, Ref("staff")] = None
    funding: Text | None = None
    dates: CohortDates | None = None
    status: Literal["CANCELLED"] | None = None
    cancel_reason: ReasonCode | None = None
    cancelled_on: Day | None = None
    displaced: Annotated[list[str], Ref("person")] = []
    note: Note | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it never took place, or not to its end."""
        return self.status is not None


class Private(Strict):
    """What is known of a person; none of it enters the log."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)

    full_name: Name
    sex: Literal["L", "P"] | None = None
    birth_date: Day | None = None
    birth_place: Text | None = None
    nik: Nik = None
    nik_status: ReasonCode | None = None
    register_no: Annotated[Text | None, Field(alias="inmate_register_no")] = None
    facility_org_id: OrgRef | None = None
    last_education: Text | None = None
    photo_ref: Text | None = None
    name_at_issue: Name | None = None
    correct_name: Name | None = None
    alt_identity: Text | None = None
    passport: Text | None = None
    nationality: Text | None = None

    @property
    def registered_name(self) -> str:
        """The name under which the person is registered first."""
        return self.name_at_issue or self.full_name


class UnitResult(Strict):
    """A unit's result and what became of it: ``K``, ``BK``, ``BK>K``, ``BK>APPEAL_K``, ``K>CORRECTED_BK`` …"""

    unit_code: Code
    result: Annotated[
        str,
        Field(pattern=r"^(K|BK)(>(K|BK|APPEAL|APPEAL_K|APPEAL_BK|CORRECTED_K|CORRECTED_BK)){0,8}$"),
    ]

    @property
    def first(self) -> str:
        """The result of the first assessment."""
        return self.result.partition(">")[0]


class FileStep(Strict):
    """What happens to a person out of the ordinary: a command on a day, by a member of staff."""

    on: Day
    by: StaffRef
    command: Annotated[str, Field(min_length=1, max_length=60)]
    args: dict[str, Any] = {}
    note: Note | None = None


class ExpectedCertificate(Strict):
    """A certificate that the person must have got, and its public status at ``as_of``."""

    kind: Kind
    status: ReasonCode
    copies: Annotated[int, Field(ge=0, le=1000)] = 1
    units: Annotated[int, Field(ge=0, le=60)] | None = None


class Learner(Strict):
    """A person who goes through a cohort. ``steps`` say where their way differs from the ordinary one."""

    person_id: Key
    enrolment_id: Key
    cohort_id: CohortRef
    scenario: Text | None = None
    private: Private
    attendance_jp: Annotated[int, Field(ge=0, le=100_000)]
    attendance_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    unit_results: Annotated[list[UnitResult], Field(max_length=60)] = []
    expected_final: Text | None = None
    steps: Annotated[list[FileStep], Field(max_length=200)] = []
    certificates: Annotated[list[ExpectedCertificate], Field(max_length=50)] = []
    note: Note | None = None


class ExtraPerson(Strict):
    """A person who is registered and never confirmed: another entry of someone, or one for whom no seat is left."""

    person_id: Key
    duplicates: PersonRef | None = None
    cohort_id: CohortRef | None = None
    scenario: Text | None = None
    private: Private
    note: Note | None = None


class ChecklistItem(Strict):
    """An item that a facility review looks at; ``applies_to`` programmes or ``*``."""

    item_id: Code
    text_id: Text
    text_en: Text
    critical: bool
    applies_to: Annotated[list[str], Field(min_length=1, max_length=100)]
    answer: Text | None = None


class FacilityReview(Strict):
    """A review of a site: what failed, what was concluded, who signed."""

    review_id: Key
    date: Day
    failed: list[str] = []
    outcome: Literal["READY", "CONDITIONAL", "NOT_READY"]
    valid_until: Day | None = None
    site_org_id: OrgRef
    signed_by: Annotated[list[str], Ref("staff"), Field(min_length=2, max_length=2)]
    note: Note | None = None


class CalendarEntry(Strict):
    """What happened, for people."""

    date: Day
    kind: Text
    text: Note | None = None


class Holiday(Strict):
    """A day on which nobody works."""

    date: Day
    name: Text | None = None


class ReasonCodes(Strict):
    """The reason codes that each act may give, and those that may never be."""

    enrolment_close: list[ReasonCode]
    certificate_revoke: list[ReasonCode]
    certificate_suspend: list[ReasonCode]
    certificate_supersede: list[ReasonCode]
    print_copy: list[ReasonCode]
    appeal_ground: Annotated[list[ReasonCode], Field(min_length=1)]
    cohort_cancel: list[ReasonCode]
    must_never_exist: list[ReasonCode] = []


class PublicVerification(Strict):
    """What the public may see and what it never sees."""

    allow: list[str] = []
    deny_match: Note | None = None
    deny_words: Annotated[list[Text], Field(max_length=1000)]
    statuses: list[str] = []
    examples: list[dict[str, Any]] = []


class NumberFormats(Strict):
    """Number formats by kind; the other members say what is never generated."""

    training_certificate: NumberFormat
    competence_certificate_display: NumberFormat
    unit_statement: NumberFormat
    registration_no: Note | None = None
    blanko_serial: Note | None = None
    verification_token: Note | None = None
    placeholders: Note | None = None


class NegativeTest(Strict):
    """A command that must be refused with ``expect_error``; ``before`` puts it just before what it forestalls."""

    id: Key
    on: Day
    before: bool = False
    by: StaffRef
    command: Annotated[str, Field(min_length=1, max_length=60)]
    args: dict[str, Any] = {}
    expect_error: ReasonCode
    note: Note | None = None


class StatusCheck(Strict):
    """The public status of a person's nth certificate of a kind at a moment."""

    at: Moment
    person: PersonRef
    kind: Kind
    nth: Annotated[int, Field(ge=1, le=50)]
    status: ReasonCode


class ProgrammeFile(Strict):
    """A whole programme."""

    about: Annotated[dict[str, Any], Field(alias="_about")] = {}
    as_of: Day
    time_zone: Zone
    organisations: Annotated[list[Organisation], Field(min_length=1, max_length=1000)]
    staff: Annotated[list[StaffMember], Field(min_length=2, max_length=10_000)]
    programmes: Annotated[list[TrainingProgramme], Field(max_length=1000)]
    agreement: Agreement | None = None
    cohorts: Annotated[list[Cohort], Field(max_length=10_000)]
    learners: Annotated[list[Learner], Field(max_length=100_000)]
    learners_extra: Annotated[list[ExtraPerson], Field(max_length=100_000)] = []
    facility_checklist: Annotated[list[ChecklistItem], Field(max_length=300)] = []
    facility_reviews: Annotated[list[FacilityReview], Field(max_length=10_000)] = []
    calendar: Annotated[list[CalendarEntry], Field(max_length=10_000)] = []
    holidays: Annotated[list[Holiday], Field(max_length=10_000)] = []
    reason_codes: ReasonCodes
    public_verification: PublicVerification
    number_formats: NumberFormats
    negative_tests: Annotated[list[NegativeTest], Field(max_length=10_000)] = []
    status_checks: Annotated[list[StatusCheck], Field(max_length=100_000)] = []
