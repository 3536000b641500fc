"""What makes a seal outlive its certificate: time stamps, and all that is needed to check it in decades.

Rules. The seal's chain must lead to one of the stated roots, and so must the time-stamping authority's; what
their issuers say of revocation is fetched now and kept in the file. A certificate that names a revocation
service must be confirmed by it. The last time stamp covers everything.

Services that failed a seal are left alone for a minute, in which whoever wants that seal is told the same at once: all
staff would wait otherwise, since what follows from one's command is tried again before another's.

Specification: ETSI EN 319 142-1 (B-LTA), RFC 3161. Answers are as good as the services': a dead one is an error
for the operator, never a seal of a lower kind.
"""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper, TimestampDSSContentSettings
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from ledger.errors import Error
from ledger.issuing.seal_keys import converted
from ledger.issuing.seal_update import UNSEEN, Update

if TYPE_CHECKING:
    from pyhanko_certvalidator.path import ValidationPath

DIGEST = "sha256"

_FIELD = "SealTime"
_FIELD_TEXT = "Cap waktu segel / Time stamp of the seal"
_REST_S = 60.0
_STAMP_SLACK = 512  # bytes by which one answer of the authority may be longer than another


@dataclass(frozen=True, slots=True)
class LongTerm:
    """Settings of B-LTA: the authority's URL (RFC 3161 over HTTP) and the roots that its and the seal's chain end in."""

    tsa_url: str
    roots: tuple[x509.Certificate, ...]
    timeout_s: int = 20
    failed: dict[x509.Certificate, tuple[float, Error]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """By a seal's certificate: until when its services are left alone, and what they failed with."""


class Lasting:
    """One sealing in progress: the authority and what was learned of the certificates."""

    def __init__(self, settings: LongTerm, context: ValidationContext) -> None:
        self.timestamper = HTTPTimeStamper(settings.tsa_url, timeout=settings.timeout_s)
        self._context = context
        self._paths: list[ValidationPath] = []

    async def check(self, chain: tuple[x509.Certificate, ...]) -> None:
        """Check the seal's chain now, as a verifier will."""
        leaf, *above = map(converted, chain)
        validator = CertificateValidator(leaf, intermediate_certs=above, validation_context=self._context)
        self._paths.append(await validator.async_validate_path())

    async def stamp_size(self) -> int:
        """Bytes to keep free for a time stamp."""
        dummy = await self.timestamper.async_dummy_response(DIGEST)
        return len(dummy.dump()) + _STAMP_SLACK

    async def complete(self, sealed: bytes) -> bytes:
        """Add what is needed for checking, and a time stamp over the whole file."""
        out = io.BytesIO()
        stamper = PdfTimeStamper(self.timestamper, _FIELD, UNSEEN, _FIELD_TEXT)
        await stamper.async_timestamp_pdf(
            Update(sealed),
            DIGEST,
            self._context,
            validation_paths=self._paths,
            output=out,
            dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
        )
        return out.getvalue()


@asynccontextmanager
async def lasting(settings: LongTerm, chain: tuple[x509.Certificate, ...]) -> AsyncIterator[Lasting]:
    """Begin a sealing of kind B-LTA.

    Within it, Error TSA_UNREACHABLE and SEAL_CERTIFICATE_UNTRUSTED.
    """
    until, known = settings.failed.get(chain[0], (0.0, None))
    if known is not None and time.monotonic() < until:
        raise Error(known.code, known.message, known.hint)
    context = ValidationContext(
        trust_roots=[converted(each) for each in settings.roots],
        allow_fetching=True,
        revocation_mode="hard-fail",
    )
    try:
        made = Lasting(settings, context)
        await made.check(chain)
        yield made
    except (TimestampRequestError, PathError, ValidationError) as error:
        failure = _failure(settings, error)
        settings.failed[chain[0]] = time.monotonic() + _REST_S, failure
        raise failure from error
    finally:
        await context.aclose()  # type: ignore[no-untyped-call]


def _failure(settings: LongTerm, error: Exception) -> Error:
    if isinstance(error, TimestampRequestError):
        return Error(
            "TSA_UNREACHABLE",
            f"the time-stamping authority {settings.tsa_url} gives no time stamp: {error}",
            "Try again later; nothing was sealed.",
        )
    return Error(
        "SEAL_CERTIFICATE_UNTRUSTED",
        f"a certificate of the seal or of the time stamp does not hold: {error}",
        "Compare the configured roots, and look whether the certificate was revoked.",
    )
