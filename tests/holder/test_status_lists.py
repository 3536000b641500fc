"""Status lists: the right bits, by the right issuer, and nothing else believed."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from api import issuer_keys
from keys.signer import Signer
from tests.holder.credentials import signed
from tests.holder.shop import Shop, changed
from verifier import dataintegrity, did, jcs, statuslist
from verifier.errors import Error, FormatError, SignatureError


def test_a_status_list_has_a_bit_for_each_certificate_that_does_not_stand(shop: Shop) -> None:
    set_bits = {number: set[int]() for number in (1, 2)}
    for number, bits in set_bits.items():
        listed = statuslist.parse(shop.fetch(f"/status/{number}"), shop.keys)
        assert 8 * len(listed.bits) == statuslist.LEAST_BITS
        bits |= {index for index in range(statuslist.LEAST_BITS) if listed.is_set(index)}
        assert listed.is_set(statuslist.LEAST_BITS) is None
        assert listed.is_set(-1) is None
    fallen = [
        entry
        for entry in shop.demo["certificates"]
        if entry["expected_status"] in {"SUSPENDED", "REVOKED", "REPLACED", "NO_LONGER_VERIFIABLE"}
    ]
    assert sum(len(bits) for bits in set_bits.values()) == len(fallen)
    assert shop.client.get("/status/3").status_code == 404
    assert shop.client.get("/status/0").status_code == 404
    assert shop.client.get("/status/x").status_code == 404


def test_bits_count_from_the_left() -> None:
    bits = bytearray(statuslist.LEAST_BITS // 8)
    bits[0] = 0b0100_0000
    assert statuslist.encode(bytes(bits)).startswith("uH4sI")
    assert statuslist.decode(statuslist.encode(bytes(bits))) == bytes(bits)
    moment = datetime.fromisoformat("2026-01-01T00:00:00Z")
    listed = statuslist.StatusList("u", "i", moment, moment, bytes(bits))
    assert [listed.is_set(index) for index in range(3)] == [False, True, False]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("validUntil",), "2099-01-01T00:00:00Z"),
        (("issuer",), "did:web:x"),
        (("id",), "http://localhost:8000/status/9"),
        (("credentialSubject", "encodedList"), statuslist.encode(bytes(16384))),
        (("credentialSubject", "statusPurpose"), "revocation"),
        (("credentialSubject", "id"), "http://localhost:8000/status/9#list"),
        (("proof", 0), ...),
        (("ttl",), 1),
    ],
)
def test_no_altered_status_list_is_believed(shop: Shop, path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(Error):
        statuslist.parse(changed(shop.fetch("/status/1"), (path, value)), shop.keys)


def test_a_status_list_by_a_credential_key_or_a_retired_one_is_not_believed(
    own_shop: Shop, good: bytes
) -> None:
    data = own_shop.status_bytes(good)
    organisation = json.loads(data)["issuer"].rpartition(":")[2]

    def as_list(document: dict[str, Any]) -> None:
        document.clear()
        document.update({name: value for name, value in json.loads(data).items() if name != "proof"})
        document["issuer"] = {"id": document["issuer"]}

    with pytest.raises(Error):
        statuslist.parse(signed(own_shop, good, as_list), own_shop.keys)
    key = next(key for key in own_shop.house.keyring.of(organisation) if key.purpose == "status")
    issuer_keys.rotate(own_shop.house, key.id, own_shop.custodians)
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    with pytest.raises(SignatureError, match="STATUS_LIST_UNTRUSTED"):
        statuslist.parse(data, own_shop.keys)
    assert statuslist.parse(own_shop.status_bytes(good), own_shop.keys).issuer == json.loads(data)["issuer"]


def test_an_issuers_list_by_another_issuers_key_is_not_believed(shop: Shop, good: bytes) -> None:
    data = shop.status_bytes(good)
    document = {name: value for name, value in json.loads(data).items() if name != "proof"}
    own = document["issuer"].rpartition(":")[2]
    for organisation in issuer_keys.issuers(shop.house):
        key = shop.house.keyring.current(organisation, "status")
        assert key is not None
        signer = shop.house.keyring.signer(key)
        listed = dataintegrity.sign(
            document,
            method=did.method_id(did.did_web(shop.demo["base_url"], organisation), key.thumbprint),
            created=document["validFrom"],
            sign_bytes=partial(_signature, signer),
        )
        if organisation == own:
            assert statuslist.parse(jcs.encode(listed), shop.keys).issuer == document["issuer"]
        else:
            with pytest.raises(SignatureError, match="STATUS_LIST_UNTRUSTED"):
                statuslist.parse(jcs.encode(listed), shop.keys)


@pytest.mark.parametrize("text", ["", "u", "zAAAA", "uAAAA", "u" + "A" * 100, "uH4sIAAAAAAAA"])
def test_bits_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        statuslist.decode(text)


def test_a_list_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(FormatError):
        statuslist.decode(statuslist.encode(bytes(3 << 20)))


def _signature(signer: Signer, message: bytes) -> bytes:
    return signer.sign(message).sig
