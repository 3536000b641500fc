"""The keystore: a folder with one file for each server-held key, each opened by its owner's passphrase only.

A file is named `<thumbprint>.json` and holds RFC 8785 JSON:

    {"alg","cipher":{"ciphertext","name":"A256GCM","nonce"},"custody":"server-held","format":"certledger/key/v1","jwk",
     "kdf":{"iterations","lanes","memory","name":"argon2id","salt"},"owner","thumbprint"}

All but `cipher` is the associated data of the encryption, so that neither owner, algorithm, public key nor
key derivation can be exchanged. Plaintext is the 32-byte private key. Folder 0700, files 0600, each written
whole or not at all.

Whoever holds the file and its passphrase holds the key. Not done here: limiting how often a passphrase may
be tried (the server does), keys in hardware, and deciding whose key may sign what (the log does).
"""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys import files
from keys.errors import KeystoreError, UnlockError
from keys.passphrase import SALT_SIZE, Kdf, check_new, wrong_passphrase
from keys.signer import RAW_SIZE, SoftwareSigner, software_signer
from verifier import b64, grammar, jcs
from verifier import errors as verifier_errors
from verifier.publickey import PublicKey

CUSTODY = "server-held"

_FORMAT = "certledger/key/v1"
_FILE_LIMIT = 4096
_NONCE_SIZE = 12
_SEALED_SIZE = RAW_SIZE + 16
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_OWNER = re.compile(grammar.ID)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """The public side of a stored key. `owner` is the staff id (without `staff/`)."""

    thumbprint: str
    alg: str
    custody: str
    owner: str
    jwk: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Stored:
    info: KeyInfo
    kdf: Kdf
    salt: bytes
    nonce: bytes
    ciphertext: bytes


