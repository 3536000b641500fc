"""Sealing in an organisation's name, with the key that ``seals.json`` gives it (``ledger.issuing.seal_settings``).

Rules. Whose key it is has to follow from the log: a P-256 key from a file or a token seals only while it is enrolled
as the organisation's `pdf` key, which ``certledger keys enrol`` does, so that ``certverify pdf`` can tell the owner. An
RSA key cannot be enrolled; PDF readers know its seal, ``certverify pdf`` says SEAL_KEY_UNLISTED.

An organisation that has a seal gets it or an error, never a paper without. Where there is no setting, the authority of
a demonstration certifies the issuer key, if there is one, and else nothing is sealed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from keys import files
from keys.signer import Signer
from ledger.errors import Error
from ledger.issuing import seal_settings
from ledger.issuing.seal_keys import SealKey, certificates, jwk_of, of_file, of_signer
from ledger.issuing.seal_lasting import LongTerm
from ledger.issuing.seal_settings import FileSeal, IssuerKeySeal, SealSettings, TokenSeal
from ledger.issuing.seal_token import HardwareToken, of_token
from ledger.issuing.sealing import Sealer
from verifier.publickey import thumbprint

if TYPE_CHECKING:
    from ledger.issuing.keyring import EnrolledKey, Keyring

Chain = Sequence[x509.Certificate]
Certify = Callable[[Signer, str], Chain]
"""An authority: the certificate of an issuer's key, by the organisation's name, and those above it."""


class Seals:
    """The seals of one ledger. Threads may share it."""

    def __init__(self, folder: Path, keyring: Keyring, demo: Certify | None) -> None:
        """Raise StoreError SEALS_INVALID."""
        self._folder = folder
        self._keyring = keyring
        self._demo = demo
        self._settings = seal_settings.read(folder)
        self._lasting: LongTerm | None = None
        self._opened: dict[str, SealKey] = {}
        self._opening = threading.Lock()

    def sealer(self, organisation: str, name: str) -> Sealer | None:
        """What seals in the organisation's name; None where it has no seal.

        Raises Error SEAL_…, keys.errors.Error.
        """
        setting = self._settings.seals.get(organisation)
        enrolled = self._keyring.current(organisation, "pdf")
        key = self.outside(organisation)
        if key is not None:
            _require_enrolled(key, enrolled)
        elif enrolled is None:
            if setting is not None:
                raise _not_enrolled()
            return None
        elif isinstance(setting, IssuerKeySeal):
            key = of_signer(self._keyring.signer(enrolled), certificates(self._folder / setting.chain))
        elif self._demo is not None:
            signer = self._keyring.signer(enrolled)
            key = of_signer(signer, self._demo(signer, name))
        else:
            return None
        return Sealer(key, self._long_term())

    def outside(self, organisation: str) -> SealKey | None:
        """The organisation's seal key where it is in a file or a token, opened once.

        Raises Error SEAL_…, keys.errors.Error FILE_….
        """
        setting = self._settings.seals.get(organisation)
        if not isinstance(setting, FileSeal | TokenSeal):
            return None
        with self._opening:
            if organisation not in self._opened:
                self._opened[organisation] = self._open(setting)
            return self._opened[organisation]

    def install(self, organisation: str, chain: bytes) -> None:
        """Let the organisation's `pdf` key seal with this chain (PEM), and keep the setting."""
        place = Path(seal_settings.CHAINS) / f"{organisation}.pem"
        (self._folder / place.parent).mkdir(mode=0o700, exist_ok=True)
        files.replace(self._folder / place, chain)
        seals = {**self._settings.seals, organisation: IssuerKeySeal(chain=place)}
        self._settings = SealSettings(seals=seals, timestamps=self._settings.timestamps)
        seal_settings.save(self._folder, self._settings)

    def _open(self, setting: FileSeal | TokenSeal) -> SealKey:
        folder = self._folder
        if isinstance(setting, FileSeal):
            return of_file(
                folder / setting.path, setting.passphrase.read(folder) if setting.passphrase else None
            )
        pin = setting.pin.read(folder) if setting.pin else None
        above = certificates(folder / setting.above) if setting.above else ()
        return of_token(HardwareToken(setting.module, setting.token, setting.label, pin), above)

    def _long_term(self) -> LongTerm | None:
        """One for all seals, since it knows which services have just failed."""
        stamps = self._settings.timestamps
        with self._opening:
            if self._lasting is None and stamps is not None:
                roots = tuple(certificates(self._folder / stamps.roots))
                self._lasting = LongTerm(stamps.url, roots)
            return self._lasting


def _require_enrolled(key: SealKey, enrolled: EnrolledKey | None) -> None:
    jwk = jwk_of(key.chain[0])
    if jwk is not None and (enrolled is None or enrolled.thumbprint != thumbprint(jwk)):
        raise _not_enrolled()


def _not_enrolled() -> Error:
    return Error(
        "SEAL_KEY_NOT_ENROLLED",
        "the key that is to seal is not enrolled as the organisation's PDF key",
        "`certledger keys enrol` enrols it, `certledger keys rotate` in the place of another.",
    )
