"""Other people's software reads our credentials and refuses what it must."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import pytest
from openbadgeslib.ob3 import status as ob_status
from openbadgeslib.ob3 import verifier as ob_verifier
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError
from openvc.errors import OpenvcError
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite
from openvc.status.bitstring import decode_bitstring, get_status_bit
from pyld import jsonld as pyld

from keys.signer import Ed25519Signer
from tests.holder.credentials import signed
from tests.holder.shop import Shop, changed, renamed
from verifier import dataintegrity, did, jcs, jsonld

SCHEMA = (
    Path(__file__).resolve().parents[3]
    / "shared/vectors/open-badges/ob_v3p0_achievementcredential_schema.json"
)
STATUS = "https://www.w3.org/2018/credentials#credentialStatus"
UNTIL = "https://www.w3.org/2018/credentials#validUntil"
SUITES: dict[str, Any] = {dataintegrity.RDFC: DataIntegrityProofSuite, dataintegrity.JCS: EddsaJcsProofSuite}
"""Each takes one proof, not a set."""


@pytest.fixture(scope="module")
def openbadges(shop: Shop) -> Iterator[Callable[[bytes], Any]]:
    """openbadgeslib, given what it would download, with the process's clock at the ledger's time."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return shop.now.astimezone(tz or UTC)

    def download(url: str) -> bytes:
        base = shop.demo["base_url"]
        # did:web has no other scheme than https; the demonstration has http on loopback.
        return shop.fetch(url.removeprefix(base).removeprefix(base.replace("http:", "https:")))

    def verify(data: bytes) -> Any:
        return OB3LdpVerifier().verify(data, check_status=True, verify_status_list=False, download=download)

    with mock.patch.object(ob_verifier, "datetime", Clock), mock.patch.object(ob_status, "datetime", Clock):
        yield verify


def openvc(shop: Shop, data: bytes, suite: str) -> Any:
    """openvc-core with one of the two proofs alone, and the key from our DID document."""
    value = json.loads(data)
    proof = next(each for each in value["proof"] if each["cryptosuite"] == suite)
    document = json.loads(
        shop.fetch(f"/i/{proof['verificationMethod'].partition('#')[0].rpartition(':')[2]}/did.json")
    )
    assert proof["verificationMethod"] in document["assertionMethod"]
    method = next(
        each for each in document["verificationMethod"] if each["id"] == proof["verificationMethod"]
    )
    point = did.from_multibase(method["publicKeyMultibase"], 34)[2:]
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(point).rstrip(b"=").decode()}
    contexts = {jsonld.OPEN_BADGES: context(jsonld.OPEN_BADGES)}
    options: dict[str, Any] = {"extra_contexts": contexts} if suite == dataintegrity.RDFC else {}
    return SUITES[suite]().verify({**value, "proof": proof}, public_key_jwk=jwk, now=shop.now, **options)


def context(url: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        (files("verifier") / "contexts" / jsonld.CONTEXTS[url][0]).read_bytes()
    )
    return content


# -- accepted ----------------------------------------------------------------------------------------------------


def test_all_that_stand_are_accepted_by_openbadgeslib(shop: Shop, openbadges: Callable[[bytes], Any]) -> None:
    count = 0
    for entry in shop.demo["certificates"]:
        if entry["expected_status"] == "VALID":
            data = shop.credential(entry["code"])
            assert openbadges(data).issuer.id == json.loads(data)["issuer"]["id"]
            count += 1
    assert count > 40


@pytest.mark.parametrize("suite", SUITES)
def test_each_proof_alone_is_accepted_by_openvc(shop: Shop, suite: str) -> None:
    for kind in ("TRAINING", "COMPETENCE", "UNIT_STATEMENT"):
        data = shop.credential(shop.with_status("VALID", kind=kind)["code"])
        openvc(shop, data, suite)
        openvc(shop, shop.status_bytes(data), suite)


def test_openvc_reads_the_status_list(shop: Shop) -> None:
    for entry in shop.demo["certificates"]:
        if entry["expected_status"] in {"VALID", "REVOKED", "SUSPENDED"}:
            data = shop.credential(entry["code"])
            listed = json.loads(shop.status_bytes(data))
            bits = decode_bitstring(listed["credentialSubject"]["encodedList"])
            index = int(json.loads(data)["credentialStatus"]["statusListIndex"])
            assert get_status_bit(bits, index) == (entry["expected_status"] != "VALID")


def test_the_strict_schema_holds(shop: Shop) -> None:
    if not SCHEMA.exists():
        pytest.skip("the folder of outside vectors is not beside the project")
    checker = jsonschema.Draft201909Validator(
        json.loads(SCHEMA.read_bytes()), format_checker=jsonschema.FormatChecker()
    )
    for kind in ("TRAINING", "COMPETENCE", "UNIT_STATEMENT"):
        value = json.loads(shop.credential(shop.with_status("VALID", kind=kind)["code"]))
        checker.validate(value)
        with pytest.raises(jsonschema.ValidationError):
            checker.validate({**value, "proof": value["proof"][0]})


