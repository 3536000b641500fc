"""From a programme file to the ordered steps that the ledger is given, by the file's ``_about``.

Days come in order, and within a day ordinary acts, steps, negative tests. Nothing here knows one file's ids,
scenarios, places, zone, trades or dates. Founding and keys are the caller's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ledger.commands.catalogue import COMMANDS, QUERIES, load
from ledger.programme import ceremony, ordinary
from ledger.programme.beginning import courses_of, people_of
from ledger.programme.checking import wrong_arguments
from ledger.programme.persons import FileStep, StatusCheck
from ledger.programme.planner import Planner
from ledger.programme.problems import REFERENCE_UNKNOWN, VALUE_INVALID, Problem, ProgrammeFileError
from ledger.programme.reading import Programme
from ledger.programme.state import Person
from ledger.programme.step import ENROL_KEY, Step, references
from ledger.programme.ways import ANY_OTHER, WAYS

CEREMONY_BEGINS = time(9, 5)
LEFT_AT = time(17)


@dataclass(frozen=True, slots=True)
class CertificateDue:
    """A certificate that the file expects: ``label`` is its step's, ``nth`` counts the person's of this kind."""

    label: str
    person: str
    kind: str
    nth: int
    status: str
    copies: int
    units: int | None


@dataclass(frozen=True, slots=True)
class RefusalDue:
    """A negative test: its id and the code with which it must be refused."""

    id: str
    expected: str


@dataclass(frozen=True, slots=True)
class StatusDue:
    """A status at a moment, of the certificate of the step ``label``."""

    label: str
    check: StatusCheck


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do and what must come of it.

    ``founders`` are the accounts that found the ledger, at ``begins``; the steps follow on them in order.
    ``ends`` is where the clock is left.
    """

    founders: tuple[str, ...]
    begins: datetime
    ends: datetime
    steps: tuple[Step, ...]
    certificates: tuple[CertificateDue, ...]
    refusals: tuple[RefusalDue, ...]
    status_checks: tuple[StatusDue, ...]


def plan(programme: Programme) -> Plan:
    """The plan of a file. Raises ProgrammeFileError where an act cannot be planned; nothing is recorded."""
    load()
    planner = Planner(programme, people_of(programme), courses_of(programme), WAYS, ANY_OTHER)
    file, zone = programme.file, ZoneInfo(programme.file.time_zone)
    tests = defaultdict(list)
    for test in file.negative_tests:
        tests[test.on].append(test)
    steps: dict[date, list[tuple[FileStep, str, Person]]] = defaultdict(list)
    for index, learner in enumerate(file.learners):
        for number, step in enumerate(learner.steps):
            place = programme.place("learners", index, "steps", number)
            steps[step.on].append((step, place, planner.people[learner.person_id]))
    days = _days(planner, [*tests, *steps])
    for day in days:
        planner.open_day(day, steps[day], [test for test in tests[day] if test.before])
        ordinary.acts_of_day(planner)
        planner.take_steps()
        missed = planner.waiting()
        for test in tests[day]:
            if not test.before or test in missed:
                planner.try_(test)
        planner.close_day()
    later = planner.steps
    planner.steps = []
    planner.open_day(_working_day_before(planner, _first_day(planner, days)))
    ceremony.hold(planner)
    planner.close_day(first=CEREMONY_BEGINS)
    begins = datetime.combine(planner.day, time(9), zone)
    all_steps = (*planner.steps, *later)
    _check(programme, all_steps)
    left = datetime.combine(file.as_of, LEFT_AT, zone)
    last = max((step.at for step in all_steps if step.at), default=begins)
    return Plan(
        ceremony.founders(file.staff),
        begins,
        max(left, last + timedelta(minutes=1)),
        all_steps,
        tuple(_certificates(programme)),
        tuple(RefusalDue(test.id, test.expect_error) for test in file.negative_tests),
        tuple(StatusDue(f"cert:{each.person}:{each.kind}:{each.nth}", each) for each in file.status_checks),
    )


def _days(p: Planner, given: list[date]) -> list[date]:
    days = set(given)
    for programme in p.file.programmes:
        days |= {programme.need.recorded_on, programme.scheme.approved_on}
    days |= {review.date for review in p.file.facility_reviews}
    if p.file.agreement:
        days.add(p.file.agreement.signed_on)
    for course in p.courses.values():
        dates = course.dates
        days |= {dates.planned, dates.enrolment_opened, dates.selected, dates.confirmed, dates.pre_assessment}
        days |= {*dates.assessed, dates.decided, dates.issued, *course.sessions}
        if course.cohort.start:
            days.add(course.cohort.start)
        if course.cohort.cancelled_on:
            days.add(course.cohort.cancelled_on)
    return sorted(day for day in days if day <= p.file.as_of)


def _first_day(p: Planner, days: list[date]) -> date:
    """The earliest dated act; the calendar's own days count."""
    dated = [*days, *(entry.date for entry in p.file.calendar)]
    return min(dated, default=p.file.as_of)


def _working_day_before(p: Planner, day: date) -> date:
    holidays = {holiday.date for holiday in p.file.holidays}
    day -= timedelta(days=1)
    while day.weekday() >= 5 or day in holidays:  # noqa: PLR2004 - Saturday
        day -= timedelta(days=1)
    return day


def _check(programme: Programme, steps: tuple[Step, ...]) -> None:
    """Every step names what is there by then, with arguments that its command takes."""
    known = {f"staff:{account}" for account in ceremony.founders(programme.file.staff)}
    of_test: dict[str | None, set[str]] = defaultdict(set)
    problems = []
    for step in steps:
        for label, _ in references(step.args):
            if label not in known and label not in of_test[step.id]:
                kind, _, name = label.partition(":")
                when = step.at.date() if step.at else ""
                rule = f"{step.command} on {when}: the {kind} {name} is not there by that day"
                problems.append(Problem(REFERENCE_UNKNOWN, step.place or "", rule))
        if step.expect is None and step.command != ENROL_KEY:
            model = COMMANDS.get(step.command) or QUERIES[step.command]
            for where, rule in wrong_arguments(model, step.args):
                problems.append(Problem(VALUE_INVALID, step.place or "", f"{step.command}: {where}: {rule}"))
        if step.as_ is not None:
            (known if step.expect is None else of_test[step.id]).add(step.as_)
    if problems:
        raise ProgrammeFileError(programme.name, problems)


def _certificates(programme: Programme) -> list[CertificateDue]:
    due = []
    for learner in programme.file.learners:
        counts: Counter[str] = Counter()
        for each in learner.certificates:
            counts[each.kind] += 1
            nth = counts[each.kind]
            label = f"cert:{learner.person_id}:{each.kind}:{nth}"
            due.append(
                CertificateDue(label, learner.person_id, each.kind, nth, each.status, each.copies, each.units)
            )
    return due
