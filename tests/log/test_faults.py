"""Kill, EIO and ENOSPC at every write, fsync and rename of append, publishing and recovery, on SQLite.

Whatever happens: nothing that was acknowledged is lost, nothing is there twice after a retry, and no two
checkpoints that anybody ever saw contradict each other. A harness that cannot fail shows nothing, so a planted
bug, a checkpoint published before its commit, has to be caught by it.

CERTLEDGER_FAULTS=all runs every fault, otherwise a seeded sample of them; `-s` shows how many of which kind.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.auditing import open_room, restore_entries
from api.composition import House, open_house
from keys import files
from ledger.commands.custody import RegisterOrganisation
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import Error
from ledger.fsck import fsck
from ledger.log.checkpoints import Signed
from ledger.log.room import LogRoom
from ledger.log.signer import KEY_FILE, LogKey, committed_head
from ledger.log.witnesses import local
from ledger.personal.fact import CLASSES
from ledger.rebuild import rebuild
from ledger.store import sqlite
from tests.houses import PASSPHRASES, office
from tests.log import faults
from tests.log.faults import Fault, Say
from tests.log.long import lengthen
from tests.log.snapshot import put, take
from verifier import checkpoint, note
from verifier.checkpoint import Checkpoint
from verifier.note import parse_vkey
from verifier.witness import parse_state
from verifier.witness_key import WitnessKey
from verifier.witness_server import Witness

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not faults.possible(), reason="strace is not installed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # fork in a process that has threads
]

SAMPLE = 60
KEYS = ("first", "second", "third")
WITNESS = WitnessKey("w.example", b"\7" * 32)
ORIGIN = "ledger.example/log"


class World:
    """A data folder, the operator's anchor and a witness: all that is left when a process is gone."""

    def __init__(self, base: Path, path: Path) -> None:
        self.path = path
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(base, path)
        self.data = path / "data"
        self.seen: set[bytes] = set()

    @contextlib.contextmanager
    def open(self, *, check: bool = True) -> Iterator[tuple[House, LogRoom]]:
        """The ledger as a process opens it, with the witness next to it."""
        with open_house(self.data, as_it_is=not check) as house:
            key = LogKey.load(self.data / KEY_FILE, ORIGIN).vkey
            witness = Witness(WITNESS, {ORIGIN: [parse_vkey(str(key))]}, self.path / "witness", lambda: 5)

            with contextlib.closing(witness):
                room = open_room(
                    house, anchor=self.path / "anchor", send=local({"https://w.example": witness})
                )
                if check:
                    room.check()
                yield house, room

    def look(self) -> None:
        """Remember every checkpoint that an outsider can see now."""
        for file in (self.data / "log/checkpoint", self.path / "anchor"):
            if file.exists():
                self.seen.add(file.read_bytes())
        if (self.path / "witness").exists():
            seen = parse_state((self.path / "witness").read_bytes())
            self.seen.update(each.signed.encode() for each in seen.values())

    def heads(self) -> list[Checkpoint]:
        key = LogKey.load(self.data / KEY_FILE, ORIGIN).vkey
        return [checkpoint.verify(note.parse(data), key) for data in self.seen]


def give(house: House, key: str) -> int:
    """One command of the first custodian; the same key gives the same command."""
    account = house.accounts.all()[0]
    signer = house.keystore.unlock(account.key, PASSPHRASES[0])
    command = RegisterOrganisation(kind="training_provider", name=key, public_name=key, zone="Asia/Jakarta")
    signatory = Signatory(account.staff, Role.KEY_CUSTODIAN, None)
    return house.ledger.give(signatory, signer, command, idempotency_key=key).first_index


def append_and_publish(world: World) -> faults.Scenario:
    """Three commands, each followed by signing, publishing and asking, as a server does: failures do not end it."""

    def scenario(say: Say) -> None:
        with world.open() as (house, room):
            for key in KEYS:
                with contextlib.suppress(Exception):
                    say([key, give(house, key)])
                with contextlib.suppress(Exception):
                    room.round()
                    room.ask_witnesses(everyone=True)

    return scenario


