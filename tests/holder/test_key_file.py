"""The key file: who must have signed it, whom it passes on to, and what nobody may alter in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import issuer_keys
from keys.signer import Ed25519Signer, ES256Signer, Signer
from ledger.commands.custody import RetireIssuerKey
from ledger.errors import DomainError
from tests.holder.shop import Shop
from verifier import jcs, keyfile, rootfile, twoline
from verifier.errors import Error, SignatureError
from verifier.keyfile import Custodian, Trust
from verifier.publickey import PublicKey
from verifier.rootfile import RootFile, RootKey

ORIGIN = "ledger.example/log"
ONE, TWO, THREE = Ed25519Signer.generate(), ES256Signer.generate(), Ed25519Signer.generate()
ISSUING = Ed25519Signer.generate()


def public(signer: Signer) -> PublicKey:
    return PublicKey(signer.jwk, signer.alg)


ROOT = RootFile(
    ORIGIN, (RootKey("staff/1", public(ONE), "server-held"), RootKey("staff/2", public(TWO), "server-held"))
)
TRUST = Trust.of_root(ROOT)
CUSTODIANS = {
    ONE: Custodian("staff/1", "staff/1", public(ONE)),
    TWO: Custodian("staff/2", "staff/2", public(TWO)),
    THREE: Custodian("staff/3", "staff/3", public(THREE)),
}


def issuer_key(**changes: Any) -> keyfile.IssuerKey:
    key = keyfile.IssuerKey(
        "org", "BLK Contoh", "Asia/Jayapura", "token", "TRAINING", 0, public(ISSUING), 5, None, None
    )
    return replace(key, **changes)


def statement(**changes: Any) -> bytes:
    content: dict[str, Any] = {
        "version": 1,
        "origin": ORIGIN,
        "size": 20,
        "issued_at": "2031-03-03T00:00:00Z",
        "base_urls": ["https://sertifikat.example"],
        "keys": [issuer_key()],
        "custodians": [CUSTODIANS[ONE], CUSTODIANS[TWO]],
    }
    return keyfile.statement(**{**content, **changes})


def seal(payload: bytes, signers: Sequence[Signer] = (ONE, TWO), form: str = keyfile.FORMAT) -> bytes:
    return keyfile.seal(payload, [signer.sign(twoline.message(payload, form)) for signer in signers])


def test_two_founders_are_believed_in_either_order() -> None:
    for signers in ((ONE, TWO), (TWO, ONE)):
        file = keyfile.parse(seal(statement(), signers), TRUST)
        assert file.keys == (issuer_key(),)
        assert file.token_keys(0) == [issuer_key()]
        assert not file.token_keys(1)


@pytest.mark.parametrize("signers", [(ONE,), (ONE, ONE), (ONE, THREE), (ONE, TWO, THREE), (), (ISSUING, ONE)])
def test_nobody_else_is(signers: Sequence[Signer]) -> None:
    with pytest.raises(SignatureError, match="KEY_FILE_UNTRUSTED"):
        keyfile.parse(seal(statement(), signers), TRUST)


def test_two_accounts_of_one_person_are_one() -> None:
    same = Custodian("staff/3", "staff/1", public(THREE))
    trust = Trust(ORIGIN, (CUSTODIANS[ONE], CUSTODIANS[TWO], same), ())
    assert keyfile.parse(seal(statement(), (TWO, THREE)), trust).version == 1
    with pytest.raises(SignatureError, match="one person"):
        keyfile.parse(seal(statement(), (ONE, THREE)), trust)


def test_another_log_an_older_version_or_another_kind_of_signature_is_refused() -> None:
    with pytest.raises(SignatureError, match=r"other\.example"):
        keyfile.parse(seal(statement(origin="other.example")), TRUST)
    newer = TRUST.after(keyfile.parse(seal(statement(version=3)), TRUST))
    assert keyfile.parse(seal(statement(version=3)), newer).version == 3
    with pytest.raises(SignatureError, match="older"):
        keyfile.parse(seal(statement(version=2)), newer)
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        keyfile.parse(seal(statement(), form="certledger/withdrawn/v1"), TRUST)


def test_custodians_change_from_version_to_version() -> None:
    first = keyfile.parse(seal(statement(custodians=[CUSTODIANS[TWO], CUSTODIANS[THREE]])), TRUST)
    second = seal(statement(version=2), (TWO, THREE))
    with pytest.raises(SignatureError, match="no custodian"):
        keyfile.parse(second, TRUST)
    assert keyfile.parse(second, TRUST.after(first)).version == 2
    with pytest.raises(SignatureError, match="no custodian"):
        keyfile.parse(seal(statement(version=2)), TRUST.after(first))


@pytest.mark.parametrize(
    "changes",
    [
        {"base_urls": []},
        {"base_urls": ["x" * 301]},
        {"version": 0},
        {"size": -1},
        {"issued_at": "yesterday"},
        {"keys": [issuer_key(purpose="love")]},
        {"keys": [issuer_key(kid=None)]},
        {"keys": [issuer_key(kid=256)]},
        {"keys": [issuer_key(kind=None)]},
        {"keys": [issuer_key(kind="DEGREE")]},
        {"keys": [issuer_key(purpose="status")]},
        {"keys": [issuer_key(valid_from=-1)]},
        {"keys": [issuer_key(valid_to="5")]},
        {"keys": [issuer_key(organisation="a/b")]},
        {"keys": [issuer_key(zone="")]},
        {"custodians": [Custodian("3", "staff/3", public(THREE))]},
    ],
)
def test_what_is_malformed_is_refused_though_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(Error):
        keyfile.parse(seal(statement(**changes)), TRUST)


@given(st.data())
def test_a_mangled_file_is_never_believed(data: st.DataObject) -> None:
    mangled = bytearray(seal(statement()))
    mangled[data.draw(st.integers(0, len(mangled) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Error):
        keyfile.parse(bytes(mangled), TRUST)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Error):
        keyfile.parse(data, TRUST)


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b"[1,2]", b'[{"alg":1,"key":2},{}]', b'[{"key":"x"},{"key":"x"}]']
)
def test_signatures_of_another_shape_are_refused(line: bytes) -> None:
    with pytest.raises(Error):
        keyfile.parse(statement() + b"\n" + line, TRUST)


def test_keys_are_found_by_their_window() -> None:
    key = issuer_key(valid_from=5, valid_to=9, compromised_from=8)
    assert [index for index in range(12) if key.holds_at(index)] == [6, 7]
    assert [index for index in range(12) if issuer_key(valid_to=9).holds_at(index)] == [6, 7, 8]


# -- a real ledger's ----------------------------------------------------------------------------------------------


def test_it_lists_all_that_the_log_enrolled_and_nobody_without_a_public_name(shop: Shop) -> None:
    file = shop.keys
    assert file.size <= shop.house.queries.head().size
    names = {key.issuer for key in file.keys}
    assert None not in names
    assert len(file.keys) == len(shop.house.keyring.all()) == 9
    kids = [key.kid for key in file.keys if key.purpose == "token"]
    assert sorted(kids, key=str) == [0, 1, 2]
    private = shop.house.queries.private_names(shop.house.personal)
    assert private
    assert not any(name in shop.fetch("/keys").decode() for name in private)
    assert {key.key.alg for key in file.keys if key.purpose == "pdf"} == {"es256"}


def test_it_is_served_with_its_versions_and_to_any_site(own_shop: Shop) -> None:
    first = own_shop.fetch("/keys")
    assert own_shop.fetch("/keys/1") == first
    assert own_shop.client.get("/keys/2").status_code == 404
    assert own_shop.client.get("/keys/01").status_code == 404
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    assert own_shop.fetch("/keys") == own_shop.fetch("/keys/2") != first
    headers = own_shop.client.get("/keys").headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "public, max-age=10"


def test_the_ledger_itself_keeps_no_file_that_verifiers_would_refuse(own_shop: Shop) -> None:
    one, two = own_shop.custodians
    stranger = issuer_keys.Custodian(one.staff, Ed25519Signer.generate())
    for pair in ((one, one), (stranger, two)):
        with pytest.raises(SignatureError, match="KEY_FILE_UNTRUSTED"):
            issuer_keys.sign_key_file(own_shop.house, pair)
    assert own_shop.keys.version == 1


def test_enrolling_again_changes_nothing(own_shop: Shop) -> None:
    size = own_shop.house.queries.head().size
    assert issuer_keys.enrol_all(own_shop.house, own_shop.custodians) == []
    assert own_shop.house.queries.head().size == size
    key = own_shop.house.keyring.all()[0]
    own_shop.custody(RetireIssuerKey(issuer_key=key.id))
    (new,) = issuer_keys.enrol_all(own_shop.house, own_shop.custodians)
    assert new != key.id


def test_only_issuers_get_keys(own_shop: Shop) -> None:
    house = own_shop.house
    issuers = set(issuer_keys.issuers(house))
    assert len(issuers) == 2
    for organisation in house.keyring.organisations():
        if organisation not in issuers:
            with pytest.raises(DomainError, match="VALUE_INVALID"):
                issuer_keys.enrol_missing(house, organisation, own_shop.custodians)
    with pytest.raises(DomainError, match="UNKNOWN_ID"):
        issuer_keys.enrol_missing(house, "nobody", own_shop.custodians)
    with pytest.raises(DomainError, match="UNKNOWN_ID"):
        issuer_keys.rotate(house, "nothing", own_shop.custodians)


def test_one_person_cannot_enrol_a_key(own_shop: Shop) -> None:
    one, _ = own_shop.custodians
    organisation = next(issuer_keys.issuers(own_shop.house))
    key = next(key for key in own_shop.house.keyring.of(organisation) if key.purpose == "status")
    own_shop.custody(RetireIssuerKey(issuer_key=key.id))
    with pytest.raises(DomainError, match="SOD_SELF_APPROVAL"):
        issuer_keys.enrol_missing(own_shop.house, organisation, (one, one))


def test_the_file_is_what_its_bytes_say(shop: Shop) -> None:
    payload, signatures = shop.fetch("/keys").split(b"\n")
    assert jcs.decode(payload)["format"] == keyfile.FORMAT
    assert len(json.loads(signatures)) == 2
    root = rootfile.parse(Path(shop.demo["root"]).read_bytes())
    assert {each["key"] for each in json.loads(signatures)} == {key.key.thumbprint for key in root.keys}
