"""Does a certificate stand, by its credential? Open Badges 3.0 on the VC Data Model 2.0, checked exactly.

The document has exactly the members below, no others and none renamed (SHAPE), and the two proofs of
`verifier.dataintegrity` by the credential key of its issuer. In this order, the first that applies:

| code | verdict | when |
|---|---|---|
| JSON_…, SHAPE_WRONG, PROOFS_INVALID, CREDENTIAL_CONTRADICTORY, … | does not stand | another document |
| KEY_UNKNOWN | unknown, or does not stand | no such key; unknown only if the key file may be too old to have it |
| ISSUER_WRONG | does not stand | the key is another organisation's than the issuer it names |
| FORGED | does not stand | a proof does not hold |
| ENTRY_WRONG | does not stand | the log's entry that was brought with it is another certificate's |
| KEY_NOT_VALID | does not stand | the key was not in use at that place of the log |
| KEY_COMPROMISED | unknown | the key was stolen at some time, and no entry shows that this was signed before |
| WITHDRAWN | does not stand | its bit is set in the issuer's status list |
| EXPIRED | does not stand | `validUntil` is over |
| NOT_YET_ISSUED | unknown | `validFrom` lies ahead: one of the clocks is wrong |
| STATUS_UNKNOWN | unknown | genuine, but the issuer's own list is missing or no longer fresh |
| STANDS | stands | |

The place in the log is known when the caller has verified the `certificate.issued` entry's inclusion and
brings it (`Issuance`). Without it a key that was never compromised is believed for all that it signed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from verifier import did, shape
from verifier.answer import Answer, Verdict
from verifier.dataintegrity import Proofs, split
from verifier.errors import FormatError, SignatureError
from verifier.grammar import check_time
from verifier.jsonld import CREDENTIALS, OPEN_BADGES
from verifier.keyfile import IssuerKey, KeyFile
from verifier.payload import Payload
from verifier.shape import ListOf, Optional, Text
from verifier.statuslist import PURPOSE, StatusList

CREDENTIAL_LIMIT = 256 << 10
UNITS_LIMIT = 60
ACHIEVEMENT_TYPES = {
    "TRAINING": "CertificateOfCompletion",
    "COMPETENCE": "Certification",
    "UNIT_STATEMENT": "Competency",
}

_HOST = r"https?://[a-z0-9.:\[\]-]{1,250}"
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = Text(20)
SHAPE: Mapping[str, Any] = {
    "@context": [CREDENTIALS, OPEN_BADGES],
    "id": re.compile(_HOST + r"/v/[0-9A-Z]{13}/credential\.json"),
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": Text(250),
    "issuer": {"id": Text(400), "type": ["Profile"], "name": Text(200)},
    "validFrom": _TIME,
    "validUntil": Optional(_TIME),
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "identifier": ListOf(
            {"type": "IdentityObject", "hashed": False, "identityHash": Text(200), "identityType": "name"}, 1
        ),
        "licenseNumber": Text(80),
        "achievement": {
            "id": _UUID,
            "type": ["Achievement"],
            "achievementType": re.compile("|".join(ACHIEVEMENT_TYPES.values())),
            "name": Text(250),
            "description": Text(250),
            "criteria": {"narrative": Text(500)},
            "humanCode": Text(80),
            "inLanguage": "id",
            "tag": Optional(ListOf(Text(80), 1)),
            "alignment": Optional(
                ListOf(
                    {
                        "type": ["Alignment"],
                        "targetType": "ext:SKKNI",
                        "targetCode": Text(30),
                        "targetName": Text(300),
                        "targetDescription": Text(300),
                        "targetFramework": Text(200),
                        "targetUrl": "https://skkni.kemnaker.go.id/",
                    },
                    UNITS_LIMIT,
                )
            ),
            "resultDescription": Optional(
                ListOf(
                    {
                        "id": _UUID,
                        "type": ["ResultDescription"],
                        "name": Text(30),
                        "resultType": "Result",
                        "allowedValue": ["K", "BK"],
                    },
                    UNITS_LIMIT,
                )
            ),
        },
        "result": Optional(
            ListOf({"type": ["Result"], "resultDescription": _UUID, "value": "K"}, UNITS_LIMIT)
        ),
    },
    "credentialStatus": {
        "id": Text(300),
        "type": "BitstringStatusListEntry",
        "statusPurpose": PURPOSE,
        "statusListIndex": re.compile("0|[1-9][0-9]{0,8}"),
        "statusListCredential": re.compile(_HOST + r"/status/[1-9][0-9]{0,8}"),
    },
}


@dataclass(frozen=True, slots=True)
class Issuance:
    """The entry `certificate.issued` of the log, whose inclusion the caller has verified, and its leaf index.

    `countersigned_index` is that of a later entry `certificate.countersigned` of the same stream, if one was
    verified as well: the credential is then signed anew, with a key that was valid there.
    """

    index: int
    payload: Payload
    countersigned_index: int | None = None


def check(
    data: bytes, keys: KeyFile, status: StatusList | None, now: datetime, issuance: Issuance | None = None
) -> Answer:
    """Answer for a credential's JSON at the moment `now` (aware). Raises Error EXTRA_MISSING only."""
    try:
        proofs = split(shape.parse_object(data, CREDENTIAL_LIMIT))
        check_document(proofs.document)
    except FormatError as error:
        return Answer(
            Verdict.DOES_NOT_STAND, error.code, f"This is no credential of a certificate: {error.message}."
        )
    signer = keys.method(proofs.method, "credential")
    if signer is None:
        return _key_unknown(proofs, keys)
    issuer = proofs.document["issuer"]
    if proofs.method != did.method_id(issuer["id"], signer.key.thumbprint):
        message = f"It names {issuer['name']} as its issuer, but another organisation signed it."
        return Answer(Verdict.DOES_NOT_STAND, "ISSUER_WRONG", message)
    try:
        proofs.verify(signer.key)
    except (FormatError, SignatureError):
        message = "The signatures do not hold: it is forged or altered."
        return Answer(Verdict.DOES_NOT_STAND, "FORGED", message)
    return _judge(proofs.document, signer, status, now, issuance)


