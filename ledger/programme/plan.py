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
from ledger.domain.roles import Role
from ledger.programme import ceremony, cohort_way, ways_people, ways_privacy, ways_provider
from ledger.programme.checking import wrong_arguments
from ledger.programme.planner import Planner
from ledger.programme.problems import REFERENCE_UNKNOWN, VALUE_INVALID, Problem, ProgrammeFileError
from ledger.programme.reading import Programme
from ledger.programme.references import first_cohort, source_of
from ledger.programme.schema import Cohort, ExtraPerson, FacilityReview, FileStep, Learner, StatusCheck
from ledger.programme.state import Course, Person
from ledger.programme.step import ENROL_KEY, Step, references
from ledger.programme.ways_provider import scheme_approval

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
    planner = Planner(programme, _people(programme), _courses(programme))
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
        planner.open_day(day, [test for test in tests[day] if test.before])
        today = steps[day]
        _ordinary(planner, today)
        for step, place, person in today:
            planner.take(planner.act(step, place, person=person))
        missed = planner.waiting()
        for test in tests[day]:
            if not test.before or test in missed:
                planner.try_(test)
        planner.close_day()
    later = planner.steps
    planner.steps = []
    planner.open_day(_working_day_before(planner, _first_day(planner, days)), [])
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


# -- the file's people, cohorts and days -----------------------------------------------------------------------


def _people(programme: Programme) -> dict[str, Person]:
    file = programme.file
    people = {}
    for index, learner in enumerate(file.learners):
        begins = first_cohort(learner)
        place = programme.place("learners", index)
        people[learner.person_id] = Person(learner, place, begins, begins, left_jp=learner.attendance_jp)
    for index, extra in enumerate(file.learners_extra):
        place = programme.place("learners_extra", index)
        people[extra.person_id] = Person(extra, place, _applies_to(extra), extra.cohort_id or "")
    for person in people.values():
        entry = person.entry
        if isinstance(entry, ExtraPerson) and entry.cohort_id is None and entry.duplicates:
            twin = people[entry.duplicates].entry
            person.registered_with = first_cohort(twin) if isinstance(twin, Learner) else twin.cohort_id or ""
    return people


def _applies_to(extra: ExtraPerson) -> str | None:
    return None if extra.duplicates else extra.cohort_id


def _courses(programme: Programme) -> dict[str, Course]:
    file = programme.file
    staff = {member.staff_id: member for member in file.staff}
    kinds = {organisation.org_id: organisation.kind for organisation in file.organisations}
    programmes = {each.programme_id: each for each in file.programmes}
    courses = {}
    for index, cohort in enumerate(file.cohorts):
        whole = _whole(cohort, source_of(file, cohort)) if cohort.cancelled else cohort
        place = programme.place("cohorts", index)
        body = staff[whole.assessment_supervisor or ""].org_id
        if not (whole.dates and whole.session_dates and whole.delivery_site_org_id and body):
            raise ProgrammeFileError(
                programme.name,
                [Problem(VALUE_INVALID, place, "its supervisor must belong to a certification body")],
            )
        courses[cohort.cohort_id] = Course(
            whole,
            programmes[cohort.programme_id],
            place,
            whole.dates,
            tuple(whole.session_dates),
            whole.delivery_site_org_id,
            whole.public_provider_org_id or "",
            body,
            whole.assessment_supervisor or "",
            kinds[whole.delivery_site_org_id] == "correctional_facility",
        )
    return courses


def _whole(cohort: Cohort, source: Cohort | None) -> Cohort:
    """A cancelled cohort with what it takes from another."""
    if source is None:
        return cohort
    lacking = {name: getattr(source, name) for name in Cohort.model_fields if getattr(cohort, name) is None}
    for name in ("status", "cancel_reason", "cancelled_on", "note"):
        lacking.pop(name, None)
    return cohort.model_copy(update=lacking)


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
    return sorted(days)


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


# -- a day's ordinary acts -------------------------------------------------------------------------------------


def _ordinary(p: Planner, today: list[tuple[FileStep, str, Person]]) -> None:
    """All that is ordinary on this day, in the order of the way. Moves out of a cancelled cohort are taken here."""
    day = p.day
    _programmes(p)
    if p.file.agreement and p.file.agreement.signed_on == day:
        _sign(p)
    for index, review in enumerate(p.file.facility_reviews):
        if review.date == day:
            _review(p, review, p.programme.place("facility_reviews", index))
    courses = list(p.courses.values())
    for course in courses:
        if course.dates.planned == day:
            cohort_way.plan(p, course)
    for course in courses:
        if course.stage == "planned" and course.dates.enrolment_opened == day:
            cohort_way.open_enrolment(p, course)
    for course in courses:
        if course.stage == "open" and course.dates.selected == day:
            cohort_way.select(p, course)
    for course in courses:
        if course.cohort.cancelled_on == day:
            for item in [each for each in today if _leaves(each[0], course)]:
                today.remove(item)
                p.take(p.act(item[0], item[1], person=item[2]))
            cohort_way.cancel(p, course)
    for course in courses:
        if course.stage == "open" and course.dates.confirmed == day:
            cohort_way.confirm(p, course)
    _training(p, [course for course in courses if course.stage in {"open", "running"}])


