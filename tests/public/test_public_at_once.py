"""What the page is told at once, from the event loop: what the ledger says, as fresh, and never by waiting."""

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.composition import open_house
from api.verification import LedgerVerifier
from ledger.clock import SimulatedClock
from ledger.commands.lifecycle import SuspendCertificate
from ledger.domain.roles import Role
from tests.holder.shop import Shop
from tests.houses import office
from verifier.code import make

UNKNOWN = make(1 << 58)


@pytest.fixture
def shop(built_demo: Path, tmp_path: Path) -> Iterator[Shop]:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    with open_house(data) as house:
        house.clock = house.ledger.clock = SimulatedClock(house.clock.now())  # stands still
        yield Shop(house, json.loads((data / "demo.json").read_bytes()))


def verifiers(shop: Shop) -> tuple[LedgerVerifier, LedgerVerifier]:
    """The one that waits and the one that does not."""
    house = shop.house
    assert house.at_once is not None
    zone, witnesses = house.folder.rulebook.time_zone, house.room.witnessed.keys
    patient = LedgerVerifier(
        house.queries, house.statuses, house.personal, house.clock, zone, witnesses=witnesses
    )
    return patient, replace(patient, queries=house.at_once.queries, personal=house.at_once.personal)


def test_it_says_what_the_ledger_says(shop: Shop) -> None:
    patient, at_once = verifiers(shop)
    found = set()
    for entry in shop.demo["certificates"]:
        view = at_once.by_code(entry["code"])
        assert view == patient.by_code(entry["code"])
        assert view.status == entry["expected_status"]
        certificate = shop.certificate(entry)
        row = shop.house.queries.certificate(certificate)
        assert row is not None
        assert view.holder == shop.house.personal.value(f"certificate/{certificate}", "identity", "holder")
        assert view.witnesses == shop.house.room.witnessed((row.issued_index or 0) + 1) == 3
        assert view.log_size == shop.house.queries.head().size
        found.add(view.status)
    assert len(found) == 6
    assert at_once.by_code(UNKNOWN) == patient.by_code(UNKNOWN)
    assert at_once.by_code(UNKNOWN).status == "NOT_FOUND"


def test_a_change_holds_from_the_next_scan(shop: Shop) -> None:
    _, at_once = verifiers(shop)
    entry = shop.with_status("VALID", kind="TRAINING")
    certificate = shop.certificate(entry)
    assert at_once.by_code(entry["code"]).status == "VALID"
    reason = min(shop.house.folder.rulebook.reason_codes.certificate_suspend)
    suspend = SuspendCertificate(certificate=certificate, reason=reason)
    shop.give(Role.TRAINING_ISSUER, shop.house.issued.get(certificate).org, suspend)
    assert at_once.by_code(entry["code"]).status == "SUSPENDED"
    shop.house.personal.destroy(f"certificate/{certificate}", "identity", position=1)
    assert at_once.by_code(entry["code"]).holder is None


@pytest.mark.parametrize("name", ["events.db", "personal.db", "datakeys.db"])
def test_it_never_waits_and_the_page_does(shop: Shop, name: str) -> None:
    _, at_once = verifiers(shop)
    code = shop.with_status("VALID")["code"]
    path = f"/v/{code}?lang=en"
    client = TestClient(make_app(shop.house))
    lock = sqlite3.connect(shop.house.folder.path / name, isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    with pytest.raises(Exception, match=r"locked|in use"):
        at_once.by_code(code)
    assert time.monotonic() - begun < 0.5
    threading.Timer(0.3, lock.execute, ["ROLLBACK"]).start()
    assert '<h1 id="status">Valid</h1>' in client.get(path).text
    assert time.monotonic() - begun > 0.3
    assert at_once.by_code(code).status == "VALID"
    lock.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("witnesses", [(), ("one", "two")])
def test_both_databases_are_asked_in_the_same_words(
    tmp_path: Path, kind: str, witnesses: tuple[str, ...]
) -> None:
    with office(tmp_path / "data", kind) as place:
        organisation = place.organisation()
        with place.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
            sql.execute(
                "INSERT INTO certificate (id, org, state, kind, prepared, erased, issued_index)"
                " VALUES ('c', ?, 'active', 'TRAINING', '{}', 0, 4)",
                (organisation,),
            )
            for witness, size in (("one", 5), ("two", 4), ("three", 9)):
                sql.execute("INSERT INTO witness (witness, size, time) VALUES (?, ?, 0)", (witness, size))
        shown = place.house.queries.shown("c", witnesses)
        assert shown is not None
        assert (shown.row.state, shown.row.under_review) == ("active", False)
        assert shown.issuer == place.house.queries.organisation(organisation)[1]  # type: ignore[index]
        assert shown.log_size == place.house.queries.head().size
        assert shown.witnesses == (1 if witnesses else 0)  # size 5 holds leaf index 4, size 4 does not
        assert place.house.queries.shown("d", witnesses) is None
        assert (place.house.at_once is None) == (kind == "postgres")
