"""Batches: every certificate once, in order, whole or not at all, in bounded memory, without keys leaving the process."""

from __future__ import annotations

import io
import multiprocessing
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest

from ledger.errors import Error
from ledger.issuing import batch
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
        sealed_at=AT + timedelta(minutes=number),
    )


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_every_certificate_is_in_both_files_once_in_order(
    issuer: Issuer, sealer: Sealer, tmp_path: Path
) -> None:
    orders = [order(issuer, sealer, number) for number in (3, 1, 2)]
    told: list[int] = []
    made = make_batch(orders, tmp_path / "out", processes=2, progress=told.append)
    assert (made.count, told) == (3, [1, 2, 3])
    assert left(tmp_path / "out") == ["certificates.zip", "print-001.pdf"]
    with zipfile.ZipFile(made.zip_file) as archive:
        assert archive.namelist() == [each.name for each in orders]
        for each, info in zip(orders, archive.infolist(), strict=True):
            sealed = archive.read(info)
            assert info.date_time == each.sealed_at.timetuple()[:6]
            assert pdf_seal.check(sealed, issuer.roots, NOW).said_at == each.sealed_at
            assert each.paper.number in words(sealed)
        assert pdf.check(archive.read(orders[0].name), issuer.against(), NOW).code == "STANDS"
    (printed,) = made.print_files
    for number, each in enumerate(orders):
        assert each.paper.number in words(printed.read_bytes(), number)
        assert decoded(picture(printed.read_bytes(), number)).text == each.paper.url


def test_the_print_file_has_pages_and_nothing_else(issuer: Issuer, sealer: Sealer, tmp_path: Path) -> None:
    made = make_batch([order(issuer, sealer, 1)], tmp_path / "out", processes=1)
    reader = pypdf.PdfReader(io.BytesIO(made.print_files[0].read_bytes()))
    assert not reader.attachments
    assert "/AcroForm" not in reader.root_object
    assert reader.xmp_metadata is None
    assert not reader.metadata


def test_a_part_ends_where_it_is_full_and_pages_overleaf_stay_together(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "PART_SIZE", 2)
    whole = order(issuer, None, 1)
    long = replace(COMPETENCE, units=many_units(40))
    orders = [replace(whole, name=f"{n}.pdf", paper=long if n == 1 else whole.paper) for n in range(5)]
    made = make_batch(orders, tmp_path / "out", processes=2)
    assert [path.name for path in made.print_files] == ["print-001.pdf", "print-002.pdf", "print-003.pdf"]
    pages = [len(pypdf.PdfReader(path).pages) for path in made.print_files]
    assert pages == [1 + len(pypdf.PdfReader(io.BytesIO(make(orders[1]))).pages), 2, 1]
    assert pages[0] > 2


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

    assert make_batch(orders(), tmp_path / "out", processes=1, progress=progress).count == 20
    assert furthest <= batch._AHEAD + 1


def test_one_that_cannot_be_made_stops_it_and_nothing_is_left(
    issuer: Issuer, sealer: Sealer, tmp_path: Path
) -> None:
    fine = order(issuer, sealer, 1)
    wrong = {
        "PAPER_INVALID": replace(fine, name="b.pdf", paper=replace(fine.paper, number="")),
        "TEMPLATE_INVALID": replace(fine, name="b.pdf", template_source="#nonsense("),
        "SEAL_CERTIFICATE_NOT_VALID": replace(fine, name="b.pdf", sealed_at=AT - timedelta(days=900)),
        "BATCH_NAME_INVALID": fine,
    }
    for expected, bad in wrong.items():
        with pytest.raises(Error) as caught:
            make_batch([fine, bad], tmp_path / "out", processes=1)
        assert caught.value.code == expected
        assert left(tmp_path / "out") == []
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    "name", ["../a.pdf", "a/b.pdf", "a", ".pdf", "a.exe", "-a.pdf", "x" * 130 + ".pdf", "a\n.pdf"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(issuer: Issuer, tmp_path: Path, name: str) -> None:
    with pytest.raises(Error) as caught:
        make_batch([replace(order(issuer, None, 1), name=name)], tmp_path / "out", processes=1)
    assert caught.value.code == "BATCH_NAME_INVALID"


def test_nothing_to_print_and_a_folder_in_use_are_told(issuer: Issuer, tmp_path: Path) -> None:
    with pytest.raises(Error) as caught:
        make_batch([], tmp_path / "out")
    assert caught.value.code == "BATCH_EMPTY"
    (tmp_path / "out" / "kept.txt").write_text("mine")
    with pytest.raises(Error) as caught:
        make_batch([order(issuer, None, 1)], tmp_path / "out")
    assert caught.value.code == "BATCH_EXISTS"
    assert left(tmp_path / "out") == ["kept.txt"]


def test_a_killed_process_is_told_and_leaves_nothing(issuer: Issuer, tmp_path: Path) -> None:
    def orders() -> Iterator[Order]:
        for number in range(1, 50):
            if number == 6:
                for child in multiprocessing.active_children():
                    child.kill()
            yield order(issuer, None, number)

    with pytest.raises(Error) as caught:
        make_batch(orders(), tmp_path / "out", processes=1)
    assert caught.value.code == "BATCH_INTERRUPTED"
    assert left(tmp_path / "out") == []


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
