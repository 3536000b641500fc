"""What ``certledger keys list`` shows: every issuer key, every seal, the key file, and what has to be done.

Something has to be done where an issuer lacks a key, where a seal would not be made now or its certificate soon ends,
and where verifiers read a key file that is older than the keys and custodians it tells of, or older than AGE. An issuer
that seals nothing is told, and is no fault.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from api.issuer_keys import issuers, missing
from keys.errors import Error as KeysError
from ledger.domain.event import from_time
from ledger.errors import Error
from ledger.issuing.seal_keys import jwk_of

if TYPE_CHECKING:
    from api.composition import House
    from ledger.issuing.keyring import EnrolledKey

AGE = timedelta(days=30)
"""How old a key file may get, since readers see its date; and how long before its end a certificate is told."""


def look(house: House) -> dict[str, Any]:
    """The report, as JSON has it."""
    now = house.clock.now()
    to_do: list[str] = []
    able = set(issuers(house))
    listed = dict.fromkeys([*issuers(house), *(key.organisation for key in house.keyring.all())])
    organisations = [_organisation(house, each, now, to_do, is_issuer=each in able) for each in listed]
    return {
        "log_key": str(house.room.key.vkey),
        "organisations": organisations,
        "key_file": _key_file(house, now, to_do),
        "to_do": to_do,
    }


def told(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = []
    for each in report["organisations"]:
        lines.append(f"{each['name']} ({each['organisation']})")
        lines += [_line(key) for key in each["keys"]]
        seal = each["seal"]
        if seal is None:
            lines.append("  seals no PDFs")
        elif "certificate" in seal:
            line = (
                f"  seals {seal['profile']} as {seal['certificate']}, until {seal['until'].partition('T')[0]}"
            )
            lines.append(line if seal["owner_in_key_file"] else f"{line}; certverify cannot tell its owner")
    file = report["key_file"]
    lines.append(f"The log's key: {report['log_key']}")
    if file is not None:
        lines.append(f"Key file: version {file['version']} of {file['issued_at']}, of {file['size']} entries")
    lines += [f"To do: {each}" for each in report["to_do"]]
    return "\n".join(lines)


def _organisation(
    house: House, organisation: str, now: datetime, to_do: list[str], *, is_issuer: bool
) -> dict[str, Any]:
    found = house.queries.organisation(organisation)
    name = (found and found[1]) or organisation
    lacking = missing(house, organisation) if is_issuer else []
    for purpose, kind in lacking:
        to_do.append(f"{name} lacks a key: {purpose} {kind or ''}".rstrip() + ". `certledger keys enrol`")
    return {
        "organisation": organisation,
        "name": name,
        "keys": [_key(key) for key in house.keyring.of(organisation)],
        "missing": [{"purpose": purpose, "kind": kind} for purpose, kind in lacking],
        "seal": _seal(house, organisation, name, now, to_do),
    }


def _key(key: EnrolledKey) -> dict[str, Any]:
    state = "compromised" if key.compromised_from is not None else "retired" if key.ended_index else "in use"
    return {
        "issuer_key": key.id,
        "purpose": key.purpose,
        "kind": key.kind,
        "kid": key.kid,
        "alg": key.alg,
        "thumbprint": key.thumbprint,
        "state": state,
        "from": key.enrolled_index,
        "to": key.ended_index,
        "compromised_from": key.compromised_from,
    }


def _line(key: dict[str, Any]) -> str:
    what = key["purpose"] if key["kind"] is None else f"{key['purpose']} {key['kind']} (kid {key['kid']})"
    entries = f"from entry {key['from']}" + ("" if key["to"] is None else f" to {key['to']}")
    return f"  {key['issuer_key']}  {what:32}{key['state']}, {entries}"


def _seal(
    house: House, organisation: str, name: str, now: datetime, to_do: list[str]
) -> dict[str, Any] | None:
    try:
        sealer = house.seals.sealer(organisation, name)
        if sealer is None:
            return None
        sealer.require_valid(now)
    except (Error, KeysError) as error:
        to_do.append(f"{name} cannot seal. {error.code}: {error.message}. {error.hint or ''}".rstrip())
        return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    certificate = sealer.certificate
    if certificate.not_valid_after_utc - now < AGE:
        until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        to_do.append(f"{name} can seal until {until}. Have its key certified anew: `certledger keys request`")
    return {
        "profile": sealer.profile,
        "certificate": certificate.subject.rfc4514_string(),
        "until": certificate.not_valid_after_utc.isoformat(),
        "owner_in_key_file": jwk_of(certificate) is not None,
    }


def _key_file(house: House, now: datetime, to_do: list[str]) -> dict[str, Any] | None:
    file = house.key_files.accepted()
    if file is None:
        to_do.append(
            "no key file is signed, so nobody can check a certificate offline. `certledger keys sign`"
        )
        return None
    if not house.key_files.is_current(file):
        to_do.append("the key file is older than the keys and custodians in the log. `certledger keys sign`")
    elif now - from_time(file.issued_at) > AGE:
        to_do.append(f"the key file is older than {AGE.days} days. `certledger keys sign`")
    return {"version": file.version, "issued_at": file.issued_at, "size": file.size}
