"""The seal of a certificate's PDF (PAdES): does it hold, whose is it, and which files does it cover?

Rules. A file has one seal: a certifying signature that allows no change, SHA-256 or longer, over all of the file
as it was then. Afterwards only what long-term checking needs may have been appended, under a time stamp that
covers everything. The signature's place in the file holds the signature and zeros, so that nothing hides there.
The seal's certificate has to lead to one of the roots that came from outside, at the time that a trusted time
stamp proves, else now. What a time stamp's file says of revocation is used; nothing is fetched.

Nothing of a file is read further before its seal is known to hold: `files` are what a trusted issuer attached.
Everything is capped: the file, each stream when it unfolds, all streams together, the attachments.

Specifications: ETSI EN 319 142-1, ISO 32000-1 12.8 and 7.11. Needs pyHanko (the extra `pdf`).

Not done here: whether the authority above the seal has revoked it lately, and what the files say
(`verifier.pdf`). Of time stamps that were renewed only the last counts.
"""

# ruff: noqa: PLC0415 - pyHanko is loaded when a PDF is checked

import asyncio
import io
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from verifier import b64, pdf_files
from verifier.answer import Verdict
from verifier.errors import Error, FormatError
from verifier.publickey import thumbprint

PDF_LIMIT = 16 << 20
ROOTS_LIMIT = 1 << 20

_STREAM_LIMIT = 8 << 20
_BUDGET = 64 << 20
_GAP = re.compile(rb"<[0-9A-F]*>")
_COORDINATE = 32

