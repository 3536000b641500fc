"""What w3c/vc-bitstring-status-list-test-suite asks: its files 10 (data model) and 20 (algorithms)."""

import gzip
from collections.abc import Mapping
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from tests.conformance.caller import Caller
from tests.conformance.proofs import Issuer
from verifier import b64

STATUS = {"type": "BitstringStatusListEntry"}
LIST_URL = "https://lists.example/status/1"
LIST = "STATUS_VERIFICATION_ERROR"
MALFORMED = "MALFORMED_VALUE_ERROR"


@pytest.fixture
def bare(credential: dict[str, Any]) -> dict[str, Any]:
    """As the suite's: a subject without claims but its id."""
    return {**credential, "credentialSubject": {"id": "did:example:subject"}}


def encoded(bits: bytes) -> str:
    return "u" + b64.url_encode(gzip.compress(bits, mtime=0))


# -- file 10: entry and list as issued ----------------------------------------------------------------------------


def test_the_entry(caller: Caller, bare: dict[str, Any]) -> None:
    issued = caller.issue(bare, credentialStatus=STATUS)
    entry = issued["credentialStatus"]
    assert entry == {
        "id": "https://localhost:40443/status/1#0",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "suspension",
        "statusListIndex": "0",
        "statusListCredential": "https://localhost:40443/status/1",
    }
    caller.verify(issued)
    other = caller.issue({**bare, "id": "urn:uuid:1"}, credentialStatus=STATUS)
    assert other["credentialStatus"]["statusListIndex"] == "1"
    again = caller.issue(bare, credentialStatus=STATUS)
    assert again["credentialStatus"] == entry
    assert "needs an id" in caller.refused(
        {name: value for name, value in bare.items() if name != "id"}, credentialStatus=STATUS
    )


