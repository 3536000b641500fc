"""What the parts of a certificate say is compared word for word, wherever two of them say it, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.issuing.attachments import Proven
from tests.sealing.issuer import Facts, Issuer
from verifier import code
from verifier.entry import parse_entry
from verifier.payload import Payload
from verifier.pdf_parts import Parts
from verifier.token import QrText

GOOD = Facts()
OTHER = Facts(
    number="0000002/LSP-FIKSI/LAS/2026",
    holder="Budi Contohman",
    code=code.make(987654321),
    issued_on=date(2026, 3, 12),
    valid_until=date(2030, 3, 13),
)
SHOWN = f"Sertifikat {GOOD.number} {code.display(GOOD.code)} {GOOD.holder}"


def payload(proven: Proven, **data: Any) -> Payload:
    read = parse_entry(proven.entry).payload
    return replace(read, data={**read.data, **data})


def document(issuer: Issuer, facts: Facts = GOOD) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(issuer.credential(facts))
    return read


def told(
    issuer: Issuer,
    *,
    entry: Facts | None = GOOD,
    credential: Facts | None = GOOD,
    qr: Facts | QrText | None = GOOD,
    words: str | None = SHOWN,
    zone: Any = "Asia/Makassar",
) -> Parts:
    """What was compared, each part being of the certificate with these facts, or missing."""
    parts = Parts()
    proven = None if entry is None else payload(issuer.proven(entry), zone=zone)
    if proven is not None:
        parts.take_entry(proven)
    if credential is not None:
        parts.take_credential(document(issuer, credential), proven)
    if qr is not None:
        parts.take_qr(issuer.qr(qr) if isinstance(qr, Facts) else qr)
    if words is not None:
        parts.take_words(words)
    return parts


def test_parts_of_one_certificate_agree(issuer: Issuer) -> None:
    for facts in (GOOD, replace(GOOD, valid_until=None)):
        parts = told(issuer, entry=facts, credential=facts, qr=facts)
        assert (parts.contradictions(), parts.missed) == ([], [])


@pytest.mark.parametrize("missing", ["entry", "credential", "qr", "words"])
def test_a_part_that_is_missing_contradicts_nothing(issuer: Issuer, missing: str) -> None:
    parts = told(issuer, **{missing: None})
    assert (parts.contradictions(), parts.missed) == ([], [])


def test_each_field_is_told_with_the_parts_that_say_it(issuer: Issuer) -> None:
    assert told(issuer, entry=OTHER).contradictions() == [
        "number (entry, credential, page)",
        "issued on (entry, QR code)",
        "valid until (entry, credential, QR code)",
    ]
    assert told(issuer, credential=OTHER).contradictions() == [
        "number (entry, credential, page)",
        "valid until (entry, credential, QR code)",
        "code (credential, QR code, page)",
        "holder (credential, QR code, page)",
    ]
    assert told(issuer, qr=OTHER).contradictions() == [
        "issued on (entry, QR code)",
        "valid until (entry, credential, QR code)",
        "code (credential, QR code, page)",
        "holder (credential, QR code, page)",
    ]


@pytest.mark.parametrize(
    ("field", "value", "parts"),
    [
        ("number", "1", "number (entry, credential)"),
        ("issued_on", "2026-03-14", "issued on (entry, QR code)"),
        ("valid_until", "2029-03-14", "valid until (entry, credential, QR code)"),
        ("valid_until", None, "valid until (entry, credential, QR code)"),
    ],
)
def test_one_field_of_the_entry_is_enough(issuer: Issuer, field: str, value: str | None, parts: str) -> None:
    made = Parts()
    entry = payload(issuer.proven(GOOD), **{field: value})
    made.take_entry(entry)
    made.take_credential(document(issuer), entry)
    made.take_qr(issuer.qr(GOOD))
    assert made.contradictions() == [parts]


def test_a_certificate_without_an_end_differs_from_one_that_ends(issuer: Issuer) -> None:
    endless = replace(GOOD, valid_until=None)
    for parts in (
        told(issuer, entry=endless),
        told(issuer, credential=endless),
        told(issuer, qr=endless),
    ):
        assert parts.contradictions() == ["valid until (entry, credential, QR code)"]


def test_the_last_moment_is_a_day_in_the_zone_of_the_entry(issuer: Issuer) -> None:
    # 15:59:59Z is still the 13th in UTC+8, and the 14th in UTC+9.
    assert told(issuer, zone="Asia/Jakarta").contradictions() == []
    assert told(issuer, zone="Asia/Jayapura").contradictions() == ["valid until (entry, credential, QR code)"]


@pytest.mark.parametrize("zone", [None, "Asia/Atlantis", "../etc/passwd", "Asia", "\0", "x" * 5000])
def test_a_zone_that_is_not_known_leaves_the_last_day_uncompared(issuer: Issuer, zone: Any) -> None:
    parts = told(issuer, zone=zone)
    assert parts.contradictions() == []
    assert parts.missed == [
        "last valid day in the credential: this machine does not know the time zone",
    ]


def test_a_qr_code_without_a_token_says_its_code_only(issuer: Issuer) -> None:
    bare = replace(issuer.qr(OTHER), token=None)
    assert told(issuer, qr=bare).contradictions() == ["code (credential, QR code, page)"]


# -- the holder's name in the QR code ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "printed", "is_same"),
    [
        ("Arif Contohman", "Arif Contohman", True),
        ("Arif Contohman", "Arif  Contoh man", True),
        ("Arif Contohman", "ArifContohman…", True),
        ("Arif Contohman", "Arif Con…", True),
        ("Arif Contohman", "A…", True),
        ("Arif Contohman", "Arif Con", False),
        ("Arif Contohman", "man…", False),
        ("Arif Contohman", "arif Contohman", False),
        ("Arif Contohman", "Arif Contohman S…", False),
        ("Nyi fifi", "Nyi ﬁﬁ", True),
        ("Ari\u00adf", "Arif", True),
        ("Siti\u200b Contoh", "Siti Contoh", True),
    ],
)
def test_a_name_is_the_same_or_begins_the_same_where_it_was_cut(
    issuer: Issuer, whole: str, printed: str, is_same: bool
) -> None:
    qr = issuer.qr(GOOD, holder=printed)
    parts = told(issuer, credential=replace(GOOD, holder=whole), qr=qr, words=None)
    assert parts.contradictions() == ([] if is_same else ["holder (credential, QR code)"])


def test_a_name_in_the_qr_code_alone_is_compared_with_nothing(issuer: Issuer) -> None:
    assert told(issuer, credential=None, qr=OTHER, entry=None, words="").contradictions() == [
        "code (QR code, page)"
    ]


# -- the words of the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "field"),
    [
        (GOOD.number, "number (entry, credential, page)"),
        (code.display(GOOD.code), "code (credential, QR code, page)"),
        (GOOD.holder, "holder (credential, page)"),
    ],
)
def test_what_is_not_on_the_page_is_found(issuer: Issuer, without: str, field: str) -> None:
    assert told(issuer, words=SHOWN.replace(without, "")).contradictions() == [field]
    assert told(issuer, words=SHOWN.replace(without, without[:-1])).contradictions() == [field]


def test_an_empty_page_lacks_all_three(issuer: Issuer) -> None:
    assert told(issuer, words="").contradictions() == [
        "number (entry, credential, page)",
        "code (credential, QR code, page)",
        "holder (credential, page)",
    ]


def test_the_code_stands_on_the_page_in_its_printed_form(issuer: Issuer) -> None:
    words = SHOWN.replace(code.display(GOOD.code), GOOD.code)
    assert told(issuer, words=words).contradictions() == ["code (credential, QR code, page)"]


def test_spaces_ligatures_and_invisible_characters_make_no_difference(issuer: Issuer) -> None:
    holder = "Affi \tSoﬃ\u00adan"
    facts = replace(GOOD, holder=holder)
    words = f"\u200b{GOOD.number[:9]}\n\x02{GOOD.number[9:]}{code.display(GOOD.code)}\u00a0Aﬃ Sof\u200dfi an\ufeff"
    parts = told(issuer, credential=facts, qr=None, words=words)
    assert (parts.contradictions(), parts.missed) == ([], [])


def test_letters_beyond_ascii_that_are_not_found_are_for_the_eye(issuer: Issuer) -> None:
    facts = replace(GOOD, holder="محمد نور")
    parts = told(issuer, credential=facts, qr=None)
    assert (parts.contradictions(), parts.missed) == ([], ["holder on the page: compare it by eye"])
    there = told(issuer, credential=facts, qr=None, words=f"{SHOWN} محمد نور")
    assert (there.contradictions(), there.missed) == ([], [])
    number = replace(GOOD, number="٣/LSP", holder=GOOD.holder)
    assert told(issuer, entry=number, credential=number, qr=None).missed == [
        "number on the page: compare it by eye"
    ]


def test_two_values_of_one_field_are_each_looked_for(issuer: Issuer) -> None:
    # The page shows what the entry says; what the credential says besides is not on it.
    parts = told(issuer, credential=replace(GOOD, number="9/LSP"), qr=None)
    assert parts.contradictions() == ["number (entry, credential, page)"]
    assert parts.missed == []
