"""The log against a naive model: a list of entries, and whatever was ever signed must be a prefix of it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.errors import StoreError
from ledger.log import checkpoints
from ledger.log.recover import Recovered, recover
from ledger.log.room import LogRoom
from tests.houses import Office, office
from tests.log.long import lengthen
from tests.log.snapshot import put, take
from tests.log.witnessing import Village, room_of
from verifier import checkpoint, merkle, note
from verifier.checkpoint import Checkpoint
from verifier.tile import bundles, parse_bundle


class LogMachine(RuleBasedStateMachine):
    """Appends, rounds, outages, restarts, and an older database now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.exit = contextlib.ExitStack()
        self.path = Path(tempfile.mkdtemp())

    @initialize()
    def found(self) -> None:
        self.exit.callback(shutil.rmtree, self.path)
        self.place: Office = self.exit.enter_context(office(self.path / "data"))
        self.village = Village(self.path / "witnesses", str(room_of(self.place).key.vkey))
        self.exit.callback(self.village.close)
        self.model: list[bytes] = []
        self.signed: set[Checkpoint] = set()
        self.room: LogRoom = self.start()
        self.record()

    def teardown(self) -> None:
        self.exit.close()

    def start(self) -> LogRoom:
        room = room_of(self.place, self.village, anchor=self.path / "anchor")
        room.check()  # which signs the first checkpoint, to ask the witnesses about it
        with self.place.house.application.reading() as sql:
            newest = checkpoints.newest(sql, room.origin)
        if newest is not None:
            self.signed.add(newest.head)
        return room

    def record(self) -> None:
        """What was committed is what the model has from now on."""
        with self.place.house.application.reading() as sql:
            sql.execute("SELECT state FROM stored_events ORDER BY {id}")
            entries = [bytes(state) for (state,) in sql.fetchall()]
        assert entries[: len(self.model)] == self.model
        self.model = entries

    def root(self, size: int) -> bytes:
        return merkle.root(map(merkle.leaf_hash, self.model[:size]))

    @rule(commands=st.integers(1, 90), events=st.sampled_from([1, 1, 2, 9]))
    def append(self, commands: int, events: int) -> None:
        lengthen(self.place, commands, events)
        self.record()

    @rule()
    def sign_and_publish(self) -> None:
        signed = self.room.round()
        assert signed is not None
        assert signed.head.size == len(self.model)
        self.signed.add(signed.head)

    @rule(down=st.sets(st.integers(0, 2)))
    def ask(self, down: set[int]) -> None:
        self.village.down = down
        for answer in self.room.ask_witnesses(everyone=True):
            assert answer.outcome == ("unreachable" if int(answer.witness[1]) in down else "cosigned")

    @rule()
    def restart(self) -> None:
        self.room = self.start()

    @rule(commands=st.integers(1, 90), events=st.sampled_from([1, 7]), down=st.sets(st.integers(0, 2)))
    def lose_the_newest_entries(self, commands: int, events: int, down: set[int]) -> None:
        """An older database is put in the place of one that lived on, was published and perhaps witnessed."""
        older = take(self.place.house.application)
        self.append(commands, events)
        self.sign_and_publish()
        self.ask(down)
        put(self.place.house.application, older)
        for appended in (0, 1):  # at once, and after somebody has recorded on the older one
            lengthen(self.place, appended)
            with pytest.raises(StoreError) as error:
                self.start()
            assert error.value.code in {"LOG_ROLLED_BACK", "LOG_FORKED"}
        put(self.place.house.application, older)
        room = room_of(self.place, self.village, anchor=self.path / "anchor")
        done = recover(room, self.place.house.application, self.path / "data/log", lambda _: None)
        assert done == Recovered(commands * events, len(self.model), len(self.model))
        self.record()
        self.room = self.start()

    @invariant()
    def whatever_was_signed_is_a_prefix(self) -> None:
        if not hasattr(self, "model"):
            return
        for head in self.signed:
            assert head.root == self.root(head.size)
        for witness in self.village.witnesses.values():
            for seen in witness._seen.values():
                assert seen.root == self.root(seen.size)
                assert seen.conflict is None

    @invariant()
    def whatever_is_published_is_whole(self) -> None:
        folder = self.path / "data/log"
        if not (folder / "checkpoint").exists() or not hasattr(self, "model"):
            return
        head = checkpoint.verify(note.parse((folder / "checkpoint").read_bytes()), self.room.key.vkey)
        assert head in self.signed
        read = [parse_bundle(tile, (folder / tile.path()).read_bytes()) for tile in bundles(head.size)]
        assert [entry for each in read for entry in each] == self.model[: head.size]

    @invariant()
    def proofs_hold_and_count_those_who_saw(self) -> None:
        if not hasattr(self, "model"):
            return
        seen = [each.size for witness in self.village.witnesses.values() for each in witness._seen.values()]
        for index in {0, len(self.model) // 2, len(self.model) - 1}:
            proof = self.room.proofs.proof(index)
            assert (proof is None) == all(head.size <= index for head in self.signed)
            assert self.room.witnessed(index + 1) == sum(size > index for size in seen)
            if proof is not None:
                verdict = proof.verify(self.model[index], self.village.policy())
                assert verdict.checkpoint.root == self.root(verdict.checkpoint.size)


LogMachine.TestCase.settings = settings(
    max_examples=6,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLog = LogMachine.TestCase
