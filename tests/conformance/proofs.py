"""Proofs of one suite at a time, by did:key, over any document.

The ledger's own verifier demands both suites at once and did:web. Here the same canonicalisation, hashing and
signatures serve general documents: making a proof calls the function that makes certificates' proofs; checking one
hashes whatever the proof says, since other people's proofs have members that ours have not.

Not done here: proof chains (`previousProof` is refused).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from keys.signer import Ed25519Signer
from tests.conformance.contexts import URL, brought, canonicalize, check_terms, prepared
from tests.conformance.problem import (
    INVALID_CHALLENGE,
    INVALID_DOMAIN,
    PROOF_VERIFICATION,
    ProblemError,
    as_problem,
)
from tests.conformance.timestamps import moment
from verifier import b64, dataintegrity, did, jcs
from verifier.dataintegrity import JCS, RDFC, SIGNATURE_SIZE
from verifier.publickey import PublicKey, SigParts

SUITES = (RDFC, JCS)
PURPOSES = ("assertionMethod", "authentication")
"""What a did:key may be used for here; its document lists the one key under both."""

_DID_KEY = "did:key:"
_ED25519_PUB = b"\xed\x01"


@dataclass(frozen=True, slots=True)
class Issuer:
    """A key that names itself."""

    signer: Ed25519Signer

    @property
    def did(self) -> str:
        return _DID_KEY + did.multikey(self.signer.jwk)

    @property
    def method(self) -> str:
        return f"{self.did}#{did.multikey(self.signer.jwk)}"

    def secure(self, document: Mapping[str, Any], suites: Collection[str], now: datetime) -> dict[str, Any]:
        """The document with a proof of each suite: an object for one, a set for more."""
        created = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        proofs = [self._proof(document, suite, created) for suite in suites]
        return {**document, "proof": proofs if len(proofs) > 1 else proofs[0]}

    def _proof(self, document: Mapping[str, Any], suite: str, created: str) -> dict[str, Any]:
        message = dataintegrity.signed_bytes(
            prepared(document) if suite == RDFC else document,
            suite,
            method=self.method,
            created=created,
            contexts=brought(document),
        )
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": suite,
            "created": created,
            "verificationMethod": self.method,
            "proofPurpose": "assertionMethod",
            "proofValue": did.multibase(self.signer.sign(message).sig),
        }
        return {**proof, "@context": document["@context"]} if suite == JCS else proof


@dataclass(frozen=True, slots=True)
class Expected:
    """What the verifier was told to expect of the proofs."""

    purposes: Collection[str]
    domain: str | None = None
    challenge: str | None = None


def check(secured: Mapping[str, Any], expected: Expected, now: datetime) -> list[str]:
    """Check all proofs of a document and return who made them, as DIDs. Raises ProblemError."""
    document = {name: value for name, value in secured.items() if name != "proof"}
    proofs = secured.get("proof")
    if type(proofs) is dict:
        proofs = [proofs]
    if type(proofs) is not list or not proofs or any(type(proof) is not dict for proof in proofs):
        raise _wrong("there is no proof")
    return [_check(document, proof, expected, now) for proof in proofs]


def _check(document: dict[str, Any], proof: dict[str, Any], expected: Expected, now: datetime) -> str:
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") not in SUITES:
        raise _wrong(f"its type and cryptosuite are not DataIntegrityProof and one of {', '.join(SUITES)}")
    if proof.get("proofPurpose") not in expected.purposes:
        raise _wrong(f"its proofPurpose is not {' or '.join(expected.purposes)}")
    _check_optional(proof, now)
    domain = proof.get("domain")
    if expected.domain is not None and expected.domain not in (domain if type(domain) is list else [domain]):
        raise ProblemError(INVALID_DOMAIN, "the proof is for another domain")
    if expected.challenge is not None and proof.get("challenge") != expected.challenge:
        raise ProblemError(INVALID_CHALLENGE, "the proof answers another challenge")
    key = _key(proof.get("verificationMethod"))
    if type(proof.get("proofValue")) is not str:
        raise _wrong("it has no proofValue")
    if proof["cryptosuite"] == RDFC:
        check_terms({**proof, "@context": document.get("@context")})
    with as_problem(PROOF_VERIFICATION):
        value = did.from_multibase(proof["proofValue"], SIGNATURE_SIZE)
        key.verify(signed_bytes(document, proof), SigParts(key.thumbprint, "ed25519", value))
    return str(proof["verificationMethod"].partition("#")[0])


def signed_bytes(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """The 64 bytes that a proof with these members signs (EdDSA Cryptosuites 1.0, 3.2.2 and 3.3.2)."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if options["cryptosuite"] == RDFC:
        options["@context"] = document.get("@context")
        encoded = canonicalize(options), canonicalize(document)
    else:
        signed = dict(document)
        if "@context" in options:
            if not _starts_with(document.get("@context"), options["@context"]):
                raise _wrong("the document's @context does not begin with the proof's")
            signed["@context"] = options["@context"]
        encoded = jcs.encode(options), jcs.encode(signed)
    return b"".join(sha256(part).digest() for part in encoded)


def _starts_with(whole: Any, beginning: Any) -> bool:
    if type(whole) is list and type(beginning) is list:
        return whole[: len(beginning)] == beginning
    return bool(whole == beginning)


def _check_optional(proof: Mapping[str, Any], now: datetime) -> None:
    if "previousProof" in proof:
        raise _wrong("chains of proofs are not supported")
    if "id" in proof and not (type(proof["id"]) is str and URL.fullmatch(proof["id"])):
        raise _wrong("its id is not a URL")
    for name in ("challenge", "nonce"):
        if name in proof and type(proof[name]) is not str:
            raise _wrong(f"its {name} is not a string")
    for name in ("created", "expires"):
        # Data Integrity 1.0, 2.1: a time without an offset is read as UTC.
        if name in proof and moment(proof[name], offset_missing=UTC) is None:
            raise _wrong(f"{name} is not a time")
    expires = moment(proof.get("expires"), offset_missing=UTC)
    if expires is not None and now >= expires:
        raise _wrong("it expired")


def _key(method: Any) -> PublicKey:
    name, _, fragment = method.partition("#") if type(method) is str else ("", "", "")
    if not name.startswith(_DID_KEY) or name.removeprefix(_DID_KEY) != fragment:
        raise _wrong("its verificationMethod is not did:key:<key>#<key>")
    with as_problem(PROOF_VERIFICATION):
        data = did.from_multibase(fragment, 34)
        if not data.startswith(_ED25519_PUB):
            raise _wrong("its verificationMethod is no Ed25519 key")
        return PublicKey({"kty": "OKP", "crv": "Ed25519", "x": b64.url_encode(data[2:])}, "ed25519")


def _wrong(why: str) -> ProblemError:
    return ProblemError(PROOF_VERIFICATION, f"the proof does not hold: {why}")
