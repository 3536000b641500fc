"""Two proofs over one document: what each signs, that both are needed, and that they have one form."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import b64, dataintegrity, did, jsonld
from verifier.dataintegrity import JCS, RDFC
from verifier.errors import FormatError, SignatureError
from verifier.jsonld import CREDENTIALS
from verifier.publickey import PublicKey

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
X = b64.url_encode(PRIVATE.public_key().public_bytes_raw())
KEY = PublicKey({"kty": "OKP", "crv": "Ed25519", "x": X}, "ed25519")
METHOD = f"did:web:a.example%3A8000:i:org#{KEY.thumbprint}"
CREATED = "2026-03-13T02:00:00Z"
DOCUMENT: dict[str, Any] = {
    "@context": [CREDENTIALS],
    "type": ["VerifiableCredential"],
    "issuer": "did:web:a.example%3A8000:i:org",
    "name": "é",
}


def sign(document: dict[str, Any] = DOCUMENT, by: Callable[[bytes], bytes] = PRIVATE.sign) -> dict[str, Any]:
    return dataintegrity.sign(document, method=METHOD, created=CREATED, sign_bytes=by)


def why(value: dict[str, Any]) -> str:
    with pytest.raises(
        FormatError, match=r"^PROOFS_INVALID: the proofs are not the two that must be there: "
    ) as caught:
        dataintegrity.split(value)
    return caught.value.message.partition("there: ")[2]


def test_what_is_signed_is_two_hashes_of_canonical_forms() -> None:
    """EdDSA Cryptosuites 1.0, sections 3.2 and 3.3: the proof without its value comes first."""
    proof = {
        "type": "DataIntegrityProof",
        "created": CREATED,
        "proofPurpose": "assertionMethod",
        "verificationMethod": METHOD,
        "@context": [CREDENTIALS],
    }

    def compact(value: Any) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    expected = {
        RDFC: (jsonld.canonicalize({**proof, "cryptosuite": RDFC}), jsonld.canonicalize(DOCUMENT)),
        JCS: (compact({**proof, "cryptosuite": JCS}), compact(DOCUMENT)),
    }
    for suite, (first, second) in expected.items():
        signed = dataintegrity.signed_bytes(DOCUMENT, suite, method=METHOD, created=CREATED)
        assert signed == sha256(first).digest() + sha256(second).digest()
    assert len(expected[RDFC][0].splitlines()) == 5


def test_a_caller_may_bring_contexts_of_its_own() -> None:
    document = {"@context": ["urn:mine"], "name": "x"}
    signed = dataintegrity.signed_bytes(
        document, RDFC, method=METHOD, created=CREATED, contexts=[{"name": "urn:name"}]
    )
    assert signed[32:] == sha256(b'_:c14n0 <urn:name> "x" .\n').digest()


def test_the_document_is_given_with_both_proofs() -> None:
    secured = sign()
    assert {name: value for name, value in secured.items() if name != "proof"} == DOCUMENT
    values = [proof.pop("proofValue") for proof in secured["proof"]]
    common = {
        "created": CREATED,
        "proofPurpose": "assertionMethod",
        "type": "DataIntegrityProof",
        "verificationMethod": METHOD,
    }
    assert secured["proof"] == [
        {**common, "cryptosuite": RDFC},
        {**common, "cryptosuite": JCS, "@context": [CREDENTIALS]},
    ]
    for suite, value in zip((RDFC, JCS), values, strict=True):
        message = dataintegrity.signed_bytes(DOCUMENT, suite, method=METHOD, created=CREATED)
        assert did.from_multibase(value, 64) == PRIVATE.sign(message)


def test_undefined_terms_are_not_signed() -> None:
    with pytest.raises(FormatError, match="TERMS_UNDEFINED: the contexts define no colour, zodiac"):
        sign({**DOCUMENT, "zodiac": "x", "colour": "y"})


def test_both_proofs_have_to_hold() -> None:
    secured = sign()
    read = dataintegrity.split(secured)
    read.verify(KEY)
    assert (read.document, read.method, read.created) == (DOCUMENT, METHOD, CREATED)
    one, two = sign()["proof"]
    stranger = sign(by=lambda message: PRIVATE.sign(message + b"x"))["proof"]
    for proofs in ([one, stranger[1]], [stranger[0], two], stranger):
        with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
            dataintegrity.split({**DOCUMENT, "proof": proofs}).verify(KEY)
    swapped = [{**one, "proofValue": two["proofValue"]}, {**two, "proofValue": one["proofValue"]}]
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        dataintegrity.split({**DOCUMENT, "proof": swapped}).verify(KEY)


@pytest.mark.parametrize("proofs", [None, {}, [], "xx", [{}], [{}, {}, {}], {"0": {}, "1": {}}])
def test_there_are_two_of_them(proofs: Any) -> None:
    assert why({**DOCUMENT, "proof": proofs}) == "there are not exactly two"
    assert why(DOCUMENT) == "there are not exactly two"


def with_proof(number: int, **changes: Any) -> dict[str, Any]:
    """The document with members of one of its proofs set, or removed for `...`."""
    secured = sign()
    proof = {**secured["proof"][number], **changes}
    secured["proof"][number] = {name: value for name, value in proof.items() if value is not ...}
    return secured


@pytest.mark.parametrize(("number", "suite"), [(0, RDFC), (1, JCS)])
def test_each_proof_has_its_members(number: int, suite: str) -> None:
    names = [*sign()["proof"][number]]
    assert len(names) == 6 + number
    for name in names:
        assert why(with_proof(number, **{name: ...})) == f"{suite} has not its members"
    assert why(with_proof(number, domain="x")) == f"{suite} has not its members"
    for odd in (None, [], "x", 1, [["a", "b"]]):
        secured = sign()
        secured["proof"][number] = odd
        assert why(secured) == f"{suite} has not its members"


@pytest.mark.parametrize(("number", "suite"), [(0, RDFC), (1, JCS)])
def test_each_member_of_a_proof_has_its_value(number: int, suite: str) -> None:
    values: dict[str, tuple[Any, ...]] = {
        "cryptosuite": ("eddsa-2022", JCS if suite == RDFC else RDFC, None, [suite]),
        "proofPurpose": ("authentication", None, ["assertionMethod"]),
        "type": ("Ed25519Signature2020", None, ["DataIntegrityProof"]),
    }
    if suite == JCS:
        values["@context"] = ([], None, CREDENTIALS, [CREDENTIALS, CREDENTIALS])
    for name, others in values.items():
        for value in others:
            told = why(with_proof(number, **{name: value}))
            assert told == f"a member of {suite} has another value than it must have"
    malformed: dict[str, tuple[Any, ...]] = {
        "verificationMethod": (
            None, 1, [METHOD], "", "x", METHOD.partition("#")[0], f"{METHOD}x", METHOD[:-1], f"x{METHOD}", f"{METHOD}\n",
            f"did:web:{'a' * 401}#{KEY.thumbprint}", f"did:web:#{KEY.thumbprint}", f"did:web:a/b#{KEY.thumbprint}",
        ),
        "proofValue": (None, 1, []),
    }  # fmt: skip
    for name, others in malformed.items():
        for value in others:
            assert why(with_proof(number, **{name: value})) == f"a member of {suite} is malformed"
    for value in ("", "z", "x", sign()["proof"][number]["proofValue"][:-2], did.multibase(bytes(63))):
        with pytest.raises(FormatError, match="MULTIBASE_INVALID"):
            dataintegrity.split(with_proof(number, proofValue=value))
    for value in ("", "2026-03-13", "2026-02-30T00:00:00Z", None, 1):
        with pytest.raises(FormatError, match="TIME_INVALID: created"):
            dataintegrity.split(with_proof(number, created=value))


def test_a_method_of_400_characters_is_read() -> None:
    method = f"did:web:{'a' * 400}#{KEY.thumbprint}"
    secured = dataintegrity.sign(DOCUMENT, method=method, created=CREATED, sign_bytes=PRIVATE.sign)
    assert dataintegrity.split(secured).method == method


def test_both_proofs_name_one_key_and_one_time() -> None:
    for changes in (
        {"created": "2026-03-13T02:00:01Z"},
        {"verificationMethod": METHOD.replace("org", "other")},
    ):
        for number in (0, 1):
            assert why(with_proof(number, **changes)) == "they differ in key or time"
