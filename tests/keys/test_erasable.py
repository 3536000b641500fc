import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keys.erasable import ErasableDatabase
from keys.errors import DataKeyError

SCHEMA = ("CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY, content BLOB NOT NULL)",)


def make(path: Path) -> ErasableDatabase:
    return ErasableDatabase(path, SCHEMA, 1, DataKeyError)


def test_many_may_make_the_file_at_once(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}.db"
        barrier = threading.Barrier(6)

        def open_at_once(_: int, path: Path = path, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            make(path).close()

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(open_at_once, range(6)))


def test_an_error_takes_everything_back_and_frees_the_lock(tmp_path: Path) -> None:
    database = make(tmp_path / "a.db")

    def fail() -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO thing VALUES (1, x'00')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.writing() as connection:
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    with pytest.raises(DataKeyError) as caught, database.writing() as connection:
        connection.execute("INSERT INTO thing VALUES (1, NULL)")
    assert caught.value.code == "STORE_FAILED"
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
    database.close()


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    database = make(tmp_path / "a.db")
    with database.writing() as connection:
        connection.execute("INSERT INTO thing VALUES (1, x'00')")
    with database.writing() as writer, database.reading() as reader:
        writer.execute("INSERT INTO thing VALUES (2, x'00')")
        assert reader.execute("SELECT count(*) FROM thing").fetchone() == (1,)
    database.close()


def test_a_busy_connection_is_closed_when_it_comes_back(tmp_path: Path) -> None:
    database = make(tmp_path / "a.db")
    with database.writing() as connection:
        database.close()
        connection.execute("INSERT INTO thing VALUES (1, x'00')")
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataKeyError) as caught:
        make(tmp_path / "missing" / "a.db")
    assert caught.value.code == "STORE_FAILED"


@pytest.mark.parametrize("size", [31, 32, 33, 300, 9000, 200_000])
def test_what_is_there_is_found_whole_or_in_part(tmp_path: Path, size: int) -> None:
    database = make(tmp_path / "a.db")
    content = b"".join(number.to_bytes(4, "big") for number in range(7_000_000, 7_000_000 + size))[:size]
    assert not database.contains(content + b"\xff")
    with database.writing() as connection:
        connection.execute("INSERT INTO thing VALUES (1, ?)", (content,))
    assert database.contains(content)
    if size > 300:
        assert database.contains(content[: size // 2] + bytes(range(255, 95, -1)))
        assert database.contains(bytes(range(255, 95, -1)) + content[size // 2 :])
    with database.writing() as connection:
        connection.execute("DELETE FROM thing")
    assert database.purge(content)
    assert not database.contains(content)
    database.close()


def test_looking_into_the_file_and_opening_it_again_gives_up_no_lock(tmp_path: Path) -> None:
    database = make(tmp_path / "a.db")
    other_process = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0); c.execute('BEGIN IMMEDIATE')"
    )
    command = [sys.executable, "-c", other_process, str(tmp_path / "a.db")]
    with database.writing() as connection:
        connection.execute("INSERT INTO thing VALUES (1, x'00')")
        database.contains(b"something")
        make(tmp_path / "a.db").close()
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "database is locked" in refused.stderr
    assert subprocess.run(command, check=False).returncode == 0
    database.close()
