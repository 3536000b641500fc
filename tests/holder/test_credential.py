"""A credential before our own verifier: exact terms, both proofs, a fresh list by its issuer, the key's window."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import issuer_keys
from keys.signer import Ed25519Signer
from tests.holder.credentials import check, signed
from tests.holder.shop import Shop, changed, renamed
from verifier import credential, dataintegrity, did, jcs, shape
from verifier.answer import Verdict
from verifier.errors import FormatError

STATUS = "https://www.w3.org/2018/credentials#credentialStatus"
UNTIL = "https://www.w3.org/2018/credentials#validUntil"
TOLD = {"VALID": "STANDS", "EXPIRED": "EXPIRED", "SUSPENDED": "WITHDRAWN", "REVOKED": "WITHDRAWN"}


# -- what stands and what does not -------------------------------------------------------------------------------


def test_every_certificate_of_the_year_is_told_right(shop: Shop) -> None:
    keys, seen = shop.keys, set()
    for entry in shop.demo["certificates"]:
        if entry["expected_status"] in TOLD:
            data = shop.credential(entry["code"])
            answer = credential.check(data, keys, shop.status(data), shop.now)
            assert answer.code == TOLD[entry["expected_status"]]
            assert (answer.facts["number"], answer.facts["kind"]) == (entry["number"], entry["kind"])
            seen.add(entry["expected_status"])
    assert seen == TOLD.keys()


@pytest.mark.parametrize("status", ["REPLACED", "NO_LONGER_VERIFIABLE"])
def test_where_the_page_shows_no_name_there_is_no_credential(shop: Shop, status: str) -> None:
    answer = shop.client.get(f"/v/{shop.with_status(status)['code']}/credential.json")
    assert (answer.status_code, answer.json()["code"]) == (404, status)


def test_it_is_the_same_whenever_it_is_made(shop: Shop, good: bytes) -> None:
    assert shop.credential(shop.with_status("VALID", kind="COMPETENCE")["code"]) == good


def test_another_spelling_of_the_same_json_holds(shop: Shop, good: bytes) -> None:
    pretty = json.dumps(json.loads(good), indent=4, sort_keys=False).encode()
    assert check(shop, pretty).code == "STANDS"


# -- what somebody may have done to it ---------------------------------------------------------------------------

SUBJECT = "credentialSubject"
CHANGES: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "name": ((SUBJECT, "identifier", 0, "identityHash"), "Orang Lain"),
    "number": ((SUBJECT, "licenseNumber"), "1"),
    "unit": ((SUBJECT, "achievement", "alignment", 0, "targetCode"), "X.000000.000.00"),
    "result": ((SUBJECT, "result", 0, "value"), "BK"),
    "last day": (("validUntil",), "2099-01-01T00:00:00Z"),
    "no last day": (("validUntil",), ...),
    "no status": (("credentialStatus",), ...),
    "another list": (("credentialStatus", "statusListIndex"), "1"),
    "issuer's name": (("issuer", "name"), "LSP Lain"),
    "issuer": (("issuer", "id"), "did:web:localhost%3A8000:i:other"),
    "first proof gone": (("proof", 0), ...),
    "second proof gone": (("proof", 1), ...),
    "no proofs": (("proof",), ...),
    "no proof's value": (("proof", 0, "proofValue"), ...),
    "a value of nothing": (("proof", 1, "proofValue"), "z1"),
    "purpose": (("proof", 0, "proofPurpose"), "authentication"),
    "suite": (("proof", 1, "cryptosuite"), "eddsa-rdfc-2022"),
    "an extra context": (("@context", 1), "https://www.w3.org/ns/credentials/v2"),
    "a context of one's own": (("@context",), [{"@vocab": "urn:x:"}]),
    "an extra member": (("evidence",), []),
    "an extra member inside": ((SUBJECT, "id"), "did:example:1"),
    "a number": (("name",), 5),
    "an object for a list": ((SUBJECT, "identifier"), {}),
    "a context inside": (("issuer", "@context"), {"name": "urn:x"}),
    "@id for id": (("issuer", "@id"), "did:web:x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_no_change_is_believed(shop: Shop, good: bytes, change: tuple[tuple[str | int, ...], Any]) -> None:
    answer = check(shop, changed(good, change))
    assert answer.verdict is Verdict.DOES_NOT_STAND
    assert not answer.facts


def test_proofs_in_another_order_or_twice_are_refused(shop: Shop, good: bytes) -> None:
    one, two = json.loads(good)["proof"]
    for proofs in ([two, one], [one, one], [two, two], [one, two, one], one):
        answer = check(shop, changed(good, (("proof",), proofs)))
        assert answer.verdict is Verdict.DOES_NOT_STAND


@pytest.mark.parametrize(("name", "iri"), [("credentialStatus", STATUS), ("validUntil", UNTIL)])
def test_a_member_renamed_to_its_iri_is_refused_though_the_rdf_is_the_same(
    shop: Shop, good: bytes, name: str, iri: str
) -> None:
    from verifier import jsonld

    forged = renamed(good, name, iri)
    if name == "credentialStatus":
        plain = {key: value for key, value in json.loads(forged).items() if key != "proof"}
        assert jsonld.canonicalize(plain) == jsonld.canonicalize(
            dataintegrity.split(json.loads(good)).document
        )
    assert check(shop, forged).code == "SHAPE_WRONG"


def test_json_with_a_member_twice_is_refused(shop: Shop, good: bytes) -> None:
    twice = good[:-1] + b',"validUntil":"2099-01-01T00:00:00Z"}'
    assert check(shop, twice).code == "JSON_INVALID"


def test_every_text_of_it_is_signed_by_each_proof_alone(shop: Shop, good: bytes) -> None:
    """Neither proof leaves a gap that only the other closes: each fails on each changed text."""
    secured = json.loads(good)
    proofs = dataintegrity.split(secured)
    base = {
        suite: dataintegrity.signed_bytes(
            proofs.document, suite, method=proofs.method, created=proofs.created
        )
        for suite in (dataintegrity.RDFC, dataintegrity.JCS)
    }
    places = list(_texts(proofs.document, ()))
    assert len(places) > 40
    for place in places:
        if place[0] == "@context" or place[-1] == "@context":
            continue
        other = json.loads(json.dumps(proofs.document))
        target = other
        for part in place[:-1]:
            target = target[part]
        target[place[-1]] = "urn:uuid:00000000-0000-4000-8000-000000000000"
        for suite, message in base.items():
            assert message != dataintegrity.signed_bytes(
                other, suite, method=proofs.method, created=proofs.created
            ), (suite, place)


def _texts(value: Any, place: tuple[str | int, ...]) -> Any:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, (*place, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*place, number))
    elif isinstance(value, str):
        yield place


@given(st.data())
def test_a_mangled_credential_is_never_believed(shop: Shop, good: bytes, data: st.DataObject) -> None:
    mangled = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        mangled[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    answer = credential.check(bytes(mangled), shop.keys, None, shop.now)
    assert answer.verdict is Verdict.DOES_NOT_STAND or json.loads(bytes(mangled)) == json.loads(good)


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers() | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*sorted(credential.SHAPE), "proof"]), JSON)
def test_any_member_of_any_kind_is_answered(shop: Shop, good: bytes, name: str, value: Any) -> None:
    answer = credential.check(changed(good, ((name,), value)), shop.keys, None, shop.now)
    assert answer.verdict is Verdict.DOES_NOT_STAND


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(shop: Shop, data: bytes) -> None:
    assert credential.check(data, shop.keys, None, shop.now).verdict is Verdict.DOES_NOT_STAND


# -- what an issuer may have done wrong --------------------------------------------------------------------------


def test_a_key_of_another_purpose_or_issuer_does_not_sign(shop: Shop, good: bytes) -> None:
    assert check(shop, signed(shop, good, lambda _: None)).code == "STANDS"
    assert check(shop, signed(shop, good, lambda _: None, "status")).code == "KEY_UNKNOWN"
    other = next(one for one in issuer_keys.issuers(shop.house) if one not in good.decode())
    own = json.loads(good)["issuer"]["id"]

    def usurp(document: dict[str, Any]) -> None:
        document["issuer"]["id"] = did.did_web(shop.demo["base_url"], other)

    stolen = json.loads(signed(shop, good, usurp))
    stolen["issuer"]["id"] = own
    assert check(shop, json.dumps(stolen).encode()).code == "ISSUER_WRONG"


def test_a_stranger_signs_nothing(shop: Shop, good: bytes) -> None:
    stranger = Ed25519Signer.generate()
    document = {name: value for name, value in json.loads(good).items() if name != "proof"}
    forged = dataintegrity.sign(
        document,
        method=did.method_id(document["issuer"]["id"], stranger.thumbprint),
        created=document["validFrom"],
        sign_bytes=lambda message: stranger.sign(message).sig,
    )
    assert check(shop, jcs.encode(forged)).code == "KEY_UNKNOWN"
    for proof, genuine in zip(forged["proof"], json.loads(good)["proof"], strict=True):
        proof["verificationMethod"] = genuine["verificationMethod"]
    assert check(shop, jcs.encode(forged)).code == "FORGED"


def test_one_genuine_proof_is_not_enough(shop: Shop, good: bytes) -> None:
    stranger, value = Ed25519Signer.generate(), json.loads(good)
    document = {name: member for name, member in value.items() if name != "proof"}
    forged = dataintegrity.sign(
        document,
        method=value["proof"][0]["verificationMethod"],
        created=value["proof"][0]["created"],
        sign_bytes=lambda message: stranger.sign(message).sig,
    )
    one, two = value["proof"]
    for proofs in ([one, forged["proof"][1]], [forged["proof"][0], two]):
        assert check(shop, changed(good, (("proof",), proofs))).code == "FORGED"


@pytest.mark.parametrize(
    "path",
    [("zodiac",), ("issuer", "motto"), (SUBJECT, "achievement", "colour"), (SUBJECT, "result", 0, "x")],
)
def test_a_term_that_no_context_defines_is_not_signed(
    shop: Shop, good: bytes, path: tuple[str | int, ...]
) -> None:
    def add(document: dict[str, Any]) -> None:
        target: Any = document
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = "x"

    with pytest.raises(FormatError, match="TERMS_UNDEFINED"):
        signed(shop, good, add)


def test_a_type_that_no_context_defines_is_not_signed(shop: Shop, good: bytes) -> None:
    def add(document: dict[str, Any]) -> None:
        document["type"].append("GoldMedal")

    with pytest.raises(FormatError, match="TERMS_UNDEFINED"):
        signed(shop, good, add)


def test_parts_that_contradict_each_other_are_refused_even_when_signed(shop: Shop, good: bytes) -> None:
    def other_list(document: dict[str, Any]) -> None:
        document["credentialStatus"]["id"] = document["credentialStatus"]["statusListCredential"] + "#1"

    def backwards(document: dict[str, Any]) -> None:
        document["validUntil"] = "2020-01-01T00:00:00Z"

    def another_title(document: dict[str, Any]) -> None:
        document["name"] = "Dokter Gigi"

    for change in (other_list, backwards, another_title):
        assert check(shop, signed(shop, good, change)).code == "CREDENTIAL_CONTRADICTORY"


# -- its status --------------------------------------------------------------------------------------------------


def test_without_a_fresh_list_of_its_issuer_nothing_is_known(shop: Shop, good: bytes) -> None:
    status = shop.status(good)
    assert check(shop, good, status=None).code == "STATUS_UNKNOWN"
    assert check(shop, good, status=status, now=status.valid_until).code == "STANDS"
    late = check(shop, good, status=status, now=status.valid_until + timedelta(seconds=1))
    assert (late.verdict, late.code) == (Verdict.UNKNOWN, "STATUS_UNKNOWN")
    other = shop.status(shop.credential(shop.with_status("VALID", kind="TRAINING")["code"]))
    assert check(shop, good, status=other).code == "STATUS_UNKNOWN"
    assert check(shop, good, status=replace(status, issuer=other.issuer)).code == "STATUS_UNKNOWN"
    assert check(shop, good, status=replace(status, url=other.url)).code == "STATUS_UNKNOWN"
    assert check(shop, good, status=replace(status, bits=b"")).code == "STATUS_UNKNOWN"


def test_it_expires_with_its_last_second(shop: Shop, good: bytes) -> None:
    last = datetime.fromisoformat(json.loads(good)["validUntil"])
    assert check(shop, good, now=last).code == "STATUS_UNKNOWN"
    assert check(shop, good, now=last + timedelta(seconds=1)).code == "EXPIRED"
    first = datetime.fromisoformat(json.loads(good)["validFrom"])
    early = check(shop, good, now=first - timedelta(hours=1))
    assert (early.verdict, early.code) == (Verdict.UNKNOWN, "NOT_YET_ISSUED")


def test_shapes_tell_the_place(good: bytes) -> None:
    value = shape.parse_object(
        changed(good, ((SUBJECT, "achievement", "alignment", 1, "targetType"), "x")), 1 << 20
    )
    with pytest.raises(FormatError, match=r"credentialSubject\.achievement\.alignment\[1\]\.targetType"):
        credential.check_document(dataintegrity.split(value).document)
