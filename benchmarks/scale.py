"""Look-ups and rebuilding on a large ledger: a million events, one certificate for every forty of them.

    python -m benchmarks.scale [--events N]

The events are written straight into the database, as entries with the real payload format and signature lines
of the real size that are not verified here. A look-up is what the public page asks by code: the keyed index,
the status projection, the holder's sealed name.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.verification import LedgerVerifier
from ledger.projections.project import project
from ledger.rebuild import rebuild
from ledger.store.mapper import event_of
from tests.houses import START, Office, office
from verifier.code import RANDOM_BITS, make
from verifier.merkle import CompactRange, leaf_hash

PER_CERTIFICATE = 40
LOOKUPS = 20_000
SIGNATURE = json.dumps(
    {"alg": "ed25519", "index": 0, "key": "k" * 43, "path": [], "sig": "s" * 88, "size": 1}
)


def entry(stream: str, version: int, kind: str, data: dict[str, Any], org: str) -> bytes:
    """An entry of the real shape."""
    payload = {
        "type": f"{stream.partition('/')[0]}.{kind}.v1",
        "stream": stream,
        "version": version,
        "prev": "0" * 64 if version > 1 else None,
        "occurred_at": "2031-03-03T01:00:00Z",
        "recorded_at": "2031-03-03T01:00:00Z",
        "actor": f"staff/{uuid.UUID(int=1)}",
        "role": "training_issuer",
        "org": org,
        "command": str(uuid.uuid4()),
        "seen": {"size": 2, "root": "r" * 44},
        "data": data,
    }
    return json.dumps(payload, sort_keys=True, separators=(",", ":")).encode() + b"\n" + SIGNATURE.encode()


def history(events: int, org: str) -> Iterator[tuple[str, bytes]]:
    """(certificate id or nothing, entry): attendance for most, a certificate now and then."""
    commitment = {"commitment": "c" * 64}
    made = 0
    while made < events:
        enrolment, cohort, certificate = (str(uuid.uuid4()) for _ in range(3))
        applied = {"learner": str(uuid.uuid4()), "cohort": cohort}
        yield "", entry(f"enrolment/{enrolment}", 1, "applied", applied, org)
        for number in range(PER_CERTIFICATE - 3):
            held = {"cohort": cohort, "session": number, "jp": 8}
            yield "", entry(f"enrolment/{enrolment}", number + 2, "attendance_recorded", held, org)
        prepared = {
            "kind": "TRAINING",
            "scheme_code": "S",
            "programme_code": "P",
            "title_id": "Judul",
            "title_en": "Title",
            "level": 2,
            "units": [],
            "jp": 160,
            "template": str(uuid.UUID(int=2)),
            "template_version": 1,
            "template_hash": "0" * 64,
        }
        yield "", entry(f"certificate/{certificate}", 1, "prepared", prepared, org)
        issued = {
            "number": f"{made:07d}/T/2031",
            "seq": made,
            "series": "TRAINING",
            "issued_on": "2031-03-03",
            "valid_until": None,
            "zone": "Asia/Jayapura",
            "list": 1,
            "index": made % 131_072,
            "holder": commitment,
            "code": commitment,
            "provenance": commitment,
            "replaces": None,
        }
        yield certificate, entry(f"certificate/{certificate}", 2, "issued", issued, org)
        made += PER_CERTIFICATE


def fill(place: Office, events: int) -> dict[str, str]:
    """Write the history; returns code by certificate."""
    org = place.organisation()
    codes: dict[str, str] = {}
    draw = random.Random(1)  # noqa: S311 - a benchmark's data
    with place.house.application.recorder.writing() as sql:
        sql.execute("SELECT size, nodes FROM log_head")
        size, nodes = sql.fetchone()
        tree = CompactRange.from_bytes(size, bytes(nodes))
        for certificate, state in history(events, org):
            event = event_of(state)
            sql.execute(
                "INSERT INTO stored_events (originator_id, originator_version, topic, state, {id})"
                " VALUES (?, ?, ?, ?, ?)",
                (event.originator_id, event.originator_version, event.type, state, tree.size + 1),
            )
            project(sql, event, tree.size)
            tree.append(leaf_hash(state))
            if certificate:
                codes[make(draw.getrandbits(RANDOM_BITS))] = certificate
        sql.execute(
            "UPDATE log_head SET size = ?, nodes = ?, root = ?", (tree.size, tree.to_bytes(), tree.root())
        )
    place.house.personal.put([], pending="fill", now=START, codes=codes)
    place.house.personal.settle("fill")
    return codes


def main() -> None:
    """Fill, look up, rebuild."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, office(Path(name) / "data") as place:
        begun = time.perf_counter()
        codes = list(fill(place, options.events))
        size = place.house.queries.head().size
        print(f"{size} events, {len(codes)} certificates, filled in {time.perf_counter() - begun:.0f} s")
        house = place.house
        verifier = LedgerVerifier(house.queries, house.statuses, house.personal, house.clock, "Asia/Jayapura")
        draw = random.Random(2)  # noqa: S311
        wall, cpu = [], []
        for _ in range(LOOKUPS):
            code = draw.choice(codes)
            begun, worked = time.perf_counter(), time.thread_time()
            view = verifier.by_code(code)
            cpu.append(time.thread_time() - worked)
            wall.append(time.perf_counter() - begun)
            if view.status != "VALID":
                raise SystemExit(view.status)
        print(
            f"look-up by code, {LOOKUPS} at random, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores:"
        )
        for what, times in (("wall", wall), ("cpu", cpu)):
            median, p99 = statistics.median(times), sorted(times)[int(LOOKUPS * 0.99)]
            print(f"  {what:4}: median {median * 1e3:.3f} ms, p99 {p99 * 1e3:.3f} ms")
        begun = time.perf_counter()
        rebuilt = rebuild(house.application)
        took = time.perf_counter() - begun
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"rebuild: {rebuilt.events / took:,.0f} events a second, {sum(rebuilt.differing.values())} rows differ, "
            f"peak {memory} MB"
        )


if __name__ == "__main__":
    main()