# pyHanko says in its log what is told here in the answer.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class SealError(Error):
    """The seal does not hold, or cannot be judged: `verdict` says which."""

    def __init__(self, code: str, message: str, verdict: Verdict = Verdict.DOES_NOT_STAND) -> None:
        super().__init__(code, message)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that holds.

    `subject` names its owner (RFC 4514), `key` is the RFC 7638 thumbprint of a P-256 key, else None. `said_at` is
    the time that it gives for itself, `proven_at` that of a trusted time stamp. `files` are the attachments.
    """

    subject: str
    key: str | None
    said_at: datetime | None
    proven_at: datetime | None
    files: Mapping[str, bytes]


def parse_roots(data: bytes) -> list[x509.Certificate]:
    """Read the certificates of the roots to trust, PEM. Raises FormatError ROOTS_INVALID."""
    try:
        if len(data) <= ROOTS_LIMIT:
            return x509.load_pem_x509_certificates(data)
    except (ValueError, x509.InvalidVersion):
        pass
    raise FormatError("ROOTS_INVALID", "the roots to trust are certificates in PEM")


def check(data: bytes, roots: Sequence[x509.Certificate], now: datetime) -> Seal:
    """Check the seal of a PDF at the moment `now` (aware).

    Raises SealError with a code of the table in `verifier.pdf`, Error EXTRA_MISSING.
    """
    if len(data) > PDF_LIMIT:
        raise SealError("PDF_TOO_LARGE", f"a certificate's PDF has at most {PDF_LIMIT} bytes")
    if not data.startswith(b"%PDF-"):
        raise SealError("PDF_MALFORMED", "this is no PDF")
    hanko = _hanko()
    try:
        return asyncio.run(_check(hanko, data, roots, now))
    except SealError:
        raise
    except FormatError as error:
        raise SealError(error.code, error.message) from None
    except Exception as error:  # noqa: BLE001 - pyHanko meets a stranger's file with whatever Python raises
        raise SealError(
            "PDF_MALFORMED", f"it cannot be read as a sealed PDF ({type(error).__name__})"
        ) from None


async def _check(hanko: Any, data: bytes, roots: Sequence[x509.Certificate], now: datetime) -> Seal:
    reader = _reader(hanko, data)
    seals, stamps = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
    if not seals:
        raise SealError("PDF_NOT_SEALED", "nobody has sealed it")
    seal, *others = seals
    if others or reader.embedded_signatures[0] is not seal:
        raise SealError("PDF_ALTERED", "somebody else has signed it as well")
    _check_form(hanko, data, seal)
    trust = {
        "trust_roots": [hanko.certificate(each.public_bytes(Encoding.DER)) for each in roots],
        "allow_fetching": False,
        "revocation_mode": "soft-fail",
    }
    stamp = await _stamp(hanko, stamps, trust, now)
    proven_at = stamp.timestamp if stamp is not None and stamp.trusted else None
    trust_then = {**trust, "moment": proven_at or now}
    if proven_at is not None and "/DSS" in reader.root:
        context = hanko.DocumentSecurityStore.read_dss(reader).as_validation_context(trust_then)
    else:
        context = hanko.ValidationContext(**trust_then)
    usage = hanko.KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    status = await hanko.validate_signature(
        seal,
        context,
        ts_validation_context=hanko.ValidationContext(moment=now, **trust),
        diff_policy=hanko.additions,
        key_usage_settings=usage,
    )
    if not (status.intact and status.valid):
        raise SealError("PDF_ALTERED", "it is not as it was sealed")
    if not status.docmdp_ok or (status.coverage != hanko.Coverage.ENTIRE_FILE and stamp is None):
        raise SealError("PDF_ALTERED", "something was added after it was sealed")
    if not status.trusted:
        raise await _untrusted(hanko, seal, status, trust, proven_at or now)
    if stamp is not None and proven_at is None:
        message = "none of the roots to trust vouches, now, for the authority that gave its time stamp"
        raise SealError("SEAL_TIME_UNPROVEN", message, Verdict.UNKNOWN)
    owner = x509.load_der_x509_certificate(seal.signer_cert.dump())
    return Seal(
        owner.subject.rfc4514_string(),
        _thumbprint(owner),
        seal.self_reported_timestamp,
        proven_at,
        pdf_files.read(reader),
    )


def _reader(hanko: Any, data: bytes) -> Any:
    stream = hanko.limits.StreamDecodeLimits(max_output_size=_STREAM_LIMIT)
    limits = hanko.limits.DecodeLimits(
        per_stream=stream,
        document_budget=hanko.limits.DocumentDecodeBudget(base_allowance=_BUDGET, max_ratio=1),
    )
    reader = hanko.PdfFileReader(io.BytesIO(data), strict=True, decode_limits=limits)
    if reader.encrypted:
        raise SealError("PDF_MALFORMED", "it is encrypted")
    return reader


def _check_form(hanko: Any, data: bytes, seal: Any) -> None:
    """Check what the specification leaves open, and this ledger's seals do not."""
    certified = hanko.read_certification_data(seal.reader)
    if (
        certified is None
        or certified.author_sig.get_object() != seal.sig_object
        or certified.permission != hanko.MDPPerm.NO_CHANGES
    ):
        raise SealError("PDF_NOT_SEALED", "it is signed, but not certified against changes")
    if seal.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
        raise SealError("PDF_NOT_SEALED", "its signature is not of the PAdES kind")
    if seal.md_algorithm not in {"sha256", "sha384", "sha512"}:
        raise SealError("PDF_NOT_SEALED", "its signature is made with an outdated hash")
    places = [int(each) for each in seal.byte_range]
    if len(places) != 4 or places[0] != 0:  # noqa: PLR2004 - two ranges
        raise SealError("PDF_ALTERED", "its signature does not cover it from the beginning")
    gap = data[places[1] : places[2]]
    signature = seal.pkcs7_content
    rest = signature[hanko.der_length(signature) :]
    if not _GAP.fullmatch(gap) or bytes.fromhex(gap[1:-1].decode()) != signature or any(rest):
        raise SealError("PDF_ALTERED", "something hides where its signature is")


async def _stamp(hanko: Any, stamps: Sequence[Any], trust: Mapping[str, Any], now: datetime) -> Any:
    """Return what pyHanko says of the last time stamp, None where there is none."""
    if not stamps:
        return None
    status = await hanko.validate_timestamp(stamps[-1], hanko.ValidationContext(moment=now, **trust))
    if not (status.intact and status.valid) or status.coverage != hanko.Coverage.ENTIRE_FILE:
        raise SealError("PDF_ALTERED", "its time stamp does not hold for all of it")
    return status