def check_document(document: Mapping[str, Any]) -> None:
    """Check an unsigned credential: its shape, and that its parts agree.

    Raises FormatError SHAPE_WRONG, TIME_INVALID or CREDENTIAL_CONTRADICTORY.
    """
    shape.check(dict(document), SHAPE)
    moments = [check_time(document[name], name) for name in ("validFrom", "validUntil") if name in document]
    status, subject = document["credentialStatus"], document["credentialSubject"]
    achievement = subject["achievement"]
    described = [item["id"] for item in achievement.get("resultDescription", [])]
    if (
        moments != sorted(moments)
        or status["id"] != f"{status['statusListCredential']}#{status['statusListIndex']}"
        or document["name"] != achievement["name"]
        or len(set(described)) != len(described)
        or [item["resultDescription"] for item in subject.get("result", [])] != described
        or [item["name"] for item in achievement.get("resultDescription", [])]
        != [item["targetCode"] for item in achievement.get("alignment", [])]
    ):
        raise FormatError("CREDENTIAL_CONTRADICTORY", "the credential's parts contradict each other")


def _judge(
    document: Mapping[str, Any],
    signer: IssuerKey,
    status: StatusList | None,
    now: datetime,
    issuance: Issuance | None,
) -> Answer:
    facts = _facts(document)
    wrong = _place(document, signer, issuance)
    if wrong is not None:
        return wrong
    entry = document["credentialStatus"]
    index, place = int(entry["statusListIndex"]), (entry["statusListCredential"], document["issuer"]["id"])
    listed = status if status is not None and (status.url, status.issuer) == place else None
    if listed is not None and listed.is_set(index):
        message = f"Genuine, but its issuer had withdrawn it by {listed.valid_from:%Y-%m-%d %H:%M} UTC."
        return Answer(Verdict.DOES_NOT_STAND, "WITHDRAWN", message, facts)
    if "validUntil" in document and now > datetime.fromisoformat(document["validUntil"]):
        message = f"Genuine, but it was valid until {document['validUntil']} only."
        return Answer(Verdict.DOES_NOT_STAND, "EXPIRED", message, facts)
    if datetime.fromisoformat(document["validFrom"]) > now + timedelta(minutes=2):
        message = f"Genuine, but valid from {document['validFrom']}, which is yet to come by this clock."
        return Answer(Verdict.UNKNOWN, "NOT_YET_ISSUED", message, facts)
    if listed is None or listed.is_set(index) is None or not listed.is_fresh(now):
        message = (
            "Genuine. Whether it still stands is not known: its issuer's status list is not at hand, or old."
        )
        return Answer(Verdict.UNKNOWN, "STATUS_UNKNOWN", message, facts)
    message = f"Genuine, and not withdrawn by {listed.valid_from:%Y-%m-%d %H:%M} UTC."
    return Answer(Verdict.STANDS, "STANDS", message, facts)


