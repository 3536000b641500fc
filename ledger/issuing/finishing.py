"""What makes a rendered page a finished certificate: what it carries, and the issuer's seal.

A seal needs the issuer's `pdf` key and a certificate for it from an authority; where either is missing the PDF stays
unsealed. What is not there yet, such as a proof that witnesses have seen, is left out and added once it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509

from keys.signer import Signer
from ledger.errors import Error
from ledger.issuing.attachments import Proven, attachments
from ledger.issuing.paper import Attachment
from ledger.issuing.seal_keys import of_signer
from ledger.issuing.sealing import Sealer
from verifier.errors import Error as VerifierError

if TYPE_CHECKING:
    from ledger.issuing.credential import Credentials
    from ledger.issuing.keyring import Keyring
    from ledger.log.room import LogRoom
    from ledger.projections.queries import Queries

Chain = Sequence[x509.Certificate]
Certify = Callable[[Signer, str], Chain]
"""An authority: the certificate of an issuer's key, by the organisation's name, and those above it."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A certificate's attachments; ``is_proven`` once a quorum of witnesses has seen its entry."""

    attachments: tuple[Attachment, ...]
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Finishing:
    """Encloses and seals, over one ledger."""

    queries: Queries
    credentials: Credentials
    keyring: Keyring
    room: LogRoom
    certify: Certify | None

    def enclosed(self, certificate: str) -> Enclosed:
        """The credential and the proof, as far as they exist now."""
        try:
            credential: bytes | None = self.credentials.of(certificate)
        except (Error, VerifierError):
            credential = None  # an issuer without keys issues papers alone
        row = self.queries.certificate(certificate)
        proven = None
        if row is not None and row.issued_index is not None and not row.erased:
            proof = self.room.proofs.proof(row.issued_index)
            if proof is not None:
                entry = self.room.proofs.entry(row.issued_index)
                proven = Proven.under(self.room.policy, entry, proof)
        return Enclosed(attachments(credential, proven), proven is not None and proven.witnessed)

    def sealer(self, organisation: str, name: str) -> Sealer | None:
        """What seals in the organisation's name; None where it has no key or no authority."""
        key = self.keyring.current(organisation, "pdf")
        if key is None or self.certify is None:
            return None
        signer = self.keyring.signer(key)
        return Sealer(of_signer(signer, self.certify(signer, name)))
