import secrets
import sqlite3
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import Error
from ledger.personal.fact import CLASSES, Fact
from ledger.personal.store import PersonalStore, Swept
from tests.personal.personal_kit import NOW, fact, open_store, raw_bytes
from verifier import jcs
from verifier.fact import commitment, verify_fact

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PersonalStore]:
    made = open_store(tmp_path)
    yield made
    made.close()


def row_of(folder: Path, subject: str, class_: str = "identity") -> Any:
    connection = sqlite3.connect(folder / "personal.db")
    try:
        row = connection.execute(
            "SELECT sealed FROM fact_row WHERE subject = ? AND class = ?", (subject, class_)
        ).fetchone()
    finally:
        connection.close()
    return row and row[0]


def put(store: PersonalStore, *facts: Fact, command: str = "c1", settle: bool = True) -> None:
    store.put(facts, pending=command, now=NOW)
    if settle:
        store.settle(command)


def code_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Error) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_facts_come_back_in_another_process(store: PersonalStore, tmp_path: Path) -> None:
    facts = [
        fact("Arif Contohman"),
        fact("1990-03-14", field="birth_date"),
        fact({"a": [1, None, "é𝄞"]}, field="x"),
    ]
    put(store, *facts)
    again = open_store(tmp_path)
    assert again.get("learner/l1", "identity") == facts
    assert again.value("learner/l1", "identity", "birth_date") == "1990-03-14"
    assert again.value("learner/l1", "identity", "missing") is None
    assert again.get("learner/l1", "custody") == again.get("learner/l2", "identity") == []
    again.close()


def test_a_stored_fact_still_opens_its_commitment(store: PersonalStore) -> None:
    value = {"name": "Siti Fiktif", "n": 3}
    salt = secrets.token_bytes(32)
    place = ("identity", "name", "learner/l1", "learner/l1", value, 4)
    expected = commitment(salt, *place)
    put(store, Fact("identity", "name", "learner/l1", "learner/l1", value, 4, salt))
    (found,) = store.get("learner/l1", "identity")
    verify_fact(
        expected,
        found.salt,
        found.class_,
        found.field,
        found.stream,
        found.subject,
        found.value,
        found.version,
    )


def test_the_newest_value(store: PersonalStore) -> None:
    put(store, fact("first"), command="c1")
    put(store, fact("third", version=3), command="c2")
    put(store, fact("second", version=2), command="c3")
    assert store.value("learner/l1", "identity", "name") == "third"
    put(store, fact("elsewhere", version=1, stream="subject_request/r1"), command="c4")
    assert store.value("learner/l1", "identity", "name") == "elsewhere"
    assert len(store.get("learner/l1", "identity")) == 4


def test_pending_facts_are_seen_by_nobody_until_they_are_settled(store: PersonalStore) -> None:
    put(store, fact("old"), command="c1")
    put(store, fact("new", version=2), command="c2", settle=False)
    assert store.value("learner/l1", "identity", "name") == "old"
    assert store.value("learner/l1", "identity", "name", include_pending=True) == "new"
    store.settle("c2")
    store.settle("c2")
    assert store.value("learner/l1", "identity", "name") == "new"


def test_to_put_the_same_again_changes_nothing(store: PersonalStore) -> None:
    put(store, fact("a"), settle=False)
    put(store, fact("a"), settle=False)
    store.settle("c1")
    put(store, fact("a"), settle=False)  # a client's repetition, after the command was settled
    assert store.get("learner/l1", "identity") == [fact("a")]


def test_other_facts_for_a_pending_command_are_refused(store: PersonalStore) -> None:
    put(store, fact("a"), settle=False)
    assert code_of(store.put, [fact("b")], pending="c1", now=NOW) == "PENDING_DIFFERS"
    assert (
        code_of(store.put, [fact("a")], pending="c1", now=NOW, niks={"9901011403909001": "l1"})
        == "PENDING_DIFFERS"
    )
    store.discard("c1")
    put(store, fact("b"))
    assert store.get("learner/l1", "identity") == [fact("b")]


