"""Ed25519 (RFC 8032) with one answer where libraries disagree.

Public keys: 32 bytes, the canonical encoding (y < p) of a point of the curve that is not one of the eight of
small order. Signatures: 64 bytes, R not of small order, S < L, and R equal byte for byte to the encoding of
S·B - k·A (the check without cofactor). OpenSSL, behind `cryptography`, lets small-order A and R pass;
libsodium does not. This module refuses them before the library is asked.

Where PyNaCl is installed, libsodium verifies in half the time; the answers are the same.
"""

import importlib
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.errors import PublicKeyError, SignatureError

KEY_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_Y_MASK = (1 << 255) - 1

# The y coordinates of the points of order 1, 2, 4 and 8. At order 8 the double has y = 0, so x² = -y², and
# the curve's equation leaves d·y⁴ + 2·y² = 1.
_Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})
# Their encodings, with either sign of x; 0 and 1 have a second one, since p + 1 still fits.
_SMALL_ORDER = frozenset(
    (y | sign << 255).to_bytes(KEY_SIZE, "little") for y in (*_SMALL_ORDER_Y, _P, _P + 1) for sign in (0, 1)
)


# Tells whether a signature over a message holds under a key that this closure knows.
Holds = Callable[[bytes, bytes], bool]


def openssl(public: bytes) -> Holds:
    """Return the check of `cryptography`."""
    key = Ed25519PublicKey.from_public_bytes(public)

    def holds(signature: bytes, message: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return holds


def libsodium(public: bytes) -> Holds:
    """Return the check of PyNaCl. Raises ImportError where it is not installed."""
    # By name, since type checkers need not find an optional library.
    bindings = importlib.import_module("nacl.bindings")
    bad_signature = importlib.import_module("nacl.exceptions").BadSignatureError

    def holds(signature: bytes, message: bytes) -> bool:
        try:
            bindings.crypto_sign_open(signature + message, public)
        except bad_signature:
            return False
        return True

    return holds


def _fastest() -> Callable[[bytes], Holds]:
    try:
        importlib.import_module("nacl.bindings")
    except ImportError:
        return openssl
    return libsodium


_check = _fastest()


class VerifyKey:
    """An Ed25519 public key that passed the strict checks."""

    __slots__ = ("_holds", "data")

    def __init__(self, data: bytes) -> None:
        """Take the key's 32 bytes.

        Raises PublicKeyError KEY_MALFORMED, KEY_NOT_CANONICAL, KEY_SMALL_ORDER, KEY_NOT_ON_CURVE.
        """
        check_key(data)
        self.data = data
        self._holds = _check(data)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a signature of 64 bytes over `message`. Raises SignatureError SIGNATURE_WRONG."""
        if len(signature) != SIGNATURE_SIZE or signature[:32] in _SMALL_ORDER:
            raise SignatureError("SIGNATURE_WRONG", "the Ed25519 signature is malformed")
        if not self._holds(signature, message):
            raise SignatureError("SIGNATURE_WRONG", "the Ed25519 signature does not hold")


def check_key(data: bytes) -> None:
    """Refuse an encoding that is not a canonical point of large order (see `VerifyKey`)."""
    if len(data) != KEY_SIZE:
        raise PublicKeyError("KEY_MALFORMED", f"an Ed25519 key has {KEY_SIZE} bytes")
    y = int.from_bytes(data, "little") & _Y_MASK
    if y >= _P:
        raise PublicKeyError("KEY_NOT_CANONICAL", "the Ed25519 key is not in its canonical encoding")
    if y in _SMALL_ORDER_Y:
        raise PublicKeyError("KEY_SMALL_ORDER", "the Ed25519 key is a point of small order")
    # x² = (y² - 1) / (d·y² + 1); a square exactly if its Legendre symbol is 1. x = 0 only at small order.
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(square, _P // 2, _P) != 1:
        raise PublicKeyError("KEY_NOT_ON_CURVE", "the Ed25519 key is not a point of the curve")
