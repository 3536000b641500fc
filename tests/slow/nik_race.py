"""One NIK, given to several new learners at the same instant; and one command repeated at the same instant.

    python -m tests.slow.nik_race [--rounds N]

Two processes with eight threads each, on SQLite and on PostgreSQL. Of sixteen registrations with one NIK one is recorded
and the others are told NIK_ALREADY_USED. Of one registration that one person sends sixteen times with one
idempotency key one is recorded and all get its receipt.
"""

from __future__ import annotations

import argparse

from ledger.domain.roles import Role
from tests.slow.candidates import School
from tests.slow.racing import DATABASES, PROCESSES, THREADS, Racer, race, raced_ledger, racer, sound
from tests.slow.report import Report

RACERS = PROCESSES * THREADS
CODES = {"recorded", "NIK_ALREADY_USED"}


def nik(number: int) -> str:
    """A NIK that cannot be a real one: province 99 does not exist."""
    return f"990101140390{number:04d}"


def prepare(school: School, rounds: int) -> tuple[list[list[Racer]], list[list[Racer]]]:
    """Racers for one NIK, each another person; and racers who are one person with one key."""
    admins = [school.hire(Role.TRAINING_ADMIN, school.blk) for _ in range(RACERS)]
    strangers = [
        racer(
            school,
            admin,
            [
                ("RegisterLearner", {"full_name": f"Orang Fiktif {place}", "nik": nik(number)})
                for number in range(1, rounds + 1)
            ],
            "nik",
        )
        for place, admin in enumerate(admins)
    ]
    again = [
        ("RegisterLearner", {"full_name": "Orang Sama Fiktif", "nik": nik(number)})
        for number in range(rounds + 1, 2 * rounds + 1)
    ]
    same = [racer(school, admins[0], again, "repeat") for _ in range(RACERS)]
    return (
        [strangers[start::PROCESSES] for start in range(PROCESSES)],
        [same[start::PROCESSES] for start in range(PROCESSES)],
    )


def run(report: Report, kind: str, rounds: int) -> None:
    """Prepare, race twice, look."""
    with raced_ledger(kind, lambda school: prepare(school, rounds)) as (folder, (strangers, same)):
        result = race(folder, strangers)
        report.race(kind, f"{rounds} NIKs, sixteen learners for each", result)
        report.check("no outcome but recorded or NIK_ALREADY_USED", set(result.codes) <= CODES)
        report.check("each NIK was given once", result.codes.get("recorded") == rounds)
        repeated = race(folder, same)
        report.race(kind, f"{rounds} commands, each sent sixteen times with one idempotency key", repeated)
        report.check("every sender got a receipt", set(repeated.codes) == {"recorded"})
        receipts = all(
            len({str(outcome.get("receipt")) for outcome in repeated.round(number)}) == 1
            for number in range(rounds)
        )
        report.check("all sixteen receipts of a command are the same", receipts)
        house = sound(report, folder)
        owners = [house.personal.index.learner_of(nik(number)) for number in range(1, 2 * rounds + 1)]
        with house.application.reading() as sql:
            sql.execute("SELECT COUNT(*) FROM stored_events WHERE topic = 'learner.registered.v1'")
            (count,) = sql.fetchone() or (0,)
        report.check(
            "the log has one learner for each NIK and no other",
            None not in owners and count == len(set(owners)),
        )
        names = {str(house.personal.value(f"learner/{each}", "identity", "nik")) for each in owners}
        report.check(
            "each of them has the NIK as a fact", names == {nik(n) for n in range(1, 2 * rounds + 1)}
        )
        house.close()


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    report = Report("nik_race", "Sixteen people register one NIK, or one command, at the same instant.")
    for kind in DATABASES:
        run(report, kind, rounds)
    report.end()


if __name__ == "__main__":
    main()
