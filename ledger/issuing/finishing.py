"""What makes a rendered page a finished certificate: what it carries, and the issuer's seal.

A seal needs a key and a certificate for it from an authority (``ledger.issuing.seals``); an issuer that has none gives
PDFs without. What is not there yet, such as a proof that witnesses have seen, is left out and added once it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import Error
from ledger.issuing.attachments import Proven, attachments
from ledger.issuing.paper import Attachment
from verifier.errors import Error as VerifierError

if TYPE_CHECKING:
    from ledger.issuing.credential import Credentials
    from ledger.issuing.sealing import Sealer
    from ledger.issuing.seals import Seals
    from ledger.log.room import LogRoom
    from ledger.projections.queries import Queries


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
    seals: Seals
    room: LogRoom

    def enclosed(self, certificate: str) -> Enclosed:
        """The credential and the proof, as far as they exist now."""
        try:
            credential: bytes | None = self.credentials.of(certificate)
        except (Error, VerifierError):
            credential = None  # an issuer without keys issues papers alone
        proven = self._proven(certificate)
        return Enclosed(attachments(credential, proven), proven is not None and proven.witnessed)

    def is_proven(self, certificate: str) -> bool:
        """Whether a paper made now carries a proof that a quorum of witnesses has seen."""
        proven = self._proven(certificate)
        return proven is not None and proven.witnessed

    def _proven(self, certificate: str) -> Proven | None:
        row = self.queries.certificate(certificate)
        if row is None or row.issued_index is None or row.erased:
            return None
        proof = self.room.proofs.proof(row.issued_index)
        if proof is None:
            return None
        return Proven.under(self.room.policy, self.room.proofs.entry(row.issued_index), proof)

    def sealer(self, organisation: str, name: str) -> Sealer | None:
        """What seals in the organisation's name, None where it has no seal; raises as ``Seals.sealer``."""
        return self.seals.sealer(organisation, name)
