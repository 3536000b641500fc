"""The ordinary way of a cohort, day by day: what happens to everybody in it unless a step says otherwise."""

from __future__ import annotations

from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.choosing import assessor_for, issuer_for
from ledger.programme.persons import ExtraPerson, NegativeTest
from ledger.programme.planner import Planner
from ledger.programme.state import Attempt, Course, Person, earns
from ledger.programme.step import reference
from ledger.programme.vocabulary import ARGUMENTS
from ledger.programme.ways_assessing import record_results
from ledger.programme.ways_certifying import COMMAND_OF, print_first

NOTICE = "1"
"""The version of the privacy notice."""

COMPLETED = "COMPLETED"


def plan(p: Planner, course: Course) -> None:
    """Plan the cohort: instructors, sessions."""
    cohort, admin = course.cohort, _admin(p, course)
    args = {
        "programme": p.ref("programme", cohort.programme_id),
        "site": p.ref("organisation", course.site),
        "capacity": cohort.capacity,
        "start": plain(cohort.start),
        "end": plain(cohort.end),
        "jp_per_day": cohort.jp_per_day,
    }
    if cohort.agreement_id is not None:
        args["agreement"] = p.ref("agreement", cohort.agreement_id)
    p.forestall(_planning(course, admin))
    p.give(admin, "PlanCohort", args, place=course.place, as_=f"cohort:{course.id}")
    course.stage = "planned"
    here = {"cohort": p.ref("cohort", course.id)}
    for instructor in dict.fromkeys(cohort.instructors or []):
        given = {**here, "instructor": p.ref("staff", instructor)}
        p.give(admin, "AssignInstructor", given, place=course.place)
    sessions = [{"date": plain(day)} for day in course.sessions]
    p.give(admin, "ScheduleSessions", {**here, "sessions": sessions}, place=course.place)


def open_enrolment(p: Planner, course: Course) -> None:
    """Open enrolment; register everybody of the cohort, who then apply."""
    admin = _admin(p, course)
    p.ordinary("OpenEnrolment", admin, course=course)
    for person in p.people.values():
        if person.registered_with != course.id:
            continue
        p.ordinary("RegisterPerson", admin, person, course)
        if person.cohort == course.id and not person.left_to_step("ApplyForEnrolment", p.day):
            p.ordinary("ApplyForEnrolment", admin, person, course)


def select(p: Planner, course: Course) -> None:
    """Select who has applied."""
    people = [each for each in _in(p, course, "applied") if not each.left_to_step("SelectEnrolment", p.day)]
    if not people:
        return
    role, org = (
        (Role.CORRECTIONAL_APPROVER, course.site)
        if course.at_facility
        else (Role.TRAINING_ADMIN, course.provider)
    )
    _batch(p, course, people, "SelectEnrolment", p.cast.pick(role, org), {}, role)
    for person in people:
        person.stage = "selected"


def confirm(p: Planner, course: Course) -> None:
    """Acknowledge the privacy notice, then take a seat; who is extra never does."""
    people, admin = _in(p, course, "selected"), _admin(p, course)
    for person in people:
        act = Act("ConfirmEnrolment", admin, None, person.place, person, course)
        p.forestall(act, which=_without_notice)
    if people:
        _batch(p, course, people, "AcknowledgeNotice", admin, {"version": NOTICE})
    for person in people:
        if not isinstance(person.entry, ExtraPerson) and not person.left_to_step("ConfirmEnrolment", p.day):
            p.ordinary("ConfirmEnrolment", admin, person, course)


def start(p: Planner, course: Course) -> None:
    """The training starts."""
    p.main(
        _act("StartCohort", _admin(p, course), course), "StartCohort", {"cohort": p.ref("cohort", course.id)}
    )
    course.stage = "running"


def session(p: Planner, course: Course) -> None:
    """Hold the day's session; attendance is used up earliest session first."""
    instructors = course.cohort.instructors or []
    instructor = instructors[course.sessions.index(p.day) % len(instructors)]
    given = {"cohort": p.ref("cohort", course.id), "on": plain(p.day)}
    p.main(_act("HoldSession", instructor, course), "HoldSession", given)
    entries = []
    people = _in(p, course, "confirmed")
    for person in people:
        hours = min(course.cohort.jp_per_day or 0, person.left_jp)
        person.left_jp -= hours
        entries.append({"enrolment": reference(f"enrolment:{person.id}", "enrolment"), "jp": hours})
        p.forestall(Act("RecordAttendance", instructor, None, person.place, person, course))
    if entries:
        p.give(instructor, "RecordAttendance", {**given, "entries": entries}, place=course.place)


def complete(p: Planner, course: Course) -> None:
    """The last session is over."""
    people = _in(p, course, "confirmed")
    if people:
        _batch(p, course, people, "CompleteEnrolment", _admin(p, course), {})
    for person in people:
        person.stage = "completed"


def pre_assess(p: Planner, course: Course) -> None:
    """Admit who has attended enough, and assign an assessor."""
    for person in _in(p, course, "completed"):
        if not person.enough_hours(course.programme) or person.attempts:
            continue
        if person.left_to_step("AdmitToAssessment", p.day):
            continue
        p.ordinary("AdmitToAssessment", course.supervisor, person)
        if not person.left_to_step("AssignAssessor", p.day):
            assessor = assessor_for(p, course, person)
            p.ordinary("AssignAssessor", course.supervisor, person, assessor=assessor)


