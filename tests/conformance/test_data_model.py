"""What the suite w3c/vc-data-model-2.0-test-suite asks, by its files 4.03 to 4.13 and 5, with documents of our own.

That suite sends credentials to be issued and looks whether they are. So does this; what is refused must be refused
for the reason that is stated, and the same document must not verify either, however well it is signed.
"""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest

from tests.conformance.caller import Caller

BASE = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
TERMS = "https://example.org/terms#"
PUBLISHED = (files("openvc") / "proof" / "contexts" / "credentials-v2.json").read_bytes()
SRI = f"sha384-{base64.b64encode(hashlib.sha384(PUBLISHED).digest()).decode()}"
DIGEST = "u" + base64.urlsafe_b64encode(hashlib.sha256(PUBLISHED).digest()).decode().rstrip("=")
THING = {"id": "did:example:thing", "type": TERMS + "Thing"}
ENGLISH = {"@value": "Example", "@language": "en"}

# file of the suite, what it is about: members to be set (None: left out)
ACCEPTED: dict[tuple[str, str], Mapping[str, Any]] = {
    ("4.03", "the base context"): {},
    ("4.03", "two addresses"): {"@context": [BASE, EXAMPLES]},
    ("4.03", "an object"): {
        "@context": [BASE, {"Own": TERMS + "Own"}],
        "type": ["VerifiableCredential", "Own"],
    },
    ("4.04", "no id"): {"id": None},
    ("4.04", "a did"): {"id": "did:example:credential"},
    ("4.04", "an address"): {"id": "https://example.org/credentials/1"},
    ("4.05", "one type as a string"): {"type": "VerifiableCredential"},
    ("4.05", "a URL as a type"): {"type": ["VerifiableCredential", TERMS + "Own"]},
    ("4.05", "another order"): {"type": [TERMS + "Own", "VerifiableCredential", TERMS + "Other"]},
    ("4.05", "a type of the vocabulary"): {
        "@context": [BASE, EXAMPLES],
        "type": ["VerifiableCredential", "Any"],
    },
    ("4.06", "name as a string"): {"name": "Example"},
    ("4.06", "name with its language"): {"name": ENGLISH},
    ("4.06", "name with its direction"): {"name": {**ENGLISH, "@direction": "ltr"}},
    ("4.06", "name in two languages"): {"name": [ENGLISH, {"@value": "Contoh", "@language": "id"}]},
    ("4.06", "description"): {"description": ENGLISH},
    ("4.09", "a moment with fractions"): {"validFrom": "2023-03-02T10:00:00.123Z"},
    ("4.09", "a moment with an offset"): {"validFrom": "2023-03-02T10:00:00-05:00"},
    ("4.09", "both ends at once"): {
        "validFrom": "2026-06-01T12:00:00Z",
        "validUntil": "2026-06-01T12:00:00Z",
    },
    ("4.10", "a status of another type"): {"credentialStatus": THING},
    ("4.10", "a status without an id"): {"credentialStatus": {"type": TERMS + "Status"}},
    ("4.11", "a schema"): {"credentialSchema": THING},
    ("4.11", "two schemas"): {"credentialSchema": [THING, {**THING, "id": "did:example:other"}]},
    ("5", "terms of use"): {"termsOfUse": [THING, {"type": TERMS + "Policy"}]},
    ("5", "evidence"): {"evidence": [{"type": TERMS + "Evidence"}]},
    ("5", "a refresh service"): {"refreshService": THING},
    ("5", "a related resource"): {
        "relatedResource": {"id": BASE, "digestSRI": SRI, "mediaType": "application/ld+json"}
    },
    ("5", "a related resource by multibase"): {"relatedResource": [{"id": BASE, "digestMultibase": DIGEST}]},
}
SUBJECTS_ACCEPTED: dict[str, Any] = {
    "two subjects": [{"id": "did:example:a"}, {"id": "did:example:b"}],
    "no id": {"name": "Siti Rahayu"},
}
ISSUERS_ACCEPTED: dict[str, Mapping[str, Any]] = {
    "an object": {},
    "a name": {"name": "Example"},
    "a name in two languages": {"name": [ENGLISH, {"@value": "Contoh", "@language": "id"}]},
    "a description": {"description": ENGLISH},
}

