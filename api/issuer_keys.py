"""Giving organisations the keys that they issue with: made here, enrolled by two custodians, told in a key file.

What an organisation needs follows from its kind: a training provider issues TRAINING certificates, a
certification body COMPETENCE certificates and unit statements; each has one token key a kind, and one key
each for credentials, status lists and PDFs. Repeating it changes nothing; a key that was retired or declared
compromised since is followed by a new one. The PDF key is the one that the organisation seals with: where that is in a
file or a token of its own (``ledger.issuing.seals``), it is enrolled and none is made.

An issuer is never without a key in between: a certificate's QR is signed by the token key that was in use when it was
issued, so that one issued in a gap would have no signature for ever.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ledger.commands.custody import EnrolIssuerKey, RequestIssuerKey, RetireIssuerKey
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import DomainError
from ledger.issuing.seal_keys import jwk_of

if TYPE_CHECKING:
    from api.composition import House
    from keys.signer import Signer
    from ledger.commands.command import Command
    from verifier.keyfile import KeyFile

Purpose = Literal["credential", "token", "status", "pdf"]
Kind = Literal["TRAINING", "COMPETENCE", "UNIT_STATEMENT"]
Algorithm = Literal["ed25519", "es256"]

KINDS: dict[str, tuple[Kind, ...]] = {
    "training_provider": ("TRAINING",),
    "certification_body": ("COMPETENCE", "UNIT_STATEMENT"),
}
"""The certificates that an organisation of this kind issues."""

ALGORITHMS: dict[Purpose, Algorithm] = {
    "credential": "ed25519",
    "token": "ed25519",
    "status": "ed25519",
    "pdf": "es256",  # readers of PDFs know no Ed25519
}
_KIDS = 256


@dataclass(frozen=True, slots=True)
class Custodian:
    """A key custodian at the desk: the staff id and the unlocked key."""

    staff: str
    signer: Signer


Custodians = tuple[Custodian, Custodian]


def issuers(house: House) -> Iterator[str]:
    """The organisations that issue certificates: of the right kind, and with a name that may be public."""
    for organisation in house.keyring.organisations():
        found = house.queries.organisation(organisation)
        if found is not None and found[0] in KINDS and found[1] is not None:
            yield organisation


def missing(house: House, organisation: str) -> list[tuple[Purpose, Kind | None]]:
    """What the organisation has no key for, by purpose and kind of certificate.

    Raises DomainError UNKNOWN_ID, or VALUE_INVALID for an organisation that issues nothing.
    """
    found = house.queries.organisation(organisation)
    if found is None:
        raise DomainError("UNKNOWN_ID", f"there is no organisation {organisation}")
    if found[0] not in KINDS or found[1] is None:
        raise DomainError(
            "VALUE_INVALID",
            f"organisation {organisation} issues no certificates",
            "Training providers and certification bodies with a public name do.",
        )
    needed: list[tuple[Purpose, Kind | None]] = [("token", kind) for kind in KINDS[found[0]]]
    needed += [("credential", None), ("status", None), ("pdf", None)]
    return [each for each in needed if house.keyring.current(organisation, *each) is None]


def enrol_missing(house: House, organisation: str, custodians: Custodians) -> list[str]:
    """Make and enrol every key that the organisation lacks; returns the ids of the new ones.

    The first custodian requests, the second enrols. Raises what ``missing`` raises, and what the commands refuse.
    """
    return [
        _enrol(house, organisation, purpose, kind, custodians)
        for purpose, kind in missing(house, organisation)
    ]


def enrol_all(house: House, custodians: Custodians) -> list[str]:
    """``enrol_missing`` for every issuer; returns the ids of the new keys."""
    return [key for organisation in issuers(house) for key in enrol_missing(house, organisation, custodians)]


def rotate(house: House, issuer_key: str, custodians: Custodians) -> str:
    """Enrol a key in the place of another and retire that one; returns the new one's id. What it signed stands."""
    old = next((key for key in house.keyring.all() if key.id == issuer_key), None)
    if old is None:
        raise DomainError("UNKNOWN_ID", f"there is no issuer key {issuer_key}")
    retire = RetireIssuerKey(issuer_key=issuer_key)
    _require_may(house, custodians[0], retire)
    purpose: Any = old.purpose
    kind: Any = old.kind
    new = _enrol(house, old.organisation, purpose, kind, custodians)
    _give(house, custodians[0], retire)
    return new


def sign_key_file(house: House, custodians: Custodians) -> KeyFile:
    """Sign and keep the key file of the log as it is now; verifiers get it at ``/keys``.

    To be done after each change of issuer keys or custodians, and every few weeks, since a verifier sees how
    old it is. Raises SignatureError KEY_FILE_UNTRUSTED when these two may not sign it.
    """
    return house.key_files.sign(house.clock.now(), [custodian.signer for custodian in custodians])


def _enrol(
    house: House, organisation: str, purpose: Purpose, kind: Kind | None, custodians: Custodians
) -> str:
    alg = ALGORITHMS[purpose]
    outside = house.seals.outside(organisation) if purpose == "pdf" else None
    jwk = jwk_of(outside.chain[0]) if outside else None
    request = RequestIssuerKey(
        organisation=organisation,
        purpose=purpose,
        alg=alg,
        jwk=jwk or house.keyring.vault.create(alg).jwk,
        kid=_free_kid(house) if purpose == "token" else None,
        kind=kind,
    )
    one, two = custodians
    _require_may(house, two, request)  # else a request without an enrolment is left over
    asked = _give(house, one, request)
    _give(house, two, EnrolIssuerKey(issuer_key=asked["issuer_key"], request=asked["request"]))
    return str(asked["issuer_key"])


def _require_may(house: House, custodian: Custodian, command: Command) -> None:
    """Raise DomainError as ``_give`` would, and record nothing."""
    house.ledger.check(_signatory(custodian), custodian.signer.thumbprint, command)


def _give(house: House, custodian: Custodian, command: Command) -> dict[str, Any]:
    receipt = house.ledger.give(
        _signatory(custodian), custodian.signer, command, idempotency_key=str(uuid.uuid4())
    )
    return dict(receipt.result)


def _signatory(custodian: Custodian) -> Signatory:
    return Signatory(custodian.staff, Role.KEY_CUSTODIAN, None)


def _free_kid(house: House) -> int:
    """The lowest byte that fewest token keys have; after 256 keys some share one, which verifiers know."""
    used = Counter(key.kid for key in house.keyring.all() if key.kid is not None)
    return min(range(_KIDS), key=lambda kid: (used[kid], kid))
