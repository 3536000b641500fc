"""A number and a name as typed: what the time taken may tell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from api.public.view import Status
from api.verification import LedgerVerifier
from ledger.personal.rows import Rows
from ledger.store.sqlite import SqliteSql
from tests.holder.shop import Shop


def test_a_wrong_name_an_unknown_number_and_an_erased_one_take_the_same_work(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, work = shop.house, Counter[str]()
    verifier = LedgerVerifier(
        house.queries, house.statuses, house.personal, house.clock, house.folder.rulebook.time_zone
    )
    execute, load = SqliteSql.execute, Rows.load

    def counted(self: SqliteSql, statement: str, parameters: Any = ()) -> None:
        work[statement] += 1
        execute(self, statement, parameters)

    def loaded(self: Rows, connection: Any, place: Any) -> Any:
        found = load(self, connection, place)
        work["facts"] += len(found)
        return found

    monkeypatch.setattr(SqliteSql, "execute", counted)
    monkeypatch.setattr(Rows, "load", loaded)

    def done(number: str, name: str) -> tuple[Status, Counter[str]]:
        verifier.by_number("first", "the stand-in is looked for once")
        work.clear()
        return verifier.by_number(number, name), Counter(work)

    good, erased = shop.with_status("VALID"), shop.with_status("NO_LONGER_VERIFIABLE")
    holder = house.personal.value(f"certificate/{shop.certificate(good)}", "identity", "holder")
    status, wanted = done(good["number"], str(holder))
    assert status is Status.VALID
    assert wanted["facts"] > 0
    for number in (good["number"], "no such number", erased["number"]):
        assert done(number, "Nama Rekaan Lain") == (Status.NOT_FOUND, wanted)
