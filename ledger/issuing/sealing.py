"""The seal: a PAdES signature of the issuing organisation over a finished certificate PDF.

Rules. The seal is an incremental update: the page, its attachments and its metadata stay byte for byte. It is a
certifying signature that allows no change (DocMDP 1), so that readers report whatever is appended later. It shows
nothing on the page: an empty widget outside it, printable, with a name for screen readers, as PDF/A-3 and
PDF/UA-1 want. The time in it is an argument. With a key from a file the same PDF, time and key give the same
bytes; other keys vary in the signature value alone.

Profiles. B-B: signature and certificates. B-LTA, where a time-stamping authority is named: a time stamp over the
signature, then what is needed to check the certificates (DSS), then a time stamp over all of it, so that the seal
outlives its certificate. B-LTA asks the authority and the issuers' revocation services, and takes their clock.

Specification: ETSI EN 319 142-1, ISO 32000-1 12.8, ISO 19005-3 6.4.3. It judges no certificate that it does not
need to, renders nothing, and does not renew time stamps when their algorithms age.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from ledger.errors import Error
from ledger.issuing.seal_keys import SealKey
from ledger.issuing.seal_lasting import DIGEST, LongTerm, lasting
from ledger.issuing.seal_update import UNSEEN, Update

FIELD = "Seal"
FIELD_TEXT = "Segel penerbit / Issuer's seal"

_CMS_ROOM = 2048  # bytes beside the certificates


class Sealer:
    """Seals PDFs with one key. Threads may share it; none of them may run an event loop."""

    def __init__(self, key: SealKey, long_term: LongTerm | None = None) -> None:
        self._key = key
        self._long_term = long_term

    @property
    def profile(self) -> str:
        """What it makes: ``B-B`` or ``B-LTA``."""
        return "B-B" if self._long_term is None else "B-LTA"

    @property
    def certificate(self) -> x509.Certificate:
        """The seal's certificate."""
        return self._key.chain[0]

    def seal(self, pdf: bytes, at: datetime) -> bytes:
        """Give ``pdf`` with a seal that says it was made at ``at`` (aware).

        Raises Error: SEAL_CERTIFICATE_NOT_VALID where a certificate of the chain is not valid then;
        PDF_UNSEALABLE for what is no PDF, or sealed already; SEAL_TOKEN_FAILED; TSA_UNREACHABLE and
        SEAL_CERTIFICATE_UNTRUSTED for B-LTA.
        """
        self.require_valid(at)
        try:
            return asyncio.run(self._seal(pdf, at))
        except (PdfError, SigningError, ValueError, KeyError, TypeError) as error:
            raise Error(
                "PDF_UNSEALABLE",
                f"this PDF cannot be sealed: {error}",
                "Only a certificate as it was rendered is sealed, and only once.",
            ) from error

    def require_valid(self, at: datetime) -> None:
        """Raise Error SEAL_CERTIFICATE_NOT_VALID unless all certificates of the chain are valid then."""
        for each in self._key.chain:
            begins, ends = each.not_valid_before_utc, each.not_valid_after_utc
            if not begins <= at <= ends:
                raise Error(
                    "SEAL_CERTIFICATE_NOT_VALID",
                    f"the certificate of {each.subject.rfc4514_string()} is valid from {begins:%Y-%m-%d} "
                    f"to {ends:%Y-%m-%d}, not on {at:%Y-%m-%d}",
                    "Have the seal's key certified anew.",
                )

    async def _seal(self, pdf: bytes, at: datetime) -> bytes:
        if self._long_term is None:
            return await self._sign(pdf, at, None, 0)
        async with lasting(self._long_term, self._key.chain) as services:
            sealed = await self._sign(pdf, at, services.timestamper, await services.stamp_size())
            return await services.complete(sealed)

    async def _sign(self, pdf: bytes, at: datetime, timestamper: Any, stamp_size: int) -> bytes:
        update = Update(pdf)
        if "/AcroForm" in update.root:
            raise SigningError("it has a form or a signature already")
        steps = PdfCMSEmbedder(
            SigFieldSpec(FIELD, readable_field_name=FIELD_TEXT, invis_sig_settings=UNSEEN)
        ).write_cms(FIELD, update)
        next(steps)
        update.register_extension(ESIC_EXTENSION_1)
        steps.send(
            SigObjSetup(
                SignatureObject(
                    timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=self._room(stamp_size)
                ),
                SigMDPSetup(DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
            )
        )
        prepared, out = steps.send(SigIOSetup(DIGEST))
        cms = await self._key.cms.async_sign(
            prepared.document_digest,
            DIGEST,
            use_pades=True,
            timestamper=timestamper,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
        )
        steps.send(cms)
        return bytes(out.getvalue())

    def _room(self, stamp_size: int) -> int:
        """Hexadecimal digits to keep free for the signature."""
        certificates = sum(len(each.public_bytes(Encoding.DER)) for each in self._key.chain)
        return 2 * (certificates + _CMS_ROOM + stamp_size)
