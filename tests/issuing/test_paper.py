from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import ImageChops

from ledger.errors import Error
from ledger.issuing.paper import Attachment, Paper, PaperUnit, default_template, render
from tests.issuing.papers import (
    CODE,
    COMPETENCE,
    HOST,
    MM,
    PAPERS,
    SIGNED_URL,
    TRAINING,
    UNIT_STATEMENT,
    decoded,
    many_units,
    metadata,
    page_count,
    picture,
    reader,
    root,
    spans,
    words,
)

# What no printed page may say, in whole words: the public deny list's generic part.
DENIED = re.compile(
    r"(?i)\b(lapas|rutan|pemasyarakatan|narapidana|napi|wbp|inmates?|prison(er)?s?|correctional|penjara|tahanan"
    r"|custody|remisi|bapas|tuk sewaktu)\b"
)


def printed(paper: Paper, **changes: Any) -> bytes:
    paper = replace(paper, **changes)
    return render(paper, default_template(paper.kind))


@pytest.fixture(scope="module", params=sorted(PAPERS))
def sheet(request: pytest.FixtureRequest) -> tuple[Paper, bytes]:
    paper = PAPERS[request.param]
    return paper, printed(paper)


def test_every_fact_is_printed(sheet: tuple[Paper, bytes]) -> None:
    paper, pdf = sheet
    text = words(pdf)
    expected = [
        paper.number,
        paper.holder,
        paper.title_id,
        paper.title_en,
        paper.issuer_name,
        paper.scheme_code,
        HOST,
        "7K3M-Q2XD-9HJ4R",
        "Periksa keaslian / Verify at",
        "KKNI jenjang 2",
        "Kota Fiksi, 13 Maret 2026",
        "13 March 2026",
        paper.template,
        *paper.signatory,
        *(value for unit in paper.units for value in (unit.code, unit.title_id, unit.title_en)),
    ]
    assert [fact for fact in expected if fact not in text] == []


def test_each_kind_says_what_it_is_and_how_long_it_holds() -> None:
    training, competence, statement = (words(printed(p)) for p in (TRAINING, COMPETENCE, UNIT_STATEMENT))
    assert "Sertifikat Pelatihan Certificate of Training" in training
    assert "Tanpa batas waktu No expiry" in training
    assert "160 JP" in training
    assert "Sertifikat Kompetensi Certificate of Competence" in competence
    assert "Berlaku sampai dengan Valid through 13 Maret 2029 13 March 2029" in competence
    assert "JP" not in competence.split()
    assert "Surat Keterangan Unit Kompetensi Statement of Units of Competency" in statement
    assert "Tanpa batas waktu No expiry" in statement


def test_nothing_betrays_custody(sheet: tuple[Paper, bytes]) -> None:
    _, pdf = sheet
    whole = words(pdf) + " ".join(metadata(pdf).values()) + xmp(pdf)
    assert DENIED.search(whole) is None
    assert DENIED.search(default_template("TRAINING") + default_template("COMPETENCE")) is None


def test_the_qr_on_the_page_opens_the_address(sheet: tuple[Paper, bytes]) -> None:
    _, pdf = sheet
    found = decoded(picture(pdf))
    assert found.text == SIGNED_URL
    assert found.ec_level == "M"


@pytest.mark.parametrize("url", [SIGNED_URL, f"https://{HOST}/v/{CODE}"])
def test_the_qr_is_42_mm_wide_on_plain_white(url: str) -> None:
    image = picture(printed(COMPETENCE, url=url))
    found = decoded(image)
    corners = found.position
    width = corners.top_right.x - corners.top_left.x
    assert width == pytest.approx(42 * MM, abs=0.6 * MM)
    modules = 65 if url == SIGNED_URL else 33
    quiet = 4 * 42 * MM / modules
    left, top = corners.top_left.x - quiet, corners.top_left.y - quiet
    right, bottom = corners.bottom_right.x + quiet, corners.bottom_right.y + quiet
    inner = (
        corners.top_left.x - 2,
        corners.top_left.y - 2,
        corners.bottom_right.x + 3,
        corners.bottom_right.y + 3,
    )
    outer = image.crop((round(left), round(top), round(right), round(bottom)))
    hole = (round(inner[0] - left), round(inner[1] - top), round(inner[2] - left), round(inner[3] - top))
    outer.paste((255, 255, 255), hole)
    assert outer.getextrema() == ((255, 255), (255, 255), (255, 255))


def xmp(pdf: bytes) -> str:
    return str(root(pdf)["/Metadata"].get_data(), "utf-8")


