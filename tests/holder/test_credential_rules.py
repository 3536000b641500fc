"""Each line of the table of answers for a credential, and each side of each of its limits."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from tests.sealing.issuer import NAME, NOW, Facts, Issuer
from verifier import credential, dataintegrity, jcs, statuslist
from verifier.answer import Answer, Verdict
from verifier.credential import Issuance
from verifier.entry import parse_entry
from verifier.keyfile import KeyFile

GOOD = Facts()
NOT, UNKNOWN, STANDS = Verdict.DOES_NOT_STAND, Verdict.UNKNOWN, Verdict.STANDS
FACTS = {
    "holder": "Arif Contohman",
    "number": "0000001/LSP-FIKSI/LAS-FILLET-PELAT-II/2026",
    "kind": "COMPETENCE",
    "title": {
        "id": "Juru Las Pelat Proses SMAW (Fillet dan Groove) - Kualifikasi II",
        "en": "Plate Welder, SMAW (Fillet and Groove) - Level II",
    },
    "scheme_code": "SKM/CONTOH/0001/2/2023/1",
    "units": [],
    "issuer": NAME,
    "valid_from": "2026-03-13T02:00:00Z",
    "valid_until": "2029-03-13T15:59:59Z",
}
BEGINS, ENDS = (datetime.fromisoformat(FACTS[name]) for name in ("valid_from", "valid_until"))  # type: ignore[arg-type]
LASTING = "2040-01-01T00:00:00Z"


def told(
    issuer: Issuer,
    facts: Facts = GOOD,
    *,
    now: datetime = NOW,
    keys: KeyFile | None = None,
    data: bytes | None = None,
    status: Any = ...,
    issuance: Issuance | None = None,
) -> Answer:
    listed = issuer.status(until=LASTING) if status is ... else status
    return credential.check(
        data or issuer.credential(facts), keys or issuer.key_file(), listed, now, issuance
    )


def with_key(issuer: Issuer, **changes: Any) -> KeyFile:
    """The key file with the credential key's line changed."""
    file = issuer.key_file()
    keys = (replace(key, **changes) if key.purpose == "credential" else key for key in file.keys)
    return replace(file, keys=tuple(keys))


def placed(issuer: Issuer, index: int = 2, again: int | None = None, **changes: Any) -> Issuance:
    """Its entry in the log, with these members changed."""
    payload = parse_entry(issuer.proven(GOOD).entry).payload
    data = {**payload.data, **changes.pop("data", {})}
    return Issuance(index, replace(payload, data=data, **changes), again)


def signed_anew(
    issuer: Issuer, change: Callable[[dict[str, Any]], object], method: str | None = None
) -> bytes:
    """The credential changed, and signed by its own issuer all the same."""
    document = json.loads(issuer.credential(GOOD))
    method = method or document["proof"][0]["verificationMethod"]
    del document["proof"]
    change(document)
    signed = dataintegrity.sign(
        document,
        method=method,
        created="2026-03-13T02:00:00Z",
        sign_bytes=lambda message: issuer.credential_key.sign(message).sig,
    )
    return jcs.encode(signed)


# -- the answers -------------------------------------------------------------------------------------------------------


def test_all_that_is_told_of_one_that_stands(issuer: Issuer) -> None:
    assert told(issuer) == Answer(
        STANDS, "STANDS", "Genuine, and not withdrawn by 2026-05-31 12:00 UTC.", FACTS
    )


def test_its_units_are_told_in_their_order(issuer: Issuer) -> None:
    codes, ids = ["U.2", "U.1"], [uuid.UUID(int=number).urn for number in (2, 3)]

    def add(document: dict[str, Any]) -> None:
        subject = document["credentialSubject"]
        texts = dict.fromkeys(("targetName", "targetDescription", "targetFramework"), "x")
        fixed = {
            "type": ["Alignment"],
            "targetType": "ext:SKKNI",
            "targetUrl": "https://skkni.kemnaker.go.id/",
        }
        subject["achievement"]["alignment"] = [{**fixed, **texts, "targetCode": code} for code in codes]
        subject["achievement"]["resultDescription"] = [
            {
                "id": place,
                "type": ["ResultDescription"],
                "name": code,
                "resultType": "Result",
                "allowedValue": ["K", "BK"],
            }
            for code, place in zip(codes, ids, strict=True)
        ]
        subject["result"] = [{"type": ["Result"], "resultDescription": place, "value": "K"} for place in ids]

    answer = told(issuer, data=signed_anew(issuer, add))
    assert (answer.code, answer.facts) == ("STANDS", {**FACTS, "units": codes})


def test_a_credential_that_contradicts_itself_is_none_though_its_issuer_signed_it(issuer: Issuer) -> None:
    data = signed_anew(issuer, lambda document: document.update(name="Dokter Gigi"))
    assert told(issuer, data=data).code == "CREDENTIAL_CONTRADICTORY"


