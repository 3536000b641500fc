"""The log over HTTP: what is public, what is cached, what is for auditors; and a certificate's proof."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from api.log import log_routes
from api.public.limit import MissLimiter
from ledger.log.room import LogRoom
from tests.houses import Office
from tests.log.long import lengthen
from tests.log.witnessing import Village, room_of, village
from verifier import checkpoint, code, note, proof
from verifier.tile import ENTRIES, Tile, TileTree, bundles, parse_bundle
from verifier.tile import tiles as hash_tiles

CODE = code.make(12345)
CERTIFICATE = "0f3c2a6e-9f1b-4c0d-8e2a-5d6b7c8d9e0f"


class Fake:
    """Look-ups over one certificate whose entry is whichever the test says."""

    def __init__(self) -> None:
        self.row: Any = None
        self.index = SimpleNamespace(certificate_of=lambda wanted: CERTIFICATE if wanted == CODE else None)

    def certificate(self, wanted: str) -> Any:
        return self.row if wanted == CERTIFICATE else None


class Site:
    def __init__(self, place: Office, found: Village) -> None:
        self.place = place
        self.room: LogRoom = room_of(place, found)
        self.fake = Fake()
        misses = MissLimiter(burst=3, refill_s=1000)
        routes = log_routes(self.room, self.fake, self.fake, _is_auditor, misses=misses)  # type: ignore[arg-type]
        self.client = TestClient(Starlette(routes=routes), raise_server_exceptions=False)


def _is_auditor(request: Request) -> bool:
    return request.headers.get("authorization") == "Bearer auditor"


@pytest.fixture
def found(here: Office, tmp_path: Path) -> Iterator[Village]:
    with village(here, tmp_path / "witnesses") as made:
        yield made


@pytest.fixture
def site(here: Office, found: Village) -> Site:
    return Site(here, found)


def publish(site: Site, commands: int) -> int:
    lengthen(site.place, commands)
    signed = site.room.round()
    site.room.ask_witnesses()
    assert signed is not None
    return signed.head.size


def test_an_outsider_can_follow_the_log(site: Site) -> None:
    old: tuple[int, bytes] | None = None
    for commands in (1, 300, 220):
        size = publish(site, commands)
        answer = site.client.get("/checkpoint")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=1"
        head = checkpoint.verify(note.parse(answer.content), site.room.key.vkey)
        assert head.size == size
        read = {tile: site.client.get("/" + tile.path()) for tile in hash_tiles(size)}
        assert TileTree(size, lambda tile, read=read: read[tile].content).root() == head.root  # type: ignore[misc]
        for tile, got in read.items():
            expected = "public, max-age=31536000, immutable" if tile.width == 256 else "public, max-age=60"
            assert got.headers["cache-control"] == expected
            assert got.headers["content-type"] == "application/octet-stream"
        if old is not None:  # the tiles of an earlier checkpoint are still served
            for tile in hash_tiles(old[0]):
                assert site.client.get("/" + tile.path()).status_code == 200
        old = (size, head.root)


def test_entries_are_for_auditors(site: Site) -> None:
    size = publish(site, 300)
    auditor = {"Authorization": "Bearer auditor"}
    entries = []
    for tile in bundles(size):
        assert site.client.get("/" + tile.path()).status_code == 401
        answer = site.client.get("/" + tile.path(), headers=auditor)
        assert answer.headers["cache-control"] == "no-store"
        entries += parse_bundle(tile, answer.content)
    assert entries == site.room.tiles.entries(0, size)
    beyond = Tile(ENTRIES, 1, size - 256 + 1)
    assert site.client.get("/" + beyond.path(), headers=auditor).status_code == 404


def test_what_is_committed_and_not_published_is_not_shown(site: Site) -> None:
    size = publish(site, 5)
    lengthen(site.place, 300)
    assert site.client.get("/" + Tile(0, 0, size).path()).status_code == 200
    for tile in (Tile(0, 0, size + 1), Tile(0, 0), Tile(1, 0, 1), Tile(0, 1, 1)):
        assert site.client.get("/" + tile.path()).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/..%2f..%2fcheckpoint",
        "tile/0/999",
        "tile/entries/999",
        "tile/",
        "tile/0/000.p/01",
    ],
)
def test_other_addresses(site: Site, path: str) -> None:
    publish(site, 3)
    answer = site.client.get("/" + path)
    assert answer.status_code in {401, 404}
    assert answer.headers["content-type"].startswith(("application/problem+json", "text/plain"))


def test_before_the_first_checkpoint_there_is_none(site: Site) -> None:
    assert site.client.get("/checkpoint").status_code == 404
    assert site.client.get("/tile/0/000.p/1").status_code == 404


def test_methods(site: Site) -> None:
    publish(site, 1)
    assert site.client.head("/checkpoint").status_code == 200
    assert site.client.post("/checkpoint").status_code == 405


# ---------------------------------------------------------------- proofs


def issue(site: Site, events: int = 2, *, others: bool = False, **row: object) -> int:
    """Record a command and say that its last entry is where this certificate was issued."""
    certificate = str(uuid.uuid4())
    lengthen(site.place, 1, events, stream=f"certificate/{uuid.uuid4() if others else certificate}")
    size = site.place.house.queries.head().size
    site.fake.row = SimpleNamespace(**({"id": certificate, "issued_index": size - 1, "erased": 0} | row))
    return size - 1


def test_a_proof_is_checked_offline_and_says_who_has_seen_it(site: Site, found: Village) -> None:
    index = issue(site)
    publish(site, 300)
    answer = site.client.get(f"/v/{CODE}/proof")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json()
    assert document["index"] == index
    assert document["log"] == {"size": site.room.witnesses and 304, "witnesses": 3}
    verdict = proof.parse(document["proof"].encode()).verify(document["entry"].encode(), found.policy())
    assert verdict.witnessed
    file = proof.parse(site.client.get(f"/v/{CODE.lower()}/proof.tlog-proof").content)
    assert file.extra is not None
    assert file.verify(file.extra, found.policy()).checkpoint.size == 304
    assert file.extra == document["entry"].encode()


def test_not_yet_witnessed_is_said(site: Site, found: Village) -> None:
    publish(site, 1)
    issue(site)
    assert site.client.get(f"/v/{CODE}/proof").json()["code"] == "PROOF_PENDING"
    found.down = {0, 1, 2}
    publish(site, 0)
    document = site.client.get(f"/v/{CODE}/proof").json()
    assert document["log"]["witnesses"] == 0
    assert (
        not proof.parse(document["proof"].encode())
        .verify(document["entry"].encode(), found.policy())
        .witnessed
    )


@pytest.mark.parametrize("way", [{"others": True}, {"events": 4}, {"events": 1}])
def test_a_proof_that_would_lead_to_others_is_withheld(site: Site, way: dict[str, object]) -> None:
    issue(site, **way)  # type: ignore[arg-type]
    publish(site, 1)
    answer = site.client.get(f"/v/{CODE}/proof")
    assert (answer.status_code, answer.json()["code"]) == (404, "PROOF_WITHHELD")
    assert "PDF" in answer.json()["detail"]
    assert site.fake.row.id not in answer.text


def test_an_erased_certificate_has_no_proof(site: Site) -> None:
    issue(site, erased=1)
    publish(site, 1)
    answer = site.client.get(f"/v/{CODE}/proof")
    assert (answer.status_code, answer.json()["code"]) == (404, "PROOF_WITHHELD")


def test_a_certificate_that_is_only_prepared_has_none(site: Site) -> None:
    issue(site, issued_index=None)
    publish(site, 1)
    assert site.client.get(f"/v/{CODE}/proof").status_code == 404


def test_codes_are_checked_first_and_misses_rationed(site: Site) -> None:
    publish(site, 1)
    wrong = CODE[:-1] + ("A" if CODE[-1] != "A" else "B")
    assert site.client.get(f"/v/{wrong}/proof").status_code == 400
    assert site.client.get(f"/v/{code.make(999)}/proof").status_code == 404
    assert site.client.get(f"/v/{code.make(998)}/proof.tlog-proof").status_code == 404
    answer = site.client.get(f"/v/{code.make(997)}/proof")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    issue(site)
    publish(site, 0)
    assert site.client.get(f"/v/{CODE}/proof").status_code == 200  # hits are never rationed


def test_when_the_database_fails_nothing_is_said_of_the_certificate(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue(site)
    publish(site, 0)
    monkeypatch.setattr(site.room.proofs, "entry", lambda _index: (_ for _ in ()).throw(RuntimeError("gone")))
    answer = site.client.get(f"/v/{CODE}/proof")
    assert (answer.status_code, answer.json()["code"]) == (503, "CANNOT_CHECK")
