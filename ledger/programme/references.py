"""What the parts of a programme file must be to each other: ids that exist and are given once, days in order.

Each problem is told with its place and rule. A negative test may name what does not exist only where it expects
UNKNOWN_ID.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.programme.ids import known_ids, repeated, unknown, unknown_refs
from ledger.programme.institution import TrainingProgramme
from ledger.programme.problems import REFERENCE_UNKNOWN, VALUE_INVALID
from ledger.programme.schema import ProgrammeFile
from ledger.programme.shape import Found, Where
from ledger.programme.way_checks import cohort_way, given, learner_way

FOUNDERS = 2
_ALL_PROGRAMMES = "*"


def check(file: ProgrammeFile) -> Found:
    """Every broken rule between the parts of the file."""
    ids = known_ids(file)
    yield from _twice(file)
    yield from unknown_refs(file, (), ids)
    if file.agreement and file.agreement.parties[0] == file.agreement.parties[1]:
        yield VALUE_INVALID, ("agreement", "parties"), "the two parties are one organisation"
    if file.agreement and file.agreement.valid_until < file.agreement.signed_on:
        yield VALUE_INVALID, ("agreement", "valid_until"), "it lies before signed_on"
    for index, programme in enumerate(file.programmes):
        yield from _programme(programme, ("programmes", index))
    yield from _staff(file)
    for index, cohort in enumerate(file.cohorts):
        yield from cohort_way(file, cohort, ("cohorts", index))
    for index, learner in enumerate(file.learners):
        yield from learner_way(file, learner, ("learners", index), ids)
    yield from _niks(file)
    yield from _extras(file)
    yield from _reviews(file, ids)
    for index, test in enumerate(file.negative_tests):
        wrong = test.expect_error == "UNKNOWN_ID"
        yield from given(test, ("negative_tests", index), {} if wrong else ids)
        if test.on > file.as_of:
            yield VALUE_INVALID, ("negative_tests", index, "on"), f"{test.on} lies after as_of, {file.as_of}"


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
        yield from repeated(rows, [(name, index, key) for index in range(len(rows))])
    people = [each.person_id for each in file.learners] + [each.person_id for each in file.learners_extra]
    places: list[Where] = [("learners", index, "person_id") for index in range(len(file.learners))]
    places += [("learners_extra", index, "person_id") for index in range(len(file.learners_extra))]
    yield from repeated(people, places)


def _programme(programme: TrainingProgramme, where: Where) -> Found:
    hours = sum(unit.jp for unit in programme.units) + sum(extra.jp for extra in programme.non_unit)
    if hours != programme.total_jp:
        rule = f"units and other hours add up to {hours} JP, not to {programme.total_jp}"
        yield VALUE_INVALID, (*where, "total_jp"), rule
    yield from repeated(
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
    if len(custodians) < FOUNDERS:
        yield VALUE_INVALID, ("staff",), "two people with the role key_custodian must found the ledger"
    elif any(one.same_person_as == other.staff_id for one in custodians[:2] for other in custodians[:2]):
        yield VALUE_INVALID, ("staff",), "the first two accounts with the role key_custodian are one person"
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


def _extras(file: ProgrammeFile) -> Found:
    for index, extra in enumerate(file.learners_extra):
        if extra.duplicates is None and extra.cohort_id is None:
            rule = "who duplicates nobody applies to a cohort"
            yield VALUE_INVALID, ("learners_extra", index, "cohort_id"), rule
        if extra.duplicates == extra.person_id:
            yield VALUE_INVALID, ("learners_extra", index, "duplicates"), "nobody is their own duplicate"


def _reviews(file: ProgrammeFile, ids: Mapping[str, Collection[str]]) -> Found:
    items = {each.item_id for each in file.facility_checklist}
    for index, item in enumerate(file.facility_checklist):
        for place, programme in enumerate(item.applies_to):
            if programme != _ALL_PROGRAMMES and programme not in ids["programme"]:
                where = ("facility_checklist", index, "applies_to", place)
                yield REFERENCE_UNKNOWN, where, unknown("programme", programme, ids["programme"])
    for index, review in enumerate(file.facility_reviews):
        for place, failed in enumerate(review.failed):
            if failed not in items:
                where = ("facility_reviews", index, "failed", place)
                yield REFERENCE_UNKNOWN, where, unknown("item", failed, items)
        if (review.valid_until is None) != (review.outcome == "NOT_READY"):
            rule = "a ready site has a last valid day, another has none"
            yield VALUE_INVALID, ("facility_reviews", index, "valid_until"), rule
        elif review.valid_until and review.valid_until < review.date:
            yield VALUE_INVALID, ("facility_reviews", index, "valid_until"), "it lies before the review"
        if review.signed_by[0] == review.signed_by[1]:
            yield VALUE_INVALID, ("facility_reviews", index, "signed_by"), "two people sign"
    if file.facility_reviews and not file.facility_checklist:
        yield VALUE_INVALID, ("facility_checklist",), "a review needs a checklist"


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
            rule = "this NIK does not fit the person's sex; digits 7 and 8 are 40 more for P"
            yield VALUE_INVALID, where, rule
        elif person.birth_date and f"{day % 40:02d}{nik[8:12]}" != person.birth_date.strftime("%d%m%y"):
            yield VALUE_INVALID, where, "this NIK does not fit the person's birth date (digits 7 to 12)"
