"""Where everybody and every cohort of a file stands before the first day."""

from __future__ import annotations

from ledger.programme.institution import Cohort
from ledger.programme.persons import ExtraPerson, Learner
from ledger.programme.problems import VALUE_INVALID, Problem, ProgrammeFileError
from ledger.programme.reading import Programme
from ledger.programme.state import Course, Person


def people_of(programme: Programme) -> dict[str, Person]:
    """The people by id, each in the cohort that they apply to first."""
    file = programme.file
    people = {}
    for index, learner in enumerate(file.learners):
        begins = file.first_cohort(learner)
        place = programme.place("learners", index)
        people[learner.person_id] = Person(learner, place, begins, begins, left_jp=learner.attendance_jp)
    for index, extra in enumerate(file.learners_extra):
        place = programme.place("learners_extra", index)
        people[extra.person_id] = Person(extra, place, _applies_to(extra), extra.cohort_id or "")
    for person in people.values():
        entry = person.entry
        if isinstance(entry, ExtraPerson) and entry.cohort_id is None and entry.duplicates:
            twin = people[entry.duplicates].entry
            person.registered_with = (
                file.first_cohort(twin) if isinstance(twin, Learner) else twin.cohort_id or ""
            )
    return people


def _applies_to(extra: ExtraPerson) -> str | None:
    return None if extra.duplicates else extra.cohort_id


def courses_of(programme: Programme) -> dict[str, Course]:
    """The cohorts by id, a cancelled one with what it takes from another."""
    file = programme.file
    staff = {member.staff_id: member for member in file.staff}
    kinds = {organisation.org_id: organisation.kind for organisation in file.organisations}
    programmes = {each.programme_id: each for each in file.programmes}
    courses = {}
    for index, cohort in enumerate(file.cohorts):
        whole = _whole(cohort, file.source_of(cohort)) if cohort.cancelled else cohort
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
