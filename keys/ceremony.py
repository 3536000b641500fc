"""The founding ceremony: two custodians' public keys become the root file that verifiers are given.

Each custodian makes a key and shows its public side with a possession signature; the ceremony checks both
and writes the root file's bytes. Entries 0 and 1 of the log are then signed by the same two keys
(`verifier.rootfile` has the format and its rules).

Not done here: making keys, and telling people apart: that two ids are two humans is for those in the room
to see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keys.errors import CeremonyError
from verifier import errors as verifier_errors
from verifier.entry import enrol_message
from verifier.publickey import PublicKey, SigParts
from verifier.rootfile import RootFile, RootKey
from verifier.webauthn import RelyingParty


@dataclass(frozen=True, slots=True)
class Custodian:
    """What a custodian brings: the staff id (without `staff/`), the public key and its custody.

    `possession` is the signature object of the enrolment message by that key.
    """

    staff_id: str
    jwk: dict[str, str]
    alg: str
    custody: str
    possession: dict[str, Any]


def found(origin: str, custodians: Sequence[Custodian], sites: Sequence[RelyingParty] = ()) -> RootFile:
    """Return the root file of a new ledger.

    Its `to_bytes()` are the file's bytes, its `digest()` is what entry 0 holds. `sites` are the pages whose
    WebAuthn assertions count. Raises CeremonyError CEREMONY_POSSESSION when a custodian does not prove to
    have the key, CEREMONY_INVALID for anything else that makes no root file.
    """
    try:
        keys = [_root_key(origin, custodian, sites) for custodian in custodians]
        return RootFile(origin, tuple(keys), tuple(sites))
    except verifier_errors.Error as error:
        raise CeremonyError("CEREMONY_INVALID", error.message, error.hint) from None


def _root_key(origin: str, custodian: Custodian, sites: Sequence[RelyingParty]) -> RootKey:
    key = PublicKey(custodian.jwk, custodian.alg)
    staff = f"staff/{custodian.staff_id}"
    message = enrol_message(origin, staff, key.thumbprint)
    try:
        key.verify(message, SigParts.from_json(key.thumbprint, custodian.alg, custodian.possession), sites)
    except verifier_errors.Error as error:
        hint = "Sign the enrolment message of this origin and staff id with the new key."
        raise CeremonyError(
            "CEREMONY_POSSESSION", f"{staff} does not prove to have the key: {error.message}", hint
        ) from None
    return RootKey(staff, key, custodian.custody)
