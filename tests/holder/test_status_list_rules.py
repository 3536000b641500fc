"""The status list: each member at its edges, signed by an issuer in memory."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.holder.shop import changed
from tests.sealing.issuer import BASE, ORG, Issuer
from verifier import b64, dataintegrity, did, jcs, statuslist
from verifier.errors import Error, FormatError, SignatureError
from verifier.keyfile import KeyFile
from verifier.statuslist import StatusList

FROM = "2026-05-31T12:00:00Z"


def with_status_key(issuer: Issuer, **changes: Any) -> KeyFile:
    file = issuer.key_file()
    keys = (replace(key, **changes) if key.purpose == "status" else key for key in file.keys)
    return replace(file, keys=tuple(keys))


# -- the status list ---------------------------------------------------------------------------------------------------


def listed(issuer: Issuer, *changes: tuple[tuple[str, ...], Any], method: str | None = None) -> bytes:
    """A status list with members changed and signed all the same."""
    document: dict[str, Any] = json.loads(issuer.status_bytes())
    del document["proof"]
    for path, value in changes:
        target = document
        for part in path[:-1]:
            target = target[part]
        if value is ...:
            del target[path[-1]]
        else:
            target[path[-1]] = value
    key = issuer.status_key
    signed = dataintegrity.sign(
        document,
        method=method or did.method_id(did.did_web(BASE, ORG), key.thumbprint),
        created=FROM,
        sign_bytes=lambda message: key.sign(message).sig,
    )
    return jcs.encode(signed)


def told(data: bytes, keys: KeyFile) -> str:
    with pytest.raises(Error) as caught:
        statuslist.parse(data, keys)
    return caught.value.code


def test_all_that_a_status_list_says(issuer: Issuer) -> None:
    found = statuslist.parse(issuer.status_bytes(0, 77), issuer.key_file())
    bits = b"\x80" + bytes(8) + b"\x04" + bytes(131_072 // 8 - 10)
    assert found == StatusList(
        f"{BASE}/status/1",
        did.did_web(BASE, ORG),
        datetime(2026, 5, 31, 12, tzinfo=UTC),
        datetime(2026, 6, 1, 12, tzinfo=UTC),
        bits,
    )
    assert [index for index in range(131_072) if found.is_set(index)] == [0, 77]
    assert (found.is_set(-1), found.is_set(131_071), found.is_set(131_072)) == (None, False, None)
    end = found.valid_until
    assert [found.is_fresh(end + timedelta(seconds=late)) for late in (-1, 0, 1)] == [True, True, False]


def test_its_document_is_this() -> None:
    made = statuslist.document(url="u", issuer="i", valid_from="f", valid_until="t", bits=bytes(16384))
    squeezed = b64.url_decode(made["credentialSubject"].pop("encodedList")[1:])
    assert zlib.decompress(squeezed, 31) == bytes(16384)
    assert made == {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "u",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "i",
        "validFrom": "f",
        "validUntil": "t",
        "credentialSubject": {
            "id": "u#list",
            "type": "BitstringStatusList",
            "statusPurpose": "suspension",
        },
    }


SUBJECT = "credentialSubject"
WRONG: list[tuple[tuple[str, ...], tuple[Any, ...], str]] = [
    (("id",), (f"{BASE}/status/0", f"{BASE}/status/01", f"{BASE}/status/", "x", f"{BASE}/x/status/1"), "SHAPE_WRONG"),
    (("id",), (f"{BASE}/status/2",), "STATUS_LIST_INVALID"),
    (("type",), (["VerifiableCredential"], ["BitstringStatusListCredential", "VerifiableCredential"]), "SHAPE_WRONG"),
    (("issuer",), ("", "x" * 401, {"id": "x"}), "SHAPE_WRONG"),
    (("issuer",), ("did:web:other", "x" * 400), "STATUS_LIST_UNTRUSTED"),
    (("validFrom",), ("2026-05-31", "2026-02-30T00:00:00Z"), "TIME_INVALID"),
    (("validUntil",), ("2026-05-31", "2026-02-30T00:00:00Z"), "TIME_INVALID"),
    (("validUntil",), (..., "x" * 21), "SHAPE_WRONG"),
    ((SUBJECT, "id"), ("", "x" * 301), "SHAPE_WRONG"),
    ((SUBJECT, "id"), (f"{BASE}/status/2#list", f"{BASE}/status/1#lists", f"{BASE}/status/1", "x" * 300),
     "STATUS_LIST_INVALID"),
    ((SUBJECT, "type"), ("BitstringStatusListEntry", ...), "SHAPE_WRONG"),
    ((SUBJECT, "statusPurpose"), ("revocation", ...), "SHAPE_WRONG"),
    ((SUBJECT, "encodedList"), ("", ...), "SHAPE_WRONG"),
    ((SUBJECT, "encodedList"), ("u", "uAAAA"), "STATUS_LIST_INVALID"),
    (("name",), ("x",), "SHAPE_WRONG"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "values", "code"), WRONG, ids=[f"{each[0][-1]} {each[2]}" for each in WRONG]
)
def test_each_member_of_a_status_list(
    issuer: Issuer, path: tuple[str, ...], values: tuple[Any, ...], code: str
) -> None:
    for value in values:
        # The shape is looked at before the signature, and not every shape can be signed.
        as_it_was = changed(issuer.status_bytes(), (path, value))
        data = as_it_was if code == "SHAPE_WRONG" else listed(issuer, (path, value))
        assert told(data, issuer.key_file()) == code


def test_the_times_of_a_status_list_are_told_by_name(issuer: Issuer) -> None:
    for name in ("validFrom", "validUntil"):
        with pytest.raises(FormatError, match=f"TIME_INVALID: {name} is"):
            statuslist.parse(listed(issuer, ((name,), "x")), issuer.key_file())


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"valid_to": 9}, False),
        ({"compromised_from": 9}, False),
        ({"purpose": "credential"}, False),
        ({"organisation": "blk"}, False),
    ],
)
def test_a_status_list_is_signed_with_a_status_key_in_use(
    issuer: Issuer, change: dict[str, Any], fits: bool
) -> None:
    keys = with_status_key(issuer, **change)
    if fits:
        assert statuslist.parse(issuer.status_bytes(), keys).issuer == did.did_web(BASE, ORG)
        return
    with pytest.raises(SignatureError, match="signed with no status key in use") as caught:
        statuslist.parse(issuer.status_bytes(), keys)
    assert (caught.value.code, caught.value.hint) == ("STATUS_LIST_UNTRUSTED", "Fetch the newest key file.")


def test_a_status_list_of_another_issuer_or_by_a_stranger(issuer: Issuer) -> None:
    with pytest.raises(SignatureError, match=r"STATUS_LIST_UNTRUSTED.*another issuer signed it"):
        statuslist.parse(listed(issuer, (("issuer",), "did:web:localhost%3A8000:i:blk")), issuer.key_file())
    forged = json.loads(issuer.status_bytes())
    forged["validUntil"] = "2026-06-02T12:00:00Z"
    assert told(jcs.encode(forged), issuer.key_file()) == "SIGNATURE_WRONG"


def test_a_status_list_has_four_mebibytes(issuer: Issuer) -> None:
    data = issuer.status_bytes()
    assert statuslist.parse(data.ljust(4 << 20), issuer.key_file()).bits == bytes(16384)
    assert told(data.ljust((4 << 20) + 1), issuer.key_file()) == "JSON_TOO_LARGE"


def squeezed(data: bytes, window: int = 31) -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, window)
    return made.compress(data) + made.flush()


def refused(text: str) -> str:
    with pytest.raises(FormatError, match=r"^STATUS_LIST_INVALID: the status list is malformed: ") as caught:
        statuslist.decode(text)
    return caught.value.message.partition("malformed: ")[2]


def test_a_list_has_between_131072_bits_and_a_mebibyte() -> None:
    for size in (16384, 16385, (1 << 20) - 1, 1 << 20):
        bits = bytes([number % 251 for number in range(size)])
        assert statuslist.decode("u" + b64.url_encode(squeezed(bits))) == bits
        assert statuslist.decode(statuslist.encode(bits)) == bits
    too_few = "it has not 131072 bits or more"
    assert refused(statuslist.encode(bytes(16383))) == too_few
    assert refused(statuslist.encode(b"")) == too_few
    assert refused(statuslist.encode(bytes((1 << 20) + 1))) == too_few
    unread = "its bits cannot be read"
    assert refused(statuslist.encode(bytes((1 << 20) + 2))) == unread
    good = squeezed(bytes(16384))
    for data in (
        good[:-1],
        good + b"\0",
        good + good,
        b"x" + good,
        b"",
        squeezed(bytes(16384), 15),
        good[:-1] + b"x",
    ):
        assert refused("u" + b64.url_encode(data)) == unread
    text = b64.url_encode(good)
    for odd in (text, f"z{text}", f"U{text}", f"u{text}=", "", "u", f"uu{text}"):
        assert refused(odd) == unread
