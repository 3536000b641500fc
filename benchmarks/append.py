"""How fast signed events are appended, beside the plain `eventsourcing` library on the same database.

    python -m benchmarks.append [--rounds N] [--postgres]

Both sides load an aggregate, decide and save, with the same journal mode and ``synchronous=FULL``, in turn and in
one process; what counts is the ratio of the medians. The plain library stores an unsigned event; ours signs, verifies the
signature, checks admission and writes tree, projections and the idempotency row in the same transaction.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.sqlite import SQLiteFactory

from ledger.commands.facilities import AssessItems, ItemArgument, StartFacilityReview
from ledger.commands.programmes import ProposeProgramme, TagProgramme
from ledger.domain.roles import Role
from ledger.store.postgres import environment
from ledger.store.sqlite import Factory, wal_is_safe
from tests.houses import fresh_database, office

BATCH = 100
WARM_UP = 10


class Plain(Aggregate):
    """What somebody writes on their first day with the library."""

    @event("Started")
    def __init__(self) -> None:
        self.tags: list[str] = []

    @event("Tagged")
    def tag(self, tags: list[str]) -> None:
        """One event with a small list."""
        self.tags = tags


class PlainApplication(Application[uuid.UUID]):
    """The plain library; on SQLite with our connection settings, so that both wait for the same disk."""

    def construct_factory(self, env: Any) -> Any:
        """As the library does, but for the pool."""
        factory = super().construct_factory(env)
        if isinstance(factory, SQLiteFactory):
            self.ours = Factory(env)  # kept, since it closes its pool when it is forgotten
            factory.datastore.pool = self.ours.datastore.pool
        return factory


def fsync_time(folder: Path) -> float:
    """The median of one small write and fsync, in milliseconds."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            begun = time.perf_counter()
            file.write(b"x" * 512)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e3


def paired(rounds: int, plain: Callable[[int], None], ours: Callable[[int], None]) -> tuple[float, float]:
    """Median seconds of each, taken in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + WARM_UP):
        for act, kept in zip((plain, ours), times, strict=True):
            begun = time.perf_counter()
            act(number)
            if number >= WARM_UP:
                kept.append(time.perf_counter() - begun)
    return statistics.median(times[0]), statistics.median(times[1])


def measure(kind: str, rounds: int, folder: Path) -> None:
    """One event a command, then a hundred."""
    with office(folder / "ours", kind) as place, fresh_database(kind) as url:
        env = (
            {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"file:{folder / 'plain.db'}"}
            if url is None
            else {"PERSISTENCE_MODULE": "eventsourcing.postgres", **environment(url)}
        )
        plain = PlainApplication(env)
        org = place.organisation()
        admin = place.person((Role.TRAINING_ADMIN, org))
        ids = []
        programmes = []
        for number in range(20):
            aggregate = Plain()
            plain.save(aggregate)
            ids.append(aggregate.id)
            command = ProposeProgramme(code=f"P-{number}", trade="T", min_attendance_pct=80)
            programmes.append(place.give(admin, Role.TRAINING_ADMIN, org, command).result["programme"])

        def plain_one(number: int) -> None:
            found: Plain = plain.repository.get(ids[number % 20])
            found.tag(["UMKM"])
            plain.save(found)

        def ours_one(number: int) -> None:
            command = TagProgramme(programme=programmes[number % 20], tags=["UMKM"])
            place.give(admin, Role.TRAINING_ADMIN, org, command)

        report(kind, "1 event", *paired(rounds, plain_one, ours_one))

        items = [
            ItemArgument(item=f"I-{number}", value="1", passed=True, critical=True) for number in range(BATCH)
        ]

        def plain_batch(_number: int) -> None:
            aggregate = Plain()
            for _ in range(BATCH - 1):
                aggregate.tag(["UMKM"])
            plain.save(aggregate)

        rounds = max(rounds // 5, 10)
        start = StartFacilityReview(site=org, provider=org)
        reviews = [
            place.give(admin, Role.TRAINING_ADMIN, org, start).result["review"]
            for _ in range(rounds + WARM_UP)
        ]

        def ours_batch(number: int) -> None:
            place.give(admin, Role.TRAINING_ADMIN, org, AssessItems(review=reviews[number], items=items))

        report(kind, f"{BATCH} events", *paired(rounds, plain_batch, ours_batch))
        plain.close()


def report(kind: str, what: str, plain: float, ours: float) -> None:
    """One line."""
    print(
        f"{kind:9} {what:>10} a command: plain {plain * 1e3:7.2f} ms, ours {ours * 1e3:7.2f} ms, "
        f"throughput ratio {plain / ours:.2f}"
    )


def main() -> None:
    """Measure on SQLite, and on PostgreSQL when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mode = "WAL" if wal_is_safe() else "TRUNCATE"
        print(
            f"SQLite {sqlite3.sqlite_version}, journal_mode={mode}, synchronous=FULL for both; "
            f"write + fsync here: {fsync_time(folder):.2f} ms"
        )
        measure("sqlite", options.rounds, folder)
        if options.postgres:
            (folder / "pg").mkdir()
            measure("postgres", options.rounds, folder / "pg")


if __name__ == "__main__":
    main()
