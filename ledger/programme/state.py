"""What a plan knows while it goes from day to day: where each person and each cohort stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ledger.programme.institution import Cohort, CohortDates, TrainingProgramme
from ledger.programme.persons import ExtraPerson, FileStep, Learner, Private

REOPENING = frozenset({"ReassessUnits", "DecideAppeal", "AssessForRenewal", "CorrectUnitResult"})
"""Commands after which a person is decided on and certified anew."""


@dataclass(slots=True)
class Attempt:
    """An assessment. ``stage``: admitted, assigned, recorded, recommended, decided, absent."""

    label: str
    units: tuple[str, ...]
    results: dict[str, str]
    stage: str = "admitted"
    assessor: str | None = None
    renews: bool = False
    ordered: tuple[str, ...] = ()


@dataclass(slots=True)
class Appeal:
    """An appeal. ``stage``: filed, accepted, heard, decided."""

    label: str
    stage: str = "filed"
    panel: tuple[str, ...] = ()


@dataclass(slots=True)
class Request:
    """A subject request."""

    label: str
    open: bool = True


@dataclass(slots=True)
class Course:
    """A cohort with all that it has, its own or taken from another. ``stage``: "", planned, open, running, over."""

    cohort: Cohort
    programme: TrainingProgramme
    place: str
    dates: CohortDates
    sessions: tuple[date, ...]
    site: str
    provider: str
    body: str
    supervisor: str
    at_facility: bool
    stage: str = ""

    @property
    def id(self) -> str:
        """The cohort's id in the file."""
        return self.cohort.cohort_id


@dataclass(slots=True)
class Person:
    """A person. ``stage``: "", registered, applied, selected, confirmed, completed, closed."""

    entry: Learner | ExtraPerson
    place: str
    cohort: str | None
    registered_with: str
    stage: str = ""
    left_jp: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    certificates: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The person's id in the file."""
        return self.entry.person_id

    @property
    def private(self) -> Private:
        """What is known of the person."""
        return self.entry.private

    @property
    def steps(self) -> list[FileStep]:
        """What the file says of the person's way."""
        return self.entry.steps if isinstance(self.entry, Learner) else []

    @property
    def attempt(self) -> Attempt | None:
        """The newest assessment."""
        return self.attempts[-1] if self.attempts else None

    def left_to_step(self, command: str, day: date) -> bool:
        """Whether a step from ``day`` on gives this command, so that the ordinary way does not.

        What comes after the person is assessed or decided on anew is another act.
        """
        for step in self.steps:
            if step.on >= day:
                if step.command == command:
                    return True
                if step.command in REOPENING:
                    return False
        return False

    def enough_hours(self, programme: TrainingProgramme) -> bool:
        """Whether the attendance meets the programme's threshold."""
        hours = self.entry.attendance_jp if isinstance(self.entry, Learner) else 0
        return hours * 1000 // programme.total_jp >= programme.min_attendance_pct * 10

    def results(self) -> dict[str, str]:
        """The results of the first assessment."""
        if isinstance(self.entry, Learner):
            return {each.unit_code: each.first for each in self.entry.unit_results}
        return {}


def earns(programme: TrainingProgramme, results: dict[str, str]) -> bool:
    """Whether these results meet the scheme's award rule."""
    competent = sum(results.get(unit) == "K" for unit in programme.unit_codes)
    return competent >= (programme.min_units_for_award or len(programme.units))
