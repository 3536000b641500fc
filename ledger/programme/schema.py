"""The shape of a programme file as a whole: these members and no others.

The file's own ``_about`` says how it is read. What one object alone can show is checked by its model; what needs
two is in ``references``.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from ledger.issuing.number import check_format
from ledger.programme.institution import (
    Agreement,
    ChecklistItem,
    Cohort,
    FacilityReview,
    Organisation,
    StaffMember,
    TrainingProgramme,
)
from ledger.programme.persons import ExtraPerson, Learner, NegativeTest, StatusCheck
from ledger.programme.values import Day, Note, ReasonCode, Strict, Text, Zone

NumberFormat = Annotated[Text, AfterValidator(check_format)]


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
    must_never_exist: Annotated[list[ReasonCode], Field(default_factory=list)]


class PublicVerification(Strict):
    """What the public may see and what it never sees."""

    allow: Annotated[list[str], Field(default_factory=list)]
    deny_match: Note | None = None
    deny_words: Annotated[list[Text], Field(max_length=1000)]
    statuses: Annotated[list[str], Field(default_factory=list)]
    examples: Annotated[list[dict[str, Any]], Field(default_factory=list)]


class NumberFormats(Strict):
    """Number formats by kind; the other members say what is never generated."""

    training_certificate: NumberFormat
    competence_certificate_display: NumberFormat
    unit_statement: NumberFormat
    registration_no: Note | None = None
    blanko_serial: Note | None = None
    verification_token: Note | None = None
    placeholders: Note | None = None


class ProgrammeFile(Strict):
    """A whole programme."""

    about: Annotated[dict[str, Any], Field(alias="_about", default_factory=dict)]
    as_of: Day
    time_zone: Zone
    organisations: Annotated[list[Organisation], Field(min_length=1, max_length=1000)]
    staff: Annotated[list[StaffMember], Field(min_length=2, max_length=10_000)]
    programmes: Annotated[list[TrainingProgramme], Field(max_length=1000)]
    agreement: Agreement | None = None
    cohorts: Annotated[list[Cohort], Field(max_length=10_000)]
    learners: Annotated[list[Learner], Field(max_length=100_000)]
    learners_extra: Annotated[list[ExtraPerson], Field(max_length=100_000, default_factory=list)]
    facility_checklist: Annotated[list[ChecklistItem], Field(max_length=300, default_factory=list)]
    facility_reviews: Annotated[list[FacilityReview], Field(max_length=10_000, default_factory=list)]
    calendar: Annotated[list[CalendarEntry], Field(max_length=10_000, default_factory=list)]
    holidays: Annotated[list[Holiday], Field(max_length=10_000, default_factory=list)]
    reason_codes: ReasonCodes
    public_verification: PublicVerification
    number_formats: NumberFormats
    negative_tests: Annotated[list[NegativeTest], Field(max_length=10_000, default_factory=list)]
    status_checks: Annotated[list[StatusCheck], Field(max_length=100_000, default_factory=list)]

    def first_cohort(self, learner: Learner) -> str:
        """The cohort that the person applies to: one that displaces them, where a move begins, else where they end."""
        displacing = (each.cohort_id for each in self.cohorts if learner.person_id in each.displaced)
        moves = (step.args.get("from") for step in learner.steps if step.command == "MoveEnrolment")
        return next(displacing, None) or next((str(start) for start in moves if start), learner.cohort_id)

    def source_of(self, cohort: Cohort) -> Cohort | None:
        """From which cohort a cancelled one takes what it lacks: where its displaced move to, else a sister."""
        others = {each.cohort_id: each for each in self.cohorts if not each.cancelled}
        for learner in self.learners:
            for step in learner.steps:
                if step.command == "MoveEnrolment" and self.first_cohort(learner) == cohort.cohort_id:
                    target = others.get(str(step.args.get("to")))
                    if target is not None:
                        return target
        return next((each for each in others.values() if each.programme_id == cohort.programme_id), None)
