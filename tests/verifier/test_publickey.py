"""Keys, the four algorithms and WebAuthn assertions: what counts and what does not."""

import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from verifier import b64, rootfile
from verifier.errors import Error, FormatError, PublicKeyError, SignatureError
from verifier.publickey import P256_ORDER, PublicKey, SigParts, thumbprint
from verifier.webauthn import RelyingParty

ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
EC = ec.derive_private_key(2**200 + 12345, ec.SECP256R1())
ED_JWK = {"kty": "OKP", "crv": "Ed25519", "x": b64.url_encode(ED.public_key().public_bytes_raw())}
POINT = EC.public_key().public_numbers()
EC_JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": b64.url_encode(POINT.x.to_bytes(32, "big")),
    "y": b64.url_encode(POINT.y.to_bytes(32, "big")),
}
SITE = RelyingParty("https://console.ledger.example", "ledger.example")
ELSEWHERE = RelyingParty("https://other.example", "other.example")
MESSAGE = b"certledger/command/v1\n"


def raw_signature(message: bytes, *, high: bool = False) -> bytes:
    r, s = decode_dss_signature(EC.sign(message, ec.ECDSA(SHA256())))
    if (s > P256_ORDER // 2) != high:
        s = P256_ORDER - s
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def assertion(
    alg: str = "webauthn-ed25519",
    message: bytes = MESSAGE,
    site: RelyingParty = SITE,
    flags: int = 0x05,
    more: bytes = b"",
    client_text: bytes | None = None,
    **client: Any,
) -> SigParts:
    """What an authenticator gives; `flags`, `more` and `client` make it a wrong one."""
    members = {
        "type": "webauthn.get",
        "challenge": b64.url_encode(sha256(message).digest()),
        "origin": site.origin,
        "crossOrigin": False,
    } | client
    client_json = json.dumps({name: value for name, value in members.items() if value is not ...}).encode()
    client_json = client_text or client_json
    data = sha256(site.rp_id.encode()).digest() + bytes([flags]) + bytes(4) + more
    signed = data + sha256(client_json).digest()
    if alg == "webauthn-ed25519":
        return SigParts(thumbprint(ED_JWK), alg, ED.sign(signed), data, client_json)
    return SigParts(thumbprint(EC_JWK), alg, EC.sign(signed, ec.ECDSA(SHA256())), data, client_json)


def test_thumbprint_of_rfc8037() -> None:
    # RFC 8037 appendix A.3.
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert PublicKey(jwk, "ed25519").thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_keys_are_equal_by_algorithm_and_thumbprint() -> None:
    assert PublicKey(ED_JWK, "ed25519") == PublicKey(dict(reversed(ED_JWK.items())), "ed25519")
    assert PublicKey(ED_JWK, "ed25519") != PublicKey(ED_JWK, "webauthn-ed25519")
    assert len({PublicKey(ED_JWK, "ed25519"), PublicKey(ED_JWK, "ed25519"), PublicKey(EC_JWK, "es256")}) == 2
    assert PublicKey(ED_JWK, "ed25519") != "ed25519"


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        ({}, "KEY_MALFORMED"),
        ({**ED_JWK, "kid": "1"}, "KEY_MALFORMED"),
        ({**ED_JWK, "d": "AA"}, "KEY_MALFORMED"),
        ({**ED_JWK, "crv": "Ed448"}, "KEY_MALFORMED"),
        ({**ED_JWK, "x": 1}, "KEY_MALFORMED"),
        ({**ED_JWK, "x": ED_JWK["x"] + "="}, "KEY_MALFORMED"),
        ({**ED_JWK, "x": ED_JWK["x"][:-1] + "B"}, "KEY_MALFORMED"),
        ({**ED_JWK, "x": b64.url_encode(bytes(31))}, "KEY_MALFORMED"),
        ({**ED_JWK, "x": b64.url_encode(bytes(32))}, "KEY_SMALL_ORDER"),
        ({**ED_JWK, "x": b64.url_encode(b"\xff" * 32)}, "KEY_NOT_CANONICAL"),
        ({**EC_JWK, "crv": "P-384"}, "KEY_MALFORMED"),
        ({**EC_JWK, "y": b64.url_encode(bytes(33))}, "KEY_MALFORMED"),
        ({**EC_JWK, "y": EC_JWK["x"]}, "KEY_NOT_ON_CURVE"),
        ({**EC_JWK, "x": b64.url_encode(bytes(32)), "y": b64.url_encode(bytes(32))}, "KEY_NOT_ON_CURVE"),
        ({**EC_JWK, "x": b64.url_encode(b"\xff" * 32)}, "KEY_NOT_ON_CURVE"),
        ({name: EC_JWK[name] for name in ("kty", "crv", "x")}, "KEY_MALFORMED"),
    ],
)
def test_bad_jwk(jwk: dict[str, Any], code: str) -> None:
    with pytest.raises(PublicKeyError, match=code):
        PublicKey(jwk, "ed25519")


