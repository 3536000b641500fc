"""Batches: every certificate once, in order, set before it is recorded and recorded before it is written."""

from __future__ import annotations

import csv
import io
import multiprocessing
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pypdf
import pytest

from ledger.errors import Error
from ledger.issuing import batch, compositors, print_file
from ledger.issuing.batch import Order, file_name, make, make_batch
from ledger.issuing.paper import default_template
from ledger.issuing.seal_keys import of_signer
from ledger.issuing.sealing import Sealer
from tests.issuing.papers import COMPETENCE, TRAINING, decoded, many_units, picture, words
from tests.sealing.issuer import NAME, NOW, Facts, Issuer
from tests.sealing.seals import AT
from verifier import code, pdf, pdf_seal

PLAIN = '#set document(title: "x"); x'


@pytest.fixture(scope="module")
def sealer(issuer: Issuer) -> Sealer:
    return Sealer(of_signer(issuer.pdf_key, issuer.authority.chain(issuer.pdf_key, NAME)))


def order(issuer: Issuer, sealer: Sealer | None, number: int) -> Order:
    facts = Facts(
        number=f"{number:05}/LSP-FIKSI/2026", code=code.make(number + 1), holder=f"Contohman {number}"
    )
    return Order(
        name=file_name(facts.number),
        paper=issuer.paper(facts),
        template_source=default_template("COMPETENCE"),
        attachments=issuer.attached(facts),
        sealer=sealer,
        form=f"{number:07}",
    )


def recorded(order: Order) -> datetime:
    """Every copy may be printed, a minute after the one on the form before."""
    return AT + timedelta(minutes=int(order.form))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / print_file.LIST_FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_certificate_is_in_all_files_once_in_order(
    issuer: Issuer, sealer: Sealer, tmp_path: Path
) -> None:
    orders, out = [order(issuer, sealer, number) for number in (3, 1, 2)], tmp_path / "out"
    told: list[int] = []
    made = make_batch(orders, out, record=recorded, processes=2, progress=told.append)
    assert (made.folder, made.count, made.stopped, told) == (out, 3, None, [1, 2, 3])
    assert left(out) == ["certificates.zip", "forms.csv", "print-001.pdf"]
    assert left(tmp_path) == ["out"]
    with zipfile.ZipFile(out / "certificates.zip") as archive:
        assert archive.namelist() == [each.name for each in orders]
        for each, info in zip(orders, archive.infolist(), strict=True):
            sealed = archive.read(info)
            assert info.date_time == recorded(each).timetuple()[:6]
            assert pdf_seal.check(sealed, issuer.roots, NOW).said_at == recorded(each)
            assert each.paper.number in words(sealed)
        assert pdf.check(archive.read(orders[0].name), issuer.against(), NOW).code == "STANDS"
    printed = (out / "print-001.pdf").read_bytes()
    for number, each in enumerate(orders):
        assert each.paper.number in words(printed, number)
        assert decoded(picture(printed, number)).text == each.paper.url
    assert [row["form"] for row in listed(out)] == ["0000003", "0000001", "0000002"]
    assert [row["number"] for row in listed(out)] == [each.paper.number for each in orders]
    assert [row["pdf"] for row in listed(out)] == [each.name for each in orders]


