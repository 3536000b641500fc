"""Answers given again: only while nothing was committed, only within their second, only to the same question."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.composition import open_house
from api.public import kept
from api.public.kept import Kept
from api.unchanged import Unchanged
from api.verification import LedgerVerifier
from ledger.clock import SimulatedClock
from ledger.commands.lifecycle import SuspendCertificate
from ledger.domain.roles import Role
from tests.holder.shop import Shop


@pytest.fixture
def shop(built_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    monkeypatch.setattr(kept.time, "monotonic", lambda: 7.5)  # type: ignore[attr-defined] # time stands still
    with open_house(data) as house:
        house.clock = house.ledger.clock = SimulatedClock(house.clock.now())
        yield Shop(house, json.loads((data / "demo.json").read_bytes()))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look-up that is made."""
    found: list[str] = []
    look_up = LedgerVerifier.by_code

    def counted(self: LedgerVerifier, code: str) -> object:
        found.append(code)
        return look_up(self, code)

    monkeypatch.setattr(LedgerVerifier, "by_code", counted)
    return found


def test_the_same_question_is_looked_up_once(shop: Shop, asked: list[str]) -> None:
    client = TestClient(make_app(shop.house))
    code = shop.with_status("VALID")["code"]
    first = client.get(f"/v/{code}")
    again = client.get(f"/v/{code}")
    assert (again.content, again.headers) == (first.content, first.headers)
    assert len(asked) == 1
    for path, accept, language, encoding in (
        (f"/v/{code}?lang=en", "text/html", "id", "gzip"),
        (f"/v/{code}", "text/html", "en", "gzip"),
        (f"/v/{code}", "application/json", "id", "gzip"),
        (f"/v/{code}", "text/html", "id", "identity"),
        (f"/v/{code}.json", "text/html", "id", "gzip"),
    ):
        headers = {"accept": accept, "accept-language": language, "accept-encoding": encoding}
        before = len(asked)
        answer = client.get(path, headers=headers)
        assert len(asked) == before + 1
        assert answer.headers["content-type"].startswith(
            "application/json" if "json" in path + accept else "text"
        )
        assert answer.headers.get("content-encoding", "identity") == (
            "identity" if "json" in path + accept else encoding
        )


def test_a_change_holds_from_the_next_scan(shop: Shop, asked: list[str]) -> None:
    client = TestClient(make_app(shop.house))
    entry = shop.with_status("VALID", kind="TRAINING")
    certificate = shop.certificate(entry)
    path = f"/v/{entry['code']}.json"
    assert [client.get(path).json()["status"] for _ in range(2)] == ["VALID"] * 2
    reason = min(shop.house.folder.rulebook.reason_codes.certificate_suspend)
    org = shop.house.issued.get(certificate).org
    shop.give(Role.TRAINING_ISSUER, org, SuspendCertificate(certificate=certificate, reason=reason))
    assert client.get(path).json()["status"] == "SUSPENDED"
    assert client.get(path).json()["holder"] is not None
    shop.house.personal.destroy(f"certificate/{certificate}", "identity", position=1)
    assert client.get(path).json().get("holder") is None
    assert len(asked) == 3


@pytest.mark.parametrize("name", ["events.db", "personal.db", "datakeys.db"])
def test_what_another_process_commits_is_seen(shop: Shop, asked: list[str], name: str) -> None:
    client = TestClient(make_app(shop.house))
    code = shop.with_status("VALID")["code"]
    for _ in range(2):
        client.get(f"/v/{code}")
    assert len(asked) == 1
    with sqlite3.connect(shop.house.folder.path / name) as other:
        other.execute("CREATE TABLE added (x)")
    client.get(f"/v/{code}")
    assert len(asked) == 2


def test_a_second_is_the_longest(shop: Shop, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(make_app(shop.house))
    code = shop.with_status("VALID")["code"]
    client.get(f"/v/{code}")
    monkeypatch.setattr(kept.time, "monotonic", lambda: 8.0)  # type: ignore[attr-defined]
    client.get(f"/v/{code}")
    assert len(asked) == 2


def test_misses_are_not_kept(shop: Shop) -> None:
    client = TestClient(make_app(shop.house))
    answers = {client.get("/v/0000000000000").status_code for _ in range(200)}
    assert answers == {404, 429}


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    marks = [b"1"]
    answers: Kept[str] = Kept(lambda: marks[0], lambda: 1.0)
    begun = answers.begin()
    marks[0] = b"2"
    answers.put("question", begun, "old")
    assert answers.get("question", answers.begin()) is None
    marks[0] = b"1"  # taken back
    assert answers.get("question", answers.begin()) is None
    answers.put("question", answers.begin(), "new")
    assert answers.get("question", answers.begin()) == "new"
    answers.put(None, answers.begin(), "no question")
    assert answers.get(None, answers.begin()) is None


def test_without_marks_nothing_is_kept() -> None:
    answers: Kept[str] = Kept(lambda: None, lambda: 1.0)
    answers.put("question", answers.begin(), "answer")
    assert answers.get("question", answers.begin()) is None


@pytest.mark.parametrize("mode", ["TRUNCATE", "DELETE", "PERSIST", "WAL"])
def test_every_commit_changes_the_marks_and_nothing_else_does(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.db"
    one = sqlite3.connect(path, isolation_level=None)
    other = sqlite3.connect(path, isolation_level=None)
    one.execute(f"PRAGMA journal_mode={mode}")
    one.execute("CREATE TABLE t (x)")
    other.execute("SELECT * FROM t").fetchall()
    unchanged = Unchanged([path])
    seen = {unchanged.marks()}
    for number in range(300):
        writer = (one, other)[number % 2]
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO t VALUES (?)", (number,))
        if number % 3 == 0:
            writer.execute("ROLLBACK")
            assert unchanged.marks() in seen
            continue
        writer.execute("COMMIT")
        assert unchanged.marks() not in seen
        seen.add(unchanged.marks())
        assert (
            one.execute("SELECT count(*) FROM t").fetchone()
            == other.execute("SELECT count(*) FROM t").fetchone()
        )
        assert unchanged.marks() in seen
    assert None not in seen
    unchanged.close()
    one.close()
    other.close()
