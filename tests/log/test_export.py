"""The auditor's folder: exactly the tree of its checkpoint, links without names, named facts only under a passphrase."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.log import export as exporting
from ledger.log.export import Exported, Named, export
from tests.houses import Office
from tests.log.long import lengthen
from tests.log.witnessing import Village, room_of, village
from verifier import jcs, merkle, personal_file
from verifier.errors import Error, FormatError
from verifier.fact import verify_fact
from verifier.personal_file import CHUNK_SIZE, Cost, Header
from verifier.tile import Tile, TileTree, bundles, parse_bundle
from verifier.tile import tiles as hash_tiles

PASSPHRASE = "kata sandi untuk auditor"
DAY = date(2031, 12, 31)
CHEAP = Cost(memory=8, iterations=1)


@pytest.fixture
def found(here: Office, tmp_path: Path) -> Iterator[Village]:
    with village(here, tmp_path / "witnesses") as made:
        yield made


def run(place: Office, found: Village, folder: Path, **options: object) -> Exported:
    house = place.house
    files = {"root": house.folder.root.to_bytes, "status/1": lambda: b"a list"}
    return export(room_of(place, found), house.application, house.personal, folder, files=files, **options)  # type: ignore[arg-type]


def read(folder: Path, found: Village) -> list[bytes]:
    """The entries, after every check that the folder allows; nothing is in it that does not belong there."""
    head = found.policy().check((folder / "checkpoint").read_bytes()).checkpoint
    data = {tile: (folder / tile.path()).read_bytes() for tile in hash_tiles(head.size)}
    assert TileTree(head.size, data.__getitem__).root() == head.root
    entries = [
        entry
        for tile in bundles(head.size)
        for entry in parse_bundle(tile, (folder / tile.path()).read_bytes())
    ]
    assert merkle.root(map(merkle.leaf_hash, entries)) == head.root
    expected = {tile.path() for tile in (*hash_tiles(head.size), *bundles(head.size))}
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {name for name in files if name.startswith("tile/")} == expected
    return entries


def test_the_folder_is_complete_and_checked_by_nothing_but_itself(place: Office, tmp_path: Path) -> None:
    with village(place, tmp_path / "witnesses") as found:
        lengthen(place, 600)
        place.organisation()
        room = room_of(place, found)
        room.round()
        room.ask_witnesses()
        seen: list[tuple[int, int]] = []
        result = run(place, found, tmp_path / "out", progress=lambda done, total: seen.append((done, total)))
        assert result == Exported(603, 0, 3, True, 0, 0)
        entries = read(tmp_path / "out", found)
        assert entries == room.tiles.entries(0, 603)
        assert seen[-1] == (603, 603)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        assert (tmp_path / "out/status/1").read_bytes() == b"a list"
        assert (tmp_path / "out/root").read_bytes() == place.house.folder.root.to_bytes()
        assert (tmp_path / "out/links.jsonl").read_bytes() == b""
        assert not (tmp_path / "out/personal.jsonl").exists()
        assert [path.name for path in tmp_path.glob(".out*")] == []


def test_a_checkpoint_with_its_quorum_is_preferred_and_the_rest_is_told(
    here: Office, found: Village, tmp_path: Path
) -> None:
    room = room_of(here, found)
    room.round()
    room.ask_witnesses()
    lengthen(here, 4)
    found.down = {0, 1}
    room.round()
    room.ask_witnesses()
    assert run(here, found, tmp_path / "out") == Exported(2, 4, 3, True, 0, 0)
    assert len(read(tmp_path / "out", found)) == 2


def test_without_a_quorum_the_newest_is_taken_and_said_to_be_unwitnessed(
    here: Office, found: Village, tmp_path: Path
) -> None:
    found.down = {0, 1}
    room = room_of(here, found)
    room.round()
    room.ask_witnesses()
    assert run(here, found, tmp_path / "out") == Exported(2, 0, 1, False, 0, 0)


def test_a_folder_that_is_not_empty_is_left_alone(here: Office, found: Village, tmp_path: Path) -> None:
    room_of(here, found).round()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("keep")
    (tmp_path / "file").write_text("keep")
    for name in ("out", "file"):
        with pytest.raises(StoreError, match="FOLDER_NOT_EMPTY"):
            run(here, found, tmp_path / name)
    assert (tmp_path / "out/mine").read_text() == "keep"
    (tmp_path / "empty").mkdir()
    assert run(here, found, tmp_path / "empty").size == 2


def test_a_log_without_a_checkpoint_is_refused(here: Office, found: Village, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="LOG_EMPTY"):
        run(here, found, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_interrupted_run_is_gone_on_with(
    here: Office, found: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengthen(here, 700)
    room = room_of(here, found)
    room.round()
    write = exporting._write
    written: list[Path] = []

    def stop(path: Path, data: bytes) -> None:
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        written.append(path)
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_write", stop)
        with pytest.raises(OSError, match="No space"):
            run(here, found, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for name in ("tile/0/000", "tile/entries/000"):
        torn = bytearray((tmp_path / ".out.exporting" / name).read_bytes())
        torn[-1] ^= 1
        (tmp_path / ".out.exporting" / name).write_bytes(torn)
    lengthen(here, 50)
    room.round()
    again: list[Path] = []

    def note(path: Path, data: bytes) -> None:
        again.append(path)
        write(path, data)

    monkeypatch.setattr(exporting, "_write", note)
    assert run(here, found, tmp_path / "out").size == 752
    assert len(read(tmp_path / "out", found)) == 752
    kept = {path.relative_to(tmp_path / ".out.exporting") for path in written}
    kept -= {Path("tile/0/000"), Path("tile/entries/000")}
    full = {path for path in kept if ".p" not in str(path)}
    assert full
    assert not full & {path.relative_to(tmp_path / ".out.exporting") for path in again}


def test_an_altered_entry_stops_the_export(here: Office, found: Village, tmp_path: Path) -> None:
    lengthen(here, 300)
    room_of(here, found).round()
    with here.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
        sql.execute("DROP TRIGGER stored_events_no_update")
        sql.execute("UPDATE stored_events SET state = ? WHERE {id} = 18", (b"another",))
    with pytest.raises(StoreError, match="entry 17"):
        run(here, found, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_named_facts_open_their_commitments_and_nothing_is_legible_outside(
    here: Office, found: Village, tmp_path: Path
) -> None:
    here.person()
    room_of(here, found).round()
    here.person()  # newer than the checkpoint
    result = run(here, found, tmp_path / "out", named=Named(PASSPHRASE, DAY))
    entries = read(tmp_path / "out", found)
    payloads = {
        (payload["stream"], payload["version"]): payload["data"]
        for payload in (json.loads(entry.partition(b"\n")[0]) for entry in entries)
    }
    with (tmp_path / "out/personal.jsonl").open("rb") as file:
        header, lines = personal_file.read(file, PASSPHRASE)
        facts = [jcs.decode(line) for line in lines]
    assert header == Header(DAY, "ledger.example/log")
    assert result.facts == len(facts) == 1
    for fact in facts:
        expected = payloads[fact["stream"], fact["version"]][fact["field"]]["commitment"]
        salt = bytes.fromhex(fact["salt"])
        names = ("field", "stream", "subject", "value", "version")
        verify_fact(expected, salt, fact["class"], *(fact[name] for name in names))
    assert "Orang Fiktif" in facts[0]["value"]
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or b"Orang Fiktif" not in path.read_bytes()


# ---------------------------------------------------------------- the encrypted file


def sealed(lines: list[bytes]) -> bytes:
    pieces: list[bytes] = []
    personal_file.write(lines, pieces.append, PASSPHRASE, Header(DAY, "ledger.example/log"), CHEAP)
    return b"".join(pieces)


def opened(data: bytes, passphrase: str = PASSPHRASE) -> list[bytes]:
    return list(personal_file.read(io.BytesIO(data), passphrase)[1])


@pytest.mark.parametrize(
    "sizes",
    [[], [0], [1], [5, 0, 7], [CHUNK_SIZE - 1], [CHUNK_SIZE - 2], [CHUNK_SIZE], [9000] * 40, [1] * 70000],
)
def test_lines_come_back(sizes: list[int]) -> None:
    lines = [bytes([65 + number % 26]) * size for number, size in enumerate(sizes)]
    assert opened(sealed(lines)) == lines


def test_the_same_passphrase_from_another_keyboard_opens_it() -> None:
    pieces: list[bytes] = []
    personal_file.write([b"x"], pieces.append, "kata sandi é", Header(DAY, "x/log"), CHEAP)
    assert opened(b"".join(pieces), "kata sandi e\u0301") == [b"x"]


def test_another_passphrase_does_not_open_it() -> None:
    with pytest.raises(Error, match="PASSPHRASE_WRONG"):
        opened(sealed([b"x"]), PASSPHRASE + "!")
    with pytest.raises(Error, match="PASSPHRASE_WRONG"):
        opened(sealed([b"x"]), "\ud800")


WHOLE = sealed([b"a" * 60000, b"b" * 60000, b"c" * 60000])
HEAD = WHOLE.index(b"\n", 30) + 1
CHUNK = CHUNK_SIZE + 16


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"certledger/personal/v2\n",
        WHOLE[: HEAD - 1],
        WHOLE[:HEAD],
        WHOLE[: HEAD + CHUNK],
        WHOLE[: HEAD + 2 * CHUNK],
        WHOLE[:-1],
        WHOLE + b"x",
        WHOLE[: HEAD + CHUNK] + WHOLE[HEAD + 2 * CHUNK :],
        WHOLE[: HEAD + CHUNK] + WHOLE[HEAD : HEAD + CHUNK] + WHOLE[HEAD + 2 * CHUNK :],
        WHOLE[:HEAD]
        + WHOLE[HEAD + CHUNK : HEAD + 2 * CHUNK]
        + WHOLE[HEAD : HEAD + CHUNK]
        + WHOLE[HEAD + 2 * CHUNK :],
        WHOLE.replace(b"2031-12-31", b"2039-12-31"),
        WHOLE.replace(b"2031-12-31", b"2031-13-31"),
        WHOLE.replace(b'"memory":8', b'"memory":9999999999'),
        WHOLE.replace(b'"iterations":1', b'"iterations":true'),
        WHOLE.replace(b'"lanes":1', b'"lanes":0'),
        WHOLE.replace(b"argon2id", b"argon2i"),
        WHOLE.replace(b'"destroy_by"', b'"a":1,"destroy_by"'),
        WHOLE.replace(b"ledger.example/log", b"another.example/lo"),
    ],
)
def test_what_was_altered_or_cut_off_is_refused(data: bytes) -> None:
    assert data != WHOLE
    with pytest.raises(Error):
        opened(data)


def test_every_flipped_byte_is_noticed() -> None:
    data = sealed([b"a fact"])
    for position in range(len(data)):
        altered = bytearray(data)
        altered[position] ^= 4
        with pytest.raises(Error):
            opened(bytes(altered))


def test_a_line_that_has_no_place_is_not_written() -> None:
    for line in (b"a\nb", b"x" * (1 << 17)):
        with pytest.raises(FormatError):
            sealed([line])


def test_a_path_that_climbs_out_is_a_mistake(here: Office, found: Village, tmp_path: Path) -> None:
    room_of(here, found).round()
    for path in ("../x", "/x", "a/../../x", ""):
        with pytest.raises(ValueError, match=r".*"):
            export(
                room_of(here, found),
                here.house.application,
                here.house.personal,
                tmp_path / "o",
                files={path: bytes},
            )
    assert not (tmp_path / "x").exists()
    assert Tile(0, 0).path() == "tile/0/000"
