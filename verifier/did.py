"""Names of issuing organisations as decentralised identifiers (did:web), and their keys as Multikeys.

`did:web:HOST[%3APORT]:i:<org>` is looked up at `https://HOST[:PORT]/i/<org>/did.json`. A Multikey is the
multibase (base58btc, `z`) of the multicodec ed25519-pub (0xed01) and the 32 bytes of an Ed25519 key. A
verification method is named `<did>#<RFC 7638 thumbprint>`.

Specifications: W3C DID Core, did:web method (CCG), Controlled Identifiers 1.0 section 2.2.2.

Not done here: fetching.
"""

from typing import Any
from urllib.parse import urlsplit

from verifier import b64
from verifier.errors import FormatError
from verifier.publickey import PublicKey

_ED25519_PUB = b"\xed\x01"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_MULTIBASE_LIMIT = 128


def did_web(base_url: str, organisation: str) -> str:
    """Return the name of an organisation that issues under this address (scheme and host)."""
    return f"did:web:{urlsplit(base_url).netloc.replace(':', '%3A')}:i:{organisation}"


def method_id(did: str, thumbprint: str) -> str:
    """Return the name of one of its keys."""
    return f"{did}#{thumbprint}"


def multikey(jwk: dict[str, str]) -> str:
    """Return an Ed25519 key as a Multikey."""
    return multibase(_ED25519_PUB + b64.url_decode(jwk["x"], 32))


def document(did: str, keys: list[PublicKey], current: frozenset[str]) -> dict[str, Any]:
    """Return the DID document with all these Ed25519 keys.

    Those whose thumbprints are in `current` may assert; the others are only named.
    """
    methods = [
        {
            "controller": did,
            "id": method_id(did, key.thumbprint),
            "publicKeyMultibase": multikey(key.jwk),
            "type": "Multikey",
        }
        for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method_id(did, key.thumbprint) for key in keys if key.thumbprint in current],
    }


def multibase(data: bytes) -> str:
    """Return bytes in base58btc with the multibase prefix `z`."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "z" + _ALPHABET[0] * (len(data) - len(data.lstrip(b"\0"))) + digits


def from_multibase(text: str, size: int) -> bytes:
    """Return the `size` bytes of a `z` multibase text. Raises FormatError MULTIBASE_INVALID."""
    try:
        number = 0
        for character in text[1:_MULTIBASE_LIMIT]:
            number = number * 58 + _VALUES[character]
        data = number.to_bytes(size, "big")
    except (KeyError, OverflowError):
        data = b""
    if multibase(data) != text:
        raise FormatError("MULTIBASE_INVALID", f"not {size} bytes in base58btc")
    return data
