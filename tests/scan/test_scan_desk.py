"""Many at once: pictures, and a table of numbers and names; what comes out as a table and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from PIL import Image

from tests.scan.scan_page import Scanner
from tests.scan.scan_site import CERTIFIED, png, qr_picture

ROWS = "#bulk tbody tr"


def table(scanner: Scanner) -> list[list[str]]:
    """The results once all are there."""
    scanner.page.locator("[data-done]:not(:empty)").wait_for(timeout=60_000)
    found: list[list[str]] = scanner.page.evaluate(
        f"[...document.querySelectorAll('{ROWS}')].map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return found


def saved(scanner: Scanner) -> tuple[str, list[list[str]]]:
    with scanner.page.expect_download() as download:
        scanner.page.get_by_role("button", name="Save as CSV").click()
    data = download.value.path().read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return download.value.suggested_filename, list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def choose(scanner: Scanner, text: str | bytes, name: str = "people.csv") -> None:
    buffer = text.encode() if isinstance(text, str) else text
    scanner.page.set_input_files("#table", [{"name": name, "mimeType": "text/csv", "buffer": buffer}])


def picture(name: str, *texts: str) -> dict[str, Any]:
    pictures = [qr_picture(text, 4) for text in texts]
    sheet = Image.new("L", (sum(each.width for each in pictures) or 200, 400), 255)
    left = 0
    for each in pictures:
        sheet.paste(each, (left, 0))
        left += each.width
    return {"name": name, "mimeType": "image/png", "buffer": png(sheet)}


def test_many_pictures_with_the_server_and_without(scanner: Scanner) -> None:
    office = scanner.site.office
    forged = office.qr("VALID")[:-1] + ("1" if office.qr("VALID")[-1] != "1" else "2")
    files = [
        picture("one.png", office.qr("VALID")),
        picture("two.png", office.qr("TRAINING"), office.qr("REVOKED")),
        picture("forged.png", forged),
        picture("none.png"),
        {"name": "text.png", "mimeType": "image/png", "buffer": b"no"},
        picture("other.png", "https://example.org/"),
    ]
    scanner.open()
    scanner.page.set_input_files("#pictures", files)
    holder = "Siti Contohwati Rekasari"
    rows = table(scanner)
    assert sorted(rows[1:3]) == sorted(
        [["two.png", "Valid", holder, "BLK/2026/0093"], ["two.png", "Revoked", holder, "LSP-CVN/2026/000417"]]
    )
    assert [rows[0], *rows[3:]] == [
        ["one.png", "Valid", holder, "LSP-CVN/2026/000417"],
        ["forged.png", "Forged or altered", "–", "G000-0000-0000G"],
        ["none.png", "No QR code found", "–", "–"],
        ["text.png", "No picture that this browser can read", "–", "–"],
        ["other.png", "No certificate of this service", "–", "–"],
    ]
    assert scanner.page.locator("[data-done]").inner_text() == "Done: 6 of 6 checked."
    name, lines = saved(scanner)
    assert name == "certificate-check.csv"
    assert lines[0] == [
        "From",
        "Certificate number",
        "Name of the holder",
        "Code",
        "Result",
        "Meaning",
        "By",
        "As of",
    ]
    assert lines[1] == [
        *(
            "one.png",
            "LSP-CVN/2026/000417",
            holder,
            "G000-0000-0000G",
            "VALID",
            "Valid",
            "asked of the server",
        ),
        "23 November 2026 at 14:05 WITA",
    ]
    assert lines[4][4:7] == ["FORGED", "Forged or altered", "signature only"]
    scanner.site.stop()
    scanner.page.set_input_files("#pictures", files[:1])
    assert table(scanner) == [["one.png", "Genuine, and not withdrawn", holder, "G000-0000-0000G"]]
    assert saved(scanner)[1][1][4:7] == [
        "STANDS",
        "Genuine, and not withdrawn",
        "list of withdrawn certificates",
    ]


COMPETENCE, TRAINING = CERTIFIED["VALID"], CERTIFIED["TRAINING"]


@pytest.mark.parametrize(
    "text",
    [
        "number,name\r\n{0},{1}\r\n{2},Budi\r\n",
        "nama;nomor\n{1};{0}\nBudi;{2}\n",
        "NOMOR\tKota\tNAMA\n{0}\tKota, Fiksi\t{1}\n{2}\t\tBudi\n",
        '"{0}","{1}"\n"{2}","Budi"',
        "\ufeffNomor sertifikat,Nama pemegang\n{0},{1}\n\n,only a name\nonly a number,\n{2},Budi\n",
    ],
)
def test_a_table_of_numbers_and_names(scanner: Scanner, text: str) -> None:
    scanner.open()
    choose(scanner, text.format(COMPETENCE.number, COMPETENCE.holder, TRAINING.number))
    assert table(scanner) == [
        ["1", "Valid", COMPETENCE.holder, COMPETENCE.number],
        ["2", "Not found", "Budi", TRAINING.number],
    ]
    lines = saved(scanner)[1]
    assert [line[4] for line in lines] == ["Result", "VALID", "NOT_FOUND"]


def test_a_table_from_an_old_spreadsheet(scanner: Scanner) -> None:
    scanner.open()
    choose(scanner, "X/1;José Contoh".encode("cp1252"))
    assert table(scanner) == [["1", "Not found", "José Contoh", "X/1"]]


def test_cells_that_a_spreadsheet_would_run_are_saved_as_text(scanner: Scanner) -> None:
    scanner.open()
    choose(scanner, 'number,name\n=1+1,"@SUM(A1), ""x"""\n+6281,-2\n')
    assert [row[2:] for row in table(scanner)] == [['@SUM(A1), "x"', "=1+1"], ["-2", "+6281"]]
    assert [line[1:3] for line in saved(scanner)[1][1:]] == [["'=1+1", '\'@SUM(A1), "x"'], ["'+6281", "'-2"]]


