"""A credential and the window of the key that signed it: rotation, compromise, countersigning."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from api import issuer_keys
from ledger.commands.custody import DeclareIssuerKeyCompromise, RequestIssuerKeyCompromise
from ledger.commands.lifecycle import CountersignCertificate
from ledger.domain.roles import Role
from ledger.errors import DomainError
from tests.holder.credentials import check
from tests.holder.shop import Shop
from verifier import credential, did
from verifier.credential import Issuance
from verifier.entry import parse_entry


def _issuance(shop: Shop, entry: dict[str, Any]) -> Issuance:
    history = shop.house.queries.history(f"certificate/{shop.certificate(entry)}")
    index, event = next((index, event) for index, event in history if event.name == "issued")
    assert event.entry is not None
    return Issuance(index, parse_entry(event.entry).payload)


def test_the_entry_of_its_issue_must_be_its_own(shop: Shop, good: bytes) -> None:
    entries = [
        entry for entry in shop.demo["certificates"] if entry["kind"] == "COMPETENCE" and entry["code"]
    ]
    own = _issuance(shop, shop.with_status("VALID", kind="COMPETENCE"))
    assert check(shop, good, issuance=own).code == "STANDS"
    for entry in entries:
        if entry["code"] not in good.decode():
            assert check(shop, good, issuance=_issuance(shop, entry)).code == "ENTRY_WRONG"


def test_a_key_counts_only_where_it_was_in_use(shop: Shop, good: bytes) -> None:
    own = _issuance(shop, shop.with_status("VALID", kind="COMPETENCE"))
    signer = shop.keys.method(json.loads(good)["proof"][0]["verificationMethod"], "credential")
    assert signer is not None
    early = Issuance(signer.valid_from, own.payload)
    assert check(shop, good, issuance=early).code == "KEY_NOT_VALID"
    assert check(shop, good, issuance=Issuance(signer.valid_from + 1, own.payload)).code == "STANDS"


def test_a_new_credential_key_breaks_no_old_certificate(own_shop: Shop) -> None:
    entry = own_shop.with_status("VALID", kind="COMPETENCE")
    before = own_shop.credential(entry["code"])
    key = next(
        key
        for key in own_shop.house.keyring.of(before.decode().partition(":i:")[2].partition('"')[0])
        if key.purpose == "credential"
    )
    issuer_keys.rotate(own_shop.house, key.id, own_shop.custodians)
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    assert own_shop.credential(entry["code"]) == before
    issuance = _issuance(own_shop, entry)
    answer = credential.check(before, own_shop.keys, own_shop.status(before), own_shop.now, issuance)
    assert answer.code == "STANDS"
    # After its end the old key signs for no new entry.
    signer = own_shop.keys.method(
        did.method_id(json.loads(before)["issuer"]["id"], key.thumbprint), "credential"
    )
    assert signer is not None
    assert signer.valid_to is not None
    assert not signer.holds_at(signer.valid_to)
    document = json.loads(own_shop.fetch(f"/i/{key.organisation}/did.json"))
    assert any(method.endswith(key.thumbprint) for method in document["assertionMethod"])


def test_after_a_compromise_only_what_was_signed_before_or_countersigned_stands(own_shop: Shop) -> None:
    entry = own_shop.with_status("VALID", kind="COMPETENCE")
    before, issuance = own_shop.credential(entry["code"]), _issuance(own_shop, entry)
    organisation = issuance.payload.org
    assert organisation is not None
    key = next(key for key in own_shop.house.keyring.of(organisation) if key.purpose == "credential")
    asked = own_shop.custody(RequestIssuerKeyCompromise(issuer_key=key.id, from_size=issuance.index))
    own_shop.custody(DeclareIssuerKeyCompromise(issuer_key=key.id, request=asked["request"]), second=True)
    issuer_keys.enrol_all(own_shop.house, own_shop.custodians)
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    keys = own_shop.keys
    assert credential.check(before, keys, own_shop.status(before), own_shop.now).code == "KEY_COMPROMISED"
    answer = credential.check(before, keys, own_shop.status(before), own_shop.now, issuance)
    assert answer.code == "KEY_NOT_VALID"
    earlier = Issuance(issuance.index - 1, issuance.payload)  # had it been recorded before
    assert credential.check(before, keys, None, own_shop.now, earlier).code == "STATUS_UNKNOWN"
    document = json.loads(own_shop.fetch(f"/i/{organisation}/did.json"))
    assert not any(method.endswith(key.thumbprint) for method in document["assertionMethod"])
    assert any(method["id"].endswith(key.thumbprint) for method in document["verificationMethod"])

    certificate = own_shop.certificate(entry)
    own_shop.give(Role.COMPETENCE_ISSUER, organisation, CountersignCertificate(certificate=certificate))
    after = own_shop.credential(entry["code"])
    assert after != before
    history = own_shop.house.queries.history(f"certificate/{certificate}")
    index = next(index for index, event in history if event.name == "countersigned")
    countersigned = Issuance(issuance.index, issuance.payload, index)
    assert credential.check(after, keys, own_shop.status(after), own_shop.now, countersigned).code == "STANDS"
    assert credential.check(after, keys, own_shop.status(after), own_shop.now).code == "STANDS"


def test_an_issuer_without_keys_has_no_credential(own_shop: Shop) -> None:
    entry = own_shop.with_status("VALID")
    folder = own_shop.house.folder.path / "issuer-keys"
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    answer = own_shop.client.get(f"/v/{entry['code']}/credential.json")
    assert (answer.status_code, answer.json()["code"]) == (503, "CANNOT_CHECK")


def test_what_was_never_issued_has_none(shop: Shop) -> None:
    with pytest.raises(DomainError, match="UNKNOWN_ID"):
        shop.house.credentials.of("nothing")
