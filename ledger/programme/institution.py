"""The shape of a programme file's institutions: organisations, staff, programmes, the agreement, cohorts, reviews.

Optional members are those that say something about some rows only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ledger.commands.custody import OrganisationKind
from ledger.programme.values import (
    AgreementRef,
    Code,
    Day,
    Key,
    Name,
    Note,
    OrgRef,
    ProgrammeRef,
    ReasonCode,
    Ref,
    Role,
    StaffRef,
    Strict,
    Text,
)

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
    non_unit: Annotated[list[NonUnit], Field(max_length=50, default_factory=list)]
    total_jp: Annotated[int, Field(ge=1, le=100_000)]
    jp_minutes: Annotated[int, Field(ge=1, le=120)] = 45
    training_days: int | None = None
    min_attendance_pct: Annotated[int, Field(ge=0, le=100)]
    min_attendance_pct_source: Note | None = None
    need: Need
    instructors_offered: Annotated[list[str], Ref("staff"), Field(min_length=1, max_length=100)]
    tags: Annotated[list[ReasonCode], Field(max_length=50, default_factory=list)]
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
    status: ReasonCode | None = None
    cancel_reason: ReasonCode | None = None
    cancelled_on: Day | None = None
    displaced: Annotated[list[str], Ref("person"), Field(default_factory=list)]
    note: Note | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it never took place, or not to its end."""
        return self.status == "CANCELLED"


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
    failed: Annotated[list[str], Field(default_factory=list)]
    outcome: Literal["READY", "CONDITIONAL", "NOT_READY"]
    valid_until: Day | None = None
    site_org_id: OrgRef
    signed_by: Annotated[list[str], Ref("staff"), Field(min_length=2, max_length=2)]
    note: Note | None = None
