"""Each line of the table of answers for a QR without a network, and each side of each of its limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from tests.sealing.issuer import BASE, NAME, NOW, ORG, Facts, Issuer
from verifier import qr, token
from verifier.answer import Answer, Verdict
from verifier.errors import Error
from verifier.keyfile import KeyFile
from verifier.token import Claims, QrText
from verifier.withdrawn import WithdrawnList

GOOD = Facts()
NOT, UNKNOWN, STANDS = Verdict.DOES_NOT_STAND, Verdict.UNKNOWN, Verdict.STANDS
FACTS = {
    "holder": "Arif Contohman",
    "name_cut": False,
    "title": "Juru Las Pelat Proses SMAW (Fillet dan Groove) - Kualifikasi II",
    "scheme_code": "SKM/CONTOH/0001/2/2023/1",
    "issued_on": "2026-03-13",
    "valid_until": "2029-03-13",
    "kind": "COMPETENCE",
    "issuer": NAME,
}
LISTED_AT = datetime(2026, 5, 31, 12, tzinfo=UTC)
LATE = datetime(2040, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def listed(
    *digests: bytes, until: datetime = datetime(2040, 1, 1, tzinfo=UTC), org: str = ORG
) -> dict[str, WithdrawnList]:
    return {org: WithdrawnList(org, 9, LISTED_AT, until, b"".join(sorted(digests)))}


def told(
    issuer: Issuer,
    text: str | QrText | None = None,
    *,
    now: datetime = NOW,
    keys: KeyFile | None = None,
    withdrawn: Any = ...,
) -> Answer:
    lists = listed() if withdrawn is ... else withdrawn
    return qr.check(str(text or issuer.qr(GOOD)), keys or issuer.key_file(), lists, now)


def with_key(issuer: Issuer, **changes: Any) -> KeyFile:
    """The key file with the token key's line changed."""
    file = issuer.key_file()
    keys = (replace(key, **changes) if key.purpose == "token" else key for key in file.keys)
    return replace(file, keys=tuple(keys))


def digest(text: QrText) -> bytes:
    assert text.token is not None
    return text.token.digest()


def test_what_is_said_of_each_that_is_genuine(issuer: Issuer) -> None:
    own, unknown = (
        digest(issuer.qr(GOOD)),
        "Genuine. Whether it still stands is not known: the list of withdrawn certificates",
    )
    for answer, expected in (
        (told(issuer), (STANDS, "STANDS", "Genuine, and not withdrawn by 2026-05-31 12:00 UTC.")),
        (
            told(issuer, withdrawn=listed(own)),
            (NOT, "WITHDRAWN", "Genuine, but its issuer had withdrawn it by 2026-05-31 12:00 UTC."),
        ),
        (
            told(issuer, now=datetime(2029, 3, 14, tzinfo=UTC)),
            (NOT, "EXPIRED", "Genuine, but it was valid through 2029-03-13 only."),
        ),
        (
            told(issuer, now=datetime(2026, 3, 12, tzinfo=UTC)),
            (
                UNKNOWN,
                "NOT_YET_ISSUED",
                "Genuine, but issued on 2026-03-13, which is yet to come by this clock.",
            ),
        ),
        (told(issuer, withdrawn=None), (UNKNOWN, "STATUS_UNKNOWN", f"{unknown} is not at hand.")),
        (
            told(issuer, withdrawn=listed(org="blk")),
            (UNKNOWN, "STATUS_UNKNOWN", f"{unknown} is not at hand."),
        ),
        (
            told(issuer, withdrawn=listed(until=NOW - DAY)),
            (UNKNOWN, "STATUS_UNKNOWN", f"{unknown} is of 2026-05-31 12:00 UTC."),
        ),
        (
            told(issuer, keys=with_key(issuer, compromised_from=0)),
            (
                UNKNOWN,
                "KEY_COMPROMISED",
                "The key that signed it is no longer trusted. Only the page can tell.",
            ),
        ),
    ):
        assert answer == Answer(*expected, FACTS)


