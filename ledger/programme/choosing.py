"""Who assesses and who issues, where the file names several or nobody: whoever separation of duties allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.domain.roles import Role
from ledger.programme.planner import Planner
from ledger.programme.state import Course, Person

_SEPARATE = frozenset(
    {
        "RecordCertificationDecision",
        "IssueCompetenceCertificate",
        "IssueUnitStatement",
        "RenewCertificate",
        "DecideAppeal",
    }
)
_HAVING_ASSESSED = frozenset({"SOD_DECIDER_ASSESSED", "SOD_ISSUER_ASSESSED", "SOD_APPEAL_PANEL_INVOLVED"})
_AT_WORK = frozenset({"DeclareConflict", "RecordUnitResult", "RecordNoShow", "Recommend"})


def assessor_for(p: Planner, course: Course, person: Person) -> str:
    """The first assessor of the cohort whom nothing speaks against.

    Where the file shows one at work on this person, that one; never one who must be separate from the assessor.
    """
    assessors = course.cohort.assessors or []
    later = p.cast.humans(_separate(person))
    free = [each for each in assessors if p.cast.human(each) not in later]
    fit = [each for each in free if _licensed(p, each, course, course.dates.assessed[-1])]
    shown = [each for human in _shown(p, person) for each in free if p.cast.human(each) == human]
    return (shown or fit or assessors)[0]


def _separate(person: Person) -> Iterator[str]:
    """Who decides, issues or hears an appeal in the person's steps, or reassesses after one."""
    appealed = any(step.args.get("remedy") == "REASSESSMENT" for step in person.steps)
    for step in person.steps:
        if step.command in _SEPARATE or (step.command == "ReassessUnits" and appealed):
            yield step.by
        if step.command == "AssignAppealPanel":
            yield from step.args["panel"]


def _shown(p: Planner, person: Person) -> Iterator[str]:
    """The humans whom steps and tests of the file show to have assessed the person, the first at work first."""
    for step in person.steps:
        if step.command in _AT_WORK:
            yield p.cast.human(step.by)
    for test in p.file.negative_tests:
        if test.args.get("person") != person.id:
            continue
        if test.command in _AT_WORK and test.expect_error != "ROLE_FORBIDDEN":
            yield p.cast.human(test.by)
        elif test.expect_error in _HAVING_ASSESSED:
            yield from p.cast.humans([test.by, *test.args.get("panel", [])])


def _licensed(p: Planner, account: str, course: Course, day: date) -> bool:
    member = p.cast.member(account)
    taught = p.cast.humans(course.cohort.instructors or [])
    until = member.licence_valid_until
    return until is not None and until >= day and p.cast.human(account) not in taught


def issuer_for(p: Planner, kind: str, person: Person) -> str:
    """An issuer of this kind, at the cohort's provider or body, who never assessed the person."""
    course = p.course_of(person)
    avoid = [attempt.assessor for attempt in person.attempts]
    if kind == "TRAINING":
        return p.cast.pick(Role.TRAINING_ISSUER, course.provider if course else None, avoid=avoid)
    return p.cast.pick(Role.COMPETENCE_ISSUER, course.body if course else None, avoid=avoid)
