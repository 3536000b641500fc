"""The demonstration's authority certifies P-256 keys, loudly, and refuses a folder that was tampered with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store

from keys.demo_authority import ROOT, ROOT_KEY, DemoAuthority
from keys.errors import Error
from keys.signer import Ed25519Signer, ES256Signer

BEGINS = datetime(2025, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> DemoAuthority:
    return DemoAuthority.make(tmp_path / "seal", BEGINS)


def test_a_chain_leads_from_the_key_to_the_root_over_the_simulated_years(authority: DemoAuthority) -> None:
    signer = ES256Signer.generate()
    leaf, root = authority.chain(signer, "LSP Contoh")
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    point = leaf.public_key()
    assert isinstance(point, ec.EllipticCurvePublicKey)
    assert point.curve.name == "secp256r1"
    for certificate in (leaf, root):
        assert certificate.not_valid_before_utc < BEGINS
        assert certificate.not_valid_after_utc > BEGINS + timedelta(days=29 * 365)


def test_an_independent_path_builder_accepts_the_chain(authority: DemoAuthority) -> None:
    leaf, root = authority.chain(ES256Signer.generate(), "LSP Contoh")
    policy = PolicyBuilder().store(Store([root])).time(BEGINS)
    builder = policy.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    verified = builder.build_client_verifier().verify(leaf, [])
    assert verified.chain == [leaf, root]


def test_every_name_says_demo(authority: DemoAuthority) -> None:
    leaf, root = authority.chain(ES256Signer.generate(), "LSP " + "Panjang " * 20)
    assert all("DEMO" in each.subject.rfc4514_string() for each in (leaf, root))
    assert "NOT A REAL CERTIFICATE" in leaf.subject.rfc4514_string()


def test_a_key_has_one_certificate_for_ever(authority: DemoAuthority, tmp_path: Path) -> None:
    signer = ES256Signer.generate()
    first = authority.chain(signer, "LSP Contoh")
    assert DemoAuthority(tmp_path / "seal").chain(signer, "Renamed") == first
    assert authority.chain(ES256Signer.generate(), "LSP Contoh")[0] != first[0]


def test_an_ed25519_key_is_refused(authority: DemoAuthority) -> None:
    with pytest.raises(Error) as caught:
        authority.chain(Ed25519Signer.generate(), "LSP Contoh")
    assert caught.value.code == "KEY_ALGORITHM"


def test_its_files_are_closed_to_others(authority: DemoAuthority, tmp_path: Path) -> None:
    authority.chain(ES256Signer.generate(), "LSP Contoh")
    folder = tmp_path / "seal"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    (folder / ROOT_KEY).chmod(0o644)
    with pytest.raises(Error) as caught:
        DemoAuthority(folder)
    assert caught.value.code == "FILE_OPEN_TO_OTHERS"


@pytest.mark.parametrize("name", [ROOT, ROOT_KEY])
def test_a_missing_or_foreign_file_is_told(tmp_path: Path, name: str) -> None:
    DemoAuthority.make(tmp_path / "seal", BEGINS)
    DemoAuthority.make(tmp_path / "other", BEGINS)
    foreign = (tmp_path / "other" / name).read_bytes()
    for content, code in ((foreign, "DAMAGED"), (b"no PEM", "DAMAGED"), (None, "MISSING")):
        if content is None:
            (tmp_path / "seal" / name).unlink()
        else:
            (tmp_path / "seal" / name).write_bytes(content)
        with pytest.raises(Error) as caught:
            DemoAuthority(tmp_path / "seal")
        assert caught.value.code == f"DEMO_AUTHORITY_{code}"


def test_none_is_made_over_another(tmp_path: Path) -> None:
    DemoAuthority.make(tmp_path / "seal", BEGINS)
    with pytest.raises(FileExistsError):
        DemoAuthority.make(tmp_path / "seal", BEGINS)