def test_a_file_without_numbers_and_names_is_told(scanner: Scanner) -> None:
    scanner.open()
    for text in ("", "only,\n,only\n", "\n\n"):
        choose(scanner, text)
        scanner.page.get_by_role("alert").wait_for()
        assert not scanner.page.locator("#bulk").is_visible()
    choose(scanner, "X/1,Budi")
    table(scanner)
    assert not scanner.page.get_by_role("alert").is_visible()


def test_it_waits_when_the_server_asks_for_it_and_asks_again(scanner: Scanner) -> None:
    scanner.open()
    answers = [429, 429]

    def answer(route: Any) -> None:
        if answers:
            route.fulfill(status=answers.pop(), headers={"retry-after": "1"}, body="{}")
        else:
            route.continue_()

    scanner.page.route("**/check", answer)
    choose(scanner, f"{COMPETENCE.number},{COMPETENCE.holder}\nX/1,Budi")
    assert [row[1] for row in table(scanner)] == ["Valid", "Not found"]
    assert answers == []


def test_what_cannot_be_asked_is_not_called_not_found(scanner: Scanner) -> None:
    scanner.open()
    scanner.site.stop()
    choose(scanner, "X/1,Budi\nX/2,Budi")
    assert [row[1] for row in table(scanner)] == ["Cannot check right now"] * 2


def test_it_can_be_stopped(scanner: Scanner) -> None:
    scanner.open()
    choose(scanner, "\n".join(f"X/{number},Budi" for number in range(500)))
    scanner.page.locator(f"{ROWS} >> nth=1").wait_for()
    scanner.page.get_by_role("button", name="Stop").click()
    assert 2 <= len(table(scanner)) < 20
    assert len(scanner.site.office.asked) < 20


def test_names_are_text(scanner: Scanner) -> None:
    scanner.open()
    choose(scanner, "<b>1</b>,<img src=x onerror=alert(1)>")
    assert table(scanner) == [["1", "Not found", "<img src=x onerror=alert(1)>", "<b>1</b>"]]
