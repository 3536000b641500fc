"""Whether the ways of cohorts and people can be gone: days in order, commands known, arguments of their shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from itertools import pairwise

from pydantic import ValidationError

from ledger.commands.catalogue import COMMANDS, QUERIES, load
from ledger.programme.ids import repeated, unknown_refs
from ledger.programme.institution import Cohort
from ledger.programme.persons import FileStep, Learner, NegativeTest
from ledger.programme.problems import COMMAND_UNKNOWN, REFERENCE_UNKNOWN, VALUE_INVALID
from ledger.programme.schema import ProgrammeFile
from ledger.programme.shape import Found, Where, near, problems_of
from ledger.programme.vocabulary import ARGUMENTS

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


def cohort_way(file: ProgrammeFile, cohort: Cohort, where: Where) -> Found:
    """A cohort has all that it needs, and its days are in order."""
    if cohort.cancelled:
        if cohort.cancelled_on is None or cohort.cancel_reason is None:
            yield VALUE_INVALID, where, "a cancelled cohort says when (cancelled_on) and why (cancel_reason)"
        movers = {
            learner.person_id
            for learner in file.learners
            if any(step.command == "MoveEnrolment" for step in learner.steps)
        }
        for index, person in enumerate(cohort.displaced):
            if person not in movers:
                rule = f"{person} has no step MoveEnrolment out of {cohort.cohort_id}"
                yield VALUE_INVALID, (*where, "displaced", index), rule
        if file.source_of(cohort) is None and any(getattr(cohort, name) is None for name in _NEEDED):
            yield VALUE_INVALID, where, "no other cohort says what this cancelled one lacks"
        return
    missing = [name for name in _NEEDED if not getattr(cohort, name)]
    for name in missing:
        yield VALUE_INVALID, (*where, name), "a cohort that is not cancelled needs it"
    if not missing:
        yield from _days(cohort, where)


def _days(cohort: Cohort, where: Where) -> Found:
    dates, sessions = cohort.dates, cohort.session_dates
    if dates is None or not sessions or cohort.start is None or cohort.end is None:
        return
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


def learner_way(
    file: ProgrammeFile, learner: Learner, where: Where, ids: Mapping[str, Collection[str]]
) -> Found:
    """A person's steps are known and in order, and their results are the programme's units."""
    cohorts = {each.cohort_id: each for each in file.cohorts}
    programmes = {each.programme_id: each for each in file.programmes}
    cohort = cohorts.get(learner.cohort_id)
    programme = programmes.get(cohort.programme_id) if cohort else None
    begins = cohorts.get(file.first_cohort(learner))
    if begins and begins.dates is None:
        begins = file.source_of(begins)
    for index, step in enumerate(learner.steps):
        here = (*where, "steps", index)
        yield from given(step, here, ids)
        if step.on > file.as_of:
            yield VALUE_INVALID, (*here, "on"), f"{step.on} lies after as_of, {file.as_of}"
        if begins and begins.dates and step.on < begins.dates.enrolment_opened:
            rule = f"{step.on} lies before the person is registered, {begins.dates.enrolment_opened}"
            yield VALUE_INVALID, (*here, "on"), rule
        if index and step.on < learner.steps[index - 1].on:
            yield VALUE_INVALID, (*here, "on"), "the steps of a person stand in the order of their days"
    if programme is None or cohort is None:
        return
    yield from repeated(
        [each.unit_code for each in learner.unit_results],
        [(*where, "unit_results", index, "unit_code") for index in range(len(learner.unit_results))],
    )
    for index, result in enumerate(learner.unit_results):
        if result.unit_code not in programme.unit_codes:
            rule = f"{result.unit_code} is no unit of {programme.programme_id}"
            yield REFERENCE_UNKNOWN, (*where, "unit_results", index, "unit_code"), rule
    missing = [
        each for each in programme.unit_codes if each not in {row.unit_code for row in learner.unit_results}
    ]
    if (
        learner.unit_results
        and missing
        and not any(step.command == "RecordUnitResult" for step in learner.steps)
    ):
        rule = f"results are given for some units only; {', '.join(missing)} has none"
        yield VALUE_INVALID, (*where, "unit_results"), rule
    if cohort.session_dates and cohort.jp_per_day:
        most = len(cohort.session_dates) * cohort.jp_per_day
        if learner.attendance_jp > most and file.first_cohort(learner) == learner.cohort_id:
            yield (
                VALUE_INVALID,
                (*where, "attendance_jp"),
                f"the sessions of {cohort.cohort_id} have {most} JP",
            )


def given(act: FileStep | NegativeTest, where: Where, ids: Mapping[str, Collection[str]]) -> Found:
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
        yield from unknown_refs(arguments, (*where, "args"), ids)