def test_what_is_said_of_each_that_is_genuine(issuer: Issuer) -> None:
    withdrawn = issuer.status(GOOD.status_index, until=LASTING)
    stolen = with_key(issuer, compromised_from=5)
    unknown = (
        "Genuine. Whether it still stands is not known: its issuer's status list is not at hand, or old."
    )
    for answer, expected in (
        (told(issuer), (STANDS, "STANDS", "Genuine, and not withdrawn by 2026-05-31 12:00 UTC.")),
        (
            told(issuer, status=withdrawn),
            (NOT, "WITHDRAWN", "Genuine, but its issuer had withdrawn it by 2026-05-31 12:00 UTC."),
        ),
        (
            told(issuer, now=ENDS + timedelta(seconds=1)),
            (NOT, "EXPIRED", "Genuine, but it was valid until 2029-03-13T15:59:59Z only."),
        ),
        (
            told(issuer, now=BEGINS - timedelta(days=1)),
            (
                UNKNOWN,
                "NOT_YET_ISSUED",
                "Genuine, but valid from 2026-03-13T02:00:00Z, which is yet to come by this clock.",
            ),
        ),
        (told(issuer, status=None), (UNKNOWN, "STATUS_UNKNOWN", unknown)),
        (
            told(issuer, keys=stolen),
            (
                UNKNOWN,
                "KEY_COMPROMISED",
                "The key that signed it is no longer trusted, and no entry of the log shows when it signed.",
            ),
        ),
        (
            told(issuer, issuance=placed(issuer, org="x")),
            (NOT, "ENTRY_WRONG", "The entry of the log that came with it is another certificate's."),
        ),
        (
            told(issuer, issuance=placed(issuer, 0)),
            (NOT, "KEY_NOT_VALID", "The key that signed it was not valid at entry 0 of the log."),
        ),
    ):
        assert answer == Answer(*expected, FACTS)


def test_what_is_said_of_each_that_is_not(issuer: Issuer) -> None:
    good = issuer.credential(GOOD)
    ours = issuer.credential_key
    issuer.credential_key = Ed25519Signer.generate()
    try:
        foreign = issuer.credential(GOOD)
    finally:
        issuer.credential_key = ours
    file = issuer.key_file()
    early = replace(file, issued_at="2026-03-13T02:00:01Z")
    same = replace(file, issued_at="2026-03-13T02:00:00Z")
    no_proofs = "the proofs are not the two that must be there"
    for answer, expected in (
        (
            told(issuer, data=b"{}"),
            (
                NOT,
                "PROOFS_INVALID",
                f"This is no credential of a certificate: {no_proofs}: there are not exactly two.",
            ),
        ),
        (
            told(issuer, data=foreign, keys=early),
            (NOT, "KEY_UNKNOWN", "It is signed with no key of this ledger: it is forged or altered."),
        ),
        (
            told(issuer, data=foreign, keys=same),
            (
                UNKNOWN,
                "KEY_UNKNOWN",
                "It is signed with a key that the key file of 2026-03-13T02:00:00Z does not have.",
            ),
        ),
        (
            told(issuer, data=good.replace(b"Kompeten", b"Kompoten")),
            (NOT, "FORGED", "The signatures do not hold: it is forged or altered."),
        ),
    ):
        assert answer == Answer(*expected)


def test_a_document_that_no_proof_could_be_over_is_forged(issuer: Issuer) -> None:
    """A lone surrogate is no character, so that neither canonical form exists."""
    value = json.loads(issuer.credential(GOOD))
    value["credentialSubject"]["identifier"][0]["identityHash"] = "\ud800"
    assert told(issuer, data=json.dumps(value).encode()).code == "FORGED"


def test_a_credential_has_256_kibibytes(issuer: Issuer) -> None:
    good = issuer.credential(GOOD)
    assert told(issuer, data=good.ljust(256 << 10)).code == "STANDS"
    assert told(issuer, data=good.ljust((256 << 10) + 1)).code == "JSON_TOO_LARGE"


# -- time and status ---------------------------------------------------------------------------------------------------


def test_clocks_may_differ_by_two_minutes(issuer: Issuer) -> None:
    two = timedelta(minutes=2)
    assert told(issuer, now=BEGINS - two).code == "STANDS"
    assert told(issuer, now=BEGINS - two - timedelta(seconds=1)).code == "NOT_YET_ISSUED"
    assert told(issuer, now=ENDS).code == "STANDS"
    endless = replace(GOOD, valid_until=None)
    answer = told(issuer, endless, now=datetime(2039, 1, 1, tzinfo=UTC))
    assert (answer.code, answer.facts["valid_until"]) == ("STANDS", None)


def test_the_first_that_applies_is_told(issuer: Issuer) -> None:
    withdrawn = issuer.status(GOOD.status_index, until=LASTING)
    for now in (BEGINS - timedelta(days=1), ENDS + timedelta(days=1)):
        assert told(issuer, now=now, status=withdrawn).code == "WITHDRAWN"
        assert told(issuer, now=now, status=None).code in {"EXPIRED", "NOT_YET_ISSUED"}
    old = issuer.status(GOOD.status_index, until="2026-05-31T12:00:00Z")
    assert told(issuer, status=old).code == "WITHDRAWN"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "STANDS"),
        ({"url": "http://localhost:8000/status/2"}, "STATUS_UNKNOWN"),
        ({"issuer": "did:web:x"}, "STATUS_UNKNOWN"),
        ({"bits": bytes(9)}, "STATUS_UNKNOWN"),
        ({"bits": bytes(10)}, "STANDS"),
        ({"bits": bytes(9) + b"\x04"}, "WITHDRAWN"),
        ({"bits": bytes(9) + b"\xfb"}, "STANDS"),
        ({"bits": b"\xff" * 10, "url": "http://localhost:8000/status/2"}, "STATUS_UNKNOWN"),
        ({"valid_until": NOW}, "STANDS"),
        ({"valid_until": NOW - timedelta(seconds=1)}, "STATUS_UNKNOWN"),
    ],
)
def test_only_its_own_fresh_list_tells_its_status(issuer: Issuer, changes: dict[str, Any], code: str) -> None:
    assert GOOD.status_index == 77  # bit 5 of byte 9
    status = replace(issuer.status(), **changes)
    assert isinstance(status, statuslist.StatusList)
    assert told(issuer, status=status).code == code