@pytest.mark.parametrize(
    ("jwk", "alg"), [(ED_JWK, "es256"), (EC_JWK, "ed25519"), (EC_JWK, "webauthn-ed25519"), (ED_JWK, "EdDSA")]
)
def test_algorithm_of_another_key(jwk: dict[str, Any], alg: str) -> None:
    with pytest.raises(PublicKeyError, match="KEY_ALG_WRONG"):
        PublicKey(jwk, alg)


def test_es256() -> None:
    key = PublicKey(EC_JWK, "es256")

    def parts(sig: bytes) -> SigParts:
        return SigParts(key.thumbprint, "es256", sig)

    key.verify(MESSAGE, parts(raw_signature(MESSAGE)))
    for sig, code in [
        (raw_signature(MESSAGE, high=True), "SIGNATURE_HIGH_S"),
        (raw_signature(b"another"), "SIGNATURE_WRONG"),
        (raw_signature(MESSAGE) + b"\x00", "SIGNATURE_WRONG"),
        (EC.sign(MESSAGE, ec.ECDSA(SHA256())), "SIGNATURE_WRONG"),
        (bytes(64), "SIGNATURE_WRONG"),
        (b"", "SIGNATURE_WRONG"),
    ]:
        with pytest.raises(SignatureError, match=code):
            key.verify(MESSAGE, parts(sig))


def test_members_must_fit_the_algorithm() -> None:
    plain = SigParts(thumbprint(ED_JWK), "ed25519", ED.sign(MESSAGE))
    PublicKey(ED_JWK, "ed25519").verify(MESSAGE, plain)
    extra = SigParts(thumbprint(ED_JWK), "ed25519", ED.sign(MESSAGE), b"", b"")
    with pytest.raises(SignatureError, match="SIGNATURE_MEMBERS"):
        PublicKey(ED_JWK, "ed25519").verify(MESSAGE, extra)
    missing = SigParts(thumbprint(ED_JWK), "webauthn-ed25519", ED.sign(MESSAGE))
    with pytest.raises(SignatureError, match="SIGNATURE_MEMBERS"):
        PublicKey(ED_JWK, "webauthn-ed25519").verify(MESSAGE, missing, [SITE])


@pytest.mark.parametrize(("alg", "jwk"), [("webauthn-ed25519", ED_JWK), ("webauthn-es256", EC_JWK)])
def test_webauthn(alg: str, jwk: dict[str, str]) -> None:
    key = PublicKey(jwk, alg)
    for good in [
        assertion(alg),
        assertion(alg, crossOrigin=...),
        assertion(alg, flags=0x1D),
        assertion(alg, flags=0x85, more=b"\xa0"),
        assertion(alg, other_keys_can_be_added_here="do not compare clientDataJSON against a template"),
    ]:
        key.verify(MESSAGE, good, [ELSEWHERE, SITE])
        read = SigParts.from_json(key.thumbprint, alg, good.to_json())
        assert read == good
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        key.verify(MESSAGE, SigParts(key.thumbprint, alg, bytes(64), *_data(assertion(alg))), [SITE])


def _data(parts: SigParts) -> tuple[bytes | None, bytes | None]:
    return parts.authenticator_data, parts.client_data_json


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (assertion(type="webauthn.create"), "WEBAUTHN_TYPE"),
        (assertion(message=b"another"), "WEBAUTHN_CHALLENGE"),
        (assertion(challenge=b64.encode(sha256(MESSAGE).digest())), "WEBAUTHN_CHALLENGE"),
        (assertion(crossOrigin=True), "WEBAUTHN_CROSS_ORIGIN"),
        (assertion(crossOrigin=0), "WEBAUTHN_CROSS_ORIGIN"),
        (assertion(topOrigin="https://console.ledger.example"), "WEBAUTHN_CROSS_ORIGIN"),
        (assertion(site=ELSEWHERE), "WEBAUTHN_RELYING_PARTY"),
        (assertion(origin=ELSEWHERE.origin), "WEBAUTHN_RELYING_PARTY"),
        (assertion(origin=["https://console.ledger.example"]), "WEBAUTHN_RELYING_PARTY"),
        (assertion(flags=0x01), "WEBAUTHN_NOT_VERIFIED"),
        (assertion(flags=0x04), "WEBAUTHN_NOT_VERIFIED"),
        (assertion(flags=0x15), "WEBAUTHN_FLAGS"),
        (assertion(flags=0x45), "WEBAUTHN_FLAGS"),
        (assertion(flags=0x85), "WEBAUTHN_FLAGS"),
        (assertion(more=b"\xa0"), "WEBAUTHN_FLAGS"),
        (assertion(flags=0x85, more=bytes(1000)), "WEBAUTHN_MALFORMED"),
        (assertion(client_text=b"[]"), "WEBAUTHN_MALFORMED"),
        (assertion(client_text=b"\xff"), "WEBAUTHN_MALFORMED"),
        (assertion(client_text=b'{"type":"webauthn.get","type":"webauthn.get"}'), "WEBAUTHN_MALFORMED"),
        (assertion(client_text=b"[" * 4000), "WEBAUTHN_MALFORMED"),
        (assertion(padding="x" * 5000), "WEBAUTHN_MALFORMED"),
    ],
)
def test_webauthn_refusals(parts: SigParts, code: str) -> None:
    with pytest.raises(SignatureError, match=code):
        PublicKey(ED_JWK, "webauthn-ed25519").verify(MESSAGE, parts, [SITE])


