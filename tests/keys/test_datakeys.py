import secrets
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.datakeys import DataKeys
from keys.errors import DataKeyError, Error


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "data-keys.db", tmp_path / "master.key"


@pytest.fixture
def keys(paths: tuple[Path, Path]) -> Iterator[DataKeys]:
    made = DataKeys(*paths)
    yield made
    made.close()


def wrapped_keys(path: Path) -> dict[str, bytes]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT subject, wrapped FROM data_key").fetchall()
    connection.close()
    return dict(rows)


def raw_bytes(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.iterdir() if each.name.startswith(path.name))


def test_one_key_for_each_subject_and_class(keys: DataKeys) -> None:
    names = [("learner/1", "identity"), ("learner/1", "custody"), ("learner/2", "identity")]
    made = [keys.get_or_create(*name) for name in names]
    assert len({len(key) for key in made}) == 1
    assert len(set(made)) == 3
    assert [keys.get_or_create(*name) for name in names] == made
    assert [keys.get(*name) for name in names] == made
    assert keys.get("learner/3", "identity") is None


def test_keys_survive_the_process(keys: DataKeys, paths: tuple[Path, Path]) -> None:
    key, service = keys.get_or_create("learner/1", "identity"), keys.service("nik-index")
    keys.close()
    again = DataKeys(*paths)
    assert (again.get("learner/1", "identity"), again.service("nik-index")) == (key, service)
    assert again.service("code-lookup") != service
    again.close()


def test_files_are_closed_to_others_and_journal_is_empty(keys: DataKeys, paths: tuple[Path, Path]) -> None:
    keys.get_or_create("learner/1", "identity")
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths[0].parent.iterdir()} == {0o600}
    assert not paths[0].with_name("data-keys.db-journal").read_bytes()


def test_neither_file_alone_holds_a_key(keys: DataKeys, paths: tuple[Path, Path]) -> None:
    key = keys.get_or_create("learner/1", "identity")
    assert all(key not in path.read_bytes() for path in paths[0].parent.iterdir())


def test_a_destroyed_key_is_nowhere_in_the_raw_files(keys: DataKeys, paths: tuple[Path, Path]) -> None:
    """Many keys in random order split and merge pages: no destroyed one lingers, the others still open."""
    subjects = [f"learner/{secrets.token_hex(16)}" for _ in range(600)]
    made = {subject: keys.get_or_create(subject, "identity") for subject in subjects}
    wrapped = wrapped_keys(paths[0])
    assert all(wrapped[subject] in raw_bytes(paths[0]) for subject in subjects)
    for subject in subjects[::3]:
        assert keys.destroy(subject, "identity")
        assert wrapped[subject] not in raw_bytes(paths[0])
    content = raw_bytes(paths[0])
    assert not any(wrapped[subject] in content for subject in subjects[::3])
    assert not any(wrapped[subject][12:44] in content for subject in subjects[::3])
    assert {s: keys.get(s, "identity") for s in subjects[1::3]} == {s: made[s] for s in subjects[1::3]}
    assert all(keys.get(subject, "identity") is None for subject in subjects[::3])


def test_what_lingers_is_found_and_removed(
    keys: DataKeys, paths: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without secure_delete the bytes stay in the file: destroy must notice, and write the file anew."""
    monkeypatch.setattr(
        "keys.erasable._SETTINGS", ("PRAGMA journal_mode = TRUNCATE", "PRAGMA secure_delete = OFF")
    )
    weak = DataKeys(*paths)
    for number in range(5):
        weak.get_or_create(f"learner/{number}", "identity")
    wrapped = wrapped_keys(paths[0])["learner/3"]
    with weak._database.writing() as connection:
        connection.execute("DELETE FROM data_key WHERE subject = 'learner/3'")
    assert weak._database.contains(wrapped)  # the search sees free space, so it can fail
    wrapped = wrapped_keys(paths[0])["learner/2"]
    assert weak.destroy("learner/2", "identity")
    assert wrapped not in raw_bytes(paths[0])
    monkeypatch.setattr(weak._database, "compact", lambda: None)
    with pytest.raises(DataKeyError) as caught:
        weak.destroy("learner/1", "identity")
    assert caught.value.code == "DATAKEYS_NOT_ERASED"
    assert weak.get("learner/1", "identity") is None
    weak.close()


def test_to_destroy_again_changes_nothing_and_a_new_key_differs(keys: DataKeys) -> None:
    key = keys.get_or_create("learner/1", "identity")
    assert keys.destroy("learner/1", "identity")
    assert not keys.destroy("learner/1", "identity")
    assert not keys.destroy("learner/9", "identity")
    assert keys.get_or_create("learner/1", "identity") != key


def test_a_key_does_not_open_in_the_place_of_another(keys: DataKeys, paths: tuple[Path, Path]) -> None:
    keys.get_or_create("learner/1", "identity")
    keys.get_or_create("learner/2", "identity")
    with sqlite3.connect(paths[0]) as connection:
        connection.execute(
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE subject = 'learner/1')"
        )
    connection.close()
    assert keys.get("learner/1", "identity")
    with pytest.raises(DataKeyError) as caught:
        keys.get("learner/2", "identity")
    assert caught.value.code == "DATAKEYS_DAMAGED"


def test_a_missing_or_foreign_master_key_is_told(
    keys: DataKeys, paths: tuple[Path, Path], tmp_path: Path
) -> None:
    keys.get_or_create("learner/1", "identity")
    keys.close()
    path, master = paths
    master.rename(tmp_path / "kept")
    with pytest.raises(DataKeyError) as caught:
        DataKeys(path, master)
    assert caught.value.code == "DATAKEYS_MASTER_MISSING"
    assert not master.exists()
    for content in (bytes(32), bytes(31), b""):
        master.write_bytes(content)
        master.chmod(0o600)
        with pytest.raises(DataKeyError) as caught:
            DataKeys(path, master)
        assert caught.value.code == "DATAKEYS_MASTER_WRONG"
    master.write_bytes((tmp_path / "kept").read_bytes())
    master.chmod(0o644)
    with pytest.raises(Error) as open_to_others:
        DataKeys(path, master)
    assert open_to_others.value.code == "FILE_OPEN_TO_OTHERS"
    master.chmod(0o600)
    DataKeys(path, master).close()


def test_a_file_that_is_no_database(paths: tuple[Path, Path]) -> None:
    DataKeys(*paths).close()
    paths[0].write_bytes(b"rubbish" * 1000)
    with pytest.raises(DataKeyError) as caught:
        DataKeys(*paths)
    assert caught.value.code == "STORE_FAILED"


@pytest.mark.parametrize("name", ["", "a\nb", "a b", "x" * 201, "é"])
def test_names_are_plain(keys: DataKeys, name: str) -> None:
    for call in (keys.get, keys.get_or_create, keys.destroy):
        with pytest.raises(DataKeyError):
            call(name, "identity")
        with pytest.raises(DataKeyError):
            call("learner/1", name)
    with pytest.raises(DataKeyError):
        keys.service(name)


def test_threads_agree_on_one_key(keys: DataKeys) -> None:
    found = []
    barrier = threading.Barrier(6)

    def work() -> None:
        barrier.wait()
        found.append((keys.get_or_create("learner/1", "identity"), keys.service("once")))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
