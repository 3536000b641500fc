"""Presentations: file 4.13 of w3c/vc-data-model-2.0-test-suite, and what its files 4.03 and 4.05 ask of them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from tests.conformance.caller import Caller
from tests.conformance.proofs import Issuer
from verifier.dataintegrity import JCS, RDFC

BASE = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
TERMS = "https://example.org/terms#"

Present = Callable[..., dict[str, Any]]


@pytest.fixture
def holder() -> Issuer:
    return Issuer(Ed25519Signer.generate())


@pytest.fixture
def present(caller: Caller, credential: dict[str, Any], holder: Issuer) -> Present:
    """A presentation of a credential by somebody else, with these members (None: left out)."""

    def make(suite: str = RDFC, proof: Mapping[str, Any] | None = None, **members: Any) -> dict[str, Any]:
        document = {
            "@context": [BASE],
            "type": ["VerifiablePresentation"],
            "holder": holder.did,
            "verifiableCredential": [caller.issue(credential)],
            **members,
        }
        document = {name: value for name, value in document.items() if value is not None}
        return caller.sign(
            document, by=holder, cryptosuite=suite, **{"proofPurpose": "authentication", **(proof or {})}
        )

    return make


@pytest.mark.parametrize("suite", [RDFC, JCS])
@pytest.mark.parametrize(
    "members",
    [
        {},
        {"id": "urn:uuid:313801ba-24b7-11ee-be02-ff560265cf9b"},
        {"type": "VerifiablePresentation"},
        {"type": ["VerifiablePresentation", TERMS + "Own"]},
        {"@context": [BASE, EXAMPLES], "type": ["VerifiablePresentation", "Own"]},
        {"@context": [BASE, {"Own": TERMS + "Own"}], "type": ["VerifiablePresentation", "Own"]},
        {"holder": None},
        {"holder": {"id": "did:example:holder"}},
        {"verifiableCredential": None},
        {"verifiableCredential": []},
    ],
    ids=repr,
)
def test_accepted(caller: Caller, present: Present, suite: str, members: Mapping[str, Any]) -> None:
    caller.verify(present(suite, **members))


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"@context": None}, "the first item of @context"),
        ({"@context": [EXAMPLES, BASE]}, "the first item of @context"),
        ({"@context": [EXAMPLES]}, "the first item of @context"),
        ({"@context": [BASE, "https://example.com"]}, "@context has an item"),
        ({"@context": [BASE, "https ://not-a-url"]}, "@context has an item"),
        ({"@context": [BASE, 123192875]}, "@context has an item"),
        ({"id": "not-a-url"}, "the id of the document"),
        ({"type": ["VerifiablePresentation", "Own"]}, "the contexts define no Own"),
        ({"holder": {"id": "z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj"}}, "holder is neither"),
        ({"holder": {"name": "x"}}, "holder is neither"),
        ({"verifiableCredential": "https://example.org/credentials/1"}, "verifiableCredential is not"),
        ({"verifiableCredential": [1]}, "verifiableCredential is not"),
        ({"termsOfUse": {"id": "did:example:a"}}, "termsOfUse has no type"),
        ({"zodiac": "x"}, "the contexts define no zodiac"),
    ],
    ids=repr,
)
def test_refused(caller: Caller, present: Present, members: Mapping[str, Any], why: str) -> None:
    assert why in caller.rejected(present(JCS, **members))


@pytest.mark.parametrize("types", [None, [], ["VerifiableCredential"]], ids=repr)
def test_another_type(caller: Caller, present: Present, types: Any) -> None:
    presentation = present(JCS, type=types)
    answer = caller.client.post("/presentations/verify", json={"verifiablePresentation": presentation})
    assert answer.status_code == 400
    assert "type" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("suite", [RDFC, JCS])
def test_altered(caller: Caller, present: Present, suite: str) -> None:
    presentation = present(suite)
    caller.verify(presentation)
    presentation["verifiableCredential"][0]["credentialSubject"]["name"] = "Siti Rahayu Dewi"
    assert "SIGNATURE_WRONG" in caller.rejected(presentation)


def test_a_credential_that_does_not_hold(
    caller: Caller, present: Present, credential: dict[str, Any]
) -> None:
    """The presenter may sign a false credential; it is false still."""
    issued = caller.issue(credential)
    forged = {**issued, "credentialSubject": {"id": "did:example:other"}}
    assert "SIGNATURE_WRONG" in caller.rejected(present(verifiableCredential=[issued, forged]))
    unsecured = {name: value for name, value in issued.items() if name != "proof"}
    assert "there is no proof" in caller.rejected(present(verifiableCredential=[unsecured]))


def test_no_proof(caller: Caller, present: Present) -> None:
    presentation = present()
    del presentation["proof"]
    assert "there is no proof" in caller.rejected(presentation)


def test_what_the_verifier_asked_for(caller: Caller, present: Present) -> None:
    asked = {"domain": "desk.example", "challenge": "1235abcd6789"}
    presentation = present(proof=asked)
    caller.verify(presentation, **asked)
    assert "INVALID_CHALLENGE_ERROR" in caller.rejected(presentation, challenge="other")
    assert "INVALID_DOMAIN_ERROR" in caller.rejected(presentation, domain="other.example")
    assert "its proofPurpose is not" in caller.rejected(presentation, expectedProofPurpose="assertionMethod")


def test_ones_own_credential(
    caller: Caller, present: Present, credential: dict[str, Any], holder: Issuer
) -> None:
    own = caller.sign({**credential, "issuer": holder.did}, by=holder)
    caller.verify(present(verifiableCredential=[own]))
    caller.verify(present(verifiableCredential=[own], holder={"id": holder.did}))
    for other in (None, "did:example:acme"):
        assert "the presenter's own" in caller.rejected(present(verifiableCredential=[own], holder=other))
    stranger = caller.sign({**credential, "issuer": "did:example:acme"}, by=holder)
    assert "not secured by its issuer" in caller.rejected(present(verifiableCredential=[stranger]))
