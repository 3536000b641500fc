"""Unique rows follow from events alone: what each claims, and what is given back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest

from ledger.log.claims import follow
from ledger.store.mapper import event_of


class Memory:
    """Entries and unique rows."""

    def __init__(self) -> None:
        self._cursor = sqlite3.connect(":memory:").cursor()
        self.execute("CREATE TABLE stored_events (originator_id, originator_version, state)")
        self.execute("CREATE TABLE unique_row (kind TEXT, key TEXT, PRIMARY KEY (kind, key))")

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        self._cursor.execute(statement, parameters)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(statement, rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._cursor.fetchall()

    def happen(self, stream: str, name: str, **data: Any) -> set[tuple[str, str]]:
        """Record an event, follow it, and return the rows that there are then."""
        self.execute("SELECT COUNT(*) FROM stored_events WHERE originator_id = ?", (stream,))
        version = (self.fetchone() or (0,))[0] + 1
        payload = {
            "stream": stream,
            "version": version,
            "type": f"{stream.partition('/')[0]}.{name}.v1",
            "occurred_at": "2031-01-01T00:00:00Z",
            "recorded_at": "2031-01-01T00:00:00Z",
            "actor": "staff/x",
            "role": "training_admin",
            "org": "o",
            "command": "c",
            "data": data,
        }
        entry = json.dumps(payload).encode() + b"\n{}"
        self.execute("INSERT INTO stored_events VALUES (?, ?, ?)", (stream, version, entry))
        follow(
            self, event_of(entry), lambda certificate: f"tag of {certificate}" if certificate != "e" else None
        )
        self.execute("SELECT kind, key FROM unique_row")
        return set(self.fetchall())


PLACE = {("enrolment", "l/k"), ("seat", "k/3")}


@pytest.fixture
def confirmed() -> Memory:
    memory = Memory()
    assert memory.happen("enrolment/e", "applied", learner="l", cohort="k") == {("enrolment", "l/k")}
    assert memory.happen("enrolment/e", "selected") == {("enrolment", "l/k")}
    assert memory.happen("enrolment/e", "confirmed", seat=3) == PLACE
    return memory


def test_who_is_rejected_gives_the_place_back() -> None:
    memory = Memory()
    memory.happen("enrolment/e", "applied", learner="l", cohort="k")
    assert memory.happen("enrolment/e", "rejected", code="X") == set()


def test_who_moves_takes_the_other_place(confirmed: Memory) -> None:
    assert confirmed.happen("enrolment/e", "moved", to="k2", seat=1) == {
        ("enrolment", "l/k2"),
        ("seat", "k2/1"),
    }
    assert confirmed.happen("enrolment/e", "moved", to="k3", seat=None) == {("enrolment", "l/k3")}


def test_who_leaves_frees_the_seat_and_who_comes_back_needs_one(confirmed: Memory) -> None:
    assert confirmed.happen("enrolment/e", "transferred_out", to=None, reason="T") == PLACE
    assert confirmed.happen("enrolment/e", "closed", reason="T") == set()
    assert confirmed.happen("enrolment/e", "resumed", cohort="k2", seat=9) == {
        ("enrolment", "l/k2"),
        ("seat", "k2/9"),
    }


def test_who_completed_keeps_the_place(confirmed: Memory) -> None:
    assert confirmed.happen("enrolment/e", "closed", reason="COMPLETED") == PLACE


def test_what_others_hold_is_left_alone(confirmed: Memory) -> None:
    confirmed.happen("enrolment/other", "applied", learner="m", cohort="k")
    assert confirmed.happen("enrolment/e", "closed", reason="HEALTH") == {("enrolment", "m/k")}


@pytest.mark.parametrize(
    ("stream", "name", "data", "rows"),
    [
        ("assessment/a", "admitted", {"previous": None, "enrolment": "e"}, {("attempt", "e")}),
        ("assessment/a", "admitted", {"previous": "b", "enrolment": "e"}, {("attempt", "b")}),
        ("assessment/a", "admitted", {"previous": None, "enrolment": None}, set()),
        ("appeal/a", "filed", {"decision": "d"}, {("appeal", "d")}),
        ("staff/s", "enrolment_requested", {"thumbprint": "t"}, {("key", "t")}),
        ("staff/s", "key_rotated", {"thumbprint": "t"}, {("key", "t")}),
        ("staff/s", "key_enrolled", {"thumbprint": "t"}, set()),
        ("issuer_key/i", "enrolment_requested", {"thumbprint": "t"}, {("key", "t")}),
        ("blank_stock/b", "stock_received", {"serials": ["1", "2"]}, {("blank", "1"), ("blank", "2")}),
        ("print_copy/p", "copy_printed", {"certificate": "c", "copy": 2}, {("copy", "c/2")}),
        (
            "certificate/c",
            "issued",
            {"number": "7", "list": 1, "index": 5},
            {("number", "7"), ("status_index", "o/1/5"), ("decision", "tag of c")},
        ),
        (
            "certificate/e",
            "issued",
            {"number": "7", "list": 1, "index": 5},
            {("number", "7"), ("status_index", "o/1/5")},
        ),
        ("certificate/c", "suspended", {}, set()),
    ],
)
def test_what_an_event_claims(
    stream: str, name: str, data: dict[str, Any], rows: set[tuple[str, str]]
) -> None:
    assert Memory().happen(stream, name, **data) == rows


def test_a_row_that_is_there_already_stays() -> None:
    memory = Memory()
    memory.happen("appeal/a", "filed", decision="d")
    assert memory.happen("appeal/b", "filed", decision="d") == {("appeal", "d")}
