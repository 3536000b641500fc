"""The test vectors of EdDSA Cryptosuites 1.0 (appendix B): both suites, byte for byte, from document to proof value.

Equal hashes mean equal canonical forms. The second document of the appendix is left out: its citizenship context is
in no package.
"""

import copy
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from tests.conformance import contexts, proofs
from tests.conformance.conftest import NOW
from tests.conformance.problem import ProblemError
from tests.conformance.proofs import Expected
from verifier import dataintegrity, did, jcs
from verifier.dataintegrity import JCS, RDFC

PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
METHOD = f"did:key:{PUBLIC}#{PUBLIC}"
CREATED = "2023-02-24T23:36:38Z"
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
# suite: hash of the proof's options, hash of the document, signature, proof value
VECTORS = {
    RDFC: (
        "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0",
        "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017",
        (
            "4d8e53c2d5b3f2a7891753eb16ca993325bdb0d3cfc5be1093d0a18426f5ef85"
            "78cadc0fd4b5f4dd0d1ce0aefd15ab120b7a894d0eb094ffda4e6553cd1ed50d"
        ),
        "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme",
    ),
    JCS: (
        "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db",
        "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19",
        (
            "407cd12654b33d718ecbb99179a1506daaa849450bf3fc523cce3e1c96f8b803"
            "51da3f253d725c6f00b07c9e5448d50b3ef78012b9ab54255116d069c6dd2808"
        ),
        "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX",
    ),
}


def seed() -> bytes:
    data = did.from_multibase(SECRET, 34)
    assert data[:2] == b"\x80\x26"  # multicodec ed25519-priv
    return data[2:]


def test_the_key_pair() -> None:
    assert did.multikey(Ed25519Signer(seed()).jwk) == PUBLIC


@pytest.mark.parametrize("suite", VECTORS)
def test_what_is_signed(suite: str) -> None:
    options, document, signature, value = VECTORS[suite]
    message = dataintegrity.signed_bytes(
        DOCUMENT, suite, method=METHOD, created=CREATED, contexts=contexts.brought(DOCUMENT)
    )
    assert (message[:32].hex(), message[32:].hex()) == (options, document)
    made = Ed25519Signer(seed()).sign(message).sig
    assert (made.hex(), did.multibase(made)) == (signature, value)


@pytest.mark.parametrize("suite", VECTORS)
def test_the_way_of_checking_hashes_the_same(suite: str) -> None:
    options, document, _, _ = VECTORS[suite]
    assert proofs.signed_bytes(DOCUMENT, _proof(suite)).hex() == options + document


@pytest.mark.parametrize("suite", VECTORS)
def test_the_published_credential_verifies(suite: str) -> None:
    secured = {**DOCUMENT, "proof": {**_proof(suite), "proofValue": VECTORS[suite][-1]}}
    expected = Expected(("assertionMethod",))
    assert proofs.check(secured, expected, NOW) == [f"did:key:{PUBLIC}"]
    other = copy.deepcopy(secured)
    other["credentialSubject"]["alumniOf"] = "The School of examples"
    with pytest.raises(ProblemError, match="SIGNATURE_WRONG"):
        proofs.check(other, expected, NOW)


def test_the_canonical_forms_of_the_document() -> None:
    """Written out, so that a reader sees what is hashed."""
    subject, name = "<did:example:abcdefgh>", "<urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33>"
    kind, vc = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "https://www.w3.org/2018/credentials#"
    examples = "https://www.w3.org/ns/credentials/examples#"
    assert contexts.canonicalize(DOCUMENT).decode().splitlines() == [
        f'{subject} <{examples}alumniOf> "The School of Examples" .',
        f"{name} {kind} <{vc}VerifiableCredential> .",
        f"{name} {kind} <{examples}AlumniCredential> .",
        f'{name} <https://schema.org/description> "{DOCUMENT["description"]}" .',
        f'{name} <https://schema.org/name> "Alumni Credential" .',
        f"{name} <{vc}credentialSubject> {subject} .",
        f"{name} <{vc}issuer> <https://vc.example/issuers/5678> .",
        f'{name} <{vc}validFrom> "2023-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .',
    ]
    assert jcs.encode(DOCUMENT).decode() == (
        '{"@context":["https://www.w3.org/ns/credentials/v2","https://www.w3.org/ns/credentials/examples/v2"],'
        '"credentialSubject":{"alumniOf":"The School of Examples","id":"did:example:abcdefgh"},'
        '"description":"A minimum viable example of an Alumni Credential.",'
        '"id":"urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33","issuer":"https://vc.example/issuers/5678",'
        '"name":"Alumni Credential","type":["VerifiableCredential","AlumniCredential"],'
        '"validFrom":"2023-01-01T00:00:00Z"}'
    )


def _proof(suite: str) -> dict[str, Any]:
    proof: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": CREATED,
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
    }
    return {**proof, "@context": DOCUMENT["@context"]} if suite == JCS else proof