def test_it_is_archivable_and_accessible(sheet: tuple[Paper, bytes]) -> None:
    paper, pdf = sheet
    text = xmp(pdf)
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in text
    assert "<pdfuaid:part>1</pdfuaid:part>" in text
    assert root(pdf)["/Lang"] == "id"
    assert root(pdf)["/MarkInfo"]["/Marked"]
    assert root(pdf)["/OutputIntents"]
    assert f"Sertifikat {paper.number}" in text


def alts(pdf: bytes) -> list[object]:
    found = [item.get_object() for item in structure(pdf)]
    return [item["/Alt"] for item in found if "/Alt" in item]


def structure(pdf: bytes) -> list[Any]:
    stack = [root(pdf)["/StructTreeRoot"]]
    found: list[Any] = []
    while stack:
        item = stack.pop().get_object()
        if isinstance(item, pypdf.generic.ArrayObject):
            stack.extend(item)
        elif isinstance(item, pypdf.generic.DictionaryObject):
            found.append(item)
            if "/K" in item:
                stack.append(item["/K"])
    return found


def test_the_qr_has_a_text_and_ornaments_are_no_content() -> None:
    pdf = printed(COMPETENCE)
    assert [str(item["/S"]) for item in structure(pdf) if item.get("/S") == "/Figure"] == ["/Figure"]
    assert [str(alt) for alt in alts(pdf)] == [
        "Kode QR: alamat untuk memeriksa sertifikat ini. QR code: the address to check this certificate."
    ]


def test_the_metadata_say_no_more_than_the_page(sheet: tuple[Paper, bytes]) -> None:
    paper, pdf = sheet
    found = metadata(pdf)
    assert re.fullmatch(r"Typst [0-9.]+", found.pop("/Creator"))
    assert found == {
        "/Title": f"Sertifikat {paper.number}",
        "/Author": paper.issuer_name,
        "/CreationDate": "D:20260313000000Z",
        "/ModDate": "D:20260313000000Z",
    }


def test_every_font_is_embedded_and_ours(sheet: tuple[Paper, bytes]) -> None:
    _, pdf = sheet
    resources: list[Any] = [page["/Resources"] for page in reader(pdf).pages]
    fonts = [font for resource in resources for font in resource["/Font"].values()]
    assert fonts
    for font in fonts:
        descendant = font.get_object()["/DescendantFonts"][0]
        descriptor = descendant["/FontDescriptor"]
        assert descriptor.keys() & {"/FontFile2", "/FontFile3"}, descriptor
        assert re.search(r"EBGaramond|SourceSans3|Noto", str(descriptor["/FontName"])), descriptor[
            "/FontName"
        ]


def test_a_template_gets_no_other_font_and_no_other_day() -> None:
    template = default_template("COMPETENCE").replace("#let serif = (", '#let serif = ("Libertinus Serif", ')
    template = template.replace("date: datetime(year: year, month: month, day: date),", "date: auto,")
    pdf = render(COMPETENCE, template)
    assert metadata(pdf)["/CreationDate"] == "D:20260313000000Z"
    assert b"Libertinus" not in pdf


def test_the_same_paper_gives_the_same_bytes_in_another_process() -> None:
    here = hashlib.sha256(printed(COMPETENCE)).hexdigest()
    printed(TRAINING)
    assert hashlib.sha256(printed(COMPETENCE)).hexdigest() == here
    script = (
        "import hashlib; from tests.issuing.papers import COMPETENCE as p; "
        "from ledger.issuing.paper import default_template, render; "
        "print(hashlib.sha256(render(p, default_template(p.kind))).hexdigest())"
    )
    project = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == here


def test_a_copy_differs_by_its_mark_alone(sheet: tuple[Paper, bytes]) -> None:
    paper, first = sheet
    second = printed(paper, copy=2)
    assert "Salinan 2 / Copy 2" in words(second)
    assert words(second).replace("Salinan 2 / Copy 2 ", "") == words(first)
    box = ImageChops.difference(picture(first), picture(second)).getbbox()
    assert box is not None
    assert (box[2] - box[0]) / MM < 40
    assert (box[3] - box[1]) / MM < 8


@pytest.mark.parametrize(
    "name",
    [
        "#panic()",
        "*x* _y_ = z",
        '\\ $ ] ` } ) "',
        '"); #panic("',
        "<label> @ref // c /* d */",
        "#sys.inputs.paper",
        "https://contoh.id",
        "- x",
        "-- --- ... ~",
    ],
)
def test_a_name_is_never_markup(name: str) -> None:
    for field in ("holder", "title_id", "title_en", "issuer_place", "scheme_code", "number"):
        assert name in words(printed(COMPETENCE, **{field: name})), field