def _training(p: Planner, courses: list[Course]) -> None:
    day = p.day
    for course in courses:
        if course.cohort.start == day:
            cohort_way.start(p, course)
    running = [course for course in courses if course.stage == "running"]
    for course in running:
        if day in course.sessions:
            cohort_way.session(p, course)
    for course in running:
        if max(course.sessions) == day:
            cohort_way.complete(p, course)
    for course in running:
        if course.dates.pre_assessment == day:
            cohort_way.pre_assess(p, course)
    for course in running:
        if course.dates.assessed[0] == day:
            cohort_way.assess(p, course)
    for course in running:
        if course.dates.assessed[-1] == day:
            cohort_way.recommend_all(p, course)
    for course in running:
        if course.dates.decided == day:
            cohort_way.decide(p, course)
    issuing = [course for course in running if course.dates.issued == day]
    if issuing:
        cohort_way.issue(p, issuing)


def _leaves(step: FileStep, course: Course) -> bool:
    return step.command == "MoveEnrolment" and step.args.get("from") == course.id


def _programmes(p: Planner) -> None:
    """Needs, approvals, and what follows once both are there."""
    day = p.day
    for index, programme in enumerate(p.file.programmes):
        need, here = programme.need, {"programme": p.ref("programme", programme.programme_id)}
        place = p.programme.place("programmes", index)
        admin = p.cast.pick(Role.TRAINING_ADMIN, ceremony.provider_of(p, programme))
        if need.recorded_on == day:
            row = {"source": need.source, "occupation": need.occupation, "demand": need.demand}
            p.give(admin, "RecordNeed", {**here, **ways_provider.plain_row(row)}, place=place)
            if programme.tags:
                p.give(admin, "TagProgramme", {**here, "tags": list(programme.tags)}, place=place)
        if programme.scheme.approved_on == day:
            _approve(p, index)
        if max(need.recorded_on, programme.scheme.approved_on) == day:
            instructors = p.refs("staff", list(dict.fromkeys(programme.instructors_offered)))
            p.give(admin, "OfferInstructors", {**here, "instructors": instructors}, place=place)
            approval = scheme_approval(programme)
            adopted = {**here, "scheme": approval["scheme"], "version": approval["version"]}
            p.give(admin, "AdoptScheme", adopted, place=place)


def _approve(p: Planner, index: int) -> None:
    """Approve a scheme once; a later version of it is drafted first."""
    programme = p.file.programmes[index]
    scheme = programme.scheme
    same = [each for each in p.file.programmes if each.scheme.scheme_id == scheme.scheme_id]
    if next(each for each in same if each.scheme.version == scheme.version) is not programme:
        return
    older = [each for each in same if each.scheme.version < scheme.version]
    if older:
        ceremony.draft_scheme(p, programme, before=max(older, key=lambda each: each.scheme.version))
    provider = ceremony.provider_of(p, programme)
    drafter = p.cast.pick(Role.TRAINING_ADMIN, provider)
    reader = p.cast.pick(Role.TRAINING_ISSUER, provider, avoid=[drafter])
    p.ordinary("ApproveScheme", reader, scheme=scheme.scheme_id)


def _sign(p: Planner) -> None:
    """Each party signs, by two people."""
    agreement = p.file.agreement
    if agreement is None:
        return
    signed: list[str] = []
    for party in agreement.parties:
        role = next(
            (
                each
                for each in (Role.CORRECTIONAL_APPROVER, Role.TRAINING_ISSUER)
                if any(p.cast.holders(each, party))
            ),
            Role.TRAINING_ISSUER,
        )
        by = p.cast.pick(role, party, avoid=signed)
        given = {"agreement": p.ref("agreement", agreement.agreement_id)}
        p.give(by, "SignAgreement", given, place="agreement", role=role)
        signed.append(by)


def _review(p: Planner, review: FacilityReview, place: str) -> None:
    """Look at every item that concerns a programme trained at the site; both sign the conclusion."""
    trained = {
        course.cohort.programme_id for course in p.courses.values() if course.site == review.site_org_id
    }
    orgs = [p.cast.org(account) for account in review.signed_by]
    provider = next((org for org in orgs if org and org != review.site_org_id), review.site_org_id)
    signers = ways_provider.review_signers(p, review)
    label = f"review:{review.review_id}"
    start = {"site": p.ref("organisation", review.site_org_id), "provider": p.ref("organisation", provider)}
    by, role = signers[0]
    p.give(by, "StartFacilityReview", start, place=place, as_=label, role=role)
    items = []
    for item in p.file.facility_checklist:
        failed = item.item_id in review.failed
        if failed or "*" in item.applies_to or trained & set(item.applies_to):
            row = {"item": item.item_id, "passed": not failed, "critical": item.critical}
            if failed and review.valid_until is not None:
                row["due"] = review.valid_until.isoformat()
            items.append(row)
    here = {"review": f"${label}.review"}
    p.give(by, "AssessItems", {**here, "items": items}, place=place, role=role)
    conclusion = {**here, "outcome": review.outcome}
    if review.valid_until is not None:
        conclusion["valid_until"] = review.valid_until.isoformat()
    for by, role in signers:
        p.give(by, "ConcludeFacilityReview", conclusion, place=place, role=role)


# -- the end -----------------------------------------------------------------------------------------------------


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
