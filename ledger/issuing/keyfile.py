"""Key files: what the log says of issuer keys, put so that two custodians can sign it for those without a log.

`verifier.keyfile` has the format. Each signed version stays in the folder; the newest is the one given out,
and an older one shows who was entitled to sign the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from keys import files
from ledger.domain.event import to_time
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from ledger.errors import StoreError
from verifier import keyfile, twoline
from verifier.publickey import PublicKey

if TYPE_CHECKING:
    from keys.signer import Signer
    from ledger.application import LedgerApplication
    from ledger.issuing.keyring import EnrolledKey, Keyring
    from ledger.projections.queries import Queries
    from verifier.rootfile import RootFile

_NAME = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The signed key files in ``folder``, for the public address ``base_url``."""

    folder: Path
    base_url: str
    root: RootFile
    application: LedgerApplication
    queries: Queries
    keyring: Keyring

    def newest(self) -> bytes | None:
        """The newest key file's bytes, or None before the first."""
        versions = self._versions()
        return self.version(versions[-1]) if versions else None

    def version(self, number: int) -> bytes | None:
        """A version's bytes, or None."""
        try:
            return (self.folder / str(number)).read_bytes()
        except FileNotFoundError:
            return None

    def payload(self, now: datetime) -> bytes:
        """What custodians sign next: all issuer keys, and who the custodians are, as the log has it now."""
        versions = self._versions()
        return keyfile.statement(
            version=versions[-1] + 1 if versions else 1,
            origin=self.root.origin,
            size=self.queries.head().size,
            issued_at=to_time(now),
            base_urls=[self.base_url],
            keys=[self._issuer_key(key) for key in self.keyring.all()],
            custodians=list(self._custodians()),
        )

    def sign(self, now: datetime, signers: Sequence[Signer]) -> keyfile.KeyFile:
        """Sign the next version with two custodians' keys and keep it, once it is one that verifiers accept.

        Raises verifier.errors.SignatureError when these two may not.
        """
        data, accepted = self._signed(now, signers)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        try:
            files.create(self.folder / str(accepted.version), data)
        except FileExistsError:
            raise StoreError(
                "KEY_FILE_EXISTS",
                f"version {accepted.version} of the key file was just signed by others",
                "Look at it, and sign again if it lacks a key.",
            ) from None
        return accepted

    def require_signers(self, now: datetime, signers: Sequence[Signer]) -> None:
        """Raise SignatureError as ``sign`` would now, and keep nothing."""
        self._signed(now, signers)

    def accepted(self) -> keyfile.KeyFile | None:
        """The newest key file as a verifier reads it, or None before the first."""
        newest = None
        for newest in self._followed():  # noqa: B007 - the last one is wanted
            pass
        return newest

    def is_current(self, file: keyfile.KeyFile) -> bool:
        """Whether it says of keys and custodians what the log says now."""
        keys = tuple(self._issuer_key(key) for key in self.keyring.all())
        told = file.keys, file.custodians, file.base_urls
        return told == (keys, tuple(self._custodians()), (self.base_url,))

    def _signed(self, now: datetime, signers: Sequence[Signer]) -> tuple[bytes, keyfile.KeyFile]:
        payload = self.payload(now)
        message = twoline.message(payload, keyfile.FORMAT)
        data = keyfile.seal(payload, [signer.sign(message) for signer in signers])
        trust = keyfile.Trust.of_root(self.root)
        for file in self._followed():
            trust = trust.after(file)
        return data, keyfile.parse(data, trust)

    def _followed(self) -> Iterator[keyfile.KeyFile]:
        """Every version, as somebody reads it who was given the root file and believed each about the next."""
        trust = keyfile.Trust.of_root(self.root)
        for number in self._versions():
            data = self.version(number)
            if data is not None:
                file = keyfile.parse(data, trust)
                trust = trust.after(file)
                yield file

    def _versions(self) -> list[int]:
        if not self.folder.is_dir():
            return []
        return sorted(int(path.name) for path in self.folder.iterdir() if _NAME.fullmatch(path.name))

    def _issuer_key(self, key: EnrolledKey) -> keyfile.IssuerKey:
        organisation = self.queries.organisation(key.organisation)
        _, name, zone = organisation or ("", None, "UTC")
        return keyfile.IssuerKey(
            organisation=key.organisation,
            issuer=name or key.organisation,
            zone=zone,
            purpose=key.purpose,
            kind=key.kind,
            kid=key.kid,
            key=PublicKey(dict(key.jwk), key.alg),
            valid_from=key.enrolled_index,
            valid_to=key.ended_index,
            compromised_from=key.compromised_from,
        )

    def _custodians(self) -> Iterator[keyfile.Custodian]:
        founders = [founder.staff.removeprefix("staff/") for founder in self.root.keys]
        appointed = self.queries.related("role.holders", str(Role.KEY_CUSTODIAN))
        for staff_id in dict.fromkeys([*founders, *appointed]):
            staff = self.application.find(Staff, staff_id)
            if staff is None or not staff.holds(Role.KEY_CUSTODIAN, None):
                continue
            for key in staff.keys.values():
                if key.status == "enrolled":
                    yield keyfile.Custodian(
                        f"staff/{staff_id}", f"staff/{self._human(staff)}", PublicKey(dict(key.jwk), key.alg)
                    )

    def _human(self, staff: Staff) -> str:
        while staff.same_person_as is not None:
            other = self.application.find(Staff, staff.same_person_as)
            if other is None:
                break
            staff = other
        return staff.aggregate_id
