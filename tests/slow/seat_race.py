"""The last seats of a cohort, asked for by more people than there are seats, at the same instant.

    python -m tests.slow.seat_race [--rounds N]

Two processes with eight threads each confirm different learners into cohorts that have a few seats left, on
SQLite and on PostgreSQL. Every seat is given once, and who has none is told COHORT_FULL.
"""

from __future__ import annotations

import argparse

from ledger.domain.enrolment import Enrolment
from ledger.domain.roles import Role
from tests.slow.candidates import School
from tests.slow.racing import DATABASES, PROCESSES, THREADS, Racer, race, raced_ledger, racer, sound
from tests.slow.report import Report

RACERS = PROCESSES * THREADS
SEATS = (1, 3, RACERS - 1)
"""How many seats a cohort has, in turn."""


def prepare(school: School, rounds: int) -> tuple[list[tuple[str, int, list[str]]], list[list[Racer]]]:
    """Cohorts as (id, seats, enrolments), and the admins who will each confirm one learner in each of them."""
    cohorts, commands = [], []
    for number in range(rounds):
        seats = SEATS[number % len(SEATS)]
        cohort = school.cohort(seats)
        learners, enrolments = school.selected(cohort, RACERS)
        cohorts.append((cohort, seats, enrolments))
        commands.append([("ConfirmEnrolment", {"learner": each, "cohort": cohort}) for each in learners])
    racers = [
        racer(
            school, school.hire(Role.TRAINING_ADMIN, school.blk), [each[place] for each in commands], "seat"
        )
        for place in range(RACERS)
    ]
    return cohorts, [racers[start::PROCESSES] for start in range(PROCESSES)]


def run(report: Report, kind: str, rounds: int) -> None:
    """Prepare, race, look."""
    with raced_ledger(kind, lambda school: prepare(school, rounds)) as (folder, (cohorts, processes)):
        result = race(folder, processes)
        report.race(kind, f"{rounds} cohorts with {', '.join(map(str, SEATS))} seats in turn", result)
        report.check("no outcome but a seat or COHORT_FULL", set(result.codes) <= {"recorded", "COHORT_FULL"})
        full = all(
            [outcome.get("code") for outcome in result.round(number)].count(None) == seats
            for number, (_, seats, _) in enumerate(cohorts)
        )
        report.check("as many people were confirmed as there were seats", full)
        house = sound(report, folder)
        given_once = True
        for _, seats, enrolments in cohorts:
            found = [house.application.find(Enrolment, each) for each in enrolments]
            taken = sorted(each.seat for each in found if each is not None and each.seat is not None)
            given_once &= taken == list(range(1, seats + 1))
        report.check("every seat of every cohort was given once", given_once)
        house.close()


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    report = Report("seat_race", "Sixteen people ask for the last seats of a cohort at the same instant.")
    for kind in DATABASES:
        run(report, kind, rounds)
    report.end()


if __name__ == "__main__":
    main()
