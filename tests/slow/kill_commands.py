"""A process that gives commands one after another is killed, again and again.

    python -m tests.slow.kill_commands [--kills N]

The process registers learners with a NIK, records evidence, issues certificates and erases every third learner,
each command with an idempotency key of its own, and tells each receipt. It gets SIGKILL at random moments
(seeded), one in six while it opens the ledger, and the next one goes on with the first command that was not
acknowledged. On SQLite and on PostgreSQL. The files lie in memory: a killed process loses nothing that it has
written, synced or not, so this says nothing of power cuts.
"""

from __future__ import annotations

import argparse
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from json import loads
from pathlib import Path
from typing import Any

from api.composition import House, open_house
from keys.signer import Ed25519Signer
from ledger.clock import SimulatedClock
from ledger.domain.roles import Role
from tests.houses import START
from tests.slow.candidates import School
from tests.slow.kill_worker import ERASED, Start, give, name, nik
from tests.slow.racing import DATABASES, raced_ledger, sound
from tests.slow.report import Report

SEED = 20310303
ENROLMENTS = 1_000
LONGEST_S = 0.5
"""The longest life of a process once it gives commands."""
OPENING_S = 0.7
"""About as long as a process takes until it opens the ledger."""
LOOK_BACK = 20
"""Receipts that are looked for after each kill; all of them at the end."""


@dataclass(slots=True)
class Tally:
    """Every acknowledged receipt by life and step, where to go on, and what was seen after the kills."""

    start: Start
    receipts: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def acknowledge(self, life: int, step: int, receipt: dict[str, Any]) -> None:
        """Keep a receipt; the next process goes on after it."""
        if self.receipts.setdefault((life, step), receipt) != receipt:
            self.wrong.append(f"life {life} step {step} has two receipts")
        known = self.start.known if life == self.start.life else {}
        self.start = replace(self.start, life=life, step=step + 1, known={**known, **receipt["result"]})

    def result(self, life: int) -> dict[str, Any]:
        """All that the acknowledged steps of a life gave."""
        found: dict[str, Any] = {}
        for step in range(10):
            found.update(self.receipts.get((life, step), {"result": {}})["result"])
        return found


def prepare(school: School) -> Start:
    """The people who will give commands, and enrolments to issue for; the folder is filled in later."""
    privacy = school.hire(Role.PRIVACY_OFFICER, school.blk)
    people = {}
    for who, staff in (("admin", school.admin), ("issuer", school.issuer), ("privacy", privacy)):
        role, org = school.titles[staff]
        signer = school.place.signers[staff]
        assert isinstance(signer, Ed25519Signer)
        people[who] = [staff, str(role), org, signer.raw().hex()]
    return Start("", people, school.completed(ENROLMENTS))


def run(report: Report, kind: str, kills: int) -> None:
    """Kill, look after each, let the last one finish, look at all."""
    with raced_ledger(kind, prepare) as (folder, start):
        with opened(folder) as house:
            before = recorded(house)
        draw, tally, begun = random.Random(SEED), Tally(replace(start, folder=str(folder))), time.monotonic()
        for number in range(kills):
            one_process(tally, draw.uniform(0, LONGEST_S), while_opening=number % 6 == 5)
            look(folder, tally)
        tally.start.last = tally.start.life
        one_process(tally, None)
        took = time.monotonic() - begun
        report.line(f"{kind}: {kills} kills, {len(tally.receipts)} commands acknowledged, {took:.0f} s")
        for what, count in sorted(tally.seen.items()):
            report.line(f"  {what}: {count}")
        told = "; ".join(tally.wrong[:3])
        report.check(
            "after every kill the last receipts hold, and facts are settled or swept",
            not tally.wrong,
            told=told,
        )
        finish(report, folder, tally, before)


def opened(folder: Path) -> House:
    """The ledger, as the next start opens it."""
    return open_house(folder, clock=SimulatedClock(START))


