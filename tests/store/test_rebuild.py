"""rebuild tells every difference between the projections and the log, puts it right, and nothing from a damaged log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.rebuild import rebuild
from tests.houses import office
from tests.store.tampering import Tampered

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tampered]:
    with office(tmp_path / "data", request.param) as place:
        yield Tampered(place)


def differing(store: Tampered) -> dict[str, int]:
    return {table: rows for table, rows in rebuild(store.place.house.application).differing.items() if rows}


def relations(store: Tampered) -> list[tuple[object, ...]]:
    with store.sql() as sql:
        sql.execute("SELECT * FROM relation ORDER BY kind, source, target")
        return sql.fetchall()


def test_a_row_changed_added_and_taken_away_is_told_and_put_right(store: Tampered) -> None:
    assert differing(store) == {}
    before = relations(store)
    with store.sql() as sql:
        sql.execute("UPDATE organisation SET public_name = 'Palsu' WHERE id = ?", (store.org,))
        sql.execute("INSERT INTO destroyed VALUES ('learner/x', 'identity', 1, '')")
        sql.execute("DELETE FROM relation WHERE kind = 'site.reviews'")
    lost = len(before) - len(relations(store))
    assert lost > 0
    assert differing(store) == {"organisation": 2, "destroyed": 1, "relation": lost}
    assert relations(store) == before
    assert differing(store) == {}


def test_an_entry_that_is_missing_or_unreadable_stops_it_and_changes_nothing(store: Tampered) -> None:
    with store.sql() as sql:
        sql.execute("DELETE FROM relation")
    rows = store.rows()
    cut = rows[: store.renamed[0]]
    gone = [*cut, None, *rows[store.renamed[0] + 1 :]]
    unreadable = [*cut, (*rows[store.renamed[0]][:3], b"{}\n{}"), *rows[store.renamed[0] + 1 :]]
    for broken in (gone, unreadable, cut):
        store.write(broken)
        with pytest.raises(StoreError) as refused:
            rebuild(store.place.house.application)
        assert refused.value.code == "STORE_DAMAGED"
        assert str(store.renamed[0]) in refused.value.message
        assert relations(store) == []


def test_the_command_line_tells_the_difference(tmp_path: Path) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "api.cli", "rebuild", "--data", str(folder), *options]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    folder = tmp_path / "data"
    with office(folder) as place:
        store = Tampered(place)
        with store.sql() as sql:
            sql.execute("UPDATE organisation SET public_name = 'Palsu' WHERE id = ?", (store.org,))
        busy = run()
        assert (busy.returncode, busy.stdout) == (2, "")
        assert busy.stderr.startswith("FOLDER_IN_USE: ")
    told = run("--json")
    assert (told.returncode, told.stderr) == (1, "")
    assert json.loads(told.stdout)["differing"] == {"organisation": 2}
    again = run()
    assert (again.returncode, again.stderr) == (0, "")
    assert "every table came out equal" in again.stdout
