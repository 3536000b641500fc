"""Two people of one role issue for one decision at the same instant, a thousand times.

    python -m tests.slow.issue_race [--decisions N]

Two processes, one person each, on SQLite and on PostgreSQL. Every time exactly one certificate comes of it, and
the other person is told CERT_ALREADY_ISSUED.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from typing import Any

from ledger.domain.roles import Role
from tests.slow.candidates import School
from tests.slow.racing import DATABASES, Racer, race, raced_ledger, racer, sound
from tests.slow.report import Report

EXPECTED = ["CERT_ALREADY_ISSUED", "recorded"]


def prepare(school: School, decisions: int) -> tuple[list[str], list[list[Racer]]]:
    """The decisions, and two issuers who will each issue for every one of them."""
    assessments = school.decided(decisions)
    commands = [("IssueCompetenceCertificate", {"assessment": each}) for each in assessments]
    issuers = [school.hire(Role.COMPETENCE_ISSUER, school.lsp) for _ in range(2)]
    return assessments, [[racer(school, issuer, commands, "issue")] for issuer in issuers]


def run(report: Report, kind: str, decisions: int) -> None:
    """Prepare, race, look."""
    with raced_ledger(kind, lambda school: prepare(school, decisions)) as (folder, (assessments, processes)):
        result = race(folder, processes)
        rounds = [
            sorted(outcome.get("code", "recorded") for outcome in result.round(number))
            for number in range(decisions)
        ]
        report.race(kind, f"{decisions} decisions, two issuers in two processes", result)
        wrong = Counter(str(each) for each in rounds if each != EXPECTED)
        report.check("every time one certificate and one CERT_ALREADY_ISSUED", not wrong, told=str(wrong))
        winners = Counter(
            number
            for place in range(decisions)
            for number, outcome in enumerate(result.round(place))
            if "receipt" in outcome
        )
        report.check("both processes won some", len(winners) == len(processes), told=str(winners))
        report.check("the race was run: transactions met", result.conflicts > 0)
        house = sound(report, folder)
        given: list[dict[str, Any]] = [
            outcome["receipt"]["result"]
            for each in result.outcomes
            for outcome in each
            if "receipt" in outcome
        ]
        numbers = sorted(int(re.match(r"\d+", each["number"])[0]) for each in given)  # type: ignore[index]
        report.check("numbers are unique and without a gap", numbers == list(range(1, decisions + 1)))
        ids = {each["certificate"] for each in given}
        report.check(
            "the ledger holds these certificates and no other", ids == set(house.queries.certificates())
        )
        of_each = [house.personal.index.certificates_of("assessment", each) for each in assessments]
        report.check("each decision leads to one certificate", all(len(each) == 1 for each in of_each))
        codes = {house.personal.index.certificate_of(each["code"]) for each in given}
        report.check("each code leads to its certificate", codes == ids)
        house.close()


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1000)
    decisions = parser.parse_args().decisions
    report = Report("issue_race", "Two people issue for one decision at the same instant.")
    for kind in DATABASES:
        run(report, kind, decisions)
    report.end()


if __name__ == "__main__":
    main()