# and how the refusal begins
REFUSED: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {
    ("4.03", "no context"): ({"@context": None}, "the first item of @context"),
    ("4.03", "a context as a string"): ({"@context": BASE}, "the first item of @context"),
    ("4.03", "an empty context"): ({"@context": []}, "the first item of @context"),
    ("4.03", "another first"): ({"@context": [EXAMPLES, BASE]}, "the first item of @context"),
    ("4.03", "an address that is none"): (
        {"@context": [BASE, "https ://not-a-url/v1"]},
        "@context has an item that is not known",
    ),
    ("4.03", "an address that is not at hand"): (
        {"@context": [BASE, "https://example.com"]},
        "@context has an item",
    ),
    ("4.03", "a number"): ({"@context": [BASE, 123192875]}, "@context has an item"),
    ("4.04", "two ids"): ({"id": ["did:example:a", "did:example:b"]}, "the id of the document"),
    ("4.04", "no URL"): ({"id": "not-a-url"}, "the id of the document"),
    ("4.05", "no type"): ({"type": None}, "the document has no type"),
    ("4.05", "no types"): ({"type": []}, "the document has no type"),
    ("4.05", "another type only"): ({"type": [TERMS + "Own"]}, "type does not name VerifiableCredential"),
    ("4.05", "a type without a meaning"): (
        {"type": ["VerifiableCredential", "Own"]},
        "the contexts define no Own",
    ),
    ("4.05", "a type whose vocabulary was taken away"): (
        {"@context": [BASE, {"@vocab": None}], "type": ["VerifiableCredential", "Own"]},
        "the contexts define no Own",
    ),
    ("4.05", "a type that means no URL"): (
        {
            "@context": [BASE, {"Own": "https ://not-a-url#Own"}],
            "type": ["VerifiableCredential", "Own"],
        },
        "@context gives 'Own' a meaning that is no URL",
    ),
    ("4.06", "name with more members"): (
        {"name": {**ENGLISH, "url": "did:example:a"}},
        "name is neither",
    ),
    ("4.06", "name as a number"): ({"name": 1}, "name is neither"),
    ("4.06", "description with more members"): (
        {"description": {**ENGLISH, "url": "did:example:a"}},
        "description is neither",
    ),
    ("4.09", "a day"): ({"validFrom": "2023-03-02"}, "validFrom is not"),
    ("4.09", "a moment without an offset"): ({"validFrom": "2023-03-02T10:00:00"}, "validFrom is not"),
    ("4.09", "a moment that does not exist"): ({"validUntil": "2023-02-30T10:00:00Z"}, "validUntil is not"),
    ("4.09", "the end before the beginning"): (
        {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2025-01-01T00:00:00Z"},
        "validUntil is before validFrom",
    ),
    ("4.09", "the end before the beginning, by offsets"): (
        {"validFrom": "2025-01-01T00:00:00Z", "validUntil": "2025-01-01T06:59:59+07:00"},
        "validUntil is before validFrom",
    ),
    ("4.10", "a status without a type"): (
        {"credentialStatus": {"id": "did:example:status"}},
        "credentialStatus has no type",
    ),
    ("4.10", "a status with two ids"): (
        {"credentialStatus": {**THING, "id": ["did:example:a", "did:example:b"]}},
        "the id of credentialStatus",
    ),
    ("4.10", "a status whose id is no URL"): (
        {"credentialStatus": {**THING, "id": "status"}},
        "the id of credentialStatus",
    ),
    ("4.10", "a status whose type is a number"): (
        {"credentialStatus": {**THING, "type": 2}},
        "credentialStatus has no type",
    ),
    ("4.11", "a schema without a type"): (
        {"credentialSchema": {"id": "did:example:a"}},
        "credentialSchema has no type",
    ),
    ("4.11", "a schema without an id"): (
        {"credentialSchema": {"type": TERMS + "Schema"}},
        "credentialSchema has no id",
    ),
    ("4.11", "a schema whose id is no URL"): (
        {"credentialSchema": [{**THING, "id": "a"}]},
        "the id of credentialSchema",
    ),
    ("5", "a protected term redefined"): (
        {"@context": [BASE, {"VerifiableCredential": TERMS + "Bad"}]},
        "JSONLD_INVALID",
    ),
    ("5", "a term protected by its own context redefined"): (
        {
            "@context": [BASE, {"@protected": True, "Own": TERMS + "Own"}, {"Own": TERMS + "Bad"}],
            "type": ["VerifiableCredential", "Own"],
        },
        "JSONLD_INVALID",
    ),
    ("5", "terms of use without a type"): ({"termsOfUse": {"id": "did:example:a"}}, "termsOfUse has no type"),
    ("5", "evidence without a type"): ({"evidence": [{"id": "did:example:a"}]}, "evidence has no type"),
    ("5", "a refresh service without a type"): (
        {"refreshService": {"id": "did:example:a"}},
        "refreshService has no type",
    ),
    ("5", "related resources as strings"): (
        {"relatedResource": [BASE]},
        "relatedResource is not one or more objects",
    ),
    ("5", "a related resource without an id"): (
        {"relatedResource": [{"digestSRI": SRI}]},
        "relatedResource has no id",
    ),
    ("5", "a related resource twice"): (
        {"relatedResource": [{"id": BASE, "digestSRI": SRI}, {"id": BASE, "digestMultibase": DIGEST}]},
        "relatedResource names one thing twice",
    ),
    ("5", "a related resource without a digest"): (
        {"relatedResource": [{"id": BASE}]},
        "relatedResource: it has no digest",
    ),
    ("5", "another digest"): (
        {"relatedResource": [{"id": BASE, "digestSRI": SRI[:-1] + "x"}]},
        "relatedResource: digestSRI",
    ),
    ("5", "another digest by multibase"): (
        {"relatedResource": [{"id": BASE, "digestMultibase": "u" + DIGEST[2:] + "A"}]},
        "relatedResource: digestMultibase",
    ),
    ("5", "a resource that is not at hand"): (
        {"relatedResource": [{"id": "https://example.org/x", "digestSRI": SRI}]},
        "relatedResource: https://example.org/x is not at hand",
    ),
}
SUBJECTS_REFUSED: dict[str, tuple[Any, str]] = {
    "none": (None, "credentialSubject is not"),
    "an empty one": ({}, "credentialSubject makes no claim"),
    "one of two is empty": ([{"id": "did:example:a"}, {}], "credentialSubject makes no claim"),
    "no subjects": ([], "credentialSubject is not"),
    "a string": ("did:example:a", "credentialSubject is not"),
    "two ids": ({"id": ["did:example:a", "did:example:b"]}, "the id of credentialSubject"),
    "an unknown member": ({"id": "did:example:a", "zodiac": "x"}, "the contexts define no zodiac"),
}
ISSUERS_REFUSED: dict[str, tuple[Any, str]] = {
    "no URL": ("not-a-url", "issuer is neither"),
    "null": (None, "issuer is neither"),
    "an object whose id is null": ({"id": None}, "issuer is neither"),
    "an object without an id": ({"name": "Example"}, "issuer is neither"),
    "an object whose id is no URL": ({"id": "not-a-url"}, "issuer is neither"),
    "a list": (["did:example:a"], "issuer is neither"),
    "a name with more members": (
        {"id": "did:example:a", "name": {**ENGLISH, "url": "did:example:a"}},
        "issuer.name is neither",
    ),
    "a description as a number": ({"id": "did:example:a", "description": 1}, "issuer.description is neither"),
}


def with_members(credential: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**credential, **members}.items() if value is not None}


