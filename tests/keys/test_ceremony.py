from dataclasses import replace
from typing import Any

import pytest

from keys.ceremony import Custodian, found
from keys.errors import CeremonyError
from keys.signer import Ed25519Signer, ES256Signer, SoftwareSigner, possession
from verifier import rootfile
from verifier.webauthn import RelyingParty

ORIGIN = "ledger.example.org/log"


def custodian(staff_id: str, cls: type[SoftwareSigner] = Ed25519Signer) -> Custodian:
    signer = cls.generate()
    proof = possession(signer, ORIGIN, staff_id)
    return Custodian(staff_id, signer.jwk, signer.alg, "server-held", proof)


@pytest.fixture
def two() -> list[Custodian]:
    return [custodian("kc-1"), custodian("kc-2", ES256Signer)]


def code_of(*arguments: Any) -> str:
    with pytest.raises(CeremonyError) as caught:
        found(*arguments)
    return caught.value.code


def test_the_verifier_reads_the_root_file(two: list[Custodian]) -> None:
    sites = [RelyingParty("https://ledger.example.org", "ledger.example.org")]
    made = found(ORIGIN, two, sites)
    read = rootfile.parse(made.to_bytes())
    assert [(key.staff, key.key.jwk) for key in read.keys] == [
        (f"staff/{each.staff_id}", each.jwk) for each in two
    ]
    assert (read.origin, list(read.webauthn), read.digest()) == (ORIGIN, sites, made.digest())


def test_two_people_with_two_keys(two: list[Custodian]) -> None:
    assert code_of(ORIGIN, two[:1]) == "CEREMONY_INVALID"
    assert code_of(ORIGIN, [*two, custodian("kc-3")]) == "CEREMONY_INVALID"
    assert code_of(ORIGIN, [custodian("kc-1"), two[0]]) == "CEREMONY_INVALID"


def test_possession_is_of_this_key_person_and_origin(two: list[Custodian]) -> None:
    first, second = two
    assert code_of(ORIGIN, [first, replace(second, possession=first.possession)]) == "CEREMONY_POSSESSION"
    assert code_of(ORIGIN, [first, replace(second, staff_id="kc-3")]) == "CEREMONY_POSSESSION"
    assert code_of("another.example.org", two) == "CEREMONY_POSSESSION"
    assert code_of(ORIGIN, [first, replace(second, possession={})]) == "CEREMONY_POSSESSION"


def test_malformed_parts_are_refused(two: list[Custodian]) -> None:
    first, second = two
    assert code_of("a b", two) == "CEREMONY_INVALID"
    assert code_of(ORIGIN, [first, replace(second, custody="pocket")]) == "CEREMONY_INVALID"
    assert code_of(ORIGIN, [first, replace(second, jwk={"kty": "RSA"})]) == "CEREMONY_INVALID"
    assert code_of(ORIGIN, [first, replace(second, alg="ed25519")]) == "CEREMONY_INVALID"
