"""The shape of a programme file's people: who they are, their ways, what they must end with, what must be refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from ledger.programme.values import (
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
    ReasonCode,
    StaffRef,
    Strict,
    Text,
)

Kind = Literal["TRAINING", "COMPETENCE", "UNIT_STATEMENT"]


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
    args: Annotated[dict[str, Any], Field(default_factory=dict)]
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
    unit_results: Annotated[list[UnitResult], Field(max_length=60, default_factory=list)]
    expected_final: Text | None = None
    steps: Annotated[list[FileStep], Field(max_length=200, default_factory=list)]
    certificates: Annotated[list[ExpectedCertificate], Field(max_length=50, default_factory=list)]
    note: Note | None = None


class ExtraPerson(Strict):
    """A person who is registered and never confirmed: another entry of someone, or one for whom no seat is left."""

    person_id: Key
    duplicates: PersonRef | None = None
    cohort_id: CohortRef | None = None
    scenario: Text | None = None
    private: Private
    note: Note | None = None


class NegativeTest(Strict):
    """A command that must be refused with ``expect_error``; ``before`` puts it just before what it forestalls."""

    id: Key
    on: Day
    before: bool = False
    by: StaffRef
    command: Annotated[str, Field(min_length=1, max_length=60)]
    args: Annotated[dict[str, Any], Field(default_factory=dict)]
    expect_error: ReasonCode
    note: Note | None = None


class StatusCheck(Strict):
    """The public status of a person's nth certificate of a kind at a moment."""

    at: Moment
    person: PersonRef
    kind: Kind
    nth: Annotated[int, Field(ge=1, le=50)]
    status: ReasonCode
