"""seals.json gives each organisation its seal, and nothing else does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.errors import Error, StoreError
from ledger.issuing.seal_keys import jwk_of
from ledger.issuing.seals import Seals
from tests.sealing.seals import AT, Party, page, party, services
from verifier import pdf_seal
from verifier.publickey import thumbprint

FILE = {"key": "file", "path": "key.pem"}


def seals(folder: Path, enrolled: Party | None = None, **content: Any) -> Seals:
    """Over a ledger whose every organisation has this key enrolled."""
    (folder / "seals.json").write_text(json.dumps(content))
    jwk = jwk_of(enrolled.certificate) if enrolled else None
    key = SimpleNamespace(thumbprint=thumbprint(jwk)) if jwk else None
    keyring: Any = SimpleNamespace(current=lambda _organisation, _purpose: key)
    return Seals(folder, keyring, None)


@pytest.mark.parametrize(
    "content",
    [
        {"seal": {}},
        {"seals": {"blk": {"chain": "chain.pem"}}},
        {"seals": {"blk": {"key": "cloud", "path": "key.pem"}}},
        {"seals": {"blk": {**FILE, "pin": {"env": "PIN"}}}},
        {"seals": {"blk": {**FILE, "passphrase": "rahasia"}}},
        {"seals": {"blk": {**FILE, "passphrase": {"env": "A", "file": "b"}}}},
        {"seals": {"blk": {**FILE, "passphrase": {}}}},
        {"seals": {"blk": {"key": "token", "module": "/m.so", "token": "office"}}},
        {"timestamps": {"url": "tsa.example.id", "roots": "roots.pem"}},
        {"timestamps": {"url": "http://tsa.example.id"}},
    ],
)
def test_settings_that_say_something_else_are_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="SEALS_INVALID"):
        seals(tmp_path, **content)


def test_settings_that_are_no_json_are_refused(tmp_path: Path) -> None:
    (tmp_path / "seals.json").write_text("{")
    with pytest.raises(StoreError, match="SEALS_INVALID"):
        Seals(tmp_path, SimpleNamespace(), None)  # type: ignore[arg-type] # it is not reached


def test_only_the_organisation_that_is_named_has_the_seal(tmp_path: Path) -> None:
    mine = party("BLK", issuer=party("Root", ca=True))
    mine.saved(tmp_path / "key.pem")
    found = seals(tmp_path, mine, seals={"blk": FILE})
    sealer = found.sealer("blk", "BLK")
    assert sealer is not None
    assert (sealer.profile, sealer.certificate) == ("B-B", mine.certificate)
    assert found.sealer("lsp", "LSP") is None


def test_a_key_that_the_log_does_not_name_seals_nothing(tmp_path: Path) -> None:
    root = party("Root", ca=True)
    party("BLK", issuer=root).saved(tmp_path / "key.pem")
    for enrolled in (None, party("Other", issuer=root)):
        with pytest.raises(Error, match="SEAL_KEY_NOT_ENROLLED"):
            seals(tmp_path, enrolled, seals={"blk": FILE}).sealer("blk", "BLK")
    with pytest.raises(Error, match="SEAL_KEY_NOT_ENROLLED"):
        seals(tmp_path, None, seals={"blk": {"key": "issuer", "chain": "chain.pem"}}).sealer("blk", "BLK")


def test_an_rsa_key_seals_though_no_log_can_name_it(tmp_path: Path) -> None:
    root = party("Root", ca=True)
    party("BLK", "rsa2048", root).saved(tmp_path / "key.pem")
    sealer = seals(tmp_path, seals={"blk": FILE}).sealer("blk", "BLK")
    assert sealer is not None
    assert pdf_seal.check(sealer.seal(page(), AT), [root.certificate], AT).key is None


def test_a_passphrase_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    party("BLK", issuer=party("Root", ca=True)).saved(tmp_path / "key.pem")
    (tmp_path / "secret").write_text("rahasia")
    (tmp_path / "secret").chmod(0o644)
    found = seals(tmp_path, seals={"blk": {**FILE, "passphrase": {"file": "secret"}}})
    with pytest.raises(Exception, match="FILE_OPEN_TO_OTHERS"):
        found.outside("blk")


def test_with_an_authority_for_time_every_seal_lasts(tmp_path: Path) -> None:
    with services() as found:
        found.seal.saved(tmp_path / "key.pem")
        (tmp_path / "roots.pem").write_bytes(found.root.certificate.public_bytes(Encoding.PEM))
        stamps = {"url": found.url, "roots": "roots.pem"}
        sealer = seals(tmp_path, found.seal, seals={"blk": FILE}, timestamps=stamps).sealer("blk", "BLK")
        assert sealer is not None
        assert sealer.profile == "B-LTA"
        now = datetime.now(UTC)
        sealed = sealer.seal(page(), now)
    seal = pdf_seal.check(sealed, [found.root.certificate], now)
    assert seal.proven_at is not None


def test_a_service_that_failed_is_left_alone_for_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, seconds = datetime.now(UTC), 1000.0
    clock = SimpleNamespace(monotonic=lambda: seconds)
    monkeypatch.setattr("ledger.issuing.seal_lasting.time", clock)
    with services() as found:
        found.seal.saved(tmp_path / "key.pem")
        (tmp_path / "roots.pem").write_bytes(found.root.certificate.public_bytes(Encoding.PEM))
        stamps = {"url": found.url, "roots": "roots.pem"}
        house = seals(tmp_path, found.seal, seals={"blk": FILE}, timestamps=stamps)

        def attempt() -> str:
            sealer = house.sealer("blk", "BLK")
            assert sealer is not None
            try:
                sealer.seal(page(), now)
            except Error as error:
                return error.code
            return "sealed"

        found.revoked.append(found.seal.certificate.serial_number)
        assert attempt() == "SEAL_CERTIFICATE_UNTRUSTED"
        found.revoked.clear()
        asked = len(found.asked)
        assert attempt() == "SEAL_CERTIFICATE_UNTRUSTED"
        assert len(found.asked) == asked
        seconds += 61
        assert attempt() == "sealed"
