"""What signs: a private key in memory behind one small interface.

An authenticator or a security module satisfies `Signer` as well: the caller does not see where the key is.
Signatures have the forms of `verifier.publickey`: Ed25519 (RFC 8032) as 64 bytes, P-256 as r||s, 64 bytes,
with low s. P-256 nonces are random (FIPS 186-5).

Not done here: wiping private keys from memory, which Python cannot promise. A locked key is dropped, and
its memory reused in time.
"""

from typing import Any, NoReturn, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from keys.errors import Error
from verifier import b64
from verifier.entry import enrol_message
from verifier.publickey import P256_ORDER, SigParts, thumbprint

RAW_SIZE = 32


class Signer(Protocol):
    """A key that can be used now. `verifier.entry.seal` takes its `sign`."""

    @property
    def thumbprint(self) -> str:
        """The RFC 7638 thumbprint of the public key."""
        ...

    @property
    def alg(self) -> str:
        """The algorithm, one of `verifier.publickey.ALGS`."""
        ...

    @property
    def jwk(self) -> dict[str, str]:
        """The public key."""
        ...

    def sign(self, message: bytes) -> SigParts:
        """Return the signature over `message`, made as the algorithm wants it."""
        ...


class _SoftwareSigner:
    """What both kinds of keys in memory share. Neither prints itself nor lets itself be pickled."""

    __slots__ = ("_jwk", "_thumbprint")

    def __init__(self, jwk: dict[str, str]) -> None:
        self._jwk = jwk
        self._thumbprint = thumbprint(jwk)

    @property
    def thumbprint(self) -> str:
        """The RFC 7638 thumbprint of the public key."""
        return self._thumbprint

    @property
    def jwk(self) -> dict[str, str]:
        """The public key (a copy)."""
        return dict(self._jwk)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._thumbprint}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled")


class Ed25519Signer(_SoftwareSigner):
    """An Ed25519 key in memory, from its 32-byte seed."""

    __slots__ = ("_key",)

    alg = "ed25519"

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(raw)
        point = self._key.public_key().public_bytes_raw()
        super().__init__({"crv": "Ed25519", "kty": "OKP", "x": b64.url_encode(point)})

    @classmethod
    def generate(cls) -> "Ed25519Signer":
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def raw(self) -> bytes:
        """Return the seed, for the keystore to seal."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> SigParts:
        """Return the 64-byte signature."""
        return SigParts(self.thumbprint, self.alg, self._key.sign(message))


class ES256Signer(_SoftwareSigner):
    """A P-256 key in memory, from its private scalar as 32 bytes, most significant first."""

    __slots__ = ("_key",)

    alg = "es256"

    def __init__(self, raw: bytes) -> None:
        self._key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
        point = self._key.public_key().public_numbers()
        x, y = (b64.url_encode(n.to_bytes(RAW_SIZE, "big")) for n in (point.x, point.y))
        super().__init__({"crv": "P-256", "kty": "EC", "x": x, "y": y})

    @classmethod
    def generate(cls) -> "ES256Signer":
        """Make a new key."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        return cls(number.to_bytes(RAW_SIZE, "big"))

    def raw(self) -> bytes:
        """Return the scalar, for the keystore to seal."""
        return self._key.private_numbers().private_value.to_bytes(RAW_SIZE, "big")

    def sign(self, message: bytes) -> SigParts:
        """Return r||s.

        Of the two values of s that hold, the lower one is taken, so that nobody can re-spell the signature.
        """
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        s = min(s, P256_ORDER - s)
        sig = r.to_bytes(RAW_SIZE, "big") + s.to_bytes(RAW_SIZE, "big")
        return SigParts(self.thumbprint, self.alg, sig)


SoftwareSigner = Ed25519Signer | ES256Signer

_CLASSES: dict[str, type[Ed25519Signer] | type[ES256Signer]] = {
    "ed25519": Ed25519Signer,
    "es256": ES256Signer,
}


def software_signer(alg: str) -> type[Ed25519Signer] | type[ES256Signer]:
    """Return the class for `alg`. Raises Error KEY_ALGORITHM for one that cannot lie in a keystore."""
    try:
        return _CLASSES[alg]
    except KeyError:
        raise Error("KEY_ALGORITHM", "a keystore holds ed25519 and es256 keys only") from None


def possession(signer: Signer, origin: str, staff_id: str) -> dict[str, Any]:
    """Return the signature object by which a new key proves, in the event that enrols it, that it is held.

    `origin` names the log, `staff_id` is the id without `staff/`. Raises verifier.errors.FormatError for
    either.
    """
    return signer.sign(enrol_message(origin, f"staff/{staff_id}", signer.thumbprint)).to_json()