def test_site_pairs_do_not_mix() -> None:
    # The origin of one allowed site with the RP id of another is neither.
    mixed = assertion(site=ELSEWHERE, origin=SITE.origin)
    with pytest.raises(SignatureError, match="WEBAUTHN_RELYING_PARTY"):
        PublicKey(ED_JWK, "webauthn-ed25519").verify(MESSAGE, mixed, [SITE, ELSEWHERE])


def test_authenticator_signature_is_strict_der() -> None:
    parts = assertion("webauthn-es256")
    body, r_length = parts.sig[2:], parts.sig[3]
    for loose in [
        b"",
        parts.sig + b"\x00",
        b"\x30\x81" + bytes([len(body)]) + body,
        b"\x30" + bytes([len(body) + 1, 2, r_length + 1, 0]) + body[2:],
    ]:
        with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
            PublicKey(EC_JWK, "webauthn-es256").verify(
                MESSAGE, SigParts(parts.key, parts.alg, loose, *_data(parts)), [SITE]
            )


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("http://ledger.example", "ledger.example"),
        ("https://ledger.example/", "ledger.example"),
        ("https://Ledger.example", "ledger.example"),
        ("https://ledger.example", "example.ledger"),
        ("https://badledger.example", "ledger.example"),
        ("https://ledger.example", "sub.ledger.example"),
        ("https://ledger.example", ""),
        ("https://ledger.example", "."),
        ("https://ledger.example:0", "ledger.example"),
        ("", ""),
    ],
)
def test_relying_party_refusals(origin: str, rp_id: str) -> None:
    with pytest.raises(FormatError, match="RELYING_PARTY_INVALID"):
        RelyingParty(origin, rp_id)


# ---------------------------------------------------------------- the root file


def root_file() -> rootfile.RootFile:
    return rootfile.RootFile(
        "ledger.example/log",
        (
            rootfile.RootKey("staff/s1", PublicKey(ED_JWK, "ed25519"), "server-held"),
            rootfile.RootKey("staff/s2", PublicKey(EC_JWK, "webauthn-es256"), "device"),
        ),
        (SITE, RelyingParty("http://localhost:8080", "localhost")),
    )


def test_root_file_round_trip() -> None:
    data = root_file().to_bytes()
    assert data.startswith(b'{"keys":[{"alg":"ed25519","custody":"server-held","jwk":{"crv":"Ed25519",')
    assert rootfile.parse(data) == root_file()
    assert root_file().digest() == sha256(data).hexdigest()


def _edit(path: list[Any], value: Any) -> bytes:
    content = json.loads(root_file().to_bytes())
    target = content
    for step in path[:-1]:
        target = target[step]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (["origin"], ..., "ROOT_FILE_INVALID"),
        (["origin"], "a b", "ORIGIN_INVALID"),
        (["note"], 1, "ROOT_FILE_INVALID"),
        (["keys"], {}, "ROOT_FILE_INVALID"),
        (["keys", 1], ..., "ROOT_FILE_INVALID"),
        (["keys", 1], [], "ROOT_FILE_INVALID"),
        (["keys", 1, "staff"], "staff/s1", "ROOT_FILE_INVALID"),
        (["keys", 1, "staff"], "s2", "STAFF_INVALID"),
        (["keys", 1, "jwk"], "x", "ROOT_FILE_INVALID"),
        (["keys", 1, "jwk"], {}, "KEY_MALFORMED"),
        (["keys", 1, "alg"], None, "ROOT_FILE_INVALID"),
        (["keys", 1, "alg"], "ed25519", "KEY_ALG_WRONG"),
        (["keys", 1, "custody"], "drawer", "ROOT_FILE_INVALID"),
        (["keys", 1, "custody"], None, "ROOT_FILE_INVALID"),
        (["keys", 1, "note"], 1, "ROOT_FILE_INVALID"),
        (["webauthn"], None, "ROOT_FILE_INVALID"),
        (["webauthn", 0, "rp_id"], "other.example", "RELYING_PARTY_INVALID"),
        (["webauthn", 0, "rp_id"], None, "ROOT_FILE_INVALID"),
        (["webauthn", 0], {"origin": "http://localhost:8080", "rp_id": "localhost"}, "ROOT_FILE_INVALID"),
    ],
)
def test_bad_root_file(path: list[Any], value: Any, code: str) -> None:
    with pytest.raises(Error, match=code):
        rootfile.parse(_edit(path, value))


def test_one_key_cannot_found_twice() -> None:
    first = json.loads(root_file().to_bytes())["keys"][0]
    again = {**first, "staff": "staff/s2", "alg": "webauthn-ed25519", "custody": "device"}
    with pytest.raises(FormatError, match="ROOT_FILE_INVALID"):
        rootfile.parse(_edit(["keys", 1], again))
