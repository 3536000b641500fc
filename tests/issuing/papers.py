"""A paper to change, and ways to look at what was printed."""

from __future__ import annotations

import importlib
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import zxingcpp
from PIL import Image

from ledger.issuing.paper import Paper, PaperUnit

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types

DPI = 150  # the resolution of a poor office scanner
MM = DPI / 25.4

CODE = "7K3MQ2XD9HJ4R"
HOST = "sertifikat.contoh-fiksi.go.id"
SIGNED_URL = f"https://{HOST}/v/{CODE}#{'1234567890' * 50}"

COMPETENCE = Paper(
    kind="COMPETENCE",
    number="0000001/LSP-FIKSI/LAS-FILLET-PELAT-II/2026",
    holder="Arif Contohman",
    title_id="Juru Las Pelat Proses SMAW (Fillet dan Groove) - Kualifikasi II",
    title_en="Plate Welder, SMAW (Fillet and Groove) - Level II",
    level=2,
    units=(
        PaperUnit("C.24LAS01.001.1", "Melaksanakan Persiapan Tempat Kerja", "Prepare the workplace"),
        PaperUnit(
            "C.24LAS01.003.1", "Menetapkan Proses dan Peralatan Las", "Determine process and equipment"
        ),
    ),
    issuer_name="LSP Contoh Vokasi Nusantara",
    issuer_place="Kota Fiksi",
    issued_on=date(2026, 3, 13),
    valid_until=date(2029, 3, 13),
    scheme_code="SKM/CONTOH/0001/2/2023/1",
    url=SIGNED_URL,
    host=HOST,
    code_display="7K3M-Q2XD-9HJ4R",
    template="sertifikat-kompetensi@1",
    signatory=("Ketua LSP", "Sri Contohlestari"),
)
TRAINING = replace(
    COMPETENCE,
    kind="TRAINING",
    number="00001/BLK-FIKSI/LAS-FILLET-PELAT-II/III/2026",
    units=(),
    hours=160,
    issuer_name="BLK Contoh Pulau Fiksi",
    valid_until=None,
    scheme_code="LAS-FILLET-PELAT-II",
    template="sertifikat-pelatihan@1",
    signatory=("Kepala BLK", "Syamsul Contohwan"),
)
UNIT_STATEMENT = replace(
    COMPETENCE,
    kind="UNIT_STATEMENT",
    number="00001/SU-FIKSI/LAS-FILLET-PELAT-II/2026",
    units=COMPETENCE.units[:1],
    valid_until=None,
    template="surat-keterangan@1",
)
PAPERS = {paper.kind: paper for paper in (TRAINING, COMPETENCE, UNIT_STATEMENT)}


def many_units(count: int) -> tuple[PaperUnit, ...]:
    return tuple(
        PaperUnit(
            f"X.00ABC0{i // 10}.{i:03}.1", f"Menerapkan Prosedur Kerja {i}", f"Apply work procedure {i}"
        )
        for i in range(count)
    )


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def root(pdf: bytes) -> Any:
    """The document catalogue."""
    return reader(pdf).trailer["/Root"]


def metadata(pdf: bytes) -> dict[str, str]:
    return {str(name): str(value) for name, value in (reader(pdf).metadata or {}).items()}


def words(pdf: bytes, page: int | None = None) -> str:
    """All text of a page, or of all pages, its white space made single."""
    with pymupdf.open(stream=pdf) as document:
        pages = document if page is None else [document[page]]
        text = " ".join(str(item.get_text()) for item in pages)
    return " ".join(text.replace("\u200b", "").split())


def spans(pdf: bytes, page: int = 0) -> list[dict[str, Any]]:
    """The runs of text of one page, with `text`, `size` and `bbox` in points."""
    with pymupdf.open(stream=pdf) as document:
        blocks = document[page].get_text("dict")["blocks"]
    return [span for block in blocks for line in block.get("lines", []) for span in line["spans"]]


def page_count(pdf: bytes) -> int:
    return len(reader(pdf).pages)


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    with pymupdf.open(stream=pdf) as document:
        pixmap = document[page].get_pixmap(dpi=DPI)
    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def decoded(image: Image.Image) -> Any:
    """The one QR code in the picture, by a reader that has nothing to do with the writer."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    assert len(found) == 1, found
    return found[0]
