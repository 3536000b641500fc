"""``certledger print``: what is in the files is in the log and the other way round, whatever comes between."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from api.commands import run
from api.composition import House, open_house
from api.desk import AccountDesk
from api.printing import Request, print_batch
from ledger.commands.lifecycle import SuspendCertificate
from ledger.commands.subjects import (
    DestroyData,
    ReceiveSubjectRequest,
    RequestDestruction,
    VerifySubjectRequest,
)
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from ledger.issuing.print_file import PrintFile
from tests.api.bureau import passphrase_of
from tests.cli.workshop import FIRST_FORM, FORMS, HOLDERS, Workshop, build
from tests.issuing.papers import decoded, picture, words
from verifier import pdf_seal

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return build(tmp_path_factory.mktemp("workshop") / "data")


@pytest.fixture
def shop(built: Workshop, tmp_path: Path) -> Workshop:
    """A copy for one test."""
    return built.copy(tmp_path / "data")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def printing(shop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``certledger print`` by the print operator: exit code, and what it said."""
    for name in ("printer", "issuer"):
        monkeypatch.setenv(f"CERTLEDGER_PASSPHRASE_{name.upper()}", passphrase_of(name))

    def command(*arguments: object, form: str = FIRST_FORM, by: str = "printer") -> tuple[int, str]:
        told = ["--by", by, "--first-form", form, "--data", shop.data]
        monkeypatch.setattr(sys, "argv", ["certledger", "print", *map(str, [*arguments, *told])])
        with pytest.raises(SystemExit) as exited:
            run()
        said = capsys.readouterr()
        return int(exited.value.code or 0), said.out + said.err

    return command


def forms(*places: int) -> list[str]:
    return [f"{int(FIRST_FORM) + place:07}" for place in places]