def test_pyld_makes_the_same_canonical_rdf(shop: Shop, good: bytes) -> None:
    def load(url: str, _options: Any = None) -> dict[str, Any]:
        return {"contentType": None, "contextUrl": None, "documentUrl": url, "document": context(url)}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    for data in (good, shop.status_bytes(good), shop.credential(shop.with_status("REVOKED")["code"])):
        secured = dataintegrity.split(json.loads(data))
        assert pyld.normalize(dict(secured.document), options).encode() == jsonld.canonicalize(
            secured.document
        )
        proof = dataintegrity._proof(secured.document, dataintegrity.RDFC, secured.method, secured.created)
        quads = dataintegrity._proof_quads(secured.method, secured.created)
        assert pyld.normalize(proof, options).encode() == quads


def test_the_contexts_are_the_published_ones() -> None:
    published = (files("openvc") / "proof" / "contexts" / "credentials-v2.json").read_bytes()
    digest = hashlib.sha256(published).hexdigest()
    assert digest == "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    assert json.loads(published) == context(jsonld.CREDENTIALS)
    theirs = (files("openbadgeslib") / "ob3" / "contexts" / "ob-v3p0-context-3.0.3.json").read_bytes()
    ours = context(jsonld.OPEN_BADGES)["@context"]
    assert ours.items() <= json.loads(theirs)["@context"].items()  # later two terms were added


# -- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["REVOKED", "SUSPENDED", "EXPIRED"])
def test_what_does_not_stand_is_refused(shop: Shop, openbadges: Callable[[bytes], Any], status: str) -> None:
    data = shop.credential(shop.with_status(status)["code"])
    with pytest.raises(OB3VerificationError, match="expired" if status == "EXPIRED" else "status"):
        openbadges(data)
    if status == "EXPIRED":
        for suite in SUITES:
            with pytest.raises(OpenvcError):
                openvc(shop, data, suite)


def test_one_changed_byte_is_refused(shop: Shop, good: bytes, openbadges: Callable[[bytes], Any]) -> None:
    holder = json.loads(good)["credentialSubject"]["identifier"][0]["identityHash"].encode()
    other = good.replace(holder, holder[:-1] + bytes([holder[-1] ^ 1]))
    assert other != good
    _refused_by_all(shop, other, openbadges)


@pytest.mark.parametrize(("name", "iri"), [("credentialStatus", STATUS), ("validUntil", UNTIL)])
def test_a_renamed_member_is_refused(
    shop: Shop, good: bytes, openbadges: Callable[[bytes], Any], name: str, iri: str
) -> None:
    _refused_by_all(shop, renamed(good, name, iri), openbadges)


def test_a_credential_by_another_issuers_key_is_refused(
    shop: Shop, good: bytes, openbadges: Callable[[bytes], Any]
) -> None:
    stranger = Ed25519Signer.generate()
    document = {name: value for name, value in json.loads(good).items() if name != "proof"}
    forged = dataintegrity.sign(
        document,
        method=json.loads(good)["proof"][0]["verificationMethod"],
        created=document["validFrom"],
        sign_bytes=lambda message: stranger.sign(message).sig,
    )
    _refused_by_all(shop, jcs.encode(forged), openbadges)
    # Signed well, but by a key that the named issuer's DID document does not have.
    own = "did:key:" + did.multikey(stranger.jwk)
    method = f"{own}#{did.multikey(stranger.jwk)}"
    other = changed(
        jcs.encode(forged),
        (("proof", 0, "verificationMethod"), method),
        (("proof", 1, "verificationMethod"), method),
    )
    with pytest.raises(OB3VerificationError):
        openbadges(other)


def test_what_our_signer_refuses_would_have_been_accepted_unsigned(shop: Shop, good: bytes) -> None:
    """Why signing refuses undefined terms: canonical RDF does not see them."""
    document = {name: value for name, value in json.loads(good).items() if name != "proof"}
    assert jsonld.canonicalize({**document, "zodiac": "x"}) == jsonld.canonicalize(document)
    assert jsonld.undefined_terms({**document, "zodiac": "x"}) == ["zodiac"]
    assert signed(shop, good, lambda _: None)


def _refused_by_all(shop: Shop, data: bytes, openbadges: Callable[[bytes], Any]) -> None:
    with pytest.raises(OB3VerificationError):
        openbadges(data)
    for suite in SUITES:
        with pytest.raises(OpenvcError):
            openvc(shop, data, suite)