def test_nobody_else_may_look_into_the_folder_and_the_list_names_nobody(
    issuer: Issuer, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir(mode=0o755)
    one = order(issuer, None, 1)
    make_batch([one], tmp_path / "out", record=recorded, processes=1)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert not set(one.paper.holder.split()) & set((tmp_path / "out" / "forms.csv").read_text().split())


def test_the_print_file_has_pages_and_nothing_else(issuer: Issuer, sealer: Sealer, tmp_path: Path) -> None:
    make_batch([order(issuer, sealer, 1)], tmp_path / "out", record=recorded, processes=1)
    reader = pypdf.PdfReader(tmp_path / "out" / "print-001.pdf")
    assert not reader.attachments
    assert "/AcroForm" not in reader.root_object
    assert reader.xmp_metadata is None
    assert not reader.metadata


def test_a_part_ends_where_it_is_full_and_every_certificate_begins_on_a_front(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_file, "PART_SIZE", 3)
    whole, out = order(issuer, None, 1), tmp_path / "out"
    papers = [
        whole.paper,
        replace(COMPETENCE, units=many_units(40)),
        replace(COMPETENCE, units=many_units(20)),
    ]
    orders = [replace(whole, name=f"{n}.pdf", paper=papers[n] if n < 3 else whole.paper) for n in range(5)]
    pages = [len(pypdf.PdfReader(io.BytesIO(make(each, AT))).pages) for each in orders]
    assert pages == [1, 3, 2, 1, 1], "odd and even ones are needed"
    make_batch(orders, out, record=recorded, processes=2)
    rows = [(row["print_file"], int(row["page"])) for row in listed(out)]
    assert rows == [
        ("print-001.pdf", 1),
        ("print-001.pdf", 3),
        ("print-001.pdf", 7),
        ("print-002.pdf", 1),
        ("print-002.pdf", 2),
    ]
    for each, (name, page) in zip(orders, rows, strict=True):
        assert each.paper.number in words((out / name).read_bytes(), page - 1)
    first, second = (pypdf.PdfReader(out / f"print-00{part}.pdf") for part in (1, 2))
    assert (len(first.pages), len(second.pages)) == (8, 2)
    assert [n for n, page in enumerate(first.pages, start=1) if page.extract_text() == ""] == [2, 6]
    assert first.pages[1].mediabox == first.pages[0].mediabox
    sides = [each.root_object["/ViewerPreferences"]["/Duplex"] for each in (first, second)]  # type: ignore[index]
    assert sides == ["/DuplexFlipShortEdge", "/Simplex"]


def test_orders_are_taken_one_by_one(issuer: Issuer, tmp_path: Path) -> None:
    taken, done, furthest = 0, 0, 0
    template = replace(order(issuer, None, 1), paper=TRAINING, template_source=PLAIN, attachments=())

    def orders() -> Iterator[Order]:
        nonlocal taken, furthest
        for number in range(20):
            taken += 1
            furthest = max(furthest, taken - done)
            yield replace(template, name=f"{number}.pdf")

    def progress(count: int) -> None:
        nonlocal done
        done = count

    made = make_batch(orders(), tmp_path / "out", record=recorded, processes=1, progress=progress)
    assert made.count == 20
    assert furthest <= batch._AHEAD + 1


def failing(issuer: Issuer, sealer: Sealer) -> dict[str, Order]:
    """Orders that cannot be made, by the code that is told."""
    fine = order(issuer, sealer, 2)
    return {
        "PAPER_INVALID": replace(fine, paper=replace(fine.paper, number="")),
        "TEMPLATE_INVALID": replace(fine, template_source="#nonsense("),
        "BATCH_NAME_INVALID": replace(fine, name="a/b.pdf"),
    }


@pytest.mark.parametrize("code", ["PAPER_INVALID", "TEMPLATE_INVALID", "BATCH_NAME_INVALID"])
def test_what_cannot_be_set_is_not_recorded_and_ends_the_batch(
    issuer: Issuer, sealer: Sealer, tmp_path: Path, code: str
) -> None:
    first, last = (replace(order(issuer, sealer, n), name=f"{n}.pdf") for n in (1, 3))
    bad = failing(issuer, sealer)[code]
    asked: list[Order] = []

    def record(each: Order) -> datetime:
        asked.append(each)
        return AT

    with pytest.raises(Error) as caught:
        make_batch([bad, last], tmp_path / "out", record=record, processes=1)
    assert (caught.value.code, asked, left(tmp_path)) == (code, [], [])
    made = make_batch([first, bad, last], tmp_path / "out", record=record, processes=1)
    assert made.stopped is not None
    assert (made.stopped.code, made.count, asked) == (code, 1, [first])
    assert [row["pdf"] for row in listed(tmp_path / "out")] == [first.name]
    assert zipfile.ZipFile(tmp_path / "out" / "certificates.zip").namelist() == [first.name]
    assert multiprocessing.active_children() == []


def test_what_the_ledger_refuses_is_in_no_file(issuer: Issuer, tmp_path: Path) -> None:
    orders = [order(issuer, None, number) for number in range(4)]

    def record(each: Order) -> datetime:
        if each is orders[2]:
            raise Error("CERT_STATE_INVALID", "it was revoked just now")
        return AT

    made = make_batch(orders, tmp_path / "out", record=record, processes=1)
    assert made.stopped is not None
    assert (made.stopped.code, made.count) == ("CERT_STATE_INVALID", 2)
    printed = pypdf.PdfReader(tmp_path / "out" / "print-001.pdf")
    assert len(printed.pages) == 2
    assert zipfile.ZipFile(tmp_path / "out" / "certificates.zip").namelist() == [
        each.name for each in orders[:2]
    ]


def test_an_error_of_the_orders_comes_in_its_place(issuer: Issuer, tmp_path: Path) -> None:
    def orders() -> Iterator[Order]:
        yield order(issuer, None, 1)
        yield order(issuer, None, 2)
        raise Error("PERSON_ERASED", "the name was destroyed meanwhile")

    made = make_batch(orders(), tmp_path / "out", record=recorded, processes=2)
    assert made.stopped is not None
    assert (made.stopped.code, made.count) == ("PERSON_ERASED", 2)


def test_a_disk_that_is_full_leaves_nothing(issuer: Issuer, tmp_path: Path) -> None:
    def record(each: Order) -> datetime:
        if each.form == "0000003":
            raise OSError(28, "No space left on device")
        return AT

    with pytest.raises(OSError, match="No space"):
        make_batch(
            [order(issuer, None, n) for n in range(1, 6)], tmp_path / "out", record=record, processes=1
        )
    assert left(tmp_path) == []


def test_the_folder_may_be_the_one_that_one_is_in(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    made = make_batch([order(issuer, None, 1)], Path(), record=recorded, processes=1)
    assert made.folder == tmp_path / "out"
    assert "print-001.pdf" in left(tmp_path / "out")


def test_what_a_killed_batch_left_is_cleared_by_the_next(issuer: Issuer, tmp_path: Path) -> None:
    (tmp_path / ".out.making").mkdir()
    (tmp_path / ".out.making" / "certificates.zip").write_bytes(b"half")
    make_batch([order(issuer, None, 1)], tmp_path / "out", record=recorded, processes=1)
    assert left(tmp_path) == ["out"]


def test_a_page_that_does_not_end_is_stopped(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compositors, "PAGE_LIMIT_S", 2.0)
    endless = "#for a in range(100000) { for b in range(100000) { let c = calc.pow(a, 2) } }"
    first, second = (order(issuer, None, n) for n in (1, 2))
    with pytest.raises(Error) as caught:
        make_batch(
            [replace(first, template_source=endless), second], tmp_path / "out", record=recorded, processes=1
        )
    assert (caught.value.code, left(tmp_path)) == ("PAGE_INTERRUPTED", [])
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    "name", ["../a.pdf", "a/b.pdf", "a", ".pdf", "a.exe", "-a.pdf", "x" * 130 + ".pdf", "a\n.pdf"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(issuer: Issuer, tmp_path: Path, name: str) -> None:
    with pytest.raises(Error) as caught:
        make_batch(
            [replace(order(issuer, None, 1), name=name)], tmp_path / "out", record=recorded, processes=1
        )
    assert caught.value.code == "BATCH_NAME_INVALID"


def test_nothing_to_print_and_a_folder_in_use_are_told(issuer: Issuer, tmp_path: Path) -> None:
    with pytest.raises(Error) as caught:
        make_batch([], tmp_path / "out", record=recorded)
    assert (caught.value.code, left(tmp_path)) == ("BATCH_EMPTY", [])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("mine")
    with pytest.raises(Error) as caught:
        make_batch([order(issuer, None, 1)], tmp_path / "out", record=recorded)
    assert (caught.value.code, left(tmp_path / "out")) == ("BATCH_EXISTS", ["kept.txt"])
    with pytest.raises(Error) as caught:
        make_batch([order(issuer, None, 1)], tmp_path / "out" / "kept.txt", record=recorded)
    assert caught.value.code == "BATCH_EXISTS"


def test_a_killed_process_ends_the_batch_and_leaves_no_record_without_a_file(
    issuer: Issuer, tmp_path: Path
) -> None:
    asked: list[str] = []

    def record(each: Order) -> datetime:
        asked.append(each.name)
        return AT

    def orders() -> Iterator[Order]:
        for number in range(1, 50):
            if number == 6:
                for child in multiprocessing.active_children():
                    child.kill()
            yield order(issuer, None, number)

    made = make_batch(orders(), tmp_path / "out", record=record, processes=1)
    assert made.stopped is not None
    assert made.stopped.code == "PAGE_INTERRUPTED"
    assert [row["pdf"] for row in listed(tmp_path / "out")] == asked


@pytest.mark.parametrize(
    ("number", "copy", "name"),
    [
        ("00001/BLK-FIKSI/LAS/III/2026", 1, "00001-BLK-FIKSI-LAS-III-2026.pdf"),
        ("00001/BLK", 2, "00001-BLK-2.pdf"),
        ("../../etc", 1, "etc.pdf"),
        ("§§", 1, "certificate.pdf"),
        ("x" * 500, 3, "x" * 100 + "-3.pdf"),
    ],
)
def test_a_file_is_named_by_its_number(number: str, copy: int, name: str) -> None:
    assert file_name(number, copy) == name
    assert batch._NAME.fullmatch(name)