@pytest.mark.parametrize(
    ("name", "visible"),
    [
        ("Contohwardi", "Contohwardi"),
        ("Nor'aini Fiktifsari", "Nor'aini Fiktifsari"),
        ("Łukasz Đặng Ñandú Šiška", "Łukasz Đặng Ñandú Šiška"),
        ("Budi 👩‍🔧 Fiktif 🙂", "Fiktif"),
        ("陈大文 Contoh", "��� Contoh"),
        ("A\x00B\u202ec\nD", "ABc D"),
        ("\ud800 Contoh", "� Contoh"),
    ],
)
def test_a_name_of_any_kind_is_printed(name: str, visible: str) -> None:
    assert visible in reader(printed(TRAINING, holder=name)).pages[0].extract_text()


@pytest.mark.parametrize("name", ["محمد عبد الله الفكتيف", "ꦱꦶꦠꦶꦤꦸꦂꦲꦪꦠꦶ", "🙂🙂"])
def test_other_scripts_have_their_own_font(name: str) -> None:
    pdf = printed(TRAINING, holder=name)
    fonts = {str(span["font"]) for span in spans(pdf)}
    assert any("Noto" in font for font in fonts), fonts
    assert "\ufffd" not in words(pdf)


EXTREME: dict[str, object] = {
    "holder": ("Siti Nurhaliza Contohkusumaningtyas " * 6)[:199] + "x",
    "title_id": ("Melaksanakan Pengelasan Pelat Baja Karbon " * 6)[:249] + "x",
    "title_en": ("Carry out welding of carbon steel plates " * 7)[:249] + "x",
    "issuer_name": ("Lembaga Sertifikasi Profesi Contoh Nusantara " * 3)[:119] + "x",
    "issuer_place": "Kabupaten Contoh Fiksi Selatan",
    "number": "W" * 80,
    "scheme_code": "W" * 80,
    "hours": 9999,
    "copy": 12,
    "signatory": ("Kepala " + "W" * 40, "W" * 40, "Nomor registrasi 000"),
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        EXTREME,
        {**EXTREME, "units": ()},
        {**EXTREME, "holder": "W" * 200, "units": ()},
        {**EXTREME, "holder": "ꦱꦶꦠꦶꦤꦸꦂ" * 20, "units": ()},
        {"holder": "Abcdefghij" * 20},
        {"units": many_units(8)},
        {"units": many_units(15)},
        {"units": many_units(20)},
        {"units": many_units(60)},
    ],
    ids=[
        "plain",
        "extreme",
        "bare",
        "wide",
        "javanese",
        "one word",
        "8 units",
        "15 units",
        "20 units",
        "60 units",
    ],
)
def test_nothing_leaves_its_place(changes: dict[str, object]) -> None:
    pdf = printed(COMPETENCE, **changes)
    for page in range(page_count(pdf)):
        boxes = [span["bbox"] for span in spans(pdf, page) if str(span["text"]).strip()]
        assert min(box[0] for box in boxes) >= 28 * 72 / 25.4
        assert max(box[2] for box in boxes) <= (297 - 28) * 72 / 25.4
        assert min(box[1] for box in boxes) >= 18 * 72 / 25.4
        assert max(box[3] for box in boxes) <= (210 - 17) * 72 / 25.4
    left, right = columns(spans(pdf))
    assert max(span["bbox"][2] for span in left) < min(span["bbox"][0] for span in right)
    for column in (left, right):
        lines = sorted({(round(span["origin"][1], 1), span["size"]) for span in column})
        gaps = [(b[0] - a[0], min(a[1], b[1])) for a, b in pairwise(lines) if b[0] - a[0] > 2]
        assert all(gap > size * 0.85 for gap, size in gaps), "lines run into one another"


