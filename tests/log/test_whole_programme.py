"""A whole programme's log, lost with its database and brought back from what was published."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from api.auditing import export_bundle, open_room, restore_entries
from api.composition import open_house
from api.demo import build
from api.log import CertificateProofs
from ledger.errors import StoreError
from ledger.fsck import fsck
from ledger.log import export as exporting
from ledger.log.claims import follow, provenance_tags
from ledger.log.recover import Recovered
from ledger.personal.tags import Tags
from ledger.rebuild import rebuild
from ledger.store.mapper import event_of
from tests.log.snapshot import recoverable, take
from verifier import jcs, policy
from verifier.code import normalise
from verifier.fact import verify_fact

SAMPLE = Path(__file__).resolve().parents[2] / "sample/programme-2026.json"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programme") / "data"
    build(folder, SAMPLE, 8000, lambda _done, _total: None)
    return folder


def test_every_unique_row_of_a_programme_follows_from_its_events(data: Path) -> None:
    with open_house(data) as house:
        tag = provenance_tags(house.personal, Tags(house.datakeys))
        before = set(take(house.application)["unique_row"])
        with house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
            sql.execute("DELETE FROM unique_row")
            sql.execute("SELECT state FROM stored_events ORDER BY {id}")
            for (state,) in sql.fetchall():
                follow(sql, event_of(bytes(state)), tag)
        after = set(take(house.application)["unique_row"])
    assert {kind for kind, _ in before} >= {
        "seat",
        "enrolment",
        "decision",
        "number",
        "attempt",
        "appeal",
        "copy",
    }
    assert Counter(kind for kind, _ in before ^ after) == Counter()


def test_a_database_that_is_gone_altogether_comes_back(data: Path) -> None:
    with open_house(data) as house:
        room = open_room(house)
        room.check()
        room.round()
        rows = recoverable(take(house.application))
        size = house.queries.head().size
    (data / "events.db").rename(data / "lost.db")
    with open_house(data) as house:
        room = open_room(house)
        with pytest.raises(StoreError, match="LOG_ROLLED_BACK"):
            room.check()
        assert restore_entries(house, room, data / "log") == Recovered(size, size, size)
        assert recoverable(take(house.application)) == rows
        assert fsck(house.application, house.queries, house.folder.root) == (size, None)
        assert not any(rebuild(house.application).differing.values())
        room.check()


def test_links_open_their_commitments_and_name_nobody(data: Path, tmp_path: Path) -> None:
    with open_house(data) as house:
        room = open_room(house)
        done = export_bundle(house, room, tmp_path / "out")
        entries = room.tiles.entries(0, done.size)
    payloads = {}
    for entry in entries:
        payload = json.loads(entry.partition(b"\n")[0])
        payloads[payload["stream"], payload["version"]] = payload
    lines = (tmp_path / "out" / exporting.LINKS).read_bytes().splitlines()
    assert len(lines) == done.links > 20
    for line in lines:
        link = jcs.decode(line)
        event = payloads[link["stream"], link["version"]]
        place = (
            link["class"],
            link["field"],
            link["stream"],
            link["subject"],
            link["value"],
            link["version"],
        )
        verify_fact(event["data"]["provenance"]["commitment"], bytes.fromhex(link["salt"]), *place)
        assert link["subject"].startswith("certificate/")
        origin = link["value"].get("decision", link["value"].get("enrolment"))
        assert origin is not None or link["value"].get("replaces")
        assert set(link["value"]) <= {"kind", "learner", "enrolment", "assessment", "decision", "replaces"}
    assert [jcs.decode(line)["subject"] for line in lines] == sorted(
        jcs.decode(line)["subject"] for line in lines
    )


def test_every_certificate_s_proof_holds_and_shows_its_own_entry_alone(data: Path) -> None:
    listed = json.loads((data / "demo.json").read_text())["certificates"]
    with open_house(data) as house:
        room = open_room(house)
        room.round()
        trusted = policy.parse(f"log {room.key.vkey}\nquorum none\n".encode())
        proofs = CertificateProofs(room, house.queries, house.personal)
        given = 0
        for certificate in listed:
            if certificate["expected_status"] == "NO_LONGER_VERIFIABLE":
                continue
            found = proofs.by_code(normalise(certificate["code"]))
            assert found is not None
            found.proof.verify(found.entry, trusted)
            payload = json.loads(found.entry.partition(b"\n")[0])
            assert payload["type"] == "certificate.issued.v1"
            assert payload["data"]["number"] == certificate["number"]
            assert payload["stream"].startswith("certificate/")
            given += 1
    assert given > 20
