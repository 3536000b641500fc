"""A whole certificate before `certverify pdf`: what stands, what does not, what cannot be told, what was looked at."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from ledger.issuing.attachments import Proven, attachments
from ledger.issuing.paper import Attachment
from tests.sealing.issuer import NAME, NOW, ORG, Facts, Issuer
from verifier import code, commands_pdf, pdf, pdf_page, policy
from verifier.answer import Answer, Verdict
from verifier.errors import Error
from verifier.pdf import CREDENTIAL, PROOF, Against
from verifier.pdf_page import Page

OTHER = Facts(
    number="0000002/LSP-FIKSI/LAS/2026", holder="Budi Contohman", code=code.make(987654321), status_index=78
)
ALL = ["seal", "proof", "credential", "owner of the seal", "QR code", "words on the page"]


def told(issuer: Issuer, data: bytes, now: datetime = NOW, **changes: Any) -> Answer:
    return pdf.check(data, issuer.against(**changes), now)


def reason(answer: Answer) -> tuple[Verdict, str]:
    return answer.verdict, answer.code


# -- what stands -------------------------------------------------------------------------------------------------------


def test_a_certificate_in_all_its_parts_stands(issuer: Issuer, good: bytes) -> None:
    answer = told(issuer, good)
    assert reason(answer) == (Verdict.STANDS, "STANDS")
    assert answer.facts["checked"] == ALL
    assert answer.facts["not_checked"] == []
    assert (answer.facts["holder"], answer.facts["number"]) == (Facts().holder, Facts().number)
    assert answer.facts["issuer"] == NAME
    assert "DEMO" in answer.facts["sealed_by"]


@pytest.mark.parametrize(
    "facts",
    [
        Facts(valid_until=None),
        Facts(holder="Maria Ulfa Dewi Kusumaningrum Contohwati binti Haji Abdullah"),
        Facts(holder="Nyi Rara Kidul fifi affluent ﬁ"),
        Facts(holder="محمد نور"),
        Facts(number="1/" + "PANJANG" * 10 + "/2026"),
    ],
    ids=["for ever", "long name", "ligatures", "another script", "long number"],
)
def test_names_numbers_and_days_of_every_kind_are_compared(issuer: Issuer, facts: Facts) -> None:
    answer = told(issuer, issuer.certificate(facts))
    assert reason(answer) == (Verdict.STANDS, "STANDS")
    assert all("by eye" in each for each in answer.facts["not_checked"])


def test_a_name_that_was_cut_for_the_qr_is_compared_as_far_as_it_goes(issuer: Issuer) -> None:
    facts = Facts(holder="Maria Ulfa Dewi Kusumaningrum Contohwati")
    for holder, expected in (
        ("Maria Ulfa Dew…", "STANDS"),
        ("Maria Ulva…", "PARTS_CONTRADICT"),
        ("Maria Ulfa Dew", "PARTS_CONTRADICT"),
    ):
        url = str(issuer.qr(facts, holder=holder))
        data = issuer.pdf(issuer.paper(facts, url=url), issuer.attached(facts))
        assert told(issuer, data).code == expected


# -- what cannot be told -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "expected", "left_out"),
    [
        ({"status": None}, "STATUS_UNKNOWN", []),
        ({"policy": None}, "NOT_ALL_CHECKED", ["proof: no policy was given"]),
        ({"keys": None, "status": None}, "NOT_ALL_CHECKED", ["credential: no key file was given"]),
    ],
    ids=["status", "policy", "keys"],
)
def test_without_something_to_check_against_it_is_not_said_to_stand(
    issuer: Issuer, good: bytes, missing: dict[str, Any], expected: str, left_out: list[str]
) -> None:
    answer = told(issuer, good, **missing)
    assert reason(answer) == (Verdict.UNKNOWN, expected)
    assert answer.facts["not_checked"] == left_out


def test_with_roots_alone_the_seal_is_checked_and_the_rest_is_named(issuer: Issuer, good: bytes) -> None:
    answer = pdf.check(good, Against(issuer.roots), NOW)
    assert reason(answer) == (Verdict.UNKNOWN, "NOT_ALL_CHECKED")
    assert answer.facts["not_checked"] == ["proof: no policy was given", "credential: no key file was given"]
    assert "holder" not in answer.facts


def test_a_file_without_its_attachments_is_only_sealed(issuer: Issuer) -> None:
    facts = Facts()
    bare = issuer.pdf(issuer.paper(facts), ())
    answer = told(issuer, bare)
    assert reason(answer) == (Verdict.UNKNOWN, "NOT_ALL_CHECKED")
    assert answer.facts["not_checked"] == [
        "proof: the file carries none",
        "credential: the file carries none",
    ]
    half = issuer.pdf(issuer.paper(facts), issuer.attached(facts)[:1])
    assert told(issuer, half).facts["not_checked"] == ["proof: the file carries none"]


def test_too_few_witnesses_leave_it_open_and_are_marked_in_the_file(issuer: Issuer) -> None:
    facts = Facts()
    proven = issuer.proven(facts, witnessed=False)
    assert Proven.under(issuer.policy(), proven.entry, proven.proof).witnessed is False
    attached = attachments(issuer.credential(facts), proven)
    assert "belum cukup saksi" in attached[1].description
    assert reason(told(issuer, issuer.pdf(issuer.paper(facts), attached))) == (
        Verdict.UNKNOWN,
        "NOT_WITNESSED",
    )
    whole = issuer.proven(facts)
    assert Proven.under(issuer.policy(), whole.entry, whole.proof).witnessed is True
    assert Proven.under(None, whole.entry, whole.proof).witnessed is False
    assert "belum" not in issuer.attached(facts)[1].description


def test_a_policy_that_asks_for_no_witness_shows_nothing(issuer: Issuer, good: bytes) -> None:
    alone = policy.parse(issuer.policy_bytes(quorum=False))
    assert reason(told(issuer, good, policy=alone)) == (Verdict.UNKNOWN, "NOT_WITNESSED")
    proven = issuer.proven(Facts())
    assert Proven.under(alone, proven.entry, proven.proof).witnessed is False


def test_an_old_status_or_a_key_that_was_stolen_leaves_it_open(issuer: Issuer, good: bytes) -> None:
    assert told(issuer, good, NOW + timedelta(days=1)).code == "STATUS_UNKNOWN"
    stolen = told(issuer, good, keys=issuer.key_file(compromised_from=1))
    assert reason(stolen) == (Verdict.UNKNOWN, "SEAL_KEY_COMPROMISED")


def test_a_seal_by_a_key_that_no_custodian_listed_leaves_it_open(issuer: Issuer, good: bytes) -> None:
    listed = issuer.key_file()
    absent = replace(listed, keys=tuple(key for key in listed.keys if key.purpose != "pdf"))
    assert reason(told(issuer, good, keys=absent)) == (Verdict.UNKNOWN, "SEAL_KEY_UNLISTED")


# -- what does not stand -----------------------------------------------------------------------------------------------


def test_a_withdrawn_or_expired_one_does_not_stand(issuer: Issuer, good: bytes) -> None:
    withdrawn = issuer.status(Facts().status_index)
    assert reason(told(issuer, good, status=withdrawn)) == (Verdict.DOES_NOT_STAND, "WITHDRAWN")
    later = issuer.status(until="2030-01-01T00:00:00Z")
    answer = told(issuer, good, datetime(2029, 3, 14, tzinfo=UTC), status=later)
    assert reason(answer) == (Verdict.DOES_NOT_STAND, "EXPIRED")


def test_an_issuer_that_was_renamed_still_answers_for_what_it_issued(issuer: Issuer, good: bytes) -> None:
    assert told(issuer, good, keys=issuer.key_file(issuer="LSP Nama Baru")).code == "STANDS"


def test_another_organisation_s_seal_does_not_answer_for_it(issuer: Issuer, good: bytes) -> None:
    keys = issuer.key_file(organisation="blk")
    assert reason(told(issuer, good, keys=keys)) == (Verdict.DOES_NOT_STAND, "SEAL_OF_ANOTHER")


SWAPPED = {
    "credential": "PARTS_CONTRADICT",
    "proof": "ENTRY_WRONG",
    "page": "PARTS_CONTRADICT",
    "qr": "PARTS_CONTRADICT",
}


@pytest.mark.parametrize("part", SWAPPED)
def test_parts_of_two_certificates_in_one_file_are_found_though_its_own_issuer_sealed_it(
    issuer: Issuer, part: str
) -> None:
    facts = Facts()
    of = {name: OTHER if name == part else facts for name in SWAPPED}
    paper = issuer.paper(of["page"])
    if part in {"qr", "page"}:
        # The page prints code and address beside the QR, and refuses others; so both change together.
        paper = issuer.paper(of["qr"], number=of["page"].number, holder=of["page"].holder)
    data = issuer.pdf(paper, attachments(issuer.credential(of["credential"]), issuer.proven(of["proof"])))
    answer = told(issuer, data)
    assert reason(answer) == (
        Verdict.DOES_NOT_STAND,
        "ENTRY_WRONG" if part == "credential" else SWAPPED[part],
    )
    without_keys = told(issuer, data, keys=None, status=None)
    assert without_keys.verdict == Verdict.DOES_NOT_STAND


DIFFERENT = {
    "number": replace(Facts(), number="0000009/LSP-FIKSI/LAS/2026"),
    "holder": replace(Facts(), holder="Arif Contohmen"),
    "issued_on": replace(Facts(), issued_on=date(2026, 3, 12)),
    "valid_until": replace(Facts(), valid_until=date(2030, 3, 13)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_one_different_fact_on_the_page_is_found(issuer: Issuer, name: str) -> None:
    facts = Facts()
    data = issuer.pdf(issuer.paper(DIFFERENT[name]), issuer.attached(facts))
    answer = told(issuer, data)
    assert reason(answer) == (Verdict.DOES_NOT_STAND, "PARTS_CONTRADICT")
    assert name.replace("_", " ") in answer.message


def test_a_forged_qr_credential_or_proof_is_found(issuer: Issuer) -> None:
    facts, stranger = Facts(), Ed25519Signer.generate()
    forged_qr = issuer.pdf(issuer.paper(facts, url=str(issuer.qr(facts, stranger))), issuer.attached(facts))
    assert reason(told(issuer, forged_qr)) == (Verdict.DOES_NOT_STAND, "FORGED")
    credential = issuer.credential(facts).replace(b"Kompeten", b"Kompoten")
    forged = issuer.pdf(issuer.paper(facts), attachments(credential, issuer.proven(facts)))
    assert reason(told(issuer, forged)) == (Verdict.DOES_NOT_STAND, "FORGED")
    proven = issuer.proven(facts)
    moved = replace(proven, proof=replace(proven.proof, index=1))
    wrong = issuer.pdf(issuer.paper(facts), attachments(issuer.credential(facts), moved))
    assert told(issuer, wrong).verdict == Verdict.DOES_NOT_STAND


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (CREDENTIAL, "{"),
        (CREDENTIAL, "{}"),
        (CREDENTIAL, '{"a":1,"a":2}'),
        (PROOF, "c2sp.org/tlog-proof@v1\n"),
        (PROOF, ""),
    ],
)
def test_an_attachment_that_is_none_of_its_kind_does_not_stand(issuer: Issuer, name: str, text: str) -> None:
    facts = Facts()
    attached = [replace(each, text=text) if each.name == name else each for each in issuer.attached(facts)]
    answer = told(issuer, issuer.pdf(issuer.paper(facts), tuple(attached)))
    assert answer.verdict == Verdict.DOES_NOT_STAND


def test_a_proof_of_another_event_or_issuer_is_none(issuer: Issuer) -> None:
    facts = Facts()
    revoked, other = issuer.proven(facts, event="certificate.revoked.v1"), issuer.proven(facts, org="x")
    for proven, expected in ((revoked, "PROOF_INVALID"), (other, "ENTRY_WRONG")):
        attached = attachments(issuer.credential(facts), proven)
        assert told(issuer, issuer.pdf(issuer.paper(facts), attached)).code == expected


def test_a_countersignature_is_proven_as_well(issuer: Issuer) -> None:
    facts = Facts()
    again = issuer.proven(facts, event="certificate.countersigned.v1")
    attached = attachments(issuer.credential(facts), issuer.proven(facts), again)
    assert [each.name for each in attached] == [CREDENTIAL, PROOF, "countersignature.tlog-proof"]
    assert told(issuer, issuer.pdf(issuer.paper(facts), attached)).code == "STANDS"
    foreign = issuer.proven(facts, event="certificate.countersigned.v1", stream="certificate/c2")
    mixed = attachments(issuer.credential(facts), issuer.proven(facts), foreign)
    assert told(issuer, issuer.pdf(issuer.paper(facts), mixed)).code == "PARTS_CONTRADICT"
    other = attachments(issuer.credential(facts), issuer.proven(facts), issuer.proven(facts))
    assert told(issuer, issuer.pdf(issuer.paper(facts), other)).code == "PROOF_INVALID"


def test_names_and_descriptions_of_attachments_betray_nothing(issuer: Issuer) -> None:
    for each in issuer.attached(Facts()):
        assert Facts().holder not in each.name + each.description
        assert Facts().number not in each.name + each.description
        assert ORG not in each.name


# -- the page, where libraries are missing -----------------------------------------------------------------------------


def test_what_no_library_can_read_is_named_and_the_seal_still_covers_it(
    issuer: Issuer, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_page, "_library", lambda _name: None)
    answer = told(issuer, good)
    assert answer.verdict == Verdict.STANDS
    assert len(answer.facts["not_checked"]) == 2
    words = pdf.check(good, issuer.against(), NOW, look=lambda _pdf: Page("nothing of it", None))
    assert reason(words) == (Verdict.DOES_NOT_STAND, "PARTS_CONTRADICT")
    no_qr = pdf.check(good, issuer.against(), NOW, look=lambda _pdf: Page(None, ()))
    assert "QR code: none could be read on the page" in no_qr.facts["not_checked"]


def test_the_page_is_looked_at_only_under_a_seal_that_holds(issuer: Issuer, good: bytes) -> None:
    changed = bytearray(good)
    changed[5000] ^= 1
    looked: list[bytes] = []

    def look(data: bytes) -> Page:
        looked.append(data)
        return Page(None, None)

    answer = pdf.check(bytes(changed), issuer.against(), NOW, look)
    assert answer.code == "PDF_ALTERED"
    assert looked == []


@pytest.mark.parametrize("pdf_bytes", [b"", b"%PDF-1.7\n", b"no PDF"])
def test_a_page_that_cannot_be_drawn_was_not_read(pdf_bytes: bytes) -> None:
    assert pdf_page.look(pdf_bytes) == Page(None, None)


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def files(issuer: Issuer, good: bytes, tmp_path: Path) -> dict[str, str]:
    contents = {
        "file": good,
        "trust": issuer.authority.trust_file.read_bytes(),
        "root": issuer.root.to_bytes(),
        "keys": issuer.key_file_bytes(),
        "policy": issuer.policy_bytes(),
        "status": issuer.status_bytes(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in contents}


def run(files: dict[str, str], *names: str, as_json: bool = True) -> int:
    parser = argparse.ArgumentParser()
    commands_pdf.add_pdf_arguments(parser)
    given = [part for name in names for part in (f"--{name}", files[name])]
    arguments = parser.parse_args([files["file"], "--trust", files["trust"], *given])
    arguments.json, arguments.now = as_json, NOW
    return commands_pdf.run_pdf(arguments)


def test_the_command_answers_with_its_exit_code(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, "root", "keys", "policy", "status") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["facts"]["checked"]) == ("STANDS", ALL)
    assert run(files) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "NOT_ALL_CHECKED"
    assert run(files, "root", "keys", "policy", "status", as_json=False) == 0
    said = capsys.readouterr().out
    assert said.startswith("STANDS: ")
    assert "not checked: []" in said
    data = bytearray(Path(files["file"]).read_bytes())
    data[9000] ^= 1
    Path(files["file"]).write_bytes(data)
    assert run(files, "root", "keys", "policy", "status") == 1
    assert json.loads(capsys.readouterr().out)["code"] == "PDF_ALTERED"


@pytest.mark.parametrize("names", [("root",), ("keys",), ("status",), ("policy", "status")], ids="+".join)
def test_arguments_that_belong_together_are_asked_for(files: dict[str, str], names: tuple[str, ...]) -> None:
    with pytest.raises(Error) as caught:
        run(files, *names)
    assert caught.value.code == "ARGUMENTS_INCOMPLETE"


@pytest.mark.parametrize("name", ["trust", "root", "keys", "policy", "status"])
def test_a_file_of_another_kind_is_no_answer(files: dict[str, str], name: str) -> None:
    Path(files[name]).write_bytes(b"something else")
    with pytest.raises(Error):
        run(files, "root", "keys", "policy", "status")


def test_attached_text_may_be_anything_without_a_traceback(issuer: Issuer) -> None:
    odd = Attachment(name="catatan.txt", media_type="text/plain", text="x", description="x")
    data = issuer.pdf(issuer.paper(facts := Facts()), (*issuer.attached(facts), odd))
    assert told(issuer, data).code == "STANDS"