def one_process(tally: Tally, life_s: float | None, *, while_opening: bool = False) -> None:
    """One process, from its start to its death; with no time given it may come to its end."""
    command = [sys.executable, "-m", "tests.slow.kill_worker"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(tally.start.to_json())
    process.stdin.close()
    if life_s is not None:
        if while_opening:
            time.sleep(OPENING_S)
        else:
            process.stdout.readline()
        time.sleep(life_s)
        process.send_signal(signal.SIGKILL)
    for line in process.stdout:
        told = loads(line) if line.endswith("\n") else "ready"  # a line that was cut acknowledges nothing
        if told != "ready":
            tally.acknowledge(*told)
    process.stdout.close()
    if process.wait() != (0 if life_s is None else -signal.SIGKILL):
        tally.wrong.append(f"a process ended with {process.returncode}")


def look(folder: Path, tally: Tally) -> None:
    """Open the ledger as the next start does, and compare with what was acknowledged."""
    left = pending(folder)
    with opened(folder) as house:
        for command in left:
            settled = house.queries.command(command) is not None
            tally.seen[f"facts left pending, then {'settled' if settled else 'swept'}"] += 1
        if pending(folder):
            tally.wrong.append("facts are pending after a start")
        tally.wrong += [
            problem
            for place in sorted(tally.receipts)[-LOOK_BACK:]
            if (problem := missing(house, tally, place))
        ]
        known = {receipt["command"] for receipt in tally.receipts.values()}
        if tally.receipts and newest(house) not in known:
            tally.seen["kills that left a command recorded and not acknowledged"] += 1
        if tally.receipts:
            life, step = max(tally.receipts)
            if give(house, tally.start, life, step, tally.result(life)) != tally.receipts[life, step]:
                tally.wrong.append(f"life {life} step {step}: repeated, it got another receipt")


def pending(folder: Path) -> list[str]:
    """Commands whose facts are not settled."""
    with closing(sqlite3.connect(folder / "personal.db")) as connection:
        return [command for (command,) in connection.execute("SELECT command FROM pending_command")]


def newest(house: House) -> str:
    """The id of the last command in the log."""
    with house.application.reading() as sql:
        sql.execute("SELECT command FROM command ORDER BY first_index DESC LIMIT 1")
        return str((sql.fetchone() or ("",))[0])


def recorded(house: House) -> int:
    """How many commands the log has."""
    with house.application.reading() as sql:
        sql.execute("SELECT COUNT(*) FROM command")
        return int((sql.fetchone() or (0,))[0])


def missing(house: House, tally: Tally, place: tuple[int, int]) -> str | None:
    """What is not there of an acknowledged command, or None."""
    life, step = place
    receipt, result = tally.receipts[place], tally.receipts[place]["result"]
    where = f"life {life} step {step}"
    if house.queries.command(receipt["command"]) != (receipt["first_index"], receipt["events"]):
        return f"{where}: the command is not in the log"
    if step == 0:
        return missing_learner(house, life, result["learner"])
    if "certificate" in result:
        found = house.personal.value(f"certificate/{result['certificate']}", "identity", "code")
        if (found, house.personal.index.certificate_of(result["code"])) != (
            result["code"],
            result["certificate"],
        ):
            return f"{where}: the certificate's facts are not visible"
    return None


def missing_learner(house: House, life: int, learner: str) -> str | None:
    """A learner's facts are all there, or all gone once the log says that they were destroyed."""
    subject = f"learner/{learner}"
    facts = house.personal.get(subject, "identity")
    if life % ERASED == 0 and house.queries.destroyed(subject, "identity"):
        left = facts or house.personal.index.learner_of(nik(life)) or house.datakeys.get(subject, "identity")
        return f"life {life}: something is left of who was erased" if left else None
    found = (
        house.personal.value(subject, "identity", "full_name"),
        house.personal.index.learner_of(nik(life)),
    )
    return None if found == (name(life), learner) else f"life {life}: the learner's facts are not visible"


def finish(report: Report, folder: Path, tally: Tally, before: int) -> None:
    """Every receipt again, and the whole store."""
    house = sound(report, folder)
    problems = [problem for place in tally.receipts if (problem := missing(house, tally, place))]
    report.check(
        "every acknowledged command is there, with its facts", not problems, told="; ".join(problems[:3])
    )
    again = sum(
        give(house, tally.start, life, step, tally.result(life)) == receipt
        for (life, step), receipt in tally.receipts.items()
    )
    report.check(
        "every command repeated gets the same receipt", again == len(tally.receipts), told=str(again)
    )
    count = recorded(house) - before
    report.check(
        "the log has these commands and no other, none twice", count == len(tally.receipts), told=str(count)
    )
    erased = [life for life in range(0, tally.start.life + 1, ERASED) if (life, 6) in tally.receipts]
    report.check(f"{len(erased)} learners were erased, and nothing is left of them", erased and not problems)
    house.close()


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    kills = parser.parse_args().kills
    report = Report("kill_commands", "A process that gives commands is killed, and the next one goes on.")
    for kind in DATABASES:
        run(report, kind, kills)
    report.end()


if __name__ == "__main__":
    main()
