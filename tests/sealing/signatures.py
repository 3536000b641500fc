"""Signatures on small PDFs as pyHanko makes them, right or odd, with clocks and revocation lists of any day."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pypdf
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ledger.issuing.seal_keys import converted
from ledger.issuing.seal_update import Update
from tests.sealing.seals import AT, Party, party

asn1_crl, asn1_keys = (importlib.import_module(f"asn1crypto.{name}") for name in ("crl", "keys"))


@cache
def blank() -> bytes:
    """A page with nothing on it."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def private(who: Party) -> Any:
    der = who.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return asn1_keys.PrivateKeyInfo.load(der)


def signer_of(who: Party, beside: Sequence[x509.Certificate] = ()) -> signers.SimpleSigner:
    """Who signs, with the certificates above it and `beside` it in the signature."""
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(converted(each) for each in (*who.above, *beside))
    return signers.SimpleSigner(
        converted(who.certificate), private(who), store, embed_roots=False, prefer_pss=False
    )


def signed(
    who: Party,
    page: bytes | None = None,
    *,
    digest: str = "sha256",
    certify: bool = True,
    permission: str = "NO_CHANGES",
    subfilter: str = "PADES",
    beside: Sequence[x509.Certificate] = (),
    name: str = "Seal",
) -> bytes:
    """A PDF that is signed as a certificate's is, or differently in one way."""
    meta = signers.PdfSignatureMetadata(
        field_name=name,
        md_algorithm=digest,
        certify=certify,
        subfilter=fields.SigSeedSubFilter[subfilter],
        docmdp_permissions=fields.MDPPerm[permission],
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(page or blank()))
    made: io.BytesIO = _Signer(meta, signer_of(who, beside)).sign_pdf(writer)
    return made.getvalue()


class _Signer(signers.PdfSigner):
    """Signs also what was signed before."""

    def _enforce_certification_constraints(self, reader: Any) -> None:
        pass


class Clock:
    """A time-stamping authority below `root` that says it is always `at`."""

    def __init__(
        self, root: Party, at: datetime = AT, ends: datetime = datetime(2036, 1, 1, tzinfo=UTC)
    ) -> None:
        who = party("Clock", "rsa2048", root, stamping=True, ends=ends)
        self._made = DummyTimeStamper(converted(who.certificate), private(who), fixed_dt=at)

    def stamped(self, pdf: bytes, field: str = "Time") -> bytes:
        """The file with a time stamp over all of it."""
        out: io.BytesIO = signers.PdfTimeStamper(self._made, field).timestamp_pdf(Update(pdf), "sha256")
        return out.getvalue()


def revocations(root: Party, *revoked: Party, at: datetime = AT) -> bytes:
    """A list by `root` of the certificates that it has revoked."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(at - timedelta(days=1))
        .next_update(at + timedelta(days=1))
    )
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(at - timedelta(hours=2)).build())
    key: Any = root.key
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def with_store(pdf: bytes, *lists: bytes) -> bytes:
    """The file with these revocation lists in its document security store."""
    update, out = Update(pdf), io.BytesIO()
    crls = [asn1_crl.CertificateList.load(each) for each in lists]
    DocumentSecurityStore.supply_dss_in_writer(update, None, crls=crls)
    update.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
