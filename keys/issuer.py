"""Issuer keys: private keys of organisations, held by the server, for credentials, tokens, status lists and PDFs.

One file a key in a folder of its own (0700, files 0600), named `<thumbprint>.json`, RFC 8785 JSON:

    {"alg","ciphertext","format":"certledger/issuer-key/v1","jwk","nonce","thumbprint"}

AES-256-GCM under a service key of the data-key file, with all the other members as associated data, so that
whoever has this folder alone can sign nothing. Unlike a person's key no passphrase opens it: the server signs
what an issuer's recorded act says, and the log says whose key it is, for what and from when to when.

A key that was retired stays: what it signed is made again from it, byte for byte (Ed25519 is deterministic).

Not done here: enrolling (two custodians do), and keys in hardware, which would satisfy the same `Signer`.
"""

import re
import secrets
import threading
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys import files
from keys.errors import KeystoreError, UnlockError
from keys.signer import SoftwareSigner, software_signer
from verifier import b64, jcs
from verifier import errors as verifier_errors

SERVICE = "issuer-keys"
"""The name of the service key (`keys.datakeys.DataKeys.service`) that seals the files."""

_FORMAT = "certledger/issuer-key/v1"
_FILE_LIMIT = 4096
_NONCE_SIZE = 12
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_PUBLIC = ("alg", "format", "jwk", "thumbprint")


class IssuerVault:
    """The issuer keys in `folder`, which is made when it is not there, sealed under `service_key` (32 bytes).

    Safe for threads. Raises Error FILE_OPEN_TO_OTHERS.
    """

    def __init__(self, folder: Path, service_key: bytes) -> None:
        files.make_folder(folder)
        self._folder = folder
        self._sealing = AESGCM(service_key)
        self._lock = threading.Lock()
        self._open: dict[str, SoftwareSigner] = {}

    def create(self, alg: str) -> SoftwareSigner:
        """Make a key, `ed25519` or `es256`, and store it.

        Raises Error KEY_ALGORITHM, KeystoreError KEYSTORE_WRITE.
        """
        signer = software_signer(alg).generate()
        public = {"alg": alg, "format": _FORMAT, "jwk": signer.jwk, "thumbprint": signer.thumbprint}
        nonce = secrets.token_bytes(_NONCE_SIZE)
        sealed = self._sealing.encrypt(nonce, signer.raw(), jcs.encode(public))
        content = {**public, "ciphertext": b64.encode(sealed), "nonce": b64.encode(nonce)}
        try:
            files.create(self._path(signer.thumbprint), jcs.encode(content))
        except OSError as error:
            raise KeystoreError(
                "KEYSTORE_WRITE", f"the issuer key was not stored: {error.strerror}"
            ) from None
        return signer

    def signer(self, thumbprint: str) -> SoftwareSigner:
        """Return a key. Raises UnlockError KEY_UNKNOWN, KeystoreError KEYSTORE_DAMAGED, Error FILE_…."""
        with self._lock:
            if thumbprint not in self._open:
                self._open[thumbprint] = self._read(thumbprint)
            return self._open[thumbprint]

    def _read(self, thumbprint: str) -> SoftwareSigner:
        try:
            data = files.read_secret(self._path(thumbprint), _FILE_LIMIT)
        except FileNotFoundError:
            raise UnlockError(
                "KEY_UNKNOWN",
                f"this server does not hold the issuer key {thumbprint}",
                "Restore the folder of issuer keys from its backup, or have a new key enrolled.",
            ) from None
        try:
            content: dict[str, Any] = jcs.decode(data)
            public = {name: content[name] for name in _PUBLIC}
            nonce = b64.decode(content["nonce"], _NONCE_SIZE)
            raw = self._sealing.decrypt(nonce, b64.decode(content["ciphertext"]), jcs.encode(public))
            signer = software_signer(public["alg"])(raw)
        except (verifier_errors.Error, InvalidTag, KeyError, TypeError, ValueError):
            raise _damaged(thumbprint) from None
        if signer.thumbprint != thumbprint:
            raise _damaged(thumbprint)
        return signer

    def _path(self, thumbprint: str) -> Path:
        if not _THUMBPRINT.fullmatch(thumbprint):
            raise UnlockError("KEY_UNKNOWN", "not the thumbprint of a key")
        return self._folder / f"{thumbprint}.json"


def _damaged(thumbprint: str) -> KeystoreError:
    return KeystoreError(
        "KEYSTORE_DAMAGED",
        f"the file of issuer key {thumbprint} is not as it was written, or the data-key file is another",
        "Restore both from the same backup.",
    )
