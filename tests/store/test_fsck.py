"""fsck names the first entry that is wrong, and how, whatever somebody with the database in hand did to it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.signer import Ed25519Signer
from tests.houses import office
from tests.store.tampering import MANY, Tampered
from verifier import b64, jcs
from verifier.entry import assemble, command_message, payload_hash, split

FLIPS = 60
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tampered]:
    with office(tmp_path / "data", request.param) as place:
        yield Tampered(place)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Tampered]:
    with office(tmp_path / "data") as place:
        yield Tampered(place)


def test_an_untouched_store_is_sound(store: Tampered) -> None:
    assert store.finding() is None
    store.write(store.rows())
    assert store.finding() is None


# -- one entry's bytes -----------------------------------------------------------------------------------------


def test_another_value_in_a_payload(store: Tampered) -> None:
    store.change(store.other, b"LPK Contoh", b"LPK Kontoh")
    assert store.found() == (store.other, "SIGNATURE_WRONG")


@pytest.mark.parametrize("place", range(5))
def test_another_value_in_one_entry_of_a_command_names_that_entry(on_sqlite: Tampered, place: int) -> None:
    on_sqlite.change(on_sqlite.five + place, b'"passed":true', b'"passed":false')
    assert on_sqlite.found() == (on_sqlite.five + place, "SIGNATURE_WRONG")


@pytest.mark.parametrize("member", ["size", "command"])
def test_the_first_entry_of_a_command_made_another_commands(on_sqlite: Tampered, member: str) -> None:
    """The next entry is the first that does not fit, but the one before it is what was changed."""
    state = on_sqlite.rows()[on_sqlite.five][3]
    command = json.loads(split(state)[0])["command"].encode()
    other = command[:-1] + (b"1" if command.endswith(b"0") else b"0")
    old, new = (b'"size":5', b'"size":7') if member == "size" else (command, other)
    on_sqlite.change(on_sqlite.five, old, new)
    assert on_sqlite.found() == (on_sqlite.five, "SIGNATURE_WRONG")


def test_an_entry_that_is_not_canonical(store: Tampered) -> None:
    store.change(store.other, b'"public_name":"LPK Contoh"', b'"public_name": "LPK Contoh"')
    finding = store.finding()
    assert finding is not None
    assert finding.index == store.other
    assert finding.code.startswith("JSON_")


def test_a_signature_of_another_command(store: Tampered) -> None:
    rows = store.rows()
    foreign = split(rows[store.renamed[0]][3])[1]
    stream, version, topic, state = rows[store.renamed[2]]
    assert json.loads(foreign)["key"] == json.loads(split(state)[1])["key"]
    rows[store.renamed[2]] = (stream, version, topic, split(state)[0] + b"\n" + foreign)
    store.write(rows)
    assert store.found() == (store.renamed[2], "SIGNATURE_WRONG")


def test_any_bit_of_any_entry(on_sqlite: Tampered) -> None:
    """A flipped bit is told at its very entry, whatever part of it the bit was in."""
    store, draw = on_sqlite, random.Random(1)
    rows = store.rows()
    # Few of the many alike: what is looked for is in single entries and in commands of a few.
    indexes = [*range(store.many + 1), *range(store.many + MANY, len(rows))]
    for _ in range(FLIPS):
        index = draw.choice(indexes)
        state = rows[index][3]
        flipped = bytearray(state)
        place = draw.randrange(len(flipped))
        flipped[place] ^= 1 << draw.randrange(8)
        with store.sql() as sql:
            change = "UPDATE stored_events SET state = ? WHERE {id} = ?"
            sql.execute(change, (bytes(flipped), index + 1))
        finding = store.finding()
        assert finding is not None, (index, place)
        assert finding.index == index, (finding, bytes(flipped))
        with store.sql() as sql:
            sql.execute("UPDATE stored_events SET state = ? WHERE {id} = ?", (state, index + 1))
    assert store.finding() is None


# -- rows that are elsewhere, gone, or too many ----------------------------------------------------------------


def test_the_entries_of_two_rows_exchanged(store: Tampered) -> None:
    rows = store.rows()
    one, two = rows[store.renamed[1]], rows[store.other]
    rows[store.renamed[1]], rows[store.other] = (*one[:3], two[3]), (*two[:3], one[3])
    store.write(rows)
    assert store.found() == (store.renamed[1], "ENTRY_MISPLACED")


def test_two_rows_of_one_stream_exchanged(store: Tampered) -> None:
    rows, (first, second) = store.rows(), store.renamed[1:3]
    rows[first], rows[second] = rows[second], rows[first]
    store.write(rows, head=True)
    assert store.found() == (first, "VERSION_WRONG")


def test_two_rows_of_different_streams_exchanged(store: Tampered) -> None:
    rows, first = store.rows(), store.renamed[3]
    assert store.other == first + 1
    rows[first], rows[first + 1] = rows[first + 1], rows[first]
    store.write(rows, head=True)
    assert store.found() == (first, "SEEN_WRONG")


def test_two_entries_of_one_command_exchanged(store: Tampered) -> None:
    rows, first = store.rows(), store.five + 1
    rows[first], rows[first + 1] = rows[first + 1], rows[first]
    store.write(rows, head=True)
    assert store.found() == (first, "PARTIAL_COMMAND")


def test_a_missing_row(store: Tampered) -> None:
    rows: list[object] = list(store.rows())
    rows[store.renamed[2]] = None
    store.write(rows)  # type: ignore[arg-type]
    assert store.found() == (store.renamed[2], "INDEX_GAP")


def test_a_missing_row_with_all_later_ones_moved_up(store: Tampered) -> None:
    rows = store.rows()
    del rows[store.renamed[1]]
    store.write(rows, head=True)
    assert store.found() == (store.renamed[1], "VERSION_WRONG")


def test_a_missing_command_that_nothing_in_its_stream_follows(store: Tampered) -> None:
    rows = store.rows()
    del rows[store.other]
    store.write(rows, head=True)
    assert store.found() == (store.other, "SEEN_WRONG")


def test_a_missing_entry_inside_a_command_with_all_later_ones_moved_up(store: Tampered) -> None:
    rows = store.rows()
    del rows[store.five + 2]
    store.write(rows, head=True)
    assert store.found() == (store.five + 2, "PARTIAL_COMMAND")


@pytest.mark.parametrize("left", [1, 2])
def test_a_command_without_its_tail(store: Tampered, left: int) -> None:
    rows = store.rows()
    del rows[store.five + left : store.five + 5]
    store.write(rows, head=True)
    assert store.found() == (store.five + left, "PARTIAL_COMMAND")


def test_a_log_that_ends_inside_a_command(store: Tampered) -> None:
    store.write(store.rows()[:-1], head=True)
    assert store.found() == (store.last + 2, "PARTIAL_COMMAND")


def test_a_log_without_its_last_command(store: Tampered) -> None:
    store.write(store.rows()[: store.last])
    assert store.found() == (store.last, "ROOT_WRONG")
    store.write(store.rows(), head=True)
    assert store.found() == (store.last, "COMMAND_MISSING")


def test_a_row_that_stands_there_twice(store: Tampered) -> None:
    rows = store.rows()
    stream, version, topic, state = rows[store.other]
    rows.append((stream, version + 1, topic, state))
    store.write(rows, head=True)
    assert store.found() == (len(rows) - 1, "ENTRY_MISPLACED")


def forged(store: Tampered, after: int, *, thumbprint: str | None = None) -> tuple[str, int, str, bytes]:
    """The next event of the stream of the entry at ``after``, its hash chain right, signed by nobody's key.

    With ``thumbprint`` the signature says that it is by that key.
    """
    stream, _, topic, state = store.rows()[after]
    payload = json.loads(split(state)[0])
    head = store.place.house.queries.head()
    payload |= {
        "version": payload["version"] + 1,
        "prev": payload_hash(split(state)[0]).hex(),
        "command": "00000000-0000-4000-8000-000000000000",
        "seen": {"size": head.size, "root": b64.encode(head.root)},
    }
    data = jcs.encode(payload)
    parts = Ed25519Signer.generate().sign(command_message(store.place.house.folder.root.origin, [data]))
    (entry,) = assemble([data], parts)
    if thumbprint is not None:
        entry = entry.replace(parts.key.encode(), thumbprint.encode())
    return stream, payload["version"], topic, entry


@pytest.mark.parametrize(("known", "code"), [(True, "SIGNATURE_WRONG"), (False, "SIGNER_NOT_AUTHORISED")])
def test_a_forged_entry_with_a_right_hash_chain(store: Tampered, known: bool, code: str) -> None:
    rows, after = store.rows(), store.renamed[3]
    key = json.loads(split(rows[after][3])[1])["key"]
    row = forged(store, after, thumbprint=key if known else None)
    store.write([*rows, row], head=True)
    assert store.found() == (len(rows), code)
    store.write([*rows[: after + 1], row, *rows[after + 1 :]], head=True)
    assert store.found() == (after + 1, code)


# -- what lies beside the entries ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "index", "code"),
    [
        ("UPDATE log_head SET root = ? WHERE id = 1", "size", "ROOT_WRONG"),
        ("UPDATE log_head SET size = size - 1, nodes = ?", "before", "ROOT_WRONG"),
        ("UPDATE tile SET hashes = ? WHERE level = 0", "zero", "TILE_WRONG"),
    ],
)
def test_an_altered_head_or_tile(store: Tampered, change: str, index: str, code: str) -> None:
    with store.sql() as sql:
        sql.execute(change, (bytes(32),))
    size = store.size
    assert store.found() == ({"size": size, "before": size - 1, "zero": 0}[index], code)


def test_a_head_that_is_gone(store: Tampered) -> None:
    with store.sql() as sql:
        sql.execute("DELETE FROM log_head")
    assert store.found() == (0, "HEAD_MISSING")


def test_a_table_of_commands_or_people_that_says_something_else(store: Tampered) -> None:
    with store.sql() as sql:
        sql.execute("UPDATE actor_head SET last_index = last_index + 1 WHERE actor = ?", (store.admin,))
    assert store.found() == (store.size, "ACTOR_HEAD_WRONG")
    with store.sql() as sql:
        sql.execute("UPDATE command SET first_index = first_index + 1 WHERE first_index = ?", (store.other,))
    assert store.found() == (store.other, "COMMAND_MISPLACED")
    with store.sql() as sql:
        sql.execute("DELETE FROM command WHERE first_index = ?", (store.renamed[0],))
    assert store.found() == (store.renamed[0], "COMMAND_MISPLACED")


# -- the command line ------------------------------------------------------------------------------------------


def test_the_command_line_says_which_and_how(on_sqlite: Tampered) -> None:
    store = on_sqlite
    folder = str(store.place.house.folder.path)
    command = [sys.executable, "-m", "api.cli", "fsck", "--data", folder]
    sound = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert f"{store.size} entries read" in sound.stdout
    store.change(store.other, b"LPK Contoh", b"LPK Kontoh")
    wrong = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert wrong.stdout.startswith(f"Entry {store.other} (organisation/")
    assert "SIGNATURE_WRONG" in wrong.stdout
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, cwd=ROOT, check=False)
    finding = json.loads(as_json.stdout)["finding"]
    assert (as_json.returncode, finding["index"], finding["code"]) == (1, store.other, "SIGNATURE_WRONG")
