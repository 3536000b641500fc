"""Lost entries come back byte for byte, with every row that their commands wrote, or nothing changes at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.signer import possession
from ledger.commands.custody import RenameOrganisation
from ledger.commands.staff import RequestKeyEnrolment
from ledger.domain.roles import Role
from ledger.errors import DomainError, StoreError
from ledger.fsck import fsck
from ledger.log import checkpoints, tiles
from ledger.log.claims import provenance_tags
from ledger.log.export import export
from ledger.log.recover import Recovered, recover
from ledger.log.room import LogRoom
from ledger.personal.tags import Tags
from ledger.rebuild import rebuild
from tests.houses import Office
from tests.log.long import lengthen
from tests.log.snapshot import Rows, put, recoverable, take
from tests.log.witnessing import Village, room_of, village
from verifier.tile import ENTRIES, Tile, encode_bundle, parse_bundle


class Lost:
    """A ledger that lived on after its database was copied, and was published and witnessed."""

    def __init__(self, place: Office, found: Village) -> None:
        self.place = place
        self.village = found
        self.org = place.organisation()
        self.room().round()
        self.older = take(place.house.application)
        self.older_size = place.house.queries.head().size
        self.staff = place.person((Role.TRAINING_ADMIN, self.org), (Role.INSTRUCTOR, self.org))
        lengthen(place, 300)
        lengthen(place, 20, 7)
        self.rename("A new name")
        self.room().round()
        self.room().ask_witnesses()
        self.newer = take(place.house.application)
        self.size = place.house.queries.head().size
        self.log = place.house.folder.path / "log"

    def rename(self, name: str) -> None:
        self.place.custody(RenameOrganisation(organisation=self.org, name=name, public_name=name))

    def room(self) -> LogRoom:
        return room_of(self.place, self.village)

    def roll_back(self, rows: Rows | None = None) -> None:
        put(self.place.house.application, rows or self.older)

    def recover(self, folder: Path | None = None) -> Recovered:
        house = self.place.house
        tag = provenance_tags(house.personal, Tags(house.datakeys))
        return recover(room_of(self.place, self.village), house.application, folder or self.log, tag)


@pytest.fixture
def lost(place: Office, tmp_path: Path) -> Iterator[Lost]:
    with village(place, tmp_path / "witnesses") as found:
        yield Lost(place, found)


def test_everything_is_as_if_it_had_never_been_lost(lost: Lost) -> None:
    house = lost.place.house
    lost.roll_back()
    with pytest.raises(StoreError, match="LOG_ROLLED_BACK"):
        room_of(lost.place, lost.village).check()
    assert lost.recover() == Recovered(lost.size - lost.older_size, lost.size, lost.size)
    assert recoverable(take(house.application)) == recoverable(lost.newer)
    assert fsck(house.application, house.queries, house.folder.root) == (lost.size, None)
    assert not any(rebuild(house.application).differing.values())
    with house.application.reading() as sql:
        assert list(tiles.differing(sql, lost.size)) == []
    room = room_of(lost.place, lost.village)
    room.check()
    assert room.witnessed(lost.size) == 3
    proof = room.proofs.proof(lost.size - 1)
    assert proof is not None
    assert proof.verify(room.proofs.entry(lost.size - 1), lost.village.policy()).witnessed


def test_without_witnesses_the_checkpoint_comes_back_too(here: Office) -> None:
    house = here.house
    older = take(house.application)
    lengthen(here, 3)
    first = room_of(here).round()
    put(house.application, older)
    recover(room_of(here), house.application, house.folder.path / "log", lambda _: None)
    with house.application.reading() as sql:
        assert checkpoints.newest(sql, "ledger.example/log") == first


def test_life_goes_on_after_recovery(lost: Lost) -> None:
    lost.roll_back()
    lost.recover()
    lost.rename("Another name")  # a signature that has seen what came back
    room = room_of(lost.place, lost.village)
    signed = room.round()
    assert signed is not None
    assert signed.head.size == lost.size + 1
    assert {each.outcome for each in room.ask_witnesses()} == {"cosigned"}
    house = lost.place.house
    assert fsck(house.application, house.queries, house.folder.root) == (lost.size + 1, None)


def test_what_was_claimed_is_still_claimed(lost: Lost) -> None:
    lost.roll_back()
    lost.recover()
    house, key = lost.place.house, lost.place.signers[lost.staff]
    assert house.queries.is_claimed("key", key.thumbprint)
    proof = possession(key, house.folder.root.origin, lost.staff)
    with pytest.raises(DomainError, match="enrolled already"):
        lost.place.custody(
            RequestKeyEnrolment(
                staff=lost.staff, jwk=key.jwk, alg="ed25519", custody="server-held", possession=proof
            )
        )


def test_recovery_twice_changes_nothing(lost: Lost) -> None:
    lost.roll_back()
    lost.recover()
    rows = take(lost.place.house.application)
    assert lost.recover() == Recovered(0, lost.size, lost.size)
    assert take(lost.place.house.application) == rows


def test_from_an_export(lost: Lost, tmp_path: Path) -> None:
    house = lost.place.house
    folder = tmp_path / "export"
    export(room_of(lost.place, lost.village), house.application, house.personal, folder, files={})
    lost.roll_back()
    shutil.rmtree(lost.log)
    assert lost.recover(folder) == Recovered(lost.size - lost.older_size, lost.size, lost.size)
    assert recoverable(take(house.application)) == recoverable(lost.newer)
    room_of(lost.place, lost.village).check()


def test_an_older_source_brings_back_what_it_has_and_says_what_is_missing(lost: Lost, tmp_path: Path) -> None:
    house = lost.place.house
    older = tmp_path / "older"
    shutil.copytree(lost.log, older)
    lengthen(lost.place, 9)
    room_of(lost.place, lost.village).round()
    newest = house.queries.head().size
    lost.roll_back()
    assert lost.recover(older) == Recovered(lost.size - lost.older_size, lost.size, newest)
    with pytest.raises(StoreError, match="LOG_ROLLED_BACK"):
        room_of(lost.place, lost.village).check()
    assert lost.recover() == Recovered(newest - lost.size, newest, newest)
    room_of(lost.place, lost.village).check()


def test_a_partial_bundle_alone_is_enough_when_all_but_the_newest_entries_are_there(lost: Lost) -> None:
    newer = take(lost.place.house.application)
    lengthen(lost.place, 1)
    room_of(lost.place, lost.village).round()
    lost.roll_back(newer)
    assert lost.recover().appended == 1


# ---------------------------------------------------------------- refused


def refused(lost: Lost, code: str, folder: Path | None = None) -> None:
    before = take(lost.place.house.application)
    with pytest.raises(StoreError) as error:
        lost.recover(folder)
    assert error.value.code == code
    assert error.value.hint
    assert take(lost.place.house.application) == before


def test_entries_that_were_recorded_on_the_older_database_are_not_written_over(lost: Lost) -> None:
    lost.roll_back()
    lengthen(lost.place, 1)
    refused(lost, "LOG_FORKED")


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "missing", "swap", "longer"])
def test_a_damaged_source_changes_nothing(lost: Lost, damage: str) -> None:
    lost.roll_back()
    bundle = lost.log / Tile(ENTRIES, 0).path()
    data = bytearray(bundle.read_bytes())
    if damage == "missing":
        bundle.unlink()
        refused(lost, "SOURCE_UNREADABLE")
        return
    if damage == "flip":
        data[-20] ^= 1
    elif damage == "cut":
        del data[-1]
    elif damage == "empty":
        data.clear()
    elif damage == "longer":
        data += b"\0\0"
    else:
        first, *others, last = parse_bundle(Tile(ENTRIES, 0), bytes(data))
        data = bytearray(encode_bundle([last, *others, first]))
    bundle.write_bytes(data)
    refused(lost, "SOURCE_UNREADABLE")


def test_a_damaged_hash_tile_changes_nothing(lost: Lost) -> None:
    lost.roll_back()
    tile = lost.log / Tile(0, 0).path()
    data = bytearray(tile.read_bytes())
    data[0] ^= 1
    tile.write_bytes(data)
    refused(lost, "LOG_FORKED")  # whoever sees only this cannot tell damage from another history


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"\xff\xff"])
def test_a_source_without_a_readable_checkpoint(lost: Lost, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "checkpoint").write_bytes(content)
    refused(lost, "SOURCE_UNREADABLE", tmp_path)


def test_a_folder_of_another_log(lost: Lost, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, village(lost.place, tmp_path / "w") as found:
        patch.setattr("ledger.log.room.log_keys", lambda *_: [])
        key = found.keys[0]
        (tmp_path / "checkpoint").write_bytes(
            b"ledger.example/log\n2\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
            + key.cosign("x\n", 1).encode()
        )
    refused(lost, "SOURCE_OTHER_LOG", tmp_path)


def test_a_checkpoint_that_is_not_cosigned_well_is_refused(lost: Lost) -> None:
    lost.roll_back()
    path = lost.log / "checkpoint"
    lines = path.read_text().splitlines(keepends=True)
    lines[-1] = lost.village.keys[2].cosign("another text\n", 5)
    lines[-2] = lost.village.keys[1].cosign("another text\n", 5)
    path.write_text("".join(lines))
    refused(lost, "SOURCE_UNREADABLE")


def test_the_witnesses_cosignatures_come_back_with_the_checkpoint(lost: Lost) -> None:
    lost.roll_back()
    lost.recover()
    with lost.place.house.application.reading() as sql:
        best = checkpoints.best(sql, "ledger.example/log", lost.village.policy())
    assert best is not None
    assert best.head.size == lost.size
    assert len(best.cosignatures) == 3