def test_the_list(caller: Caller) -> None:
    for accepted, given in (
        ("*/*", "application/vc"),
        ("application/vc, application/json", "application/vc"),
        ("application/ld+json, application/json", "application/json"),
    ):
        answer = caller.client.get("/status/1", headers={"Accept": accepted})
        assert answer.headers["content-type"] == given
    listed = caller.client.get("/status/1").json()
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert (listed["id"], listed["issuer"]) == ("https://localhost:40443/status/1", caller.desk.issuer.did)
    subject = listed["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "suspension")
    assert subject["encodedList"].startswith("uH4sI")  # multibase, base64url of what begins as gzip does
    assert gzip.decompress(b64.url_decode(subject["encodedList"][1:])) == bytes(16 << 10)
    caller.verify(listed)


def test_a_status_is_set_and_cleared(caller: Caller, bare: dict[str, Any]) -> None:
    first = caller.issue({**bare, "id": "urn:uuid:1"}, credentialStatus=STATUS)
    second = caller.issue({**bare, "id": "urn:uuid:2"}, credentialStatus=STATUS)
    _set(caller, "urn:uuid:2", True)
    caller.verify(first)
    assert caller.rejected(second) == f"{LIST}: the status is set: suspension"
    bits = caller.client.get("/status/1").json()["credentialSubject"]["encodedList"]
    assert gzip.decompress(b64.url_decode(bits[1:]))[:2] == b"\x40\x00"  # the second from the left
    _set(caller, "urn:uuid:2", False)
    caller.verify(second)
    answer = caller.client.post("/credentials/status", json={"credentialId": "urn:uuid:3"})
    assert answer.status_code == 400


def _set(caller: Caller, name: str, is_set: bool) -> None:
    body = {"credentialId": name, "credentialStatus": STATUS, "status": is_set}
    assert caller.client.post("/credentials/status", json=body).status_code == 200


# -- file 20: entries ---------------------------------------------------------------------------------------------

# members of an entry: why it is refused, None where it is not
ENTRIES: list[tuple[Mapping[str, Any], str | None]] = [
    ({}, None),
    ({"id": None}, None),
    ({"id": LIST_URL}, "its id is the URL of the list"),
    ({"id": 1}, "the id of credentialStatus"),
    ({"statusPurpose": None}, "statusPurpose is not a string"),
    ({"statusPurpose": ["revocation"]}, "statusPurpose is not a string"),
    ({"statusListIndex": None}, "statusListIndex is not"),
    ({"statusListIndex": True}, "statusListIndex is not"),
    ({"statusListIndex": 5}, "statusListIndex is not"),
    ({"statusListIndex": "-1"}, "statusListIndex is not"),
    ({"statusListIndex": "05"}, "statusListIndex is not"),
    ({"statusListIndex": "0x5"}, "statusListIndex is not"),
    ({"statusListCredential": None}, "statusListCredential is not a URL"),
    ({"statusListCredential": "status"}, "statusListCredential is not a URL"),
    ({"statusSize": 1}, None),
    ({"statusSize": 0}, "statusSize is not"),
    ({"statusSize": "1"}, "statusSize is not"),
    ({"statusSize": True}, "statusSize is not"),
    ({"statusSize": 2}, "statusMessage has not one message"),
    ({"statusMessage": "x"}, "statusMessage has not one message"),
    ({"statusReference": "https://example.org/dictionary/"}, None),
    ({"statusReference": ["https://example.org/a", "https://example.org/b"]}, None),
    ({"statusReference": ["dictionary"]}, "statusReference is not"),
]
VALUES = [{"status": f"0x{value}", "message": f"state_{value}"} for value in range(4)]


@pytest.mark.parametrize(("members", "why"), ENTRIES, ids=repr)
def test_entries(caller: Caller, bare: dict[str, Any], members: Mapping[str, Any], why: str | None) -> None:
    _publish(caller)
    document = {**bare, "credentialStatus": _entry(**members)}
    if why is None:
        caller.verify(caller.issue(document))
    else:
        assert why in caller.refused(document)
        assert why in caller.rejected(caller.sign(document, cryptosuite="eddsa-jcs-2022"))


@pytest.mark.parametrize(
    ("messages", "is_right"),
    [
        (VALUES, True),
        (VALUES[:3], False),
        ([*VALUES[:3], {"status": "0x3"}], False),
        ([*VALUES[:3], {"message": "x"}], False),
        ([*VALUES[:3], {"status": "3", "message": "x"}], False),
        ([*VALUES[:3], "x"], False),
    ],
)
def test_messages(caller: Caller, bare: dict[str, Any], messages: Any, is_right: bool) -> None:
    _publish(caller, statusPurpose="message")
    entry = _entry(statusPurpose="message", statusSize=2, statusMessage=messages)
    document = {**bare, "credentialStatus": entry}
    if is_right:
        caller.verify(caller.issue(document))
        entry["statusListIndex"] = "47"  # bits 94 and 95; the list has 95 set
        assert "the status is set: message" in caller.rejected(caller.issue(document))
    else:
        assert "statusMessage has" in caller.refused(document)


def test_an_entry_under_another_name(caller: Caller, bare: dict[str, Any]) -> None:
    assert "define no statusEntry" in caller.refused({**bare, "statusEntry": _entry(statusListIndex=True)})


def test_all_of_several_entries(caller: Caller, bare: dict[str, Any]) -> None:
    _publish(caller, statusPurpose=["revocation", "suspension"])
    good, bad = _entry(), _entry(statusPurpose="suspension", statusListIndex="95")
    caller.verify(caller.issue({**bare, "credentialStatus": [good, {**good, "statusListIndex": "94"}]}))
    issued = caller.issue({**bare, "credentialStatus": [good, bad]})
    assert caller.rejected(issued) == f"{LIST}: the status is set: suspension"


# -- file 20: lists -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"type": "StatusList2021"}, MALFORMED),
        ({"statusPurpose": None}, MALFORMED),
        ({"statusPurpose": []}, MALFORMED),
        ({"statusPurpose": [1]}, MALFORMED),
        ({"statusPurpose": "suspension"}, "the list does not tell of revocation"),
        ({"encodedList": None}, MALFORMED),
        ({"encodedList": encoded(bytes(16 << 10))[1:]}, MALFORMED),  # without its multibase prefix
        ({"encodedList": "z" + encoded(bytes(16 << 10))[1:]}, MALFORMED),
        ({"encodedList": encoded(bytes(16 << 10)) + "="}, MALFORMED),
        ({"encodedList": "u" + b64.url_encode(bytes(16 << 10))}, MALFORMED),  # not compressed
        ({"encodedList": encoded(bytes((16 << 10) - 1))}, MALFORMED),  # shorter than it may be
        ({"encodedList": encoded(bytes((1 << 20) + 1))}, MALFORMED),  # longer than is read
    ],
    ids=lambda value: str(value)[:60],
)
def test_lists_that_are_malformed(
    caller: Caller, bare: dict[str, Any], members: Mapping[str, Any], why: str
) -> None:
    issued = caller.issue({**bare, "credentialStatus": _entry()})
    _publish(caller)
    caller.verify(issued)
    _publish(caller, **members)
    reason = caller.rejected(issued)
    assert reason.startswith(LIST)
    assert why in reason


