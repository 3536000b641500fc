"""What a certificate's PDF carries for a reader with tools: its credential, and the proof that it is in the log.

Rules. The names say nothing of the holder. The proof holds its entry in its `extra` line, so that one file is
enough to check it. It is the first one with a quorum of witnesses where the caller kept that, else the newest
there is; one that too few witnessed says so in its description. A certificate that was countersigned carries the
proof of that as well. What is missing is left out, and `certverify pdf` says what it could not check.

Specification: C2SP tlog-proof, ISO 19005-3 6.8. It makes no credential and no proof, and judges neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.issuing.paper import Attachment
from verifier.pdf import COUNTERSIGNED, CREDENTIAL, PROOF

if TYPE_CHECKING:
    from verifier.policy import Policy
    from verifier.proof import Proof

_CREDENTIAL_TEXT = "Kredensial digital (Open Badges 3.0) / Digital credential (Open Badges 3.0)"
_PROOF_TEXT = "Bukti bahwa sertifikat ini tercatat / Proof that this certificate is in the public log"
_COUNTERSIGNED_TEXT = "Bukti penandatanganan ulang / Proof that it was signed once more"
_UNWITNESSED = " (belum cukup saksi / not yet witnessed by enough)"


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry of the log and a proof that it is there; ``witnessed`` tells whether by a quorum."""

    entry: bytes
    proof: Proof
    witnessed: bool

    @classmethod
    def under(cls, policy: Policy | None, entry: bytes, proof: Proof) -> Proven:
        """Find out whether a quorum witnessed it. Raises verifier.errors.Error for a proof that does not hold."""
        is_witnessed = (
            policy is not None and policy.quorum is not None and proof.verify(entry, policy).witnessed
        )
        return cls(entry, proof, is_witnessed)

    def to_bytes(self) -> bytes:
        """The proof file with its entry."""
        return replace(self.proof, extra=self.entry).to_bytes()


def attachments(
    credential: bytes | None, issued: Proven | None, countersigned: Proven | None = None
) -> tuple[Attachment, ...]:
    """The attachments of one certificate, without those that are None."""
    found = []
    if credential is not None:
        found.append(
            Attachment(
                name=CREDENTIAL,
                media_type="application/vc",
                text=credential.decode(),
                description=_CREDENTIAL_TEXT,
            )
        )
    for name, text, proven in (
        (PROOF, _PROOF_TEXT, issued),
        (COUNTERSIGNED, _COUNTERSIGNED_TEXT, countersigned),
    ):
        if proven is not None:
            found.append(
                Attachment(
                    name=name,
                    media_type="text/plain",
                    text=proven.to_bytes().decode(),
                    description=text if proven.witnessed else text + _UNWITNESSED,
                    relationship="supplement",
                )
            )
    return tuple(found)