def listed(out: Path) -> list[dict[str, str]]:
    with (out / "forms.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def give(house: House, name: str, role: Role, command: Any) -> dict[str, Any]:
    """A command of one of the bureau's people."""
    account = house.accounts.get(name)
    staff = house.application.find(Staff, account.staff)
    assert staff is not None
    org = next(org for held, org in staff.roles if held == role)
    signer = house.keystore.unlock(account.key, passphrase_of(name))
    signatory = Signatory(account.staff, role, org)
    return dict(house.ledger.give(signatory, signer, command, idempotency_key=os.urandom(8).hex()).result)


def suspend(house: House, certificate: str) -> None:
    give(
        house,
        "issuer",
        Role.TRAINING_ISSUER,
        SuspendCertificate(certificate=certificate, reason="COMPLAINT_OPEN"),
    )


def erase(house: House, certificate: str) -> None:
    privacy = partial(give, house, "privacy", Role.PRIVACY_OFFICER)
    receive = ReceiveSubjectRequest(subject_kind="certificate", id=certificate, kind="ERASURE")
    request = privacy(receive)["subject_request"]
    privacy(VerifySubjectRequest(subject_request=request))
    asked = privacy(RequestDestruction(subject_request=request, classes=["identity"]))["request"]
    give(house, "issuer", Role.TRAINING_ISSUER, DestroyData(subject_request=request, request=asked))


# -- what is made ------------------------------------------------------------------------------------------


def test_what_is_printed_is_recorded_on_its_form(shop: Workshop, printing: Command, out: Path) -> None:
    with open_house(shop.data) as house:
        code_of_last = house.issued.get(shop.ids[3]).code
        urls = [house.press.url(each) for each in shop.ids]
        roots = x509.load_pem_x509_certificates((shop.data / "authority" / "root.pem").read_bytes())
    numbers = out.parent / "numbers.txt"
    numbers.write_text(f"\ufeff{shop.numbers[0]}\r\n\r\n {code_of_last.lower()} \n", encoding="utf-8")
    code, said = printing(out, shop.numbers[2], "--from", numbers)
    assert (code, said) == (0, f"{out}: 3 of 3 certificates, up to the form {forms(2)[0]}.\n")
    order = (2, 0, 3)
    assert [row["form"] for row in listed(out)] == forms(0, 1, 2)
    assert [row["number"] for row in listed(out)] == [shop.numbers[each] for each in order]
    printed = (out / "print-001.pdf").read_bytes()
    archive, now = zipfile.ZipFile(out / "certificates.zip"), datetime(2031, 4, 1, tzinfo=UTC)
    for page, (each, row) in enumerate(zip(order, listed(out), strict=True)):
        assert int(row["page"]) == page + 1
        assert HOLDERS[each] in words(printed, page)
        assert decoded(picture(printed, page)).text == urls[each]
        sealed = archive.read(row["pdf"])
        assert HOLDERS[each] in words(sealed)
        assert pdf_seal.check(sealed, roots, now).said_at == shop.printed_at(shop.ids[each])
    assert shop.copies() == [[(1, forms(1)[0])], [], [(1, forms(0)[0])], [(1, forms(2)[0])], []]
    assert not list((shop.data / "papers").glob("*")), "names lie in one place, not in two"


def test_the_same_command_makes_the_files_again_and_records_nothing(
    shop: Workshop, printing: Command, out: Path
) -> None:
    assert printing(out, *shop.numbers)[0] == 0
    size, copies = shop.size(), shop.copies()
    code, said = printing(out.with_name("again"), *shop.numbers, "--json")
    told = json.loads(said)
    assert (code, told["count"], told["recorded"], told["stopped"]) == (0, len(HOLDERS), 0, None)
    assert (shop.size(), shop.copies()) == (size, copies)
    pages = [(each / "print-001.pdf").read_bytes() for each in (out, out.with_name("again"))]
    assert pages[0] == pages[1]


def test_a_further_copy_says_why_and_bears_its_mark(shop: Workshop, printing: Command, out: Path) -> None:
    assert printing(out, *shop.numbers[:2])[0] == 0
    size, second = shop.size(), out.with_name("second")
    code, said = printing(second, *shop.numbers[:2], form=forms(7)[0])
    assert code == 2
    assert said.count("REASON_CODE_INVALID, ORIGINAL is no reason for printing copy 2") == 2
    code, said = printing(second, *shop.numbers[:2], "--reason", "LOST", form=forms(7)[0])
    assert (code, "COPY_NOT_ACCOUNTED" in said) == (2, True)
    assert (shop.size(), second.exists()) == (size, False)
    lost = [*shop.numbers[:2], "--reason", "LOST", "--previous-accounted"]
    assert printing(second, *lost, form=forms(7)[0])[0] == 0
    assert shop.copies()[:2] == [[(1, forms(0)[0]), (2, forms(7)[0])], [(1, forms(1)[0]), (2, forms(8)[0])]]
    assert "Salinan 2" in words((second / "print-001.pdf").read_bytes())
    assert [row["copy"] for row in listed(second)] == ["2", "2"]


def test_proofs_are_there_and_seen_by_witnesses_before_anything_is_made(
    shop: Workshop, printing: Command, out: Path
) -> None:
    code, said = printing(out, *shop.numbers[:2], "--json")
    assert (code, json.loads(said)["unproven"]) == (0, 0)


# -- what is refused ---------------------------------------------------------------------------------------


def test_all_that_would_be_refused_is_told_before_anything_is_recorded(
    shop: Workshop, printing: Command, out: Path
) -> None:
    with open_house(shop.data) as house:
        suspend(house, shop.ids[1])
        erase(house, shop.ids[2])
    size = shop.size()
    code, said = printing(out, *shop.numbers[:3], shop.numbers[0], "00099/T/2031", "0000-0000-00000")
    assert code == 2
    for name, why in (
        (shop.numbers[1], "CERT_STATE_INVALID"),
        (shop.numbers[2], "PERSON_ERASED"),
        (shop.numbers[0], "VALUE_INVALID, it is named twice"),
        ("00099/T/2031", "UNKNOWN_ID"),
        ("0000-0000-00000", "UNKNOWN_ID"),
    ):
        assert f"{name}: {why}" in said
    assert (shop.size(), out.exists()) == (size, False)


@pytest.mark.parametrize(
    ("form", "by", "expected"),
    [
        (f"{int(FIRST_FORM) + FORMS - 1:07}", "printer", "BLANKO_NOT_AVAILABLE"),
        ("4711", "printer", "VALUE_INVALID"),
        ("9999999", "printer", "VALUE_INVALID"),
        ("٠٠٠٤٧١١", "printer", "VALUE_INVALID"),
        (FIRST_FORM, "issuer", "ROLE_FORBIDDEN"),
        (FIRST_FORM, "nobody", "UNKNOWN_ID"),
    ],
)
def test_forms_that_are_not_there_and_people_who_may_not_print(
    shop: Workshop, printing: Command, out: Path, form: str, by: str, expected: str
) -> None:
    size = shop.size()
    code, said = printing(out, *shop.numbers[:2], "--json", form=form, by=by)
    assert (code, json.loads(said)["error"]["code"]) == (2, expected)
    assert (shop.size(), out.exists()) == (size, False)


def test_a_wrong_passphrase_a_folder_in_use_and_nothing_to_print(
    shop: Workshop, printing: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = shop.size()
    assert "BATCH_EMPTY" in printing(out)[1]
    out.mkdir()
    (out / "kept.txt").write_text("mine")
    assert "BATCH_EXISTS" in printing(out, shop.numbers[0])[1]
    binary = out / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "VALUE_INVALID" in printing(out.with_name("new"), "--from", binary)[1]
    monkeypatch.setenv("CERTLEDGER_PASSPHRASE_PRINTER", "another passphrase")
    assert "PASSPHRASE_WRONG" in printing(out.with_name("new"), shop.numbers[0])[1]
    assert shop.size() == size


def test_only_a_print_operator_makes_again_what_is_recorded(
    shop: Workshop, printing: Command, out: Path
) -> None:
    assert printing(out, *shop.numbers[:2])[0] == 0
    code, said = printing(out.with_name("again"), *shop.numbers[:2], by="issuer")
    assert (code, "ROLE_FORBIDDEN" in said, out.with_name("again").exists()) == (2, True, False)


def test_a_copy_that_is_in_the_log_is_not_made_again_once_it_does_not_stand(
    shop: Workshop, printing: Command, out: Path
) -> None:
    assert printing(out, *shop.numbers[:2])[0] == 0
    with open_house(shop.data) as house:
        suspend(house, shop.ids[0])
        erase(house, shop.ids[1])
    code, said = printing(out.with_name("again"), *shop.numbers[:2])
    assert (code, out.with_name("again").exists()) == (2, False)
    assert f"{shop.numbers[0]}: CERT_STATE_INVALID" in said
    assert f"{shop.numbers[1]}: PERSON_ERASED" in said


# -- what comes between ------------------------------------------------------------------------------------


def test_a_refusal_at_the_last_moment_ends_the_batch_there(shop: Workshop, out: Path) -> None:
    with open_house(shop.data) as house:

        def progress(done: int, total: int) -> None:
            assert total == len(shop.numbers)
            if done == 2:
                suspend(house, shop.ids[2])

        request = Request(by="printer", certificates=shop.numbers, first_form=FIRST_FORM)
        printed = print_batch(house, AccountDesk(house, passphrase_of), request, out, progress)
    assert printed.batch.stopped is not None
    assert (printed.batch.stopped.code, printed.batch.count, printed.last_form) == (
        "CERT_STATE_INVALID",
        2,
        forms(1)[0],
    )
    assert shop.numbers[2] in printed.batch.stopped.message
    assert [row["number"] for row in listed(out)] == list(shop.numbers[:2])
    assert [len(each) for each in shop.copies()] == [1, 1, 0, 0, 0]


def test_a_batch_that_ended_early_is_told_by_the_exit_code(
    shop: Workshop, printing: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.issuing.batch.file_name", lambda _number, _copy: "same.pdf")
    monkeypatch.setattr("ledger.press.file_name", lambda _number, _copy: "same.pdf")
    code, said = printing(out, *shop.numbers)
    assert (code, "It ended there. BATCH_NAME_INVALID" in said) == (1, True)
    assert [len(each) for each in shop.copies()] == [1, 0, 0, 0, 0]


def test_a_disk_that_fills_up_leaves_no_file_and_the_same_command_makes_all(
    shop: Workshop, printing: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: PrintFile) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(PrintFile, "close", full)
        code, said = printing(out, *shop.numbers)
    assert (code, "No space left" in said, out.exists()) == (2, True, False)
    recorded = shop.copies()
    assert [len(each) for each in recorded] == [1] * len(HOLDERS)
    assert printing(out, *shop.numbers)[0] == 0
    assert shop.copies() == recorded
    assert len(listed(out)) == len(HOLDERS)


def test_killed_between_records_it_is_completed_by_the_same_command(
    shop: Workshop, printing: Command, out: Path
) -> None:
    began = shop.size()
    arguments = [*shop.numbers, "--by", "printer", "--first-form", FIRST_FORM, "--data", str(shop.data)]
    with subprocess.Popen(
        [sys.executable, "-m", "api.cli", "print", str(out), *arguments], cwd=ROOT, start_new_session=True
    ) as process:
        while process.poll() is None and _size(shop) == began:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = [len(each) for each in shop.copies()]
    assert 0 < sum(before) <= len(HOLDERS)
    assert not out.exists()
    code, said = printing(out, *shop.numbers, "--json")
    assert (code, json.loads(said)["recorded"]) == (0, before.count(0))
    assert [len(each) for each in shop.copies()] == [1] * len(HOLDERS)
    assert [row["number"] for row in listed(out)] == list(shop.numbers)


def _size(shop: Workshop) -> int:
    """The log's size, read past the ledger so that nothing is settled or held."""
    with sqlite3.connect(f"file:{shop.data / 'events.db'}?mode=ro", uri=True) as database:
        return int(database.execute("SELECT size FROM log_head").fetchone()[0])
