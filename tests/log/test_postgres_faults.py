"""PostgreSQL: killed processes and lost connections lose nothing that was acknowledged and double nothing."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.auditing import open_room
from api.composition import House, open_house
from ledger.commands.custody import RegisterOrganisation
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.fsck import fsck
from ledger.log.room import LogRoom
from ledger.rebuild import rebuild
from tests.houses import PASSPHRASES, office
from verifier import checkpoint, note

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # fork in a process that has threads
]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A founded ledger in tmp_path/data; its database is the server's, which outlives every process here."""
    with office(tmp_path / "data", "postgres") as place:
        yield str(place.house.folder.settings.database)


def give(house: House, key: str) -> int:
    account = house.accounts.all()[0]
    signer = house.keystore.unlock(account.key, PASSPHRASES[0])
    command = RegisterOrganisation(kind="training_provider", name=key, public_name=key, zone="Asia/Jakarta")
    signatory = Signatory(account.staff, Role.KEY_CUSTODIAN, None)
    return house.ledger.give(signatory, signer, command, idempotency_key=key).first_index


def serve_until_killed(data: Path, say: int, keys: list[str]) -> None:
    """In a process of its own: give commands, sign and publish, tell each receipt once it is there."""
    try:
        with open_house(data) as house:
            room = open_room(house)
            room.check()
            for key in keys:
                os.write(say, json.dumps([key, give(house, key)]).encode() + b"\n")
                room.round()
    finally:
        os._exit(0)


def check(
    house: House, room: LogRoom, acknowledged: dict[str, int], keys: list[str], seen: set[bytes]
) -> None:
    indexes = {key: give(house, key) for key in keys}
    assert {key: indexes[key] for key in acknowledged} == acknowledged
    assert len(set(indexes.values())) == len(keys)
    room.round()
    size = house.queries.head().size
    assert size == 2 + len(keys)
    assert fsck(house.application, house.queries, house.folder.root) == (size, None)
    assert not any(rebuild(house.application).differing.values())
    for data in seen:
        head = checkpoint.verify(note.parse(data), room.key.vkey)
        assert room.tiles.tree(head.size).root() == head.root


def test_a_killed_server(url: str, tmp_path: Path) -> None:
    draw = random.Random(4)
    acknowledged: dict[str, int] = {}
    keys: list[str] = []
    seen: set[bytes] = set()
    published = tmp_path / "data/log/checkpoint"
    for round_ in range(12):
        new = [f"{round_}-{number}" for number in range(40)]
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            serve_until_killed(tmp_path / "data", write, new)
        os.close(write)
        with os.fdopen(read) as said:
            lines = [said.readline()]  # it has begun
            time.sleep(draw.random() * 0.4)
            os.kill(child, signal.SIGKILL)
            lines += said.readlines()
        os.waitpid(child, 0)
        told = dict(json.loads(line) for line in lines if line.endswith("\n"))
        assert told
        acknowledged |= told
        keys += [key for key in new if key in told or new.index(key) == len(told)]
        if published.exists():
            seen.add(published.read_bytes())
    with open_house(tmp_path / "data") as house:
        room = open_room(house)
        room.check()
        check(house, room, acknowledged, keys, seen)
    assert len(acknowledged) < len(keys)


def test_lost_connections(url: str, tmp_path: Path) -> None:
    """Somebody cuts the server's connections all the time; the client gives each command until it is answered."""
    stop = threading.Event()
    cuts = []

    def cut() -> None:
        draw = random.Random(9)
        with psycopg.connect(url, autocommit=True) as other:
            while not stop.is_set():
                time.sleep(draw.random() * 0.06)
                rows = other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).fetchall()
                cuts.append(len(rows))

    keys = [f"key {number}" for number in range(25)]
    acknowledged: dict[str, int] = {}
    seen: set[bytes] = set()
    failures = 0
    thread = threading.Thread(target=cut)
    with open_house(tmp_path / "data") as house:
        room = open_room(house)
        room.check()
        thread.start()
        try:
            for key in keys:
                while key not in acknowledged:
                    try:
                        acknowledged[key] = give(house, key)
                    except Exception:  # noqa: BLE001 - whatever a cut looks like
                        failures += 1
                while len(seen) < len(acknowledged):
                    with contextlib.suppress(Exception):
                        room.round()
                        seen.add(room.checkpoint_file.read_bytes())
        finally:
            stop.set()
            thread.join()
    with open_house(tmp_path / "data") as house:
        room = open_room(house)
        room.check()
        check(house, room, acknowledged, keys, seen)
    assert failures
    assert sum(cuts) > 10
    assert len(seen) == len(keys)
