"""The last step of the check: the QR codes and the words of the page, and what they leave to the eye."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keys.signer import Ed25519Signer
from tests.sealing.issuer import NOW
from tests.sealing.test_pdf_steps import ALL, GOOD, NOT, STANDS, UNKNOWN, Holding, paper, reason
from verifier import pdf, pdf_seal, token
from verifier.pdf import CREDENTIAL, PROOF, Against
from verifier.pdf_page import Page
from verifier.withdrawn import WithdrawnList

__all__ = ["paper"]  # a fixture


def test_every_qr_code_of_a_certificate_is_checked_and_others_are_not(paper: Holding) -> None:
    own = str(paper.issuer.qr(GOOD))
    forged = str(paper.issuer.qr(GOOD, Ed25519Signer.generate()))
    assert paper.told(qr=("https://example.com/", own)).facts["checked"] == ALL
    assert paper.told(qr=("WIFI:S:x;;",)).facts["not_checked"] == ["QR code: none could be read on the page"]
    assert paper.told(qr=(own, own)).facts["checked"] == [*ALL[:5], *ALL[4:]]
    for codes in ((own, forged), (forged, own)):
        answer = paper.told(qr=codes)
        assert reason(answer) == (NOT, "FORGED")
        assert answer.message.startswith("By its QR code: ")
    answer = paper.told(qr=(f"{own}0",))
    assert reason(answer) == (NOT, "TOKEN_INVALID")
    assert answer.message.startswith("The QR code on it is none of a certificate: ")
    assert paper.told(qr=("https://other.example/v/x",)).code == "CODE_MALFORMED"


def test_a_qr_code_of_another_address_is_judged_only_with_keys(paper: Holding) -> None:
    page = token.page_url("https://other.example", GOOD.code)
    assert paper.told(qr=(page,)).code == "HOST_UNKNOWN"
    assert paper.told(qr=(page,), keys=None).code == "NOT_ALL_CHECKED"


def test_a_qr_code_that_was_withdrawn_is_found_though_the_status_list_is_silent(paper: Holding) -> None:
    own = paper.issuer.qr(GOOD)
    assert own.token is not None
    listed = WithdrawnList("lsp", 9, NOW, NOW + timedelta(days=1), own.token.digest())
    assert paper.told(withdrawn={"lsp": listed}).code == "WITHDRAWN"
    assert paper.told(withdrawn={"blk": listed}).code == "STANDS"


def test_parts_that_differ_are_told_with_all_fields(paper: Holding) -> None:
    answer = paper.told(words="")
    assert reason(answer) == (NOT, "PARTS_CONTRADICT")
    assert answer.message == (
        "Its parts do not say the same: "
        "number (entry, credential, page), code (credential, QR code, page), holder (credential, page)."
    )
    assert answer.facts["checked"] == ALL
    bare = paper.told({}, words="")
    assert "code (QR code, page)" in bare.message
    by_proof = paper.told(paper.without(CREDENTIAL), words="")
    assert "number (entry, page)" in by_proof.message
    by_credential = paper.told(paper.without(PROOF), words="")
    assert "number (credential, page)" in by_credential.message


def test_what_the_page_leaves_to_the_eye_is_named(paper: Holding) -> None:
    files = paper.files(facts=replace(GOOD, holder="محمد نور"))
    answer = paper.told(files, qr=())
    assert reason(answer) == (STANDS, "STANDS")
    assert answer.facts["not_checked"] == [
        "QR code: none could be read on the page",
        "holder on the page: compare it by eye",
    ]


def test_only_the_roots_are_needed(paper: Holding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_seal, "check", lambda *_: paper.seal)
    answer = pdf.check(b"", Against([]), NOW, lambda _pdf: Page(None, None))
    assert reason(answer) == (UNKNOWN, "NOT_ALL_CHECKED")
    assert answer.facts == {
        "sealed_by": "CN=LSP",
        "sealed_at": "2026-03-13T02:15:00+00:00",
        "sealed_before": None,
        "checked": ["seal"],
        "not_checked": [
            "proof: no policy was given",
            "credential: no key file was given",
            "QR code: no library to read it is installed",
            "words on the page: no library to read them is installed",
        ],
    }