def bring_back(world: World) -> faults.Scenario:
    """Recovery from the published folder, then a round."""

    def scenario(say: Say) -> None:
        with world.open(check=False) as (house, room):
            restore_entries(house, room, world.data / "log")
            say("restored")
            room.check()
            room.round()

    return scenario


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A young ledger with a checkpoint that the witness has seen."""
    path = tmp_path_factory.mktemp("base") / "world"
    with office(path / "data") as place:
        lengthen(place, 250)  # so that a tile is completed on the way
        vkey = str(LogKey.load(path / "data" / KEY_FILE, ORIGIN).vkey)
        policy = f"log {vkey}\nwitness w {WITNESS.vkey} https://w.example\nquorum w\n"
        (path / "data/policy").write_text(policy)
    (path / "witness").write_bytes(b"{}")
    with World(path, path.with_name("first")).open() as (_, room):
        room.round()
        room.ask_witnesses()
    return path.with_name("first")


def chosen(scenario: faults.Scenario, trace: Path, sample: int = SAMPLE) -> list[Fault]:
    every = list(faults.faults(scenario, trace))
    assert len(every) > sample
    ways = every if os.environ.get("CERTLEDGER_FAULTS") == "all" else random.Random(20).sample(every, sample)
    kinds = Counter(f"{fault.kind} at {fault.call}" for fault in ways)
    print(f"\n{len(ways)} of {len(every)} faults: {', '.join(f'{n} {kind}' for kind, n in kinds.items())}")  # noqa: T201 - shown with -s
    return ways


def check_after(world: World, acknowledged: dict[str, int]) -> None:
    """A new process starts where the old one was lost; the clients try again; everything is as promised."""
    world.look()
    with world.open() as (house, room):
        room.round()
        world.look()
        assert fsck(house.application, house.queries, house.folder.root)[1] is None
        indexes = {key: give(house, key) for key in KEYS}
        assert {key: indexes[key] for key in acknowledged} == acknowledged
        assert len(set(indexes.values())) == len(KEYS)
        for name in KEYS:  # the facts beside the entries are there exactly once
            stream = f"organisation/{organisation_at(house, indexes[name])}"
            facts = [each for class_ in CLASSES for each in house.personal.get(stream, class_)]
            assert [fact.value for fact in facts] == [name]
        check_log(world, house, room, 252 + len(KEYS))


def check_log(world: World, house: House, room: LogRoom, size: int) -> None:
    """The log has this size, is published and witnessed, and is what every checkpoint ever seen was of."""
    room.round()
    room.ask_witnesses()
    world.look()
    assert fsck(house.application, house.queries, house.folder.root) == (size, None)
    assert not any(rebuild(house.application).differing.values())
    for head in world.heads():
        assert head.size <= size
        assert room.tiles.tree(head.size).root() == head.root
    with house.application.reading() as sql:
        head_now = committed_head(sql, ORIGIN)
    assert room.publisher.read(room.checkpoint_file) == head_now
    assert room.witnessed(size) == 1
    assert parse_state((world.path / "witness").read_bytes())[ORIGIN].conflict is None


def organisation_at(house: House, index: int) -> str:
    with house.application.reading() as sql:
        sql.execute("SELECT originator_id FROM stored_events WHERE {id} = ?", (index + 1,))
        row = sql.fetchone()
    assert row is not None
    return str(row[0]).partition("/")[2]


def test_append_and_publish(base: Path, tmp_path: Path) -> None:
    world = World(base, tmp_path / "world")
    ways = chosen(append_and_publish(world), tmp_path / "trace")
    for fault in ways:
        world = World(base, tmp_path / "world")
        said = dict(faults.run(append_and_publish(world), fault))
        try:
            check_after(world, said)
        except (AssertionError, Error) as error:
            pytest.fail(f"{fault}: {error}")


def test_recovery(base: Path, tmp_path: Path) -> None:
    lost = tmp_path / "lost"
    world = World(base, lost)
    with world.open() as (house, room):
        older = take(house.application)
        for key in KEYS:
            give(house, key)
        room.round()
        room.ask_witnesses()
        newer = take(house.application)["stored_events"]
        put(house.application, older)
    ways = chosen(bring_back(World(lost, tmp_path / "world")), tmp_path / "trace", 40)
    for fault in ways:
        world = World(lost, tmp_path / "world")
        faults.run(bring_back(world), fault)
        try:
            world.look()
            with world.open(check=False) as (house, room):
                restore_entries(house, room, world.data / "log")
                assert take(house.application)["stored_events"] == newer
                room.check()
                check_log(world, house, room, 252 + len(KEYS))
        except (AssertionError, Error) as error:
            pytest.fail(f"{fault}: {error}")


def test_a_checkpoint_published_before_its_commit_is_caught(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit = sqlite.admit  # type: ignore[attr-defined]
    world = World(base, tmp_path / "world")
    key = LogKey.load(world.data / KEY_FILE, ORIGIN)

    def hasty(sql: sqlite.SqliteSql, *args: object) -> list[int]:
        ids = admit(sql, *args)  # type: ignore[arg-type]
        head = committed_head(sql, ORIGIN)  # it is not
        files.replace(tmp_path / "world/data/log/checkpoint", Signed(head, key.sign(head)).to_bytes())
        return ids

    caught = 0
    scenario = append_and_publish(world)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "admit", hasty)
        every = [each for each in faults.faults(scenario, tmp_path / "trace") if each.call != "write"]
    for fault in random.Random(20).sample(every, SAMPLE):
        world = World(base, tmp_path / "world")
        with monkeypatch.context() as patch:
            patch.setattr(sqlite, "admit", hasty)
            said = dict(faults.run(append_and_publish(world), fault))
        try:
            check_after(world, said)
        except (AssertionError, Error):
            caught += 1
    assert caught


def test_what_the_child_says_is_heard_until_it_is_killed(tmp_path: Path) -> None:
    def scenario(say: Callable[[object], None]) -> None:
        for number in range(5):
            say(number)

    assert faults.run(scenario, None, tmp_path / "trace") == [0, 1, 2, 3, 4]
    assert faults.run(scenario, Fault("write", 4, "signal=KILL")) == [0, 1, 2]
    assert json.loads("[]") == faults.run(scenario, Fault("write", 1, "error=EIO"))
