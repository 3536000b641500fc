"""Public keys as JSON Web Keys, and the four signature algorithms of the ledger.

A key is exactly `{"crv":"Ed25519","kty":"OKP","x":…}` (RFC 8037) or `{"crv":"P-256","kty":"EC","x":…,"y":…}`
(RFC 7518 section 6.2), in canonical base64url without padding; any other member is refused. Its name is its
RFC 7638 thumbprint, base64url without padding.

| alg | key | sig | message |
|---|---|---|---|
| ed25519 | Ed25519 | 64 bytes | as it is |
| es256 | P-256 | r‖s, 64 bytes, low s | as it is (SHA-256 inside) |
| webauthn-ed25519 | Ed25519 | 64 bytes | as the challenge of an assertion |
| webauthn-es256 | P-256 | DER, as the authenticator gave it | as the challenge of an assertion |

A signature object in JSON is `{"sig":"<base64>"}`, with `authenticatorData` and `clientDataJSON` in base64
for the webauthn ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from verifier import b64, jcs, webauthn
from verifier.ed25519 import SIGNATURE_SIZE, VerifyKey
from verifier.errors import FormatError, PublicKeyError, SignatureError
from verifier.webauthn import RelyingParty

ALGS = ("ed25519", "es256", "webauthn-ed25519", "webauthn-es256")
CUSTODIES = ("server-held", "device", "hsm")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_DER_LIMIT = 72
_WEBAUTHN_MEMBERS = ("authenticatorData", "clientDataJSON")


@dataclass(frozen=True, slots=True)
class SigParts:
    """What a signer gives.

    `key` is the thumbprint of the key that signed, `alg` its algorithm, `sig` the signature's bytes; an
    authenticator adds what it signed over.
    """

    key: str
    alg: str
    sig: bytes
    authenticator_data: bytes | None = None
    client_data_json: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the signature object, which leaves out what is said beside it: key and alg."""
        members = {"sig": b64.encode(self.sig)}
        if self.authenticator_data is not None:
            members["authenticatorData"] = b64.encode(self.authenticator_data)
        if self.client_data_json is not None:
            members["clientDataJSON"] = b64.encode(self.client_data_json)
        return members

    @classmethod
    def from_json(cls, key: str, alg: str, value: Any) -> "SigParts":
        """Read the signature object of a key and its algorithm.

        Raises FormatError SIGNATURE_MEMBERS, SIGNATURE_SIZE or BASE64_INVALID.
        """
        is_webauthn = alg.startswith("webauthn-")
        names = {"sig", *_WEBAUTHN_MEMBERS} if is_webauthn else {"sig"}
        if alg not in ALGS or type(value) is not dict or value.keys() != names:
            raise FormatError("SIGNATURE_MEMBERS", "a signature has not the members that its algorithm needs")
        if any(type(text) is not str for text in value.values()):
            raise FormatError("SIGNATURE_MEMBERS", "a signature's members are strings")
        sig = b64.decode(value["sig"])
        if not (1 <= len(sig) <= _DER_LIMIT if alg == "webauthn-es256" else len(sig) == SIGNATURE_SIZE):
            raise FormatError("SIGNATURE_SIZE", f"a signature of {len(sig)} bytes cannot be {alg}")
        if not is_webauthn:
            return cls(key, alg, sig)
        data, client = (b64.decode(value[name]) for name in _WEBAUTHN_MEMBERS)
        if len(data) > webauthn.AUTHENTICATOR_DATA_LIMIT or len(client) > webauthn.CLIENT_DATA_LIMIT:
            raise FormatError("SIGNATURE_SIZE", "an assertion's data is too large")
        return cls(key, alg, sig, data, client)


