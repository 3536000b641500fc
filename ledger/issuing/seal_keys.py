"""Where a seal's key comes from: an issuer key of this ledger, or a file. (A token: ``ledger.issuing.seal_token``.)

Rules. P-256, or RSA of 2048 bits and more, with SHA-256: what common PDF readers can check. Ed25519 is refused,
since they cannot. The certificate is a signing one (digital signature or non-repudiation), and the chain leads
from it upwards without a gap; nothing is said here of who trusts its root. A key in memory signs P-256 with the
nonce of RFC 6979 where it comes from a file, so that the same page gives the same bytes.

Specification: RFC 5280, RFC 5652, PKCS#12 (RFC 7292). It seals nothing itself
(``ledger.issuing.sealing``), and keeps no passphrase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner

from keys import files
from ledger.errors import Error
from verifier import b64

if TYPE_CHECKING:
    from keys.signer import Signer

Chain = tuple[x509.Certificate, ...]
"""A certificate, its issuer's, and so on up."""

_FILE_LIMIT = 1 << 17
_LEAST_RSA_BITS = 2048
_CERTIFICATE_LIMIT = 10
_WIDTH = 32  # bytes of a number of P-256
_PUBLIC_KEY = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class SealKey:
    """A key that can seal now. ``cms`` is what signs in pyHanko; ``chain`` begins with the seal's certificate."""

    chain: Chain
    cms: CmsSigner


def of_signer(signer: Signer, chain: Sequence[x509.Certificate]) -> SealKey:
    """An issuer key of purpose ``pdf``, with the certificate that an authority gave for it.

    Raises Error SEAL_KEY_INVALID where the certificate is not this key's or may not seal.
    """
    if signer.alg != "es256":
        raise _unsupported()

    def sign(message: bytes) -> bytes:
        sig = signer.sign(message).sig
        return encode_dss_signature(int.from_bytes(sig[:_WIDTH], "big"), int.from_bytes(sig[_WIDTH:], "big"))

    x, y = (int.from_bytes(b64.url_decode(signer.jwk[name], _WIDTH), "big") for name in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    above = ordered(chain, public.public_bytes(*_PUBLIC_KEY))
    return SealKey(above, KeySigner(above, sign))


def of_file(path: Path, passphrase: str | None = None) -> SealKey:
    """A PEM or PKCS#12 file with the key, its certificate and those above it, closed to others (mode 0600).

    Raises Error SEAL_FILE_INVALID, SEAL_KEY_INVALID or SEAL_KEY_UNSUPPORTED; keys.errors.Error FILE_….
    """
    try:
        data = files.read_secret(path, _FILE_LIMIT)
    except FileNotFoundError:
        raise _file_invalid(f"{path} is not there") from None
    secret = None if passphrase is None else passphrase.encode()
    try:
        if b"-----BEGIN " in data:
            key: object = load_pem_private_key(data, secret)
            found = x509.load_pem_x509_certificates(data)
        else:
            key, leaf, others = pkcs12.load_key_and_certificates(data, secret)
            found = [each for each in (leaf, *others) if each is not None]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _file_invalid(
            f"{path} cannot be opened: a wrong passphrase, or no key and certificates"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise _unsupported()
    chain = ordered(found, key.public_key().public_bytes(*_PUBLIC_KEY))

    def sign(message: bytes) -> bytes:
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, padding.PKCS1v15(), SHA256())
        return key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))

    return SealKey(chain, KeySigner(chain, sign))


class KeySigner(CmsSigner):
    """A key behind a function, for pyHanko."""

    def __init__(self, chain: Chain, sign: Callable[[bytes], bytes]) -> None:
        # A root in the file would convince nobody, and could be changed there unnoticed.
        super().__init__(signing_cert=converted(chain[0]), embed_roots=False)
        self.cert_registry.register_multiple(map(converted, chain[1:]))
        self._sign = sign

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002, FBT001, FBT002 - pyHanko's signature
        """Sign ``data``, hashed with SHA-256."""
        return self._sign(data)


def ordered(found: Iterable[x509.Certificate], public_key: bytes) -> Chain:
    """The certificate of ``public_key`` (DER) and those above it, each checked against the next.

    Raises Error SEAL_KEY_INVALID or SEAL_KEY_UNSUPPORTED.
    """
    left = {each.fingerprint(SHA256()): each for each in found}
    if len(left) > _CERTIFICATE_LIMIT:
        raise _key_invalid(f"more than {_CERTIFICATE_LIMIT} certificates come with it")
    leaf = next((each for each in left.values() if der_key(each) == public_key), None)
    if leaf is None:
        raise _key_invalid("none of the certificates is this key's")
    _check_may_seal(leaf)
    chain = [leaf]
    while left.pop(chain[-1].fingerprint(SHA256()), None):
        above = next((each for each in left.values() if _issued(chain[-1], each)), None)
        if above is not None:
            chain.append(above)
    return tuple(chain)


def _issued(below: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_may_seal(leaf: x509.Certificate) -> None:
    key = leaf.public_key()
    is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not is_p256 and not (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS):
        raise _unsupported()
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise _key_invalid("its certificate does not say what the key is for") from None
    if not (usage.digital_signature or usage.content_commitment):
        raise _key_invalid("its certificate is not one for signing")


def certificates(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file. Raises Error SEAL_FILE_INVALID."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise _file_invalid(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise _file_invalid(f"{path} is not one of certificates (PEM)") from None


def jwk_of(certificate: x509.Certificate) -> dict[str, str] | None:
    """The P-256 key in a certificate as a JSON Web Key, None for another kind of key."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    point = key.public_numbers()
    x, y = (b64.url_encode(number.to_bytes(_WIDTH, "big")) for number in (point.x, point.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def der_key(certificate: x509.Certificate) -> bytes:
    """The public key in a certificate, as DER."""
    return certificate.public_key().public_bytes(*_PUBLIC_KEY)


def converted(certificate: x509.Certificate) -> Any:
    """The certificate as pyHanko has it."""
    (converted,) = load_certs_from_pemder_data(certificate.public_bytes(Encoding.DER))
    return converted


def _key_invalid(why: str) -> Error:
    return Error(
        "SEAL_KEY_INVALID",
        f"the key cannot seal PDFs: {why}",
        "It needs the signing certificate that an authority gave for this key, and those above it.",
    )


def _unsupported() -> Error:
    return Error(
        "SEAL_KEY_UNSUPPORTED",
        f"PDFs are sealed with P-256, or RSA of at least {_LEAST_RSA_BITS} bits",
        "Common PDF readers cannot check Ed25519 and others; have such a key certified.",
    )


def _file_invalid(message: str) -> Error:
    return Error(
        "SEAL_FILE_INVALID",
        message,
        "A key comes in a PEM or PKCS#12 file with its certificates, certificates alone in a PEM file.",
    )