def _place(document: Mapping[str, Any], signer: IssuerKey, issuance: Issuance | None) -> Answer | None:
    """What the place in the log says against the key; None when nothing does."""
    facts = _facts(document)
    if issuance is None:
        if signer.compromised_from is None:
            return None
        message = "The key that signed it is no longer trusted, and no entry of the log shows when it signed."
        return Answer(Verdict.UNKNOWN, "KEY_COMPROMISED", message, facts)
    if not _is_of(issuance.payload, document, signer):
        message = "The entry of the log that came with it is another certificate's."
        return Answer(Verdict.DOES_NOT_STAND, "ENTRY_WRONG", message, facts)
    index = issuance.index if issuance.countersigned_index is None else issuance.countersigned_index
    if not signer.holds_at(index):
        message = f"The key that signed it was not valid at entry {index} of the log."
        return Answer(Verdict.DOES_NOT_STAND, "KEY_NOT_VALID", message, facts)
    return None


def _is_of(payload: Payload, document: Mapping[str, Any], signer: IssuerKey) -> bool:
    data = payload.data
    return (
        payload.type == "certificate.issued.v1"
        and payload.org == signer.organisation
        and payload.recorded_at == document["validFrom"]
        and data.get("number") == document["credentialSubject"]["licenseNumber"]
        and str(data.get("index")) == document["credentialStatus"]["statusListIndex"]
        and (data.get("valid_until") is None) == ("validUntil" not in document)
    )


def _key_unknown(proofs: Proofs, keys: KeyFile) -> Answer:
    """A key that signed before the key file was made would be in it."""
    if proofs.document["validFrom"] < keys.issued_at:
        message = "It is signed with no key of this ledger: it is forged or altered."
        return Answer(Verdict.DOES_NOT_STAND, "KEY_UNKNOWN", message)
    message = f"It is signed with a key that the key file of {keys.issued_at} does not have."
    return Answer(Verdict.UNKNOWN, "KEY_UNKNOWN", message)


def _facts(document: Mapping[str, Any]) -> dict[str, Any]:
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    kinds = {name: kind for kind, name in ACHIEVEMENT_TYPES.items()}
    return {
        "holder": subject["identifier"][0]["identityHash"],
        "number": subject["licenseNumber"],
        "kind": kinds[achievement["achievementType"]],
        "title": {"id": achievement["name"], "en": achievement["description"]},
        "scheme_code": achievement["humanCode"],
        "units": [item["targetCode"] for item in achievement.get("alignment", [])],
        "issuer": document["issuer"]["name"],
        "valid_from": document["validFrom"],
        "valid_until": document.get("validUntil"),
    }
