"""A ledger without certificates, on both databases: nothing to say yet is said, and signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import issuer_keys
from api.credentials import credential_routes
from tests.houses import office
from verifier import keyfile, statuslist, withdrawn
from verifier.keyfile import Trust


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_keys_and_lists_of_a_new_ledger(tmp_path: Path, database: str) -> None:
    with office(tmp_path / "data", database) as made:
        house = made.house
        client = TestClient(Starlette(routes=list(credential_routes(house))))
        assert client.get("/keys").status_code == 404
        assert client.get("/withdrawn").content == b""
        assert client.get("/status/1").status_code == 404
        one, two = (issuer_keys.Custodian(staff, made.signers[staff]) for staff in made.custodians)
        provider = made.organisation()
        body = made.organisation("certification_body", "LSP Contoh")
        made.organisation("correctional_facility", None)
        made.organisation("training_provider", None)
        assert list(issuer_keys.issuers(house)) == [provider, body]
        assert len(issuer_keys.enrol_all(house, (one, two))) == 4 + 5
        issuer_keys.sign_key_file(house, (one, two))
        keys = keyfile.parse(client.get("/keys").content, Trust.of_root(house.folder.root))
        listed = withdrawn.parse(client.get("/withdrawn").content, keys)
        assert {organisation: each.tokens for organisation, each in listed.items()} == {
            provider: b"",
            body: b"",
        }
        for number in (1, 2):
            status = statuslist.parse(client.get(f"/status/{number}").content, keys)
            assert not any(status.bits)
            assert status.is_fresh(house.clock.now())
