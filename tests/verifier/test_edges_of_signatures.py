"""Keys, signatures and assertions at their edges: the last that is accepted, and the first that is not."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from tests.verifier.test_publickey import EC_JWK, ED_JWK, MESSAGE, SITE, assertion, raw_signature
from verifier import b64, webauthn
from verifier.errors import FormatError, PublicKeyError, SignatureError
from verifier.publickey import P256_ORDER, PublicKey, SigParts
from verifier.webauthn import RelyingParty

# -- signature objects -------------------------------------------------------------------------------------------------


def read(alg: str, **members: Any) -> SigParts:
    return SigParts.from_json("k", alg, {name: value for name, value in members.items() if value is not ...})


def of(size: int) -> str:
    return b64.encode(bytes(size))


def webauthn_members(sig: int = 64, data: int = 37, client: int = 2) -> dict[str, str]:
    return {"sig": of(sig), "authenticatorData": of(data), "clientDataJSON": of(client)}


@pytest.mark.parametrize(
    ("alg", "good", "bad"),
    [
        ("ed25519", [64], [0, 63, 65, 72]),
        ("es256", [64], [0, 63, 65, 72]),
        ("webauthn-ed25519", [64], [0, 63, 65, 72]),
        ("webauthn-es256", [1, 2, 64, 71, 72], [0, 73, 1000]),
    ],
)
def test_a_signature_has_its_size(alg: str, good: list[int], bad: list[int]) -> None:
    def members(size: int) -> dict[str, str]:
        return webauthn_members(size) if alg.startswith("webauthn") else {"sig": of(size)}

    for size in good:
        assert read(alg, **members(size)).sig == bytes(size)
    for size in bad:
        with pytest.raises(FormatError, match=f"SIGNATURE_SIZE: a signature of {size} bytes cannot be {alg}"):
            read(alg, **members(size))


def test_an_assertion_has_its_size() -> None:
    alg = "webauthn-ed25519"
    whole = read(alg, **webauthn_members(data=1024, client=4096))
    assert (whole.authenticator_data, whole.client_data_json) == (bytes(1024), bytes(4096))
    assert read(alg, **webauthn_members(data=0, client=0)).client_data_json == b""
    for sizes in ({"data": 1025}, {"client": 4097}, {"data": 1025, "client": 4097}):
        with pytest.raises(FormatError, match="SIGNATURE_SIZE: an assertion's data is too large"):
            read(alg, **webauthn_members(**sizes))


def test_a_signature_has_the_members_of_its_algorithm() -> None:
    plain, full = {"sig": of(64)}, webauthn_members()
    assert SigParts.from_json("k", "ed25519", plain) == SigParts("k", "ed25519", bytes(64))
    odd: list[tuple[str, Any]] = [
        ("ed25519", full), ("webauthn-ed25519", plain), ("ed25519", {}), ("rsa", plain), ("webauthn-rsa", full),
        ("", plain), ("ed25519", None), ("ed25519", []), ("ed25519", ["sig"]), ("ed25519", "sig"), ("ed25519", {"sig"}),
        ("ed25519", {"sig": None}), ("ed25519", {"sig": 1}), ("ed25519", {"signature": of(64)}),
        *(("webauthn-es256", {**full, name: None}) for name in full),
        *(("webauthn-es256", {each: full[each] for each in full if each != name}) for name in full),
    ]  # fmt: skip
    for alg, value in odd:
        with pytest.raises(FormatError, match="SIGNATURE_MEMBERS"):
            SigParts.from_json("k", alg, value)
    for name in full:
        with pytest.raises(FormatError, match="BASE64_INVALID"):
            SigParts.from_json("k", "webauthn-es256", {**full, name: "x"})


# -- keys --------------------------------------------------------------------------------------------------------------


def test_keys_differ_by_algorithm_and_by_thumbprint() -> None:
    one, other = PublicKey(ED_JWK, "ed25519"), PublicKey(ED_JWK, "webauthn-ed25519")
    curve = PublicKey(EC_JWK, "es256")
    assert len({one, PublicKey(dict(ED_JWK), "ed25519"), other, curve}) == 3
    assert len({hash(each) for each in (one, other, curve)}) == 3
    assert one != one.thumbprint
    second = PublicKey({**ED_JWK, "x": b64.url_encode(b"\x58" + b"\x66" * 31)}, "ed25519")
    assert hash(second) != hash(one)
    assert second != one


def test_a_coordinate_that_is_none_is_told() -> None:
    for jwk in ({**ED_JWK, "x": "AA"}, {**EC_JWK, "y": "AA"}):
        with pytest.raises(
            PublicKeyError, match="KEY_MALFORMED: a coordinate of the key: base64 of 1 bytes where 32"
        ):
            PublicKey(jwk, "ed25519")


@pytest.mark.parametrize(
    ("jwk", "alg", "code"),
    [
        (ED_JWK, "es256", "KEY_ALG_WRONG"), (ED_JWK, "webauthn-es256", "KEY_ALG_WRONG"),
        (ED_JWK, "ed448", "KEY_ALG_WRONG"), (EC_JWK, "ed25519", "KEY_ALG_WRONG"),
        (EC_JWK, "webauthn-ed25519", "KEY_ALG_WRONG"), (EC_JWK, "es384", "KEY_ALG_WRONG"),
        (ED_JWK, "", "KEY_ALG_WRONG"), (ED_JWK, "xed25519", "KEY_ALG_WRONG"),
        ({}, "ed25519", "KEY_MALFORMED"), ({**ED_JWK, "use": "sig"}, "ed25519", "KEY_MALFORMED"),
        ({**ED_JWK, "kty": "EC"}, "ed25519", "KEY_MALFORMED"), ({**ED_JWK, "crv": "Ed448"}, "ed25519", "KEY_MALFORMED"),
        ({**ED_JWK, "x": 1}, "ed25519", "KEY_MALFORMED"), ({**ED_JWK, "x": "AA"}, "ed25519", "KEY_MALFORMED"),
        ({**EC_JWK, "y": 1}, "es256", "KEY_MALFORMED"), ({**EC_JWK, "x": 1}, "es256", "KEY_MALFORMED"),
        ({**EC_JWK, "d": "AA"}, "es256", "KEY_MALFORMED"), ({**EC_JWK, "crv": "P-384"}, "es256", "KEY_MALFORMED"),
        ({**EC_JWK, "y": EC_JWK["x"]}, "es256", "KEY_NOT_ON_CURVE"), ({**EC_JWK, "kty": "OKP"}, "es256", "KEY_MALFORMED"),
    ],
    ids=range(20),
)  # fmt: skip
def test_a_key_that_is_none(jwk: dict[str, Any], alg: str, code: str) -> None:
    with pytest.raises(PublicKeyError, match=code):
        PublicKey(jwk, alg)


def test_the_second_spelling_of_a_signature() -> None:
    key = PublicKey(EC_JWK, "es256")

    def told(sig: bytes) -> str:
        with pytest.raises(SignatureError) as caught:
            key.verify(MESSAGE, SigParts(key.thumbprint, "es256", sig))
        return caught.value.code

    key.verify(MESSAGE, SigParts(key.thumbprint, "es256", raw_signature(MESSAGE)))
    assert told(raw_signature(MESSAGE, high=True)) == "SIGNATURE_HIGH_S"
    r = raw_signature(MESSAGE)[:32]
    assert told(r + (P256_ORDER // 2).to_bytes(32, "big")) == "SIGNATURE_WRONG"
    assert told(r + (P256_ORDER // 2 + 1).to_bytes(32, "big")) == "SIGNATURE_HIGH_S"
    for sig in (b"", raw_signature(MESSAGE)[:-1], raw_signature(MESSAGE) + b"\0", bytes(64)):
        assert told(sig) == "SIGNATURE_WRONG"


# -- assertions --------------------------------------------------------------------------------------------------------


def covered(parts: SigParts, *sites: RelyingParty) -> bytes:
    assert parts.authenticator_data is not None
    assert parts.client_data_json is not None
    return webauthn.signed_bytes(MESSAGE, parts.authenticator_data, parts.client_data_json, sites or [SITE])


def refused(parts: SigParts) -> str:
    with pytest.raises(SignatureError) as caught:
        covered(parts)
    return caught.value.code


@pytest.mark.parametrize(
    ("flags", "more", "code"),
    [
        (0x05, b"", None), (0x0D, b"", None), (0x1D, b"", None), (0x27, b"", None), (0x85, b"\xa0", None),
        (0x05, b"\xa0", "WEBAUTHN_FLAGS"), (0x85, b"", "WEBAUTHN_FLAGS"), (0x15, b"", "WEBAUTHN_FLAGS"),
        (0x45, b"", "WEBAUTHN_FLAGS"), (0xC5, b"\xa0", "WEBAUTHN_FLAGS"), (0x95, b"\xa0", "WEBAUTHN_FLAGS"),
        (0x04, b"", "WEBAUTHN_NOT_VERIFIED"), (0x01, b"", "WEBAUTHN_NOT_VERIFIED"), (0x00, b"", "WEBAUTHN_NOT_VERIFIED"),
        (0x85, bytes(987), None), (0x85, bytes(988), "WEBAUTHN_MALFORMED"),
    ],
)  # fmt: skip
def test_flags_and_what_follows_them(flags: int, more: bytes, code: str | None) -> None:
    parts = assertion(flags=flags, more=more)
    if code is None:
        assert parts.client_data_json is not None
        assert covered(parts) == parts.authenticator_data + sha256(parts.client_data_json).digest()  # type: ignore[operator]
    else:
        assert refused(parts) == code


def test_data_of_36_bytes_is_too_short() -> None:
    parts = assertion()
    assert parts.authenticator_data is not None
    assert parts.client_data_json is not None
    for data in (b"", parts.authenticator_data[:-1]):
        with pytest.raises(
            SignatureError, match="WEBAUTHN_MALFORMED: the authenticator data has a wrong length"
        ):
            webauthn.signed_bytes(MESSAGE, data, parts.client_data_json, [SITE])


def test_client_data_of_4096_bytes() -> None:
    room = 4096 - len(assertion(padding="").client_data_json or b"")
    covered(assertion(padding="x" * room))
    assert refused(assertion(padding="x" * (room + 1))) == "WEBAUTHN_MALFORMED"


def test_a_frame_of_another_origin_is_never_one_s_own() -> None:
    covered(assertion(crossOrigin=...))
    for odd in (True, None, 0, "", "false"):
        assert refused(assertion(crossOrigin=odd)) == "WEBAUTHN_CROSS_ORIGIN"
    assert refused(assertion(topOrigin=None)) == "WEBAUTHN_CROSS_ORIGIN"


def test_members_that_are_missing() -> None:
    assert refused(assertion(type=...)) == "WEBAUTHN_TYPE"
    assert refused(assertion(challenge=...)) == "WEBAUTHN_CHALLENGE"
    assert refused(assertion(origin=...)) == "WEBAUTHN_RELYING_PARTY"
    for text in (b"null", b"1", b'"x"', b"{", b"{} ", b"[{}]"):
        assert refused(assertion(client_text=text)) in {"WEBAUTHN_MALFORMED", "WEBAUTHN_TYPE"}


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://a", "a"), ("https://a.b", "a.b"), ("https://a.b", "b"), ("https://a.b.c:1", "b.c"),
        ("https://a:65535", "a"),
        ("http://localhost", "localhost"), ("http://localhost:8000", "localhost"), ("https://a-b.c", "a-b.c"),
        (f"https://{'a' * 63}.b", f"{'a' * 63}.b"), (f"https://{'a' * 62}.b", f"{'a' * 62}.b"), ("https://0.1", "0.1"),
    ],
)  # fmt: skip
def test_sites_that_are_some(origin: str, rp_id: str) -> None:
    assert RelyingParty(origin, rp_id).rp_id == rp_id


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("http://a", "a"), ("http://localhost.a", "a"), ("ftp://localhost", "localhost"),
        ("https://a:0", "a"), ("https://a:", "a"),
        ("https://a:123456", "a"), ("https://a:01", "a"), ("https://a/", "a"), ("https://A", "A"), ("xhttps://a", "a"),
        ("https://ab", "b"), ("https://a", "a.b"), ("https://a.b", "c"), ("https://-a", "-a"), ("https://a-", "a-"),
        ("https://a..b", "a..b"), ("https://a.", "a."), ("https://.a", ".a"), (f"https://{'a' * 64}", "a" * 64),
        ("https://a", ""),
        ("https://a.-b", "a.-b"), ("https://a.b-", "a.b-"), (f"https://b.{'a' * 64}", f"b.{'a' * 64}"),
        ("https://", ""), ("", ""),
        ("https://[::1]", "[::1]"), ("https://a b", "a b"),
    ],
)  # fmt: skip
def test_sites_that_are_none(origin: str, rp_id: str) -> None:
    with pytest.raises(
        FormatError, match="RELYING_PARTY_INVALID: a WebAuthn origin and its RP id do not fit"
    ):
        RelyingParty(origin, rp_id)