async def _untrusted(hanko: Any, seal: Any, status: Any, trust: Mapping[str, Any], at: datetime) -> SealError:
    """Say why no root vouches for the seal at that time: would one have done so at another?"""
    if ".REVOKED" in str(status.trust_problem_indic):
        return SealError("SEAL_REVOKED", "the certificate of its seal had been revoked")
    leaf, above = seal.signer_cert, seal.other_embedded_certs
    chain = [leaf, *above]
    begins, ends = max(each.not_valid_before for each in chain), min(each.not_valid_after for each in chain)
    nearest = min(max(at, begins), ends)
    if nearest == at:
        return _nobody()
    within = hanko.ValidationContext(moment=nearest, **trust)
    path = hanko.CertificateValidator(leaf, intermediate_certs=above, validation_context=within)
    try:
        await path.async_validate_path()
    except Exception:  # noqa: BLE001 - whatever is wrong with a stranger's certificates
        return _nobody()
    message = (
        f"its certificates are valid from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}, "
        "and no time stamp shows that it was sealed within"
    )
    return SealError("SEAL_NOT_IN_TIME", message, Verdict.UNKNOWN)


def _nobody() -> SealError:
    return SealError("SEAL_UNTRUSTED", "none of the roots to trust vouches for who sealed it")


def _thumbprint(certificate: x509.Certificate) -> str | None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    point = key.public_numbers()
    x, y = (b64.url_encode(number.to_bytes(_COORDINATE, "big")) for number in (point.x, point.y))
    return thumbprint({"crv": "P-256", "kty": "EC", "x": x, "y": y})


@cache
def _hanko() -> Any:
    """Return what is used of pyHanko, which an auditor who checks no PDFs need not have."""
    try:
        from asn1crypto import parser  # type: ignore[import-untyped] # comes with pyHanko, without types
        from pyhanko.keys import load_certs_from_pemder_data
        from pyhanko.pdf_utils import decode_limits
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign import diff_analysis
        from pyhanko.sign.fields import MDPPerm
        from pyhanko.sign.validation import dss, pdf_embedded
        from pyhanko.sign.validation.settings import KeyUsageConstraints
        from pyhanko.sign.validation.status import SignatureCoverageLevel
        from pyhanko_certvalidator import CertificateValidator, ValidationContext
    except ImportError:
        raise Error(
            "EXTRA_MISSING", "checking PDFs needs pyHanko", "Install it with: pip install 'certledger[pdf]'"
        ) from None
    # What may be added: time stamps and what is needed for checking them. pyHanko would also let the title go.
    diff: Any = diff_analysis
    stores = (diff.XrefStreamRule(), diff.ObjectStreamRule(), diff.DSSCompareRule())
    additions = diff.StandardDiffPolicy(
        global_rules=[
            diff.CatalogModificationRule(),
            *(rule.as_qualified(diff.ModificationLevel.LTA_UPDATES) for rule in stores),
        ],
        form_rule=diff.FormUpdatingRule(
            field_rules=[diff.SigFieldCreationRule(), diff.SigFieldModificationRule()]
        ),
    )
    return SimpleNamespace(
        CertificateValidator=CertificateValidator,
        Coverage=SignatureCoverageLevel,
        DocumentSecurityStore=dss.DocumentSecurityStore,
        KeyUsageConstraints=KeyUsageConstraints,
        MDPPerm=MDPPerm,
        PdfFileReader=PdfFileReader,
        ValidationContext=ValidationContext,
        additions=additions,
        certificate=lambda der: next(iter(load_certs_from_pemder_data(der))),
        der_length=parser.peek,
        limits=decode_limits,
        read_certification_data=pdf_embedded.read_certification_data,
        validate_signature=pdf_embedded.async_validate_pdf_signature,
        validate_timestamp=pdf_embedded.async_validate_pdf_timestamp,
    )
