"""Papers, keys and authorities to seal with, and a time-stamping authority that runs here."""

from __future__ import annotations

import importlib
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from ledger.issuing.paper import Attachment, Paper, default_template, render
from tests.issuing.papers import COMPETENCE

AT = datetime(2026, 3, 13, 2, 15, tzinfo=UTC)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

ATTACHED = (
    Attachment(
        name="credential.json", media_type="application/json", text='{"id":"x"}', description="Kredensial"
    ),
    Attachment(name="certificate.tlog-proof", media_type="text/plain", text="c2sp\n", description="Bukti"),
)


@cache
def page(paper: Paper = COMPETENCE) -> bytes:
    return render(paper, default_template(paper.kind), attachments=ATTACHED)


@dataclass
class Party:
    """A certificate and its key."""

    key: PrivateKey
    certificate: x509.Certificate
    above: list[x509.Certificate] = field(default_factory=list)

    def pem(self) -> bytes:
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private + b"".join(each.public_bytes(Encoding.PEM) for each in (self.certificate, *self.above))

    def saved(self, path: Path) -> Path:
        path.touch(mode=0o600)
        path.write_bytes(self.pem())
        return path


def key_of(kind: str) -> PrivateKey:
    match kind:
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))


def party(
    name: str,
    kind: str = "p256",
    issuer: Party | None = None,
    *,
    ca: bool = False,
    begins: datetime = datetime(2025, 1, 1, tzinfo=UTC),
    ends: datetime = datetime(2045, 1, 1, tzinfo=UTC),
    crl: str | None = None,
    stamping: bool = False,
    may_sign: bool = True,
    uses: frozenset[str] = frozenset({"digital_signature", "content_commitment"}),
    of: Any = None,
) -> Party:
    """A certificate and its key; ``of`` is somebody else's public key to certify, whose private one stays there."""
    key = key_of(kind)
    public_key = of or key.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above = issuer.certificate.subject if issuer else subject
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    signs = uses if may_sign and not ca else frozenset()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature="digital_signature" in signs,
                content_commitment="content_commitment" in signs,
                key_cert_sign=ca,
                crl_sign=ca,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if issuer:
        from_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(from_key, critical=False)
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if stamping:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    signer: Any = issuer.key if issuer else key
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else SHA256()
    return Party(key, builder.sign(signer, digest), [issuer.certificate, *issuer.above] if issuer else [])


@dataclass
class Services:
    """A time-stamping authority and a revocation list on this machine, for certificates valid today."""

    root: Party
    seal: Party
    url: str
    asked: list[str]
    revoked: list[int]


@contextmanager
def services(*, revocation: bool = True, clock_days: int = 2) -> Iterator[Services]:
    asn1_keys, tsp, asn1_x509 = (
        importlib.import_module(f"asn1crypto.{name}") for name in ("keys", "tsp", "x509")
    )

    asked: list[str] = []
    revoked: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append("stamp")
            self._answer(stamper.request_tsa_response(request).dump(), "application/timestamp-reply")

        def do_GET(self) -> None:
            asked.append("crl")
            if revocation:
                self._answer(_crl(root, revoked), "application/pkix-crl")
            else:
                self.send_error(503)

        def _answer(self, body: bytes, media_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        today = datetime.now(UTC).replace(microsecond=0)
        root = party("Root", "p256", ca=True, begins=today - timedelta(days=30))
        begins, ends = today - timedelta(days=2), today + timedelta(days=2)
        seal = party("Issuer", "p256", root, crl=f"{url}/crl", begins=begins, ends=ends)
        clock_ends = today + timedelta(days=clock_days)
        tsa = party("Clock", "rsa2048", root, crl=f"{url}/crl", stamping=True, begins=begins, ends=clock_ends)
        stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(tsa.certificate.public_bytes(Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(
                tsa.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            ),
        )
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield Services(root, seal, f"{url}/tsa", asked, revoked)
        finally:
            server.shutdown()


def _crl(root: Party, revoked: list[int]) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + timedelta(hours=12))
    )
    for serial in revoked:
        entry = (
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(hours=1))
        )
        builder = builder.add_revoked_certificate(entry.build())
    key: Any = root.key
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def pdfsig(path: Path) -> str:
    """What poppler says of the file's signatures."""
    return subprocess.run(
        ["pdfsig", str(path)], capture_output=True, text=True, check=False, timeout=60
    ).stdout
