"""A seal's key in a PKCS#11 token, such as a smart card or a security module, which it never leaves.

Rules. Key and certificate have one label in the token; the certificates above are taken from the token, or are
given. The rules of ``ledger.issuing.seal_keys`` for keys and certificates hold here too. A token signs once at a
time. A login is the whole process's, and lasts as long as it: a second key in the same token needs no PIN. A PIN that
was refused is not tried again by this process, since a token locks itself after a few wrong ones.

Specification: PKCS#11 2.40. It keeps no PIN, and shares nothing with other processes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import PKCS11Error
from pkcs11.exceptions import PinIncorrect
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

from ledger.errors import Error
from ledger.issuing.seal_keys import Chain, KeySigner, SealKey, der_key, ordered


@dataclass(frozen=True, slots=True)
class HardwareToken:
    """Where the key is: the vendor's ``module`` (a library), the token's label, the label of key and certificate."""

    module: Path
    token: str
    label: str
    pin: str | None = field(repr=False)


def of_token(token: HardwareToken, above: Iterable[x509.Certificate] = ()) -> SealKey:
    """The key in the token; ``above`` are certificates that the token does not hold.

    Raises Error SEAL_TOKEN_FAILED, SEAL_KEY_INVALID or SEAL_KEY_UNSUPPORTED.
    """
    try:
        inner = PKCS11Signer(
            _session(token), cert_label=token.label, key_label=token.label, other_certs_to_pull=None
        )
        leaf = x509.load_der_x509_certificate(inner.signing_cert.dump())
        held = [x509.load_der_x509_certificate(each.dump()) for each in inner.cert_registry]
    except (PKCS11Error, OSError, RuntimeError) as error:
        raise _failed(error) from None
    # Hashed here: many tokens, like SoftHSM, do only the bare ECDSA.
    inner.use_raw_mechanism = isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    chain = ordered([leaf, *held, *above], der_key(leaf))
    return SealKey(chain, _TokenSigner(chain, inner))


class _TokenSigner(KeySigner):
    """A key in a token, for pyHanko."""

    def __init__(self, chain: Chain, inner: PKCS11Signer) -> None:
        super().__init__(chain, bytes)
        self._inner = inner

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - pyHanko's signature
        """Let the token sign ``data``."""
        with _one_at_a_time:
            try:
                return await self._inner.async_sign_raw(data, digest_algorithm, dry_run)
            except PKCS11Error as error:
                raise _failed(error) from None


_one_at_a_time = threading.Lock()
_sessions: dict[tuple[Path, str], Any] = {}
_refused: set[int] = set()


def _session(token: HardwareToken) -> Any:
    place = (token.module, token.token)
    if place not in _sessions:
        attempt = hash((place, token.pin))
        if attempt in _refused:
            raise Error(
                "SEAL_TOKEN_FAILED",
                f"the token {token.token} refused this PIN, which is not tried again lest the token lock itself",
                "Correct the PIN and start anew.",
            )
        criteria = TokenCriteria(label=token.token)
        try:
            _sessions[place] = open_pkcs11_session(
                str(token.module), token_criteria=criteria, user_pin=token.pin
            )
        except PinIncorrect:
            _refused.add(attempt)
            raise
    return _sessions[place]


def _failed(error: Exception) -> Error:
    why = str(error) or type(error).__name__
    return Error(
        "SEAL_TOKEN_FAILED", f"the PKCS#11 token did not sign: {why}", "Check module, label, PIN and cable."
    )
