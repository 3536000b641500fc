"""What w3c/vc-di-eddsa-test-suite and the data-integrity-test-suite-assertion that it calls ask of proofs.

Where the suites alter a proof, its signature is made anew over what it says then: only the rule itself can refuse it.
"""

import copy
import hashlib
from datetime import datetime
from typing import Any

import pytest
from openvc.errors import OpenvcError
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite
from pyld import jsonld as pyld

from keys.signer import Ed25519Signer
from tests.conformance import proofs
from tests.conformance.caller import Caller
from tests.conformance.conftest import NOW
from tests.conformance.contexts import canonicalize
from verifier import b64, dataintegrity, did, jcs, jsonld
from verifier.dataintegrity import JCS, RDFC
from verifier.errors import FormatError

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
SUITES = pytest.mark.parametrize("suite", [RDFC, JCS])


# -- issuing: 05, 10, 35, 40, 70 and 80 of the suite --------------------------------------------------------------


@SUITES
def test_the_form_of_a_proof(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    proof = caller.issue(credential, cryptosuite=suite)["proof"]
    method = caller.desk.issuer.method
    assert (proof["type"], proof["cryptosuite"], proof["proofPurpose"], proof["verificationMethod"]) == (
        "DataIntegrityProof",
        suite,
        "assertionMethod",
        method,
    )
    assert datetime.fromisoformat(proof["created"]) == NOW
    assert len(did.from_multibase(proof["proofValue"], 64)) == 64
    multikey = method.partition("#")[2]
    assert multikey.startswith("z6Mk")
    assert did.from_multibase(multikey, 34)[:2] == b"\xed\x01"


def test_a_suite_that_does_not_exist(caller: Caller, credential: dict[str, Any]) -> None:
    others: list[Any] = ["UnknownCryptosuite", "eddsa-2022", [], ["eddsa-rdfc-2022", 1], None, {}]
    for suite in others:
        assert "cryptosuite is not one of" in caller.refused(credential, cryptosuite=suite)


def test_a_proof_already_there(caller: Caller, credential: dict[str, Any]) -> None:
    issued = caller.issue(credential)
    assert "has a proof already" in caller.refused(issued)


def test_two_proofs_are_those_of_a_certificate(caller: Caller, credential: dict[str, Any]) -> None:
    issuer = caller.desk.issuer
    issued = caller.issue(credential, cryptosuite=[RDFC, JCS])
    assert issued == dataintegrity.sign(
        credential,
        method=issuer.method,
        created="2026-06-01T12:00:00Z",
        sign_bytes=lambda message: issuer.signer.sign(message).sig,
    )
    caller.verify(issued)
    for place in (0, 1):
        other = copy.deepcopy(issued)
        other["proof"][place]["proofValue"] = issued["proof"][1 - place]["proofValue"]
        assert "SIGNATURE_WRONG" in caller.rejected(other)


@SUITES
def test_openvc_accepts_what_is_issued(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    """A third implementation. Of JCS it also takes contexts in the document, which one of the npm libraries cannot."""
    skill = {"skill": "https://example.org/terms#skill"}
    credential["@context"].append(skill if suite == JCS else EXAMPLES)
    credential["credentialSubject"]["skill"] = ["mengelas", "menjahit"]
    issued = caller.issue(credential, cryptosuite=suite)
    point = did.from_multibase(caller.desk.issuer.method.partition("#")[2], 34)[2:]
    options: dict[str, Any] = {
        "public_key_jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64.url_encode(point)},
        "now": NOW,
    }
    if suite == RDFC:
        options["extra_contexts"] = {
            EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
        }
    verifier: Any = DataIntegrityProofSuite() if suite == RDFC else EddsaJcsProofSuite()
    verifier.verify(issued, **options)
    issued["credentialSubject"]["skill"].pop()
    with pytest.raises(OpenvcError):
        verifier.verify(issued, **options)


# -- verifying: 15, 20, 45 and 50 of the suite --------------------------------------------------------------------

# members of the proof: why it is refused
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({"type": None}, "its type and cryptosuite"),
    "another type": ({"type": "UnknownProofType"}, "its type and cryptosuite"),
    "no verificationMethod": ({"verificationMethod": None}, "its verificationMethod is not"),
    "a verificationMethod that is none": (
        {"verificationMethod": "did:key:invalidVm"},
        "its verificationMethod is not",
    ),
    "a verificationMethod that is no key": (
        {"verificationMethod": "did:key:@invalidVm@#@invalidVm@"},
        "MULTIBASE_INVALID",
    ),
    "a P-256 key": (
        {"verificationMethod": "did:key:{0}#{0}".format(did.multibase(b"\x80\x24" + bytes(32)))},
        "no Ed25519 key",
    ),
    "no proofPurpose": ({"proofPurpose": None}, "its proofPurpose is not"),
    "a proofPurpose that is none": ({"proofPurpose": "invalidPurpose"}, "its proofPurpose is not"),
    "another proofPurpose": ({"proofPurpose": "authentication"}, "its proofPurpose is not"),
    "created is no time": ({"created": "invalidDate"}, "created is not a time"),
    "created is a day": ({"created": "2026-06-01"}, "created is not a time"),
    "created is a number": ({"created": 1}, "created is not a time"),
    "expires is no time": ({"expires": "invalidDate"}, "expires is not a time"),
    "expired": ({"expires": "2026-06-01T11:59:59Z"}, "it expired"),
    "expired at this moment": ({"expires": "2026-06-01T12:00:00Z"}, "it expired"),
    "expired by UTC": ({"expires": "2026-06-01T12:00:00"}, "it expired"),
    "an id that is no URL": ({"id": "proof"}, "its id is not a URL"),
    "a challenge that is no string": ({"challenge": 1}, "its challenge is not a string"),
    "a nonce that is no string": ({"nonce": 1}, "its nonce is not a string"),
    "a chain of proofs": ({"previousProof": "urn:uuid:1"}, "chains of proofs"),
}
ACCEPTED: dict[str, dict[str, Any]] = {
    "no created": {"created": None},
    "created with an offset": {"created": "2026-06-01T18:59:00+07:00"},
    "created without an offset": {"created": "2026-06-01T11:59:00"},
    "created a year ago": {"created": "2025-06-01T11:59:00Z"},
    "expires later": {"expires": "2026-06-01T12:00:01Z"},
    "an id": {"id": "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"},
    "a domain and a challenge": {"domain": "desk.example", "challenge": "1235abcd6789"},
    "two domains": {"domain": ["desk.example", "other.example"]},
    "a nonce": {"nonce": "n"},
}


@SUITES
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(
    caller: Caller, credential: dict[str, Any], suite: str, case: tuple[dict[str, Any], str]
) -> None:
    members, why = case
    reason = caller.rejected(caller.sign(credential, cryptosuite=suite, **members))
    assert reason.startswith("PROOF_VERIFICATION_ERROR")
    assert why in reason


@SUITES
@pytest.mark.parametrize("members", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(caller: Caller, credential: dict[str, Any], suite: str, members: dict[str, Any]) -> None:
    signed = caller.sign(credential, cryptosuite=suite, **members)
    caller.verify(signed)
    for name in members.keys() & signed["proof"].keys():  # and it is signed
        other = copy.deepcopy(signed)
        del other["proof"][name]
        assert "SIGNATURE_WRONG" in caller.rejected(other)


@pytest.mark.parametrize("proof", [None, [], {}, "x", [{}], [None]], ids=repr)
def test_no_proof(caller: Caller, credential: dict[str, Any], proof: Any) -> None:
    assert "PROOF_VERIFICATION_ERROR" in caller.rejected({**credential, "proof": proof})
    assert "PROOF_VERIFICATION_ERROR" in caller.rejected(credential)


@SUITES
def test_the_proof_value(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    issued = caller.issue(credential, cryptosuite=suite)
    value = issued["proof"]["proofValue"]
    signature = did.from_multibase(value, 64)
    for other in (
        None,
        1,
        "",
        value[1:],
        "u" + b64.url_encode(signature),
        did.multibase(signature + bytes(32)),
        did.multibase(signature[:-1]),
        did.multibase(signature[:-1] + bytes([signature[-1] ^ 1])),
    ):
        altered = {**issued, "proof": {**issued["proof"], "proofValue": other}}
        assert "PROOF_VERIFICATION_ERROR" in caller.rejected(altered)
    del issued["proof"]["proofValue"]
    assert "it has no proofValue" in caller.rejected(issued)


@SUITES
def test_another_canonical_form_or_digest(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    """Signed well, over something else than this suite says."""
    issuer, issued = caller.desk.issuer, caller.issue(credential, cryptosuite=suite)
    options = {name: value for name, value in issued["proof"].items() if name != "proofValue"}
    named = {**options, "@context": credential["@context"]}
    as_rdf, as_json = (
        (canonicalize(named), canonicalize(credential)),
        (jcs.encode(named), jcs.encode(credential)),
    )
    right, other = (as_rdf, as_json) if suite == RDFC else (as_json, as_rdf)
    wrong = (
        b"".join(hashlib.sha256(part).digest() for part in other),
        b"".join(hashlib.sha512(part).digest() for part in right),
        b"".join(hashlib.sha256(part).digest() for part in reversed(right)),
        hashlib.sha256(b"".join(right)).digest(),
    )
    for message in wrong:
        forged = {**options, "proofValue": did.multibase(issuer.signer.sign(message).sig)}
        assert "SIGNATURE_WRONG" in caller.rejected({**credential, "proof": forged})
    assert b"".join(hashlib.sha256(part).digest() for part in right) == proofs.signed_bytes(
        credential, options
    )


def test_another_suites_name(caller: Caller, credential: dict[str, Any]) -> None:
    for suite, other in ((RDFC, JCS), (JCS, RDFC), (RDFC, "UnknownCryptosuite"), (JCS, None), (JCS, 1)):
        issued = caller.issue(credential, cryptosuite=suite)
        issued["proof"]["cryptosuite"] = other
        assert "PROOF_VERIFICATION_ERROR" in caller.rejected(issued)
    for name in ("UnknownCryptosuite", None):  # signed as JCS, and so it would hold
        assert "its type and cryptosuite" in caller.rejected(caller.sign(credential, cryptosuite=name))


@SUITES
def test_what_the_verifier_is_told_to_expect(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    members: dict[str, Any] = {"domain": "desk.example", "challenge": "1235abcd6789"}
    signed = caller.sign(credential, cryptosuite=suite, **members)
    caller.verify(signed, expectedProofPurpose="assertionMethod", **members)
    assert "its proofPurpose is not" in caller.rejected(signed, expectedProofPurpose="authentication")
    assert "INVALID_DOMAIN_ERROR" in caller.rejected(signed, domain="other.example")
    assert "INVALID_CHALLENGE_ERROR" in caller.rejected(signed, challenge="other")
    two = caller.sign(credential, cryptosuite=suite, domain=["desk.example", "other.example"])
    caller.verify(two, domain="other.example")
    assert "INVALID_DOMAIN_ERROR" in caller.rejected(two, domain="third.example")


@SUITES
def test_an_issuer_who_did_not_sign(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    other = "did:key:" + did.multikey(Ed25519Signer.generate().jwk)
    for issuer in (other, {"id": other}, "https://issuer.example"):
        signed = caller.issue({**credential, "issuer": issuer}, cryptosuite=suite)
        assert "not secured by its issuer" in caller.rejected(signed)


def test_the_contexts_of_a_jcs_proof(caller: Caller, credential: dict[str, Any]) -> None:
    credential["@context"].append(EXAMPLES)
    first = {"@context": credential["@context"][:1]}
    proof = caller.sign({**credential, **first}, cryptosuite=JCS, **first)["proof"]
    caller.verify({**credential, "proof": proof})  # 3.3.2: the document's may be longer
    issued = caller.issue(credential, cryptosuite=JCS)
    issued["@context"] = issued["@context"][:1]
    assert "does not begin with the proof's" in caller.rejected(issued)


def test_what_canonical_rdf_does_not_sign(caller: Caller, credential: dict[str, Any]) -> None:
    """An unknown member is refused, and an unknown member of the proof as well."""
    issued = caller.issue(credential)
    assert "define no zodiac" in caller.rejected({**issued, "zodiac": "x"})
    assert "define no zodiac" in caller.rejected({**issued, "proof": {**issued["proof"], "zodiac": "x"}})


def test_pyld_makes_the_same_canonical_rdf(credential: dict[str, Any]) -> None:
    """Also of what the ledger's own documents never have: a base direction, contexts in the document, no ids."""
    document = {
        **credential,
        "@context": [*credential["@context"], {"skill": "https://example.org/terms#skill"}],
        "name": [
            {"@value": "\u0634", "@language": "AR", "@direction": "rtl"},
            {"@value": "x", "@direction": "ltr"},
        ],
        "credentialSubject": [{"skill": ["a", 1, True, 87.5]}, {"skill": {"skill": "b"}}],
    }
    base = {"@context": jsonld.context(document["@context"][0])}

    def load(url: str, _options: Any = None) -> dict[str, Any]:
        return {"contentType": None, "contextUrl": None, "documentUrl": url, "document": base}

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
        "rdfDirection": "i18n-datatype",
    }
    theirs = pyld.normalize(document, options)
    assert '"^^<https://www.w3.org/ns/i18n#ar_rtl>' in theirs
    assert theirs.encode() == canonicalize(document)


def test_fractions_are_not_written_as_json(caller: Caller, credential: dict[str, Any]) -> None:
    """RFC 8785's floats are beyond the verifier's canonical JSON; RDF takes them."""
    credential["@context"].append(EXAMPLES)
    credential["credentialSubject"]["score"] = 87.5
    caller.verify(caller.issue(credential, cryptosuite=RDFC))
    assert "JSON_TYPE" in caller.refused(credential, cryptosuite=JCS)


def test_what_is_no_text_is_refused_with_a_word(credential: dict[str, Any]) -> None:
    """Found here: the canonicalisation used to end in an error of its library."""
    with pytest.raises(FormatError, match="JSONLD_INVALID"):
        jsonld.canonicalize({**credential, "name": "\ud800"})
