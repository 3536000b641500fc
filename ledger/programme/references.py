"""What the parts of a programme file must be to each other: ids that exist and are given once, days in order.

Each problem is told with its place and rule. A negative test may name what does not exist only where it expects
UNKNOWN_ID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ValidationError

from ledger.commands.catalogue import COMMANDS, QUERIES, load
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.programme.arguments import ARGUMENTS
from ledger.programme.problems import COMMAND_UNKNOWN, REFERENCE_UNKNOWN, VALUE_INVALID, Problem
from ledger.programme.schema import Cohort, FileStep, Learner, NegativeTest, ProgrammeFile, TrainingProgramme
from ledger.programme.shape import near, problems_of
from ledger.programme.values import Ref

Where = tuple[int | str, ...]
Found = Iterator[tuple[str, Where, str]]
"""(code, place, rule)."""

_ALL_PROGRAMMES = "*"
_NEEDED = (
    "delivery_site_org_id",
    "public_provider_org_id",
    "start",
    "end",
    "session_dates",
    "jp_per_day",
    "instructors",
    "assessors",
    "assessment_supervisor",
    "deciders",
    "dates",
)


def check(file: ProgrammeFile) -> Found:
    """Every broken rule between the parts of the file."""
    ids = known_ids(file)
    yield from _twice(file)
    yield from _refs(file, (), ids)
    if file.agreement and file.agreement.parties[0] == file.agreement.parties[1]:
        yield VALUE_INVALID, ("agreement", "parties"), "the two parties are one organisation"
    for index, programme in enumerate(file.programmes):
        yield from _programme(programme, ("programmes", index))
    yield from _staff(file)
    for index, cohort in enumerate(file.cohorts):
        yield from _cohort(file, cohort, ("cohorts", index))
    for index, learner in enumerate(file.learners):
        yield from _learner(file, learner, ("learners", index), ids)
    yield from _niks(file)
    yield from _others(file, ids)
    for index, test in enumerate(file.negative_tests):
        wrong = test.expect_error == "UNKNOWN_ID"
        yield from _given(test, ("negative_tests", index), {} if wrong else ids)
        if test.on > file.as_of:
            yield VALUE_INVALID, ("negative_tests", index, "on"), f"{test.on} lies after as_of, {file.as_of}"


def known_ids(file: ProgrammeFile) -> Mapping[str, Collection[str]]:
    """The ids of the file by what they name."""
    return {
        "organisation": {each.org_id for each in file.organisations},
        "staff": {each.staff_id for each in file.staff},
        "person": {each.person_id for each in (*file.learners, *file.learners_extra)},
        "programme": {each.programme_id for each in file.programmes},
        "scheme": {each.scheme.scheme_id for each in file.programmes},
        "agreement": {file.agreement.agreement_id} if file.agreement else set(),
        "cohort": {each.cohort_id for each in file.cohorts},
    }


def _twice(file: ProgrammeFile) -> Found:
    for name, key in (
        ("organisations", "org_id"),
        ("staff", "staff_id"),
        ("programmes", "programme_id"),
        ("cohorts", "cohort_id"),
        ("facility_checklist", "item_id"),
        ("facility_reviews", "review_id"),
        ("negative_tests", "id"),
        ("learners", "enrolment_id"),
    ):
        rows = [getattr(row, key) for row in getattr(file, name)]
        yield from _repeated(rows, [(name, index, key) for index in range(len(rows))])
    people = [("learners", index, each.person_id) for index, each in enumerate(file.learners)]
    people += [("learners_extra", index, each.person_id) for index, each in enumerate(file.learners_extra)]
    yield from _repeated(
        [each[2] for each in people], [(name, index, "person_id") for name, index, _ in people]
    )


def _repeated(values: Sequence[str], places: Sequence[Where]) -> Found:
    first: dict[str, Where] = {}
    for value, place in zip(values, places, strict=True):
        if value in first:
            yield (
                VALUE_INVALID,
                place,
                f"{value} is given twice, first at {first[value][0]}[{first[value][1]}]",
            )
        first.setdefault(value, place)


def _refs(value: BaseModel, where: Where, ids: Mapping[str, Collection[str]]) -> Found:
    """Ids that are not in the file, in this object and in all that it holds."""
    for name, field in type(value).model_fields.items():
        item = getattr(value, name)
        here = (*where, field.alias or name)
        ref = next((each for each in field.metadata if isinstance(each, Ref)), None) or _ref_in(
            field.annotation
        )
        if isinstance(item, BaseModel):
            yield from _refs(item, here, ids)
        elif ref is not None and item is not None and ref.kind in ids:
            for place, one in _texts(item, here):
                if one not in ids[ref.kind]:
                    yield REFERENCE_UNKNOWN, place, _unknown(ref.kind, one, ids[ref.kind])
        elif isinstance(item, list):
            for index, one in enumerate(item):
                if isinstance(one, BaseModel):
                    yield from _refs(one, (*here, index), ids)


def _ref_in(annotation: Any) -> Ref | None:
    """The mark inside ``X | None``."""
    for part in getattr(annotation, "__args__", ()):
        for each in getattr(part, "__metadata__", ()):
            if isinstance(each, Ref):
                return each
    return None


def _texts(item: Any, here: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(item, list):
        yield from (((*here, index), str(one)) for index, one in enumerate(item))
    else:
        yield here, str(item)


def _unknown(kind: str, value: str, known: Collection[str]) -> str:
    return f"there is no {kind} {value} in this file{near(value, known)}"


def _programme(programme: TrainingProgramme, where: Where) -> Found:
    hours = sum(unit.jp for unit in programme.units) + sum(extra.jp for extra in programme.non_unit)
    if hours != programme.total_jp:
        rule = f"units and other hours add up to {hours} JP, not to {programme.total_jp}"
        yield VALUE_INVALID, (*where, "total_jp"), rule
    yield from _repeated(
        programme.unit_codes, [(*where, "units", index, "unit_code") for index in range(len(programme.units))]
    )
    cluster = programme.scheme.award_rule == "CLUSTER"
    if cluster != (programme.min_units_for_award is not None):
        rule = "min_units_for_award is given for the award rule CLUSTER, and for no other"
        yield VALUE_INVALID, (*where, "min_units_for_award"), rule
    elif (programme.min_units_for_award or 0) > len(programme.units):
        yield VALUE_INVALID, (*where, "min_units_for_award"), "there are fewer units"


def _staff(file: ProgrammeFile) -> Found:
    members = {member.staff_id: member for member in file.staff}
    custodians = [member for member in file.staff if Role.KEY_CUSTODIAN in member.roles]
    if len(custodians) < 2:  # noqa: PLR2004 - two found the ledger
        yield VALUE_INVALID, ("staff",), "two people with the role key_custodian must found the ledger"
    for index, member in enumerate(file.staff):
        where = ("staff", index)
        if member.org_id is None and not set(member.roles) <= LEDGER_WIDE:
            yield VALUE_INVALID, (*where, "org_id"), "these roles are held at an organisation"
        if len(set(member.roles)) != len(member.roles):
            yield VALUE_INVALID, (*where, "roles"), "a role is named twice"
        if member.licence_valid_until and not (member.fields and member.met_no):
            yield VALUE_INVALID, where, "a licence needs its number (met_no) and the trades it covers (field)"
        seen, other = {member.staff_id}, member.same_person_as
        while other in members and other not in seen:
            seen.add(other)
            other = members[other].same_person_as
        if other in seen:
            yield VALUE_INVALID, (*where, "same_person_as"), "these accounts point at each other in a circle"


def _cohort(file: ProgrammeFile, cohort: Cohort, where: Where) -> Found:
    if cohort.cancelled:
        if cohort.cancelled_on is None or cohort.cancel_reason is None:
            yield VALUE_INVALID, where, "a cancelled cohort says when (cancelled_on) and why (cancel_reason)"
        movers = {
            learner.person_id
            for learner in file.learners
            if any(
                step.command == "MoveEnrolment" and step.args.get("from") == cohort.cohort_id
                for step in learner.steps
            )
        }
        for index, person in enumerate(cohort.displaced):
            if person not in movers:
                rule = f"{person} has no step MoveEnrolment from {cohort.cohort_id}"
                yield VALUE_INVALID, (*where, "displaced", index), rule
        if source_of(file, cohort) is None and any(getattr(cohort, name) is None for name in _NEEDED):
            yield VALUE_INVALID, where, "no other cohort says what this cancelled one lacks"
        return
    missing = [name for name in _NEEDED if not getattr(cohort, name)]
    for name in missing:
        yield VALUE_INVALID, (*where, name), "a cohort that is not cancelled needs it"
    if not missing:
        yield from _days(cohort, where)
        if cohort.dates and cohort.dates.issued > file.as_of:
            yield VALUE_INVALID, (*where, "dates", "issued"), f"it lies after as_of, {file.as_of}"


def _days(cohort: Cohort, where: Where) -> Found:
    dates, sessions = cohort.dates, cohort.session_dates
    assert dates and sessions and cohort.start and cohort.end  # noqa: S101 - checked by the caller
    way: list[tuple[str, date]] = [
        ("dates.planned", dates.planned),
        ("dates.enrolment_opened", dates.enrolment_opened),
        ("dates.selected", dates.selected),
        ("dates.confirmed", dates.confirmed),
        ("start", cohort.start),
        ("session_dates", sessions[0]),
        *(("session_dates", day) for day in sessions[1:]),
        ("end", cohort.end),
    ]
    after = [
        ("session_dates", sessions[-1]),
        ("dates.pre_assessment", dates.pre_assessment),
        *(("dates.assessed", day) for day in dates.assessed),
        ("dates.decided", dates.decided),
        ("dates.issued", dates.issued),
    ]
    for line in (way, after):
        for (before, earlier), (name, later) in pairwise(line):
            if later < earlier:
                yield VALUE_INVALID, (*where, *name.split(".")), f"{later} lies before {before}, {earlier}"
    for day, times in Counter(sessions).items():
        if times > 1:
            yield VALUE_INVALID, (*where, "session_dates"), f"{day} is named twice; a day has one session"


def source_of(file: ProgrammeFile, cohort: Cohort) -> Cohort | None:
    """The cohort from which a cancelled one takes what it lacks: where its displaced move to, else a sister."""
    others = {each.cohort_id: each for each in file.cohorts if not each.cancelled}
    for learner in file.learners:
        for step in learner.steps:
            if step.command == "MoveEnrolment" and step.args.get("from") == cohort.cohort_id:
                target = others.get(str(step.args.get("to")))
                if target is not None:
                    return target
    return next((each for each in others.values() if each.programme_id == cohort.programme_id), None)


def first_cohort(learner: Learner) -> str:
    """The cohort that the person applies to: where their first move begins, else where they end."""
    moves = (step.args.get("from") for step in learner.steps if step.command == "MoveEnrolment")
    return next((str(start) for start in moves if start), learner.cohort_id)


def _learner(
    file: ProgrammeFile, learner: Learner, where: Where, ids: Mapping[str, Collection[str]]
) -> Found:
    cohorts = {each.cohort_id: each for each in file.cohorts}
    programmes = {each.programme_id: each for each in file.programmes}
    cohort = cohorts.get(learner.cohort_id)
    programme = programmes.get(cohort.programme_id) if cohort else None
    begins = cohorts.get(first_cohort(learner))
    if begins and begins.dates is None:
        begins = source_of(file, begins)
    for index, step in enumerate(learner.steps):
        here = (*where, "steps", index)
        yield from _given(step, here, ids)
        if step.on > file.as_of:
            yield VALUE_INVALID, (*here, "on"), f"{step.on} lies after as_of, {file.as_of}"
        if begins and begins.dates and step.on < begins.dates.enrolment_opened:
            rule = f"{step.on} lies before the person is registered, {begins.dates.enrolment_opened}"
            yield VALUE_INVALID, (*here, "on"), rule
        if index and step.on < learner.steps[index - 1].on:
            yield VALUE_INVALID, (*here, "on"), "the steps of a person stand in the order of their days"
    if programme is None or cohort is None:
        return
    yield from _repeated(
        [each.unit_code for each in learner.unit_results],
        [(*where, "unit_results", index, "unit_code") for index in range(len(learner.unit_results))],
    )
    for index, result in enumerate(learner.unit_results):
        if result.unit_code not in programme.unit_codes:
            rule = f"{result.unit_code} is no unit of {programme.programme_id}"
            yield REFERENCE_UNKNOWN, (*where, "unit_results", index, "unit_code"), rule
    if cohort.session_dates and cohort.jp_per_day:
        most = len(cohort.session_dates) * cohort.jp_per_day
        if learner.attendance_jp > most and first_cohort(learner) == learner.cohort_id:
            yield (
                VALUE_INVALID,
                (*where, "attendance_jp"),
                f"the sessions of {cohort.cohort_id} have {most} JP",
            )


def _given(act: FileStep | NegativeTest, where: Where, ids: Mapping[str, Collection[str]]) -> Found:
    """The command is known, and its arguments have its shape."""
    model = ARGUMENTS.get(act.command)
    if model is None:
        load()
        if act.command not in COMMANDS and act.command not in QUERIES:
            rule = f"there is no command {act.command}{near(act.command, [*ARGUMENTS, *COMMANDS])}"
            yield COMMAND_UNKNOWN, (*where, "command"), rule
        return
    try:
        arguments = model.model_validate(act.args)
    except ValidationError as error:
        yield from problems_of(error, (*where, "args"), model)
    else:
        yield from _refs(arguments, (*where, "args"), ids)


def _niks(file: ProgrammeFile) -> Found:
    """Each NIK once, and that of its person: birth date and sex stand in it."""
    people = [("learners", index, each.private) for index, each in enumerate(file.learners)]
    people += [("learners_extra", index, each.private) for index, each in enumerate(file.learners_extra)]
    first: dict[str, str] = {}
    for name, index, person in people:
        nik, where = person.nik, (name, index, "private", "nik")
        if nik is None:
            continue
        if nik in first:
            yield VALUE_INVALID, where, f"this NIK is that of {first[nik]} already"
        first.setdefault(nik, f"{name}[{index}]")
        day = int(nik[6:8])
        if person.sex and (day > 40) != (person.sex == "P"):  # noqa: PLR2004 - women's days are raised by 40
            yield (
                VALUE_INVALID,
                where,
                "this NIK does not fit the person's sex; digits 7 and 8 are 40 more for P",
            )
        elif person.birth_date and f"{day % 40:02d}{nik[8:12]}" != person.birth_date.strftime("%d%m%y"):
            yield VALUE_INVALID, where, "this NIK does not fit the person's birth date (digits 7 to 12)"


def _others(file: ProgrammeFile, ids: Mapping[str, Collection[str]]) -> Found:
    for index, extra in enumerate(file.learners_extra):
        if extra.duplicates is None and extra.cohort_id is None:
            yield (
                VALUE_INVALID,
                ("learners_extra", index, "cohort_id"),
                "who duplicates nobody applies to a cohort",
            )
        if extra.duplicates == extra.person_id:
            yield VALUE_INVALID, ("learners_extra", index, "duplicates"), "nobody is their own duplicate"
    items = {each.item_id for each in file.facility_checklist}
    for index, item in enumerate(file.facility_checklist):
        for place, programme in enumerate(item.applies_to):
            if programme != _ALL_PROGRAMMES and programme not in ids["programme"]:
                where = ("facility_checklist", index, "applies_to", place)
                yield REFERENCE_UNKNOWN, where, _unknown("programme", programme, ids["programme"])
    for index, review in enumerate(file.facility_reviews):
        for place, failed in enumerate(review.failed):
            if failed not in items:
                where = ("facility_reviews", index, "failed", place)
                yield REFERENCE_UNKNOWN, where, _unknown("item", failed, items)
        if (review.valid_until is None) != (review.outcome == "NOT_READY"):
            rule = "a ready site has a last valid day, another has none"
            yield VALUE_INVALID, ("facility_reviews", index, "valid_until"), rule
        elif review.valid_until and review.valid_until < review.date:
            yield VALUE_INVALID, ("facility_reviews", index, "valid_until"), "it lies before the review"
        if review.signed_by[0] == review.signed_by[1]:
            yield VALUE_INVALID, ("facility_reviews", index, "signed_by"), "two people sign"
    if file.facility_reviews and not file.facility_checklist:
        yield VALUE_INVALID, ("facility_checklist",), "a review needs a checklist"
    if file.agreement and file.agreement.valid_until < file.agreement.signed_on:
        yield VALUE_INVALID, ("agreement", "valid_until"), "it lies before signed_on"