def test_a_list_that_cannot_be_had(caller: Caller, bare: dict[str, Any]) -> None:
    issued = caller.issue({**bare, "credentialStatus": _entry()})
    assert caller.rejected(issued) == "STATUS_RETRIEVAL_ERROR: the status list cannot be had"


def test_an_index_beyond_the_end(caller: Caller, bare: dict[str, Any]) -> None:
    _publish(caller)
    last = caller.issue({**bare, "credentialStatus": _entry(statusListIndex="131071")})
    caller.verify(last)
    for index in ("131072", "9" * 40):
        beyond = caller.issue({**bare, "credentialStatus": _entry(statusListIndex=index)})
        assert caller.rejected(beyond).startswith("RANGE_ERROR")


def test_lists_that_do_not_hold(caller: Caller, bare: dict[str, Any]) -> None:
    issued = caller.issue({**bare, "credentialStatus": _entry()})
    published = caller.desk.published
    good = _publish(caller)
    other = Issuer(Ed25519Signer.generate())
    document = {name: value for name, value in good.items() if name != "proof"}
    for listed, why in (
        ({**good, "validUntil": "2100-01-01T00:00:00Z"}, "SIGNATURE_WRONG"),
        (document, "there is no proof"),
        (caller.sign({**document, "validUntil": "2026-05-31T00:00:00Z"}), "expired"),
        (caller.sign({**document, "validFrom": "2026-06-02T00:00:00Z"}), "lies ahead"),
        (caller.sign(document, by=other), "not secured by its issuer"),
        (caller.sign({**document, "issuer": other.did}, by=other), "another issuer's"),
        (caller.sign({**document, "type": ["VerifiableCredential"]}), "no status list"),
    ):
        published[LIST_URL] = listed
        reason = caller.rejected(issued)
        assert reason.startswith(LIST)
        assert why in reason


def test_a_list_is_a_credential_itself(caller: Caller) -> None:
    caller.verify(_publish(caller))
    for encoded_list in ("H4sI", encoded(bytes(100))):
        broken = _publish(caller, encodedList=encoded_list)
        assert caller.rejected(broken).startswith(MALFORMED)


def _entry(**members: Any) -> dict[str, Any]:
    entry = {
        "id": f"{LIST_URL}#5",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": LIST_URL,
        **members,
    }
    return {name: value for name, value in entry.items() if value is not None}


def _publish(caller: Caller, **members: Any) -> dict[str, Any]:
    """A list by the same issuer, signed well, with bit 95 set."""
    bits = bytearray(16 << 10)
    bits[11] = 1
    subject = {
        "id": f"{LIST_URL}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": encoded(bytes(bits)),
        **members,
    }
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": LIST_URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": caller.desk.issuer.did,
        "credentialSubject": {name: value for name, value in subject.items() if value is not None},
    }
    signed = caller.sign(document, cryptosuite="eddsa-jcs-2022")
    caller.desk.published[LIST_URL] = signed
    return signed