def named(cases: Mapping[tuple[str, str], Any]) -> list[Any]:
    return [pytest.param(value, id=" ".join(name)) for name, value in cases.items()]


@pytest.mark.parametrize("members", named(ACCEPTED))
def test_accepted(caller: Caller, credential: dict[str, Any], members: Mapping[str, Any]) -> None:
    document = with_members(credential, members)
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        issued = caller.issue(document, cryptosuite=suite)
        assert {name: value for name, value in issued.items() if name != "proof"} == document
        caller.verify(issued)


@pytest.mark.parametrize("subject", SUBJECTS_ACCEPTED.values(), ids=SUBJECTS_ACCEPTED)
def test_subjects_accepted(caller: Caller, credential: dict[str, Any], subject: Any) -> None:
    caller.verify(caller.issue({**credential, "credentialSubject": subject}))


@pytest.mark.parametrize("members", ISSUERS_ACCEPTED.values(), ids=ISSUERS_ACCEPTED)
def test_issuers_accepted(caller: Caller, credential: dict[str, Any], members: Mapping[str, Any]) -> None:
    caller.verify(caller.issue({**credential, "issuer": {"id": caller.desk.issuer.did, **members}}))


@pytest.mark.parametrize("case", named(REFUSED))
def test_refused(caller: Caller, credential: dict[str, Any], case: tuple[Mapping[str, Any], str]) -> None:
    members, why = case
    _refused(caller, with_members(credential, members), why)


@pytest.mark.parametrize("case", SUBJECTS_REFUSED.values(), ids=SUBJECTS_REFUSED)
def test_subjects_refused(caller: Caller, credential: dict[str, Any], case: tuple[Any, str]) -> None:
    subject, why = case
    _refused(caller, with_members(credential, {"credentialSubject": subject}), why)


@pytest.mark.parametrize("case", ISSUERS_REFUSED.values(), ids=ISSUERS_REFUSED)
def test_issuers_refused(caller: Caller, credential: dict[str, Any], case: tuple[Any, str]) -> None:
    issuer, why = case
    _refused(caller, {**credential, "issuer": issuer}, why)


def test_an_id_that_is_null(caller: Caller, credential: dict[str, Any]) -> None:
    _refused(caller, {**credential, "id": None}, "the id of the document")


def test_no_issuer(caller: Caller, credential: dict[str, Any]) -> None:
    _refused(caller, with_members(credential, {"issuer": None}), "issuer is missing")


@pytest.mark.parametrize("document", [None, [], "x", 1], ids=repr)
def test_no_object(caller: Caller, document: Any) -> None:
    assert "the document is not an object" in caller.refused(document)
    assert "the document is not an object" in caller.rejected(document)


def _refused(caller: Caller, document: dict[str, Any], why: str) -> None:
    assert why in caller.refused(document)
    # JCS signs what it is given, so the proof is as good as any.
    assert why in caller.rejected(caller.sign(document, cryptosuite="eddsa-jcs-2022"))
