"""A certificate's credential: the same bytes whenever it is made, as long as its name and its key are there.

Open Badges 3.0 as `verifier.credential` has it, signed with the credential key that the issuer had when it
issued; after a compromise and a countersignature, with the one it had when it countersigned. Signing refuses
what the verifier would not accept, and any term that the contexts do not define.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ledger.domain.certificate import TRAINING
from ledger.domain.event import to_time
from ledger.errors import DomainError
from verifier import dataintegrity, did, jcs
from verifier.credential import ACHIEVEMENT_TYPES, check_document
from verifier.jsonld import CREDENTIALS, OPEN_BADGES
from verifier.statuslist import PURPOSE
from verifier.token import page_url

if TYPE_CHECKING:
    from ledger.issuing.issued import Issued, IssuedCertificates
    from ledger.issuing.keyring import Keyring
    from ledger.issuing.lists import Lists

MEDIA_TYPE = "application/vc"
SKKNI_REGISTER = "https://skkni.kemnaker.go.id/"
"""Where units of competency are registered; their code says where in it."""

_LAST_SECOND = time(23, 59, 59)
_CRITERIA = {
    "TRAINING": "Pelatihan diselesaikan dengan kehadiran yang dipersyaratkan{jp}. ·"
    " Training completed with the attendance required.",
    "COMPETENCE": "Kompeten pada unit yang tercantum, menurut aturan skema. ·"
    " Competent in the units listed, by the award rule of the scheme.",
    "UNIT_STATEMENT": "Kompeten pada unit yang tercantum saja; bukan sertifikat kompetensi. ·"
    " Competent in the units listed only; no certificate of competence.",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one ledger's certificates."""

    base_url: str
    issued: IssuedCertificates
    keyring: Keyring
    lists: Lists

    def of(self, certificate: str) -> bytes:
        """A certificate's credential, RFC 8785 bytes.

        Raises DomainError UNKNOWN_ID, PERSON_ERASED, or CREDENTIAL_UNAVAILABLE when the issuer had no keys for
        it; keys.errors.Error.
        """
        issued = self.issued.get(certificate)
        number = self.lists.number(issued.org)
        index = issued.issued_index if issued.countersigned_index is None else issued.countersigned_index
        key = self.keyring.at(issued.org, "credential", index)
        if key is None or number is None:
            raise DomainError(
                "CREDENTIAL_UNAVAILABLE",
                "the issuer had no credential and status keys when it issued this",
                "Only the page and the paper tell of this certificate.",
            )
        document = self.document(issued, self.lists.url(number))
        check_document(document)
        signer = self.keyring.signer(key)
        signed = dataintegrity.sign(
            document,
            method=did.method_id(document["issuer"]["id"], key.thumbprint),
            created=document["validFrom"],
            sign_bytes=lambda message: signer.sign(message).sig,
        )
        return jcs.encode(signed)

    def document(self, issued: Issued, status_url: str) -> dict[str, Any]:
        """The credential before it is signed."""
        issuer = did.did_web(self.base_url, issued.org)
        index = issued.status[1]
        document: dict[str, Any] = {
            "@context": [CREDENTIALS, OPEN_BADGES],
            "id": f"{page_url(self.base_url, issued.code)}/credential.json",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": issued.printed["title_id"],
            "issuer": {"id": issuer, "type": ["Profile"], "name": issued.issuer_name},
            "validFrom": issued.issued_at,
            "credentialSubject": _subject(issued, issuer),
            "credentialStatus": {
                "id": f"{status_url}#{index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": PURPOSE,
                "statusListIndex": str(index),
                "statusListCredential": status_url,
            },
        }
        if issued.valid_until is not None:
            last = datetime.combine(issued.valid_until, _LAST_SECOND, ZoneInfo(issued.zone))
            document["validUntil"] = to_time(last.astimezone(UTC))
        return document


def _subject(issued: Issued, issuer: str) -> dict[str, Any]:
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": issued.holder,
                "identityType": "name",
            }
        ],
        "licenseNumber": issued.number,
        "achievement": _achievement(issued, issuer),
    }
    described = subject["achievement"].get("resultDescription", [])
    if described:
        subject["result"] = [
            {"type": ["Result"], "resultDescription": each["id"], "value": "K"} for each in described
        ]
    return subject


def _achievement(issued: Issued, issuer: str) -> dict[str, Any]:
    printed = issued.printed
    code = printed["programme_code" if issued.kind == TRAINING else "scheme_code"]
    hours = f" ({printed['jp']} JP @ 45 menit)" if printed["jp"] else ""
    name = _urn(issuer, issued.kind, code, printed["title_id"], *(unit["code"] for unit in printed["units"]))
    achievement: dict[str, Any] = {
        "id": name,
        "type": ["Achievement"],
        "achievementType": ACHIEVEMENT_TYPES[issued.kind],
        "name": printed["title_id"],
        "description": printed["title_en"],
        "criteria": {"narrative": _CRITERIA[issued.kind].format(jp=hours)},
        "humanCode": code,
        "inLanguage": "id",
    }
    if printed["level"] is not None:
        achievement["tag"] = [f"KKNI {printed['level']}"]
    if printed["units"]:
        achievement["alignment"] = [_alignment(unit) for unit in printed["units"]]
        achievement["resultDescription"] = [
            {
                "id": _urn(name, unit["decree"], unit["code"]),
                "type": ["ResultDescription"],
                "name": unit["code"],
                "resultType": "Result",
                "allowedValue": ["K", "BK"],
            }
            for unit in printed["units"]
        ]
    return achievement


def _alignment(unit: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetType": "ext:SKKNI",
        "targetCode": unit["code"],
        "targetName": unit["title_id"],
        "targetDescription": unit["title_en"],
        "targetFramework": unit["decree"],
        "targetUrl": SKKNI_REGISTER,
    }


def _urn(*parts: str) -> str:
    """A stable name for what these parts say."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)).urn
