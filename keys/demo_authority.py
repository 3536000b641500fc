"""The certificate authority of a demonstration: a root of its own that certifies issuers' PDF keys.

    root   CN=DEMO ROOT - NOT A REAL AUTHORITY, O=DEMO - certledger demonstration
    seal   CN=DEMO - <organisation>, O=DEMO - <organisation>, OU=NOT A REAL CERTIFICATE

A folder (0700) holds `root.pem` (the certificate, which is what a verifier is told to trust), `root-key.pem` (its
P-256 key, 0600) and for each certified key `<thumbprint>.pem`, its certificate and the root. All are valid from a
day before the demonstration's clock begins, for 30 years. No revocation lists: nothing is ever revoked here.

Rules: the key that is certified is not made here and its private side is never seen; a key has one certificate
for ever, so that a reprint carries the same.

Specification: RFC 5280. Never for real certificates: whoever has the folder can seal in any name.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from keys import files
from keys.errors import Error
from keys.signer import Signer
from verifier import b64

ROOT, ROOT_KEY = "root.pem", "root-key.pem"
YEARS = 30

_FILE_LIMIT = 1 << 14
_NAME_LIMIT = 64  # RFC 5280, ub-common-name and ub-organization-name
_LEEWAY = timedelta(days=1)


class DemoAuthority:
    """A demonstration's authority in its folder. `trust_file` is what verifiers are told to trust."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises Error DEMO_AUTHORITY_MISSING, DEMO_AUTHORITY_DAMAGED or FILE_…."""
        self._folder = folder
        self.trust_file = folder / ROOT
        try:
            (self._root,) = x509.load_pem_x509_certificates(files.read_secret(self.trust_file, _FILE_LIMIT))
            key = load_pem_private_key(files.read_secret(folder / ROOT_KEY, _FILE_LIMIT), None)
        except FileNotFoundError:
            raise Error("DEMO_AUTHORITY_MISSING", f"{folder} holds no demonstration authority") from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise _damaged(folder) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != self._root.public_key():
            raise _damaged(folder)
        self._key = key

    @classmethod
    def make(cls, folder: Path, begins: datetime) -> Self:
        """Make one in a new folder, for a clock that begins at `begins` (aware).

        Raises Error FILE_…, FileExistsError or OSError.
        """
        files.make_folder(folder)
        key = ec.generate_private_key(ec.SECP256R1())
        start = (begins.astimezone(UTC) - _LEEWAY).replace(microsecond=0)
        name = _name("DEMO ROOT - NOT A REAL AUTHORITY", "DEMO - certledger demonstration")
        root = (
            _certificate(name, name, key.public_key(), start, start.replace(year=start.year + YEARS, day=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(ca=True), critical=True)
            .sign(key, SHA256())
        )
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        files.create(folder / ROOT_KEY, pem)
        files.create(folder / ROOT, root.public_bytes(Encoding.PEM))
        return cls(folder)

    def chain(self, signer: Signer, organisation: str) -> tuple[x509.Certificate, x509.Certificate]:
        """Return the certificate of an issuer's P-256 key and the root above it; the first call makes it.

        Raises Error KEY_ALGORITHM, DEMO_AUTHORITY_DAMAGED or FILE_…, or OSError.
        """
        if signer.alg != "es256":
            raise Error("KEY_ALGORITHM", "PDFs are sealed with P-256: common readers know no Ed25519")
        path = self._folder / f"{signer.thumbprint}.pem"
        try:
            leaf, _ = x509.load_pem_x509_certificates(files.read_secret(path, _FILE_LIMIT))
        except FileNotFoundError:
            leaf = self._certify(_public(signer.jwk), organisation)
            files.replace(path, leaf.public_bytes(Encoding.PEM) + self._root.public_bytes(Encoding.PEM))
        except ValueError:
            raise _damaged(self._folder) from None
        return leaf, self._root

    def _certify(self, key: ec.EllipticCurvePublicKey, organisation: str) -> x509.Certificate:
        shown = f"DEMO - {organisation}"[:_NAME_LIMIT]
        subject = _name(shown, shown, "NOT A REAL CERTIFICATE")
        root = self._root
        return (
            _certificate(subject, root.subject, key, root.not_valid_before_utc, root.not_valid_after_utc)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(ca=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, SHA256())
        )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, organisation: str, unit: str | None = None) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.ORGANIZATIONAL_UNIT_NAME, unit)]
    given = [x509.NameAttribute(oid, value) for oid, value in parts if value is not None]
    return x509.Name([*given, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _public(jwk: dict[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(b64.url_decode(jwk[name], 32), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _damaged(folder: Path) -> Error:
    return Error(
        "DEMO_AUTHORITY_DAMAGED",
        f"the files of the demonstration's authority in {folder} are not as they were written",
        "Build the demonstration again.",
    )
