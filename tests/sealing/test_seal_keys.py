"""A key seals only with its own signing certificate, and only of the kinds that PDF readers can check."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)

from keys.demo_authority import DemoAuthority
from keys.errors import Error as KeysError
from keys.signer import Ed25519Signer, ES256Signer
from ledger.errors import Error
from ledger.issuing.seal_keys import of_file, of_signer
from ledger.issuing.sealing import Sealer
from tests.sealing.seals import AT, Party, page, party, pdfsig
from tests.sealing.tokens import load, make_token


@pytest.fixture(scope="module")
def root() -> Party:
    return party("Root", ca=True)


@pytest.fixture(scope="module")
def middle(root: Party) -> Party:
    return party("Middle", issuer=root, ca=True)


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises((Error, KeysError)) as caught:
        call(*arguments)
    refused: Any = caught.value
    return str(refused.code)


@pytest.mark.parametrize("kind", ["p256", "rsa2048"])
def test_a_pem_file_gives_the_key_with_its_whole_chain_in_order(
    tmp_path: Path, middle: Party, kind: str
) -> None:
    leaf = party("Issuer", kind, middle)
    leaf.above.reverse()  # order in the file is the writer's business
    found = of_file(leaf.saved(tmp_path / "key.pem"))
    assert [each.subject.rfc4514_string() for each in found.chain] == ["CN=Issuer", "CN=Middle", "CN=Root"]
    sealed = tmp_path / "sealed.pdf"
    sealed.write_bytes(Sealer(found).seal(page(), AT))
    assert "Signature is Valid" in pdfsig(sealed)


def test_a_pkcs12_file_is_opened_with_its_passphrase(tmp_path: Path, middle: Party) -> None:
    leaf = party("Issuer", issuer=middle)
    key: Any = leaf.key
    path = tmp_path / "key.p12"
    path.touch(mode=0o600)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", key, leaf.certificate, leaf.above, BestAvailableEncryption(b"rahasia")
        )
    )
    assert len(of_file(path, "rahasia").chain) == 3
    assert code_of(of_file, path, "salah") == code_of(of_file, path) == "SEAL_FILE_INVALID"


def test_an_encrypted_pem_is_opened_with_its_passphrase(tmp_path: Path, root: Party) -> None:
    leaf = party("Issuer", issuer=root)
    path = tmp_path / "key.pem"
    path.touch(mode=0o600)
    private = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"rahasia"))
    path.write_bytes(private + leaf.certificate.public_bytes(Encoding.PEM))
    assert of_file(path, "rahasia").chain == (leaf.certificate,)
    assert code_of(of_file, path, "salah") == code_of(of_file, path) == "SEAL_FILE_INVALID"


@pytest.mark.parametrize("kind", ["ed25519", "p384", "rsa1024"])
def test_keys_that_readers_cannot_check_or_are_weak_are_refused(
    tmp_path: Path, root: Party, kind: str
) -> None:
    path = party("Issuer", kind, root).saved(tmp_path / "key.pem")
    assert code_of(of_file, path) == "SEAL_KEY_UNSUPPORTED"


def test_a_certificate_of_another_key_or_purpose_is_refused(tmp_path: Path, root: Party) -> None:
    mine, other = party("Mine", issuer=root), party("Other", issuer=root)
    mixed = Party(mine.key, other.certificate, [root.certificate])
    assert code_of(of_file, mixed.saved(tmp_path / "mixed.pem")) == "SEAL_KEY_INVALID"
    idle = party("Idle", issuer=root, may_sign=False)
    assert code_of(of_file, idle.saved(tmp_path / "idle.pem")) == "SEAL_KEY_INVALID"
    assert code_of(of_file, root.saved(tmp_path / "root.pem")) == "SEAL_KEY_INVALID"


def test_a_chain_ends_where_no_certificate_above_is_known(tmp_path: Path, middle: Party) -> None:
    leaf = party("Issuer", issuer=middle)
    stranger = party("Middle", issuer=party("Root", ca=True), ca=True)  # the same names, other keys
    leaf.above = [stranger.certificate]
    assert of_file(leaf.saved(tmp_path / "key.pem")).chain == (leaf.certificate,)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path, root: Party) -> None:
    path = party("Issuer", issuer=root).saved(tmp_path / "key.pem")
    path.chmod(0o640)
    assert code_of(of_file, path) == "FILE_OPEN_TO_OTHERS"


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\n", b"\x30\x82\x01\x00" + bytes(256)]
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    assert code_of(of_file, path) == "SEAL_FILE_INVALID"
    path.touch(mode=0o600)
    path.write_bytes(content)
    assert code_of(of_file, path) == "SEAL_FILE_INVALID"


def test_an_issuer_key_seals_with_the_certificate_that_it_was_given(tmp_path: Path) -> None:
    authority = DemoAuthority.make(tmp_path / "seal", datetime(2026, 1, 1, tzinfo=UTC))
    signer, other = ES256Signer.generate(), ES256Signer.generate()
    sealed = tmp_path / "sealed.pdf"
    sealed.write_bytes(Sealer(of_signer(signer, authority.chain(signer, "LSP Contoh"))).seal(page(), AT))
    said = pdfsig(sealed)
    assert "Signature is Valid" in said
    assert "DEMO - LSP Contoh" in said
    assert code_of(of_signer, other, authority.chain(signer, "LSP Contoh")) == "SEAL_KEY_INVALID"
    assert (
        code_of(of_signer, Ed25519Signer.generate(), authority.chain(signer, "x")) == "SEAL_KEY_UNSUPPORTED"
    )


def test_a_key_in_a_token_seals_without_leaving_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Party
) -> None:
    module = make_token(tmp_path, monkeypatch)
    leaf = party("Issuer", issuer=root)
    load(module, leaf, tmp_path)
    path = leaf.saved(tmp_path / "key.pem")
    (tmp_path / "page.pdf").write_bytes(page())
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            TOKEN_RUN,
            *map(str, (module, path, tmp_path / "page.pdf", tmp_path / "out.pdf")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    failed = "SEAL_TOKEN_FAILED"
    assert done.stdout.splitlines() == [
        f"{failed} False",
        f"{failed} True",
        f"{failed} False",
        "CN=Issuer CN=Root",
    ]
    assert "Signature is Valid" in pdfsig(tmp_path / "out.pdf")


TOKEN_RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from cryptography import x509
from ledger.errors import Error
from ledger.issuing.seal_token import HardwareToken, of_token
from ledger.issuing.sealing import Sealer
module, pem, page, out = map(Path, sys.argv[1:])
certificates = x509.load_pem_x509_certificates(pem.read_bytes())
for label, pin in (("seal", "0000"), ("seal", "0000"), ("none", "1234")):
    try:
        of_token(HardwareToken(module, "certledger", label, pin))
    except Error as error:
        print(error.code, "not tried again" in error.message)
key = of_token(HardwareToken(module, "certledger", "seal", "1234"), certificates[1:])
print(*(each.subject.rfc4514_string() for each in key.chain))
out.write_bytes(Sealer(key).seal(page.read_bytes(), datetime(2026, 3, 13, tzinfo=UTC)))
"""
