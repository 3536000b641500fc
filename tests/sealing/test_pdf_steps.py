"""What follows from a seal that holds: each step of the check, what it finds wrong, and what it says was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.issuing.attachments import Proven, attachments
from tests.sealing.issuer import BASE, NAME, NOW, Facts, Issuer
from tests.sealing.seals import AT
from verifier import code, pdf, pdf_seal, policy
from verifier.answer import Answer, Verdict
from verifier.pdf import COUNTERSIGNED, CREDENTIAL, PROOF
from verifier.pdf_page import Page
from verifier.pdf_seal import Seal, SealError

GOOD = Facts()
WORDS = f"{GOOD.number} {code.display(GOOD.code)} {GOOD.holder}"
ALL = ["seal", "proof", "credential", "owner of the seal", "QR code", "words on the page"]
NOT, UNKNOWN, STANDS = Verdict.DOES_NOT_STAND, Verdict.UNKNOWN, Verdict.STANDS


class Holding:
    """A certificate whose seal holds; its files and its page are as a test wants them."""

    def __init__(self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.issuer, self._monkeypatch = issuer, monkeypatch
        self.seal = Seal("CN=LSP", issuer.pdf_key.thumbprint, AT, None, self.files())

    def files(
        self, facts: Facts = GOOD, proven: Proven | None = None, again: Proven | None = None
    ) -> dict[str, bytes]:
        proven = proven or self.issuer.proven(facts)
        made = attachments(self.issuer.credential(facts), proven, again)
        return {each.name: each.text.encode() for each in made}

    def told(
        self,
        files: Mapping[str, bytes] | None = None,
        *,
        qr: tuple[str, ...] | str | None = "its own",
        words: str | None = WORDS,
        now: datetime = NOW,
        seal: Mapping[str, Any] | None = None,
        **against: Any,
    ) -> Answer:
        made = replace(self.seal, **(seal or {}))
        made = made if files is None else replace(made, files=files)
        self._monkeypatch.setattr(pdf_seal, "check", lambda *_: made)
        page = Page(words, (str(self.issuer.qr(GOOD)),) if isinstance(qr, str) else qr)
        return pdf.check(b"%PDF-", self.issuer.against(**against), now, lambda _pdf: page)

    def without(self, *names: str) -> dict[str, bytes]:
        return {name: data for name, data in self.seal.files.items() if name not in names}


@pytest.fixture
def paper(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Holding:
    return Holding(issuer, monkeypatch)


def reason(answer: Answer) -> tuple[Verdict, str]:
    return answer.verdict, answer.code


# -- all that is told --------------------------------------------------------------------------------------------------


def test_the_whole_answer_of_one_that_stands(paper: Holding) -> None:
    answer = paper.told(seal={"proven_at": datetime(2026, 3, 13, 2, 16, tzinfo=UTC)})
    assert answer == Answer(
        STANDS,
        "STANDS",
        f"Sealed, issued and not withdrawn; {NAME} answers for it.",
        {
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
            "sealed_by": "CN=LSP",
            "sealed_at": "2026-03-13T02:15:00+00:00",
            "sealed_before": "2026-03-13T02:16:00+00:00",
            "checked": ALL,
            "not_checked": [],
        },
    )


def test_times_that_the_seal_does_not_say_are_none(paper: Holding) -> None:
    facts = paper.told(seal={"said_at": None}).facts
    assert (facts["sealed_at"], facts["sealed_before"]) == (None, None)


@pytest.mark.parametrize("verdict", [NOT, UNKNOWN])
def test_a_seal_that_does_not_hold_is_all_that_is_told(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, verdict: Verdict
) -> None:
    def refuse(*_: object) -> Seal:
        raise SealError("SEAL_ODD", "it is odd", verdict)

    monkeypatch.setattr(pdf_seal, "check", refuse)
    assert pdf.check(b"", issuer.against(), NOW) == Answer(verdict, "SEAL_ODD", "By its seal: it is odd.")


# -- what is missing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "checked", "missed"),
    [
        ((PROOF,), [ALL[0], *ALL[2:]], ["proof: the file carries none"]),
        ((CREDENTIAL,), ["seal", "proof", *ALL[4:]], ["credential: the file carries none"]),
        (
            (PROOF, CREDENTIAL),
            ["seal", *ALL[4:]],
            ["proof: the file carries none", "credential: the file carries none"],
        ),
    ],
)
def test_a_file_that_is_missing_is_named_and_the_rest_is_checked(
    paper: Holding, gone: tuple[str, ...], checked: list[str], missed: list[str]
) -> None:
    answer = paper.told(paper.without(*gone))
    assert reason(answer) == (UNKNOWN, "NOT_ALL_CHECKED")
    assert answer.message == f"The seal holds, but not all was checked: {missed[0]}"
    assert (answer.facts["checked"], answer.facts["not_checked"]) == (checked, missed)


@pytest.mark.parametrize(
    ("missing", "checked", "missed"),
    [
        ({"policy": None}, [ALL[0], *ALL[2:]], ["proof: no policy was given"]),
        ({"keys": None}, ["seal", "proof", *ALL[4:]], ["credential: no key file was given"]),
    ],
)
def test_what_nothing_was_given_for_is_named(
    paper: Holding, missing: dict[str, Any], checked: list[str], missed: list[str]
) -> None:
    answer = paper.told(**missing)
    assert reason(answer) == (UNKNOWN, "NOT_ALL_CHECKED")
    assert (answer.facts["checked"], answer.facts["not_checked"]) == (checked, missed)


def test_the_first_doubt_is_told(paper: Holding) -> None:
    alone = policy.parse(paper.issuer.policy_bytes(quorum=False))
    assert paper.told(policy=alone, status=None).message == (
        "The seal holds, but its entry is in the log, but too few witnesses saw it there"
    )
    assert paper.told(paper.without(CREDENTIAL), policy=alone).code == "NOT_WITNESSED"
    answer = paper.told(status=None)
    assert reason(answer) == (UNKNOWN, "STATUS_UNKNOWN")
    assert answer.message.startswith("The seal holds, but genuine. Whether it still stands is not known")
    assert answer.facts["checked"] == ALL
    assert paper.told(status=None, keys=paper.issuer.key_file(compromised_from=1)).code == "STATUS_UNKNOWN"


def test_a_page_that_no_library_reads_is_named(paper: Holding) -> None:
    answer = paper.told(qr=None, words=None)
    assert reason(answer) == (STANDS, "STANDS")
    assert answer.facts["checked"] == ALL[:4]
    assert answer.facts["not_checked"] == [
        "QR code: no library to read it is installed",
        "words on the page: no library to read them is installed",
    ]
    none = paper.told(qr=())
    assert reason(none) == (STANDS, "STANDS")
    assert none.facts["checked"] == [*ALL[:4], "words on the page"]
    assert none.facts["not_checked"] == ["QR code: none could be read on the page"]


# -- the proof ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("witnessed", "code"), [(True, "STANDS"), (False, "NOT_WITNESSED")])
def test_the_entry_has_to_be_seen_by_the_quorum(paper: Holding, witnessed: bool, code: str) -> None:
    files = paper.files(proven=paper.issuer.proven(GOOD, witnessed=witnessed))
    answer = paper.told(files)
    assert answer.code == code
    assert answer.facts["checked"] == ALL


def test_a_proof_that_does_not_hold_is_found_with_and_without_a_policy(paper: Holding) -> None:
    proven = paper.issuer.proven(GOOD)
    moved = replace(proven, proof=replace(proven.proof, index=1))
    answer = paper.told(paper.files(proven=moved))
    assert answer.verdict is NOT
    assert answer.message.startswith("A proof in it does not hold: ")
    assert answer.facts["checked"] == ["seal"]
    bare = {**paper.seal.files, PROOF: proven.proof.to_bytes()}
    revoked = paper.files(proven=paper.issuer.proven(GOOD, event="certificate.revoked.v1"))
    no_policy: dict[str, Any] = {"policy": None}
    for options in ({}, no_policy):
        for files, why in (
            (bare, "it does not hold its entry"),
            (revoked, "its entry is a certificate.revoked.v1"),
            ({**paper.seal.files, PROOF: b"x"}, "not a proof of the form"),
        ):
            answer = paper.told(files, **options)
            assert reason(answer) == (NOT, "PROOF_INVALID")
            assert answer.message.startswith(f"A proof in it does not hold: {why}")


def test_a_countersignature_is_of_the_same_certificate(paper: Holding) -> None:
    event = "certificate.countersigned.v1"
    again = paper.issuer.proven(GOOD, event=event)
    foreign = paper.issuer.proven(GOOD, event=event, stream="certificate/c2")
    no_policy: dict[str, Any] = {"policy": None}
    for options, checked in (({}, ALL), (no_policy, [ALL[0], *ALL[2:]])):
        assert paper.told(paper.files(again=again), **options).facts["checked"] == checked
        answer = paper.told(paper.files(again=foreign), **options)
        assert reason(answer) == (NOT, "PARTS_CONTRADICT")
        assert answer.message == "The countersignature in it is another certificate's."
        wrong = paper.told(paper.files(again=paper.issuer.proven(GOOD)), **options)
        assert reason(wrong) == (NOT, "PROOF_INVALID")
    assert COUNTERSIGNED in paper.files(again=again)


def test_the_place_in_the_log_judges_the_key(paper: Holding) -> None:
    # The entry stands at 2. A key that was enrolled there, or later, signs nothing for it.
    listed = paper.issuer.key_file()
    for begins, expected in ((1, "STANDS"), (2, "KEY_NOT_VALID")):
        keys = replace(
            listed,
            keys=tuple(
                replace(key, valid_from=begins) if key.purpose == "credential" else key for key in listed.keys
            ),
        )
        assert paper.told(keys=keys).code == expected


# -- the credential and who sealed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [True, False], ids=["with keys", "without keys"])
def test_a_credential_that_is_none_is_told_whether_there_are_keys_or_not(paper: Holding, keys: bool) -> None:
    options: dict[str, Any] = {} if keys else {"keys": None}
    made = paper.issuer.credential(GOOD, name="Dokter Gigi")
    for data, found in (
        (made, "CREDENTIAL_CONTRADICTORY"),
        (b"{}", "PROOFS_INVALID"),
        (b"{", "JSON_INVALID"),
        (b'"' + b"x" * (256 << 10), "JSON_TOO_LARGE"),
    ):
        answer = paper.told({**paper.seal.files, CREDENTIAL: data}, **options)
        assert reason(answer) == (NOT, found)
        assert answer.message.startswith("The credential in it is none: ")
        assert answer.facts["checked"] == ["seal", "proof"]


def test_a_credential_that_does_not_stand_tells_what_it_says(paper: Holding) -> None:
    answer = paper.told(status=paper.issuer.status(GOOD.status_index))
    assert reason(answer) == (NOT, "WITHDRAWN")
    assert answer.message.startswith("By its credential: Genuine, but its issuer had withdrawn it")
    assert answer.facts["holder"] == GOOD.holder
    assert answer.facts["checked"] == ["seal", "proof"]


def test_whose_key_sealed_has_to_be_listed_for_sealing(paper: Holding) -> None:
    keys = paper.issuer.key_file()
    for other in (paper.issuer.credential_key.thumbprint, "x", None):
        answer = paper.told(seal={"key": other})
        assert reason(answer) == (UNKNOWN, "SEAL_KEY_UNLISTED")
        assert answer.facts["checked"] == [each for each in ALL if each != "owner of the seal"]
    renamed = replace(keys, keys=tuple(replace(key, purpose="status") for key in keys.keys[-1:]))
    assert len(keys.keys) == 4
    kept = replace(keys, keys=(*keys.keys[:-1], *renamed.keys))
    assert paper.told(keys=kept).code == "SEAL_KEY_UNLISTED"


def test_the_key_that_is_listed_first_says_whose_it_is(paper: Holding) -> None:
    keys = paper.issuer.key_file()
    sealing = keys.keys[-1]
    for organisations, found in ((("lsp", "blk"), "STANDS"), (("blk", "lsp"), "SEAL_OF_ANOTHER")):
        twice = tuple(replace(sealing, organisation=each) for each in organisations)
        assert paper.told(keys=replace(keys, keys=(*keys.keys[:-1], *twice))).code == found


def test_an_issuer_of_an_earlier_address_still_owns_its_seals(paper: Holding) -> None:
    moved = replace(paper.issuer.key_file(), base_urls=("https://new.example", BASE))
    assert paper.told(keys=moved).code == "STANDS"


def test_a_seal_of_another_organisation_is_told_by_its_name(paper: Holding) -> None:
    answer = paper.told(keys=paper.issuer.key_file(organisation="blk", issuer="BLK Lain"))
    assert reason(answer) == (NOT, "SEAL_OF_ANOTHER")
    assert answer.message == f"BLK Lain sealed it, but {NAME} issued it."


def test_a_stolen_key_of_the_seal_leaves_it_open(paper: Holding) -> None:
    answer = paper.told(keys=paper.issuer.key_file(compromised_from=1))
    assert reason(answer) == (UNKNOWN, "SEAL_KEY_COMPROMISED")
    assert answer.facts["checked"] == ALL
