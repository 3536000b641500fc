"""Signing after the commit, publishing, healing, and refusing to start on another history than the outside's."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.commands.custody import RegisterOrganisation, RequestLogKeyRotation, RotateLogKey
from ledger.errors import StoreError
from ledger.log import checkpoints, publisher, signer
from ledger.log.room import LogRoom
from ledger.log.signer import KEY_FILE, LogKey
from tests.houses import Office, office
from tests.log.long import lengthen
from tests.log.witnessing import room_of, village
from verifier import checkpoint, merkle, note
from verifier.tile import Tile, TileTree, bundles, parse_bundle
from verifier.tile import tiles as hash_tiles


def published(place: Office, room: LogRoom) -> tuple[int, bytes]:
    """Size and root of the published log as an outsider reads it: signature and every tile and entry."""
    folder = place.house.folder.path / "log"
    head = checkpoint.verify(note.parse((folder / "checkpoint").read_bytes()), room.key.vkey)
    read = {tile: (folder / tile.path()).read_bytes() for tile in hash_tiles(head.size)}
    assert TileTree(head.size, read.__getitem__).root() == head.root
    entries = [
        entry
        for tile in bundles(head.size)
        for entry in parse_bundle(tile, (folder / tile.path()).read_bytes())
    ]
    assert merkle.root(map(merkle.leaf_hash, entries)) == head.root
    return head.size, head.root


def head(place: Office) -> tuple[int, bytes]:
    found = place.house.queries.head()
    return found.size, found.root


def signed_sizes(place: Office) -> list[int]:
    with place.house.application.reading() as sql:
        sql.execute("SELECT size FROM checkpoint ORDER BY size")
        return [int(size) for (size,) in sql.fetchall()]


# ---------------------------------------------------------------- signing and publishing


def test_what_is_published_is_what_was_committed(place: Office) -> None:
    room = room_of(place)
    room.check()
    for commands in (0, 1, 1, 250, 3, 300, 1):
        lengthen(place, commands)
        room.round()
        assert published(place, room) == head(place)
    assert signed_sizes(place)[-1] == head(place)[0]


def test_nothing_new_is_neither_signed_nor_written(here: Office) -> None:
    room = room_of(here)
    room.round()
    before = {path: path.stat().st_mtime_ns for path in (here.house.folder.path / "log").rglob("*")}
    room.round()
    assert {path: path.stat().st_mtime_ns for path in (here.house.folder.path / "log").rglob("*")} == before
    assert signed_sizes(here) == [2]


def test_old_partial_tiles_go_when_the_full_one_is_there(here: Office) -> None:
    room = room_of(here)
    folder = here.house.folder.path / "log/tile"
    room.round()
    lengthen(here, 5)
    room.round()
    assert {path.name for path in (folder / "0/000.p").iterdir()} == {"2", "7"}
    assert {path.name for path in (folder / "entries/000.p").iterdir()} == {"7"}
    lengthen(here, 260)
    room.round()
    assert not (folder / "0/000.p").exists()
    assert not (folder / "entries/000.p").exists()
    assert published(here, room) == head(here)


def test_a_crash_between_commit_and_signature_is_healed_at_the_next_start(place: Office) -> None:
    room_of(place).round()
    lengthen(place, 3)  # committed, and the process is gone
    room = room_of(place)
    room.check()
    room.round()
    assert published(place, room) == head(place)


@pytest.mark.parametrize("stop_at", ["tile", "anchor", "checkpoint"])
def test_a_crash_between_signature_and_publishing_is_healed(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: str
) -> None:
    anchor = tmp_path / "anchor"
    room = room_of(place, anchor=anchor)
    room.round()
    lengthen(place, 300)
    with monkeypatch.context() as patch:
        crash = lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt)  # noqa: E731
        if stop_at == "tile":
            patch.setattr(publisher, "_write", crash)
        elif stop_at == "anchor":
            patch.setattr(publisher.Publisher, "_write_anchor", crash)
        else:
            patch.setattr("ledger.log.publisher.files.replace", crash)
        with pytest.raises(KeyboardInterrupt):
            room.round()
    assert signed_sizes(place) == [2, head(place)[0]]
    again = room_of(place, anchor=anchor)
    again.check()
    again.round()
    assert published(place, again) == head(place)
    assert anchor.read_bytes() == again.checkpoint_file.read_bytes()


def test_files_that_are_missing_come_back_at_start(here: Office) -> None:
    room = room_of(here)
    lengthen(here, 300)
    room.round()
    folder = here.house.folder.path / "log"
    (folder / "tile/0/000").unlink()
    (folder / Tile(-1, 1, head(here)[0] - 256).path()).write_bytes(b"")
    (folder / "tile/1/000.p/1").write_bytes(b"short")
    again = room_of(here)
    again.check()
    again.start()
    again.close()
    assert published(here, again) == head(here)


def test_a_full_disk_stops_publishing_and_nothing_else(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    room = room_of(here)
    room.start()
    with monkeypatch.context() as patch:
        patch.setattr(
            publisher, "_write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        here.organisation()
        room.notify()
        wait_until(lambda: room.trouble is not None)
        assert room.trouble is not None
        assert room.trouble.code == "PUBLISHING_FAILED"
        here.organisation()  # recording goes on
    room.notify()
    wait_until(lambda: room.trouble is None)
    room.close()
    assert published(here, room) == head(here)


def wait_until(condition: object, seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def test_in_the_background_what_is_committed_is_soon_published(place: Office) -> None:
    room = room_of(place)
    place.house.ledger.after_commit.append(room.notify)
    room.start()
    place.organisation()
    wait_until(lambda: room.checkpoint_file.exists() and published(place, room) == head(place))
    place.organisation()
    room.close()  # what is left is published before the end
    assert published(place, room) == head(place)


# ---------------------------------------------------------------- two servers


def test_two_servers_on_one_store_make_one_history(place: Office) -> None:
    """Both sign as fast as they can while events come in; every checkpoint that was ever made is one tree's."""
    rooms = [room_of(place) for _ in range(2)]
    seen: list[bytes] = []
    stop = threading.Event()

    def serve(room: LogRoom) -> None:
        while not stop.is_set():
            signed = room.round()
            assert signed is not None
            seen.append(signed.to_bytes())
            seen.append(room.checkpoint_file.read_bytes())

    threads = [threading.Thread(target=serve, args=(room,)) for room in rooms]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30
    while len(set(seen)) < 20 and time.monotonic() < end:
        lengthen(place, 2)
        time.sleep(0.02)  # between two commands somebody signs
    stop.set()
    for thread in threads:
        thread.join()
    for room in rooms:
        room.round()
    tree = rooms[0].tiles
    for data in set(seen):
        found = checkpoint.verify(note.parse(data), rooms[0].key.vkey)
        assert tree.tree(found.size).root() == found.root
    assert published(place, rooms[0]) == head(place)
    assert len(set(seen)) >= 20