def test_a_discarded_command_leaves_what_others_put(store: PersonalStore, tmp_path: Path) -> None:
    put(store, fact("kept"), command="c1")
    put(
        store,
        fact("gone", version=2),
        fact("secret", class_="custody", field="register"),
        command="c2",
        settle=False,
    )
    store.discard("c2")
    assert store.get("learner/l1", "identity", include_pending=True) == [fact("kept")]
    assert store.get("learner/l1", "custody", include_pending=True) == []
    assert row_of(tmp_path, "learner/l1", "custody") is None
    assert store._datakeys.get("learner/l1", "custody") is None


def test_a_sweep_settles_what_the_log_has_and_removes_the_rest(tmp_path: Path) -> None:
    """A crash between put and append, and one between append and settle."""
    crashed = open_store(tmp_path)
    put(crashed, fact("in the log"), command="done", settle=False)
    put(crashed, fact("an orphan", version=2), command="lost", settle=False)
    put(
        crashed, fact("orphaned register", class_="custody", field="register"), command="lost-2", settle=False
    )
    store = open_store(tmp_path)  # nothing was closed or settled
    assert store.get("learner/l1", "identity") == []
    assert store.sweep(lambda command: command == "done", NOW) == Swept(
        settled=1, removed=0
    )  # the rest may be on its way
    assert store.get("learner/l1", "identity") == [fact("in the log")]
    assert store.sweep(lambda command: command == "done", NOW + HOUR) == Swept(settled=0, removed=2)
    assert store.get("learner/l1", "identity", include_pending=True) == [fact("in the log")]
    assert row_of(tmp_path, "learner/l1", "custody") is None
    assert store.sweep(lambda _: True, NOW + HOUR) == Swept(0, 0)


def test_nothing_stands_in_clear(store: PersonalStore, tmp_path: Path) -> None:
    put(
        store,
        fact("Arif Contohman"),
        fact("FIKTIF-B.I/9001/2099", class_="custody", field="register"),
        command="c1",
    )
    content = raw_bytes(tmp_path)
    assert row_of(tmp_path, "learner/l1") in content
    for clear in (b"Arif", b"Contohman", b"FIKTIF", b"register", fact("Arif Contohman").salt):
        assert clear not in content


