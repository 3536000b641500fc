"""The root file: its exact bytes, and everything that it may not say."""

import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import b64, rootfile
from verifier.errors import Error, FormatError
from verifier.publickey import PublicKey
from verifier.rootfile import RootFile, RootKey
from verifier.webauthn import RelyingParty


def jwk(seed: int) -> dict[str, str]:
    raw = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32).public_key().public_bytes_raw()
    return {"crv": "Ed25519", "kty": "OKP", "x": b64.url_encode(raw)}


def key(name: str, seed: int, **changes: Any) -> dict[str, Any]:
    return {"alg": "ed25519", "custody": "hsm", "jwk": jwk(seed), "staff": f"staff/{name}"} | changes


def site(number: int = 0) -> dict[str, Any]:
    return {"origin": f"https://a{number}.example", "rp_id": f"a{number}.example"}


GOOD: dict[str, Any] = {"keys": [key("a", 1), key("b", 2)], "origin": "x.example/log", "webauthn": [site()]}


def data(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes, sort_keys=True, separators=(",", ":")).encode()


def refused(raw: bytes) -> str:
    with pytest.raises(Error) as caught:
        rootfile.parse(raw)
    return caught.value.code


def test_its_bytes_say_all_that_it_holds() -> None:
    read = rootfile.parse(data())
    keys = (
        RootKey("staff/a", PublicKey(jwk(1), "ed25519"), "hsm"),
        RootKey("staff/b", PublicKey(jwk(2), "ed25519"), "hsm"),
    )
    assert read == RootFile("x.example/log", keys, (RelyingParty("https://a0.example", "a0.example"),))
    assert [founder.id for founder in read.keys] == ["a", "b"]
    assert read.to_bytes() == data()
    assert read.digest() == sha256(data()).hexdigest()


def test_sixteen_pages_and_not_one_more() -> None:
    for count in (0, 1, 16):
        assert len(rootfile.parse(data(webauthn=[site(number) for number in range(count)])).webauthn) == count
    assert refused(data(webauthn=[site(number) for number in range(17)])) == "ROOT_FILE_INVALID"
    assert refused(data(webauthn=[site(), site()])) == "ROOT_FILE_INVALID"
    assert RootFile("o", rootfile.parse(data()).keys).webauthn == ()


@pytest.mark.parametrize("custody", ["server-held", "device", "hsm"])
def test_a_founders_key_is_held_somehow(custody: str) -> None:
    held = rootfile.parse(data(keys=[key("a", 1, custody=custody), key("b", 2)]))
    assert held.keys[0].custody == custody


B = key("b", 2)
WITHOUT = [{name: value for name, value in B.items() if name != gone} for gone in B]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("ROOT_FILE_INVALID", {"more": 1}),
        ("ROOT_FILE_INVALID", {"keys": []}),
        ("ROOT_FILE_INVALID", {"keys": [B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1), B, key("c", 3)]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 2), B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("b", 1), B]}),
        ("ROOT_FILE_INVALID", {"keys": {"a": B}}),
        ("ROOT_FILE_INVALID", {"keys": [None, B]}),
        *(("ROOT_FILE_INVALID", {"keys": [key("a", 1), short]}) for short in WITHOUT),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1, more=1), B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1, custody="pocket"), B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1, custody=None), B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1, custody=["hsm"]), B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1, alg=None), B]}),
        ("ROOT_FILE_INVALID", {"keys": [key("a", 1, jwk=[]), B]}),
        ("KEY_ALG_WRONG", {"keys": [key("a", 1, alg="es256"), B]}),
        ("KEY_MALFORMED", {"keys": [key("a", 1, jwk={}), B]}),
        ("STAFF_INVALID", {"keys": [key("a", 1, staff="a"), B]}),
        ("STAFF_INVALID", {"keys": [key("a", 1, staff=None), B]}),
        ("STAFF_INVALID", {"keys": [key("a", 1), key("b", 2, staff=["staff/b"])]}),
        ("ORIGIN_INVALID", {"origin": "two words"}),
        ("ORIGIN_INVALID", {"origin": None}),
        ("ROOT_FILE_INVALID", {"webauthn": {}}),
        ("ROOT_FILE_INVALID", {"webauthn": [None]}),
        ("ROOT_FILE_INVALID", {"webauthn": [{}]}),
        ("ROOT_FILE_INVALID", {"webauthn": [site() | {"more": 1}]}),
        ("ROOT_FILE_INVALID", {"webauthn": [{"origin": "https://a.example"}]}),
        ("ROOT_FILE_INVALID", {"webauthn": [site() | {"origin": None}]}),
        ("ROOT_FILE_INVALID", {"webauthn": [site() | {"rp_id": None}]}),
        ("RELYING_PARTY_INVALID", {"webauthn": [site() | {"rp_id": "b.example"}]}),
    ],
)
def test_what_it_may_not_say(code: str, changes: dict[str, Any]) -> None:
    assert refused(data(**changes)) == code


@pytest.mark.parametrize("raw", [b"[]", b"null", b"{}", data() + b"\n", data()[:-1]])
def test_what_is_no_root_file(raw: bytes) -> None:
    assert refused(raw) in {"ROOT_FILE_INVALID", "JSON_NOT_CANONICAL", "JSON_INVALID"}


def test_one_that_is_made_is_checked_as_one_that_is_read() -> None:
    one, two = (
        RootKey(f"staff/{name}", PublicKey(jwk(seed), "ed25519"), "hsm")
        for name, seed in (("a", 1), ("b", 2))
    )
    with pytest.raises(FormatError, match="STAFF_INVALID"):
        RootFile("x.example/log", (RootKey("a", one.key, "hsm"), two))
    with pytest.raises(FormatError, match="ORIGIN_INVALID"):
        RootFile("", (one, two))
    with pytest.raises(FormatError, match="custody is one of server-held, device, hsm"):
        RootFile("x.example/log", (one, RootKey("staff/b", two.key, "drawer")))


def test_another_file_is_told_as_no_root_file() -> None:
    """The policy lies beside it, and the two are easily taken for each other."""
    with pytest.raises(FormatError) as told:
        rootfile.parse(b"log ledger.example+5e2a3c11+AbCd\n")
    assert told.value.message == "the root file: not valid JSON in UTF-8 with integers only"
