"""Races: the same moment in several processes and threads, each with its own connections to one ledger.

Processes are started afresh (no memory of the parent's) and are aligned by a barrier before every command;
nothing else joins them but the database, the personal store's file and the shared lock of the data folder. A
racer counts how often it lost inside a transaction (of the log or the personal store), so that a report can
tell a race that was run from two commands that merely followed each other.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from eventsourcing.persistence import IntegrityError

from api.composition import House, open_house
from keys.signer import Ed25519Signer
from ledger.clock import SimulatedClock
from ledger.commands.command import COMMANDS
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import ConflictError, Error
from ledger.fsck import fsck
from ledger.rebuild import rebuild
from tests.houses import START, office
from tests.slow.candidates import School
from tests.slow.report import Report

PROCESSES, THREADS = 2, 8
DATABASES = ("sqlite", "postgres")
RAM = Path("/dev/shm")
WAIT = 600


@dataclass(frozen=True, slots=True)
class Racer:
    """One person in one thread: who they are, their key's seed, and the commands they give, one a round.

    A command is (name, arguments, idempotency key).
    """

    staff: str
    role: str
    org: str
    seed: bytes
    commands: tuple[tuple[str, dict[str, Any], str], ...]


@dataclass(slots=True)
class Run:
    """What came of a race: for every racer and round the result or the code, and how often an append lost."""

    outcomes: list[list[dict[str, Any]]]
    conflicts: int
    seconds: float
    slowest: float

    def round(self, number: int) -> list[dict[str, Any]]:
        """All racers' outcomes of one round."""
        return [each[number] for each in self.outcomes]

    @property
    def codes(self) -> dict[str, int]:
        """How often each code came; ``recorded`` for what was recorded."""
        found: dict[str, int] = {}
        for outcome in (one for each in self.outcomes for one in each):
            code = str(outcome.get("code", "recorded"))
            found[code] = found.get(code, 0) + 1
        return dict(sorted(found.items()))


@dataclass(slots=True)
class _Count:
    """Appends that were refused in the transaction."""

    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def racer(school: School, staff: str, commands: Sequence[tuple[str, dict[str, Any]]], name: str) -> Racer:
    """A person of the school with these commands; idempotency keys are ``<name>-<number>``."""
    role, org = school.titles[staff]
    signer = school.place.signers[staff]
    assert isinstance(signer, Ed25519Signer)
    given = tuple((each, arguments, f"{name}-{number}") for number, (each, arguments) in enumerate(commands))
    return Racer(staff, str(role), org, signer.raw(), given)


def race(folder: Path, processes: Sequence[Sequence[Racer]]) -> Run:
    """Run all racers at once, each in a thread of its process; every round begins at a barrier."""
    context = multiprocessing.get_context("spawn")
    racers = sum(len(each) for each in processes)
    barrier, results = context.Barrier(racers), context.Queue()
    started: list[SpawnProcess] = []
    begun = time.monotonic()
    for number, members in enumerate(processes):
        process = context.Process(target=_process, args=(folder, number, list(members), barrier, results))
        process.start()
        started.append(process)
    found = dict(results.get(timeout=WAIT) for _ in processes)
    for process in started:
        process.join(WAIT)
        assert process.exitcode == 0, process
    seconds = time.monotonic() - begun
    outcomes = [one for number in range(len(processes)) for one in found[number][0]]
    slowest = max(one["seconds"] for each in outcomes for one in each)
    return Run(outcomes, sum(found[number][1] for number in range(len(processes))), seconds, slowest)


def _process(folder: Path, number: int, members: list[Racer], barrier: Any, results: Any) -> None:
    with open_house(folder, clock=SimulatedClock(START)) as house:
        count = _counting(house)
        outcomes: list[list[dict[str, Any]]] = [[] for _ in members]
        threads = [
            threading.Thread(target=_thread, args=(house, member, barrier, outcomes[place]))
            for place, member in enumerate(members)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        results.put((number, (outcomes, count.lost)))


def _thread(house: House, member: Racer, barrier: Any, outcomes: list[dict[str, Any]]) -> None:
    signer = Ed25519Signer(member.seed)
    signatory = Signatory(member.staff, Role(member.role), member.org)
    for name, arguments, key in member.commands:
        command = COMMANDS[name].model_validate(arguments)
        barrier.wait(WAIT)
        begun = time.monotonic()
        try:
            receipt = house.ledger.give(signatory, signer, command, idempotency_key=key)
            outcome: dict[str, Any] = {"receipt": receipt.to_json()}
        except Error as error:
            outcome = {"code": error.code}
        except Exception as error:  # noqa: BLE001 - anything else is a finding, told by its type
            outcome = {"code": f"{type(error).__name__}: {error}"}
        outcomes.append({**outcome, "seconds": time.monotonic() - begun})


def _counting(house: House) -> _Count:
    count = _Count()

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **kwargs: Any) -> Any:
            try:
                return act(*args, **kwargs)
            except (ConflictError, IntegrityError):
                with count.lock:
                    count.lost += 1
                raise

        return counting

    house.application.append = counted(house.application.append)  # type: ignore[method-assign]
    house.personal.put = counted(house.personal.put)  # type: ignore[method-assign]
    return count


# -- the ledger that is raced on -------------------------------------------------------------------------------


@contextlib.contextmanager
def raced_ledger(kind: str, prepare: Callable[[School], Any]) -> Iterator[tuple[Path, Any]]:
    """(data folder, what ``prepare`` gave) of a ledger that nobody has open; in memory where the system can."""
    tempfile.tempdir = working_folder()  # PostgreSQL's files too
    with tempfile.TemporaryDirectory(prefix="certledger-") as name:
        folder = Path(name) / "data"
        with office(folder, kind) as place:
            prepared = prepare(School(place))
        yield folder, prepared


def ram() -> str | None:
    """A folder in memory, or None where there is none: how fast a disk syncs is not what is raced for."""
    return str(RAM) if RAM.is_dir() else None


@cache
def working_folder() -> str:
    """One folder for all of a run, gone with it; PostgreSQL is stopped before, having been started later."""
    folder = tempfile.mkdtemp(prefix="certledger-slow-", dir=ram())
    Path(folder).chmod(0o711)  # the server runs as a user of its own
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def sound(report: Report, folder: Path) -> House:
    """Checks that follow every race; the opened house, for more of them."""
    house = open_house(folder, clock=SimulatedClock(START))
    count, finding = fsck(house.application, house.queries, house.folder.root)
    report.check(f"fsck: all {count} entries are in order", finding is None, told=str(finding))
    differing = {table: rows for table, rows in rebuild(house.application).differing.items() if rows}
    report.check("rebuild: every projection comes out equal", not differing, told=str(differing))
    with house.personal._database.reading() as connection:
        pending = connection.execute("SELECT count(*) FROM pending_command").fetchone()[0]
    report.check("no personal fact is left pending", pending == 0, told=f"{pending} commands")
    return house


__all__ = [
    "DATABASES",
    "PROCESSES",
    "THREADS",
    "Racer",
    "Run",
    "race",
    "raced_ledger",
    "racer",
    "ram",
    "sound",
]
