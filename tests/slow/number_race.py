"""Certificates numbered by the ledger, issued by sixteen people at the same instants.

    python -m tests.slow.number_race [--rounds N]

Two processes with eight threads each issue for different learners, half of them TRAINING and half COMPETENCE, on SQLite
and on PostgreSQL. Nobody is refused, and each of the two series has every number from 1 on, once.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict

from ledger.domain.roles import Role
from tests.slow.candidates import School
from tests.slow.racing import DATABASES, PROCESSES, THREADS, Racer, race, raced_ledger, racer, sound
from tests.slow.report import Report

RACERS = PROCESSES * THREADS


def prepare(school: School, rounds: int) -> list[list[Racer]]:
    """Issuers with as many certificates each to issue as there are rounds."""
    half = RACERS // 2
    enrolments = iter(school.completed(half * rounds))
    assessments = iter(school.decided(half * rounds))
    racers = []
    for place in range(RACERS):
        if place % 2:
            issuer = school.hire(Role.COMPETENCE_ISSUER, school.lsp)
            commands = [
                ("IssueCompetenceCertificate", {"assessment": next(assessments)}) for _ in range(rounds)
            ]
        else:
            issuer = school.hire(Role.TRAINING_ISSUER, school.blk)
            commands = [("IssueTrainingCertificate", {"enrolment": next(enrolments)}) for _ in range(rounds)]
        racers.append(racer(school, issuer, commands, "number"))
    return [racers[:half], racers[half:]]


def run(report: Report, kind: str, rounds: int) -> None:
    """Prepare, race, look."""
    with raced_ledger(kind, lambda school: prepare(school, rounds)) as (folder, processes):
        result = race(folder, processes)
        report.race(kind, f"{rounds} instants, sixteen certificates in two series at each", result)
        report.check("nobody was refused", set(result.codes) == {"recorded"})
        series: dict[str, list[int]] = defaultdict(list)
        for outcome in (one for each in result.outcomes for one in each if "receipt" in one):
            sequence, letter, _ = re.split("/", outcome["receipt"]["result"]["number"])
            series[letter].append(int(sequence))
        whole = {letter: sorted(each) == list(range(1, len(each) + 1)) for letter, each in series.items()}
        report.check("each series has every number once, without a gap", whole == {"T": True, "C": True})
        house = sound(report, folder)
        count = len(house.queries.certificates())
        report.check(
            "the ledger holds as many certificates as were given", count == result.codes.get("recorded")
        )
        house.close()


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    report = Report(
        "number_race", "Sixteen people issue certificates that the ledger numbers, at the same instants."
    )
    for kind in DATABASES:
        run(report, kind, rounds)
    report.end()


if __name__ == "__main__":
    main()