def test_what_is_said_of_each_that_is_not(issuer: Issuer) -> None:
    genuine = issuer.qr(GOOD)
    forged = issuer.qr(GOOD, Ed25519Signer.generate())
    elsewhere = replace(genuine, code="0000000000000")
    other = replace(genuine, base_url="https://other.example")
    bare = replace(genuine, token=None)
    why = "The signature in the QR does not hold for this certificate: it is forged or altered."
    for answer, expected in (
        (
            told(issuer, "x"),
            (
                NOT,
                "QR_URL_INVALID",
                "This is no QR of a certificate: this is not the address of a certificate.",
            ),
        ),
        (
            told(issuer, f"{BASE}/v/0"),
            (NOT, "CODE_MALFORMED", "This is no QR of a certificate: a code has 13 letters and digits."),
        ),
        (
            told(issuer, other),
            (
                NOT,
                "HOST_UNKNOWN",
                "It leads to https://other.example, which is no address of this ledger. Do not open it.",
            ),
        ),
        (
            told(issuer, bare),
            (
                UNKNOWN,
                "QR_WITHOUT_TOKEN",
                "The QR holds an address only, no signature. The page at that address can tell.",
            ),
        ),
        (told(issuer, forged), (NOT, "FORGED", why)),
        (told(issuer, elsewhere), (NOT, "FORGED", why)),
    ):
        assert answer == Answer(*expected)


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        ("2026-03-13T00:00:00Z", UNKNOWN),
        ("2026-03-14T23:59:59Z", UNKNOWN),
        ("2026-03-15T00:00:00Z", NOT),
        ("2026-03-12T00:00:00Z", UNKNOWN),
        ("2025-03-13T00:00:00Z", UNKNOWN),
    ],
)
def test_a_key_that_is_not_there_is_forged_unless_the_file_may_be_too_old(
    issuer: Issuer, made: str, verdict: Verdict
) -> None:
    keys = replace(with_key(issuer, kid=2), issued_at=made)
    answer = told(issuer, keys=keys)
    assert (answer.verdict, answer.code, answer.facts) == (verdict, "KEY_UNKNOWN", {})
    assert answer.message == (
        "It is signed with no key of this ledger: it is forged or altered."
        if verdict is NOT
        else f"It is signed with a key that the key file of {made[:10]} does not have: forged, or the file is old."
    )


def test_of_several_keys_of_one_byte_the_one_that_signed_counts(issuer: Issuer) -> None:
    file = with_key(issuer)
    ours = next(key for key in file.keys if key.purpose == "token")
    other = replace(
        ours, key=next(key.key for key in file.keys if key.purpose == "status"), issuer="X", valid_from=9
    )
    for keys in ((ours, other), (other, ours), (other, replace(ours, valid_from=99))):
        answer = told(issuer, keys=replace(file, keys=keys))
        assert (answer.code, answer.facts["issuer"]) == ("STANDS", NAME)
    assert told(issuer, keys=replace(file, keys=(other,))).code == "FORGED"


def test_any_address_of_the_ledger_will_do(issuer: Issuer) -> None:
    file = replace(issuer.key_file(), base_urls=("https://new.example", BASE))
    assert told(issuer, keys=file).code == "STANDS"


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Asia/Makassar", datetime(2026, 3, 12, 16, tzinfo=UTC), datetime(2029, 3, 13, 16, tzinfo=UTC)),
        ("UTC", datetime(2026, 3, 13, tzinfo=UTC), datetime(2029, 3, 14, tzinfo=UTC)),
    ],
)
def test_days_begin_and_end_in_the_zone_of_the_issuer(
    issuer: Issuer, zone: str, first: datetime, last: datetime
) -> None:
    keys, moment = with_key(issuer, zone=zone), timedelta(microseconds=1)
    assert [told(issuer, keys=keys, now=now).code for now in (first - moment, first, last - moment, last)] == [
        "NOT_YET_ISSUED", "STANDS", "STANDS", "EXPIRED",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["Asia/Atlantis", "../etc/passwd", "Asia", "\0", "x" * 5000])
def test_a_zone_that_this_machine_does_not_know_is_told(issuer: Issuer, zone: str) -> None:
    with pytest.raises(Error, match="ZONE_UNKNOWN: this machine does not know the time zone") as caught:
        told(issuer, keys=with_key(issuer, zone=zone))
    assert caught.value.hint == "Install the tzdata package."


def test_the_first_that_applies_is_told(issuer: Issuer) -> None:
    own = digest(issuer.qr(GOOD))
    late, early = datetime(2029, 3, 14, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC)
    assert told(issuer, now=late, withdrawn=listed(own, until=LISTED_AT)).code == "WITHDRAWN"
    assert told(issuer, now=early, withdrawn=listed(own)).code == "WITHDRAWN"
    assert told(issuer, now=late, withdrawn=None).code == "EXPIRED"
    assert told(issuer, now=early, withdrawn=None).code == "NOT_YET_ISSUED"
    stolen = with_key(issuer, compromised_from=5)
    assert told(issuer, now=late, withdrawn=listed(own), keys=stolen).code == "KEY_COMPROMISED"
    assert told(issuer, withdrawn=listed(until=NOW)).code == "STANDS"


def test_a_name_that_was_cut_and_what_was_left_out_are_told(issuer: Issuer) -> None:
    page = token.page_url(BASE, GOOD.code)
    claims = Claims("Arif…", date(2026, 3, 13), None, "S", None)
    made = token.make(claims, 1, page, lambda message: issuer.token_key.sign(message).sig)
    answer = told(issuer, QrText(BASE, GOOD.code, made), now=datetime(2039, 1, 1, tzinfo=UTC))
    assert answer.code == "STANDS"
    assert answer.facts == {
        **FACTS, "holder": "Arif…", "name_cut": True, "title": None, "scheme_code": "S", "valid_until": None,
    }  # fmt: skip