def columns(found: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    middle = 195 * 72 / 25.4
    text = [
        span
        for span in found
        if str(span["text"]).strip() and not str(span["text"]).startswith(("Halaman", "Page"))
    ]
    return [s for s in text if s["bbox"][0] < middle], [s for s in text if s["bbox"][0] >= middle]


def test_the_frame_is_woven_on_all_sides(sheet: tuple[Paper, bytes]) -> None:
    image = picture(sheet[1]).convert("L")
    bands = [(30, 9, 267, 15), (30, 195, 267, 201), (9, 30, 15, 180), (282, 30, 288, 180)]  # mm
    for band in bands:
        histogram = image.crop(tuple(round(edge * MM) for edge in band)).histogram()  # type: ignore[arg-type]
        assert 0.2 < sum(histogram[:210]) / sum(histogram) < 0.8, band


def test_the_name_is_the_largest_text_and_the_host_is_large(sheet: tuple[Paper, bytes]) -> None:
    paper, pdf = sheet
    sizes = {str(span["text"]).strip(): float(span["size"]) for span in spans(pdf)}
    assert max(sizes, key=lambda text: sizes[text]) == paper.holder
    assert sizes[HOST] >= 14


def test_twelve_units_fit_on_the_first_page_and_more_go_overleaf() -> None:
    twelve = printed(COMPETENCE, units=many_units(12))
    assert page_count(twelve) == 1
    assert "X.00ABC01.011.1" in words(twelve)
    forty = printed(COMPETENCE, units=many_units(40))
    assert page_count(forty) == 3
    assert "40 unit kompetensi tercantum di halaman berikut." in words(forty, 0)
    assert "X.00ABC00.000.1" not in words(forty, 0)
    for page in (1, 2):
        assert "Kode Unit kompetensi Unit of competency" in words(forty, page)
        assert f"Halaman {page + 1} dari 3" in words(forty, page)
    assert all(unit.code in words(forty) for unit in many_units(40))
    assert COMPETENCE.number in words(forty, 1), "a loose second page still says whose it is"


def test_attachments_are_carried_and_do_not_touch_the_page() -> None:
    credential = Attachment(
        name="credential.json",
        media_type="application/ld+json",
        text='{"name":"Nor\'aini #panic() é"}',
        description="Open Badges credential",
    )
    pdf = render(COMPETENCE, default_template("COMPETENCE"), attachments=[credential])
    assert reader(pdf).attachments == {"credential.json": [credential.text.encode()]}
    specification = root(pdf)["/AF"][0]
    assert specification["/AFRelationship"] == "/Data"
    assert ImageChops.difference(picture(pdf), picture(printed(COMPETENCE))).getbbox() is None


def test_the_page_is_the_given_templates_not_todays() -> None:
    old = default_template("COMPETENCE").replace("#17365c", "#000000")
    pdf = render(COMPETENCE, old)
    assert pdf != printed(COMPETENCE)
    assert words(pdf) == words(printed(COMPETENCE))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"holder": ""}, "PAPER_INVALID"),
        ({"holder": " \u200b\n"}, "PAPER_INVALID"),
        ({"holder": "x" * 201}, "PAPER_INVALID"),
        ({"copy": 0}, "PAPER_INVALID"),
        ({"valid_until": date(2026, 3, 12)}, "PAPER_INVALID"),
        ({"units": many_units(61)}, "PAPER_INVALID"),
        ({"units": (PaperUnit("X.1", "Memasang", "x" * 301),)}, "PAPER_INVALID"),
        ({"units": (PaperUnit("", "Memasang", "Install"),)}, "PAPER_INVALID"),
        ({"signatory": ("a", "b", "c", "d")}, "PAPER_INVALID"),
        ({"signatory": ("a" * 71,)}, "PAPER_INVALID"),
        ({"host": "sertifikat.contoh-fiksi.example"}, "PAPER_INVALID"),
        ({"code_display": "7K3M-Q2XD-9HJ4S"}, "PAPER_INVALID"),
        ({"url": f"ftp://{HOST}/v/{CODE}"}, "PAPER_INVALID"),
        ({"url": f"https://{HOST}/v/{CODE}#" + "7" * 900}, "QR_TOO_LARGE"),
    ],
)
def test_a_paper_that_contradicts_itself_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Error) as caught:
        printed(COMPETENCE, **changes)
    assert caught.value.code == code
    assert caught.value.hint


def test_a_broken_template_is_named() -> None:
    with pytest.raises(Error, match=r"sertifikat-kompetensi@1 cannot be set") as caught:
        render(COMPETENCE, '#panic("no")')
    assert caught.value.code == "TEMPLATE_INVALID"


def test_an_unknown_kind_has_no_template() -> None:
    with pytest.raises(Error, match="VALUE_INVALID"):
        default_template("DIPLOMA")


def test_a_template_reads_no_file_of_the_machine() -> None:
    with pytest.raises(Error, match="TEMPLATE_INVALID"):
        render(COMPETENCE, '#read("/etc/hostname")')