def test_who_comes_second_takes_the_first_one_s_checkpoint(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = room_of(place), room_of(place)
    first.check()
    second.check()
    sign = LogKey.sign

    def slowly(self: LogKey, head_: checkpoint.Checkpoint) -> str:
        monkeypatch.setattr(LogKey, "sign", sign)
        lengthen(place, 1)
        first.round()  # signs the larger tree while the second still holds the smaller one
        return sign(self, head_)

    monkeypatch.setattr(LogKey, "sign", slowly)
    signed = second.round()
    assert signed is not None
    assert signed.head.size == 3
    assert signed_sizes(place) == [3]
    assert published(place, second) == head(place)


def test_a_smaller_checkpoint_never_replaces_a_larger_one(here: Office) -> None:
    slow, fast = room_of(here), room_of(here)
    signed = slow._sign()
    lengthen(here, 1)
    fast.round()
    assert signed is not None
    slow.publisher.publish(signed)
    assert published(here, fast) == head(here)


# ---------------------------------------------------------------- commits that fail, or seem to


def test_a_commit_that_fails_is_never_signed(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    room = room_of(place)
    before = head(place)
    with monkeypatch.context() as patch:
        patch.setattr(
            "ledger.store.admission.project", lambda *_: (_ for _ in ()).throw(OSError("disk gone"))
        )
        with pytest.raises(OSError, match="disk gone"):
            place.organisation()
    signed = room.round()
    assert signed is not None
    assert (signed.head.size, signed.head.root) == before == head(place)


def test_a_tree_that_is_not_committed_yet_is_not_seen(place: Office) -> None:
    """The signer reads in its own transaction: while an append is under way it signs what was there before."""
    room = room_of(place)
    with place.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
        sql.execute("UPDATE log_head SET size = 99")
        with room._application.reading() as other:
            assert signer.committed_head(other, room.origin).size == 2
        sql.execute("UPDATE log_head SET size = 2")
    signed = room.round()
    assert signed is not None
    assert signed.head.size == 2


def test_a_commit_whose_answer_was_lost_is_signed_once_and_not_repeated(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, lost = place.house, ConnectionError("the answer was lost")
    append = house.application.append
    with monkeypatch.context() as patch:
        patch.setattr(house.application, "append", lambda *args: [append(*args), (_ for _ in ()).throw(lost)])
        with pytest.raises(ConnectionError):
            place.custody(registration(), key="the same key")
    room = room_of(place)
    first = room.round()
    receipt = place.custody(registration(), key="the same key")
    assert first is not None
    assert (receipt.first_index, first.head.size) == (2, 3)
    assert room.round() == first


def registration() -> RegisterOrganisation:
    return RegisterOrganisation(kind="training_provider", name="BLK", public_name="BLK", zone="Asia/Jakarta")


# ---------------------------------------------------------------- start refused


class Rolled:
    """A SQLite ledger whose database was copied when it had 7 entries, and that has more by now."""

    def __init__(self, place: Office, tmp_path: Path) -> None:
        self.place = place
        self.path = tmp_path / "data"
        lengthen(place, 5)
        room_of(place).round()
        self.copy = tmp_path / "older.db"
        shutil.copy(self.path / "events.db", self.copy)
        self.published = (self.path / "log/checkpoint").read_bytes()

    def roll_back(self) -> None:
        shutil.copy(self.copy, self.path / "events.db")

    def forget_published(self) -> None:
        shutil.rmtree(self.path / "log")


@pytest.fixture
def rolled(tmp_path: Path) -> Iterator[Rolled]:
    with office(tmp_path / "data") as place:
        yield Rolled(place, tmp_path)


def refused(room: LogRoom, code: str, *, ask: bool = True) -> StoreError:
    with pytest.raises(StoreError) as error:
        room.check(ask_witnesses=ask)
    assert error.value.code == code
    assert error.value.hint
    return error.value


def test_an_older_database_is_refused_by_the_published_checkpoint(rolled: Rolled) -> None:
    lengthen(rolled.place, 1)
    room_of(rolled.place).round()
    rolled.roll_back()
    error = refused(room_of(rolled.place), "LOG_ROLLED_BACK")
    assert "8 entries" in error.message
    assert "only 7" in error.message
    assert "certledger restore" in (error.hint or "")


def test_an_older_database_is_refused_by_the_anchor(rolled: Rolled, tmp_path: Path) -> None:
    anchor = tmp_path / "elsewhere"
    lengthen(rolled.place, 1)
    room_of(rolled.place, anchor=anchor).round()
    rolled.roll_back()
    rolled.forget_published()
    assert str(anchor) in refused(room_of(rolled.place, anchor=anchor), "LOG_ROLLED_BACK").message


def test_an_older_database_is_refused_by_a_witness(rolled: Rolled, tmp_path: Path) -> None:
    with village(rolled.place, tmp_path / "w") as found:
        lengthen(rolled.place, 1)
        room = room_of(rolled.place, found)
        room.round()
        room.ask_witnesses()
        rolled.roll_back()
        rolled.forget_published()
        found.down = {0, 1}
        error = refused(room_of(rolled.place, found), "LOG_ROLLED_BACK")
        assert "w2" in error.message
        assert "8 entries" in error.message
        room_of(rolled.place, found).check(ask_witnesses=False)  # nobody else knows


def test_another_history_of_the_same_size_is_refused(rolled: Rolled, tmp_path: Path) -> None:
    anchor = tmp_path / "elsewhere"
    with village(rolled.place, tmp_path / "w") as found:
        lengthen(rolled.place, 1)
        room = room_of(rolled.place, found, anchor=anchor)
        room.round()
        room.ask_witnesses()
        rolled.roll_back()
        lengthen(rolled.place, 1)  # another entry in the place of the one that was lost
        refused(room_of(rolled.place, found), "LOG_FORKED")
        rolled.forget_published()
        refused(room_of(rolled.place, found, anchor=anchor), "LOG_FORKED", ask=False)
        refused(room_of(rolled.place, found), "LOG_ROLLED_BACK")
        assert signed_sizes(rolled.place) == [7]


def test_another_history_that_was_signed_is_refused_by_a_witness(rolled: Rolled, tmp_path: Path) -> None:
    with village(rolled.place, tmp_path / "w") as found:
        lengthen(rolled.place, 1)
        room = room_of(rolled.place, found)
        room.round()
        room.ask_witnesses()
        rolled.roll_back()
        rolled.forget_published()
        lengthen(rolled.place, 1)
        room_of(rolled.place).round()  # a server that knows no witness
        refused(room_of(rolled.place, found), "LOG_FORKED")


def test_another_and_longer_history_is_refused(rolled: Rolled, tmp_path: Path) -> None:
    with village(rolled.place, tmp_path / "w") as found:
        lengthen(rolled.place, 1)
        room = room_of(rolled.place, found)
        room.round()
        room.ask_witnesses()
        rolled.roll_back()
        lengthen(rolled.place, 5)
        refused(room_of(rolled.place, found), "LOG_FORKED", ask=False)
        rolled.forget_published()
        refused(room_of(rolled.place, found), "LOG_ROLLED_BACK")


def test_nothing_is_signed_on_a_database_that_was_swapped_under_a_running_server(rolled: Rolled) -> None:
    lengthen(rolled.place, 3)
    room = room_of(rolled.place)
    room.round()
    rolled.roll_back()
    codes = []
    for _ in range(6):  # while it is shorter, as long, and longer than what was published
        lengthen(rolled.place, 1)
        with pytest.raises(StoreError) as error:
            room.round()
        codes.append(error.value.code)
    assert codes[0] == "LOG_ROLLED_BACK"
    assert codes[-1] == "LOG_FORKED"
    assert signed_sizes(rolled.place) == [7]


def test_an_altered_entry_is_not_signed_over(rolled: Rolled) -> None:
    with rolled.place.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
        sql.execute("DROP TRIGGER stored_events_no_update")
        sql.execute("UPDATE stored_events SET state = ? WHERE {id} = 4", (b"another",))
    lengthen(rolled.place, 1)
    with pytest.raises(StoreError, match="STORE_DAMAGED"):
        room_of(rolled.place).round()
    refused(room_of(rolled.place), "STORE_DAMAGED")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff" * 100, b"ledger.example/log\n2\nAAAA\n\n"])
def test_a_published_checkpoint_that_cannot_be_read_is_refused(here: Office, content: bytes) -> None:
    room_of(here).round()
    (here.house.folder.path / "log/checkpoint").write_bytes(content)
    assert "log/checkpoint" in refused(room_of(here), "CHECKPOINT_UNREADABLE").message


def test_a_checkpoint_of_another_key_is_refused(here: Office) -> None:
    room = room_of(here)
    room.round()
    other = LogKey(room.origin, b"\1" * 32)
    found = checkpoint.Checkpoint(room.origin, 2, b"\0" * 32)
    room.checkpoint_file.write_bytes(checkpoints.Signed(found, other.sign(found)).to_bytes())
    refused(room_of(here), "CHECKPOINT_UNREADABLE")


# ---------------------------------------------------------------- the log's key


def test_the_log_s_key_must_be_the_one_that_the_log_names(here: Office) -> None:
    path = here.house.folder.path / KEY_FILE
    kept = path.read_bytes()
    path.unlink()
    refused(room_of(here), "LOG_KEY_MISSING")
    LogKey.create(path, here.house.folder.root.origin)
    refused(room_of(here), "LOG_KEY_WRONG")
    path.write_bytes(kept[:-1])
    refused(room_of(here), "LOG_KEY_WRONG")
    path.write_bytes(kept)
    path.chmod(0o640)
    refused(room_of(here), "LOG_KEY_WRONG")
    path.chmod(0o600)
    room_of(here).check()


def test_after_a_rotation_the_old_key_s_checkpoints_still_count(here: Office) -> None:
    room = room_of(here)
    room.round()
    path = here.house.folder.path / KEY_FILE
    path.unlink()
    fresh = LogKey.create(path, room.origin)
    asked = here.custody(RequestLogKeyRotation(log_key=str(fresh.vkey)))
    here.custody(RotateLogKey(request=asked.result["request"]), second=True)
    again = room_of(here)
    again.check()
    again.round()
    assert again.key.vkey == fresh.vkey
    assert published(here, again) == head(here)
