"""A PKCS#11 token in software. What works with it needs a process of its own: a library reads its settings once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.sealing.seals import Party

LABEL, PIN = "certledger", "1234"
SOFTHSM = [Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")]


def make_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty token LABEL with the PIN, if SoftHSM is installed; its module."""
    pytest.importorskip("pkcs11")
    module = next((path for path in SOFTHSM if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed (Debian package softhsm2)")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    _util("--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "5678")
    return module


def load(module: Path, party: Party, folder: Path, label: str = "seal") -> None:
    """Put the party's key and certificate into the token."""
    private, certificate = folder / "private.pem", folder / "certificate.der"
    private.write_bytes(party.pem().split(b"-----BEGIN CERTIFICATE")[0])
    certificate.write_bytes(party.certificate.public_bytes(Encoding.DER))
    _util("--import", str(private), "--token", LABEL, "--label", label, "--id", "01", "--pin", PIN)
    given = (str(module), str(certificate), LABEL, PIN, label)
    subprocess.run([sys.executable, "-c", _LOAD, *given], check=True, capture_output=True)


def _util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


_LOAD = """
import sys
from pathlib import Path
import pkcs11
from cryptography import x509
module, path, token, pin, label = sys.argv[1:]
der = Path(path).read_bytes()
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    session.create_object({
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.TOKEN: True,
        pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509, pkcs11.Attribute.LABEL: label,
        pkcs11.Attribute.SUBJECT: x509.load_der_x509_certificate(der).subject.public_bytes(),
        pkcs11.Attribute.VALUE: der})
"""