def assess(p: Planner, course: Course) -> None:
    """The results of all units."""
    for person in _in(p, course, "completed", "closed"):
        attempt, results = person.attempt, person.results()
        if attempt is None or attempt.stage != "assigned" or not results or attempt.assessor is None:
            continue
        if not any(person.left_to_step(command, p.day) for command in ("RecordNoShow", "RecordUnitResult")):
            act = Act("RecordUnitResult", attempt.assessor, None, person.place, person, course)
            record_results(p, act, attempt.assessor, results)


def recommend(p: Planner, course: Course) -> None:
    """The assessors' recommendations."""
    for person, attempt in _attempts(p, course, "recorded"):
        complete_results = set(attempt.units) <= set(attempt.results)
        if complete_results and attempt.assessor and not person.left_to_step("Recommend", p.day):
            p.ordinary("Recommend", attempt.assessor, person, course)


def decide(p: Planner, course: Course) -> None:
    """The certification decisions."""
    for person, attempt in _attempts(p, course, "recommended"):
        if person.left_to_step("RecordCertificationDecision", p.day) or attempt.renews:
            continue
        deciders, involved = course.cohort.deciders or [], p.involved(person)
        by = next((each for each in deciders if p.cast.human(each) not in involved), deciders[0])
        p.ordinary("RecordCertificationDecision", by, person)


def issue(p: Planner, courses: list[Course]) -> None:
    """Issue what the day's cohorts earned, mixed over all of them, one command each; print; close."""
    earned: dict[str, list[Person]] = {"TRAINING": [], "COMPETENCE": []}
    for course in courses:
        for person in _in(p, course, "completed", "closed"):
            attempt = person.attempt
            if person.stage == "completed" and person.enough_hours(course.programme):
                earned["TRAINING"].append(person)
            if (
                attempt is not None
                and attempt.stage == "decided"
                and not attempt.renews
                and earns(course.programme, attempt.results)
            ):
                earned["COMPETENCE"].append(person)
    printed: list[tuple[Person, str]] = []
    for kind, people in earned.items():
        due = [
            person
            for person in people
            if not person.certificates.get(kind) and not person.left_to_step(COMMAND_OF[kind], p.day)
        ]
        p.draw.shuffle(due)
        for person in due:
            p.ordinary(COMMAND_OF[kind], issuer_for(p, kind, person), person)
            printed.append((person, kind))
    for person, kind in printed:
        print_first(p, Act("PrintCopy", "", None, person.place, person), kind)
    for course in courses:
        _close(p, course)


def cancel(p: Planner, course: Course) -> None:
    """Take today's moves out of the cohort, then cancel it; who was not moved is closed with it."""
    p.take_steps(lambda step, person: step.command == "MoveEnrolment" and person.cohort == course.id)
    given = {"cohort": p.ref("cohort", course.id), "reason": plain(course.cohort.cancel_reason)}
    p.main(_act("CancelCohort", _admin(p, course), course), "CancelCohort", given)
    course.stage = "over"
    for person in p.people.values():
        if person.cohort == course.id and person.stage:
            person.stage = "closed"


def _close(p: Planner, course: Course) -> None:
    people, admin = _in(p, course, "completed"), _admin(p, course)
    if people:
        _batch(p, course, people, "CloseEnrolment", admin, {"reason": COMPLETED})
    for person in people:
        person.stage = "closed"
    p.main(_act("CloseCohort", admin, course), "CloseCohort", {"cohort": p.ref("cohort", course.id)})
    course.stage = "over"


def _batch(
    p: Planner,
    course: Course,
    people: list[Person],
    command: str,
    by: str,
    args: dict[str, str],
    role: Role | None = None,
) -> None:
    """One command for several people, after the tests that would forestall it for one of them."""
    for person in people:
        p.forestall(Act(command, by, None, person.place, person, course))
    enrolments = [reference(f"enrolment:{person.id}", "enrolment") for person in people]
    p.give(by, command, {"enrolments": enrolments, **args}, place=course.place, role=role)


def _in(p: Planner, course: Course, *stages: str) -> list[Person]:
    return [each for each in p.people.values() if each.cohort == course.id and each.stage in stages]


def _attempts(p: Planner, course: Course, stage: str) -> list[tuple[Person, Attempt]]:
    found = ((each, each.attempt) for each in p.people.values() if each.cohort == course.id)
    return [(person, attempt) for person, attempt in found if attempt and attempt.stage == stage]


def _admin(p: Planner, course: Course) -> str:
    return p.cast.pick(Role.TRAINING_ADMIN, course.provider)


def _act(command: str, by: str, course: Course) -> Act:
    return Act(command, by, None, course.place, None, course)


def _planning(course: Course, by: str) -> Act:
    """The planning as a test would name it: by programme and days."""
    args = ARGUMENTS["PlanCohort"].model_validate(
        {
            "programme": course.cohort.programme_id,
            "start": course.cohort.start and course.cohort.start.isoformat(),
            "end": course.cohort.end and course.cohort.end.isoformat(),
        }
    )
    return Act("PlanCohort", by, args, course.place, None, course)


def _without_notice(test: NegativeTest) -> bool:
    return test.args.get("consent", True) is None or test.expect_error == "NOTICE_NOT_ACKNOWLEDGED"