class Keystore:
    """The keys in `folder`, which is made when it is not there. Raises Error FILE_OPEN_TO_OTHERS."""

    def __init__(self, folder: Path) -> None:
        files.make_folder(folder)
        self._folder = folder

    def create(self, owner: str, passphrase: str, alg: str = "ed25519", kdf: Kdf | None = None) -> KeyInfo:
        """Make a key for the staff member `owner` and store it.

        Raises UnlockError PASSPHRASE_WEAK, Error KEY_ALGORITHM, KeystoreError KEYSTORE_OWNER or
        KEYSTORE_WRITE.
        """
        if not _OWNER.fullmatch(owner):
            raise KeystoreError(
                "KEYSTORE_OWNER", "the owner is a staff id: letters, digits, dot, underscore, hyphen"
            )
        signer = software_signer(alg).generate()
        info = KeyInfo(signer.thumbprint, alg, CUSTODY, owner, signer.jwk)
        self._write(info, signer.raw(), passphrase, kdf or Kdf())
        return info

    def info(self, thumbprint: str) -> KeyInfo:
        """Return the public side of a key. Raises UnlockError KEY_UNKNOWN, KeystoreError KEYSTORE_…."""
        return self._read(thumbprint).info

    def list(self, owner: str | None = None) -> list[KeyInfo]:
        """Return all keys, or those of one owner, by thumbprint.

        Raises KeystoreError for a file that is not a key's.
        """
        paths = sorted(self._folder.glob("[!.]*.json"))
        for path in paths:
            if not _THUMBPRINT.fullmatch(path.stem):
                raise KeystoreError("KEYSTORE_DAMAGED", f"{path} is not a key's file")
        found = [self._read(path.stem).info for path in paths]
        return [info for info in found if owner in {None, info.owner}]

    def unlock(self, thumbprint: str, passphrase: str) -> SoftwareSigner:
        """Return the key, able to sign.

        Takes as long as the key derivation does, and holds no lock meanwhile.

        Raises UnlockError KEY_UNKNOWN or PASSPHRASE_WRONG (also when owner, algorithm or derivation was
        altered in the file), KeystoreError KEYSTORE_… for a file that cannot be a key's.
        """
        stored = self._read(thumbprint)
        key = stored.kdf.derive(passphrase, stored.salt)
        associated = jcs.encode(_header(stored.info, stored.kdf, stored.salt))
        try:
            raw = AESGCM(key).decrypt(stored.nonce, stored.ciphertext, associated)
        except InvalidTag:
            raise wrong_passphrase() from None
        return software_signer(stored.info.alg)(raw)

    def change_passphrase(self, thumbprint: str, old: str, new: str, kdf: Kdf | None = None) -> None:
        """Lock the key with another passphrase, and with fresh parameters.

        Raises what `unlock` and `create` raise.
        """
        check_new(new)
        raw = self.unlock(thumbprint, old).raw()
        self._write(self.info(thumbprint), raw, new, kdf or Kdf())

    def _write(self, info: KeyInfo, raw: bytes, passphrase: str, kdf: Kdf) -> None:
        check_new(passphrase)
        salt, nonce = secrets.token_bytes(SALT_SIZE), secrets.token_bytes(_NONCE_SIZE)
        header = _header(info, kdf, salt)
        sealed = AESGCM(kdf.derive(passphrase, salt)).encrypt(nonce, raw, jcs.encode(header))
        cipher = {"ciphertext": b64.encode(sealed), "name": "A256GCM", "nonce": b64.encode(nonce)}
        try:
            files.replace(self._path(info.thumbprint), jcs.encode({**header, "cipher": cipher}))
        except OSError as error:
            raise KeystoreError("KEYSTORE_WRITE", f"the key was not stored: {error.strerror}") from None

    def _path(self, thumbprint: str) -> Path:
        if not _THUMBPRINT.fullmatch(thumbprint):
            raise UnlockError("KEY_UNKNOWN", "a key is named by its thumbprint, 43 letters, digits, - and _")
        return self._folder / f"{thumbprint}.json"

    def _read(self, thumbprint: str) -> _Stored:
        path = self._path(thumbprint)
        try:
            stored = _parse(jcs.decode(files.read_secret(path, _FILE_LIMIT)))
        except FileNotFoundError:
            raise UnlockError("KEY_UNKNOWN", f"the keystore has no key {thumbprint}") from None
        except verifier_errors.Error as error:
            raise KeystoreError("KEYSTORE_DAMAGED", f"{path} is not a key's file: {error.message}") from None
        if stored.info.thumbprint != thumbprint:
            raise KeystoreError("KEYSTORE_DAMAGED", f"{path} holds another key than its name says")
        return stored


def _header(info: KeyInfo, kdf: Kdf, salt: bytes) -> dict[str, Any]:
    return {
        "alg": info.alg,
        "custody": info.custody,
        "format": _FORMAT,
        "jwk": info.jwk,
        "kdf": kdf.to_json(salt),
        "owner": info.owner,
        "thumbprint": info.thumbprint,
    }


def _parse(value: Any) -> _Stored:
    match value:
        case {
            "format": "certledger/key/v1",
            "alg": "ed25519" | "es256" as alg,
            "custody": "server-held",
            "owner": str(owner),
            "jwk": {} as jwk,
            "thumbprint": str(thumbprint),
            "kdf": kdf,
            "cipher": {"name": "A256GCM", "nonce": str(nonce), "ciphertext": str(ciphertext), **more},
            **others,
        } if not more and not others and _OWNER.fullmatch(owner):
            public = PublicKey(jwk, alg)
            if public.thumbprint == thumbprint:
                info = KeyInfo(thumbprint, alg, CUSTODY, owner, public.jwk)
                sealed = b64.decode(ciphertext, _SEALED_SIZE)
                return _Stored(info, *Kdf.from_json(kdf), b64.decode(nonce, _NONCE_SIZE), sealed)
    raise KeystoreError("KEYSTORE_DAMAGED", "the file has not the members of a key's file")