def test_files_are_closed_to_others(store: PersonalStore, tmp_path: Path) -> None:
    put(store, fact("a"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_after_destruction_the_raw_files_hold_neither_row_nor_key(
    store: PersonalStore, tmp_path: Path
) -> None:
    """Among others, some of several pages, neither the last state of the row nor the wrapped key is left."""
    subjects = [f"learner/{secrets.token_hex(16)}" for _ in range(60)]
    for number, subject in enumerate(subjects):
        big = "x" * (8000 if number % 7 == 0 else 50)
        store.put([fact(big, subject=subject)], pending=f"c{number}", now=NOW)
        store.settle(f"c{number}")
    connection = sqlite3.connect(tmp_path / "data-keys.db")
    wrapped = dict(connection.execute("SELECT subject, wrapped FROM data_key").fetchall())
    connection.close()
    victims = subjects[::4]
    sealed: dict[str, bytes] = {subject: row_of(tmp_path, subject) for subject in victims}
    content = raw_bytes(tmp_path)
    assert all(wrapped[subject] in content for subject in victims)
    assert all(sealed[subject][:200] in content for subject in victims)
    keys = {subject: store._datakeys.get_or_create(subject, "identity") for subject in victims}
    for subject in victims:
        store.destroy(subject, "identity", position=7)
    content = raw_bytes(tmp_path)
    for subject in victims:
        assert store.get(subject, "identity", include_pending=True) == []
        assert wrapped[subject] not in content
        assert wrapped[subject][12:44] not in content
        assert keys[subject] not in content
        for start in range(0, len(sealed[subject]) - 32, 32):
            assert sealed[subject][start : start + 32] not in content
    for subject in set(subjects) - set(victims):
        assert len(store.get(subject, "identity")) == 1
    store.compact()
    assert all(len(store.get(subject, "identity")) == 1 for subject in set(subjects) - set(victims))


def test_a_lingering_copy_of_a_destroyed_row_opens_no_more(store: PersonalStore, tmp_path: Path) -> None:
    put(store, fact("a"))
    sealed = row_of(tmp_path, "learner/l1")
    store.destroy("learner/l1", "identity", position=7)
    connection = sqlite3.connect(tmp_path / "personal.db")
    with connection:
        connection.execute("INSERT INTO fact_row VALUES ('learner/l1', 'identity', ?)", (sealed,))
    connection.close()
    assert code_of(store.get, "learner/l1", "identity") == "PERSONAL_KEY_MISSING"
    assert store.places_without_key() == [("learner/l1", "identity")]
    assert code_of(put, store, fact("new"), command="c2") == "PERSONAL_KEY_MISSING"
    store.destroy("learner/l1", "identity", position=7)  # as is done after each restore
    put(
        store, fact("new"), command="c3"
    )  # another life of the same subject: nothing of the old one comes back
    assert store.get("learner/l1", "identity") == [fact("new")]
    assert store.places_without_key() == []


def test_destruction_is_of_one_class_and_may_be_repeated(store: PersonalStore) -> None:
    put(store, fact("name"), fact("cell", class_="custody"), fact("other", subject="learner/l2"))
    put(store, fact("pending", class_="custody", version=2), command="c2", settle=False)
    for _ in range(2):
        store.destroy("learner/l1", "custody", position=7)
        assert store.get("learner/l1", "custody", include_pending=True) == []
    store.destroy("learner/none", "custody", position=7)
    store.settle("c2")
    assert store.get("learner/l1", "custody") == []
    assert store.value("learner/l1", "identity", "name") == "name"
    assert store.value("learner/l2", "identity", "name") == "other"


@pytest.mark.parametrize("step", ["key", "row"])
@pytest.mark.parametrize("then", ["destroy", "put", "refused put", "discard"])
def test_a_crash_in_the_middle_of_a_destruction_is_finished(
    store: PersonalStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str, then: str
) -> None:
    put(store, fact("old"))
    put(store, fact("pending", version=2), command="c2", settle=False)
    place = ("learner/l1", "identity")
    old_key = store._datakeys.get(*place)

    def crash(*_: Any) -> NoReturn:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        if step == "key":
            patch.setattr(store._datakeys, "destroy", crash)
        else:
            patch.setattr(store._rows, "remove", crash)
        with pytest.raises(RuntimeError):
            store.destroy(*place, position=7)
    assert row_of(tmp_path, "learner/l1") is not None
    assert (store._datakeys.get(*place) is None) == (step == "row")
    assert store.get(*place, include_pending=True) == []
    if then == "destroy":
        store.destroy(*place, position=7)
        assert row_of(tmp_path, "learner/l1") is None
    if then == "refused put":  # makes a key of its own, and is taken back
        store.put([], pending="c8", now=NOW, niks={"9901011403909001": "l2"})
        refused = {"pending": "c9", "now": NOW, "niks": {"9901011403909001": "l1"}}
        assert code_of(store.put, [fact("refused")], **refused) == "CONCURRENCY_CONFLICT"
        assert store.get(*place, include_pending=True) == []
    if then == "discard":
        store.discard("c2")
    put(store, fact("new", version=3), command="c3")
    assert store.get(*place, include_pending=True) == [fact("new", version=3)]
    assert store._datakeys.get(*place) not in {None, old_key}


def test_nothing_of_a_put_that_fails_is_stored(store: PersonalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*arguments: Any) -> NoReturn:
        raise RuntimeError("power cut")

    monkeypatch.setattr(store.index, "add_tags", crash)
    with pytest.raises(RuntimeError):
        put(store, fact("a"), fact("b", class_="contact"))
    monkeypatch.undo()
    assert list(store.places()) == []
    assert store.sweep(lambda _: True, NOW + HOUR) == Swept(0, 0)
    put(store, fact("a"))
    assert store.get("learner/l1", "identity") == [fact("a")]


def test_what_lingers_of_a_destroyed_row_is_found_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without secure_delete deleted bytes stay in the file for certain."""
    off = ("PRAGMA journal_mode = TRUNCATE", "PRAGMA secure_delete = OFF")
    monkeypatch.setattr("keys.erasable._SETTINGS", off)
    weak = open_store(tmp_path)
    for number in range(3):
        put(weak, fact("a", subject=f"learner/l{number}"), command=f"c{number}")
    first, second = row_of(tmp_path, "learner/l1"), row_of(tmp_path, "learner/l2")
    weak.destroy("learner/l1", "identity", position=7)
    assert first not in raw_bytes(tmp_path)
    monkeypatch.setattr(weak._database, "compact", lambda: None)
    assert code_of(weak.destroy, "learner/l2", "identity", position=8) == "PERSONAL_NOT_ERASED"
    assert second in raw_bytes(tmp_path)
    assert weak.get("learner/l2", "identity") == []
    weak.close()


@pytest.mark.parametrize("what", ["flip", "cut", "swap", "empty"])
def test_an_altered_row_is_told_and_never_misread(store: PersonalStore, tmp_path: Path, what: str) -> None:
    put(store, fact("a"), fact("b", subject="learner/l2"))
    sealed, other = row_of(tmp_path, "learner/l1"), row_of(tmp_path, "learner/l2")
    bad = {"flip": sealed[:-1] + bytes([sealed[-1] ^ 1]), "cut": sealed[:20], "swap": other, "empty": b""}[
        what
    ]
    connection = sqlite3.connect(tmp_path / "personal.db")
    with connection:
        connection.execute("UPDATE fact_row SET sealed = ? WHERE subject = 'learner/l1'", (bad,))
    connection.close()
    assert code_of(store.get, "learner/l1", "identity") == "PERSONAL_DAMAGED"
    assert store.get("learner/l2", "identity") == [fact("b", subject="learner/l2")]


@pytest.mark.parametrize(
    "bad",
    [
        fact("a", class_="secret"),
        fact("a", subject="a b"),
        fact("a", subject="learner/l1\nidentity"),
        fact("a", field=""),
        fact("a", version=0),
        fact("a", stream="learner/../x"),
        fact(1.5),
        fact("\ud800"),
        fact({1: 2}),
        fact(2**53),
        Fact("identity", "name", "learner/l1", "learner/l1", "a", 1, b"short"),
    ],
)
def test_malformed_facts_are_refused(store: PersonalStore, bad: Fact) -> None:
    assert code_of(store.put, [fact("good"), bad], pending="c1", now=NOW) == "FACT_INVALID"
    assert list(store.places()) == []


def test_a_row_has_a_limit(store: PersonalStore) -> None:
    put(store, fact("x" * 3_000_000), command="c1")
    assert code_of(store.put, [fact("x" * 3_000_000, version=2)], pending="c2", now=NOW) == "FACTS_TOO_LARGE"
    assert len(store.get("learner/l1", "identity")) == 1


def test_a_naive_moment_is_a_mistake_of_the_caller(store: PersonalStore) -> None:
    with pytest.raises(ValueError, match="zone"):
        store.put([fact("a")], pending="c1", now=NOW.replace(tzinfo=None))


def test_a_newer_format_or_no_database_is_told(store: PersonalStore, tmp_path: Path) -> None:
    store.close()
    connection = sqlite3.connect(tmp_path / "personal.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert code_of(open_store, tmp_path) == "STORE_VERSION"
    (tmp_path / "personal.db").write_bytes(b"rubbish" * 1000)
    assert code_of(open_store, tmp_path) == "STORE_FAILED"


def test_a_closed_store_says_so(store: PersonalStore) -> None:
    store.close()
    assert code_of(store.get, "learner/l1", "identity") == "STORE_FAILED"


def test_a_locked_file_is_told_after_a_while(
    store: PersonalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keys.erasable.BUSY_SECONDS", 0.1)
    impatient = open_store(tmp_path)
    holder = sqlite3.connect(tmp_path / "personal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert code_of(impatient.settle, "c1") == "STORE_BUSY"
    holder.execute("ROLLBACK")
    holder.close()
    impatient.settle("c1")
    impatient.close()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abé𝄞", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(json_values, min_size=1, max_size=4), class_=st.sampled_from(sorted(CLASSES)))
def test_any_json_value_comes_back(store: PersonalStore, values: list[Any], class_: str) -> None:
    subject = f"learner/{secrets.token_hex(8)}"
    facts = [fact(v, subject=subject, class_=class_, version=n) for n, v in enumerate(values, 1)]
    put(store, *facts, command=secrets.token_hex(8))
    assert [jcs.encode(each.value) for each in store.get(subject, class_)] == list(map(jcs.encode, values))


def test_speed(store: PersonalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes a tenth of this: only a change of order of magnitude fails."""
    put(store, *[fact("Arif Contohman", field=f"f{n}") for n in range(5)])
    started = time.perf_counter()
    for _ in range(200):
        store.get("learner/l1", "identity")
    assert (time.perf_counter() - started) / 200 < 0.002
