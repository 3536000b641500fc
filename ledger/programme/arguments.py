"""The shapes of the arguments of the file's own commands.

A file speaks of people and kinds (``person``, ``kind``, ``copy``); the ledger's commands speak of ids.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ledger.programme.persons import Kind
from ledger.programme.values import (
    AgreementRef,
    CohortRef,
    Day,
    Note,
    OrgRef,
    PersonRef,
    ProgrammeRef,
    Ref,
    Role,
    SchemeRef,
    StaffRef,
    Strict,
)

Result = Literal["K", "BK"]


class Args(Strict):
    """What any command may say of its subject."""

    person: PersonRef | None = None
    cohort: CohortRef | None = None
    note: Note | None = None


class TwoPersons(Args):
    """A two-person act: the request by ``requested_by`` (else by ``by``), the act by ``approved_by``."""

    requested_by: StaffRef | None = None
    approved_by: StaffRef | None = None


class OnCertificate(Args):
    """An act on the person's newest certificate of a kind, or the ``nth``."""

    kind: Kind = "COMPETENCE"
    nth: Annotated[int, Field(ge=1)] | None = None


class WithReason(OnCertificate):
    """… for a reason."""

    reason: str


class Revocation(WithReason, TwoPersons):
    """Revoking takes two."""


class Printing(OnCertificate):
    """A printed copy."""

    copy_number: Annotated[int, Field(alias="copy")]
    reason: str
    previous_copy_accounted: bool = False
    blanko_serial: str | None = None


class Issuing(Args):
    """Issuing to the person; ``number_of`` takes the number of another's certificate."""

    issuer: StaffRef | None = None
    number_of: PersonRef | None = None
    number: str | None = None


class UnitIssuing(Issuing):
    """… for these units."""

    units: list[str] | None = None


class IdentityCorrection(TwoPersons):
    """Another value for a field of the person."""

    field: str
    old: str | None = None
    new: str


class Reassessment(Args):
    """Units and their new results, in the same order."""

    units: Annotated[list[str], Field(min_length=1)]
    results: list[Result] | Literal["ALL_K"] = "ALL_K"


class Renewal(Args):
    """All units: ALL_K, or a result each in the scheme's order."""

    kind: Kind = "COMPETENCE"
    results: list[Result] | Literal["ALL_K"] = "ALL_K"


class Decision(Args):
    """A certification decision."""

    decider: StaffRef | None = None
    units: Literal["ALL"] | list[str] = "ALL"
    plenary: str | None = None


class Assessor(Args):
    """Who is to assess."""

    assessor: StaffRef


class Results(Args):
    """One unit's result; without ``evidence`` the demo invents a document."""

    unit: str
    result: Result = "K"
    evidence: list[Any] | None = None


class UnitCorrection(Args):
    """A result that was recorded by mistake."""

    unit: str
    result: Result


class Appealing(Args):
    """An appeal; without ``ground`` the first of the list."""

    ground: str | None = None


class Panel(Args):
    """Who hears the appeal."""

    panel: Annotated[list[str], Ref("staff"), Field(min_length=1)]


class AppealOutcome(Args):
    """The appeal's end."""

    outcome: Literal["UPHELD", "REJECTED"]
    remedy: Literal["UNIT_RESULT_CHANGED", "REASSESSMENT"] | None = None
    unit: str | None = None
    units: list[str] | None = None
    result: Result | None = None


class Merge(TwoPersons):
    """``duplicate`` is another entry of the person."""

    duplicate: PersonRef


class SubjectRequest(Args):
    """A request about the person's data."""

    kind: Literal["ACCESS", "CORRECTION", "ERASURE", "RETENTION"] = "ERASURE"


class Reason(Args):
    """An act for a reason."""

    reason: str


class Erasure(TwoPersons):
    """The classes whose data are destroyed."""

    classes: Annotated[list[str], Field(min_length=1)]


class Context(Args):
    """Other circumstances of the training."""

    context: str
    continues_at: OrgRef | None = None


class Transfer(Args):
    """The place the learner goes to."""

    to: OrgRef | None = None
    reason: str


class Move(Args):
    """From one cohort to another."""

    from_: Annotated[str | None, Ref("cohort"), Field(alias="from")] = None
    to: CohortRef


class Resumption(Args):
    """The cohort in which who was transferred out goes on."""

    to: CohortRef | None = None


class Outcome(Args):
    """What became of the person."""

    outcome: str
    consent: bool


class Confirmation(Args):
    """A seat; ``consent`` null says that the notice was not acknowledged."""

    consent: bool | None = True


class Attendance(Args):
    """Hours of one session."""

    date: Day
    jp: int


class Registration(Args):
    """A person to register, or to register again; ``environment`` says as what ledger it is decided."""

    nik: str | None = None
    full_name: str | None = None
    environment: Literal["demo", "production"] = "demo"


class Planning(Args):
    """A cohort to plan."""

    programme: ProgrammeRef
    agreement: AgreementRef | None = None
    site: OrgRef | None = None
    start: Day
    end: Day
    capacity: int | None = None
    jp_per_day: int | None = None


class RoleGrant(TwoPersons):
    """A role for a member of staff."""

    staff: StaffRef
    role: Role
    org: OrgRef | None = None


class ExceptionAsked(TwoPersons):
    """A rule to be lifted for members of staff and, to narrow it, for people."""

    rule: str
    scope: Annotated[list[str], Field(min_length=1)]
    risk: str
    until: Day


class Credit(Args):
    """Hours of a unit gained elsewhere."""

    unit: str
    jp: int
    evidence: str | None = None


class AgreementDraft(Args):
    """An agreement to draft."""

    parties: Annotated[list[str], Ref("organisation"), Field(min_length=2, max_length=2)]
    number: str | None = None
    start: Day | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    signed_on: Day | None = None
    until: Day | None = None
    valid_until: Day | None = None


class Copy(OnCertificate):
    """A printed copy."""

    copy_number: Annotated[int, Field(alias="copy")] = 1


class TemplateText(Args):
    """A template's text."""

    kind: Kind = "TRAINING"
    text: str


class SchemeApproval(Args):
    """An approval; what is not given is what the file says of the scheme."""

    scheme: SchemeRef
    total_jp: int | None = None


class Curriculum(Args):
    """A change of a programme's curriculum."""

    programme: ProgrammeRef
