"""Two Data Integrity proofs over one JSON document, each by the same Ed25519 key; verifying demands both.

    "proof": [{"cryptosuite":"eddsa-rdfc-2022",…}, {"@context":[…],"cryptosuite":"eddsa-jcs-2022",…}]

each with exactly `created`, `cryptosuite`, `proofPurpose` (assertionMethod), `proofValue`, `type`
(DataIntegrityProof) and `verificationMethod`, the second also with the document's `@context`. What is signed
is SHA-256(proof without value) || SHA-256(document without proof), both canonical: N-Quads by RDFC-1.0 for the
first, RFC 8785 for the second.

Why both: canonical RDF alone lets a forger rename a member to its full IRI. The signature still holds, and
readers of the JSON no longer find `credentialStatus` or `validUntil`. Canonical JSON alone is read by fewer.

Specifications: W3C Data Integrity 1.0, EdDSA Cryptosuites 1.0 sections 3.2 and 3.3.

Not done here: whose key it is, and what the document says.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from verifier import did, jcs, jsonld
from verifier.errors import FormatError
from verifier.grammar import check_time
from verifier.publickey import PublicKey, SigParts

RDFC = "eddsa-rdfc-2022"
JCS = "eddsa-jcs-2022"
SIGNATURE_SIZE = 64

_MEMBERS = frozenset({"created", "cryptosuite", "proofPurpose", "proofValue", "type", "verificationMethod"})
_METHOD = re.compile(r"did:web:[A-Za-z0-9.%:_-]{1,400}#[A-Za-z0-9_-]{43}")
_XSD_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
_SECURITY = "https://w3id.org/security#"


@dataclass(frozen=True, slots=True)
class Proofs:
    """The two proofs of a document, of which nothing has been verified."""

    document: Mapping[str, Any]
    method: str
    created: str
    rdfc_value: bytes
    jcs_value: bytes

    def verify(self, key: PublicKey) -> None:
        """Check both with this key. Raises SignatureError SIGNATURE_WRONG, or what `jsonld` raises."""
        hashed = {JCS: self.jcs_value, RDFC: self.rdfc_value}  # the cheaper one first
        for suite, value in hashed.items():
            message = signed_bytes(self.document, suite, method=self.method, created=self.created)
            key.verify(message, SigParts(key.thumbprint, "ed25519", value))


def sign(
    document: Mapping[str, Any], *, method: str, created: str, sign_bytes: Callable[[bytes], bytes]
) -> dict[str, Any]:
    """Return the document with both proofs.

    `method` names the key (`<did>#<thumbprint>`), `created` is a UTC time; `sign_bytes` gives 64 bytes.
    Raises FormatError TERMS_UNDEFINED for a document with terms that its contexts do not define: they would
    stay unsigned in the first proof.
    """
    undefined = jsonld.undefined_terms(document)
    if undefined:
        raise FormatError("TERMS_UNDEFINED", f"the contexts define no {', '.join(undefined)}")
    proofs = []
    for suite in (RDFC, JCS):
        signature = sign_bytes(signed_bytes(document, suite, method=method, created=created))
        proof = _proof(document, suite, method, created)
        if suite == RDFC:
            del proof["@context"]
        proofs.append({**proof, "proofValue": did.multibase(signature)})
    return {**document, "proof": proofs}


def split(value: Mapping[str, Any]) -> Proofs:
    """Take a secured document apart.

    Raises FormatError PROOFS_INVALID when its proofs are not exactly these two, MULTIBASE_INVALID,
    TIME_INVALID.
    """
    document = {name: member for name, member in value.items() if name != "proof"}
    proofs = value.get("proof")
    if type(proofs) is not list or len(proofs) != 2:  # noqa: PLR2004 - one for each suite
        raise _invalid("there are not exactly two")
    for proof, suite, members in zip(proofs, (RDFC, JCS), (_MEMBERS, _MEMBERS | {"@context"}), strict=True):
        if type(proof) is not dict or proof.keys() != members:
            raise _invalid(f"{suite} has not its members")
        method, created = proof["verificationMethod"], proof["created"]
        if type(method) is not str or not _METHOD.fullmatch(method) or type(proof["proofValue"]) is not str:
            raise _invalid(f"a member of {suite} is malformed")
        expected = _proof(document, suite, method, check_time(created, "created"))
        if {"@context": document.get("@context"), **proof} != {**expected, "proofValue": proof["proofValue"]}:
            raise _invalid(f"a member of {suite} has another value than it must have")
    first, second = proofs
    if any(first[name] != second[name] for name in ("verificationMethod", "created")):
        raise _invalid("they differ in key or time")
    return Proofs(
        document,
        first["verificationMethod"],
        first["created"],
        did.from_multibase(first["proofValue"], SIGNATURE_SIZE),
        did.from_multibase(second["proofValue"], SIGNATURE_SIZE),
    )


def signed_bytes(
    document: Mapping[str, Any],
    suite: str,
    *,
    method: str,
    created: str,
    contexts: Sequence[Any] | None = None,
) -> bytes:
    """Return the 64 bytes that a proof of this suite signs. Raises what `jsonld` and `jcs` raise.

    `contexts` is for `jsonld.canonicalize`.
    """
    if suite == RDFC:
        encoded = _proof_quads(method, created), jsonld.canonicalize(document, contexts)
    else:
        encoded = jcs.encode(_proof(document, suite, method, created)), jcs.encode(dict(document))
    return b"".join(sha256(part).digest() for part in encoded)


def _proof_quads(method: str, created: str) -> bytes:
    """The canonical N-Quads of the first proof, which differs from others in two places only.

    They are what `jsonld.canonicalize` makes of `_proof`, in a fraction of the time.
    """
    return (
        f'_:c14n0 <http://purl.org/dc/terms/created> "{created}"^^<{_XSD_TIME}> .\n'
        f"_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{_SECURITY}DataIntegrityProof> .\n"
        f'_:c14n0 <{_SECURITY}cryptosuite> "{RDFC}"^^<{_SECURITY}cryptosuiteString> .\n'
        f"_:c14n0 <{_SECURITY}proofPurpose> <{_SECURITY}assertionMethod> .\n"
        f"_:c14n0 <{_SECURITY}verificationMethod> <{method}> .\n"
    ).encode("ascii")


def _proof(document: Mapping[str, Any], suite: str, method: str, created: str) -> dict[str, Any]:
    """The proof without its value, as it is hashed."""
    return {
        "@context": document.get("@context"),
        "created": created,
        "cryptosuite": suite,
        "proofPurpose": "assertionMethod",
        "type": "DataIntegrityProof",
        "verificationMethod": method,
    }


def _invalid(why: str) -> FormatError:
    return FormatError("PROOFS_INVALID", f"the proofs are not the two that must be there: {why}")
