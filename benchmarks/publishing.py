"""What does the log cost? Appending with tiles, checkpoint and publishing, beside appending without.

    python -m benchmarks.publishing [--blocks N] [--postgres]

Two ledgers take the same commands of one event, in turn, a block each. One has a running log room: tiles in the
append's transaction, and beside it signing and publishing as in a server; its block ends when its last entry is in
the published checkpoint. The other writes no tile and publishes nothing. Both sign their commands and keep size and
root, without which no command could be signed. What counts is the ratio of the medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from ledger.commands.programmes import ProposeProgramme, TagProgramme
from ledger.domain.roles import Role
from ledger.log import tiles
from ledger.log.signer import committed_head
from tests.houses import Office, office
from verifier import checkpoint

BLOCK = 256
"""Commands in a block: each completes a tile."""


def tagger(place: Office) -> Callable[[], None]:
    """What gives one command of one event."""
    org = place.organisation()
    admin = place.person((Role.TRAINING_ADMIN, org))
    command = ProposeProgramme(code="P-1", trade="T", min_attendance_pct=80)
    programme = str(place.give(admin, Role.TRAINING_ADMIN, org, command).result["programme"])
    return lambda: _tag(place, admin, org, programme)


def _tag(place: Office, admin: str, org: str, programme: str) -> None:
    place.give(admin, Role.TRAINING_ADMIN, org, TagProgramme(programme=programme, tags=["UMKM"]))


def published(place: Office) -> int:
    """The size in the published checkpoint."""
    data = place.house.room.checkpoint_file.read_bytes()
    return checkpoint.parse(data)[0].size


def block(place: Office, tag: Callable[[], None], *, publishing: bool) -> float:
    """Seconds of a block."""
    begun = time.perf_counter()
    for _ in range(BLOCK):
        tag()
    if publishing:
        with place.house.application.reading() as sql:
            size = committed_head(sql, place.house.room.origin).size
        while published(place) < size:
            time.sleep(0.01)
    return time.perf_counter() - begun


def measure(kind: str, blocks: int, folder: Path) -> None:
    """All blocks on one database."""
    times: tuple[list[float], list[float]] = ([], [])
    with office(folder / "with", kind) as one, office(folder / "without", kind) as other:
        ours, bare = tagger(one), tagger(other)
        one.house.room.start()
        for number in range(blocks + 1):
            with patch.object(tiles, "grow", lambda *_: None):
                without = block(other, bare, publishing=False)
            with_log = block(one, ours, publishing=True)
            if number:
                times[0].append(with_log)
                times[1].append(without)
    first, second = (BLOCK / statistics.median(each) for each in times)
    print(f"{kind:9} with {first:6,.0f}/s   without {second:6,.0f}/s   ratio {first / second:.2f}")


def main() -> None:
    """Measure on SQLite, and on PostgreSQL when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=7)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    print(f"blocks of {BLOCK} commands, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        for kind in ("sqlite", "postgres") if options.postgres else ("sqlite",):
            measure(kind, options.blocks, Path(name) / kind)


if __name__ == "__main__":
    main()
