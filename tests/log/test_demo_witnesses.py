"""The demonstration's witnesses are asked all at the same time, and open once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

from api.demo_witnesses import FOLDER, NAMES, DemoWitnesses, set_up
from keys import files
from ledger.clock import SimulatedClock
from ledger.log.signer import KEY_FILE

ORIGIN = "localhost/demo"
URLS = [f"http://localhost/witness/{name}/add-checkpoint" for name in NAMES]


def test_all_are_reached_when_they_are_first_asked_at_once(tmp_path: Path) -> None:
    files.create(tmp_path / KEY_FILE, bytes(range(32)))
    set_up(tmp_path, ORIGIN)
    clock = SimulatedClock(datetime(2031, 3, 3, tzinfo=UTC))
    assert len(list((tmp_path / FOLDER).glob("*.key"))) == len(NAMES)
    with ThreadPoolExecutor(len(NAMES)) as pool:
        for _ in range(20):
            witnesses, at_once = DemoWitnesses(tmp_path, ORIGIN, clock), Barrier(len(NAMES))

            def ask(url: str, witnesses: DemoWitnesses = witnesses, at_once: Barrier = at_once) -> int:
                at_once.wait(10)
                return witnesses(url, b"nonsense").status

            try:
                assert list(pool.map(ask, URLS)) == [400] * len(NAMES)
            finally:
                witnesses.close()