class PublicKey:
    """A checked public key with the one algorithm that it was enrolled for.

    `alg` is one of ALGS, `jwk` its JSON Web Key (a copy), `thumbprint` its name. Two are equal if alg and
    thumbprint are.
    """

    __slots__ = ("_key", "alg", "jwk", "thumbprint")

    def __init__(self, jwk: Mapping[str, Any], alg: str) -> None:
        """Check and load a key. Raises PublicKeyError KEY_ALG_WRONG, or what `load_jwk` raises."""
        key = load_jwk(jwk)
        if alg not in ALGS or alg.endswith("ed25519") != isinstance(key, VerifyKey):
            raise PublicKeyError("KEY_ALG_WRONG", "this kind of key cannot have that algorithm")
        self._key = key
        self.alg = alg
        self.jwk: dict[str, str] = dict(jwk)
        self.thumbprint = thumbprint(jwk)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and (self.alg, self.thumbprint) == (other.alg, other.thumbprint)

    def __hash__(self) -> int:
        return hash((self.alg, self.thumbprint))

    def verify(self, message: bytes, parts: SigParts, relying_parties: Iterable[RelyingParty] = ()) -> None:
        """Check a signature over `message` by this key with its algorithm.

        `relying_parties` are the sites whose assertions count, for the webauthn algorithms.
        Raises SignatureError SIGNATURE_KEY_WRONG, SIGNATURE_ALG_WRONG, SIGNATURE_MEMBERS, SIGNATURE_WRONG,
        SIGNATURE_HIGH_S or one of the WEBAUTHN_… codes.
        """
        if parts.key != self.thumbprint:
            raise SignatureError("SIGNATURE_KEY_WRONG", "the signature names another key")
        if parts.alg != self.alg:
            raise SignatureError("SIGNATURE_ALG_WRONG", "the key was enrolled for another algorithm")
        is_webauthn = self.alg.startswith("webauthn-")
        match is_webauthn, parts.authenticator_data, parts.client_data_json:
            case True, bytes(data), bytes(client):
                message = webauthn.signed_bytes(message, data, client, relying_parties)
            case False, None, None:
                pass
            case _:
                raise SignatureError("SIGNATURE_MEMBERS", f"a signature has not the members of {self.alg}")
        if isinstance(self._key, VerifyKey):
            self._key.verify(message, parts.sig)
        else:
            # The library takes strict DER only: shortest lengths and integers, nothing behind them.
            der = parts.sig if is_webauthn else _der_from_raw(parts.sig)
            try:
                self._key.verify(der, message, ec.ECDSA(SHA256()))
            except InvalidSignature:
                raise SignatureError("SIGNATURE_WRONG", "the P-256 signature does not hold") from None


def load_jwk(jwk: Mapping[str, Any]) -> VerifyKey | ec.EllipticCurvePublicKey:
    """Return the key object of a JSON Web Key.

    Raises PublicKeyError KEY_MALFORMED, KEY_NOT_CANONICAL, KEY_SMALL_ORDER or KEY_NOT_ON_CURVE.
    """
    try:
        match dict(jwk):
            case {"kty": "OKP", "crv": "Ed25519", "x": str(x), **others} if not others:
                return VerifyKey(b64.url_decode(x, 32))
            case {"kty": "EC", "crv": "P-256", "x": str(x), "y": str(y), **others} if not others:
                return _p256(b64.url_decode(x, 32), b64.url_decode(y, 32))
    except FormatError as error:
        raise PublicKeyError("KEY_MALFORMED", f"a coordinate of the key: {error.message}") from None
    raise PublicKeyError("KEY_MALFORMED", "not a public JWK with exactly the members of Ed25519 or P-256")


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the RFC 7638 thumbprint: unpadded base64url of SHA-256 over the JWK's canonical JSON."""
    # An accepted key has the required members only, and its canonical JSON is what RFC 7638 hashes.
    return b64.url_encode(sha256(jcs.encode(dict(jwk))).digest())


def _p256(x: bytes, y: bytes) -> ec.EllipticCurvePublicKey:
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
    )
    try:
        return numbers.public_key()
    except ValueError:
        raise PublicKeyError("KEY_NOT_ON_CURVE", "the P-256 key is not a point of the curve") from None


def _der_from_raw(sig: bytes) -> bytes:
    if len(sig) != SIGNATURE_SIZE:
        raise SignatureError("SIGNATURE_WRONG", "an es256 signature has 64 bytes")
    r, s = int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
    if s > P256_ORDER // 2:
        raise SignatureError("SIGNATURE_HIGH_S", "the signature is the second spelling of another (high s)")
    return encode_dss_signature(r, s)
